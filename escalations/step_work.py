"""What each step of a ticket does besides moving its status: columns, clock, pauses, and words.

Used by :mod:`escalations.actions` alone. A function reads what it needs and gives a :class:`Change`;
``after`` writes further rows once the ticket itself has moved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from accounts.roles import Can
from accounts.steps import Refused
from escalations.clock import breach_of, clock_of, dates, grace_of, policy_of_ticket
from escalations.domain import turnaround as engine
from escalations.models import Pause, Ticket, TicketCycle, Waiver
from escalations.policies import calendar_for, calendar_in_force, calendar_of
from work.once import insert_once

CLOSED = "closed"
"""The reason of the pause between a resolution and a reopening (K11)."""


@dataclass
class Change:
    """What a step does besides moving the status."""

    title: str
    text: str = ""
    columns: dict[str, Any] = field(default_factory=dict)
    after: Callable[[], Any] = lambda: None


@dataclass(frozen=True)
class Doing:
    """One step being taken: the ticket as it was read, who takes it, when, and what they said."""

    ticket: Ticket
    by: User
    at: datetime
    facts: dict[str, Any]


def open_cycle(
    ticket: Ticket, number: int, clock: engine.Cycle, moments: dict[str, Any], at: datetime
) -> TicketCycle:
    """Start a cycle of the ticket's clock."""
    return TicketCycle.objects.create(
        company_id=ticket.company_id,
        ticket=ticket,
        number=number,
        clock_from=clock.received_at,
        opened_at=at,
        min=clock.turnaround.min,
        max=clock.turnaround.max,
        unit=clock.turnaround.unit,
        expected_from=moments["expected_from"],
        due_at=moments["due_at"],
    )


def _file(doing: Doing) -> Change:
    """A draft becomes a ticket only through the filing, where every rule is asked."""
    raise Refused("A draft is filed from its form, where what is still missing is asked.")


def _take(doing: Doing) -> Change:
    """Take a ticket nobody has; a supervisor may also take it from somebody (K7: the first taking counts)."""
    ticket, by = doing.ticket, doing.by
    if ticket.assignee_id == by.pk and ticket.taken_at is not None:
        raise Refused(f"{ticket.number} is yours already.")
    if ticket.assignee_id not in (None, by.pk) and not by.may(Can.DIRECT_TICKETS):
        raise Refused(f"{ticket.assignee} has {ticket.number}. A supervisor may assign it to somebody else.")
    return Change("Taken", columns=_taken(doing))


def _taken(doing: Doing) -> dict[str, Any]:
    return {"assignee": doing.by, "taken_at": doing.ticket.taken_at or doing.at}


def _start(doing: Doing) -> Change:
    """Start the work; who starts a ticket that nobody has takes it too."""
    nobody = doing.ticket.assignee_id is None
    mine = nobody or doing.ticket.assignee_id == doing.by.pk
    return Change("Taken and started" if nobody else "Started", columns=_taken(doing) if mine else {})


def _wait(doing: Doing) -> Change:
    """Wait for somebody; the clock stops only if the type says so for this reason (K9, K10)."""
    reason = doing.facts["reason"]
    clock = "The clock stands still." if reason.stops_clock else "The clock keeps running."
    text = " ".join(part for part in (clock, doing.facts["note"]) if part)
    columns = {"paused_at": doing.at if reason.stops_clock else None}
    return Change(reason.label, text, columns, pause_of(doing).save)


def pause_of(doing: Doing) -> Pause:
    """The wait that begins with this step; not yet written."""
    reason = doing.facts["reason"]
    return Pause(
        company_id=doing.ticket.company_id,
        ticket=doing.ticket,
        reason=reason.key,
        words=reason.label,
        stops_clock=reason.stops_clock,
        started_at=doing.at,
    )


def _resume(doing: Doing) -> Change:
    """Go on; the dates move by what the pause cut out (K9)."""
    ended = end_wait(doing)
    return Change(f"Resumed after {length_words(ended.waited)}", columns=ended.columns, after=ended.write)


def _resolve(doing: Doing) -> Change:
    """Answered: the clock stops, and whether the cycle was met is frozen (K11)."""
    ended = end_wait(doing)
    due_at = ended.columns.get("due_at", doing.ticket.due_at)
    met = was_met(doing, due_at)
    outcome = {"outcome": doing.facts["outcome"], "note": doing.facts["note"]}
    columns = {**ended.columns, "resolved_at": doing.at}
    late = () if met is not False else (lambda: insert_once([breach_of(doing.ticket, doing.at, due_at)]),)
    after = in_turn(ended.write, lambda: end_cycle(doing, met=met, **outcome), *late)
    return Change(f"Resolved: {doing.facts['outcome']}", met_words(met, doing), columns, after)


def was_met(doing: Doing, due_at: datetime | None) -> bool | None:
    """Whether a ticket resolved with this step kept its time; ``None`` where none was stated (K7, K8)."""
    return engine.was_met(
        unit=doing.ticket.unit,
        due_at=due_at,
        resolved_at=doing.at,
        taken_at=doing.ticket.taken_at,
        grace=grace_of(policy_of_ticket(doing.ticket)),
    )


def _cancel(doing: Doing) -> Change:
    """Called off: the clock stops, and nothing was met or missed."""
    ended = end_wait(doing)
    reason = doing.facts["reason"]
    after = in_turn(ended.write, lambda: end_cycle(doing, met=None, outcome="Cancelled", note=reason))
    return Change("Cancelled", " ".join(filter(None, (reason, doing.facts["note"]))), ended.columns, after)


def _reopen(doing: Doing) -> Change:
    """Start the next cycle: the closed stretch is a pause, or the reopen target counts (K11)."""
    ticket, policy = doing.ticket, policy_of_ticket(doing.ticket)
    last = ticket.cycles.get(number=ticket.cycle)
    resolved_at = last.ended_at or doing.at
    clock = engine.second_cycle(
        clock_of(last, ticket.pauses.all()),
        resolved_at=resolved_at,
        reopened_at=doing.at,
        breached=last.met is False,
        target=policy.reopen,
    )
    # A clock that starts anew goes by the calendar of today; those that ran were put under it (K14).
    calendar = calendar_in_force(ticket.company, at=doing.at)
    moments = dates(clock, calendar_of(calendar), policy, urgent=ticket.urgency == "urgent")
    columns = {**moments, "resolved_at": None, "cycle": ticket.cycle + 1, "calendar_version": calendar}
    if ticket.unit == "immediate":
        columns["taken_at"] = None

    def write() -> None:
        open_cycle(ticket, ticket.cycle + 1, clock, moments, doing.at)
        Pause.objects.create(
            company_id=ticket.company_id,
            ticket=ticket,
            reason=CLOSED,
            words="Resolved, then reopened",
            stops_clock=True,
            started_at=resolved_at,
            ended_at=doing.at,
        )

    return Change(
        "Reopened", " ".join(filter(None, (doing.facts["reason"], doing.facts["note"]))), columns, write
    )


def _assign(doing: Doing) -> Change:
    """Give the ticket to somebody who works on tickets."""
    return Change(f"Assigned to {doing.facts['user']}", columns={"assignee": doing.facts["user"]})


def _comment(doing: Doing) -> Change:
    """Say what happened; the ticket itself stays as it is."""
    return Change("Note")


def _contact(doing: Doing) -> Change:
    """The patient was in touch again about the same thing: counted, and no second ticket (R-X-7)."""
    return Change("Called again")


def _dismiss(doing: Doing) -> Change:
    """Set aside a keyword that was heard, with the reason (R-EXEC-1)."""
    word, reason = doing.facts["word"], doing.facts["reason"]
    heard = [one for one in doing.ticket.keywords if one["word"].casefold() == word.casefold()]
    if not heard:
        raise Refused(f"“{word}” was not heard in {doing.ticket.number}.")
    if heard[0]["decision"]:
        raise Refused(f"“{heard[0]['word']}” is decided already: {heard[0]['decision']}.")
    chosen = {**heard[0], "decision": "dismissed", "reason": reason}
    kept = [chosen if one is heard[0] else one for one in doing.ticket.keywords]

    def write() -> None:
        Waiver.objects.create(
            company_id=doing.ticket.company_id,
            ticket=doing.ticket,
            kind=Waiver.Kind.DISMISSAL,
            rule="R-EXEC-1",
            subject=chosen["word"],
            reason=reason,
            by=doing.by,
            at=doing.at,
        )

    return Change(f"“{chosen['word']}” set aside", reason, {"keywords": kept}, write)


WORK: dict[str, Callable[[Doing], Change]] = {
    "file": _file,
    "take": _take,
    "start": _start,
    "wait": _wait,
    "resume": _resume,
    "resolve": _resolve,
    "reopen": _reopen,
    "assign": _assign,
    "cancel": _cancel,
    "comment": _comment,
    "contact": _contact,
    "dismiss": _dismiss,
}


@dataclass
class Ended:
    """What a step ends: the new columns, and of a wait the rows to write and how long it was.

    The columns name the calendar in force in any case: a cycle that ends is measured by that of its end.
    """

    columns: dict[str, Any]
    write: Callable[[], None]
    waited: timedelta = timedelta(0)


def end_wait(doing: Doing) -> Ended:
    """End a wait that is still open, as the step that comes now does (K9)."""
    ticket = doing.ticket
    pauses = list(ticket.pauses.all())
    running = next((pause for pause in pauses if pause.ended_at is None), None)
    if running is None:
        return Ended({"calendar_version": calendar_for(ticket)}, lambda: None)
    cycle = ticket.cycles.get(number=ticket.cycle)
    columns = ending_wait(ticket, running, pauses, cycle, doing.at)

    def write() -> None:
        Pause.objects.filter(pk=running.pk, ended_at=None).update(ended_at=running.ended_at)
        TicketCycle.objects.filter(pk=cycle.pk).update(
            expected_from=columns["expected_from"], due_at=columns["due_at"]
        )

    return Ended(columns, write, (running.ended_at or doing.at) - running.started_at)


def ending_wait(
    ticket: Ticket, running: Pause, pauses: Sequence[Pause], cycle: TicketCycle, at: datetime
) -> dict[str, Any]:
    """The ticket's columns once its open wait, one of ``pauses``, ends ``at``: its dates without what the
    wait cut out (K9)."""
    running.ended_at = max(at, running.started_at)
    return {**moments_of(ticket, clock_of(cycle, pauses)), "paused_at": None}


def end_cycle(doing: Doing, *, met: bool | None, outcome: str, note: str) -> None:
    """Freeze the outcome of the cycle that runs (K11)."""
    rows = TicketCycle.objects.filter(ticket=doing.ticket, number=doing.ticket.cycle, ended_at=None)
    rows.update(ended_at=doing.at, met=met, outcome=outcome, note=note)


def moments_of(ticket: Ticket, clock: engine.Cycle) -> dict[str, Any]:
    """The stored moments of a running ticket with this clock, and the calendar they are worked out under."""
    version = calendar_for(ticket)
    found = dates(clock, calendar_of(version), policy_of_ticket(ticket), urgent=ticket.urgency == "urgent")
    return {**found, "calendar_version": version}


def met_words(met: bool | None, doing: Doing) -> str:
    """How the timeline judges a resolution."""
    judged = {True: "In time.", False: "After it was due.", None: ""}[met]
    return " ".join(filter(None, (judged, doing.facts["note"])))


def in_turn(*writes: Callable[[], Any]) -> Callable[[], None]:
    """One write after the other."""

    def write() -> None:
        for one in writes:
            one()

    return write


def length_words(waited: timedelta) -> str:
    """A length of time in its two largest units: "2 d 5 h", "4 min"."""
    minutes = int(waited.total_seconds()) // 60
    parts = [(minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min")]
    said = [f"{number} {unit}" for number, unit in parts if number]
    return " ".join(said[:2]) or "less than a minute"
