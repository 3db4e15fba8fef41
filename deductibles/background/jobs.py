"""Forecasts and recounts as background work; how far they are is written down as :class:`work.models.Job`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.urls import reverse

from accounts.models import User
from accounts.roles import Can
from deductibles.domain import days
from deductibles.worth import nightly
from work.background.kinds import (
    BY_COMMAND,
    BY_ITSELF,
    DONE,
    FAILED,
    RUNNING,
    Kind,
    Piece,
    Progress,
    Told,
    register,
)
from work.models import Job

HOLDS, OUTCOMES = "recount_holds", "recount_outcomes"
_RECOUNTED = {HOLDS: "Sums above Hold for Deductible", OUTCOMES: "Outcome ledger"}
_STATES = {
    RUNNING: Q(state=Job.State.RUNNING),
    DONE: Q(state=Job.State.DONE),
    FAILED: Q(state=Job.State.FAILED),
}
_FACTS = {name: F(name) for name in ("kind", "target_on", "done", "whole", "said", "note")}


def _rows_of(*names: str) -> Any:
    def rows(user: User) -> Sequence[QuerySet[Any]]:
        if not user.may(Can.READ_NIGHTS):
            return ()
        return tuple(Job.objects.visible_to(user).filter(kind=name) for name in names)

    return rows


def _forecast(piece: Piece, user: User, still: bool) -> Told:
    facts = piece.facts
    on = date.fromisoformat(facts["target_on"])
    words = f"{facts['done']:,} of {facts['whole']:,} days forecast."
    return Told(
        what=f"After the night of {days.weekday(on, piece.at.year)}",
        result=facts["said"] if piece.state == DONE else "",
        trouble=facts["note"] if piece.state == FAILED else "",
        progress=Progress(facts["done"], max(facts["whole"], 1), words) if piece.under_way else None,
        url=reverse("deductibles:worth_forecast") if user.may(Can.READ_CLAIMS) else "",
    )


def _recount(piece: Piece, user: User, still: bool) -> Told:
    facts = piece.facts
    return Told(
        what=_RECOUNTED[facts["kind"]],
        result=facts["said"] if piece.state == DONE else "",
        trouble=facts["note"] if piece.state == FAILED else "",
        progress=Progress(0, None, "Counting.") if piece.under_way else None,
    )


def _register(key: str, label: str, names: Sequence[str], *, who: str, **more: Any) -> None:
    """A kind whose rows are the jobs of these names."""
    register(
        Kind(
            key=key,
            label=label,
            rows=_rows_of(*names),
            moment="began_at",
            states=_STATES,
            troubled=_STATES[FAILED],
            columns={
                "began": F("began_at"),
                "seen": F("seen_at"),
                "ended": F("finished_at"),
                "who": Value(who),
            },
            facts=_FACTS,
            **more,
        )
    )


_register(
    "forecast",
    "Forecast",
    (nightly.JOB,),
    who=BY_ITSELF,
    tell=_forecast,
    lease=nightly.lease_of,
    lifetime=nightly.LEASE,
)
_register(
    "recount",
    "Recount",
    (HOLDS, OUTCOMES),
    who=BY_COMMAND,
    tell=_recount,
    quiet=timedelta(hours=1),
    mend="Whoever runs the server runs the command again: manage.py recount_holds, or recount_outcomes.",
)
