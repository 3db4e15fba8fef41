"""Who was told that a ticket is due soon or late, and who sees to it (K15)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from escalations.clock import policy_of_ticket
from escalations.domain import ladder
from escalations.domain.states import RUNNING
from escalations.policies import calendar_of
from escalations.screens import short_words
from escalations.ticket_page.reading import Detail, Facts, moment, person

_TITLES = {
    "warning": "Due soon, and nobody has said that they see to it.",
    "breach": "Late, and nobody has said that they see to it.",
}
_RUNGS = {
    ladder.ASSIGNEE: "whoever has it",
    ladder.LEAD: "the lead of their team",
    ladder.SUPERVISOR: "the supervisors",
}


@dataclass(frozen=True)
class Attention:
    """An alert that nobody answered: its kind, who was told so far, who is told next."""

    late: bool
    title: str
    told: str
    following: str


def attention_of(detail: Detail) -> Attention | None:
    """The gravest open alert of the cycle that runs, or none."""
    if detail.ticket.status not in RUNNING:
        return None
    waiting = [one for one in detail.alerts if not one["acknowledged_at"]]
    if not waiting:
        return None
    alert = next((one for one in waiting if one["kind"] == "breach"), waiting[-1])
    return Attention(
        late=alert["kind"] == "breach",
        title=_TITLES[alert["kind"]],
        told=_told(alert, detail),
        following=_following(alert, detail),
    )


def _told(alert: Facts, detail: Detail) -> str:
    calendar = calendar_of(detail.ticket.calendar_version)
    due_at: Any = moment(alert, "due_at")
    key = f"{alert['kind']}:{detail.ticket.pk}:{alert['cycle']}:{due_at:%Y%m%dT%H%M%S}"
    people = [
        f"{person(one, 'recipient')}, {short_words(at, calendar, detail.now)}"
        for one in detail.told
        if one["key"] == key and (at := moment(one, "at")) is not None
    ]
    return f"Told so far: {'; '.join(people)}." if people else "Nobody could be told so far."


def _following(alert: Facts, detail: Detail) -> str:
    """Who is told next unless somebody answers."""
    rungs, at = policy_of_ticket(detail.ticket).ladder, moment(alert, "climbs_at")
    if at is None or alert["rung"] >= len(rungs):
        return ""
    calendar = calendar_of(detail.ticket.calendar_version)
    return f"Next: {_RUNGS[rungs[alert['rung']].who]}, {short_words(at, calendar, detail.now)}."


def seen_to_by(detail: Detail) -> str:
    """Who sees to it in this cycle, since when; empty when nobody said so."""
    answered = [one for one in detail.alerts if one["acknowledged_at"]]
    if not answered or detail.ticket.status not in RUNNING:
        return ""
    last = max(answered, key=lambda one: one["acknowledged_at"])
    at, calendar = moment(last, "acknowledged_at"), calendar_of(detail.ticket.calendar_version)
    since = f" since {short_words(at, calendar, detail.now)}" if at else ""
    return f"{person(last, 'acknowledged_by') or 'Somebody'} sees to it{since}."
