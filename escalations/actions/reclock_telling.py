"""Telling that due dates moved: a line on each ticket, and one notice a person however many moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Company, User
from escalations.actions.notices import Fact, notify
from escalations.domain.promise import short_day
from escalations.domain.reclock import Change
from escalations.models import Reclocking, Watcher


class MovedWords:
    """How a moved date is told on the ticket; each moment is put into words once."""

    def __init__(self, zone: ZoneInfo, what: str, undone: bool, at: datetime) -> None:
        self.zone, self.year = zone, at.astimezone(zone).year
        self.reason = f"as a change of the {what} was undone" if undone else f"by a change of the {what}"
        self.known: dict[datetime, str] = {}

    def title(
        self,
        old_due: datetime | None,
        new_due: datetime | None,
        old_start: datetime | None,
        new_start: datetime | None,
    ) -> str:
        """As in "Due date moved by a change of the calendar: Mon 1 Jun, 18:00 → Tue 2 Jun, 18:00"."""
        if old_due != new_due:
            return f"Due date moved {self.reason}: {self._said(old_due)} → {self._said(new_due)}"
        return f"Start of the window moved {self.reason}: {self._said(old_start)} → {self._said(new_start)}"

    def _said(self, moment: datetime | None) -> str:
        if moment is None:
            return "no date"
        found = self.known.get(moment)
        if found is None:
            local = moment.astimezone(self.zone)
            found = self.known[moment] = f"{short_day(local.date(), self.year)}, {local:%H:%M}"
        return found


@dataclass
class Tally:
    """How many moved tickets are each person's, and how many they watch, by the person's key."""

    own: Counter[int] = field(default_factory=Counter)
    watched: Counter[int] = field(default_factory=Counter)

    def take(self, company: Company, moved: Sequence[Change]) -> None:
        """Count these too."""
        owners = {change.clock.ticket: change.clock.assignee for change in moved}
        self.own.update(owner for owner in owners.values() if owner is not None)
        rows = Watcher.objects.filter(company=company)
        if len(owners) <= _FEW:
            rows = rows.filter(ticket__in=owners)
        for ticket, user in rows.values_list("ticket_id", "user_id"):
            if ticket in owners and owners[ticket] != user:
                self.watched[user] += 1

    def to_json(self) -> dict[str, dict[str, int]]:
        """As it is kept between two parts of a change."""
        return {name: {str(key): count for key, count in getattr(self, name).items()} for name in _KINDS}

    @classmethod
    def from_json(cls, data: Mapping[str, Mapping[str, int]]) -> Tally:
        """What was kept."""
        return cls(*(Counter({int(key): n for key, n in data.get(name, {}).items()}) for name in _KINDS))


_KINDS = ("own", "watched")
_FEW = 10_000
"""Of so many tickets the watchers are asked for; beyond, all watchers are read."""


def tell_people(done: Reclocking, moved: Sequence[Change], *, what: str) -> None:
    """One notice a person, however many of their tickets moved."""
    tally = Tally()
    tally.take(done.company, moved)
    tell_tally(done, tally, what=what, at=done.at)


def tell_tally(done: Reclocking, tally: Tally, *, what: str, at: datetime) -> None:
    """One notice a person of what was counted; whoever made the change knows."""
    own, watched = tally.own, tally.watched
    people = User.objects.filter(pk__in={*own, *watched}, is_active=True).exclude(pk=done.by_id or 0)
    facts = [
        Fact(
            person,
            "reclocked",
            None,
            f"reclocking:{done.pk}",
            _moved_words(own[person.pk], watched[person.pk], what),
        )
        for person in people.select_related("company")
    ]
    notify(facts, at=at)


def _moved_words(own: int, watched: int, what: str) -> str:
    """As in "14 of your tickets have other due dates since the calendar changed."."""
    parts = [f"{own:,} of your tickets"] if own else []
    parts += [f"{watched:,} you watch" if own else f"{watched:,} of the tickets you watch"] if watched else []
    one = own + watched == 1
    verb = "has another due date" if one else "have other due dates"
    return f"{' and '.join(parts)} {verb} since the {what} changed."
