"""Runs, all work: every kind at once, who sees what, filters, pages by key, what stands still and what to do."""

from __future__ import annotations

import csv
import html
import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import background as made
from tests.background import NOON, URL, rows, words
from work.background import kinds as known
from work.background import reading
from work.background.reading import Asked
from work.models import Job, Run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
        yield


class TestWhatIsShown:
    def test_every_registered_kind_is_made_by_these_tests(self) -> None:
        assert list(known.kinds()) == sorted(made.KINDS)

    def test_an_admin_finds_every_kind_the_newest_first(self, page_as, adam, cast) -> None:
        made.one_of_each(cast)
        found = rows(page_as(adam))
        labels = [known.kinds()[key].label for key in made.KINDS]
        assert [label for row, label in zip(found, labels, strict=True) if label in row] == labels

    def test_a_piece_says_what_came_of_it_who_started_it_and_how_long_it_took(
        self, page_as, adam, cast
    ) -> None:
        made.one_of_each(cast)
        page = words(page_as(adam).get(URL))
        for said in (
            "5 of 5 answered; 0 deductible met, 0 time elapsed.",
            "3 claims submitted.",
            "9 added.",
            "Nothing can be compared.",
            "20 days at most, threshold $300.00, annual $500.00 or more",
            "Forecast for 40 held claims.",
            "7 lines; before it 6 were counted.",
            "12 of 9,000 clocks moved, 1 late by it.",
            "40 open tickets looked at; no clock moved.",
            "812 rows, 4.0",
            "by itself",
            "whoever runs the server",
            "Adam Example",
            "2 min",
            "20 May 12:00",
        ):
            assert said in page, said

    def test_each_piece_leads_to_its_own_page(self, page_as, adam, cast) -> None:
        one = made.one_of_each(cast)
        client = page_as(adam)
        page = client.get(URL).content.decode()
        for address in (
            f"/settings/runs/{one['check'].pk}/",
            f"/settings/policy/moves/{one['rules'].change_id}/",
            "/settings/everything/",
        ):
            assert f'href="{address}"' in page
            assert client.get(address).status_code == 200, address
        assert 'href="/settings/calendar/"' in page.split("<tbody", 1)[1].split("</tbody>")[0]
        assert f'href="/claims/holding/back-test/{one["back-test"].pk}/"' in page

    def test_who_started_a_night_is_told_by_name(self, page_as, sue, acme) -> None:
        made.night(acme, NOON, by=sue)
        assert "Sue Example" in rows(page_as(sue))[0]

    def test_nothing_yet_says_what_will_come(self, page_as, adam) -> None:
        page = words(page_as(adam).get(URL))
        assert "Nothing has run yet" in page and "03:00 UTC" in page

    def test_the_nights_stay_a_tab_and_the_page_of_a_night_where_it_was(self, page_as, sue, acme) -> None:
        run = made.night(acme, NOON)
        client = page_as(sue)
        nights = client.get("/settings/runs/").content.decode()
        assert f'href="{URL}"' in nights and "Due checks answered" in nights
        assert 'href="/settings/runs/by-itself/"' in nights
        assert client.get(f"/settings/runs/{run.pk}/").status_code == 200


class TestWhoSeesWhat:
    @pytest.mark.parametrize(
        ("who", "hidden"),
        [
            ("ben", {"calendar", "company-file", "rules"}),
            (
                "sue",
                {"calendar", "import", "rules"},
            ),  # the file is one of claims, which a supervisor brings not
            ("adam", set()),
        ],
    )
    def test_kinds_that_somebody_may_not_see_are_neither_shown_nor_offered(
        self, page_as, cast, who: str, hidden: set[str]
    ) -> None:
        made.one_of_each(cast)
        client = page_as(cast[who])
        shown = {
            key for key in made.KINDS
            for row in rows(client) if f" {known.kinds()[key].label} " in row
        }  # fmt: skip
        assert shown == made.KINDS.keys() - hidden
        offered = client.get(URL).content.decode()
        for key in ("calendar", "rules"):
            assert (f"?kind={key}" in offered) == (key not in hidden)
            assert len(rows(client, f"?kind={key}")) == (1 if key not in hidden else len(shown))

    def test_an_admin_sees_that_a_file_is_imported_and_not_what_it_is_called(
        self, page_as, adam, ben
    ) -> None:
        """A file's name may be a patient's, and an admin has no patient pages."""
        row = made.brought(ben, NOON, filename="casimir-nowak.csv", wrong=2)
        page = page_as(adam).get(URL).content.decode()
        assert "A file of claims" in page and "casimir" not in page
        assert f"/settings/import/claims/{row.pk}/" not in page
        theirs = page_as(ben).get(URL).content.decode()
        assert "casimir-nowak.csv" in theirs and f'href="/settings/import/claims/{row.pk}/"' in theirs

    def test_another_companys_work_is_nowhere(self, page_as, olga, bo, cast) -> None:
        made.one_of_each(cast)
        for person in (olga, bo):
            assert rows(page_as(person)) == []
            assert "pieces of work" not in words(page_as(person).get(URL))

    def test_an_agent_is_refused(self, page_as, ana) -> None:
        assert page_as(ana).get(URL).status_code == 403


class TestFilters:
    def test_by_kind_state_and_trouble(self, page_as, adam, acme, ben) -> None:
        made.night(acme, NOON, due=5, answered=4)
        made.night(acme, NOON - timedelta(hours=1), days_ago=2, state="failed")
        made.brought(ben, NOON - timedelta(hours=2), wrong=3)
        made.brought(ben, NOON - timedelta(hours=3), state="checked")
        made.tried(ben, NOON - timedelta(hours=4), state="cancelled")
        made.forecast(acme, NOON - timedelta(hours=5), state="failed", note="It stopped.")
        made.night(acme, NOON - timedelta(hours=6), days_ago=3)
        client = page_as(adam)
        assert len(rows(client)) == 7
        assert len(rows(client, "?kind=check")) == 3
        assert ["Failed" in row for row in rows(client, "?state=failed")] == [True, True]
        assert ["Waits" in row or "Looked at" in row for row in rows(client, "?state=person")] == [True]
        assert len(rows(client, "?state=cancelled")) == 1
        assert len(rows(client, "?trouble=yes")) == 4, "one unanswered, two failed, one with wrong rows"
        assert len(rows(client, "?trouble=yes&kind=check")) == 2
        assert len(rows(client, "?state=nonsense&kind=no")) == 7
        assert "2 of 7 match" in words(client.get(f"{URL}?state=failed"))

    def test_by_day_of_the_companys_zone_both_included(self, page_as, adam, acme) -> None:
        late = datetime(2026, 5, 20, 4, 59, tzinfo=UTC)  # 23:59 on the 19th in Chicago
        made.night(acme, late, days_ago=2)
        made.night(acme, late + timedelta(minutes=1), days_ago=1)
        client = page_as(adam)
        assert len(rows(client, "?since=2026-05-20")) == 1
        assert len(rows(client, "?until=2026-05-19")) == 1
        assert len(rows(client, "?since=2026-05-19&until=2026-05-20")) == 2
        assert len(rows(client, "?since=2026-05-21")) == 0
        for odd in ("20.5.2026", "0001-01-01", "9999-12-31", "2026-02-30", "٢٠٢٦-٠٥-٢٠", "x" * 300):
            assert len(rows(client, f"?since={odd}&until={odd}")) == 2, odd

    def test_oldest_first_turns_the_list_round(self, page_as, adam, cast) -> None:
        made.one_of_each(cast)
        client = page_as(adam)
        assert rows(client, "?ordering=asked") == rows(client)[::-1]

    def test_a_view_keeps_the_filters(self, page_as, adam, acme) -> None:
        made.night(acme, NOON, state="failed")
        client = page_as(adam)
        client.post("/tables/background/views/save/", {"name": "Failed", "state": "failed"})
        assert "Failed" in words(client.get(URL))

    def test_the_file_has_what_is_shown(self, page_as, adam, cast) -> None:
        made.one_of_each(cast)
        sent = page_as(adam).post("/tables/background/export/", {"kind": "check"})
        text = b"".join(sent) if sent.streaming else sent.content
        (heads, row) = csv.reader(StringIO(text.decode("utf-8-sig")))
        assert "To do" not in heads and heads[0] == "Work"
        assert row[heads.index("Asked for")] == "2026-05-20 11:58:00-05:00"
        every = page_as(adam).post("/tables/background/export/")
        text = b"".join(every) if every.streaming else every.content
        assert len(list(csv.reader(StringIO(text.decode("utf-8-sig"))))) == 1 + len(made.KINDS)


class TestPages:
    @pytest.fixture(autouse=True)
    def short(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("config.runs.screen.ROWS", 3)

    @pytest.mark.parametrize("order", ["", "&ordering=asked"])
    def test_pages_over_kinds_that_were_asked_for_at_the_same_moment_miss_and_double_nothing(
        self, page_as, adam, cast, acme, order: str
    ) -> None:
        for make in made.KINDS.values():
            make(cast, NOON)  # all at one moment: kind and number settle the order
        for days in range(2, 5):
            made.night(acme, NOON, days_ago=days)
        client, path, seen, backs = page_as(adam), f"{URL}?view=all{order}", [], []
        whole = reading.pieces(adam, Asked(), count=100, down=not order)
        for _ in range(9):
            page = client.get(path).content.decode()
            seen += re.findall(r'<th scope="row".*?</th>', page, re.S)
            backs += re.findall(r'href="([^"]+)"[^>]*>[^<]*(?:<svg.*?</svg>)?\s*Previous', page, re.S)
            path = _link(page, "Next")
            if not path:
                break
        assert len(seen) == len(whole) == 12
        assert [row.name for row in whole] == sorted(
            (row.name for row in whole), key=lambda name: [one.name for one in whole].index(name)
        )

    def test_the_page_before_is_the_page_that_was_there(self, page_as, adam, cast) -> None:
        made.one_of_each(cast)
        client = page_as(adam)
        first = client.get(URL).content.decode()
        second = client.get(_link(first, "Next")).content.decode()
        third = client.get(_link(second, "Next")).content.decode()
        assert _heads(client.get(_link(third, "Previous")).content.decode()) == _heads(second)
        assert _heads(client.get(_link(second, "Previous")).content.decode()) == _heads(first)
        assert not _link(third, "Next")

    @pytest.mark.parametrize("cursor", ["x", "bnVsbA", "W251bGwsIDEsIGZhbHNlXQ", "A" * 4000, "é"])
    def test_a_cursor_of_somebodys_making_is_no_address(self, page_as, adam, cursor: str) -> None:
        assert page_as(adam).get(URL, {"cursor": cursor}).status_code == 404


def _link(page: str, word: str) -> str:
    """Where a link of the pager leads."""
    for found in re.finditer(r'<a[^>]*href="([^"]+)"[^>]*>(.*?)</a>', page, re.S):
        if word in re.sub(r"<[^>]+>", " ", found[2]) and "cursor=" in found[1]:
            return f"{URL}{html.unescape(found[1]).removeprefix(URL)}"
    return ""


def _heads(page: str) -> list[str]:
    body = page.split("<tbody", 1)[1].split("</tbody>")[0]
    return re.findall(r'<th scope="row".*?</tr>', body, re.S)


class TestCost:
    def test_the_list_asks_the_same_whatever_there_is(self, page_as, adam, cast, acme) -> None:
        client = page_as(adam)
        made.one_of_each(cast)
        client.get(URL)
        with CaptureQueriesContext(connection) as few:
            client.get(URL)
        for number in range(60):
            made.forecast(acme, NOON - timedelta(days=number), days_ago=10 + number)
            made.brought(cast["ben"], NOON - timedelta(days=number))
        with CaptureQueriesContext(connection) as many:
            client.get(URL)
        assert len(few) == len(many) <= 8

    def test_a_page_reads_the_newest_of_each_kind_from_an_index(self, adam, acme, cast) -> None:
        """A million rows cost what a page costs: no branch sorts or reads more than it gives."""
        made.one_of_each(cast)
        Job.objects.bulk_create(
            Job(company=acme, kind="forecast", target_on=None, began_at=NOON - timedelta(minutes=n), seen_at=NOON,
                state="done")
            for n in range(3000)
        )  # fmt: skip
        Run.objects.bulk_create(
            Run(company=acme, kind="check", target_date=NOON.date() - timedelta(days=100 + n), state="done",
                created_at=NOON - timedelta(days=n))
            for n in range(3000)
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE work_job")
            cursor.execute("ANALYZE work_run")
            cursor.execute("ANALYZE work_runevent")
        for asked in (Asked(), Asked(trouble=True), Asked(states=("failed",)), Asked(states=known.UNDER_WAY)):
            for behind in (None, reading.Place(NOON - timedelta(minutes=1500), "forecast", 10**9)):
                with CaptureQueriesContext(connection) as asked_for:
                    reading.pieces(adam, asked, count=101, behind=behind)
                with connection.cursor() as cursor:
                    cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT TEXT) {asked_for[0]['sql']}")
                    plan = "\n".join(line for (line,) in cursor.fetchall())
                read = max(int(n) for n in re.findall(r"actual time=\S+ rows=(\d+)", plan.replace(".00", "")))
                assert read <= 101 * 12, plan
                removed = [int(n) for n in re.findall(r"Rows Removed by Filter: (\d+)", plan)]
                assert max(removed, default=0) <= 200, plan
