"""What publishing the draft would change, and do to open tickets, as it is shown before it is done (K13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from escalations.actions.policies import Back, Previewed
from escalations.actions.policy_runs import is_under_way
from escalations.domain.calendar import BusinessCalendar
from escalations.domain.policy_difference import by_place
from escalations.domain.reclock import Outlook
from escalations.models import PolicyRun, Reclocking
from escalations.moves_shown import MovesShown
from escalations.policies import calendar_in_force, calendar_of
from escalations.policy_edit.desk import mend_url


class Moves(MovesShown):
    """What becomes of open tickets."""

    def __init__(
        self, outlook: Outlook, user: User, now: datetime, calendar: BusinessCalendar | None = None
    ) -> None:
        rules = calendar or calendar_of(calendar_in_force(user.company, at=now))
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
        self.is_busy = is_under_way(user.company)

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
        return self.seen.may_be_published and not self.is_busy


class UndoScreen:
    """The page on which a change is taken back, after showing what that does."""

    def __init__(self, back: Back, user: User, now: datetime) -> None:
        self.back, self.token = back, back.token
        self.moves = Moves(back.outlook, user, now, back.calendar)


@dataclass(frozen=True)
class MoveScreen:
    """The page of a version on its way through open tickets, and of what it came to."""

    change: Reclocking

    @property
    def run(self) -> PolicyRun | None:
        """How far it is; ``None`` where all was done at once."""
        return getattr(self.change, "run", None)

    @property
    def under_way(self) -> bool:
        """Whether it is being worked on, so that the page looks again by itself."""
        return self.run is not None and self.run.state == PolicyRun.State.WORKING

    @property
    def is_stopped(self) -> bool:
        """Whether it failed so often that nobody goes on with it by themselves."""
        return self.run is not None and self.run.state == PolicyRun.State.STOPPED

    @property
    def title(self) -> str:
        """What the page is called."""
        undone = self.change.undoes
        if undone is not None and undone.policy is not None:
            return f"Version {undone.policy.number} is undone"
        number = self.change.policy.number if self.change.policy else ""
        return f"Version {number} goes over open tickets"

    @property
    def lead(self) -> str:
        """Where it stands, in a sentence."""
        run, change = self.run, self.change
        if run is None or run.state == PolicyRun.State.DONE:
            count = run.planned if run else change.looked_at
            moved = f"{change.moved:,} due date{' was' if change.moved == 1 else 's were'} moved"
            return f"It has reached all {count:,} open tickets. {moved}."
        far = f"{run.done:,} of {run.planned:,} tickets"
        if self.is_stopped:
            return f"It was stopped after {far}, because it failed again and again."
        return f"{far} are done. Whoever has tickets that move is told once, at the end."

    @property
    def figures(self) -> list[tuple[int, str, str, str]]:
        """What came of it so far: figure, what it counts, a word more, its colour."""
        one = self.run if self.under_way or self.is_stopped else self.change
        if one is None:
            return []
        return [
            (one.moved, "clocks moved", "so far" if self.under_way else "in all", ""),
            (one.breaches, "late by it", "", "breached"),
            (one.unbreaches, "no longer late", "", "on_track"),
        ]
