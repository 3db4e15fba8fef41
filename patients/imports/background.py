"""Imports as the list of background work tells them: one piece is a file, from its look to its last row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import User
from accounts.roles import Can
from patients.imports import running
from patients.imports.kinds import handlers
from patients.imports.screen import FINISH, looking
from patients.models import Import, ImportPart
from work.background.kinds import (
    DONE,
    FAILED,
    PERSON,
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

_State = Import.State
_FACTS = (
    "kind", "filename", "state", "layout", "options", "whole", "rows", "new", "wrong", "added", "finished",
    "attempts", "about", "looked", "note",
)  # fmt: skip
_UNDER_WAY = Q(state__in=[str(state) for state in running.UNDER_WAY])


def _rows(user: User) -> Sequence[QuerySet[Any]]:
    """The files of each kind this person may import; an admin sees of all kinds that they are worked on."""
    mine = [key for key, one in handlers().items() if user.may(one.needs) or user.may(Can.SETTINGS)]
    return [Import.objects.visible_to(user).filter(kind=key) for key in mine]


def _parts(*, done: bool) -> Any:
    rows = ImportPart.objects.filter(of=OuterRef("pk"), **({"done_at__isnull": False} if done else {}))
    counted = rows.order_by().values("of").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _tell(piece: Piece, user: User, still: bool) -> Told:
    facts = piece.facts
    handler = handlers()[facts["kind"]]
    opens = user.may(handler.needs)
    url = reverse(f"imports:{handler.key}_one", args=[piece.key]) if opens else ""
    return Told(
        what=(facts["filename"] if opens else "") or f"A file of {handler.key}",
        detail=handler.key.capitalize(),
        state=str(_State(facts["state"]).label),
        result=_result(facts),
        trouble=_trouble(piece, facts),
        progress=_progress(piece, facts),
        url=url,
        acts=_acts(facts, url, still),
        doubtful=piece.state in (DONE, PERSON) and facts["wrong"] > 0,
    )


def _result(facts: Any) -> str:
    if facts["state"] == _State.CHECKED:
        return f"{facts['rows']:,} looked at, {facts['new']:,} new. Nothing is imported yet."
    if facts["state"] != _State.DONE:
        return ""
    completed = f", {facts['finished']:,} completed" if FINISH in facts["options"] else ""
    return f"{facts['added']:,} added{completed}."


def _trouble(piece: Piece, facts: Any) -> str:
    if piece.state == FAILED:
        return str(facts["note"])
    if piece.under_way:
        return _anew(facts)
    if not facts["wrong"]:
        return ""
    return f"{facts['wrong']:,} wrong: {'it stays' if facts['wrong'] == 1 else 'they stay'} out."


def _anew(facts: Any) -> str:
    if facts["state"] == _State.CHECKING and facts["attempts"] > 1:
        return f"Begun anew: attempt {facts['attempts']} of {running.MOST_ATTEMPTS}."
    return ""


def _progress(piece: Piece, facts: Any) -> Progress | None:
    if not piece.under_way:
        return None
    if piece.state == WAITING:
        return Progress(0, None, "Waiting for a worker.")
    if facts["state"] == _State.CHECKING:
        found = looking(facts["looked"], facts["about"], facts["layout"])
        return Progress(found["done"], found["whole"], f"{found['words']}.")
    done, parts = facts["parts_done"], facts["parts"]
    if done == parts and FINISH in facts["options"]:
        words = f"{facts['finished']:,} of {facts['new']:,} completed."
        return Progress(facts["finished"], max(facts["new"], 1), words)
    if facts["whole"]:
        return Progress(0, None, "All or none: they are added together, at the end.")
    return Progress(done, max(parts, 1), f"{done:,} of {parts:,} parts added.")


def _acts(facts: Any, url: str, still: bool) -> tuple[Act, ...]:
    if not url:
        return ()
    if facts["state"] == _State.COLUMNS:
        return (Act("Name the columns", url),)
    if facts["state"] == _State.CHECKED:
        return (Act("Decide", url),)
    return (Act("Ring for a worker", url, (("do", running.GO),)),) if still else ()


register(
    Kind(
        key="import",
        label="Import",
        rows=_rows,
        moment="brought_at",
        states={
            WAITING: _UNDER_WAY & Q(seen_at=None),
            RUNNING: _UNDER_WAY & Q(seen_at__isnull=False),
            PERSON: Q(state__in=[str(_State.COLUMNS), str(_State.CHECKED)]),
            DONE: Q(state=_State.DONE),
            FAILED: Q(state=_State.REFUSED),
        },
        troubled=Q(state=_State.REFUSED) | Q(wrong__gt=0),
        columns={
            "began": Coalesce("started_at", "looking_since"),
            "seen": F("seen_at"),
            "ended": F("finished_at"),
            "who": name_of("brought_by"),
        },
        facts={
            **{name: F(name) for name in _FACTS},
            "parts": _parts(done=False),
            "parts_done": _parts(done=True),
        },
        tell=_tell,
        lease=running.lease_of,
        lifetime=running.LEASE,
    )
)
