"""Telling AR Boost which held claims to monitor: the outbox messages of this app (D-NEW-3, D-CLR-3)."""

from __future__ import annotations

from typing import Any

from deductibles import questions
from deductibles.actions.holding import MONITOR, UNMONITOR
from deductibles.gateways import arboost
from deductibles.models import Hold
from work import outbox
from work.models import OutboxMessage

MOST_TURNS = 3


UNSETTLED = "The hold changed during every call; it is told again."


def _hold_of(message: OutboxMessage) -> Hold | None:
    rows = Hold.objects.select_related("company", "claim__patient", "coverage__payer")
    return rows.filter(company_id=message.company_id, pk=message.payload["hold"]).first()


def _connection(row: Hold) -> Any:
    conn = questions.connection(row.company)
    if conn is None:
        raise outbox.NotNow(questions.NOT_CONNECTED)
    return conn


@outbox.handles(MONITOR)
@outbox.handles(UNMONITOR)
def tell(message: OutboxMessage) -> None:
    """Tell AR Boost what is true of the hold by now, whichever message this is.

    Messages may overtake each other, and a hold may end or begin again while the call is under way. Each
    tells the state it finds and looks again after; whoever told a state that was over by then corrects it.
    """
    row = _hold_of(message)
    if row is None or row.kind != Hold.Kind.AUTOMATIC:
        return
    for _ in range(MOST_TURNS):
        told = row.active
        _tell(row)
        row.refresh_from_db(fields=["active"])
        if row.active == told:
            return
    raise outbox.NotNow(UNSETTLED)


def _tell(row: Hold) -> None:
    conn = _connection(row)
    try:
        if row.active:
            about = (row.claim, row.asked_coverage, row.started_on)
            arboost.monitor(conn, questions.question(row.reference, f"H{row.pk}M", *about))
        else:
            arboost.unmonitor(conn, row.reference)
    except arboost.Unavailable as problem:
        raise outbox.NotNow(str(problem)) from problem
