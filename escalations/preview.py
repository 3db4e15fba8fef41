"""Reading a what-if: a turnaround and a moment, or a type and a channel, to a due window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from escalations.domain import turnaround as engine
from escalations.domain.policy import CHANNELS
from escalations.moments import read_moment
from escalations.policies import calendar_in_force, calendar_of, policy_in_force, policy_of
from patients.domain.intake import Wrong

_OWN = ("min", "max", "unit")
_POLICY = ("type", "channel")


@dataclass(frozen=True)
class Preview:
    """A due window, its sentence, and why."""

    due: engine.Due
    promise: str
    ledger: tuple[engine.LedgerLine, ...]
    calendar: engine.BusinessCalendar


def read_preview(
    user: User, said: Mapping[str, Any], *, at: datetime
) -> tuple[Preview | None, dict[str, Wrong]]:
    """Compute what was asked for, or say by field what cannot be read; a pause still open ends at ``at``."""
    try:
        received_at = _field("received_at", read_moment, said.get("received_at"))
        calendar = _calendar(user, said, at)
        pauses = engine.pauses_from_json(said["pauses"]) if said.get("pauses") is not None else ()
        turnaround = _turnaround(user, said, at)
        due = engine.compute(turnaround, received_at, calendar, pauses, at)
        lines = engine.ledger(turnaround, received_at, calendar, pauses, at)
        return Preview(due, engine.promise(due, turnaround, calendar, received_at), lines, calendar), {}
    except engine.TimeRuleError as wrong:
        return None, {wrong.field: Wrong("invalid", wrong.message)}
    except _At as found:
        return None, {found.name: found.wrong}


class _At(Exception):
    """Something wrong, with the field it was found in."""

    def __init__(self, name: str, wrong: Wrong) -> None:
        super().__init__(name)
        self.name = name
        self.wrong = wrong


def _field(name: str, read: Any, value: Any) -> Any:
    try:
        return read(value)
    except Wrong as wrong:
        raise _At(name, wrong) from None


def _calendar(user: User, said: Mapping[str, Any], at: datetime) -> engine.BusinessCalendar:
    if said.get("calendar") is None:
        return calendar_of(calendar_in_force(user.company, at=at))
    try:
        return engine.BusinessCalendar.from_json(said["calendar"])
    except engine.CalendarError as wrong:
        name = wrong.field if wrong.field == "calendar" else f"calendar.{wrong.field}"
        raise _At(name, Wrong("invalid", wrong.message)) from None


def _turnaround(user: User, said: Mapping[str, Any], at: datetime) -> engine.Turnaround:
    own = [name for name in _OWN if said.get(name) is not None]
    named = [name for name in _POLICY if said.get(name) is not None]
    if own and named:
        raise _At(own[0], Wrong("both", "Give either min, max and unit, or type and channel."))
    if not named:
        unit: Any = said.get("unit")
        return engine.Turnaround(said.get("min"), said.get("max"), unit)
    policy = policy_of(policy_in_force(user.company, at=at))
    found = policy.type(said["type"]) if isinstance(said.get("type"), str) else None
    if found is None:
        listed = ", ".join(one.key for one in policy.types)
        raise _At("type", Wrong("choice", f"There is no such type. Choose one of: {listed}."))
    if said.get("channel") not in CHANNELS:
        raise _At("channel", Wrong("choice", f"The channel is one of: {', '.join(CHANNELS)}."))
    return found.turnaround(said["channel"])
