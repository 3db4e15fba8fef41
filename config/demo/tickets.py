"""Demo tickets: a few lived ones, and many for trying size."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from accounts.models import Company, User
from escalations import actions
from escalations.filing import read_filing
from escalations.models import Ticket
from patients.models import Patient

LIVES: list[tuple[int, str, list[tuple[int, str, dict[str, Any]]]]] = [
    (15, "phone", [(1, "take", {}), (5, "start", {}), (30, "resolve", {"outcome": "Itemized bill sent"})]),
    (12, "phone", [(2, "take", {}), (20, "start", {})]),
    (9, "email", [(3, "start", {}), (26, "wait", {"reason": "patient"})]),
    (8, "email", []),
    (6, "phone", [(4, "take", {}), (25, "comment", {"note": "The patient asked for a copy by mail too."})]),
    (4, "email", [(1, "start", {})]),
    (2, "phone", []),
    (1, "email", [(2, "take", {})]),
]
"""Days ago, channel, and steps as (hours after filing, act, facts)."""


def live_tickets(agent: User, patients: list[Patient], *, now: datetime) -> int:
    """File the lived tickets in the past, step by step, by the actions people use."""
    for (days, channel, steps), patient in zip(LIVES, patients, strict=False):
        filed_at = now - timedelta(days=days, hours=3)
        ticket = _file(agent, patient, channel, filed_at)
        for hours, act, facts in steps:
            at = filed_at + timedelta(hours=hours)
            if at < now:
                ticket = actions.act(ticket, act, by=agent, at=at, facts=_worded(act, facts))
    return len(LIVES)


def _worded(act: str, facts: dict[str, Any]) -> dict[str, Any]:
    return {**facts, "note": "Sent by mail; the patient has it."} if act == "resolve" else facts


def _file(agent: User, patient: Patient, channel: str, at: datetime) -> Ticket:
    said = {
        "type": "itemized-bill",
        "channel": channel,
        "caller": "patient",
        "patient": str(patient.pk),
        "answers": {"recipient": "patient", "account_status": "paid"},
        "note": "",
        "acknowledged": [],
    }
    filing = read_filing(agent, said, at=at)
    return actions.file_ticket(filing, by=agent, at=at)


def many_tickets(company: Company, count: int, patients: list[Patient], *, now: datetime) -> int:
    """File many tickets over the last fortnight by the same action."""
    agent = User.objects.filter(company=company, role="agent").earliest("pk")
    for number in range(count):
        at = now - timedelta(minutes=7 * number % 20000)
        _file(agent, patients[number % len(patients)], ("phone", "email")[number % 2], at)
    return count
