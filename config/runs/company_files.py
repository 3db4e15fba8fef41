"""Files with everything of a company as background work: one piece is one file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q, QuerySet
from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from accounts.models import User
from accounts.roles import Can
from config.moving import background
from work.background.kinds import (
    BY_COMMAND,
    DONE,
    FAILED,
    RUNNING,
    WAITING,
    Act,
    Kind,
    Piece,
    Progress,
    Told,
    name_of,
    register,
)
from work.models import CompanyFile

_State = CompanyFile.State
_OVER = (_State.READY, _State.OVER)


def _rows(user: User) -> Sequence[QuerySet[Any]]:
    return (CompanyFile.objects.visible_to(user),) if user.may(Can.WATCH_EMERGENCIES) else ()


def _tell(piece: Piece, user: User, still: bool) -> Told:
    facts, url = piece.facts, reverse("everything:page")
    size = f"{facts['rows']:,} rows, {filesizeformat(facts['bytes'])}"
    came = facts["way"] == CompanyFile.Way.IN
    kept = "" if facts["state"] == _State.READY or came else "; not kept any more"
    mine = facts["state"] == _State.READY and facts["by"] == user.pk
    acts = (Act("Fetch it", url),) if mine else ()
    if piece.state == FAILED and user.may(Can.SETTINGS):
        acts = (Act("Ask for it anew", url),)
    return Told(
        what="Brought in from a file" if came else "Everything of the company",
        detail=f"“{facts['reason']}”",
        state=str(_State(facts["state"]).label) if piece.state != DONE else "",
        result=f"{size}{kept}." if piece.state == DONE else "",
        trouble=facts["note"] if piece.state == FAILED else "",
        progress=_progress(piece),
        url=url,
        acts=acts,
    )


def _progress(piece: Piece) -> Progress | None:
    if not piece.under_way:
        return None
    if piece.state == WAITING:
        return Progress(0, None, "Waiting for a worker.")
    facts = piece.facts
    words = f"Table {facts['tables']} of {facts['of_tables']}, {facts['rows']:,} rows so far."
    return Progress(facts["tables"], max(facts["of_tables"], 1), words)


register(
    Kind(
        key="company-file",
        label="File of the company",
        rows=_rows,
        moment="asked_at",
        states={
            WAITING: Q(state=_State.WAITING),
            RUNNING: Q(state=_State.MAKING),
            DONE: Q(state__in=[str(state) for state in _OVER]),
            FAILED: Q(state=_State.FAILED),
        },
        troubled=Q(state=_State.FAILED),
        columns={
            "began": F("began_at"),
            "ended": F("finished_at"),
            "who": name_of("by", BY_COMMAND),
        },
        facts={
            name: F(name)
            for name in ("way", "state", "reason", "by", "note", "tables", "of_tables", "rows", "bytes")
        },
        tell=_tell,
        lease=background.lease_of,
        lifetime=background.LEASE,
    )
)
