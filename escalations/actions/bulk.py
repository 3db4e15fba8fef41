"""One step of many tickets at a time: as the step of one ticket, in a fixed number of statements for 500.

Each ticket is judged by the same table, rules and words as alone (:mod:`escalations.step_work`). Who is
second with a ticket is told what the first did; the others go through. People are told once for all of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Model

from accounts.audit import acting
from accounts.models import User
from accounts.roles import Can
from accounts.steps import Refused, find_step
from escalations.actions.notices import Fact, mentioned, notify
from escalations.actions.steps import Invalid, assignable, type_of
from escalations.actions.timeline import tell_all
from escalations.clock import breach_of
from escalations.domain.bulk import ACTS, AT_MOST, Done, Skipped, notice_words
from escalations.domain.notices import ENDS, did
from escalations.domain.states import TICKET
from escalations.domain.step_facts import read_step
from escalations.models import Alert, Pause, Ticket, TicketCycle, TicketEvent, Watcher
from escalations.policies import calendar_for, with_calendar
from escalations.step_work import WORK, Doing, ending_wait, length_words, met_words, pause_of, was_met
from patients.domain.intake import Wrong
from work.each import update_each
from work.once import insert_once

BATCH = 500
_MANY = 100
_SAME_NOTE = timedelta(minutes=2)
"""A note that the same person wrote on the same ticket so lately is the same click."""
_MOVES = (
    "assignee_id", "taken_at", "paused_at", "resolved_at", "expected_from", "due_at", "warn_at", "late_from",
    "due_order", "unit", "calendar_version_id",
)  # fmt: skip
"""What a bulk act may change of a ticket, beside its status."""
_ENDS_WAITS = ("resume", "resolve", "cancel")
_ENDS_CYCLES = ("resolve", "cancel")
_SAYS_ONLY = ("comment", "acknowledge")


@dataclass
class _Moved:
    """One ticket that takes the step: what its timeline says, its new columns, and rows beside it."""

    ticket: Ticket
    title: str
    text: str = ""
    status: str = ""
    columns: dict[str, Any] = field(default_factory=dict)
    waits: Pause | None = None
    waited: Pause | None = None
    met: bool | None = None
    late: bool = False


@dataclass(frozen=True)
class _Bulk:
    """What all tickets of one bulk act have in common."""

    act: str
    by: User
    at: datetime
    facts: Mapping[str, Any]
    seen: Mapping[int, int]
    clean: dict[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Beside:
    """What stands beside the tickets of a batch, as far as the act needs it."""

    alarmed: frozenset[int] = frozenset()
    noted: frozenset[int] = frozenset()
    pauses: Mapping[int, list[Pause]] = field(default_factory=dict)
    cycles: Mapping[int, TicketCycle] = field(default_factory=dict)


def act_on_many(
    keys: Sequence[int],
    act: str,
    *,
    by: User,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
    versions: Mapping[int, int] | None = None,
    expected_count: int | None = None,
) -> Done:
    """Take one step of all these tickets, in one transaction; say which were left as they were, and why.

    ``versions`` are those the person saw, where known. Raises Refused for an act that is not done to many,
    for more than 5,000 and for a count that differs from ``expected_count`` (stale); Invalid for facts that
    suit none of the tickets; Ticket.DoesNotExist for an id that is not there or is another company's.
    """
    ids = sorted(set(keys))
    _refuse(act, len(ids), expected_count)
    bulk = _Bulk(act, by, at, dict(facts or {}), {**_versions(ids, by), **dict(versions or {})})
    skipped: list[Skipped] = []
    told: list[tuple[_Moved, TicketEvent]] = []
    with transaction.atomic(), acting(by, act):
        _plan_for_many(len(ids))
        for start in range(0, len(ids), BATCH):
            moved = _judged(bulk, ids[start : start + BATCH], skipped)
            told += _written(bulk, moved)
        _tell_people(bulk, told)
    return Done(len(told), skipped)


def _refuse(act: str, count: int, expected: int | None) -> None:
    if act not in ACTS:
        raise Refused(f"This is not done to many tickets. It is one of: {', '.join(ACTS)}.", "unknown")
    if count > AT_MOST:
        raise Refused(f"At most {AT_MOST:,} tickets at one time; {count:,} were chosen. Nothing was changed.")
    if expected is not None and expected != count:
        raise Refused(
            f"{count:,} tickets match now, not {expected:,}. Nothing was changed; look at the list again.",
            "stale",
        )


def _versions(ids: Sequence[int], by: User) -> dict[int, int]:
    """The versions before anything is locked: who comes second to a ticket finds another."""
    rows = Ticket.objects.visible_to(by).filter(pk__in=ids)
    found = dict(rows.values_list("pk", "version"))
    if len(found) < len(ids):
        raise Ticket.DoesNotExist("No such ticket.")
    return found


def _plan_for_many(count: int) -> None:
    """Have the audit triggers planned anew: a plan made for one row joins many by a nested loop."""
    if count > _MANY:
        with connection.cursor() as cursor:
            cursor.execute("DISCARD PLANS")


# --- judging ---------------------------------------------------------------------------------------


def _judged(bulk: _Bulk, ids: Sequence[int], skipped: list[Skipped]) -> list[_Moved]:
    """Lock the tickets, in the order of their ids, and judge each; the refused ones go to ``skipped``."""
    # Locked by themselves: rows that are joined while a lock is waited for are those of before the wait.
    list(Ticket.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    rows = with_calendar(Ticket.objects.filter(pk__in=ids)).order_by("pk")
    rows = rows.select_related("assignee__company", "filed_by__company", "policy_version", "calendar_version")
    tickets = list(rows.defer("policy_version__data", "calendar_version__data"))
    stale = [one for one in tickets if bulk.seen[one.pk] != one.version and bulk.act not in _SAYS_ONLY]
    skipped += _changed_meanwhile(stale)
    fresh = [one for one in tickets if one not in stale]
    beside = _beside(bulk, fresh)
    moved: list[_Moved] = []
    wrong: dict[str, Wrong] = {}
    for ticket in fresh:
        try:
            moved.append(_step(bulk, ticket, beside))
        except Refused as refused:
            skipped.append(Skipped(ticket.pk, ticket.number, refused.sentence))
        except Invalid as invalid:
            wrong = wrong or invalid.wrong
            sentence = " ".join(problem.sentence for problem in invalid.wrong.values())
            skipped.append(Skipped(ticket.pk, ticket.number, sentence))
    if wrong and not moved:
        raise Invalid(wrong)
    return moved


def _changed_meanwhile(tickets: Sequence[Ticket]) -> list[Skipped]:
    """Who did what to each of these last."""
    if not tickets:
        return []
    newest = TicketEvent.objects.filter(ticket__in=tickets).select_related("by")
    last = {one.ticket_id: one for one in newest.order_by("ticket", "-id").distinct("ticket")}
    return [Skipped(one.pk, one.number, _meanwhile(last.get(one.pk))) for one in tickets]


def _meanwhile(last: TicketEvent | None) -> str:
    done = f": {last.title}, by {last.by or 'Holdline'}" if last else ""
    return f"It was changed meanwhile{done}."


def _beside(bulk: _Bulk, tickets: Sequence[Ticket]) -> _Beside:
    if bulk.act == "acknowledge":
        alerts = Alert.objects.filter(ticket__in=tickets, acknowledged_at=None, cycle=F("ticket__cycle"))
        return _Beside(alarmed=frozenset(alerts.values_list("ticket", flat=True)))
    if bulk.act == "comment":
        notes = TicketEvent.objects.filter(ticket__in=tickets, act="comment", by=bulk.by)
        notes = notes.filter(at__gte=bulk.at - _SAME_NOTE, text=_plain(bulk.facts.get("note")))
        return _Beside(noted=frozenset(notes.values_list("ticket", flat=True)))
    if bulk.act not in _ENDS_WAITS:
        return _Beside()
    pauses: dict[int, list[Pause]] = defaultdict(list)
    for pause in Pause.objects.filter(ticket__in=tickets).order_by("started_at", "id"):
        pauses[pause.ticket_id].append(pause)
    cycles = TicketCycle.objects.filter(ticket__in=tickets, number=F("ticket__cycle"))
    return _Beside(pauses=pauses, cycles={one.ticket_id: one for one in cycles})


def _plain(value: Any) -> str:
    plain = str(value or "").replace("\x00", "").replace("\r\n", "\n")
    return plain.encode(errors="ignore").decode().strip()


def _step(bulk: _Bulk, ticket: Ticket, beside: _Beside) -> _Moved:
    owner = ticket.belongs_to(bulk.by)
    step = find_step(TICKET, bulk.act, ticket.status, bulk.by, owner=owner, thing="ticket")
    doing = Doing(ticket, bulk.by, bulk.at, _facts(bulk, ticket))
    moved = _ending(doing, bulk.act, beside) if bulk.act in _ENDS_WAITS else _plainly(doing, bulk.act, beside)
    moved.status = step.target or ticket.status
    return moved


def _facts(bulk: _Bulk, ticket: Ticket) -> dict[str, Any]:
    """What the step was told, read once for each type and policy version; raises Invalid."""
    key = (ticket.policy_version_id, ticket.type)
    if key not in bulk.clean:
        clean, wrong = read_step(bulk.act, bulk.facts, type_of(ticket))
        if "user" in clean:
            if "user" not in bulk.clean:
                bulk.clean["user"] = assignable(clean["user"], bulk.by)
            clean["user"], problem = bulk.clean["user"]
            wrong |= {"user": problem} if problem else {}
        bulk.clean[key] = clean, wrong
    clean, wrong = bulk.clean[key]
    if wrong:
        raise Invalid(wrong)
    return dict(clean)


def _plainly(doing: Doing, act: str, beside: _Beside) -> _Moved:
    """A step that needs nothing but the ticket's own row."""
    ticket = doing.ticket
    if act == "acknowledge":
        if ticket.pk not in beside.alarmed:
            raise Refused("It has no open alert, or somebody sees to it already.")
        return _Moved(ticket, f"{doing.by} sees to it", doing.facts["note"])
    if act == "comment" and ticket.pk in beside.noted:
        raise Refused("You wrote this note a moment ago.")
    if act == "assign" and ticket.assignee_id == doing.facts["user"].pk:
        raise Refused(f"{doing.facts['user']} has it already.")
    change = WORK[act](doing)
    moved = _Moved(ticket, change.title, change.text or doing.facts["note"], columns=dict(change.columns))
    if act == "wait":
        moved.waits = pause_of(doing)
    return moved


def _ending(doing: Doing, act: str, beside: _Beside) -> _Moved:
    """A step that ends an open wait, and with ``resolve`` and ``cancel`` the cycle (K9, K11)."""
    ticket, note = doing.ticket, doing.facts["note"]
    pauses = beside.pauses.get(ticket.pk, [])
    running = next((one for one in pauses if one.ended_at is None), None)
    columns: dict[str, Any] = {"calendar_version": calendar_for(ticket)}
    if running is not None:
        columns = ending_wait(ticket, running, pauses, beside.cycles[ticket.pk], doing.at)
    moved = _Moved(ticket, "Cancelled", columns=columns, waited=running)
    if act == "resume":
        waited = (running.ended_at or doing.at) - running.started_at if running else timedelta(0)
        moved.title, moved.text = f"Resumed after {length_words(waited)}", note
    elif act == "cancel":
        moved.text = " ".join(filter(None, (doing.facts["reason"], note)))
    else:
        moved.met = was_met(doing, columns.get("due_at", ticket.due_at))
        moved.late = moved.met is False
        moved.title, moved.text = f"Resolved: {doing.facts['outcome']}", met_words(moved.met, doing)
        moved.columns = {**columns, "resolved_at": doing.at}
    return moved


# --- writing ---------------------------------------------------------------------------------------


def _written(bulk: _Bulk, moved: Sequence[_Moved]) -> list[tuple[_Moved, TicketEvent]]:
    """Write one batch: tickets, waits, cycles, breaches, alerts and timeline, a statement each."""
    if not moved:
        return []
    tickets = [one.ticket for one in moved]
    if bulk.act not in _SAYS_ONLY:
        _move(moved)
    if bulk.act == "acknowledge":
        open_alerts = Alert.objects.filter(ticket__in=tickets, acknowledged_at=None, cycle=F("ticket__cycle"))
        open_alerts.update(acknowledged_at=bulk.at, acknowledged_by=bulk.by, climbs_at=None)
    Pause.objects.bulk_create([one.waits for one in moved if one.waits is not None])
    if bulk.act in _ENDS_WAITS:
        _end(bulk, moved)
    events = tell_all([(one.ticket, one.title, one.text) for one in moved], bulk.act, bulk.by, bulk.at)
    return list(zip(moved, events, strict=True))


def _move(moved: Sequence[_Moved]) -> None:
    """The tickets' own rows, each by compare-and-set: they are locked, and were compared when they were."""
    columns: dict[str, list[Any]] = {name: [] for name in (*_MOVES, "status", "version")}
    for one in moved:
        new = dict(_stored(name, value) for name, value in one.columns.items())
        for name in _MOVES:
            columns[name].append(new.get(name, getattr(one.ticket, name)))
        columns["status"].append(one.status)
        columns["version"].append(one.ticket.version + 1)
    update_each(Ticket, [one.ticket.pk for one in moved], columns)


def _stored(name: str, value: Any) -> tuple[str, Any]:
    return (f"{name}_id", value.pk) if isinstance(value, Model) else (name, value)


def _end(bulk: _Bulk, moved: Sequence[_Moved]) -> None:
    waited = [one.waited for one in moved if one.waited is not None]
    update_each(Pause, [one.pk for one in waited], {"ended_at": [one.ended_at for one in waited]})
    moments = [one for one in moved if one.waited is not None]
    cycles = TicketCycle.objects.filter(ticket__in=[one.ticket for one in moved], ended_at=None)
    if moments:
        keys = dict(cycles.filter(number=F("ticket__cycle")).values_list("ticket", "pk"))
        dated = [one for one in moments if one.ticket.pk in keys]
        update_each(
            TicketCycle,
            [keys[one.ticket.pk] for one in dated],
            {name: [one.columns[name] for one in dated] for name in ("expected_from", "due_at")},
        )
    if bulk.act in _ENDS_CYCLES:
        _freeze(bulk, moved)
    late = [one for one in moved if one.late]
    insert_once([breach_of(one.ticket, bulk.at, one.columns.get("due_at")) for one in late])


def _freeze(bulk: _Bulk, moved: Sequence[_Moved]) -> None:
    """The outcome of each running cycle (K11): three statements, for a cycle was met, missed or neither."""
    facts = next(clean for key, (clean, _) in bulk.clean.items() if key != "user")
    outcome = {"outcome": "Cancelled", "note": facts["reason"]} if bulk.act == "cancel" else {
        "outcome": facts["outcome"], "note": facts["note"],
    }  # fmt: skip
    for met in (True, False, None):
        tickets = [one.ticket for one in moved if one.met is met]
        if tickets:
            rows = TicketCycle.objects.filter(ticket__in=tickets, ended_at=None, number=F("ticket__cycle"))
            rows.update(ended_at=bulk.at, met=met, **outcome)


# --- telling ---------------------------------------------------------------------------------------


def _tell_people(bulk: _Bulk, told: Sequence[tuple[_Moved, TicketEvent]]) -> None:
    """One notice a person for all of it, for the nearest reason, in the order of the step of one ticket.

    Whom tickets were given to, whom the note names, who had them, who filed what ended, who watches.
    """
    people: dict[int, tuple[User, str, dict[int, Ticket]]] = {}

    def add(person: User | None, kind: str, ticket: Ticket) -> None:
        if person is not None and person.pk != bulk.by.pk and person.may(Can.READ_TICKETS):
            people.setdefault(person.pk, (person, kind, {}))[2][ticket.pk] = ticket

    tickets = {moved.ticket.pk: moved.ticket for moved, _ in told}
    given, _ = bulk.clean.get("user", (None, None))
    named = mentioned(told[0][1].text, bulk.by) if told else []
    for ticket in tickets.values():
        add(given, "assigned", ticket)
        for person in named:
            add(person, "mentioned", ticket)
    for ticket in tickets.values():
        add(ticket.assignee, "yours", ticket)
        if bulk.act in ENDS:
            add(ticket.filed_by, "yours", ticket)
    for watcher in Watcher.objects.filter(ticket__in=list(tickets)).select_related("user__company"):
        add(watcher.user, "watched", tickets[watcher.ticket_id])
    facts = []
    for person, kind, theirs in people.values():
        (first, *others) = theirs.values()
        about = f"{len(theirs):,} tickets" if others else first.number
        words = notice_words(kind, about, str(bulk.by)) or did(bulk.by, bulk.act, about)
        facts.append(Fact(person, kind, None if others else first, f"bulk:{told[0][1].pk}", words))
    notify(facts, at=bulk.at)
