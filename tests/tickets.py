"""A good filing of every escalation type, as API and form send it, and steps of what was filed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from accounts.models import User
from escalations import actions
from escalations.filing import read_filing
from escalations.models import Ticket
from escalations.policies import shipped_policy
from escalations.queries import tickets_of

_GOOD = Path(__file__).parent / "data" / "good_tickets"
TYPES: list[str] = [one["key"] for one in shipped_policy()["types"]]


def good(key: str) -> dict[str, Any]:
    """``answers`` and ``acknowledged`` of a filing of this type that nothing stands against."""
    found = yaml.safe_load((_GOOD / f"{key}.yaml").read_text(encoding="utf-8"))
    return {
        "answers": dict(found.get("answers") or {}),
        "acknowledged": list(found.get("acknowledged") or []),
    }


def good_body(key: str, patient: Any, /, **changes: Any) -> dict[str, Any]:
    """A filing by phone as the API takes it; ``answers`` given are laid over the good ones."""
    base = good(key)
    answers = {**base["answers"], **changes.pop("answers", {})}
    return {
        "type": key,
        "channel": "phone",
        "caller": "patient",
        "patient": str(patient.pk),
        "answers": {name: value for name, value in answers.items() if value is not None},
        "acknowledged": base["acknowledged"],
        "note": "",
        **changes,
    }


def good_form(key: str, patient: Any, /, **changes: Any) -> dict[str, Any]:
    """The same as the form sends it."""
    body = good_body(key, patient)
    typed = {f"answer_{name}": _typed(value) for name, value in body.pop("answers").items()}
    return {"do": "file", "key": f"form-of-{key}"[:32], "touched": "yes", **body, **typed, **changes}


def _typed(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, list) else str(value)


def filed(key: str, user: User, patient: Any, at: datetime, **changes: Any) -> Ticket:
    """A ticket of this type, filed as the pages file it."""
    filing = read_filing(user, good_body(key, patient, **changes), at=at)
    assert filing.may_be_filed, (filing.all_wrong, [f.rule for f in filing.intake.refusals])
    return actions.file_ticket(filing, by=user, at=at)


def taken(user: User, patient: Any, at: datetime) -> Ticket:
    """A Supervisor Escalation that this person filed and has."""
    return actions.act(filed("supervisor", user, patient, at), "take", by=user, at=at)


def step(ticket: Ticket, act: str, by: User, **facts: Any) -> Ticket:
    """A step of the ticket as it stands, now."""
    return actions.act(tickets_of(by).get(pk=ticket.pk), act, by=by, at=datetime.now(UTC), facts=facts)


def ago(**gap: int) -> datetime:
    """The moment so many days or hours before now."""
    return datetime.now(UTC) - timedelta(**gap)
