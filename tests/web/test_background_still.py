"""Runs, all work: what is under way, what stands still and what to do, and the acts that each piece offers."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from patients.imports import running
from patients.models import Import
from tests import background as made
from tests.background import NOON, URL, rows, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
        yield


class TestUnderWay:
    def test_progress_is_drawn_and_the_page_looks_by_itself(self, page_as, ben) -> None:
        made.brought(
            ben,
            NOON,
            state="checking",
            about=5000,
            looked=1500,
            seen_at=NOON,
            looking_since=NOON,
            finished_at=None,
        )
        page = page_as(ben).get(URL).content.decode()
        assert "1,500 of about 5,000 rows looked at." in page
        assert 'value="1500" max="5000"' in page
        assert 'hx-trigger="every 4s"' in page and "Holdline-Background" in page
        assert "1 piece of work under way." in page

    def test_what_is_over_is_not_looked_at_again(self, page_as, adam, cast) -> None:
        made.one_of_each(cast)
        page = page_as(adam).get(URL).content.decode().split("<main")[1].split("</main>")[0]
        assert "hx-trigger" not in page

    def test_each_kind_under_way_says_how_far_it_is(self, page_as, adam, ben, acme) -> None:
        over = {"finished_at": None}
        made.night(acme, NOON, state="running", due=430, asked=118, answered=117, **over)
        made.tried(ben, NOON, state="running", claims=9000, done=4000, result=None, **over)
        made.forecast(acme, NOON, state="running", done=12, said="", **over)
        made.rules(adam, NOON, state="working", done=4000)
        made.company_file(adam, NOON, state="making", tables=12, of_tables=60, rows=5000, **over)
        page = words(page_as(adam).get(URL))
        for said in (
            "118 of 430 asked, 117 answered",
            "4,000 of about 9,000 claims looked at.",
            "12 of 61 days forecast.",
            "4,000 of 9,000 tickets done.",
            "Table 12 of 60, 5,000 rows so far.",
        ):
            assert said in page, said


def stalled(ben: Any) -> Import:
    """A look at a file that nobody works on any more."""
    return made.brought(
        ben, NOON - timedelta(minutes=20), state="checking", about=9, looked=3, attempts=1,
        seen_at=NOON - timedelta(minutes=11), looking_since=NOON - timedelta(minutes=20), finished_at=None,
    )  # fmt: skip


class TestStandingStill:
    def test_work_nobody_works_on_is_said_with_what_to_do(self, page_as, ben) -> None:
        made.alive(NOON)
        row = stalled(ben)
        page = words(page_as(ben).get(URL))
        assert "1 piece of work under way, 1 of them standing still." in page
        assert "Nobody has worked on it for 12 minutes. Workers answer, and the next sweep" in page
        assert len(rows(page_as(ben), "?trouble=yes")) == 1
        asked = page_as(ben).get(URL).content.decode()
        assert f'action="/settings/import/claims/{row.pk}/"' in asked and 'name="do" value="go"' in asked

    @pytest.mark.parametrize(
        ("alive", "said"),
        [
            (("beat",), "celery -A config worker"),
            (("worker",), "celery -A config beat"),
            ((), "celery -A config worker"),
        ],
    )
    def test_it_says_which_process_is_silent(self, page_as, ben, alive: Any, said: str) -> None:
        made.alive(NOON - timedelta(hours=1))
        if alive:
            made.alive(NOON, *alive)
        stalled(ben)
        assert said in words(page_as(ben).get(URL))

    def test_while_somebody_holds_the_lease_nothing_stands_still(self, page_as, ben) -> None:
        made.alive(NOON)
        stalled(ben)
        made.held(running.lease_of(ben.company_id), NOON + timedelta(minutes=5))
        assert "Nobody has worked" not in words(page_as(ben).get(URL))

    @pytest.mark.parametrize("how", ["ran out", "died"])
    def test_a_lease_that_ran_out_or_whose_holder_died_keeps_nobody_quiet(
        self, page_as, ben, how: str
    ) -> None:
        made.alive(NOON)
        stalled(ben)
        until = NOON - timedelta(minutes=10) if how == "ran out" else NOON + timedelta(minutes=2)
        made.held(running.lease_of(ben.company_id), until, holder=None if how == "ran out" else 2**31 - 2)
        assert "Nobody has worked" in words(page_as(ben).get(URL))

    def test_what_waits_for_less_than_five_minutes_is_not_standing_still(self, page_as, acme, sue) -> None:
        made.night(acme, NOON - timedelta(minutes=3), state="waiting", started_at=None, finished_at=None)
        assert "Nobody has worked" not in words(page_as(sue).get(URL))

    def test_another_companys_lease_says_nothing_here(self, page_as, ben, other) -> None:
        made.alive(NOON)
        stalled(ben)
        made.held(running.lease_of(other.pk), NOON + timedelta(minutes=5))
        assert "Nobody has worked" in words(page_as(ben).get(URL))

    def test_an_admins_first_page_says_what_stands_still(self, page_as, adam, ben) -> None:
        made.alive(NOON)
        assert "Nothing is under way." in words(page_as(adam).get("/"))
        stalled(ben)
        assert "Import stands still. Nobody has worked on it for 12 minutes." in words(page_as(adam).get("/"))


class TestActs:
    def test_a_failed_night_is_tried_again_at_its_own_address(self, page_as, sue, ben, acme) -> None:
        run = made.night(acme, NOON, state="failed", failures=[{"claim": None, "why": "It stopped."}])
        page = page_as(sue).get(URL).content.decode()
        assert 'action="/settings/runs/"' in page and "Try again now" in page
        assert f'name="target_date" value="{run.target_date.isoformat()}"' in page
        assert "Try again now" not in page_as(ben).get(URL).content.decode(), "a biller starts no nights"
        done = page_as(sue).post("/settings/runs/", {"kind": "check", "target_date": f"{run.target_date}"})
        assert done.status_code == 302
        run.refresh_from_db()
        assert run.state == "done"

    def test_a_back_test_is_cancelled_or_run_again(self, page_as, ben) -> None:
        running_one = made.tried(ben, NOON, state="running", result=None, finished_at=None)
        page = page_as(ben).get(URL).content.decode()
        assert f'action="/claims/holding/back-test/{running_one.pk}/"' in page and "Cancel" in page
        page_as(ben).post(f"/claims/holding/back-test/{running_one.pk}/", {"do": "cancel"})
        page = page_as(ben).get(URL).content.decode()
        assert "Cancelled" in page and "Run it again" in page

    def test_a_stopped_version_goes_on_at_its_own_address(self, page_as, adam) -> None:
        run = made.rules(adam, NOON, state="stopped", done=4000)
        page = page_as(adam).get(URL).content.decode()
        assert f'action="/settings/policy/moves/{run.change_id}/"' in page and "Go on" in page
        assert "It was stopped after 4,000 of 9,000 tickets" in html.unescape(page)
        page_as(adam).post(f"/settings/policy/moves/{run.change_id}/", {"do": "go"})
        run.refresh_from_db()
        assert run.state == "working"

    def test_a_file_that_waits_for_a_person_leads_there(self, page_as, ben) -> None:
        row = made.brought(ben, NOON, state="checked", finished_at=None)
        made.brought(ben, NOON, state="columns", finished_at=None)
        page = page_as(ben).get(URL).content.decode()
        assert "Decide" in page and "Name the columns" in page
        assert page.count(f'href="/settings/import/claims/{row.pk}/"') == 2

    def test_ringing_for_a_worker_asks_for_one(self, page_as, ben, monkeypatch: pytest.MonkeyPatch) -> None:
        rung: list[Any] = []
        monkeypatch.setattr(running.current_app, "send_task", lambda name, args=(): rung.append((name, args)))
        row = stalled(ben)
        Import.objects.filter(pk=row.pk).update(size=running.AT_ONCE + 1)
        answer = page_as(ben).post(f"/settings/import/claims/{row.pk}/", {"do": "go"})
        assert answer.status_code == 302 and rung == [(running.TASK, [row.pk])]
