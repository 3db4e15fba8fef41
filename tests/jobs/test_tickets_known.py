"""Tickets of a file that are here already, moments as people write them, and what a file of all tickets holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from escalations import actions as desk
from escalations.models import Ticket
from escalations.policies import policy_of
from patients.imports import actions, running
from patients.imports.kinds import handlers
from patients.imports.sealing import DIFFERENT, NEW, SAME, WRONG, Found, unseal_rows
from patients.models import Import, Patient
from tests.factories import PatientFactory
from tests.tickets import filed
from tests.web.test_tickets_import import BILL, ago, table

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
ZONE = ZoneInfo("America/Chicago")
DAY = (NOW - timedelta(days=20)).astimezone(ZONE)


@pytest.fixture
def robin(sue: User) -> Patient:
    return PatientFactory(company=sue.company, last_name="Sample", account_number="A-1")


def brought(by: User, *rows: dict[str, str]) -> Import:
    """A file that was looked at; with other bytes than every one before."""
    data = table(*rows) + b"\r\n" * Import.objects.count()
    one, _ = actions.bring("tickets", data, "t.csv", by=by, at=NOW)
    running.work_on(one.pk, at=NOW)
    one.refresh_from_db()
    return one


def looked(by: User, *rows: dict[str, str]) -> list[Found]:
    """What each row of a file was found to be."""
    parts = brought(by, *rows).parts.order_by("number")
    return [one for part in parts for one in unseal_rows(part.sealed)]


def taken_in(by: User, *rows: dict[str, str], started_by: User | None = None) -> None:
    one = brought(by, *rows)
    assert one.wrong == 0, one.found
    actions.start(one, whole=True, by=started_by or by, at=NOW)
    running.work_on(one.pk, at=NOW)


def bill(number: str = "INC-1", **changes: str) -> dict[str, str]:
    return {"Their number": number, "Received at": ago(days=9), **BILL, **changes}


class TestADifference:
    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({}, []),
            ({"Type": "Refund"}, ["type"]),
            ({"Account number": "A-2"}, ["last_name"]),
            ({"Received at": ago(days=8)}, ["received_at"]),
            ({"Outcome": "Itemized bill sent", "Resolved at": ago(days=1)}, ["status"]),
        ],
    )
    def test_is_named_by_its_column(
        self, sue: User, robin: Patient, changes: dict[str, str], fields: list[str]
    ) -> None:
        PatientFactory(company=sue.company, account_number="A-2")
        taken_in(sue, bill())
        (found,) = looked(sue, bill(**changes))
        expected = DIFFERENT if fields else SAME
        assert (found.standing, found.fields, found.name) == (expected, fields, Ticket.objects.get().number)

    def test_of_one_that_is_here_a_second_row_is_wrong(self, sue: User, robin: Patient) -> None:
        taken_in(sue, bill())
        first, second = looked(sue, bill(), bill())
        assert (first.standing, second.standing) == (SAME, WRONG) and "Row 2 has this" in second.wrong[
            "number"
        ]


class TestANumberOfOurs:
    """Two systems number alike: ours counts for the same patient and moment alone."""

    def test_is_the_ticket_of_that_patient_and_moment(self, sue: User, robin: Patient) -> None:
        taken_in(sue, bill())
        mine = Ticket.objects.get()
        (found,) = looked(sue, bill(mine.number))
        assert (found.standing, found.key) == (SAME, mine.pk)

    @pytest.mark.parametrize("changes", [{"Received at": ago(days=8)}, {"Account number": "A-2"}])
    def test_is_another_ticket_otherwise(self, sue: User, robin: Patient, changes: dict[str, str]) -> None:
        PatientFactory(company=sue.company, account_number="A-2")
        taken_in(sue, bill())
        (found,) = looked(sue, bill(Ticket.objects.get().number, **changes))
        assert found.standing == NEW

    def test_another_companys_ticket_is_none_of_ours(self, sue: User, robin: Patient, olga: User) -> None:
        boss = User.objects.create_user(
            "boss", password=None, role="supervisor", company=olga.company, email="boss@other.test"
        )
        theirs = PatientFactory(company=olga.company, account_number="A-1")
        taken_in(sue, bill())
        (found,) = looked(boss, bill())
        assert (found.standing, found.key) == (NEW, None)
        taken_in(boss, bill())
        assert Ticket.objects.get(company=olga.company).patient == theirs


@pytest.mark.parametrize(
    ("clock", "hour"),
    [("12:15 AM", 0), ("12:15 PM", 12), ("1:15 pm", 13), ("11:15 am", 11), ("13:15", 13), ("0:15", 0)],
)
def test_a_moment_in_american_writing_is_that_moment(
    sue: User, robin: Patient, clock: str, hour: int
) -> None:
    taken_in(sue, bill(**{"Received at": f"{DAY.month}/{DAY.day}/{DAY.year} {clock}"}))
    received = Ticket.objects.get().received_at.astimezone(ZONE)
    assert (received.date(), received.hour, received.minute) == (DAY.date(), hour, 15)


@pytest.mark.parametrize("clock", ["13:15 PM", "0:15 AM", "24:15", "10:75 AM"])
def test_a_clock_that_shows_no_such_time_is_wrong(sue: User, robin: Patient, clock: str) -> None:
    (found,) = looked(sue, bill(**{"Received at": f"{DAY.month}/{DAY.day}/{DAY.year} {clock}"}))
    assert "not a date and time that exists" in found.wrong["received_at"]


def test_who_left_since_may_have_had_a_ticket_that_ended(sue: User, ana: User, robin: Patient) -> None:
    User.objects.filter(pk=ana.pk).update(is_active=False)
    ended = {"Outcome": "Itemized bill sent", "Resolved at": ago(days=1), "Assignee": "ana"}
    taken_in(sue, bill(**ended))
    assert Ticket.objects.get().assignee == ana


def test_a_ticket_is_filed_by_whoever_began_the_import(sue: User, adam: User, robin: Patient) -> None:
    second = User.objects.create_user(
        "second", password=None, role="supervisor", company=sue.company, email="second@acme.test"
    )
    taken_in(sue, bill(), started_by=second)
    assert Ticket.objects.get().filed_by == second


class TestAllOfThem:
    def taken(self, by: User) -> list[dict[str, str]]:
        handler = handlers()["tickets"]
        kind = handler.kind_of(by.company)
        names = [column.name for column in kind.columns]
        lines = [dict(zip(names, line, strict=True)) for line in handler.taken(by, kind)]
        assert len(lines) == handler.count(by)
        return lines

    def test_tell_how_each_ended_at_last(self, sue: User, ana: User, robin: Patient) -> None:
        first, second = (filed("supervisor", ana, robin, NOW - timedelta(days=9)) for _ in range(2))
        outcomes = policy_of(first.policy_version).type("supervisor").outcomes
        for ticket, acts in ((first, 2), (second, 1)):
            for turn in range(acts):
                facts = {"outcome": outcomes[turn], "note": f"turn {turn}"}
                ticket = desk.act(ticket, "resolve", by=sue, at=NOW - timedelta(days=5 - turn), facts=facts)
                if turn == 0:
                    again = NOW - timedelta(days=5) + timedelta(hours=1)
                    ticket = desk.act(ticket, "reopen", by=sue, at=again, facts={"note": "again"})
        ended, reopened = self.taken(sue)
        assert (ended["outcome"], ended["resolution_note"]) == (outcomes[1], "turn 1")
        assert (reopened["outcome"], reopened["resolution_note"], reopened["resolved_at"]) == ("", "", "")

    def test_hold_no_draft_and_nothing_of_another_company(
        self, sue: User, ana: User, otto: User, robin: Patient, api: Any
    ) -> None:
        ours = filed("supervisor", ana, robin, NOW)
        filed("supervisor", otto, PatientFactory(company=otto.company), NOW)
        draft = {
            "draft": True,
            "type": "refund",
            "channel": "phone",
            "caller": "patient",
            "patient": str(robin.pk),
        }
        assert api(ana).post("/api/v1/escalations/", draft).status_code == 201
        assert [one["number"] for one in self.taken(sue)] == [ours.number]
