"""From a call as it is written down to the body of a filing: what is relative is made absolute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from config.demo.call import Ago, Before, Call, Filed, Scan
from config.demo.papers import scan
from escalations import actions
from escalations.domain.intake import carried
from escalations.domain.policy import TicketType
from escalations.filing_parts import Dismissal, Override
from escalations.models import LiveTransfer, Ticket
from escalations.policies import policy_of
from patients.models import Patient


@dataclass(frozen=True)
class Spoken:
    """Around one call: the patient, who took it and when, its live transfer, and the ticket it follows from.

    ``number`` finds the number of the ticket of a named call.
    """

    patient: Patient
    by: User
    at: datetime
    transfer: LiveTransfer | None = None
    first: Ticket | None = None
    number: Callable[[str], str] = str


def said_of(call: Call, spoken: Spoken, kind: TicketType | None = None) -> dict[str, Any]:
    """The body of a filing, as the API takes it; ``kind`` is asked only where there is a live transfer."""
    told = [asdict(one) for one in call.beside if isinstance(one, Override)]
    set_aside = [asdict(one) for one in call.beside if isinstance(one, Dismissal)]
    received = spoken.at - timedelta(hours=call.received) if call.received else None
    answers = {key: _answer(value, spoken) for key, value in call.answers.items()}
    return {
        "type": call.type,
        "channel": call.channel,
        "caller": call.caller,
        "patient": str(spoken.patient.pk),
        "note": call.note,
        "answers": {**_carried(call, spoken), **_of_transfer(spoken.transfer, kind), **answers},
        "acknowledged": list(call.told),
        "received_at": received.isoformat() if received else None,
        "overrides": told,
        "dismissals": set_aside,
        "follows": spoken.first.number if spoken.first else None,
    }


def _answer(value: Any, spoken: Spoken) -> Any:
    if isinstance(value, Ago):
        today = spoken.at.astimezone(spoken.by.company.zone).date()
        return (today - timedelta(days=value.days)).isoformat()
    if isinstance(value, Before):
        return (spoken.at - timedelta(hours=value.hours)).isoformat()
    if isinstance(value, Filed):
        return spoken.number(value.name)
    if isinstance(value, Scan):
        file = scan(value.filename, value.lines)
        return [actions.upload(file, by=spoken.by, at=spoken.at).name]
    return value.format(**_record(spoken.patient)) if isinstance(value, str) else value


def _record(patient: Patient) -> dict[str, str]:
    """What an answer may name of the patient's record; an address is asked for where there is none."""
    asked = f"{patient.first_name}.{patient.last_name}@mail.example".lower()
    home = f"{patient}, {patient.line1}, {patient.city}, {patient.state} {patient.zip}"
    return {"phone": patient.phone, "email": patient.email or asked, "address": home}


def _of_transfer(transfer: LiveTransfer | None, kind: TicketType | None) -> dict[str, Any]:
    """What the timer of a live transfer answers, of what the type asks."""
    if transfer is None or kind is None or transfer.ended_at is None:
        return {}
    told = {
        "transfer_at": transfer.started_at.isoformat(),
        "transfer_answered": transfer.answered,
        "waited": int((transfer.ended_at - transfer.started_at).total_seconds()),
    }
    asked = {question.key for question in kind.questions}
    return {key: value for key, value in told.items() if key in asked}


def _carried(call: Call, spoken: Spoken) -> dict[str, Any]:
    """What the rule by which this ticket follows from another carries over."""
    first = spoken.first
    kind = policy_of(first.policy_version).type(first.type) if first else None
    if first is None or kind is None or call.again is None:
        return {}
    rule = next(one for one in kind.rules if one.id == call.again.rule and one.suggest == call.type)
    return carried(rule.carry, {**first.answers, "heard": ", ".join(one["word"] for one in first.keywords)})
