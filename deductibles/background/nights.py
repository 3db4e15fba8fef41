"""The nightly runs as background work: one piece is one run, whatever its night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, NullIf
from django.urls import reverse

from accounts.models import User
from accounts.roles import Can
from deductibles import night_words
from deductibles.domain import days
from deductibles.night_screen import outcome_of
from deductibles.nights import LEASE, lease_of
from work.background.kinds import (
    BY_ITSELF,
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
from work.models import Run

_COUNTS = ("due", "asked", "answered", "released", "timed_out", "submitted")
_ASIDE = RawSQL(  # how many single claims failed; the list itself may be a thousand lines long
    "(SELECT count(*) FROM jsonb_array_elements(work_run.failures) AS f WHERE f->>'claim' <> '')", ()
)
_WHOLE = RawSQL(  # what befell the whole night, or many claims at once; it is told first
    "(SELECT f->>'why' FROM jsonb_array_elements(work_run.failures) AS f WHERE coalesce(f->>'claim', '') = ''"
    " LIMIT 1)",
    (),
    output_field=TextField(),
)


def _who() -> Any:
    """Who started it, from the audit; Holdline's own are started by themselves."""
    history: Any = Run
    events = history.pgh_event_models["insert"].objects.filter(
        pgh_obj_id=OuterRef("pk"), pgh_label__startswith="insert", pgh_context__isnull=False
    )
    key = Cast(KeyTextTransform("user", OuterRef("pgh_context__metadata")), BigIntegerField())
    person = User.objects.filter(pk=key).annotate(name=name_of("")).values("name")
    said = KeyTextTransform("who", "pgh_context__metadata")
    name = events.annotate(name=Coalesce(Subquery(person), said, output_field=TextField())).values("name")
    who: Any = Subquery(name[:1], output_field=TextField())
    return Coalesce(NullIf(NullIf(who, Value("Holdline")), Value("")), Value(BY_ITSELF))


def _rows_of(kind: str) -> Any:
    def rows(user: User) -> Sequence[QuerySet[Any]]:
        if not user.may(Can.READ_NIGHTS):
            return ()
        return (Run.objects.visible_to(user).filter(kind=kind),)

    return rows


def _run(piece: Piece) -> Run:
    """The run, as far as its words need it."""
    facts = piece.facts
    counts = {name: facts[name] for name in _COUNTS}
    return Run(kind=piece.kind, state=piece.state, target_date=date.fromisoformat(facts["night"]), **counts)


def _tell(piece: Piece, user: User, still: bool) -> Told:
    run, facts = _run(piece), piece.facts
    standing, word = night_words.standing_of(run)
    return Told(
        what=f"Night of {days.weekday(run.target_date, piece.at.year)}",
        state=word,
        result=_result(run) if piece.state == DONE else "",
        trouble=" ".join(part for part in (facts["why"] or "", _aside(facts["aside"])) if part),
        progress=_progress(run),
        url=reverse("deductibles:run", args=[piece.key]),
        acts=_acts(piece, run, user, still),
        doubtful=standing == "due_soon" or (piece.state == DONE and facts["aside"] > 0),
    )


def _result(run: Run) -> str:
    """What came of a night that is done, as briefly as a list has it."""
    if run.kind == Run.Kind.SUBMISSION:
        return outcome_of(run)
    left = f"{run.released:,} deductible met, {run.timed_out:,} time elapsed."
    return f"{run.answered:,} of {run.due:,} answered; {left}" if run.due else f"Nothing was due; {left}"


def _aside(count: int) -> str:
    return f"{count:,} claim{'' if count == 1 else 's'} set aside." if count else ""


def _progress(run: Run) -> Progress | None:
    found = night_words.progress_of(run)
    return Progress(found.done, found.whole, found.words) if found else None


def _acts(piece: Piece, run: Run, user: User, still: bool) -> tuple[Act, ...]:
    """To start it again, where it does not come to its end by itself; its page offers it always."""
    if not user.may(Can.START_NIGHTS) or not (piece.state in (FAILED, WAITING) or still):
        return ()
    fields = (("kind", run.kind), ("target_date", run.target_date.isoformat()))
    return (Act(night_words.again(run).button, reverse("deductibles:runs"), fields),)


for _kind in Run.Kind:
    register(
        Kind(
            key=str(_kind),
            label=str(_kind.label),
            rows=_rows_of(str(_kind)),
            moment="created_at",
            states={
                WAITING: Q(state=Run.State.WAITING),
                RUNNING: Q(state=Run.State.RUNNING),
                DONE: Q(state=Run.State.DONE),
                FAILED: Q(state=Run.State.FAILED),
            },
            troubled=~Q(failures=[])
            | Q(state="failed")
            | Q(kind="check", state="done", answered__lt=F("due")),
            columns={"began": F("started_at"), "ended": F("finished_at"), "who": _who()},
            facts={
                "night": F("target_date"),
                "aside": _ASIDE,
                "why": _WHOLE,
                **{name: F(name) for name in _COUNTS},
            },
            tell=_tell,
            lease=lambda company, kind=str(_kind): lease_of(kind, company),  # type: ignore[misc]
            lifetime=LEASE,
        )
    )
