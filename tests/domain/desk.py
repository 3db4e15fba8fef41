"""Putting a filing to the shipped policy without a database, with or without one of its rules."""

from __future__ import annotations

import copy
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from escalations.domain.calendar import BusinessCalendar
from escalations.domain.intake import Asking, Intake, evaluate
from escalations.domain.policy import Policy, TicketType
from escalations.policies import shipped_policy

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 5, 20, 10, 0, tzinfo=CHICAGO)
"""A Wednesday morning."""
CALENDAR = BusinessCalendar.from_json(
    {
        "zone": "America/Chicago",
        "hours": {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
        "holidays": ["2026-05-25", "2026-01-01", "2026-01-19", "2026-02-16"],
    }
)
VALUES = {"company": "Acme Ambulance", "itemized_bill_address": "bills@acme.example"}
FACTS = {"channel": "phone", "caller": "patient", "patient": "a patient", "note": ""}
_GOOD = Path(__file__).parent.parent / "data" / "good_tickets"


def good(key: str) -> dict[str, Any]:
    """A filing of this type that nothing stands against: ``answers`` and ``acknowledged``."""
    found = yaml.safe_load((_GOOD / f"{key}.yaml").read_text(encoding="utf-8"))
    return {
        "answers": dict(found.get("answers") or {}),
        "acknowledged": list(found.get("acknowledged") or []),
    }


@cache
def policy_without(rule: str = "") -> Policy:
    """The shipped policy, with every clause of one rule taken out of the data."""
    data = copy.deepcopy(shipped_policy())
    for holder in (data["every_type"], *data["types"]):
        holder["rules"] = [one for one in holder["rules"] if one["id"] != rule]
    return Policy.from_json(data)


def type_of(key: str, without: str = "") -> TicketType:
    """A type of the shipped policy."""
    found = policy_without(without).type(key)
    assert found is not None, key
    return found


def ask(
    key: str,
    answers: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
    acknowledged: list[str] | None = None,
    *,
    without: str = "",
    now: datetime = NOW,
    overridden: tuple[str, ...] = (),
    linked: dict[str, Any] | None = None,
) -> Intake:
    """A good filing of this type, changed by what is given; an answer of ``None`` is left out.

    ``linked`` are the facts of any ticket that an answer names.
    """
    base = good(key)
    given = {
        name: value for name, value in {**base["answers"], **(answers or {})}.items() if value is not None
    }
    asking = Asking(
        now,
        CALENDAR,
        VALUES,
        overridden=overridden,
        links=lambda question, number: linked or {},
        files=lambda question, ids: ids,
    )
    ticks = base["acknowledged"] if acknowledged is None else acknowledged
    return evaluate(type_of(key, without), {**FACTS, **(facts or {})}, given, ticks, asking)


def refused_by(found: Intake) -> set[str]:
    """The ids of the rules that refuse."""
    return {finding.rule for finding in found.refusals}


def told_by(found: Intake) -> set[str]:
    """The ids of every rule that says something."""
    return {finding.rule for finding in found.findings}


def suggested(found: Intake) -> dict[str, str]:
    """What is suggested instead: type by rule."""
    return {finding.rule: finding.suggest for finding in found.suggestions}
