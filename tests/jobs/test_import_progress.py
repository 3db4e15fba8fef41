"""A file that is looked at says how far the look is; a worker that dies is followed by one that begins anew."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from config.sweeping import sweep
from patients.domain.import_table import MOST_LINE, about_rows
from patients.imports import actions, comparing, running
from patients.models import Import, ImportPart
from tests.imports import many, people, workbook
from work import leases

pytestmark = pytest.mark.django_db
AT = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=20)
"""When the lease of somebody dead has run out."""


class Killed(BaseException):
    """The worker is gone."""


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PART", 2)


@pytest.fixture
def waiting(ben: User) -> Import:
    """Seven rows that nobody has looked at."""
    row, _ = actions.bring("patients", many(7), "people.csv", by=ben, at=AT)
    return row


def watched(monkeypatch: pytest.MonkeyPatch, row: Import, *, dies_after: int = 99) -> list[tuple[int, int]]:
    """What the row said while each batch was looked at; the worker dies after so many of them."""
    compare, seen = comparing.compare, list[tuple[int, int]]()

    def looks(*arguments: Any) -> Any:
        if len(seen) == dies_after:
            raise Killed
        seen.append(Import.objects.values_list("looked", "about").get(pk=row.pk))
        return compare(*arguments)

    monkeypatch.setattr(comparing, "compare", looks)
    return seen


def text_of(client: Client, path: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>|\s+", " ", client.get(path).content.decode()))


class TestHowManyRows:
    @pytest.mark.parametrize(
        ("data", "rows"),
        [
            (many(7), 7),
            (many(7).rstrip(), 7),
            (many(7).replace(b"\r\n", b"\r"), 7),
            (many(7).decode().encode("utf-16"), 7),
            (people(), 1),
            (b"", 1),
            (workbook(["Last name"], *(["Sample"] for _ in range(41))), 41),
            (b"PK\x03\x04 and nothing behind it", 1),
            (b"\n" * (MOST_LINE + 9) + b"x", MOST_LINE),
        ],
    )
    def test_are_told_without_reading_the_file(self, data: bytes, rows: int) -> None:
        assert about_rows(data) == rows

    def test_of_an_837p_are_its_charge_lines(self) -> None:
        text = b"ISA*...~ST*837*1~LX*1~SV1*HC:99284*1~LX*2~SV1*HC:93000*2~NTE*ADD*SV1X AND XSV1~"
        assert about_rows(text, x12=True) == 2


class TestALook:
    def test_says_after_each_batch_how_many_rows_are_behind_it(
        self, waiting: Import, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen = watched(monkeypatch, waiting)
        running.work_on(waiting.pk, at=AT)
        assert seen == [(0, 7), (2, 7), (4, 7), (6, 7)]
        waiting.refresh_from_db()
        assert (waiting.state, waiting.looked, waiting.rows) == ("checked", 7, 7)

    def test_is_told_on_the_page_which_looks_by_itself_also_without_a_script(
        self, waiting: Import, page_as: Any, ben: User
    ) -> None:
        path, client = f"/settings/import/patients/{waiting.pk}/", page_as(ben)
        assert "Waiting for a worker." in text_of(client, path)
        Import.objects.filter(pk=waiting.pk).update(looked=1500, about=5000, seen_at=AT, looking_since=AT)
        page = client.get(path).content.decode()
        assert '<progress class="import-progress" value="1500" max="5000"' in page
        assert "1,500 of about 5,000 rows looked at" in page and "Waiting for a worker." not in page
        assert 'hx-trigger="every 3s"' in page and ">Look again</a>" in page
        assert (
            f'<noscript><meta http-equiv="refresh" content="10; url={path}?looks=itself"></noscript>' in page
        )
        Import.objects.filter(pk=waiting.pk).update(state="checked")
        assert "http-equiv" not in client.get(path).content.decode()

    def test_that_took_more_rows_than_were_counted_is_never_more_than_whole(
        self, waiting: Import, page_as: Any, ben: User
    ) -> None:
        Import.objects.filter(pk=waiting.pk).update(looked=9, about=5, seen_at=AT)
        page = page_as(ben).get(f"/settings/import/patients/{waiting.pk}/").content.decode()
        assert 'value="9" max="9"' in page

    def test_of_many_rows_is_left_to_a_worker_however_few_bytes_they_are(
        self, ben: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rung: list[Any] = []
        monkeypatch.setattr(running.current_app, "send_task", lambda name, args=(): rung.append(args))
        monkeypatch.setattr(running, "ROWS_AT_ONCE", 6)
        row, _ = actions.bring("patients", many(7), "people.csv", by=ben, at=AT)
        running.go_on(row, at=AT)
        assert (row.state, rung) == ("checking", [[row.pk]])
        few, _ = actions.bring("patients", many(6), "people.csv", by=ben, at=AT)
        running.go_on(few, at=AT)
        assert few.state == "checked"

    def test_of_a_file_that_is_thrown_away_ends_at_once(
        self, waiting: Import, ben: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        compare, looks = comparing.compare, []

        def thrown(*arguments: Any) -> Any:
            looks.append(1)
            if len(looks) == 2:
                actions.throw_away(Import.objects.get(pk=waiting.pk), by=ben)
            return compare(*arguments)

        monkeypatch.setattr(comparing, "compare", thrown)
        running.work_on(waiting.pk, at=AT)
        assert len(looks) == 2 and not Import.objects.exists() and not ImportPart.objects.exists()


class TestAWorkerThatDies:
    def test_is_followed_by_one_that_begins_anew_and_says_so(
        self, waiting: Import, page_as: Any, ben: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path, client = f"/settings/import/patients/{waiting.pk}/", page_as(ben)
        with monkeypatch.context() as patched:
            watched(patched, waiting, dies_after=2)
            with pytest.raises(Killed):
                running.work_on(waiting.pk, at=AT)
        waiting.refresh_from_db()
        assert (waiting.state, waiting.looked, waiting.attempts) == ("checking", 4, 1)
        assert not ImportPart.objects.exists(), "nothing of a look that did not end is kept"
        told: list[str] = []
        seen = watched(monkeypatch, waiting)
        compare = comparing.compare

        def looks(*arguments: Any) -> Any:
            told.append(text_of(client, path))
            return compare(*arguments)

        monkeypatch.setattr(comparing, "compare", looks)
        assert sweep(at=LATER)["imports"] == 1
        assert seen[0] == (0, 7), "it begins anew"
        assert (
            "did not come to the end, so all rows are being looked at anew. This is attempt 2 of 5."
            in told[0]
        )
        waiting.refresh_from_db()
        assert (waiting.state, waiting.rows, waiting.new, waiting.attempts) == ("checked", 7, 7, 0)
        assert "attempt" not in text_of(client, path)

    def test_that_only_slept_writes_nothing_once_another_has_begun(
        self, waiting: Import, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        compare, taken = comparing.compare, []

        def sleeps(*arguments: Any) -> Any:
            if not taken:
                taken.append(
                    leases.take(running.lease_of(waiting.company_id), at=LATER, lifetime=running.LEASE)
                )
                Import.objects.filter(pk=waiting.pk).update(looked=5)
            return compare(*arguments)

        monkeypatch.setattr(comparing, "compare", sleeps)
        running.work_on(waiting.pk, at=AT)
        waiting.refresh_from_db()
        assert (waiting.state, waiting.looked) == ("checking", 5) and taken != [None]

    def test_columns_named_anew_begin_a_look_of_their_own(self, waiting: Import, ben: User) -> None:
        running.work_on(waiting.pk, at=AT)
        waiting.refresh_from_db()
        actions.name_columns(waiting, {n: str(p) for n, p in waiting.columns.items()}, by=ben)
        assert (waiting.state, waiting.looked, waiting.seen_at) == ("checking", 0, None)


def test_a_page_that_a_browser_loads_by_itself_keeps_no_session_alive(
    waiting: Import, page_as: Any, ben: User
) -> None:
    """Idle logout: nobody is there while a page loads itself."""
    client, path = page_as(ben), f"/settings/import/patients/{waiting.pk}/"
    session = client.session
    session["_seen"] = before = session["_seen"] - 300
    session.save()
    assert client.get(f"{path}?looks=itself").status_code == 200
    assert client.session["_seen"] == before
    client.get(path)
    assert client.session["_seen"] > before
