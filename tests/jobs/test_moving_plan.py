"""Every table has its place in the plan of what comes along; the order holds; numbers inside are known."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from config.moving import rewriting
from config.moving.plan import BY_MODEL, TABLES, Fate
from config.moving.tables import histories, shapes
from config.product import VERSION


class Known:
    """Keys that add a thousand to every id, but know no 404."""

    def new(self, model: str, old: int) -> int | None:
        return None if old == 404 else old + 1_000

    def name(self, old: str) -> str | None:
        return {"a" * 22: "b" * 22}.get(old)


def test_every_table_stands_in_the_plan_once() -> None:
    told = {event._meta.label for event, _ in histories()}
    tables = [one._meta.label for one in apps.get_models(include_auto_created=True)]
    assert {one for one in tables if one not in told} - set(BY_MODEL) == set()
    assert set(BY_MODEL) - set(tables) == set()
    assert len(BY_MODEL) == len(TABLES)
    assert {tracked for _, tracked in histories()} <= set(BY_MODEL)


def test_what_does_not_come_in_says_why() -> None:
    assert [one.model for one in TABLES if (one.fate != Fate.MOVES) != bool(one.why)] == []


def test_a_reference_leads_to_a_table_above_or_is_set_later() -> None:
    seen = {"accounts.Company"}
    for shape in shapes():
        if shape.moves and not shape.history:
            ahead = {
                column for column, model in shape.references.items()
                if model not in seen and model != "accounts.Company"
            }  # fmt: skip
            assert ahead == set(shape.plan.later), shape.label
            seen.add(shape.label)


def test_secrets_are_in_no_column_of_the_file() -> None:
    named = {f"{one.label}.{column}" for one in shapes() for column in (*one.names, *one.plan.contents)}
    secret = {
        "accounts.User.password", "accounts.ApiToken.digest", "accounts.ApiTokenEvent.digest",
        "work.Connection.secret", "work.ConnectionEvent.secret", "work.HookEndpoint.secret",
        "work.HookEndpoint.earlier_secret", "accounts.SignInProvider.secret",
        "accounts.SignInProviderHistory.secret", "patients.Import.sealed", "patients.Import.heads",
    }  # fmt: skip
    assert named & secret == set()
    suspect = {
        one
        for one in named
        if one.rpartition(".")[2] in ("secret", "password", "sealed", "token", "key", "hash")
    }
    assert suspect <= {
        "accounts.Company.key", "accounts.CompanyEvent.key", "accounts.SignInProvider.key",
        "accounts.SignInProviderHistory.key", "escalations.FilingDraft.key",
        "escalations.Notification.key", "deductibles.EntryDraft.key",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rewrite", "before", "after"),
    [
        (rewriting.ids("x.Y"), [1, "2", 404, "no"], [1001, "1002"]),
        (rewriting.skipped, [{"id": 3, "claim": "C-1"}], [{"id": 1003, "claim": "C-1"}]),
        (rewriting.file_names, {"proof": ["a" * 22], "said": "c" * 22}, {"proof": ["b" * 22], "said": "c" * 22}),
        (rewriting.typed, {"patient": ["7"], "note": ["7"]}, {"patient": ["1007"], "note": ["7"]}),
        (rewriting.typed, {"patient": ["404"]}, {"patient": [""]}),
        (rewriting.fact, "breach:7:1:20261130T235723", "breach:1007:1:20261130T235723"),
        (rewriting.fact, "proposal:404", "before:proposal:404"),
        (rewriting.fact, "before:x", "before:x"),
        (rewriting.query, "standing=late&assignee=5&payer=404", "standing=late&assignee=1005"),
        (rewriting.query, "assignee=nobody&days=5", "assignee=nobody&days=5"),
        (rewriting.context, {"user": 5, "act": "file", "url": "/x"}, {"user": 1005, "act": "file"}),
        (rewriting.context, {"run": 404, "company": 1}, {"run": None, "company": 1001}),
    ],
)  # fmt: skip
def test_numbers_inside_a_column_become_the_new_ones(rewrite: Any, before: Any, after: Any) -> None:
    assert rewrite(before, Known()) == after


def test_a_connection_and_a_person_come_without_what_opens_doors() -> None:
    way = rewriting.not_connected(
        {"address": "https://a.example", "notes": "Renew", "from_environment": True}
    )
    assert (way["address"], way["secret"], way["from_environment"]) == ("", "", False)
    assert way["notes"] == "Before the move: https://a.example. Renew"
    assert rewriting.without_rights({"is_superuser": True, "is_staff": True}) == {
        "is_superuser": False, "is_staff": False,
    }  # fmt: skip


def test_the_product_knows_its_version() -> None:
    said = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text())
    assert said["project"]["version"] == VERSION
