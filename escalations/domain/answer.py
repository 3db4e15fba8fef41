"""What to tell a patient who calls, in one sentence, from where their ticket stands now. Pure.

It speaks as the agent speaks to the patient: nothing of our own words for types, rules and clocks, and no
date that the ticket does not carry. The dates are worded as the promise words them (R-ALL-2), with the year
when it is not this one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from escalations.domain.calendar import BusinessCalendar
from escalations.domain.due import Due
from escalations.domain.promise import day_words, local_date, promise
from escalations.domain.states import RUNNING
from escalations.domain.units import HOURS, Turnaround

NOTHING = "There is nothing of yours on record yet; tell me what it is about."
_SEES = "a supervisor sees it"


@dataclass(frozen=True)
class Words:
    """How a type is spoken of to a patient.

    ``asked`` is what they asked for and begins with "your"; ``work`` says that it is being done; ``get`` is
    what they will have. ``held`` says that it is not begun yet, ``undated`` all there is to say without a
    date.
    """

    asked: str = "your request"
    work: str = "Your request is being looked at"
    get: str = ""
    held: str = ""
    undated: str = ""


_CALL = Words("your request for a call back", "Your call back is being taken care of", "our call")
_BILL = Words("your request for an itemized bill", "Your itemized bill is being prepared", "the bill")
_CONCERN = Words("your concern", "Your concern is being looked into")
_PLAIN = Words()
TYPES = {
    "appeal": Words("your question about an appeal", "Your question about an appeal is being looked at"),
    "callback-ptp-pte": _CALL,
    "do-not-contact": Words(
        "your wish not to be contacted", undated="Your wish not to be contacted is on record."
    ),
    "executive-keywords": _CONCERN,
    "insurance-update": Words("your insurance update", "Your insurance update is being worked on"),
    "itemized-bill": _BILL,
    "itemized-bill-ptp": _BILL,
    "medical-records": Words(
        "your request for medical records", "Your medical records are being prepared", "the records"
    ),
    "missing-payment": Words("your report of a missing payment", "Your missing payment is being looked for"),
    "onc-callback": _CALL,
    "patient-callback": _CALL,
    "patient-sos": _CONCERN,
    "refund": Words("your refund request", "Your refund request is being looked at"),
    "requisition-form": Words(
        "your request for the requisition form", "Your requisition form is being prepared", "the form"
    ),
    "spay-error": Words(
        "your trouble with the payment link", "The trouble with your payment link is being looked at"
    ),
    "stop-claim": Words("your request to stop a claim", "Your request to stop a claim is being looked at"),
    "supervisor": Words("your request to a supervisor", "Your request is being looked at"),
    "synergen": Words(
        "your question about the balance", "Your question about the balance is being looked at"
    ),
    "wo-code-error": Words(
        "your account check", "Your account is being checked", "the result", "Your account is to be checked"
    ),
    "zbal": Words("your question about the balance", "Your question about the balance is being looked at"),
}
"""The types Holdline ships with; any other is "your request"."""

_OWNERS = {
    "provider": "your provider's",
    "insurance_representative": "your insurer's",
    "other": "the",
}
"""Whose request it was, when the patient did not call."""

_WAITS = {
    "patient": "we are waiting for what we asked you to send, so please send it",
    "provider": "we are waiting for your provider's answer",
    "insurer": "we are waiting for your insurer's answer",
    "colleagues": "we are waiting for another team of ours",
}
_WAITS_OTHERWISE = "we are waiting for something we need"


@dataclass(frozen=True)
class Case:
    """What is known of one ticket, as far as the sentence needs it.

    ``standing`` is the word of :func:`escalations.domain.standing.standing`. ``waits_for`` is the key of the
    reason it waits for, ``again`` that it was reopened. ``calls`` counts how often the patient was in touch
    about it after it was filed. ``joined`` is the number of the ticket a merged one went into.
    """

    type: str
    status: str
    standing: str
    unit: str
    due_order: datetime
    caller: str = "patient"
    channel: str = "phone"
    urgent: bool = False
    expected_from: datetime | None = None
    due_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str = ""
    taken: bool = False
    waits_for: str = ""
    again: bool = False
    calls: int = 0
    joined: str = ""

    @property
    def words(self) -> Words:
        """How its type is spoken of."""
        return TYPES.get(self.type, _PLAIN)

    @property
    def asked(self) -> str:
        """What was asked for, by whom: "your provider's request for an itemized bill"."""
        owner = _OWNERS.get(self.caller)
        return self.words.asked.replace("your", owner, 1) if owner else self.words.asked

    @property
    def thing(self) -> str:
        """What to expect: "the bill", or "an answer to your refund request"."""
        return self.words.get or f"an answer to {self.asked}"

    @property
    def lead(self) -> str:
        """How far it is, without a date."""
        if self.status == "waiting":
            return _capital(_waits(self))
        if self.status == "started":
            return self.words.work
        if self.again:
            return f"We have taken up {self.asked} again"
        return self.words.held or f"We have {self.asked} on record"


@dataclass(frozen=True)
class Day:
    """The day the sentence is said: the company's calendar and the moment."""

    calendar: BusinessCalendar
    now: datetime

    @property
    def date(self) -> date:
        """The company's date."""
        return self.now.astimezone(self.calendar.tz).date()

    def on(self, moment: datetime) -> str:
        """The company's date of a moment: "Tuesday 2 June", "Tuesday 2 June 2025"."""
        return day_words(moment.astimezone(self.calendar.tz).date(), self.date.year)

    def window(self, case: Case) -> str:
        """ "between Thursday 28 May and Monday 1 June", or only its end."""
        return promise(Due(case.expected_from, case.due_at), _of(case.unit), self.calendar, self.now)

    def until(self, case: Case) -> str:
        """ "by Monday 1 June"; hours with clock time and zone."""
        return promise(Due(None, case.due_at), _of(case.unit), self.calendar, self.now)

    def near(self, case: Case) -> str:
        """ "today" or "tomorrow" when a date in days is that near; else nothing."""
        if case.due_at is None or case.unit in HOURS:
            return ""
        ahead = (local_date(case.due_at, self.calendar) - self.date).days
        return {0: "today", 1: "tomorrow"}.get(ahead, "")


def sentence_of(case: Case, calendar: BusinessCalendar, now: datetime) -> str:
    """The one sentence about one ticket."""
    say = _ENDED.get(case.status) or _RUNNING.get(case.standing, _without_date)
    return say(case, Day(calendar, now))


def most_pressing(cases: Sequence[Case]) -> int | None:
    """The place of the running case to speak of first: what is late, then what is due soonest; or none."""
    running = [place for place, case in enumerate(cases) if case.status in RUNNING]
    return min(running, key=lambda place: _rank(cases[place]), default=None)


def contact_words(case: Case) -> str:
    """How often the patient was in touch about it, when it was more than once: "called 3 times"."""
    if not case.calls:
        return ""
    verb = "called" if case.channel == "phone" else "in touch"
    times = "twice" if case.calls == 1 else f"{case.calls + 1} times"
    return f"{verb} {times}"


def _rank(case: Case) -> tuple[int, datetime]:
    order = ("breached", "immediate", "due_soon", "in_window", "paused", "on_track")
    if case.standing in order:
        return 2 * order.index(case.standing), case.due_order
    return (5 if case.urgent else 99), case.due_order


def _on_track(case: Case, day: Day) -> str:
    return f"{case.lead}; expect {case.thing} {day.window(case)}."


def _due_soon(case: Case, day: Day) -> str:
    near, until = day.near(case), day.until(case)
    if near:
        until = f"{'by ' if near == 'tomorrow' else ''}{near}, {until.removeprefix('by ')}"
    return f"{case.lead}; expect {case.thing} {until}."


def _in_window(case: Case, day: Day) -> str:
    if day.near(case):
        return _due_soon(case, day)
    return f"{case.lead}; expect {case.thing} any day now, {day.until(case)} at the latest."


def _late(case: Case, day: Day) -> str:
    if case.unit == "immediate":
        return _late_at_once(case)
    late = f"We are sorry: {case.thing} was due {day.until(case)} and is late"
    return f"{late}; {_waits(case)}, and {_SEES}." if case.status == "waiting" else f"{late}; {_SEES}."


def _late_at_once(case: Case) -> str:
    if case.taken:
        return f"We are sorry: {case.asked} was taken up later than it should have been; it is in hand now."
    return f"We are sorry: {case.asked} should have been taken up at once and has not been; {_SEES}."


def _at_once(case: Case, day: Day) -> str:
    if case.status == "waiting" or case.taken:
        return f"{case.lead if case.status == 'waiting' else case.words.work}; it is treated as urgent."
    return f"{case.lead}; it is urgent, and somebody is to take it up at once."


def _paused(case: Case, day: Day) -> str:
    return f"{_capital(_waits(case))}; until then {case.asked} rests, and its date moves on."


def _without_date(case: Case, day: Day) -> str:
    if case.words.undated and case.status != "waiting":
        return case.words.undated
    if case.urgent and case.status == "open":
        return f"{case.lead}; it goes to the front of the line, and we cannot name a date."
    return f"{case.lead}; we cannot name a date for it."


def _resolved(case: Case, day: Day) -> str:
    on = f" on {day.on(case.ended_at)}" if case.ended_at else ""
    result = f", with this result: {case.outcome.rstrip('.')}" if case.outcome else ""
    return f"{_capital(case.asked)} was settled{on}{result}."


def _cancelled(case: Case, day: Day) -> str:
    on = f" on {day.on(case.ended_at)}" if case.ended_at else ""
    return f"{_capital(case.asked)} was called off{on}; nothing is being done about it any more."


def _merged(case: Case, day: Day) -> str:
    other = f", {case.joined}," if case.joined else ""
    return f"{_capital(case.asked)} was joined with another one{other} and both are answered together."


def _draft(case: Case, day: Day) -> str:
    return f"{_capital(case.asked)} is noted but not sent on yet, so there is no date for it."


Say = Callable[[Case, Day], str]
_ENDED: dict[str, Say] = {
    "resolved": _resolved,
    "cancelled": _cancelled,
    "merged": _merged,
    "draft": _draft,
}
_RUNNING: dict[str, Say] = {
    "on_track": _on_track,
    "due_soon": _due_soon,
    "in_window": _in_window,
    "breached": _late,
    "paused": _paused,
    "immediate": _at_once,
}


def _waits(case: Case) -> str:
    return _WAITS.get(case.waits_for, _WAITS_OTHERWISE)


def _of(unit: str) -> Turnaround:
    """A turnaround of this unit: the wording asks for its unit alone."""
    return Turnaround(None, 1, unit)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
