"""What cannot be taken in is told, and nobody fills the database with what is brought (D-SUB-3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from accounts.steps import Refused
from deductibles import arrivals
from deductibles.actions import acknowledging, arriving
from deductibles.models import Arrival, Submission
from tests.claim_line import Line, days, noon
from tests.domain.answer_files import ack_277, told

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
AT = noon(days(2))
API = "/api/v1/acknowledgements/"


def answer(number: int) -> str:
    return ack_277(*told(f"C-{number}", "A2:20"))


class TestInbox:
    @pytest.fixture
    def inbox(self, line: Line) -> Path:
        met = [{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}]
        line.complete(line.member(amounts=met))
        line.submit(days(1))
        assert Submission.objects.exists()
        folder = line.outbox.parent / "inbox"
        folder.mkdir(parents=True)
        return folder

    def test_what_cannot_be_taken_is_told_once_stays_and_keeps_nothing_waiting(
        self, line: Line, inbox: Path, page_as: Callable[[User], Client]
    ) -> None:
        with (inbox / "a-huge.277").open("wb") as huge:
            huge.truncate(11 * 2**20)
        (inbox / "b-odd\n.277").write_text("ISA")
        (inbox / "c-good.277").write_text(answer(1))
        for _ in range(3):
            arrivals.read(line.company, AT)
        assert sorted(path.name for path in inbox.iterdir()) == ["a-huge.277", "b-odd\n.277"]
        rows = {row.name: row for row in Arrival.objects.all()}
        assert set(rows) == {"a-huge.277", "b-odd?.277", "c-good.277"}
        assert rows["a-huge.277"].state == "aside" and "larger than 10 MB" in rows["a-huge.277"].detail
        page = page_as(line.biller).get("/claims/acknowledgements/?state=aside").content.decode()
        assert "a-huge.277" in page and "It was left in the inbox" in page
        one = page_as(line.biller).get(f"/claims/acknowledgements/{rows['a-huge.277'].pk}/")
        assert one.status_code == 200


class TestQuota:
    @pytest.fixture(autouse=True)
    def few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(arriving, "MOST_FILES_AN_HOUR", 3)

    def bring(self, line: Line, count: int, at: Any = AT) -> None:
        for number in range(count):
            acknowledging.file_arrival(answer(number), "x", by=line.biller, at=at)

    def test_the_fourth_file_of_an_hour_is_refused_and_not_kept_and_goes_an_hour_later(
        self, line: Line
    ) -> None:
        self.bring(line, 3)
        with pytest.raises(Refused, match="At most 3 files or 200 MB are taken in an hour"):
            acknowledging.file_arrival(answer(9), "x", by=line.biller, at=AT)
        assert Arrival.objects.count() == 3
        acknowledging.file_arrival(answer(9), "x", by=line.biller, at=AT + timedelta(minutes=61))
        assert Arrival.objects.count() == 4

    def test_text_counts_as_well_as_files(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(arriving, "MOST_BYTES_AN_HOUR", 300)
        self.bring(line, 1)
        with pytest.raises(Refused):
            self.bring(line, 2)

    def test_what_the_inbox_brings_and_other_companies_do_is_not_counted(
        self, line: Line, cast: dict[str, User]
    ) -> None:
        for number in range(5):
            acknowledging.take_in(line.company, "x", answer(number), source="inbox", by=None, at=AT)
        self.bring(line, 3, AT)
        acknowledging.file_arrival(answer(50), "x", by=cast["bo"], at=AT)
        assert Arrival.objects.filter(company=line.company).count() == 5, "the same bytes are one file"

    def test_page_and_api_say_so_and_keep_what_was_pasted(
        self, line: Line, api: Callable[[User], Any], page_as: Callable[[User], Client]
    ) -> None:
        with time_machine.travel(AT, tick=False):
            for number in range(3):
                assert api(line.biller).post(API, {"x12": answer(number)}).status_code == 201
            refused = api(line.biller).post(API, {"x12": answer(7)})
            assert (refused.status_code, refused.json()["code"]) == (429, "quota")
            assert "At most 3 files" in refused.json()["message"]
            page = page_as(line.biller).post("/claims/acknowledgements/bring/", {"x12": answer(7)})
            assert page.status_code == 429
            assert "At most 3 files" in page.content.decode() and "C-7" in page.content.decode()
