"""What a page costs does not depend on how much there is: queries of every address at 1, 3 and 50 rows.

Generated from the URL configuration: every address a GET is for needs a size class in ``CLASSES``. A page that
asks more for more rows fails by name, with the relation django-zeal finds asked once a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from zeal import ZealError, zeal_context
from zeal.apps import ZealConfig

from accounts import clocks
from accounts.models import User
from config.watching import notices
from deductibles.domain.worklists import LISTS
from tests import world as worlds
from tests.access_matrix import MATRIX, REPORTS, WHO
from tests.addresses import ADDRESSES, Address

pytestmark = pytest.mark.django_db

LIST, PAGE, HOUSE = 8, 12, 13
"""The most queries a list of tickets or holds, any other page (speed 3), and an admin's first page may cost,
which looks at everything of the house."""

CLASSES: dict[str, int] = {
    "home": HOUSE,
    "search": LIST,
    "gallery": PAGE,
    "accounts:kept": PAGE,
    "accounts:sessions": PAGE,
    "accounts:signed_in_again": PAGE,
    "accounts:tokens": PAGE,
    "usersessions_list": PAGE,
    "schema": PAGE,
    "docs": PAGE,
    "escalations:list": LIST,
    "escalations:new": PAGE,
    "escalations:which": PAGE,
    "escalations:ticket": PAGE,
    "escalations:retype": PAGE,
    "escalations:file": PAGE,
    "escalations:file_thumbnail": PAGE,
    "triage:board": PAGE,
    "triage:preview": PAGE,
    "triage:act": PAGE,
    "inbox:list": LIST,
    "inbox:count": LIST,
    "inbox:choices": LIST,
    "inbox:people": LIST,
    "guide:page": PAGE,
    "guide:reports": LIST,
    "callbacks:board": LIST,
    "callbacks:call": PAGE,
    "audit:list": LIST,
    "audit:act": LIST,
    "policy:bench": LIST,
    "deductibles:bench": LIST,
    "company": PAGE,
    "setup:guide": PAGE,
    "setup:hours": PAGE,
    "setup:holidays": PAGE,
    "setup:summary": PAGE + 4,  # it looks at everything that a set-up asks, once in a while
    "imports:list": LIST,
    "imports:patients": LIST,
    "imports:patients_template": LIST,
    "imports:patients_one": PAGE,
    "imports:payers": LIST,
    "imports:payers_template": LIST,
    "imports:payers_one": PAGE,
    "imports:claims": LIST,
    "imports:claims_template": LIST,
    "imports:claims_one": PAGE,
    "imports:tickets": LIST,
    "imports:tickets_template": LIST,
    "imports:tickets_one": PAGE,
    "people:list": LIST,
    "people:new": PAGE,
    "people:person": PAGE,
    "teams:list": LIST,
    "teams:new": PAGE,
    "teams:team": PAGE,
    "teams:shifts": PAGE,
    "sign_in:page": PAGE,
    "provider:again": PAGE,
    "provider:link": PAGE,
    "mailing:page": PAGE,
    "hooks:list": LIST,
    "hooks:new": PAGE,
    "hooks:endpoint": PAGE,
    "hooks:edit": PAGE,
    "hooks:delivery": PAGE,
    "reports:overview": PAGE,
    **{f"reports:{key}": PAGE for key in REPORTS},
    "policy:lists": PAGE,
    "policy:words": PAGE,
    "policy:overview": PAGE,
    "policy:type": PAGE,
    "policy:type_new": PAGE,
    "policy:question": PAGE,
    "policy:question_new": PAGE,
    "policy:rule": PAGE,
    "policy:rule_new": PAGE,
    "policy:publish": PAGE,
    "policy:general": PAGE,
    "policy:which": PAGE,
    "policy:order": PAGE,
    "policy:names": PAGE,
    "policy:fork": PAGE,
    "policy:fork_new": PAGE,
    "policy:import": PAGE,
    "policy:versions": LIST,
    "policy:version": PAGE,
    "policy:file": PAGE,
    "policy:move": PAGE,
    "policy:undo": PAGE,
    "calendars:calendar": PAGE,
    "calendars:undo": PAGE,
    "emergency:page": LIST,
    "everything:page": LIST,
    "patients:list": LIST,
    "patients:new": PAGE,
    "patients:patient": PAGE,
    "patients:edit": PAGE,
    "patients:contact": PAGE,
    "patients:marks": PAGE,
    "escalations:transfers": PAGE,
    "escalations:transfer_panel": PAGE,
    "escalations:of_patient": LIST,
    "deductibles:of_patient": LIST,
    "payers:list": LIST,
    "payers:new": PAGE,
    "payers:payer": PAGE,
    "payers:edit": PAGE,
    "tables:columns": PAGE,
    "tables:views": PAGE,
    "deductibles:claims": LIST,
    "deductibles:claim_new": PAGE,
    "deductibles:claim": PAGE + 1,  # three of them once a minute and reader: who read the patient
    "deductibles:claim_edit": PAGE,
    "deductibles:claim_review": PAGE,
    "deductibles:holds": LIST,
    "deductibles:holds_history": PAGE,
    "deductibles:hold_act": PAGE,
    "deductibles:help": PAGE,
    "deductibles:worth_tests": LIST,
    "deductibles:worth_test": PAGE,
    "deductibles:work": LIST,
    **{f"deductibles:{one.url_name}": LIST for one in LISTS},
    "deductibles:work_aside": PAGE,
    "deductibles:submissions": LIST,
    "deductibles:submission": PAGE,
    "deductibles:submission_file": PAGE,
    "deductibles:arrivals": LIST,
    "deductibles:arrival": PAGE,
    "deductibles:arrival_file": PAGE,
    "deductibles:worth_forecast": LIST,
    "deductibles:worth": PAGE,
    "deductibles:worth_claims": LIST,
    "deductibles:worth_rates": PAGE,
    "deductibles:settings": PAGE,
    "deductibles:provider": PAGE,
    "deductibles:sending": PAGE,
    "deductibles:connections": LIST,
    "deductibles:connection_arboost": PAGE,
    "deductibles:connection_clearinghouse": PAGE,
    "deductibles:runs": LIST,
    "runs:list": LIST,
    "runs:routines": LIST,
    "deductibles:run": PAGE,
    "api-patients": LIST,
    "api-patient": PAGE,
    "api-payers": LIST,
    "api-payer": PAGE,
    "api-escalation-types": PAGE,
    "api-escalations": LIST,
    "api-escalation": PAGE,
    "api-escalation-ledger": PAGE,
    "api-escalation-events": LIST,
    "api-escalation-links": LIST,
    "api-attachment": PAGE,
    "api-notifications": LIST,
    "api-claims": LIST,
    "api-claim": PAGE,
    "api-claim-audit": PAGE,
    "api-claim-advice": PAGE,
    "api-holding-forecast": LIST,
    "api-holds": LIST,
    "api-holding-ledger": LIST,
    "api-holding-ledger-summary": PAGE,
    "api-deductible-settings": PAGE,
    "api-billing-provider": PAGE,
    "api-back-tests": LIST,
    "api-back-test": PAGE,
    "api-runs": LIST,
    "api-nightly-runs": LIST,
    "api-nightly-run": PAGE,
    "api-submissions": LIST,
    "api-acknowledgements": LIST,
    "api-submission-file": PAGE,
    "api-webhooks": LIST,
    "api-webhook": LIST,
    "api-webhook-deliveries": LIST,
    "api-webhook-delivery": LIST,
    "api-webhook-events": LIST,
    "api_not_here": PAGE,
}

READ = {
    address.name: address
    for address in ADDRESSES
    if "in" in MATRIX.get(address.name, {}).get("GET", {}).values()
}


def _readers(address: Address) -> list[str]:
    return [person for role, person in WHO.items() if MATRIX[address.name]["GET"][role] == "in"]


def _cost(client: Client, path: str) -> CaptureQueriesContext:
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path)
        b"".join(answer) if answer.streaming else answer.content
    assert answer.status_code in (200, 302, 404, 409), f"{path} answers {answer.status_code}"
    return asked


@pytest.fixture(scope="module")
def zeal() -> None:
    """Let zeal watch the ORM of this process; it speaks only inside :func:`_named`."""
    ZealConfig.create("zeal").ready()


@contextmanager
def _named(found: list[str]) -> Iterator[None]:
    try:
        with zeal_context():
            yield
    except ZealError as error:
        found.append(str(error))


def _asked_once_a_row(client: Client, path: str) -> str:
    found: list[str] = []
    client.raise_request_exception = True
    with _named(found):
        client.get(path)
    return found[0] if found else "no relation of the ORM; compare the statements"


def test_every_address_that_is_read_has_a_size_class() -> None:
    assert READ.keys() - CLASSES.keys() == set(), "say in CLASSES what this page may cost: LIST or PAGE"
    assert CLASSES.keys() - READ.keys() == set(), "these addresses are gone; take their classes out"


def test_no_page_costs_more_for_more_rows(
    cast: dict[str, User], page_as: Any, zeal: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Speed 3: the same queries for 1, 3 and 50 rows of everything, and few of them.

    The page of a claim is asked for as a draft, held and submitted; the page of a ticket as filed and waiting.
    The banners and the session's clock are looked at once: their queries fall on one page a minute.
    """
    monkeypatch.setattr(clocks, "GRAIN", 3600)
    for lasts in ("REMEMBER_SOUND", "REMEMBER_TROUBLE"):
        monkeypatch.setattr(notices, lasts, 3600)
    for person in cast.values():
        notices.notices_for(person)
    world = worlds.make_world(cast)
    standings = worlds.make_standings(world, cast)
    clients = {person: page_as(cast[person]) for person in WHO.values()}
    asked = [
        (address, person, path)
        for address in READ.values()
        for person in _readers(address)
        for path in worlds.places(address, world, standings).values()
    ]
    costs: dict[tuple[str, str], list[int]] = {(person, path): [] for _, person, path in asked}
    for count in (1, 3, 50):
        worlds.grow(world, cast, count)
        for standing in standings.values():
            worlds.grow_inside(standing, count)
        for _, person, path in asked:
            if count == 1:
                _cost(clients[person], path)  # what a process keeps from its first request is not the page's
            costs[person, path].append(len(_cost(clients[person], path)))
    wrong = []
    for address, person, path in asked:
        counted = costs[person, path]
        if counted[1] != counted[2]:
            why = _asked_once_a_row(clients[person], path)
            wrong.append(f"{path} for {person} asks {counted} times for 1, 3 and 50 rows: {why}")
        if max(counted) > CLASSES[address.name]:
            wrong.append(f"{path} for {person} asks {counted} times, not {CLASSES[address.name]}")
    assert not wrong, "\n".join(wrong)


def test_a_page_that_asks_once_a_row_is_caught_and_named(cast: dict[str, User], zeal: None) -> None:
    """The negative control: zeal sees a relation that is asked row by row."""
    world = worlds.make_world(cast)
    worlds.grow(world, cast, 3)
    found: list[str] = []
    with _named(found):
        [str(row.payer) for row in worlds.Coverage.objects.filter(company=world.company)]
    assert found and "Coverage.payer" in found[0]
