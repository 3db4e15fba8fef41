"""Runs, by the clock: what is done, when it last was, how much it did, and what is overdue."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import Company, User
from config.sweeping import STEPS, sweep
from tests import background as made
from work.background import routines
from work.models import Routine
from work.tasks import BELL

pytestmark = pytest.mark.django_db
URL = "/settings/runs/by-itself/"
NOW = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now(cast: dict[str, User]) -> Any:
    with time_machine.travel(NOW, tick=False):
        User.objects.update(date_joined=NOW - timedelta(days=3))
        yield


def words(answer: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>|\s+", " ", answer.content.decode())).split())


def line(page: str, title: str) -> str:
    """One row of the page."""
    return next(row for row in page.split("<tr") if f"{title}<" in row)


@pytest.fixture
def swept() -> None:
    """Everything ran a minute ago."""
    sweep(at=NOW - timedelta(minutes=1))
    routines.done(BELL, lambda: 0, at=NOW - timedelta(seconds=4), often=True)
    made.alive(NOW)


def test_every_step_says_what_it_is_for_when_it_was_and_how_long_it_took(swept: None, page_as, adam) -> None:
    page = page_as(adam).get(URL).content.decode()
    for step in STEPS:
        said = html.unescape(line(page, step.title))
        assert step.what_for in said and "On time" in said, step.key
        assert re.search(r"\d (s|min) ago<", said) and re.search(r"\d (ms|s)<", said), step.key
    assert "Everything was done when it should be." in page
    assert "2 nights looked at" in line(page, "Missed nights") and "nothing to do" in line(page, "Imports")


def test_the_nights_of_the_company_stand_there_with_what_came_of_them(
    swept: None, page_as, adam, acme
) -> None:
    page = page_as(adam).get(URL).content.decode()
    assert "every night about 03:00 UTC" in page
    check = line(page, "Nightly check")
    assert (
        "On time" in check and "0 of 0 due checks were answered" in check and 'href="/settings/runs/' in check
    )


def test_a_night_that_did_not_run_is_overdue(page_as, adam) -> None:
    made.alive(NOW)
    page = page_as(adam).get(URL).content.decode()
    assert "Overdue" in line(page, "Nightly check")
    assert "The newest night did not run." in page


def test_what_is_overdue_stands_above_with_what_to_do(swept: None, page_as, adam) -> None:
    Routine.objects.filter(name="imports").update(
        ended_at=NOW - timedelta(hours=3), began_at=NOW - timedelta(hours=3)
    )
    Routine.objects.filter(name="clocks").update(failing_since=NOW - timedelta(hours=2), failure="TypeError")
    page = words(page_as(adam).get(URL))
    assert "2 of these are overdue or failing, Due dates first." in page
    assert "Due dates: failing." in page and "It has failed for 2 hours (TypeError)." in page
    assert "Imports: overdue. Last done 3 h ago." in page


def test_a_silent_worker_is_told_once_for_all_that_waits_for_it(page_as, adam) -> None:
    sweep(at=NOW - timedelta(hours=1))
    made.alive(NOW - timedelta(hours=1))
    made.alive(NOW, "beat")
    page = words(page_as(adam).get(URL))
    assert "Workers: silent." in page and "celery -A config worker" in page


def test_each_silent_process_says_how_it_is_started(page_as, adam) -> None:
    made.alive(NOW - timedelta(hours=1))
    page = words(page_as(adam).get(URL))
    assert "Scheduler: silent." in page and "celery -A config beat" in page
    assert "Workers: silent." in page and "celery -A config worker" in page


def test_how_much_it_did_is_told_to_nobody_else_where_companies_share_a_server(
    swept: None, page_as, adam, settings
) -> None:
    """A count is of the whole server: it would tell how much work others have."""
    settings.DEMO = False
    page = page_as(adam).get(URL).content.decode()
    assert "nights looked at" not in page and "Several companies share this server" in page
    assert Company.objects.count() == 2
    settings.DEMO = True
    assert "nights looked at" in page_as(adam).get(URL).content.decode()


def test_nothing_ran_yet(page_as, adam) -> None:
    User.objects.update(date_joined=NOW)
    page = words(page_as(adam).get(URL))
    assert "Scheduler" in page and "Never seen" in page and "Not yet" in page


@pytest.mark.parametrize(("who", "status"), [("ana", 403), ("ben", 403), ("sue", 200), ("adam", 200)])
def test_who_may_start_nights_sees_it(page_as, cast, who: str, status: int) -> None:
    assert page_as(cast[who]).get(URL).status_code == status
    tabs = page_as(cast[who]).get("/settings/runs/all/").content.decode()
    assert (f'href="{URL}"' in tabs) == (status == 200)


def test_it_looks_by_itself_and_keeps_no_session_alive(swept: None, page_as, sue) -> None:
    page = page_as(sue).get(URL).content.decode()
    assert 'hx-trigger="every 20s"' in page and "Holdline-Background" in page and ">Look again<" in page
