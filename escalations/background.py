"""Changes over open tickets as background work: versions of the rules, part by part, and calendars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import User
from accounts.roles import Can
from escalations.actions import policy_runs
from escalations.models import PolicyRun, Reclocking
from work.background.kinds import (
    BY_ITSELF,
    DONE,
    FAILED,
    RUNNING,
    Act,
    Kind,
    Piece,
    Progress,
    Told,
    name_of,
    register,
)

_State = PolicyRun.State
_COUNTS = ("looked_at", "moved", "breaches", "unbreaches")
_OF_RUN = ("planned", "done", "moved")


def _rows_of(of: str) -> Any:
    def rows(user: User) -> Sequence[QuerySet[Any]]:
        if not user.may(Can.SETTINGS):
            return ()
        return (Reclocking.objects.visible_to(user).filter(**{f"{of}__isnull": False}),)

    return rows


def _moved(facts: Any, whole: int) -> str:
    """What it did to the clocks of open tickets, in a sentence."""
    if not facts["moved"]:
        return f"{whole:,} open tickets looked at; no clock moved."
    parts = [f"{facts['moved']:,} of {whole:,} clocks moved"]
    parts += [f"{facts['breaches']:,} late by it"] if facts["breaches"] else []
    parts += [f"{facts['unbreaches']:,} no longer late"] if facts["unbreaches"] else []
    return f"{', '.join(parts)}."


def _rules(piece: Piece, user: User, still: bool) -> Told:
    facts, url = piece.facts, reverse("policy:move", args=[piece.key])
    undone, planned = facts["undone"], facts["run_planned"]
    far = f"{facts['run_done'] or 0:,} of {planned or 0:,} tickets"
    stopped = f"It was stopped after {far}, because it failed again and again."
    return Told(
        what=f"Version {undone} undone" if undone else f"Version {facts['number']} over open tickets",
        result=_moved(facts, planned or facts["looked_at"]) if piece.state == DONE else "",
        trouble=stopped if piece.state == FAILED else "",
        state="Stopped" if piece.state == FAILED else "",
        progress=Progress(facts["run_done"], max(planned, 1), f"{far} done.") if piece.under_way else None,
        url=url,
        acts=(Act("Go on", url, (("do", "go"),)),) if piece.state == FAILED else (),
    )


def _calendar(piece: Piece, user: User, still: bool) -> Told:
    facts = piece.facts
    number = f"Version {facts['number']} over open tickets"
    return Told(
        what=f"{number}, an undoing" if facts["undone"] else number,
        result=_moved(facts, facts["looked_at"]) if piece.state == DONE else "",
        trouble="Its second half is missing; the sweep makes up for it." if piece.under_way else "",
        url=reverse("calendars:calendar"),
    )


register(
    Kind(
        key="rules",
        label="Rules over open tickets",
        rows=_rows_of("policy"),
        moment="at",
        states={
            RUNNING: Q(run__state=_State.WORKING),
            FAILED: Q(run__state=_State.STOPPED),
            DONE: Q(run=None) | Q(run__state=_State.DONE),
        },
        troubled=Q(run__state=_State.STOPPED),
        columns={
            "began": Coalesce("run__began_at", "at"),
            "seen": F("run__part_at"),
            "ended": Case(When(run=None, then=F("at")), default=F("run__ended_at")),
            "who": name_of("by", BY_ITSELF),
        },
        facts={
            **{name: F(name) for name in _COUNTS},
            **{f"run_{name}": F(f"run__{name}") for name in _OF_RUN},
            "number": F("policy__number"),
            "undone": F("undoes__policy__number"),
        },
        tell=_rules,
        lease=policy_runs.lease_of,
        lifetime=policy_runs.LEASE,
    )
)
register(
    Kind(
        key="calendar",
        label="Calendar over open tickets",
        rows=_rows_of("calendar"),
        moment="at",
        states={RUNNING: Q(unfinished=True), DONE: Q(unfinished=None) | Q(unfinished=False)},
        columns={"began": F("at"), "ended": F("at"), "who": name_of("by", BY_ITSELF)},
        facts={
            **{name: F(name) for name in _COUNTS},
            "number": F("calendar__number"),
            "undone": F("undoes"),
        },
        tell=_calendar,
    )
)
