"""Telling that due dates moved: a line on each ticket, and one notice a person however many moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import User
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


def tell_people(done: Reclocking, moved: Sequence[Change], *, what: str) -> None:
    """One notice a person, however many of their tickets moved."""
    numbers = {change.clock.ticket for change in moved}
    own: Counter[int] = Counter(c.clock.assignee for c in moved if c.clock.assignee is not None)
    owners = {change.clock.ticket: change.clock.assignee for change in moved}
    watched: Counter[int] = Counter()
    for ticket, user in Watcher.objects.filter(company=done.company).values_list("ticket_id", "user_id"):
        if ticket in numbers and owners[ticket] != user:
            watched[user] += 1
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
    notify(facts, at=done.at)


def _moved_words(own: int, watched: int, what: str) -> str:
    """As in "14 of your tickets have other due dates since the calendar changed."."""
    parts = [f"{own:,} of your tickets"] if own else []
    parts += [f"{watched:,} you watch" if own else f"{watched:,} of the tickets you watch"] if watched else []
    one = own + watched == 1
    verb = "has another due date" if one else "have other due dates"
    return f"{' and '.join(parts)} {verb} since the {what} changed."
