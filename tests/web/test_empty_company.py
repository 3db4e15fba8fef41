"""A company that was just opened and has nothing: every page of every role works and says what to do next."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import User
from accounts.people_actions import Said, invite
from tests.access_matrix import MATRIX, REPORTS
from tests.addresses import ADDRESSES, Address, named
from tests.setting_up import now, opened, words
from work.models import Run

pytestmark = pytest.mark.django_db

EMPTY: dict[str, str | tuple[str, ...] | dict[str, str]] = {
    "home": {
        "agent": "Your desk is clear When somebody rings, press N",
        "biller": "No claims yet Enter the first one",
        "supervisor": "New ones appear here, the most urgent first.",
        "admin": "The set-up is not over",
    },
    "escalations:list": "Nothing has been filed yet.",
    "escalations:transfers": "Find the patient, and begin there.",
    "triage:board": "No ticket is late, due today, unassigned or waiting too long.",
    "callbacks:board": "stand here from when they are filed until the patient has been called.",
    "inbox:list": "You are told here when a ticket of yours is due soon or late",
    "reports:overview": "No ticket with a due date was resolved in this period.",
    **{f"reports:{key}": "Reports fill by themselves as tickets are filed and resolved" for key in REPORTS},
    "reports:attainment": "No ticket with a due date was resolved in this period.",
    "reports:ageing": "No ticket is running.",
    "guide:reports": "Each rule and each type of the guide has an “Unclear?”.",
    "patients:list": "Patients you open are listed here",
    "payers:list": "Add the ones you bill.",
    "deductibles:claims": "Enter the first one: patient, coverage, charges.",
    "deductibles:holds": "A completed claim appears here when its patient’s deductible is not met.",
    "deductibles:work": "Nothing needs you",
    "deductibles:work_returned": "No claim was rejected that nobody has corrected.",
    "deductibles:work_unwritten": "The last submission wrote every claim that was queued.",
    "deductibles:work_unpaid": "Every remittance about a claim that waits was posted.",
    "deductibles:work_rejected": "No payer rejects a question.",
    "deductibles:work_coverage": "Every payer that answered says that coverage is active.",
    "deductibles:work_lines": "Every answer can be acted on.",
    "deductibles:work_unknown": "The deductible of every claim that waits is known.",
    "deductibles:work_deadline": "No claim that has not left is near its filing deadline.",
    "deductibles:work_unanswered": "Every held claim was answered on its newest dates.",
    "deductibles:work_no_end": "No claim is held without a release date.",
    # The list is there in December alone, by the company's own date.
    "deductibles:work_plan_year": (
        "plan year ends while they are held",
        "No held claim outlasts its plan year.",
    ),
    "deductibles:submissions": "Claims that are queued for submission go out in one file each night",
    "deductibles:arrivals": "After a file was handed over, its acknowledgements appear here by themselves.",
    "deductibles:worth": "A claim stands in the ledger once it was held, released, and paid",
    "deductibles:worth_claims": "A claim stands here once it was held, released, and paid",
    "deductibles:worth_tests": "A back-test you begin appears here",
    "deductibles:worth_forecast": "It is made after each nightly check, from the history of your own holds.",
    "runs:list": "and everything else that takes long appears here.",
    "deductibles:runs": "The first one starts by itself about 03:00 UTC.",
    "deductibles:provider": "There is no billing provider yet. Until one is saved:",
    "deductibles:connections": "Not connected",
    "imports:list": "A file you bring appears here with what was found in it.",
    **{
        f"imports:{kind}": "A file you bring appears here with what was found in it."
        for kind in ("patients", "payers", "claims", "tickets")
    },
    "people:list": "Invite somebody",
    "teams:list": "No shifts are planned yet: choose a person to plan their week.",
    "hooks:list": "Add the address of a system of yours",
    "emergency:page": "No patient was read in an emergency.",
    "everything:page": "A file that was made appears here",
    "audit:list": "Nothing in these days",
    "accounts:tokens": "Make one when a program of yours needs to read or write",
    "setup:guide": "1 of 11 steps done.",
    "setup:summary": "Whether anybody backs up the database",
    "policy:publish": "There is no draft",
    "policy:versions": "Version 1",
}
"""What each page that lists something says when there is nothing, by role where roles are told otherwise."""

NO_LIST = {
    **dict.fromkeys(["search", "gallery", "guide:page", "deductibles:help"], "the same to all"),
    **dict.fromkeys(
        ["accounts:signed_in_again", "accounts:sessions", "usersessions_list", "accounts:kept", "provider:link",
         "provider:again", "inbox:choices"],
        "one's own account",
    ),
    **dict.fromkeys(
        ["escalations:new", "escalations:which", "patients:new", "payers:new", "deductibles:claim_new", "people:new",
         "teams:new", "hooks:new", "policy:type_new", "policy:fork_new", "policy:import"],
        "a form to fill in",
    ),
    **dict.fromkeys(
        ["company", "setup:hours", "setup:holidays", "calendars:calendar", "policy:overview", "policy:lists",
         "policy:words", "policy:general", "policy:which", "policy:order", "policy:names", "sign_in:page",
         "deductibles:settings", "deductibles:worth_rates", "deductibles:sending", "mailing:page",
         "deductibles:connection_arboost", "deductibles:connection_clearinghouse"],
        "settings as they are in force",
    ),
    **dict.fromkeys(["policy:bench", "deductibles:bench"], "a question of one's own"),
    **dict.fromkeys(["escalations:transfer_panel", "inbox:count", "inbox:people"], "a part of a page"),
    **dict.fromkeys(
        [f"imports:{kind}_template" for kind in ("patients", "payers", "claims", "tickets")], "a file of heads"
    ),
    "runs:routines": "what the server does by the clock",
}  # fmt: skip
"""Pages that list nothing of a company's, each with what it is."""

FOR_BUILDERS = {"gallery"}
DEMO = re.compile(
    r"\b(acme|holdline-demo|otherside|sandbox|stand-?in|invented|lorem|nan|none type|infinity)\b",
    re.IGNORECASE,
)
"""Words of the demo, and figures that come of dividing by nothing."""

PLAIN = [address for address in ADDRESSES if address.name in MATRIX and not address.parts]
PAGES = [one for one in PLAIN if not one.is_api and "in" in MATRIX[one.name]["GET"].values()]
ENDPOINTS = [one for one in PLAIN if one.is_api and "in" in MATRIX[one.name]["GET"].values()]
POSTED = [one for one in PLAIN if "in" in MATRIX[one.name]["POST"].values()]


@pytest.fixture
def office(db: None, settings: Any) -> dict[str, User]:
    """One of each role in a company that was just opened, on a server that names no vendors."""
    settings.ARBOOST_URL = settings.CLEARINGHOUSE_URL = ""
    nora = opened()
    nora.set_password("seven quiet lanterns")
    nora.save()
    said = {role: Said(role.capitalize(), "Person", "", role) for role in ("agent", "biller", "supervisor")}
    made = {role: invite(one, username=f"{role}-1", by=nora, at=now()) for role, one in said.items()}
    return {**made, "admin": nora}


def readers(address: Address, verb: str = "GET") -> list[str]:
    return [role for role, said in MATRIX[address.name][verb].items() if said == "in"]


def test_every_page_says_what_it_shows_when_there_is_nothing() -> None:
    names = {address.name for address in PAGES}
    assert names - EMPTY.keys() - NO_LIST.keys() == set(), "say in EMPTY what it shows in a new company"
    assert (EMPTY.keys() | NO_LIST.keys()) - names == set(), "these pages are gone; take their rows out"
    assert not EMPTY.keys() & NO_LIST.keys()


@named(PAGES)
def test_a_page_of_an_empty_company_works_for_every_role(
    address: Address, office: dict[str, User], page_as: Any
) -> None:
    for role in readers(address):
        answer = page_as(office[role]).get(address.path(None))
        assert answer.status_code in (200, 302, 409), f"{role}: {answer.status_code}"
        if answer.status_code != 200 or "text/html" not in answer["Content-Type"]:
            continue
        said = words(answer)
        if address.name not in FOR_BUILDERS:
            found = DEMO.search(said)
            assert found is None, (
                f"{role}: {said[max(0, found.start() - 60) : found.end() + 60]}" if found else ""
            )
        expected = EMPTY.get(address.name, "")
        wanted = expected.get(role, "") if isinstance(expected, dict) else expected
        either = wanted if isinstance(wanted, tuple) else (wanted,)
        assert any(one in said for one in either), f"{role}: {said[:900]}"


@named(ENDPOINTS)
def test_an_endpoint_of_an_empty_company_answers_every_role(
    address: Address, office: dict[str, User], api: Any
) -> None:
    for role in readers(address):
        answer = api(office[role]).get(address.path(None))
        assert answer.status_code == 200, f"{role}: {answer.status_code}"
        assert not re.search(r"NaN|Infinity", answer.content.decode())


@named(POSTED)
def test_nothing_that_is_sent_to_an_empty_company_fails(
    address: Address, office: dict[str, User], page_as: Any, api: Any
) -> None:
    for role in readers(address, "POST"):
        if address.is_api:
            answer = api(office[role]).post(address.path(None), {})
        else:
            answer = page_as(office[role]).post(address.path(None), {})
        assert answer.status_code < 500, f"{role}: {answer.status_code}"


def test_the_nights_of_an_empty_company_run_and_find_nothing(office: dict[str, User]) -> None:
    for command in ("nightly_check", "nightly_submission"):
        call_command(command, company="north", stdout=StringIO(), stderr=StringIO())
    assert {run.kind: run.state for run in Run.objects.all()} == {"check": "done", "submission": "done"}
    call_command("sweep", stdout=StringIO(), stderr=StringIO())


def test_the_first_page_shows_nights_that_had_nothing_to_do(office: dict[str, User], page_as: Any) -> None:
    call_command("nightly_check", company="north", stdout=StringIO(), stderr=StringIO())
    assert "0 of 0 due checks were answered" in words(page_as(office["admin"]).get("/"))


def test_the_audit_of_a_new_company_begins_with_its_opening(office: dict[str, User], page_as: Any) -> None:
    assert "Open company" in words(page_as(office["admin"]).get("/settings/audit/?show=holdline"))
