"""Every guard rail on every way a ticket can come to be filed, or to be of another type.

``PATHS`` are the ways, ``VIOLATIONS`` a filing that each rule refuses. A rule without a violation fails here, and so
does an address, a step or a function that can file and is no way of ``PATHS``.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path as File
from typing import Any

import pytest
from django.urls import URLResolver, get_resolver

from accounts.models import User
from escalations.domain.states import TICKET
from escalations.models import Ticket, TicketCycle, TicketLink, Waiver
from patients.models import Patient, PatientMark
from tests.access_matrix import MATRIX, REPORTS
from tests.addresses import ADDRESSES
from tests.domain.desk import good, policy_without
from tests.filing_cases import (
    ALLOWED,
    TYPES,
    VIOLATIONS,
    file_good,
    good_body,
    mark,
    refusing_clauses,
    somebody,
)
from tests.filing_paths import API, NEW, PATHS, Desk, Path, form_of

pytestmark = pytest.mark.django_db
SPREAD = True

NOT_FILING = {
    "escalations:list": "searches",
    "escalations:advice": "tells what is typed so far, files nothing",
    "escalations:links": "says how two tickets belong together",
    "escalations:unlink": "ends that",
    "api-escalation-links": "says how two tickets belong together",
    "api-escalation-link": "ends that",
    "escalations:steps": "takes the steps of STEPS; what it does of a draft and a change of type, see below",
    "escalations:discard": "throws away what a form kept",
    "escalations:which": "leads to a type; the ticket is filed on the filing page",
    "escalations:transfers": "notes that a call is being handed over",
    "escalations:transfer_end": "notes whether it was taken",
    "escalations:files": "keeps a file that belongs to no ticket yet",
    "escalations:file_remove": "removes a file that belongs to no ticket yet",
    "escalations:ticket_files": "adds a file to a ticket that was filed; no answer changes by it",
    "escalations:watch": "lets somebody be told of a ticket, or no more",
    "inbox:read": "marks what one was told as read",
    "inbox:choices": "keeps how somebody wants to be told",
    "api-notifications-read": "marks what one was told as read",
    "callbacks:call": "logs a call, and may resolve the ticket by the step",
    "callbacks:step": "takes or starts a callback by the step",
    "triage:live": "tells what has changed on the board",
    "triage:act": "takes one of STEPS that is asked on the board, none that files",
    "triage:bulk": "takes one of the bulk acts, none of which files",
    "api-escalations-bulk": "takes one of the bulk acts, none of which files",
    "calendars:calendar": "makes a version of the calendar and moves due dates",
    "calendars:undo": "puts the calendar before in force again",
    **{f"reports:{key}-export": "takes a report away as a file" for key in REPORTS},
    "guide:unclear": "says that a place of the guide is unclear",
    "guide:reports": "settles what was unclear in the guide",
    "policy:lists": "makes a version of the policy",
    "policy:overview": "begins the draft of the policy, or throws it away",
    "policy:type_new": "adds a type to the draft of the policy",
    "policy:type": "changes a type in the draft of the policy",
    "policy:question_new": "adds a question to the draft of the policy",
    "policy:question": "changes a question in the draft of the policy",
    "policy:rule_new": "adds a rule to the draft of the policy",
    "policy:rule": "changes a rule in the draft of the policy",
    "policy:general": "changes limits, warnings and waits in the draft of the policy",
    "policy:which": "changes the order of “Which ticket?” in the draft",
    "policy:order": "changes the order of the types in the draft",
    "policy:names": "changes names of lists and articles in the draft",
    "policy:fork_new": "adds a question of “Which ticket?” to the draft",
    "policy:fork": "changes a question of “Which ticket?” in the draft",
    "policy:publish": "makes a version of the policy, and moves due dates where that is asked",
    "policy:import": "makes a file the draft of the policy",
    "policy:move": "goes on putting a version over open tickets",
    "policy:undo": "puts the policy before in force again",
    "policy:words": "makes a version of the policy",
    "api-turnaround-preview": "computes a date",
    "api-escalation-advice": "tells, saves nothing",
    "api-attachments": "keeps a file that belongs to no ticket yet",
    "api-escalation-attachments": "adds a file to a ticket that was filed; no answer changes by it",
}
"""Addresses that take a POST and file nothing, each with what it does instead."""

STEPS = {
    "file": "PATHS",
    "retype": "PATHS",
    "take": "leaves what was filed as it is",
    "start": "leaves what was filed as it is",
    "wait": "leaves what was filed as it is",
    "resume": "leaves what was filed as it is",
    "resolve": "ends the ticket",
    "reopen": "starts the next cycle of what was filed",
    "assign": "leaves what was filed as it is",
    "cancel": "ends the ticket",
    "dismiss": "decides about a keyword",
    "contact": "adds to the timeline",
    "comment": "adds to the timeline",
    "call": "logs a call",
    "merge": "ends the ticket in favour of another",
    "acknowledge": "stops the ladder",
    "explain": "says why it was late",
    "decline": "sets a proposal aside",
}
"""Every act of a ticket's life, with what it does to what was filed."""

CALLERS = {
    "escalations/actions/__init__.py": "names them",
    "escalations/actions/filing.py": "defines file_ticket",
    "escalations/actions/retyping.py": "defines retype",
    "escalations/actions/importing.py": "defines take_in_tickets, which takes in what may be filed",
    "escalations/importing/desk.py": "every clause is tried by tests/web/test_tickets_import.py",
    "escalations/actions/steps.py": "the act retype: PATHS",
    "escalations/api/tickets.py": "PATHS",
    "escalations/filing_views.py": "PATHS",
    "config/demo/tickets.py": "files by read_filing and file_ticket, which refuses",
    "config/demo/history.py": "files by read_filing and file_ticket, and changes types by retype, which refuse",
    "config/demo/many.py": "demo data for load, made from tickets that were filed",
}
"""Every file that calls what files a ticket or changes its type."""


@pytest.fixture
def desk(ana: User, sue: User, api: Any, page_as: Any) -> Desk:
    return Desk(ana, sue, api, page_as)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_no_way_leads_past_a_guard_rail(path: Path, desk: Desk) -> None:
    passed = []
    for one in path.tries:
        tried = path.walk(desk, one)
        refused = tried.status == 400 and one.rule in tried.rules
        if not refused or tried.before != tried.after:
            stored = tried.before != tried.after
            passed.append(f"{one}: {tried.status}, {sorted(tried.rules)}, stored: {stored}")
    assert passed == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_the_same_ways_let_a_good_ticket_of_each_type_through(path: Path, desk: Desk) -> None:
    """The negative control: it is the rule that refuses, not the way."""
    tries = {one.type: path.walk(desk, one) for one in ALLOWED}
    assert set(tries) == set(TYPES)
    stopped = {key: one for key, one in tries.items() if one.status not in (200, 201, 302)}
    assert stopped == {}
    assert all(one.before != one.after for one in tries.values())


def test_every_rule_that_refuses_has_a_violation() -> None:
    tried = {(one.type, one.rule, one.part) for one in VIOLATIONS}
    assert set(refusing_clauses()) - tried == set()
    assert tried - set(refusing_clauses()) == set(), "these clauses are gone; take their violations out"


def test_every_rule_is_tried_on_every_way_or_the_way_says_why_not() -> None:
    clauses = set(refusing_clauses())
    for path in PATHS:
        tried = {(one.type, one.rule, one.part) for one in path.tries}
        assert bool(clauses - tried) is bool(path.why_not), path.name
    whole = [path for path in PATHS if not path.why_not]
    assert len(whole) >= 6
    blocks = {(one.type, one.rule, one.part) for one in VIOLATIONS if one.strength == "BLOCK"}
    for path in PATHS:
        left_out = blocks - {(one.type, one.rule, one.part) for one in path.tries}
        assert {rule for _, rule, _ in left_out} <= {"R-ITEM-3"}, path.name


def _writing_addresses(patterns: Any, space: str = "") -> Iterator[str]:
    """The names of all addresses whose view is one of the escalations' and lets somebody in to write."""
    for entry in patterns:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _writing_addresses(entry.url_patterns, inner)
        elif _module_of(entry.callback).startswith("escalations.") and _writes(f"{space}{entry.name}"):
            yield f"{space}{entry.name}"


def _module_of(view: Any) -> str:
    plain = inspect.unwrap(view)
    return (getattr(plain, "cls", None) or getattr(plain, "view_class", None) or plain).__module__


def _writes(name: str) -> bool:
    """Whether the access matrix lets a role in by a verb that writes; one without a row may."""
    row = MATRIX.get(name)
    return row is None or any("in" in row[verb].values() for verb in ("POST", "PUT", "PATCH", "DELETE"))


def test_every_address_that_writes_tickets_is_a_way_or_says_why_it_files_nothing() -> None:
    found = set(_writing_addresses(get_resolver().url_patterns))
    ways = {path.address for path in PATHS}
    assert found - ways - set(NOT_FILING) == set(), "add it to PATHS, or to NOT_FILING with the reason"
    assert ways <= found and not ways & set(NOT_FILING)
    assert set(NOT_FILING) - {one.name for one in ADDRESSES} == set(), "these addresses are gone"


def test_every_step_is_a_way_or_says_what_it_does_to_what_was_filed() -> None:
    assert {step.act for step in TICKET} == set(STEPS)
    assert {act for act, does in STEPS.items() if does == "PATHS"} == {p.act for p in PATHS if p.act}


def test_every_caller_of_what_files_is_known() -> None:
    """Whoever adds a way to file, in pages, tasks, imports or bulk, finds this test and adds a way to PATHS."""
    files = re.compile(r"\b(file_ticket|retype|_moved_draft|take_in_tickets)\(")
    found = {
        str(path)
        for app in ("accounts", "api", "config", "deductibles", "escalations", "patients", "tables", "work")
        for path in File(app).rglob("*.py")
        if files.search(path.read_text(encoding="utf-8"))
    }
    assert found - set(CALLERS) == set(), "add its way to PATHS, then its name to CALLERS"


def test_the_ticket_page_files_no_draft_and_says_where_it_is_done(desk: Desk) -> None:
    body = good_body("refund", somebody(desk.agent))
    desk.browser.post(NEW, form_of({**body, "answers": {}}, do="draft"))
    number = Ticket.objects.get().number
    answer = desk.browser.post(f"/escalations/{number}/steps/", {"act": "file"})
    assert answer.status_code == 409
    assert Ticket.objects.get().status == "draft"


def test_the_ticket_page_changes_no_type_past_a_rule_and_says_what_stands_against_it(desk: Desk) -> None:
    ticket = file_good("refund", somebody(desk.agent), desk.agent)
    client, before = desk.page(desk.supervisor), Ticket.objects.values().get()
    answer = client.post(f"/escalations/{ticket.number}/steps/", {"act": "retype", "type": "appeal"})
    assert answer.status_code == 400
    shown = answer.content.decode()
    for rule in ("R-APPEAL-1", "R-APPEAL-2", "R-APPEAL-3", "R-APPEAL-4"):
        assert any(name.startswith(rule) for name in answer.context["screen"].wrong), rule
    assert "patient stays responsible for the charges" in shown
    assert Ticket.objects.values().get() == before


def test_what_a_type_does_when_it_is_filed_it_does_when_a_ticket_becomes_it_r_dnc_2(desk: Desk) -> None:
    patient = somebody(desk.agent)
    ticket = file_good("refund", patient, desk.agent)
    change = {"act": "retype", "type": "do-not-contact", "answers": {"channels": ["calls", "mail"]}}
    assert desk.directing.post(f"{API}{ticket.number}/steps/", change).status_code == 200
    assert Patient.objects.get(pk=patient.pk).do_not_contact == ["calls", "mail"]


def test_the_ticket_an_answer_names_is_linked_by_a_change_of_answers_too_r_sup_9(desk: Desk) -> None:
    patient = somebody(desk.agent)
    updates = [file_good("insurance-update", patient, desk.agent) for _ in range(2)]
    Ticket.objects.update(answers={**updates[0].answers, "sent_on": "2025-01-06"})
    ticket = file_good("refund", patient, desk.agent)
    for update in (*updates, updates[1], updates[0]):
        answers = {"scenario": "update_overdue", "linked_update": update.number}
        change = {"act": "retype", "type": "supervisor", "answers": answers}
        answer = desk.directing.post(f"{API}{ticket.number}/steps/", change)
        if answer.status_code == 200:
            assert answer.json()["links"] == [{"kind": "names", "number": update.number}]
    assert TicketLink.objects.get().other == updates[0]


def test_filing_on_the_page_takes_at_most_twelve_queries(
    desk: Desk, django_assert_max_num_queries: Any
) -> None:
    body = good_body("itemized-bill", somebody(desk.agent))
    desk.browser.post(NEW, form_of(body, do="file", key="one-of-two-tabs"))
    with django_assert_max_num_queries(12):
        answer = desk.browser.post(NEW, form_of(body, do="file", key="the-other-tab"))
    assert answer.status_code == 302 and Ticket.objects.count() == 2


# What would dodge a block: another type first, or another ticket (R-STOP-2)

STOP = "stop-claim"


def _retyped(desk: Desk, ticket: Ticket, **changes: Any) -> Any:
    body = {"act": "retype", "type": STOP, "answers": good(STOP)["answers"], **changes}
    return desk.directing.post(f"{API}{ticket.number}/steps/", body)


def _refused(answer: Any, rule: str = "R-STOP-2") -> bool:
    return answer.status_code == 400 and rule in {one["rule"] for one in answer.json()["problems"]}


def test_a_claim_is_not_stopped_by_way_of_another_type_r_stop_2(desk: Desk) -> None:
    ticket = file_good("refund", somebody(desk.agent), desk.agent)
    yes = {**good(STOP)["answers"], "compassionate_care_applied": True}
    assert _refused(_retyped(desk, ticket, answers=yes))
    assert Ticket.objects.get().type == "refund"


def test_not_even_a_supervisor_overrides_the_block_of_compassionate_care_r_stop_2(desk: Desk) -> None:
    body = good_body(STOP, somebody(desk.agent))
    body["answers"] |= {"compassionate_care_applied": True}
    override = {"rule": "R-STOP-2", "reason": "It is urgent."}
    answer = desk.directing.post(API, {**body, "override": override})
    assert _refused(answer) and answer.json()["fields"]["overrides"][0]["code"] == "override"
    assert not Ticket.objects.exists()


def test_the_claim_of_a_marked_patient_is_not_stopped_by_way_of_another_type_r_stop_2(desk: Desk) -> None:
    patient = somebody(desk.agent)
    ticket = file_good("refund", patient, desk.agent)
    mark(patient, {"compassionate_care": True}, desk.agent)
    assert _refused(_retyped(desk, ticket))
    PatientMark.objects.update(lifted_at="2026-05-20T10:00:00Z", lifted_reason="Decided.")
    assert _retyped(desk, ticket).status_code == 200, "once the mark is lifted"


def test_an_open_ticket_that_says_so_blocks_like_a_mark_r_stop_2(desk: Desk) -> None:
    patient = somebody(desk.agent)
    paid = {
        "scenario": "approval_with_payment",
        "payment_received": True,
        "payment_date": "2026-05-18",
        "payment_amount": "40",
    }
    client = desk.program
    marked = client.post(API, {**good_body("zbal", patient), "answers": paid})
    assert marked.status_code == 201 and Ticket.objects.get().marks == ["compassionate_care"]
    assert _refused(client.post(API, good_body(STOP, patient)))
    assert _refused(_retyped(desk, file_good("refund", patient, desk.agent)))
    client.post(f"{API}{marked.json()['number']}/steps/", {"act": "resolve", "outcome": "Balance cleared"})
    assert client.post(API, good_body(STOP, patient)).status_code == 201, "once that ticket is over"


def test_a_ticket_cannot_make_itself_a_claim_to_stop_by_what_it_says_of_itself(desk: Desk) -> None:
    """Its own mark is taken away by the change of type, and asked for again by the new one's question."""
    patient = somebody(desk.agent)
    ticket = file_good("zbal", patient, desk.agent)
    yes = {**good(STOP)["answers"], "compassionate_care_applied": True}
    assert _refused(_retyped(desk, ticket, answers=yes))


def test_no_block_can_be_overridden() -> None:
    rules = [rule for kind in policy_without().types for rule in kind.rules if rule.override]
    assert rules and {rule.strength for rule in rules} == {"REQUIRE"}


def test_a_refused_change_of_type_leaves_no_trace(desk: Desk) -> None:
    ticket = file_good("refund", somebody(desk.agent), desk.agent)
    cycle = TicketCycle.objects.values().get()
    before, told = Ticket.objects.values().get(), ticket.events.count()
    assert _refused(_retyped(desk, ticket, answers={}), "R-STOP-1")
    assert Ticket.objects.values().get() == before
    assert TicketCycle.objects.values().get() == cycle
    assert ticket.events.count() == told
    assert not Waiver.objects.exists() and not TicketLink.objects.exists()


def test_a_refused_filing_leaves_the_patient_as_it_was_r_dnc_2(desk: Desk) -> None:
    patient = somebody(desk.agent)
    body = {**good_body("do-not-contact", patient), "channel": ""}
    assert _refused(desk.program.post(API, body), "R-ALL-1")
    assert Patient.objects.get(pk=patient.pk).do_not_contact == []
