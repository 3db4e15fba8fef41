"""Telling AR Boost which held claims to monitor: the outbox messages of this app (D-NEW-3, D-CLR-3)."""

from __future__ import annotations

from typing import Any

from deductibles import questions
from deductibles.actions.holding import MONITOR, UNMONITOR
from deductibles.gateways import arboost
from deductibles.models import Hold
from work import outbox
from work.models import OutboxMessage


class NotConnected(Exception):
    """There is no connection yet; the message waits."""


def _hold_of(message: OutboxMessage) -> Hold | None:
    rows = Hold.objects.select_related("company", "claim__patient", "coverage__payer")
    return rows.filter(company_id=message.company_id, pk=message.payload["hold"]).first()


def _connection(row: Hold) -> Any:
    conn = questions.connection(row.company)
    if conn is None:
        raise NotConnected
    return conn


@outbox.handles(MONITOR)
def monitor(message: OutboxMessage) -> None:
    """Register the hold, unless it ended while the message waited."""
    row = _hold_of(message)
    if row is None or not row.active or row.coverage is None:
        return
    trace = f"H{row.pk}M"
    arboost.monitor(
        _connection(row),
        questions.question(row.reference, trace, row.claim, row.coverage, row.started_on),
    )


@outbox.handles(UNMONITOR)
def unmonitor(message: OutboxMessage) -> None:
    """End monitoring, unless a person took the claim back onto hold meanwhile."""
    row = _hold_of(message)
    if row is None or row.active:
        return
    arboost.unmonitor(_connection(row), row.reference)
