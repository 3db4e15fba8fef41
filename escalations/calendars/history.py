"""Who changed the calendar when, what it said before, and which change can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Company
from escalations.domain.calendar_words import differences
from escalations.models import CalendarVersion, Reclocking
from escalations.policies import date_name, named_calendar_of

SHOWN, SAID = 8, 6
"""How many changes the page lists, and how many differences of one it says."""


@dataclass(frozen=True)
class Past:
    """One version of the calendar: who, when, what was changed, and what it moved."""

    number: int
    who: str
    when: str
    changes: list[str]
    more: int
    moved: str
    undoable: int | None
    note: str


def past_of(company: Company, versions: Sequence[CalendarVersion], zone: ZoneInfo) -> list[Past]:
    """The changes of the calendar, newest first; ``versions`` has one more than is shown, to compare with."""
    done = {
        one.calendar_id: one
        for one in Reclocking.objects.filter(company=company, calendar__in=[one.pk for one in versions])
    }
    undone = {one.undoes_id: one for one in done.values() if one.undoes_id}
    found = []
    for index, version in enumerate(versions[:SHOWN]):
        before = versions[index + 1] if index + 1 < len(versions) else None
        change = done.get(version.pk)
        found.append(_past(version, before, change, undone, zone, newest=index == 0))
    return found


def _past(
    version: CalendarVersion,
    before: CalendarVersion | None,
    change: Reclocking | None,
    undone: dict[int, Reclocking],
    zone: ZoneInfo,
    *,
    newest: bool,
) -> Past:
    said = _said(version, before)
    can = newest and before is not None and change is not None and change.pk not in undone
    return Past(
        number=version.number,
        who=str(version.created_by or "Holdline"),
        when=_when(version.created_at, zone),
        changes=said[:SAID],
        more=max(0, len(said) - SAID),
        moved=_moved(change),
        undoable=change.pk if can and change else None,
        note=_note(change, undone),
    )


def _said(version: CalendarVersion, before: CalendarVersion | None) -> list[str]:
    if before is None:
        return ["The first calendar"] if version.number == 1 else []
    return differences(named_calendar_of(before), named_calendar_of(version), date_name)


def _moved(change: Reclocking | None) -> str:
    if change is None:
        return ""
    if not change.moved:
        return "No clock moved."
    parts = [f"{change.moved:,} of {change.looked_at:,} clocks moved"]
    parts += [f"{change.breaches:,} late by it"] if change.breaches else []
    parts += [f"{change.unbreaches:,} no longer late"] if change.unbreaches else []
    return ", ".join(parts) + "."


def _note(change: Reclocking | None, undone: dict[int, Reclocking]) -> str:
    if change is None:
        return ""
    if change.undoes_id:
        return "Undid the change before"
    return "Undone since" if change.pk in undone else ""


def _when(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local.day} {local:%b %Y, %H:%M}"
