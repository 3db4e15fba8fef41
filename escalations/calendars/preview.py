"""What a change of the calendar would do to running tickets, as it is shown before it is done (K14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from accounts.models import User
from accounts.roles import Can
from escalations.actions.reclocking import Previewed
from escalations.domain.calendar_words import differences
from escalations.domain.reclock import Change
from escalations.models import Ticket
from escalations.policies import date_name, named_calendar_of
from escalations.screens import gap_words, short_words

SHOWN = 50
"""How many tickets of each group are listed."""


@dataclass(frozen=True)
class Line:
    """One ticket that moves: never its patient."""

    number: str
    type: str
    old: str
    new: str
    by: str
    url: str


@dataclass(frozen=True)
class Group:
    """Some of the tickets that share a fate, and how many there are."""

    title: str
    about: str
    state: str
    count: int
    lines: list[Line]


class PreviewScreen:
    """The preview of a change: what it says otherwise, what moves, and which tickets."""

    def __init__(self, seen: Previewed, user: User, now: datetime) -> None:
        self.seen, self.outlook, self.token, self.now = seen, seen.outlook, seen.token, now
        self.changes = differences(named_calendar_of(seen.base), seen.calendar, date_name)
        self.groups = self._groups(user)

    @property
    def moved(self) -> int:
        """How many clocks move."""
        return len(self.outlook.moved)

    @property
    def is_nothing(self) -> bool:
        """Whether the calendar is the one in force."""
        return self.seen.calendar.to_json() == named_calendar_of(self.seen.base).to_json()

    @property
    def sentence(self) -> str:
        """The consequence in a sentence."""
        if not self.outlook.looked_at:
            return "No ticket runs, so no clock moves."
        if not self.moved:
            return f"None of the {self.outlook.looked_at:,} running clocks moves."
        return f"{self.moved:,} of {self.outlook.looked_at:,} running clocks move."

    @property
    def extremes(self) -> str:
        """How far the dates move that move most: "up to 1 d later, up to 5 h earlier"."""
        parts = []
        if self.outlook.latest:
            parts.append(f"up to {gap_words(self.outlook.latest)} later")
        if self.outlook.earliest:
            parts.append(f"up to {gap_words(self.outlook.earliest)} earlier")
        return ", ".join(parts) or "no due date moves"

    def _groups(self, user: User) -> list[Group]:
        outlook = self.outlook
        told = {id(one) for one in (*outlook.breaches, *outlook.unbreaches)}
        others = [one for one in outlook.moved if id(one) not in told]
        found = [
            ("Late by it", "Their due time has passed under the new calendar.", "breached", outlook.breaches),
            (
                "No longer late",
                "A breach that was recorded stays, and says where the due date moved.",
                "on_track",
                outlook.unbreaches,
            ),
            ("Move, and stand as they stood", "", "", others),
        ]
        lines = self._lines([one for _, _, _, changes in found for one in changes[:SHOWN]], user)
        return [
            Group(title, about, state, len(changes), [lines[one.clock.ticket] for one in changes[:SHOWN]])
            for title, about, state, changes in found
            if changes
        ]

    def _lines(self, changes: Sequence[Change], user: User) -> dict[int, Line]:
        """The listed tickets, read at once."""
        rows = Ticket.objects.filter(pk__in=[one.clock.ticket for one in changes])
        names = {key: (number, kind) for key, number, kind in rows.values_list("pk", "number", "type_name")}
        return {
            one.clock.ticket: self._line(one, *names[one.clock.ticket], user)
            for one in changes
            if one.clock.ticket in names
        }

    def _line(self, change: Change, number: str, kind: str, user: User) -> Line:
        rules = self.seen.calendar.rules
        old, new = change.clock.due_at, change.moments.due_at
        if old == new:
            old, new = change.clock.expected_from, change.moments.expected_from
        return Line(
            number,
            kind,
            short_words(old, rules, self.now) if old else "no date",
            short_words(new, rules, self.now) if new else "no date",
            _shift_words(change.by),
            reverse("escalations:ticket", args=[number]) if user.may(Can.READ_TICKETS) else "",
        )


def _shift_words(by: timedelta) -> str:
    if not by:
        return "window opens elsewhere"
    return f"{gap_words(by)} {'later' if by > timedelta(0) else 'earlier'}"
