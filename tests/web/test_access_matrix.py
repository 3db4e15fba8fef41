"""Who gets in where: every address, every verb, every role, read from the URL configuration itself.

``MATRIX`` says for each address which roles each verb lets in; whatever is not said is refused. An address
without a row fails, so that nobody adds a page or an endpoint without saying who may use it (contract,
"who may").
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.access_matrix import (
    INSIDE,
    MATRIX,
    NOT_OFFERED,
    OWN_ACCOUNT,
    PUBLIC,
    SAFE,
    UNSAFE,
    WHO,
)
from tests.addresses import ADDRESSES, Address
from tests.addresses import named as _names

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world_once")]

FORMS: dict[str, str] = {"deductibles:runs": "kind=check"}
"""What a form must say before its role is judged; the others are sent empty."""


GUARDED = [address for address in ADDRESSES if address.name in MATRIX]
WRITABLE = [a for a in GUARDED if any("in" in MATRIX[a.name][verb].values() for verb in UNSAFE)]
OF_A_LIST = {"tables:columns", "tables:export", "tables:views", "tables:save"}
"""Addresses that name a list, which every company has, and no row of it."""
OF_A_TYPE = {"policy:type", "policy:question", "policy:question_new", "policy:rule", "policy:rule_new"}
OF_A_TYPE |= {"policy:fork"}
"""Addresses that name a type of the policy, or a question of it, of which every company has its own."""

OF_A_ROW = [address for address in GUARDED if address.parts and address.name != "api_not_here"]
OF_A_ROW = [address for address in OF_A_ROW if address.name not in OF_A_LIST | OF_A_TYPE]


def _ask(client: Client, address: Address, verb: str, path: str) -> Any:
    if verb in SAFE:
        return client.generic(verb, path)
    if address.is_api:
        return client.generic(verb, path, "{}", content_type="application/json")
    body = FORMS.get(address.name, "")
    return client.generic(verb, path, body, content_type="application/x-www-form-urlencoded")


def _answers(client: Client, address: Address, path: str) -> dict[str, int]:
    """The status of every verb, asked one after the other by the same browser."""
    return {verb: _ask(client, address, verb, path).status_code for verb in ("GET", "HEAD", *UNSAFE)}


def _anonymous() -> Client:
    return Client(raise_request_exception=False)


def test_every_address_says_who_may_use_it_and_every_row_has_its_address() -> None:
    said = MATRIX.keys() | PUBLIC | OWN_ACCOUNT
    found = {address.name for address in ADDRESSES}
    assert found - said == set(), "add a row to MATRIX: which roles may use it, by which verbs?"
    assert said - found == set(), "these addresses are gone; take their rows out"


@_names(GUARDED)
def test_every_role_is_let_in_or_refused_as_the_contract_says(
    address: Address, world: Any, cast: dict[str, User], page_as: Any
) -> None:
    path = address.path(world)
    welcome = (404,) if address.name == "api_not_here" else INSIDE
    for role, person in WHO.items():
        answers = _answers(page_as(cast[person]), address, path)
        assert max(answers.values()) < 500, f"{role}: {answers}"
        for verb, expected in MATRIX[address.name].items():
            allowed = {"in": welcome, "refused": (403,), "none": NOT_OFFERED}[expected[role]]
            assert answers[verb] in allowed, f"{verb} by {role} answers {answers[verb]}, not {allowed}"


@_names(ADDRESSES)
def test_asking_for_the_verbs_never_fails(
    address: Address, world: Any, cast: dict[str, User], page_as: Any
) -> None:
    path = address.path(world)
    clients = [_anonymous(), *(page_as(cast[person]) for person in WHO.values())]
    assert max(_ask(client, address, "OPTIONS", path).status_code for client in clients) < 500


@_names([address for address in ADDRESSES if address.name not in PUBLIC])
def test_nobody_gets_anything_without_signing_in(address: Address, world: Any) -> None:
    path, client = address.path(world), _anonymous()
    for verb in ("GET", *UNSAFE):
        answer = _ask(client, address, verb, path)
        if address.is_api:
            assert answer.status_code == 401, verb
        elif answer.status_code != 405:
            assert answer.status_code == 302 and answer.url.startswith("/accounts/login/"), verb


@_names([address for address in ADDRESSES if address.name in PUBLIC | OWN_ACCOUNT])
def test_public_and_own_pages_never_fail(
    address: Address, world: Any, cast: dict[str, User], page_as: Any
) -> None:
    path = address.path(world)
    for person in WHO.values():
        answers = _answers(page_as(cast[person]), address, path)
        assert max(answers.values()) < 500, f"{person}: {answers}"
    assert max(_answers(_anonymous(), address, path).values()) < 500


@_names(OF_A_ROW)
def test_another_companys_row_is_not_there_under_any_verb(
    address: Address, world: Any, cast: dict[str, User], page_as: Any
) -> None:
    path = address.path(world)
    for name in ("otto", "bo", "olga"):
        client = page_as(cast[name])
        for verb, expected in MATRIX[address.name].items():
            allowed = {"in": (404,), "refused": (403,), "none": NOT_OFFERED}[expected[cast[name].role]]
            status = _ask(client, address, verb, path).status_code
            assert status in allowed, f"{verb} by {name} answers {status}, not {allowed}"


@_names(WRITABLE)
def test_no_unsafe_verb_works_without_the_forms_token(
    address: Address, world: Any, cast: dict[str, User]
) -> None:
    path = address.path(world)
    for verb in UNSAFE:
        let_in = [role for role, said in MATRIX[address.name][verb].items() if said == "in"]
        for role in let_in[:1]:
            client = Client(raise_request_exception=False, enforce_csrf_checks=True)
            client.force_login(cast[WHO[role]], backend="accounts.backend.People")
            assert _ask(client, address, verb, path).status_code == 403, f"{verb} by {role}"
