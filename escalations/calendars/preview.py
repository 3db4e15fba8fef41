"""What a change of the calendar would do to running tickets, as it is shown before it is done (K14)."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from escalations.actions.reclocking import Previewed
from escalations.domain.calendar_words import differences
from escalations.moves_shown import MovesShown
from escalations.policies import date_name, named_calendar_of


class PreviewScreen(MovesShown):
    """The preview of a change: what it says otherwise, what moves, and which tickets."""

    def __init__(self, seen: Previewed, user: User, now: datetime) -> None:
        super().__init__(seen.outlook, user, now, seen.calendar.rules, "new calendar")
        self.seen, self.token = seen, seen.token
        self.changes = differences(named_calendar_of(seen.base), seen.calendar, date_name)

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
