"""What publishing the draft would change, and do to open tickets, as it is shown before it is done (K13)."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from escalations.actions.policies import Back, Previewed
from escalations.domain.policy_difference import by_place
from escalations.domain.reclock import Outlook
from escalations.moves_shown import MovesShown
from escalations.policies import calendar_in_force, calendar_of
from escalations.policy_edit.desk import mend_url


class Moves(MovesShown):
    """What becomes of open tickets."""

    def __init__(self, outlook: Outlook, user: User, now: datetime) -> None:
        rules = calendar_of(calendar_in_force(user.company, at=now))
        super().__init__(outlook, user, now, rules, "new rules")

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
