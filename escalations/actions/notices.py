"""Telling people: one row a person and fact, and its mail in the outbox of the same transaction.

A fact has a key; whoever tells it a second time, tells nobody. Words name a ticket by its number, never its
patient (I8). Nobody is told what they did themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from accounts.roles import Can, roles_that_may
from escalations.domain.notices import APP, ENDS, MAIL, did, mail_at, named_in, ways_of
from escalations.models import NoticeChoice, Notification, Ticket, TicketEvent, Watcher
from work.models import OutboxMessage
from work.once import insert_once

MAIL_KIND = "notice-mail"
"""The kind of outbox message that mails one notification."""
KEPT_FOR = timedelta(days=90)
"""So long after somebody read it, a notification is kept."""
_MOST_MENTIONED = 20
_BATCH, _BATCHES = 1000, 20


@dataclass(frozen=True)
class Fact:
    """Something one person is told: who, what kind, of which ticket, in words, under which key.

    ``ticket`` is ``None`` for what concerns many at once.
    """

    recipient: User
    kind: str
    ticket: Ticket | None
    key: str
    words: str


def notify(facts: Sequence[Fact], *, at: datetime) -> list[Notification]:
    """Tell each person by the ways they chose; give back what nobody had told them before.

    Mails wait for the end of the person's quiet hours. Call it inside the transaction that makes it true.
    """
    if not facts:
        return []
    choices = {
        one.user_id: one for one in NoticeChoice.objects.filter(user__in={f.recipient.pk for f in facts})
    }
    rows = [row for fact in facts if (row := _row(fact, choices.get(fact.recipient.pk), at)) is not None]
    with transaction.atomic():
        told = insert_once(rows)
        people = {fact.recipient.pk: fact.recipient for fact in facts}
        mails = [row for row in told if row.mailed]
        _post(mails, people, choices, at)
    return told


def _row(fact: Fact, choice: NoticeChoice | None, at: datetime) -> Notification | None:
    ways = ways_of(fact.kind, choice.ways if choice else {})
    if not ways:
        return None
    return Notification(
        company_id=fact.recipient.company_id,
        recipient=fact.recipient,
        kind=fact.kind,
        ticket=fact.ticket,
        key=fact.key,
        words=fact.words[:200],
        at=at,
        shown=APP in ways,
        mailed=MAIL in ways and bool(fact.recipient.email),
    )


def _post(
    rows: Iterable[Notification], people: dict[int, User], choices: dict[int, NoticeChoice], at: datetime
) -> None:
    mails = []
    for row in rows:
        person, choice = people[row.recipient_id], choices.get(row.recipient_id)
        mails.append((row.company_id, {"notification": row.pk}, _mail_at(person, choice, at)))
    queue_mails(MAIL_KIND, mails, at=at)


def queue_mails(kind: str, mails: Iterable[tuple[int, dict[str, Any], datetime]], *, at: datetime) -> None:
    """Put mails into the outbox in one statement: company, payload of ids, and when it may go."""
    OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(company_id=company_id, kind=kind, payload=payload, created_at=at, next_at=when)
            for company_id, payload, when in mails
        ],
        batch_size=1000,
    )


def _mail_at(person: User, choice: NoticeChoice | None, at: datetime) -> datetime:
    if choice is None:
        return at
    return mail_at(at, choice.quiet_from, choice.quiet_until, person.company.zone)


def tell_of_step(
    event: TicketEvent, ticket: Ticket, *, by: User, at: datetime, given_to: User | None = None
) -> None:
    """Tell of a step those it concerns, each once and for the nearest reason.

    That is, in this order: whom the ticket is given to; whom its note names by ``@``; who had the ticket
    before the step (of a reopening, a note, a taking over: of everything that somebody else does to it);
    who filed it, when it comes to its end; who watches it. So nobody has to watch a ticket of their own.
    Nobody is told what they did themselves, and nobody who may not read tickets (any more). ``ticket`` is
    as it was read before the step.
    """
    facts: dict[int, Fact] = {}
    key, done = f"event:{event.pk}", did(by, event.act, ticket.number)

    def add(person: User | None, kind: str, words: str) -> None:
        if person is None or person.pk == by.pk or person.pk in facts or not person.may(Can.READ_TICKETS):
            return
        facts[person.pk] = Fact(person, kind, ticket, key, words)

    add(given_to, "assigned", f"{by} assigned {ticket.number} to you.")
    for person in mentioned(event.text, by):
        add(person, "mentioned", f"{by} names you on {ticket.number}.")
    add(ticket.assignee, "reopened" if event.act == "reopen" else "yours", done)
    if event.act in ENDS:
        add(ticket.filed_by, "yours", done)
    for watcher in Watcher.objects.filter(ticket=ticket).select_related("user__company"):
        add(watcher.user, "watched", done)
    notify(list(facts.values()), at=at)


def mentioned(text: str, by: User) -> Sequence[User]:
    """The people whom a note names by ``@`` and username, who may read tickets."""
    names = named_in(text)[:_MOST_MENTIONED]
    if not names:
        return []
    wanted = Q()
    for name in names:
        wanted |= Q(username__iexact=name)
    return readers(by.company_id).filter(wanted)


def readers(company_id: int) -> Any:
    """Those of a company who may read tickets."""
    people = User.objects.filter(
        company_id=company_id, is_active=True, role__in=roles_that_may(Can.READ_TICKETS)
    )
    return people.select_related("company")


def sound_alarm(ticket: Ticket, *, by: User, at: datetime) -> None:
    """Tell every supervisor of a ticket that cannot wait, once (R-SOS-3); who filed it knows."""
    words = f"{ticket.number} is immediate and nobody has taken it yet."
    people = [one for one in supervisors(ticket.company_id) if one.pk != by.pk]
    notify([Fact(one, "alarm", ticket, f"alarm:{ticket.pk}", words) for one in people], at=at)


def supervisors(company_id: int) -> Collection[User]:
    """Those who direct tickets."""
    roles = roles_that_may(Can.DIRECT_TICKETS)
    people = User.objects.filter(company_id=company_id, is_active=True, role__in=roles)
    return list(people.select_related("company").order_by("id"))


def mark_read(
    user: User,
    keys: Collection[int] | None = None,
    *,
    at: datetime,
    ticket: Ticket | None = None,
    upto: int | None = None,
) -> int:
    """Mark a person's notifications as read; give back how many were not yet.

    Without anything said, all that are shown, so that a mail that waits for the end of the quiet hours is
    not taken as read; ``keys`` these, ``ticket`` those about it, ``upto`` none that came
    after the one of this id, so that nobody marks what they have not seen.
    """
    rows = Notification.objects.filter(recipient=user, read_at=None)
    if keys is not None:
        rows = rows.filter(pk__in=keys)
    if ticket is not None:
        rows = rows.filter(ticket=ticket)
    if keys is None and ticket is None:
        rows = rows.filter(shown=True)
    if upto is not None:
        rows = rows.filter(pk__lte=upto)
    return rows.update(read_at=at)


def forget_read(*, at: datetime) -> int:
    """Delete what was read 90 days ago, in small batches; give back how many there were.

    What nobody has read stays. A sweep deletes at most twenty batches and leaves the rest to the next.
    """
    gone = 0
    for _ in range(_BATCHES):
        old = Notification.objects.filter(read_at__lt=at - KEPT_FOR).order_by("read_at")
        keys = list(old.values_list("pk", flat=True)[:_BATCH])
        gone += Notification.objects.filter(pk__in=keys)._raw_delete(Notification.objects.db) if keys else 0
        if len(keys) < _BATCH:
            break
    return gone


def watch(ticket: Ticket, user: User, *, at: datetime) -> None:
    """Let somebody be told what happens to a ticket; a second time changes nothing."""
    insert_once([Watcher(company_id=ticket.company_id, ticket=ticket, user=user, since=at)])


def unwatch(ticket: Ticket, user: User) -> None:
    """End it."""
    Watcher.objects.filter(ticket=ticket, user=user).delete()
