"""One try to call a patient, as a step of a ticket: kept for good, with what it went past and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.steps import Refused
from escalations.domain.callbacks import HOURS, OUTCOMES, REFUSED, guards
from escalations.models import CallAttempt, Ticket
from escalations.step_work import Change, Doing
from patients.domain.intake import Wrong
from patients.domain.zones import zone_of

TWICE_WITHIN = timedelta(seconds=20)
"""The same outcome by the same person this soon is a second click, not a second call."""
_WORDS = dict(OUTCOMES)
_ASKS = {
    REFUSED: "The patient has asked not to be called. Say why this call was made all the same.",
    HOURS: "Where the patient is, it is not between 8:00 and 21:00. Say why this call could not wait.",
}
_PAST = {REFUSED: "The patient refuses calls", HOURS: "Outside calling hours"}


def patient_zone(ticket: Ticket) -> ZoneInfo:
    """The zone of the ticket's patient; the company's for a ticket that has none."""
    company = ticket.company.zone
    patient = ticket.patient
    return zone_of(patient.time_zone, patient.state, company) if patient else company


def guards_of(ticket: Ticket, at: datetime) -> tuple[str, ...]:
    """What a call about this ticket goes past at ``at``."""
    refuses = bool(ticket.patient and ticket.patient.do_not_call)
    return guards(at, patient_zone(ticket), refuses_calls=refuses)


def unsaid_reason(ticket: Ticket, facts: Mapping[str, Any], at: datetime) -> dict[str, Wrong]:
    """The reason that is missing where a call goes past a guard (R-DNC-2)."""
    past = guards_of(ticket, at)
    if not past or facts.get("reason") or "reason" not in facts:
        return {}
    return {"reason": Wrong("required", " ".join(_ASKS[one] for one in past))}


def _call(doing: Doing) -> Change:
    """Keep the attempt. The ticket's row is held meanwhile, so that two clicks keep one."""
    ticket, facts = doing.ticket, doing.facts
    past = guards_of(ticket, doing.at)
    reason = facts["reason"] if past else ""
    Ticket.objects.select_for_update(no_key=True).values("pk").get(pk=ticket.pk)
    same = CallAttempt.objects.filter(ticket=ticket, by=doing.by, outcome=facts["outcome"])
    if same.filter(at__gt=doing.at - TWICE_WITHIN, at__lte=doing.at).exists():
        raise Refused("You have just logged this very call, so it was not logged twice.", "stale")
    attempt = CallAttempt(
        company_id=ticket.company_id,
        ticket=ticket,
        at=doing.at,
        by=doing.by,
        outcome=facts["outcome"],
        note=facts["note"],
        guard=" ".join(past),
        reason=reason,
    )
    why = f"{' and '.join(_PAST[one] for one in past)}: {reason}" if past else ""
    text = "\n".join(filter(None, (facts["note"], why)))
    return Change(f"Called: {_WORDS[facts['outcome']].lower()}", text, after=attempt.save)


WORK: dict[str, Callable[[Doing], Change]] = {"call": _call}
