"""Settings, Import, tickets: what was worked on elsewhere comes in by the rules of filing, with our dates."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts.models import User
from escalations.importing.columns import ANSWER, kind_for
from escalations.models import Breach, Notification, Ticket, TicketCycle, TicketEvent, TicketReference
from patients.domain.import_columns import match
from patients.imports import actions, running
from patients.models import Import, Patient
from tests.claim_tables import lines_in
from tests.domain.desk import policy_without
from tests.factories import PatientFactory
from tests.filing_cases import ONE_A_CLAUSE, TYPES, bad_body, good_body, mark, somebody
from tests.imports import many, upload
from tests.world_rows import file_ticket

pytestmark = pytest.mark.django_db
HERE = "/settings/import/tickets/"
ZONE = ZoneInfo("America/Chicago")
NOW = datetime.now(UTC)
BILL = {"Type": "Itemized Bill", "Channel": "phone", "Caller": "patient", "Account number": "A-1",
        "Who will receive the bill?": "The patient", "Answer: account_status": "paid"}  # fmt: skip


@pytest.fixture
def chief(page_as: Any, sue: User) -> Client:
    browser: Client = page_as(sue)
    return browser


@pytest.fixture
def robin(sue: User) -> Patient:
    return PatientFactory(
        company=sue.company, last_name="Sample", first_name="Robin", date_of_birth="1971-03-14",
        account_number="A-1",
    )  # fmt: skip


def ago(**by: int) -> str:
    """A moment before now by the company's clock, as somebody types it."""
    return f"{(NOW - timedelta(**by)).astimezone(ZONE):%Y-%m-%d %H:%M}"


def table(*rows: dict[str, str]) -> bytes:
    names = list(dict.fromkeys(name for one in rows for name in one))
    written = io.StringIO()
    writer: Any = csv.DictWriter(written, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


def brought(browser: Client, data: bytes) -> str:
    answer = browser.post(HERE, upload(data, "tickets.csv"))
    assert answer.status_code == 302, text_of(answer)
    return str(answer["Location"])


def text_of(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_open_and_resolved_tickets_come_in_with_numbers_and_due_dates_of_ours_k18(
    chief: Client, robin: Patient, ana: User
) -> None:
    data = table(
        {"Their number": "INC-1", "Received at": ago(days=2), "Assignee": "ana", "Note": "By post.", **BILL},
        {"Their number": "INC-2", "Received at": ago(days=60), "Status": "closed", "Outcome": "Itemized bill sent",
         "Resolved at": ago(days=59), **BILL, "Account number": "", "Last name": "SAMPLE", "First name": "robin",
         "DOB": "3/14/1971"},
        {"Their number": "INC-3", "Received at": ago(days=90), "Resolved at": ago(days=10),
         "Outcome": "Already had it", "Note on the outcome": "Sorry said.", **BILL},
    )  # fmt: skip
    page = brought(chief, data)
    assert "3 new to be added" in text_of(chief.get(page)), text_of(chief.get(page))
    chief.post(page, {"do": "whole"})
    assert "3 tickets added." in text_of(chief.get(page))
    running_one, kept, late = Ticket.objects.order_by("pk")
    assert [one.number for one in (running_one, kept, late)] == ["E-1001", "E-1002", "E-1003"]
    assert (running_one.status, running_one.assignee, running_one.resolved_at) == ("open", ana, None)
    received = datetime.strptime(ago(days=2), "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
    assert running_one.received_at == received and running_one.due_at > received
    assert running_one.promise and running_one.answers == {"recipient": "patient", "account_status": "paid"}
    assert [one.met for one in TicketCycle.objects.order_by("pk")] == [None, True, False]
    assert TicketCycle.objects.get(ticket=running_one).ended_at is None
    assert Breach.objects.get().ticket == late and Breach.objects.get().seen_at == late.resolved_at
    assert [one.elsewhere.number for one in (running_one, kept, late)] == ["INC-1", "INC-2", "INC-3"]
    shown = text_of(chief.get(f"/escalations/{late.number}/"))
    assert "Elsewhere it is INC-3" in shown and "Resolved elsewhere: Already had it" in shown
    found = text_of(chief.get("/escalations/", {"q": "INC-3"}))
    assert late.number in found
    again = text_of(chief.get(brought(chief, data + b"\r\n")))
    assert "3 the same" in again and "nothing to import" in again


def test_due_dates_are_those_of_a_ticket_that_was_filed_then(
    chief: Client, robin: Patient, api: Any, sue: User
) -> None:
    body = {**good_body("itemized-bill", robin), "received_at": f"{ago(days=20).replace(' ', 'T')}:00-06:00"}
    filed = api(sue).post("/api/v1/escalations/", body)
    assert filed.status_code == 201, filed.json()
    moment = body["received_at"].replace("T", " ")
    chief.post(brought(chief, table({"Number": "X", "Received at": moment, **BILL})), {"do": "whole"})
    one, other = Ticket.objects.order_by("pk")
    for name in (
        "received_at",
        "expected_from",
        "due_at",
        "warn_at",
        "late_from",
        "due_order",
        "unit",
        "promise",
    ):
        assert getattr(one, name) == getattr(other, name), name


def test_what_is_wrong_is_said_by_row_and_column(chief: Client, robin: Patient, sue: User) -> None:
    User.objects.create_user(
        "gone", password=None, role="agent", company=sue.company, is_active=False, email="gone@acme.test"
    )
    rows = [
        {"Received at": ago(days=-1)},
        {"Received at": ago(days=400)},
        {"Received at": "2026-02-31 10:00"},
        {"Received at": ago(days=5)[:10]},
        {"Status": "cancelled"},
        {"Status": "resolved", "Outcome": "Done"},
        {"Status": "resolved", "Resolved at": ago(days=-1), "Outcome": "Done"},
        {"Status": "resolved", "Resolved at": ago(days=50), "Outcome": "Done"},
        {"Resolved at": ago(days=1)},
        {"Status": "open", "Outcome": "Done"},
        {"Assignee": "nobody"},
        {"Assignee": "gone"},
        {"Assignee": "ben"},
        {"Account number": "A-9"},
        {"Account number": ""},
        {"Account number": "", "Last name": "Sample", "First name": "Robin", "DOB": "1999-01-01"},
        {"Type": "Lost luggage"},
        {"Who will receive the bill?": "insurer"},
        {"Answer: amount": "12"},
        {"Channel": "fax"},
        {"Note": "#N/A"},
        {"Their number": "T-0"},
    ]
    given = [
        {"Their number": f"T-{place}", "Received at": ago(days=3), **BILL, **changes}
        for place, changes in enumerate([{}, *rows])
    ]
    page = brought(chief, table(*given))
    said = text_of(chief.get(page))
    assert "1 new to be added" in said and f"{len(rows)} wrong" in said, said
    for words in (
        "cannot have been received in the future", "at most 365 days. How far is a limit",
        "not a date and time that exists", "Status is open or resolved", "needs the moment it was resolved",
        "Resolved at lies in the future", "lies before the ticket was received", "Outcome is missing",
        "Status is open, and the row has an outcome", "nobody of this username", "This person is disabled",
        "does not work on tickets", "No patient here has this account number", "Say whose ticket it is",
        "No patient here has this name", "There is no such escalation type", "R-ITEM-2: ", "does not ask this",
        "The channel is one of", "shows a spreadsheet's error", "Stands in the file twice",
    ):  # fmt: skip
        assert words in said, words
    wrong = lines_in(chief.post(f"{page}wrong/"))
    assert wrong[0]["What is wrong"].startswith("Row 3: ") and len(wrong) == len(rows)
    assert not Ticket.objects.exists()


def row_of(body: dict[str, Any], patient: Patient, number: str) -> dict[str, str]:
    """A body of the API as a row of the table."""

    def cell(value: Any) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        return (
            ", ".join(map(str, value)) if isinstance(value, list) else str(value if value is not None else "")
        )

    answers = {f"Answer: {key}": cell(value) for key, value in body["answers"].items()}
    general = {name: cell(body[name]) for name in ("type", "channel", "caller", "note", "acknowledged")}
    account = patient.account_number if body["patient"] else ""
    return {"number": number, "received_at": ago(minutes=5), "account_number": account, **general, **answers}


def test_no_rule_that_refuses_is_passed_by_a_table_and_every_good_type_comes_in(
    chief: Client, ana: User, sue: User
) -> None:
    """What every other way is tried with, in one file: a row for each clause that refuses, named by its rule."""
    rows, expected = [], {}
    for place, one in enumerate(ONE_A_CLAUSE):
        patient = somebody(ana)
        mark(patient, one.facts, ana)
        rows.append(row_of(bad_body(one, patient, ana), patient, f"B-{place}"))
        expected[f"B-{place}"] = one
    for key in TYPES:
        body, patient = good_body(key, somebody(ana)), somebody(ana)
        body["answers"] = {name: value for name, value in body["answers"].items() if name != "proof"}
        if key == "missing-payment":
            body["answers"]["transaction_id"] = "TX-1"
        rows.append(row_of({**body, "patient": patient.pk}, patient, f"G-{key}"))
    before = Ticket.objects.count()
    page = brought(chief, table(*rows))
    wrong = {one["number"]: one["What is wrong"] for one in lines_in(chief.post(f"{page}wrong/"))}
    passed = {
        str(one): wrong.get(number, "")
        for number, one in expected.items()
        if one.rule not in wrong.get(number, "") and one.rule != "R-ALL-1"
    }
    assert passed == {}
    assert not [wrong[number] for number in wrong if number.startswith("G-")]
    assert all(number in wrong for number in expected)
    chief.post(page, {"do": "good"})
    assert Ticket.objects.count() == before + len(TYPES)
    assert {one.number for one in TicketReference.objects.all()} == {f"G-{key}" for key in TYPES}
    refused = Ticket.objects.get(type="do-not-contact").patient
    assert refused is not None and refused.do_not_contact, (
        "what a type does when it is filed, it does here (R-DNC-2)"
    )
    alarmed = Ticket.objects.get(elsewhere__number="G-patient-sos")
    assert Notification.objects.filter(ticket=alarmed).count() == 0, "who imports it knows of it (R-SOS-3)"


def test_all_tickets_that_are_taken_out_come_in_again_with_equal_dates(
    chief: Client, robin: Patient, sue: User, ana: User, olga: User, page_as: Any
) -> None:
    data = table(
        {"Their number": "INC-1", "Received at": ago(days=2), "Note": "- by post", **BILL},
        {"Their number": "INC-2", "Received at": ago(days=60), "Outcome": "Sent", "Resolved at": ago(days=3), **BILL},
    )  # fmt: skip
    chief.post(brought(chief, data), {"do": "whole"})
    taken = b"".join(chief.post(f"{HERE}export/", {"format": "csv"}).streaming_content)
    assert "2 the same" in text_of(chief.get(brought(chief, taken)))
    boss = User.objects.create_user(
        "boss", password=None, role="supervisor", company=olga.company, email="boss@other.test"
    )
    people = b"".join(chief.post("/settings/import/patients/export/").streaming_content)
    other = page_as(boss)
    for kind, content in (("patients", people), ("tickets", taken)):
        where = str(other.post(f"/settings/import/{kind}/", upload(content, "x.csv"))["Location"])
        other.post(where, {"do": "whole"})
    names = ("received_at", "due_at", "expected_from", "status", "resolved_at", "answers", "note", "type")
    for mine, theirs in zip(
        Ticket.objects.filter(company=sue.company).order_by("pk").values_list(*names),
        Ticket.objects.filter(company=olga.company).order_by("pk").values_list(*names),
        strict=True,
    ):
        assert mine == theirs
    assert TicketEvent.objects.filter(company=olga.company).count() == 3


def test_a_ticket_that_was_filed_here_is_known_when_all_that_was_taken_out_is_brought(
    chief: Client, robin: Patient, sue: User
) -> None:
    filed = (NOW - timedelta(hours=3)).replace(second=41, microsecond=654_321)
    ticket = file_ticket(sue, patient=robin.pk, at=filed)
    assert ticket.received_at.microsecond, "a moment of the desk has parts of seconds, and no file has"
    taken = b"".join(chief.post(f"{HERE}export/", {"format": "csv"}).streaming_content)
    assert "1 the same" in text_of(chief.get(brought(chief, taken)))
    typed = {"Their number": ticket.number, "Received at": f"{filed.astimezone(ZONE):%Y-%m-%d %H:%M}"}
    assert "1 the same" in text_of(chief.get(brought(chief, table({**BILL, **typed}))))
    other = {**BILL, **typed, "Received at": ago(hours=4)}
    assert "1 new" in text_of(chief.get(brought(chief, table(other)))), "another system's of this number"


def test_another_companys_tickets_patients_and_people_are_nobody_here(
    chief: Client, robin: Patient, olga: User, page_as: Any
) -> None:
    chief.post(
        brought(chief, table({"Number": "INC-1", "Received at": ago(days=2), **BILL})), {"do": "whole"}
    )
    boss = User.objects.create_user(
        "boss", password=None, role="supervisor", company=olga.company, email="boss@other.test"
    )
    other = page_as(boss)
    page = brought(other, table({"Number": "INC-1", "Received at": ago(days=2), "Assignee": "ana", **BILL}))
    said = text_of(other.get(page))
    assert "1 wrong" in said and "No patient here" in said and "nobody of this username" in said


def test_a_file_of_tickets_that_dies_between_two_parts_is_finished_once(
    sue: User, robin: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PART", 2)
    rows = [{"Number": f"N-{one}", "Received at": ago(days=2), **BILL} for one in range(5)]
    one, _ = actions.bring("tickets", table(*rows), "t.csv", by=sue, at=NOW)
    running.work_on(one.pk, at=NOW)
    actions.start(Import.objects.get(pk=one.pk), whole=False, by=sue, at=NOW)
    add, done = running.Work._add_part, []

    def dies(work: running.Work, key: int) -> None:
        if done:
            raise KeyboardInterrupt
        done.append(key)
        add(work, key)

    monkeypatch.setattr(running.Work, "_add_part", dies)
    with pytest.raises(KeyboardInterrupt):
        running.work_on(one.pk, at=NOW)
    monkeypatch.setattr(running.Work, "_add_part", add)
    running.work_on(one.pk, at=NOW + timedelta(minutes=20))
    assert sorted(TicketReference.objects.values_list("number", flat=True)) == [
        f"N-{one}" for one in range(5)
    ]


def test_no_two_columns_of_tickets_answer_to_the_same_name_and_the_template_is_good(
    chief: Client, robin: Patient
) -> None:
    kind = kind_for(policy_without())
    assert any(column.name == f"{ANSWER}recipient" for column in kind.columns)
    for column in kind.columns:
        for name in (column.name, column.label, *column.also):
            assert match(kind, [name]).columns == {column.name: 0}, name
    page = brought(chief, chief.get(f"{HERE}template/").content)
    assert "No patient here has this" in text_of(chief.get(page)) or "account number" in text_of(
        chief.get(page)
    )


def test_a_table_of_patients_at_the_door_of_tickets_is_asked_about(chief: Client) -> None:
    assert "No column is named for type." in text_of(chief.get(brought(chief, many(1))))
