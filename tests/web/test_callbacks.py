"""The callback board: who is to be called back, when by their clock, by whom, and what came of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Shift, User
from accounts.shifts import END
from escalations import actions
from escalations.models import CallAttempt, Ticket
from escalations.queries import tickets_of
from patients.actions import refuse_contact
from tests.factories import PatientFactory
from tests.tickets import filed

pytestmark = pytest.mark.django_db

CHICAGO = ZoneInfo("America/Chicago")
NOON = datetime(2026, 5, 20, 12, 0, tzinfo=CHICAGO).astimezone(UTC)
"""A Wednesday."""
BOARD = "/callbacks/"


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def back(user: User, *, at: datetime = NOON, kind: str = "patient-callback", **facts: Any) -> Ticket:
    """A callback of a patient of these facts, filed at a moment."""
    patient = PatientFactory(company=user.company, **facts)
    return filed(kind, user, patient, at)


def words(answer: Any) -> str:
    """What stands on the page, without its marks."""
    plain = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", answer.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", plain).split())


def row_of(answer: Any, ticket: Ticket) -> str:
    """What one row of the board says."""
    found = re.search(rf'<tr id="{ticket.number}".*?</tr>', answer.content.decode(), flags=re.S)
    assert found, f"{ticket.number} is not on the board"
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def groups(answer: Any) -> dict[str, list[str]]:
    """The numbers of the board by group."""
    bodies = re.findall(r'<tbody data-group="(\w+)">(.*?)</tbody>', answer.content.decode(), flags=re.S)
    return {key: re.findall(r'<tr id="([^"]+)"', body) for key, body in bodies}


def shift(user: User, weekday: int, starts: time, ends: time) -> None:
    Shift.objects.create(company=user.company, user=user, weekday=weekday, starts=starts, ends=ends)


def post(client: Client, ticket: Ticket, **said: str) -> Any:
    return client.post(reverse("callbacks:call", args=[ticket.number]), said)


def test_callbacks_of_all_three_types_stand_on_the_board_and_nothing_else(ana: User, page_as: Any) -> None:
    kinds = ("callback-ptp-pte", "onc-callback", "patient-callback")
    wanted = {back(ana, kind=kind).number for kind in kinds}
    done = back(ana)
    actions.act(tickets_of(ana).get(pk=done.pk), "cancel", by=ana, at=NOON)
    filed("spay-error", ana, PatientFactory(company=ana.company), NOON)
    shown = groups(page_as(ana).get(BOARD))
    assert {number for group in shown.values() for number in group} == wanted


def test_another_companys_callbacks_are_not_there(ana: User, otto: User, page_as: Any) -> None:
    theirs = back(otto)
    assert theirs.number not in groups(page_as(ana).get(BOARD)).get("now", [])
    assert "Nobody waits for a call" in words(page_as(ana).get(BOARD))
    for name in ("callbacks:call", "callbacks:step"):
        assert page_as(ana).post(reverse(name, args=[theirs.number])).status_code == 404


def test_the_board_groups_by_what_can_be_done_now(ana: User, page_as: Any) -> None:
    late = back(ana, at=NOON - timedelta(days=2))
    now = back(ana)
    early_there = back(ana, state="HI", at=NOON - timedelta(hours=1))
    waits = back(ana)
    actions.act(tickets_of(ana).get(pk=waits.pk), "wait", by=ana, at=NOON, facts={"reason": "patient"})
    shown = groups(page_as(ana).get(BOARD))
    assert shown == {
        "late": [late.number],
        "now": [now.number],
        "later": [early_there.number],
        "waiting": [waits.number],
    }


def test_a_row_says_the_patients_clock_and_the_companys_beside_it(ana: User, page_as: Any) -> None:
    ticket = back(ana, state="NY")
    row = row_of(page_as(ana).get(BOARD), ticket)
    assert "tomorrow 13:00 Eastern" in row and "tomorrow 12:00 here" in row and "13:00 there" in row


def test_a_row_says_from_when_the_patient_may_be_called(ana: User, page_as: Any) -> None:
    ticket = back(ana, time_zone="Pacific/Honolulu")
    assert "07:00 there: not before today 08:00" in row_of(page_as(ana).get(BOARD), ticket)


def test_a_zone_that_only_the_state_says_is_called_so(ana: User, page_as: Any) -> None:
    sure, unsure = back(ana, state="IL"), back(ana, state="TX")
    answer = page_as(ana).get(BOARD)
    assert "by the state" not in row_of(answer, sure)
    assert "by the state" in row_of(answer, unsure)


def test_a_row_gives_number_and_wish(ana: User, page_as: Any) -> None:
    ticket = back(ana)
    Ticket.objects.filter(pk=ticket.pk).update(
        answers={**ticket.answers, "number": "3125550147", "window": "After lunch"}
    )
    answer = page_as(ana).get(BOARD)
    assert "312-555-0147" in row_of(answer, ticket) and "“After lunch”" in row_of(answer, ticket)
    form = page_as(ana).get(f"{BOARD}{ticket.number}/call/")
    for shown in (answer, form):
        assert 'href="tel:+13125550147"' in shown.content.decode()
        assert "312-555-0147" in shown.content.decode()


def test_the_board_warns_where_the_time_ends_while_nobody_is_on_shift_r_cb_2(ana: User, page_as: Any) -> None:
    """Due Thursday 12:00; on Thursday nobody is there before 13:00, today somebody is until 18:00."""
    shift(ana, 2, time(9), time(18))
    shift(ana, 3, time(13), time(17))
    ticket = back(ana)
    row = row_of(page_as(ana).get(BOARD), ticket)
    assert "Ends at 12:00 there, when nobody is on shift: call until today 18:00." in row


def test_the_board_says_who_is_on_shift_when_the_time_ends(ana: User, sue: User, page_as: Any) -> None:
    shift(ana, 3, time(9), time(17))
    shift(sue, 3, time(11), END)
    ticket = back(ana)
    row = row_of(page_as(ana).get(BOARD), ticket)
    assert "Ana and Sue on shift then" in row and "Ends at" not in row


def test_a_disabled_person_is_nobody_on_shift(ana: User, sue: User, page_as: Any) -> None:
    shift(sue, 3, time(9), time(17))
    User.objects.filter(pk=sue.pk).update(is_active=False)
    shift(ana, 2, time(9), time(18))
    ticket = back(ana)
    assert "when nobody is on shift" in row_of(page_as(ana).get(BOARD), ticket)


def test_a_time_that_ends_in_the_night_is_called_in_before_it(ana: User, page_as: Any, noon: Any) -> None:
    """24 hours from 2 at night end at 2 there: the call comes until 21:00 the evening before."""
    for day in range(7):
        shift(ana, day, time(0), END)
    ticket = back(ana, at=datetime(2026, 5, 20, 2, 0, tzinfo=CHICAGO).astimezone(UTC))
    row = row_of(page_as(ana).get(BOARD), ticket)
    assert "Ends at 02:00 there, outside calling hours: call until today 21:00." in row


def test_without_shifts_business_hours_count(ana: User, page_as: Any) -> None:
    saturday = datetime(2026, 5, 22, 17, 0, tzinfo=CHICAGO).astimezone(UTC)
    with time_machine.travel(saturday, tick=False):
        answer = page_as(ana).get(BOARD)
        ticket = back(ana, at=saturday)
        assert "No shifts are planned, so business hours count." in words(page_as(ana).get(BOARD))
        row = row_of(page_as(ana).get(BOARD), ticket)
    assert answer.status_code == 200
    assert "Ends at 17:00 there, when the office is closed: call until today 18:00." in row


def test_where_no_shift_is_left_the_board_says_to_call_now(ana: User, page_as: Any) -> None:
    shift(ana, 6, time(9), time(17))
    ticket = back(ana)
    row = row_of(page_as(ana).get(BOARD), ticket)
    assert "nobody is on shift before that either: call now, or hand it over" in row


def test_a_patient_who_refused_calls_is_signed_on_the_board(ana: User, page_as: Any) -> None:
    ticket = back(ana)
    refuse_contact(ticket.patient, ["calls"], reason="Letters only", by=ana, at=NOON)  # type: ignore[arg-type]
    assert "no calls" in row_of(page_as(ana).get(BOARD), ticket)


def test_the_board_is_filtered_by_whose_and_by_type(ana: User, sue: User, page_as: Any) -> None:
    mine, nobodys, onc = back(ana), back(ana), back(ana, kind="onc-callback")
    actions.act(tickets_of(ana).get(pk=mine.pk), "take", by=ana, at=NOON)
    client = page_as(ana)
    assert groups(client.get(BOARD, {"who": "me"})) == {"now": [mine.number]}
    assert set(groups(client.get(BOARD, {"who": "none"}))["now"]) == {nobodys.number, onc.number}
    assert groups(client.get(BOARD, {"type": "onc-callback"})) == {"now": [onc.number]}
    assert len(groups(client.get(BOARD, {"type": "nonsense\x00", "who": "x"}))["now"]) == 3


def test_a_call_is_logged_from_the_board_and_leads_back_to_its_row(ana: User, page_as: Any) -> None:
    ticket, client = back(ana), page_as(ana)
    answer = post(
        client, ticket, outcome="voicemail", note="Said when we try again.", next="/callbacks/?who=none"
    )
    assert (answer.status_code, answer.url) == (302, f"/callbacks/?who=none#{ticket.number}")
    row = row_of(client.get(BOARD), ticket)
    assert "One try: left a message, today 12:00" in row


def test_the_way_back_is_never_another_site(ana: User, page_as: Any) -> None:
    answer = post(page_as(ana), back(ana), outcome="busy", next="https://elsewhere.example/")
    assert answer.url.startswith("/callbacks/")


def test_what_was_typed_is_kept_when_a_call_cannot_be_logged(ana: User, page_as: Any) -> None:
    ticket = back(ana, time_zone="Pacific/Honolulu")
    answer = post(page_as(ana), ticket, outcome="busy", note="Engaged twice", reason="")
    assert answer.status_code == 400
    said = answer.content.decode()
    assert "Say why this call could not wait." in said and "Engaged twice" in said
    assert re.search(r'value="busy"[^>]*checked', said)
    assert not CallAttempt.objects.exists()


@pytest.mark.parametrize(
    "hostile", ["", "nonsense", "\x00", "\ud800", "x" * 5000, "reached\x00", "<script>alert(1)</script>"]
)
def test_an_outcome_nobody_knows_is_refused_kindly(ana: User, page_as: Any, hostile: str) -> None:
    body = urlencode({"outcome": hostile, "note": "Kept words"}, errors="surrogatepass")
    address = reverse("callbacks:call", args=[back(ana).number])
    answer = page_as(ana).post(address, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert "Kept words" in answer.content.decode() and "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize("note", ["\x00", "x" * 501])
def test_a_note_that_cannot_be_kept_is_refused_kindly(ana: User, page_as: Any, note: str) -> None:
    assert post(page_as(ana), back(ana), outcome="busy", note=note).status_code == 400
    assert not CallAttempt.objects.exists()


def test_a_call_may_end_the_ticket_in_the_same_form(ana: User, page_as: Any) -> None:
    ticket, client = back(ana), page_as(ana)
    form = client.get(reverse("callbacks:call", args=[ticket.number]))
    assert "Called back and settled" in form.content.decode()
    post(client, ticket, outcome="reached", resolution="Called back and settled", version=str(ticket.version))
    assert groups(client.get(BOARD)) == {}
    assert tickets_of(ana).get(pk=ticket.pk).status == "resolved"


def test_a_colleagues_ticket_is_not_offered_for_ending(ana: User, sue: User, cast: Any, page_as: Any) -> None:
    ticket = back(sue)
    actions.act(tickets_of(sue).get(pk=ticket.pk), "take", by=sue, at=NOON)
    form = page_as(ana).get(reverse("callbacks:call", args=[ticket.number])).content.decode()
    assert "Called back and settled" not in form and "has this ticket and ends it" in form


def test_a_call_to_who_refused_them_shows_the_rule_and_the_reason_given_at_filing(
    ana: User, page_as: Any
) -> None:
    ticket = back(ana)
    refuse_contact(ticket.patient, ["calls"], reason="Letters only", by=ana, at=NOON)  # type: ignore[arg-type]
    Ticket.objects.filter(pk=ticket.pk).update(answers={**ticket.answers, "refused_reason": "Wants this one"})
    client = page_as(ana)
    form = client.get(reverse("callbacks:call", args=[ticket.number])).content.decode()
    assert "R-DNC-2" in form and 'value="Wants this one"' in form
    post(client, ticket, outcome="reached", reason="Wants this one")
    assert CallAttempt.objects.get().guard == "R-DNC-2"


def test_after_three_tries_the_board_offers_to_wait_for_the_patient(ana: User, page_as: Any) -> None:
    ticket, client = back(ana), page_as(ana)
    for number, outcome in enumerate(("no_answer", "busy")):
        actions.act(
            tickets_of(ana).get(pk=ticket.pk), "call", by=ana, at=NOON - timedelta(hours=1 + number),
            facts={"outcome": outcome},
        )  # fmt: skip
    assert "Wait for the patient" not in row_of(client.get(BOARD), ticket)
    post(client, ticket, outcome="no_answer")
    row = row_of(client.get(BOARD), ticket)
    assert "Three tries" in row and "the clock stands still meanwhile" in row
    said = {"act": "wait", "reason": "patient", "version": str(ticket.version)}
    client.post(reverse("callbacks:step", args=[ticket.number]), said)
    assert groups(client.get(BOARD)) == {"waiting": [ticket.number]}
    again = {"act": "resume", "version": str(tickets_of(ana).get(pk=ticket.pk).version)}
    client.post(reverse("callbacks:step", args=[ticket.number]), again)
    assert groups(client.get(BOARD)) == {"now": [ticket.number]}


def test_a_callback_is_taken_from_the_board(ana: User, page_as: Any) -> None:
    ticket, client = back(ana), page_as(ana)
    said = {"act": "take", "version": str(ticket.version), "next": "/callbacks/?type=patient-callback"}
    answer = client.post(reverse("callbacks:step", args=[ticket.number]), said)
    assert answer.url == f"/callbacks/?type=patient-callback#{ticket.number}"
    assert "Ana Example" in row_of(client.get(BOARD), ticket)


def test_who_comes_second_is_told_on_the_board(ana: User, sue: User, page_as: Any) -> None:
    ticket = back(ana)
    actions.act(tickets_of(sue).get(pk=ticket.pk), "take", by=sue, at=NOON)
    said = {"act": "take", "version": str(ticket.version)}
    answer = page_as(ana).post(reverse("callbacks:step", args=[ticket.number]), said)
    assert answer.status_code == 409
    assert "Not done." in words(answer) and row_of(answer, ticket)


@pytest.mark.parametrize("act", ["", "resolve", "cancel", "\x00", "nonsense"])
def test_the_board_does_only_what_it_offers(ana: User, page_as: Any, act: str) -> None:
    ticket = back(ana)
    answer = page_as(ana).post(reverse("callbacks:step", args=[ticket.number]), {"act": act})
    assert answer.status_code == 400
    assert tickets_of(ana).get(pk=ticket.pk).status == "open"


def test_a_page_that_asks_again_gets_the_rows_alone(ana: User, page_as: Any) -> None:
    ticket = back(ana)
    answer = page_as(ana).get(BOARD, headers={"HX-Request": "true", "Holdline-Background": "1"})
    assert row_of(answer, ticket) and "<html" not in answer.content.decode()
    form = page_as(ana).get(reverse("callbacks:call", args=[ticket.number]), headers={"HX-Request": "true"})
    assert "data-call-form" in form.content.decode() and "<html" not in form.content.decode()


def test_no_name_of_a_patient_stands_in_a_title(ana: User, page_as: Any) -> None:
    ticket = back(ana, first_name="Casimir", last_name="Nowak")
    for path in (BOARD, reverse("callbacks:call", args=[ticket.number])):
        title = re.search(r"<title>(.*?)</title>", page_as(ana).get(path).content.decode(), flags=re.S)
        assert title and "Nowak" not in title[1]


def test_the_ticket_shows_its_calls_and_offers_the_next(ana: User, ben: User, page_as: Any) -> None:
    ticket = back(ana)
    assert "Nobody has called yet" in words(page_as(ana).get(f"/escalations/{ticket.number}/"))
    post(page_as(ana), ticket, outcome="busy", note="Engaged all morning")
    page = page_as(ana).get(f"/escalations/{ticket.number}/")
    assert "Engaged all morning" in words(page) and "Called: busy" in words(page)
    assert reverse("callbacks:call", args=[ticket.number]) in page.content.decode()
    assert reverse("callbacks:call", args=[ticket.number]) not in (
        page_as(ben).get(f"/escalations/{ticket.number}/").content.decode()
    )


def test_form_page_and_api_log_a_call_by_the_same_step(ana: User, page_as: Any, api: Any) -> None:
    ticket = back(ana, time_zone="Pacific/Honolulu")
    address = f"/api/v1/escalations/{ticket.pk}/steps/"
    refused = api(ana).post(address, {"act": "call", "outcome": "busy"})
    assert refused.status_code == 400 and "reason" in str(refused.json())
    body = {"act": "call", "outcome": "busy", "reason": "Works nights"}
    assert api(ana).post(address, body).status_code == 200
    page = {"act": "call", "outcome": "no answer", "reason": "Works nights"}
    assert page_as(ana).post(f"/escalations/{ticket.number}/steps/", page).status_code == 302
    assert [one.outcome for one in CallAttempt.objects.order_by("id")] == ["busy", "no_answer"]
