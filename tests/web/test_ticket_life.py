"""The whole life of a ticket on its page, as a browser without script lives it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from escalations import actions
from escalations.models import Alert, Breach, Proposal, Ticket, TicketEvent
from escalations.policies import calendar_of
from escalations.queries import tickets_of
from escalations.screens import moment_words
from patients.models import Patient
from tests.tickets import filed, step
from tests.web.ticket_page import PageAs, due_words, page, part, send, text_of, url
from tests.world_rows import file_ticket

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=40)


@pytest.fixture
def ticket(ana: User, patient: Patient) -> Ticket:
    return file_ticket(ana, patient=patient.pk, at=datetime.now(UTC) - timedelta(days=1))


@pytest.fixture
def late(ana: User, patient: Patient) -> Ticket:
    """Filed long ago, and swept: its breach is on record and its alert climbs."""
    made = file_ticket(ana, patient=patient.pk, at=datetime.now(UTC) - LONG_AGO)
    actions.act(made, "take", by=ana, at=made.received_at)
    actions.watch_clocks(at=datetime.now(UTC))
    return tickets_of(ana).get(pk=made.pk)


# What each step asks


def test_each_reason_to_wait_says_whether_the_clock_stands_still_k9_k10(
    page_as: PageAs, ana: User, patient: Patient
) -> None:
    update = filed("insurance-update", ana, patient, datetime.now(UTC))
    dialog = part(page(page_as(ana), update), 'id="do-wait"', "</dialog>")
    insurer = part(dialog, "Waiting for the insurer", "</label>")
    assert "the clock keeps running" in insurer, "the insurer's answer is inside the turnaround (K10)"
    assert "the clock stands still" in part(dialog, "Waiting for the patient", "</label>")


def test_a_waiting_ticket_says_what_its_dates_will_be_if_resumed_now_k9(
    page_as: PageAs, ana: User, ticket: Ticket
) -> None:
    at = datetime.now(UTC) - timedelta(days=30)
    Ticket.objects.filter(pk=ticket.pk).update(created_at=at, received_at=at)
    old = file_ticket(ana, patient=ticket.patient_id or 0, at=at)
    actions.act(old, "wait", by=ana, at=at + timedelta(hours=2), facts={"reason": "patient"})
    before = page(page_as(ana), old)
    send(page_as(ana), old, "resume")
    assert f"due {due_words(old)}" in before.split('class="due-note"')[1], "the date it has once resumed"
    assert "The clock stands still" in before and "counted as if it ended now" in before


@pytest.mark.parametrize("was_late", [False, True])
def test_reopening_says_beforehand_what_the_next_clock_will_be_k11(
    page_as: PageAs, ana: User, sue: User, ticket: Ticket, late: Ticket, was_late: bool
) -> None:
    chosen = late if was_late else ticket
    step(chosen, "resolve", ana, outcome="Itemized bill sent")
    dialog = part(page(page_as(sue), chosen), 'id="do-reopen"', "</dialog>")
    assert ("The cycle before was late" in dialog) is was_late
    send(page_as(sue), chosen, "reopen", reason="The copy lacks a page.")
    assert f"due {due_words(chosen)}" in dialog


def test_people_are_offered_with_what_they_have_open(
    page_as: PageAs, ana: User, sue: User, ticket: Ticket
) -> None:
    step(ticket, "take", ana)
    dialog = part(page(page_as(sue), ticket), 'id="do-assign"', "</dialog>")
    assert "Ana Example (agent), 1 open" in dialog and "Sue Example (supervisor), 0 open" in dialog
    send(page_as(sue), ticket, "assign", user="sue")
    assert Ticket.objects.get(pk=ticket.pk).assignee == sue


def test_cancelling_keeps_the_reason(page_as: PageAs, ana: User, ticket: Ticket) -> None:
    send(page_as(ana), ticket, "cancel", reason="Filed for the wrong patient.")
    assert "Filed for the wrong patient." in page(page_as(ana), ticket)
    assert Ticket.objects.get(pk=ticket.pk).status == "cancelled"


# Late, and who sees to it (K15)


def test_an_open_alert_says_who_was_told_and_is_answered_by_one_button(
    page_as: PageAs, ana: User, late: Ticket
) -> None:
    before = page(page_as(ana), late)
    assert "Late, and nobody has said that they see to it." in before
    assert "Told so far: Ana Example," in before and "Next: " in before
    send(page_as(ana), late, "acknowledge")
    after = page(page_as(ana), late)
    assert "nobody has said" not in after and "Ana Example sees to it since" in after
    assert not Alert.objects.filter(ticket=late, acknowledged_at=None).exists()


def test_why_it_was_late_is_asked_once_with_the_policys_reasons(
    page_as: PageAs, ana: User, late: Ticket
) -> None:
    before = page(page_as(ana), late)
    assert f"Ran past the due time, {due_words(late)}." in before and "#do-explain" in before
    assert "The insurer did not answer" in part(before, 'id="do-explain"', "</dialog>")
    send(page_as(ana), late, "explain", reason="insurer", note="Two letters.")
    after = page(page_as(ana), late)
    assert "Because: The insurer did not answer." in after and "Two letters." in after
    assert "do-explain" not in after
    assert send(page_as(ana), late, "explain", reason="other").status_code == 409


def test_a_ticket_that_was_never_late_is_not_asked(page_as: PageAs, ana: User, ticket: Ticket) -> None:
    html = page(page_as(ana), ticket)
    assert "do-explain" not in html and "I see to it" not in html


def test_a_breach_whose_date_was_moved_stays_and_says_so_k14(
    page_as: PageAs, ana: User, late: Ticket
) -> None:
    now = datetime.now(UTC)
    Breach.objects.filter(ticket=late).update(moved_to=now + timedelta(days=3), moved_at=now)
    html = page(page_as(ana), late)
    moved = moment_words(now + timedelta(days=3), calendar_of(late.calendar_version), now)
    assert f"Its date was moved to {moved} on " in html and "The breach stays on record." in html
    assert "Ran past the due time" in html


# What the rules propose beside it


class TestProposals:
    @pytest.fixture
    def update(self, ana: User, patient: Patient) -> Ticket:
        """An insurance update sent so long ago that a Supervisor Escalation is proposed (R-INS-3)."""
        sent = (datetime.now(UTC) - timedelta(days=100)).date().isoformat()
        return filed("insurance-update", ana, patient, datetime.now(UTC), answers={"sent_on": sent})

    def test_setting_it_aside_needs_a_reason_and_keeps_it_away(
        self, page_as: PageAs, ana: User, update: Ticket
    ) -> None:
        client = page_as(ana)
        assert "R-INS-3" in page(client, update)
        answer = send(client, update, "decline", rule="R-INS-3", reason="")
        assert answer.status_code == 400 and 'href="#decline-R-INS-3"' in text_of(answer)
        assert not Proposal.objects.exclude(decision="").exists()
        send(client, update, "decline", rule="R-INS-3", reason="The payer answered this morning.")
        row = Proposal.objects.get(rule="R-INS-3")
        assert (row.decision, row.reason, row.decided_by) == (
            "dismissed",
            "The payer answered this morning.",
            ana,
        )
        assert 'id="decline-R-INS-3"' not in page(client, update)
        actions.watch_clocks(at=datetime.now(UTC))
        assert Proposal.objects.filter(rule="R-INS-3").count() == 1, "it is not proposed again"

    def test_what_no_rule_proposes_cannot_be_set_aside(
        self, page_as: PageAs, ana: User, ticket: Ticket
    ) -> None:
        answer = send(page_as(ana), ticket, "decline", rule="R-INS-3", reason="Not needed.")
        assert answer.status_code == 409 and "proposes nothing" in text_of(answer)
        assert not Proposal.objects.exists()


# Two people at once


class TestTwoPeople:
    def test_the_second_is_told_all_that_happened_and_keeps_what_they_typed(
        self, page_as: PageAs, ana: User, sue: User, ticket: Ticket
    ) -> None:
        first, second = page_as(ana), page_as(sue)
        seen = re.search(r'name="version" value="(\d+)"', page(second, ticket))
        assert seen is not None
        send(first, ticket, "take", version=seen[1])
        send(first, ticket, "comment", note="Bill is printed.")
        send(first, ticket, "start", version="2")
        answer = send(second, ticket, "resolve", outcome="Already had it", note="Rang her.", version=seen[1])
        html = text_of(answer)
        assert answer.status_code == 409
        told = part(html, 'class="conflict-news"', "</ul>")
        assert re.findall(r'class="strong">(\w+)<', told) == ["Taken", "Note", "Started"]
        assert "Ana Example" in told and "Bill is printed." in told
        assert f"Ana Example changed {ticket.number} while you looked at it." in html
        again = part(html, 'id="step-resolve"', "</form>")
        assert 'value="Already had it"' in again and "Rang her." in again
        assert Ticket.objects.get(pk=ticket.pk).status == "started", "it stands as the first one left it"

    def test_sending_it_again_goes_through(
        self, page_as: PageAs, ana: User, sue: User, ticket: Ticket
    ) -> None:
        step(ticket, "take", ana)
        facts = {"reason": "patient", "note": "He sends proof."}
        html = text_of(send(page_as(sue), ticket, "wait", version="1", **facts))
        again = part(html, 'id="step-wait"', "</form>")
        version = re.search(r'name="version" value="(\d+)"', again)
        assert version is not None and 'value="patient" id="wait-reason-2" checked' in again
        send(page_as(sue), ticket, "wait", version=version[1], **facts)
        assert Ticket.objects.get(pk=ticket.pk).status == "waiting"

    def test_what_cannot_be_done_any_more_is_kept_as_a_note(
        self, page_as: PageAs, ana: User, sue: User, ticket: Ticket
    ) -> None:
        step(ticket, "resolve", ana, outcome="Itemized bill sent")
        answer = send(page_as(sue), ticket, "cancel", version="1", reason="Filed twice", note="See E-7.")
        html = text_of(answer)
        assert answer.status_code == 409 and "Resolved: Itemized bill sent" in html
        assert "Filed twice. See E-7" in part(html, 'id="comment-note"', "</textarea>")

    def test_lines_of_before_the_version_that_was_seen_are_not_told_again(
        self, page_as: PageAs, ana: User, sue: User, ticket: Ticket
    ) -> None:
        step(ticket, "take", ana)
        step(ticket, "start", ana)
        html = text_of(send(page_as(sue), ticket, "cancel", version="2", reason="x"))
        told = part(html, 'class="conflict-news"', "</ul>")
        assert "Started" in told and "Taken" not in told and "Filed" not in told


# Why this date, and what to say


def test_an_earlier_cycle_keeps_its_ledger_k11_k19(
    page_as: PageAs, ana: User, sue: User, late: Ticket
) -> None:
    was = due_words(late)
    step(late, "resolve", ana, outcome="Itemized bill sent")
    step(late, "reopen", sue, reason="Again.")
    html = page(page_as(ana), late)
    folded = part(html, 'class="earlier-ledger"', "</details>")
    assert "Cycle 1: late, due" in folded and "day 0" in folded and "Due at close" in folded
    assert f"Ran past the due time of cycle 1, {was}." in html


def test_a_backdated_filing_says_received_and_filed_by_whom_k18(
    page_as: PageAs, ana: User, patient: Patient
) -> None:
    now = datetime.now(UTC)
    early = filed("refund", ana, patient, now, received_at=(now - timedelta(days=5)).isoformat())
    calendar = calendar_of(early.calendar_version)
    html = page(page_as(ana), early)
    assert f"Received {moment_words(now - timedelta(days=5), calendar, now)}, filed" in html
    assert "by Ana Example. The clock counts from receiving it." in html


def test_the_sentence_for_the_patient_stands_on_the_page(page_as: PageAs, ana: User, late: Ticket) -> None:
    html = page(page_as(ana), late)
    assert "Tell the patient now" in html and "We are sorry" in html


@pytest.mark.parametrize("who", ["ana", "ben", "sue"])
def test_the_page_takes_few_queries_whatever_belongs_to_the_ticket(
    page_as: PageAs, cast: dict[str, User], late: Ticket, who: str, django_assert_max_num_queries: Any
) -> None:
    ana, sue = cast["ana"], cast["sue"]
    filed("refund", ana, late.patient, datetime.now(UTC))
    for index in range(8):
        other = filed("supervisor", ana, late.patient, datetime.now(UTC))
        actions.link_tickets(late, "follows", other.number, by=ana, at=datetime.now(UTC))
        TicketEvent.objects.create(
            company=late.company, ticket=late, act="comment", at=datetime.now(UTC), by=sue, title=f"{index}"
        )
    client = page_as(cast[who])
    client.get(url(late))
    with django_assert_max_num_queries(12):
        client.get(url(late))
