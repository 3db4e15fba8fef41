"""Back-tests as background work: one piece is one set of numbers that is tried."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.fields.json import KeyTransform
from django.urls import reverse

from accounts.models import User
from accounts.roles import Can
from deductibles.models import BackTest
from deductibles.worth import back_running
from deductibles.worth import back_words as words
from work.background.kinds import (
    BY_COMMAND,
    CANCELLED,
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

_State = BackTest.State


def _rows(user: User) -> Sequence[QuerySet[Any]]:
    return (BackTest.objects.visible_to(user),) if user.may(Can.TRY_SETTINGS) else ()


def _tell(piece: Piece, user: User, still: bool) -> Told:
    facts, url = piece.facts, reverse("deductibles:worth_test", args=[piece.key])
    row = BackTest(
        from_on=date.fromisoformat(facts["from_on"]), until_on=date.fromisoformat(facts["until_on"])
    )
    return Told(
        what=words.numbers(facts["proposed"]).capitalize(),
        detail=f"on claims decided from {words.period(row, piece.at.year)}",
        state=str(_State(facts["state"]).label),
        result=words.briefly(facts) if piece.state == DONE else "",
        trouble=facts["note"] if piece.state == FAILED else "",
        progress=_progress(piece),
        url=url,
        acts=_acts(piece, url, still),
    )


def _progress(piece: Piece) -> Progress | None:
    if not piece.under_way:
        return None
    if piece.state == WAITING:
        return Progress(0, None, "Waiting for a worker.")
    done, whole = piece.facts["done"], max(piece.facts["claims"], piece.facts["done"], 1)
    return Progress(done, whole, f"{done:,} of about {whole:,} claims looked at.")


def _acts(piece: Piece, url: str, still: bool) -> tuple[Act, ...]:
    """The buttons of its own page. Asked for again while it is under way, it is the same one, and a worker is
    rung for."""
    again = (("do", "again"),)
    if piece.under_way:
        ring = (Act("Ring for a worker", url, again),) if still else ()
        return (*ring, Act("Cancel", url, (("do", "cancel"),)))
    return (Act("Run it again", url, again),) if piece.state in (FAILED, CANCELLED) else ()


register(
    Kind(
        key="back-test",
        label="Back-test",
        rows=_rows,
        moment="created_at",
        states={
            WAITING: Q(state=_State.WAITING),
            RUNNING: Q(state=_State.RUNNING),
            DONE: Q(state=_State.DONE),
            FAILED: Q(state=_State.FAILED),
            CANCELLED: Q(state=_State.CANCELLED),
        },
        troubled=Q(state=_State.FAILED),
        columns={
            "began": F("started_at"),
            "ended": F("finished_at"),
            "who": name_of("by", BY_COMMAND),
        },
        facts={
            **{name: F(name) for name in ("state", "from_on", "until_on", "claims", "done", "note")},
            "proposed": KeyTransform("proposed", "terms"),
            **{name: KeyTransform(name, "result") for name in ("pairs", "gain", "moved_gains", "range")},
        },
        tell=_tell,
        lease=back_running.lease_of,
        lifetime=back_running.LEASE,
    )
)
