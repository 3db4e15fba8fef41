"""What becomes of open tickets under other rules, as pages show it before it is done (K13, K14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from accounts.models import User
from accounts.roles import Can
from escalations.domain.reclock import Change, Outlook
from escalations.domain.turnaround import BusinessCalendar
from escalations.models import Ticket
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


class MovesShown:
    """The figures, and the first tickets of each group.

    ``rules`` are those by which dates are written, ``under`` what the new ones are called.
    """

    def __init__(
        self, outlook: Outlook, user: User, now: datetime, rules: BusinessCalendar, under: str
    ) -> None:
        self.outlook, self.user, self.now, self.rules = outlook, user, now, rules
        self.groups = self._groups(under)

    @property
    def moved(self) -> int:
        """How many clocks move."""
        return len(self.outlook.moved)

    @property
    def extremes(self) -> str:
        """How far the dates move that move most: "up to 1 d later, up to 5 h earlier"."""
        parts = [f"up to {gap_words(self.outlook.latest)} later"] if self.outlook.latest else []
        parts += [f"up to {gap_words(self.outlook.earliest)} earlier"] if self.outlook.earliest else []
        return ", ".join(parts) or "no due date moves"

    def _groups(self, under: str) -> list[Group]:
        outlook = self.outlook
        told = {id(one) for one in (*outlook.breaches, *outlook.unbreaches)}
        others = [one for one in outlook.moved if id(one) not in told]
        found = [
            ("Late by it", f"Their due time has passed under the {under}.", "breached", outlook.breaches),
            (
                "No longer late",
                "A breach that was recorded stays, and says where the due date moved.",
                "on_track",
                outlook.unbreaches,
            ),
            ("Move, and stand as they stood", "", "", others),
        ]
        lines = self._lines([one for _, _, _, changes in found for one in changes[:SHOWN]])
        return [
            Group(
                title,
                about,
                state,
                len(some),
                [lines[one.clock.ticket] for one in some[:SHOWN] if one.clock.ticket in lines],
            )
            for title, about, state, some in found
            if some
        ]

    def _lines(self, changes: Sequence[Change]) -> dict[int, Line]:
        """The listed tickets, read at once."""
        rows = Ticket.objects.filter(pk__in=[one.clock.ticket for one in changes])
        names = {key: (number, kind) for key, number, kind in rows.values_list("pk", "number", "type_name")}
        return {
            one.clock.ticket: self._line(one, *names[one.clock.ticket])
            for one in changes
            if one.clock.ticket in names
        }

    def _line(self, change: Change, number: str, kind: str) -> Line:
        old, new = change.clock.due_at, change.moments.due_at
        if old == new:
            old, new = change.clock.expected_from, change.moments.expected_from
        old_words, new_words = (
            short_words(one, self.rules, self.now) if one else "no date" for one in (old, new)
        )
        url = reverse("escalations:ticket", args=[number]) if self.user.may(Can.READ_TICKETS) else ""
        return Line(number, kind, old_words, new_words, _shift_words(change.by), url)


def _shift_words(by: timedelta) -> str:
    if not by:
        return "window opens elsewhere"
    return f"{gap_words(by)} {'later' if by > timedelta(0) else 'earlier'}"
