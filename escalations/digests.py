"""The start of the day by mail: what of one's tickets is late and what is due, in numbers and links (I8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import Company, User
from accounts.roles import Can, roles_that_may
from escalations.actions.notices import queue_mails
from escalations.domain.calendar import BusinessCalendar
from escalations.domain.notices import mail_at
from escalations.domain.states import RUNNING
from escalations.mails import link, send
from escalations.models import Digest, MailRefusal, NoticeChoice, Ticket
from escalations.policies import calendar_in_force, calendar_of
from escalations.queries import standing_is
from work import outbox
from work.models import OutboxMessage
from work.once import insert_once

DIGEST_KIND = "notice-digest"
PATIENCE = timedelta(hours=12)
"""A digest of this morning is of no use tomorrow."""
MOST_NAMED = 5
"""How many of the tickets due today are named."""


@dataclass(frozen=True)
class Day:
    """What somebody's day begins with: sentences with counts, and the nearest tickets due today."""

    counts: tuple[str, ...]
    due_today: tuple[tuple[str, datetime], ...]


def begin_days(*, at: datetime) -> int:
    """Put a digest into the outbox for everybody whose company's day has begun, once a person and date.

    The day begins when the company opens; on a day it is closed there is none.
    """
    return sum(_begin_day(company, at) for company in Company.objects.all())


def _begin_day(company: Company, at: datetime) -> int:
    calendar = calendar_of(calendar_in_force(company, at=at))
    today = at.astimezone(calendar.tz).date()
    opens = calendar.open_moment(datetime.combine(today, time(0), calendar.tz))
    if opens.astimezone(calendar.tz).date() != today or not opens <= at < opens + PATIENCE:
        return 0
    known = Digest.objects.filter(company=company, on=today).values("user")
    people = {one.pk: one for one in _readers(company).exclude(pk__in=known)}
    if not people:
        return 0
    choices = {one.user_id: one for one in NoticeChoice.objects.filter(user__in=people)}
    with transaction.atomic():
        rows = insert_once([Digest(company=company, user=one, on=today, at=at) for one in people.values()])
        mails = [
            (company.pk, {"digest": row.pk}, _when(choices.get(row.user_id), company, at)) for row in rows
        ]
        queue_mails(DIGEST_KIND, mails, at=at)
    return len(rows)


def _when(choice: NoticeChoice | None, company: Company, at: datetime) -> datetime:
    return mail_at(at, choice.quiet_from, choice.quiet_until, company.zone) if choice else at


def _readers(company: Company) -> QuerySet[User]:
    """Who works on tickets, can be mailed and has not declined the digest."""
    roles = roles_that_may(Can.WORK_TICKETS)
    people = User.objects.filter(company=company, is_active=True, role__in=roles).exclude(email="")
    return people.exclude(pk__in=NoticeChoice.objects.filter(company=company, digest=False).values("user"))


@outbox.handles(DIGEST_KIND)
def mail_digest(message: OutboxMessage) -> None:
    """Mail the start of somebody's day as it is now; nothing to say, no mail."""
    found = Digest.objects.filter(pk=message.payload.get("digest")).select_related("user__company").first()
    now = timezone.now()
    if found is None or not found.user.is_active or now - found.at > PATIENCE:
        return
    user, calendar = found.user, calendar_of(calendar_in_force(found.user.company, at=now))
    if MailRefusal.objects.filter(user=user, address__iexact=user.email).exists():
        return
    day = day_of(user, calendar, now)
    if day.counts:
        send(user, f"Your day: {day.counts[0]}", _lines(day, calendar))


def _lines(day: Day, calendar: BusinessCalendar) -> list[str]:
    said = "\n".join(f"{words[:1].upper()}{words[1:]}." for words in day.counts)
    named = [f"{number} at {due.astimezone(calendar.tz):%H:%M}" for number, due in day.due_today]
    due = ["Due today, the nearest first:\n" + "\n".join(named)] if named else []
    return [said, *due, link(reverse("home"))]


def day_of(user: User, calendar: BusinessCalendar, now: datetime) -> Day:
    """What somebody's day begins with. Agents are told of their own tickets, supervisors also of everybody's
    late ones and those nobody has; the tickets named are one's own, a supervisor's those of all."""
    midnight = datetime.combine(now.astimezone(calendar.tz).date() + timedelta(days=1), time(0), calendar.tz)
    today = Q(due_at__gte=now, due_at__lt=midnight, paused_at=None)
    running = Ticket.objects.filter(company_id=user.company_id, status__in=RUNNING)
    directs = user.may(Can.DIRECT_TICKETS)
    asked = {
        "of yours late": Q(assignee=user) & standing_is("breached", now),
        "of yours due today": Q(assignee=user) & today,
        "of yours due soon": Q(assignee=user) & standing_is("due_soon", now),
    }
    if directs:
        asked["late in all"] = standing_is("breached", now)
        asked["due today in all"] = today
        asked["that nobody has"] = Q(assignee=None)
    found = running.aggregate(**{f"n{i}": Count("pk", filter=one) for i, one in enumerate(asked.values())})
    counts = tuple(_counted(found[f"n{i}"], words) for i, words in enumerate(asked) if found[f"n{i}"])
    mine = Q() if directs else Q(assignee=user)
    named = running.filter(mine & today).order_by("due_at", "id").values_list("number", "due_at")
    nearest = [(number, due) for number, due in named[:MOST_NAMED] if due is not None] if counts else []
    return Day(counts, tuple(nearest))


def _counted(count: int, words: str) -> str:
    return f"{count:,} ticket{'' if count == 1 else 's'} {words}"
