"""The versions of the policy: who published each when, with which note, and what it moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import Company
from escalations.models import PolicyVersion, Reclocking
from escalations.policy_edit.desk import when_words


@dataclass(frozen=True)
class Past:
    """One version. ``moved`` says what it did to open tickets, ``undoable`` names that change."""

    number: int
    who: str
    when: str
    note: str
    in_force: bool
    moved: str
    undoable: int | None


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
    changes = {one.policy_id: one for one in done.select_related("undone_by_this")}
    return [_past(one, changes.get(one.pk), company) for one in found]


def _past(version: PolicyVersion, change: Reclocking | None, company: Company) -> Past:
    publication = getattr(version, "publication", None)
    undone = change is not None and hasattr(change, "undone_by_this")
    in_force = version.superseded_at is None
    can = in_force and change is not None and change.undoes_id is None and not undone
    return Past(
        number=version.number,
        who=str(version.created_by or "Holdline"),
        when=when_words(version.created_at, company),
        note=publication.note if publication else "",
        in_force=in_force,
        moved=moved_words(change),
        undoable=change.pk if can and change else None,
    )


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
