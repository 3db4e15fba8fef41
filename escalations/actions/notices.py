"""Telling people: one row a person and fact, and its mail in the outbox of the same transaction.

A fact has a key; whoever tells it a second time, tells nobody. Words name a ticket by its number, never its
patient (I8). Nobody is told what they did themselves.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from accounts.roles import Can, roles_that_may
from escalations.domain.notices import APP, MAIL, mail_at, ways_of
from escalations.models import NoticeChoice, Notification, Ticket, TicketEvent, Watcher
from work.models import OutboxMessage
from work.once import insert_once

MAIL_KIND = "notice-mail"
"""The kind of outbox message that mails one notification."""
_MOST_MENTIONED = 20
_MENTION = re.compile(r"(?<![\w@.])@([\w.+-]{1,150})")


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
    messages = []
    for row in rows:
        choice = choices.get(row.recipient_id)
        zone = people[row.recipient_id].company.zone
        when = mail_at(at, choice.quiet_from, choice.quiet_until, zone) if choice else at
        messages.append(
            OutboxMessage(
                company_id=row.company_id,
                kind=MAIL_KIND,
                payload={"notification": row.pk},
                created_at=at,
                next_at=when,
            )
        )
    OutboxMessage.objects.bulk_create(messages, batch_size=1000)


def tell_of_step(
    event: TicketEvent, ticket: Ticket, *, by: User, at: datetime, given_to: User | None = None
) -> None:
    """Tell of a step those it concerns: whom the ticket is given to, whom a note names, who watches."""
    facts: dict[int, Fact] = {}
    key = f"event:{event.pk}"

    def add(person: User | None, kind: str, words: str) -> None:
        if person is not None and person.pk != by.pk and person.pk not in facts:
            facts[person.pk] = Fact(person, kind, ticket, key, words)

    add(given_to, "assigned", f"{by} assigned {ticket.number} to you.")
    for person in _mentioned(event.text, by):
        add(person, "mentioned", f"{by} names you on {ticket.number}.")
    if event.act == "reopen":
        add(ticket.assignee, "reopened", f"{by} reopened {ticket.number}.")
    for watcher in Watcher.objects.filter(ticket=ticket).select_related("user__company"):
        if watcher.user.is_active:
            add(watcher.user, "watched", f"{ticket.number}: {event.title}, by {by}.")
    notify(list(facts.values()), at=at)


def _mentioned(text: str, by: User) -> Sequence[User]:
    """The people whom a note names by ``@`` and username, who may read tickets."""
    names = {name.rstrip(".").casefold() for name in _MENTION.findall(text)}
    if not names:
        return []
    wanted = Q()
    for name in sorted(names)[:_MOST_MENTIONED]:
        wanted |= Q(username__iexact=name)
    return readers(by.company_id).filter(wanted)


def readers(company_id: int) -> Any:
    """Those of a company who may read tickets."""
    people = User.objects.filter(
        company_id=company_id, is_active=True, role__in=roles_that_may(Can.READ_TICKETS)
    )
    return people.select_related("company")


def sound_alarm(ticket: Ticket, *, at: datetime) -> None:
    """Tell every supervisor of a ticket that cannot wait (R-SOS-3)."""
    words = f"{ticket.number} is immediate and nobody has taken it yet."
    people = supervisors(ticket.company_id)
    notify([Fact(one, "alarm", ticket, f"alarm:{ticket.pk}", words) for one in people], at=at)


def supervisors(company_id: int) -> Collection[User]:
    """Those who direct tickets."""
    roles = roles_that_may(Can.DIRECT_TICKETS)
    people = User.objects.filter(company_id=company_id, is_active=True, role__in=roles)
    return list(people.select_related("company").order_by("id"))


def mark_read(user: User, keys: Collection[int] | None, *, at: datetime) -> int:
    """Mark notifications as read, all of them without ``keys``; give back how many were not yet."""
    rows = Notification.objects.filter(recipient=user, read_at=None)
    return (rows if keys is None else rows.filter(pk__in=keys)).update(read_at=at)


def watch(ticket: Ticket, user: User, *, at: datetime) -> None:
    """Let somebody be told what happens to a ticket; a second time changes nothing."""
    insert_once([Watcher(company_id=ticket.company_id, ticket=ticket, user=user, since=at)])


def unwatch(ticket: Ticket, user: User) -> None:
    """End it."""
    Watcher.objects.filter(ticket=ticket, user=user).delete()
