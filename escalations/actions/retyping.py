"""Changing a ticket's type or channel: every rule of the new type is asked, and the clock counted anew
(K12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.audit import acting
from accounts.models import User
from accounts.steps import Refused
from escalations.actions.clocks import carry_alerts
from escalations.actions.filing import ALARM, add_what_comes_with_it, keywords_of, marks_of
from escalations.actions.moving import apply
from escalations.actions.notices import sound_alarm, tell_of_step
from escalations.actions.timeline import tell
from escalations.clock import breach_of, clock_of, dates, standing_of
from escalations.domain import turnaround as engine
from escalations.domain.answers import LONGEST_TEXT, long_text
from escalations.filing import Filing, Prefill, read_filing
from escalations.models import LinkKind, Pause, Ticket, TicketCycle, TicketLink
from escalations.policies import calendar_for, calendar_of, policy_of
from patients.domain.intake import Wrong
from work.once import insert_once

_MAY_SAY = ("type", "channel", "answers", "acknowledged", "note", "override", "overrides")


class Unfit(Exception):
    """The ticket cannot become what was asked for: ``filing`` has everything that stands against it."""

    def __init__(self, filing: Filing) -> None:
        super().__init__("The rules of the type refuse this ticket.")
        self.filing = filing

    @property
    def wrong(self) -> dict[str, Wrong]:
        """The same by field, as a form shows it: a rule stands under its id and its field."""
        rules = {
            f"{one.rule} {one.field}": Wrong("rule", f"{one.message} {one.instead}".strip())
            for one in self.filing.intake.refusals
        }
        return {**self.filing.all_wrong, **rules}


def retype(ticket: Ticket, facts: Mapping[str, Any], *, by: User, at: datetime) -> Ticket:
    """Give a running ticket another type or channel, or other answers.

    It keeps its filing moment, its pauses and its own version of the policy; what comes with the new type
    (files, named tickets, the wish not to be contacted) comes with it now. ``facts`` may say ``type``,
    ``channel``, ``answers``, ``acknowledged``, ``override`` and a ``note`` for the timeline. Raises Refused
    for a change that changes nothing, and :class:`Unfit` for one that the rules refuse.
    """
    filing = read_change(ticket, facts, by=by, at=at)
    note = _note(filing, facts)
    if not filing.may_be_filed or filing.type is None:
        raise Unfit(filing)
    before, after = (ticket.type_name, ticket.channel), (filing.type.name, filing.channel)
    if before == after and filing.intake.answers == ticket.answers:
        raise Refused(f"{ticket.number} is of the type {ticket.type_name} already, with the same answers.")
    cycle = ticket.cycles.get(number=ticket.cycle)
    turnaround = turnaround_after(ticket, filing, cycle)
    columns = _columns(ticket, filing, cycle)
    with transaction.atomic(), acting(by, "retype"):
        if standing_of(ticket, at) == "breached":
            insert_once([breach_of(ticket, at)])  # it stays on record though no sweep has seen it yet (K12)
        apply(ticket, None, columns)
        if columns["late_from"] is not None and columns["late_from"] < at:
            carry_alerts([(ticket.pk, ticket.cycle, ticket.due_at, columns["due_at"])])
        TicketCycle.objects.filter(ticket=ticket, number=ticket.cycle).update(
            min=turnaround.min,
            max=turnaround.max,
            unit=turnaround.unit,
            expected_from=columns["expected_from"],
            due_at=columns["due_at"],
        )
        TicketLink.objects.filter(ticket=ticket, kind=LinkKind.NAMES).exclude(
            other__in=filing.links.values()
        ).delete()
        add_what_comes_with_it(ticket, filing, by, at)
        event = tell(ticket, "retype", _words(before, after), note, by, at)
        tell_of_step(event, ticket, by=by, at=at)
        if ALARM in columns["marks"]:
            sound_alarm(ticket, by=by, at=at)
    ticket.refresh_from_db(from_queryset=Ticket.objects.select_related("assignee", "patient"))
    return ticket


def read_change(
    ticket: Ticket, facts: Mapping[str, Any], *, by: User, at: datetime, prefill: Prefill | None = None
) -> Filing:
    """The ticket as it would be, put to the rules of its own version; the free text of the ticket stays
    heard. ``prefill`` is what a page offers where nothing was said yet."""
    same_type = facts.get("type") in (None, "", ticket.type)
    said = {
        "type": facts.get("type") or ticket.type,
        "channel": facts.get("channel") or ticket.channel,
        "caller": ticket.caller,
        "patient": str(ticket.patient_id),
        "note": ticket.note,
        "answers": facts.get("answers", ticket.answers if same_type else {}),
        "acknowledged": facts.get("acknowledged", ticket.acknowledged if same_type else []),
        "overrides": facts.get("overrides", facts.get("override")),
    }
    version = ticket.policy_version
    filing = read_filing(by, said, at=at, policy_version=version, ticket=ticket, prefill=prefill)
    filing.received_at = ticket.received_at
    strangers = sorted(set(facts) - set(_MAY_SAY))
    if strangers:
        listed = ", ".join(_MAY_SAY)
        filing.wrong["facts"] = Wrong("unknown", f"“retype” does not take this. It takes: {listed}.")
    return filing


def _note(filing: Filing, facts: Mapping[str, Any]) -> str:
    """The words for the timeline; what cannot be kept of them stands against the filing."""
    try:
        return long_text("The note", LONGEST_TEXT)(facts.get("note"))
    except Wrong as problem:
        filing.wrong["note"] = problem
        return ""


def _columns(ticket: Ticket, filing: Filing, cycle: TicketCycle) -> dict[str, Any]:
    assert filing.type is not None
    return {
        "type": filing.type.key,
        "type_name": filing.type.name,
        "urgency": filing.type.urgency,
        "channel": filing.channel,
        "answers": filing.intake.answers,
        "acknowledged": filing.acknowledged,
        "marks": _marks(ticket, filing),
        "keywords": _keywords(ticket, filing),
        **new_dates(ticket, filing, cycle, ticket.pauses.all()),
    }


def _marks(ticket: Ticket, filing: Filing) -> list[str]:
    """What the ticket makes visible now, with what it took over from tickets that were merged into it."""
    merged = Ticket.objects.filter(merged_into=ticket).values_list("marks", flat=True)
    taken = {mark for marks in merged for mark in marks}
    own = marks_of(filing.intake)
    return [*own, *sorted(taken - set(own))]


def turnaround_after(ticket: Ticket, filing: Filing, cycle: TicketCycle) -> engine.Turnaround:
    """The turnaround of the running cycle after the change (K12).

    Answers alone change none; a cycle that runs on the reopen target keeps it (K11), unless the new type is
    immediate or states no time.
    """
    assert filing.type is not None
    own = engine.Turnaround(cycle.min, cycle.max, cycle.unit)
    new = filing.type.turnaround(filing.channel)
    if (filing.type.key, filing.channel) == (ticket.type, ticket.channel):
        return own
    reopened = engine.on_reopen_target(cycle.number, cycle.clock_from, cycle.opened_at, cycle.unit)
    return own if reopened and new.unit not in ("immediate", "none") else new


def new_dates(
    ticket: Ticket, filing: Filing, cycle: TicketCycle, pauses: Iterable[Pause], now: datetime | None = None
) -> dict[str, Any]:
    """The moments of the running cycle under the new type and channel, its pauses kept (K12), and the
    calendar they are worked out under.

    A wait that is still open is left out, for it counts when it ends; with ``now`` it counts as if it ended
    then.
    """
    assert filing.type is not None
    turnaround = turnaround_after(ticket, filing, cycle)
    kept = [pause for pause in pauses if now is not None or pause.ended_at is not None]
    clock = engine.Cycle(turnaround, cycle.clock_from, clock_of(cycle, kept).pauses)
    version, policy = calendar_for(ticket), policy_of(ticket.policy_version)
    urgent = filing.type.urgency == "urgent"
    found = dates(clock, calendar_of(version), policy, urgent=urgent, now=now)
    return {**found, "calendar_version": version}


def _keywords(ticket: Ticket, filing: Filing) -> list[dict[str, Any]]:
    """What is heard now, with what was decided before."""
    decided = {one["word"]: one for one in ticket.keywords if one.get("decision")}
    return [decided.get(one["word"], one) for one in keywords_of(filing)]


def _words(before: tuple[str, str], after: tuple[str, str]) -> str:
    if before[0] != after[0]:
        return f"Changed from {before[0]} to {after[0]}"
    return f"Changed to {after[1]}" if before[1] != after[1] else "Answers changed"
