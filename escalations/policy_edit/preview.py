"""What publishing the draft would change, and do to open tickets, as it is shown before it is done (K13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from accounts.models import User
from accounts.roles import Can
from escalations.actions.policies import Back, Previewed
from escalations.domain.policy_difference import by_place
from escalations.domain.reclock import Change, Outlook
from escalations.domain.turnaround import BusinessCalendar
from escalations.models import Ticket
from escalations.policies import calendar_in_force, calendar_of
from escalations.policy_edit.desk import mend_url
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


class Moves:
    """What becomes of open tickets: the figures, and the first tickets of each group."""

    def __init__(self, outlook: Outlook, user: User, now: datetime) -> None:
        self.outlook, self.user, self.now = outlook, user, now
        self.rules: BusinessCalendar = calendar_of(calendar_in_force(user.company, at=now))
        self.groups = self._groups()

    @property
    def moved(self) -> int:
        """How many clocks move."""
        return len(self.outlook.moved)

    @property
    def sentence(self) -> str:
        """The consequence in a sentence."""
        if not self.outlook.looked_at:
            return "No ticket is open, so no clock moves."
        if not self.moved:
            return f"None of the {self.outlook.looked_at:,} open tickets gets another due date."
        one = self.moved == 1
        verb = "ticket gets another due date" if one else "tickets get other due dates"
        return f"{self.moved:,} of {self.outlook.looked_at:,} open {verb}."

    @property
    def extremes(self) -> str:
        """How far the dates move that move most."""
        parts = [f"up to {gap_words(self.outlook.latest)} later"] if self.outlook.latest else []
        parts += [f"up to {gap_words(self.outlook.earliest)} earlier"] if self.outlook.earliest else []
        return ", ".join(parts) or "no due date moves"

    def _groups(self) -> list[Group]:
        outlook = self.outlook
        told = {id(one) for one in (*outlook.breaches, *outlook.unbreaches)}
        others = [one for one in outlook.moved if id(one) not in told]
        found = [
            ("Late by it", "Their due time has passed under the new rules.", "breached", outlook.breaches),
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


class PublishScreen:
    """The page on which a draft is looked at and published; what was typed is kept."""

    def __init__(
        self, seen: Previewed, user: User, now: datetime, note: str = "", over_open: bool = False
    ) -> None:
        self.seen, self.user = seen, user
        self.note, self.over_open = note, over_open
        self.wrong_note = ""
        self.places = by_place(seen.changes)
        self.moves = Moves(seen.outlook, user, now) if seen.outlook is not None else None

    @property
    def problems(self) -> list[dict[str, str]]:
        """What stands against publishing, each with the way to where it is mended."""
        found = [{"message": one.words, "href": mend_url(one)} for one in self.seen.problems]
        if self.wrong_note:
            found.append({"message": self.wrong_note, "href": "#note"})
        return found

    @property
    def kinds(self) -> int:
        """How many types change."""
        return len({one.type for one in self.seen.changes if one.type})

    @property
    def is_ready(self) -> bool:
        """Whether it can be published."""
        return self.seen.may_be_published


class UndoScreen:
    """The page on which a change is taken back, after showing what that does."""

    def __init__(self, back: Back, user: User, now: datetime) -> None:
        self.back, self.token = back, back.token
        self.moves = Moves(back.outlook, user, now)
