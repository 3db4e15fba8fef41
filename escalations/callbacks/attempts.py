"""The calls made about a ticket, as board, form and ticket page show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from accounts.models import User
from accounts.roles import Can
from escalations.domain.callbacks import (
    CALLBACK_TYPES,
    ENOUGH_TRIES,
    HOURS,
    REFUSED,
    guards,
    next_call,
    tries,
)
from escalations.domain.policy import TicketType, WaitReason
from escalations.domain.promise import short_day
from escalations.domain.states import RUNNING
from escalations.models import CallAttempt, Ticket, TicketEvent
from escalations.policies import policy_of
from patients.domain.zones import NAMES, zone_is_sure, zone_of

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six")


def zone_name(zone: ZoneInfo) -> str:
    """What people call a zone: "Eastern"; its own name where there is none."""
    return NAMES.get(zone.key, zone.key.rpartition("/")[2].replace("_", " "))


def day_words(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """A moment on a zone's clock as one says it: "today 21:00", "tomorrow 08:00", "Tue 1 Dec, 08:00"; another
    year is named."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    named = {today: "today", today + timedelta(days=1): "tomorrow", today - timedelta(days=1): "yesterday"}
    day = named.get(local.date())
    return f"{day} {local:%H:%M}" if day else f"{short_day(local.date(), today.year)}, {local:%H:%M}"


def counted_tries(count: int) -> str:
    """How often nobody was reached: "one try", "three tries"."""
    said = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    return f"{said} {'try' if count == 1 else 'tries'}"


class PatientClock:
    """The clock where a ticket's patient is, and what it says of calling."""

    def __init__(self, ticket: Ticket, user: User, now: datetime) -> None:
        patient, self.now = ticket.patient, now
        self.here: ZoneInfo = user.company.zone
        state, own = (patient.state, patient.time_zone) if patient else ("", "")
        self.zone = zone_of(own, state, self.here)
        self.sure = zone_is_sure(own, state)
        self.refuses = bool(patient and patient.do_not_call)

    @property
    def name(self) -> str:
        """The zone as people call it."""
        return zone_name(self.zone)

    @property
    def elsewhere(self) -> bool:
        """Whether the patient's clock shows another time than the company's."""
        return self.now.astimezone(self.zone).utcoffset() != self.now.astimezone(self.here).utcoffset()

    @property
    def time(self) -> str:
        """The time there."""
        return f"{self.now.astimezone(self.zone):%H:%M}"

    @property
    def guards(self) -> tuple[str, ...]:
        """What a call now goes past (R-DNC-2)."""
        return guards(self.now, self.zone, refuses_calls=self.refuses)

    @property
    def next(self) -> str:
        """When the patient may be called next, in words; empty when that is now."""
        return "" if HOURS not in self.guards else self.there(next_call(self.now, self.zone))

    def there(self, moment: datetime) -> str:
        """A moment by the patient's clock."""
        return day_words(moment, self.zone, self.now)

    def here_too(self, moment: datetime) -> str:
        """The same moment by the company's clock; empty where both clocks agree."""
        same = moment.astimezone(self.zone).utcoffset() == moment.astimezone(self.here).utcoffset()
        return "" if same else day_words(moment, self.here, self.now)


class Calls:
    """The calls of one ticket for one person. ``attempts`` are the newest first."""

    def __init__(self, ticket: Ticket, attempts: Sequence[CallAttempt], user: User, now: datetime) -> None:
        self.ticket, self.attempts, self.user, self.now = ticket, attempts, user, now
        self.clock = PatientClock(ticket, user, now)

    @property
    def shown(self) -> bool:
        """Whether the ticket's page has a place for calls: callbacks, and where a call was made."""
        return self.ticket.type in CALLBACK_TYPES and self.ticket.status != "draft" or bool(self.attempts)

    @property
    def may_log(self) -> bool:
        """Whether this person may log a call now."""
        return self.ticket.status in RUNNING and self.user.may(Can.WORK_TICKETS)

    @property
    def url(self) -> str:
        """The form of a call."""
        return reverse("callbacks:call", args=[self.ticket.number])

    @property
    def phone(self) -> str:
        """The number to call, from the answers; else the patient's own."""
        number = str(self.ticket.answers.get("number") or "")
        return number or (self.ticket.patient.phone if self.ticket.patient else "")

    @cached_property
    def unreached(self) -> int:
        """How often in a row nobody was reached."""
        return tries([one.outcome for one in self.attempts])

    @property
    def words(self) -> str:
        """How often nobody was reached, and how the last call ended."""
        if not self.attempts:
            return "not tried yet"
        last = self.attempts[0]
        ended = f"{last.get_outcome_display().lower()}, {self.when(last)}"
        return f"{counted_tries(self.unreached)}: {ended}" if self.unreached else ended

    def when(self, attempt: CallAttempt) -> str:
        """When a call was made, by the company's clock."""
        return day_words(attempt.at, self.clock.here, self.now)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every call in words."""
        past = {REFUSED: "the patient refuses calls", HOURS: "outside calling hours"}
        return [
            {
                "outcome": one.get_outcome_display(),
                "when": self.when(one),
                "who": str(one.by),
                "note": one.note,
                "past": " and ".join(past[key] for key in one.guard.split() if key in past),
                "reason": one.reason,
            }
            for one in self.attempts
        ]

    @property
    def type(self) -> TicketType | None:
        """The type as the ticket's version of the policy has it."""
        return policy_of(self.ticket.policy_version).type(self.ticket.type)

    @property
    def enough(self) -> bool:
        """Whether it was tried often enough to do something else."""
        return self.unreached >= ENOUGH_TRIES and self.ticket.status in RUNNING

    @property
    def wait(self) -> WaitReason | None:
        """The wait for the patient that the type allows, after three tries without an answer."""
        found = self.type
        if not self.enough or found is None or self.ticket.status == "waiting":
            return None
        return found.wait_reason("patient")

    @property
    def in_vain(self) -> str:
        """That it was tried often enough; empty before."""
        said = f"{counted_tries(self.unreached).capitalize()} without reaching anybody."
        return said if self.enough else ""

    @property
    def advice(self) -> str:
        """What may be done once it was tried often enough; empty before."""
        if not self.enough:
            return ""
        if self.wait is None:
            return "Say in the ticket how it goes on."
        still = "the clock stands still meanwhile" if self.wait.stops_clock else "the clock keeps running"
        return f"You may wait for the patient: {still}."


def calls_of(ticket: Ticket, user: User, now: datetime) -> Calls:
    """The calls of one ticket, in one query."""
    rows = ticket.call_attempts.select_related("by").order_by("-at", "-id")[:100]
    return Calls(ticket, list(rows), user, now)


def calls_beside(ticket: Ticket, events: Iterable[TicketEvent], user: User, now: datetime) -> Calls:
    """The calls of a ticket whose timeline is known; they are asked for only where there can be some."""
    if ticket.type in CALLBACK_TYPES or any(one.act == "call" for one in events):
        return calls_of(ticket, user, now)
    return Calls(ticket, [], user, now)


def attempts_by_ticket(tickets: Iterable[Ticket]) -> dict[int, list[CallAttempt]]:
    """The calls of several tickets, the newest first, in one query."""
    found: dict[int, list[CallAttempt]] = {}
    rows = CallAttempt.objects.filter(ticket__in=[one.pk for one in tickets]).select_related("by")
    for one in rows.order_by("-at", "-id"):
        found.setdefault(one.ticket_id, []).append(one)
    return found
