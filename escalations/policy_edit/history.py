"""The versions of the policy: who published each when, with which note, and what it moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import Company
from escalations.models import PolicyRun, PolicyVersion, Reclocking
from escalations.policy_edit.desk import when_words


@dataclass(frozen=True)
class Past:
    """One version. ``moved`` says what it did to open tickets, ``undoable`` names that change,
    ``on_its_way`` the one of which open tickets are still being reached."""

    number: int
    who: str
    when: str
    note: str
    in_force: bool
    moved: str
    undoable: int | None
    on_its_way: int | None = None


def newest(company: Company, count: int, *, before: int | None = None) -> list[Past]:
    """The newest versions, those before a number if one is given; two queries."""
    rows = PolicyVersion.objects.filter(company=company).select_related("created_by", "publication")
    if before is not None:
        rows = rows.filter(number__lt=before)
    return told(company, rows.defer("data").order_by("-number")[:count])


def told(company: Company, versions: Any) -> list[Past]:
    """The versions as they are listed."""
    found: Sequence[PolicyVersion] = list(versions)
    done = Reclocking.objects.filter(company=company, policy__in=[one.pk for one in found])
    changes = {one.policy_id: one for one in done.select_related("undone_by_this", "run")}
    return [_past(one, changes.get(one.pk), company) for one in found]


def _past(version: PolicyVersion, change: Reclocking | None, company: Company) -> Past:
    publication = getattr(version, "publication", None)
    undone = change is not None and hasattr(change, "undone_by_this")
    in_force = version.superseded_at is None
    run = getattr(change, "run", None)
    working = run is not None and run.state == PolicyRun.State.WORKING
    unfinished = run is not None and run.state != PolicyRun.State.DONE
    can = in_force and change is not None and change.undoes_id is None and not undone and not working
    return Past(
        number=version.number,
        who=str(version.created_by or "Holdline"),
        when=when_words(version.created_at, company),
        note=publication.note if publication else "",
        in_force=in_force,
        moved=_on_its_way(run) if unfinished else moved_words(change),
        undoable=change.pk if can and change else None,
        on_its_way=change.pk if unfinished and change else None,
    )


def _on_its_way(run: Any) -> str:
    """How far a version is that open tickets are still being put under."""
    verb = "It is being" if run.state == PolicyRun.State.WORKING else "It was stopped while it was"
    return f"{verb} put over open tickets: {run.done:,} of {run.planned:,} are done."


def moved_words(change: Reclocking | None) -> str:
    """What a version did to the clocks of open tickets."""
    if change is None:
        return ""
    if not change.moved:
        return "Put over open tickets; no clock moved."
    parts = [f"{change.moved:,} of {change.looked_at:,} clocks moved"]
    parts += [f"{change.breaches:,} late by it"] if change.breaches else []
    parts += [f"{change.unbreaches:,} no longer late"] if change.unbreaches else []
    return ", ".join(parts) + "."
