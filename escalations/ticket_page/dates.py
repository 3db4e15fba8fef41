"""The dates of a ticket's page in words: due, if resumed or reopened now, received earlier than filed."""

from __future__ import annotations

from datetime import datetime

from escalations.clock import clock_of, policy_of_ticket
from escalations.domain import turnaround as engine
from escalations.domain.states import OVER
from escalations.models import Ticket
from escalations.policies import calendar_of
from escalations.screens import moment_words, short_words
from escalations.ticket_page.reading import Detail, moment


class Dates:
    """What is said of one ticket's dates at ``now``, in the zone of its calendar."""

    def __init__(self, detail: Detail, standing: str, now: datetime) -> None:
        self.detail, self.ticket, self.standing, self.now = detail, detail.ticket, standing, now
        self.calendar = calendar_of(detail.ticket.calendar_version)

    @property
    def due(self) -> engine.Due:
        """The window; what it would be "if resumed now" while paused (K9)."""
        return self.detail.if_resumed or engine.Due(self.ticket.expected_from, self.ticket.due_at)

    @property
    def due_words(self) -> str:
        """When it is due, as it is said."""
        due_at = self.due.due_at
        if due_at is None:
            return "no date is stated"
        said = moment_words(due_at, self.calendar, self.now)
        if self.detail.if_resumed is not None:
            return f"due {said}, if resumed now"
        late = self.ticket.status in OVER or self.standing == "breached"
        return f"was due {said}" if late else f"due {said}"

    @property
    def waiting_words(self) -> str:
        """What it waits for, since when, and what that does to its clock (K9, K10); empty for none."""
        wait = self.detail.waiting
        if wait is None or self.ticket.status != "waiting":
            return ""
        began = moment_words(wait.started_at, self.calendar, self.now)
        since = f"{wait.words or wait.reason}, since {began}."
        if not wait.stops_clock:
            return f"{since} The clock keeps running."
        due = self.detail.if_resumed
        if due is None or due.due_at is None:
            return f"{since} The clock stands still."
        return f"{since} The clock stands still: {self._moves(due)}"

    def _moves(self, due: engine.Due) -> str:
        """From which date to which the wait has moved it so far."""
        before, after = self.ticket.due_at, due.due_at
        assert after is not None
        opens = ""
        if due.expected_from is not None:
            opens = f"expected from {moment_words(due.expected_from, self.calendar, self.now)} and "
        said = f"resumed now it is {opens}due {moment_words(after, self.calendar, self.now)}"
        if before is None or before == after:
            return f"{said}, as without the wait."
        return f"{said}; without the wait it was {moment_words(before, self.calendar, self.now)}."

    @property
    def picture_words(self) -> str:
        """The due window in words, for those who do not see it."""
        opens = self.due.expected_from
        since = f"expected from {moment_words(opens, self.calendar, self.now)}, " if opens else ""
        received = moment_words(self.ticket.received_at, self.calendar, self.now)
        return f"Received {received}, {since}{self.due_words}"

    @property
    def legend(self) -> tuple[str, str]:
        """The two ends of the small window in words: when it came in, when it is due."""
        due_at = self.due.due_at
        received = short_words(self.detail.clock.received_at, self.calendar, self.now)
        return received, short_words(due_at, self.calendar, self.now) if due_at else ""

    @property
    def backdated(self) -> str:
        """That it was received before it was filed, by whom or with which ticket (K18, K16); empty if not."""
        ticket = self.ticket
        if ticket.received_at >= ticket.created_at or ticket.status == "draft":
            return ""
        received = moment_words(ticket.received_at, self.calendar, self.now)
        with_it = [one for one in self.detail.merged if moment(one, "received_at") == ticket.received_at]
        if with_it:
            return (
                f"It counts from the filing of {with_it[0]['number']}, received {received}, merged into this."
            )
        filed = moment_words(ticket.created_at, self.calendar, self.now)
        return f"Received {received}, filed {filed} by {ticket.filed_by}. The clock counts from receiving it."

    def if_reopened(self, calendar: engine.BusinessCalendar) -> str:
        """What clock the next cycle would have by this calendar, if it began now (K11)."""
        cycles = self.detail.cycles
        last = cycles[-1] if cycles else None
        if last is None or last.ended_at is None:
            return ""
        clock = engine.second_cycle(
            clock_of(last, self.detail.pauses),
            resolved_at=last.ended_at,
            reopened_at=max(self.now, last.ended_at),
            breached=last.met is False,
            target=policy_of_ticket(self.ticket).reopen,
        )
        number = f"Cycle {last.number + 1}"
        due_at = clock.due(calendar).due_at
        if due_at is None:
            return f"{number} begins. This type states no time, so no date is due."
        when = moment_words(due_at, calendar, self.now)
        if clock.turnaround.unit == "immediate":
            return f"{number} begins and is due at once, {when}."
        if last.met is False:
            target = engine.describe(clock.turnaround)
            return f"{number} begins. The cycle before was late, so it gets {target} from now: due {when}."
        return f"{number} goes on from the first filing; the time it was closed does not count: due {when}."

    @property
    def if_resolved(self) -> str:
        """Whether resolving it now is in time."""
        due_at = self.due.due_at
        if due_at is None or self.ticket.unit == "immediate":
            return ""
        when = moment_words(due_at, self.calendar, self.now)
        return f"That is in time: due {when}." if self.now <= due_at else f"That is late: it was due {when}."


def received_words(ticket: Ticket, calendar: engine.BusinessCalendar, now: datetime) -> str:
    """How and when it came in."""
    return f"by {ticket.channel}, {short_words(ticket.received_at, calendar, now)}"
