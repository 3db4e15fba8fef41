"""Mails about tickets: a number and a link, never a patient (I8). The outbox repeats what was refused."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import Company, User
from accounts.roles import Can, roles_that_may
from escalations.actions.notices import MAIL_KIND
from escalations.domain.states import RUNNING
from escalations.models import Digest, NoticeChoice, Notification, Ticket
from escalations.policies import calendar_in_force, calendar_of
from escalations.queries import standing_is
from work import outbox
from work.models import OutboxMessage
from work.once import insert_once

DIGEST_KIND = "notice-digest"
PATIENCE = timedelta(hours=12)
"""A digest of this morning is of no use tomorrow."""


@outbox.handles(MAIL_KIND)
def mail_notification(message: OutboxMessage) -> None:
    """Mail one notification, unless it was read meanwhile or its reader has left."""
    rows = Notification.objects.select_related("recipient", "ticket")
    found = rows.filter(pk=message.payload.get("notification")).first()
    if found is None or found.read_at is not None or not found.recipient.is_active:
        return
    here = reverse("escalations:ticket", args=[found.ticket.number]) if found.ticket else reverse("home")
    _send(found.recipient, found.words.rstrip("."), [found.words, _link(here)])


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
    people = _readers(company).exclude(pk__in=known)
    with transaction.atomic():
        rows = insert_once([Digest(company=company, user=one, on=today, at=at) for one in people])
        outbox.post_many([(company.pk, DIGEST_KIND, {"digest": row.pk}) for row in rows], at=at)
    return len(rows)


def _readers(company: Company) -> QuerySet[User]:
    """Who works on tickets, can be mailed and has not declined the digest."""
    roles = roles_that_may(Can.WORK_TICKETS)
    people = User.objects.filter(company=company, is_active=True, role__in=roles).exclude(email="")
    return people.exclude(pk__in=NoticeChoice.objects.filter(company=company, digest=False).values("user"))


@outbox.handles(DIGEST_KIND)
def mail_digest(message: OutboxMessage) -> None:
    """Mail the start of somebody's day: how many of theirs are late, due today, due soon; nothing to say, no
    mail."""
    found = Digest.objects.filter(pk=message.payload.get("digest")).select_related("user__company").first()
    now = timezone.now()
    if found is None or not found.user.is_active or now - found.at > PATIENCE:
        return
    lines = _day_of(found.user, now)
    if lines:
        _send(
            found.user,
            f"Your day: {lines[0].lower()}",
            [*(f"{line}." for line in lines), _link(reverse("home"))],
        )


def _day_of(user: User, now: datetime) -> list[str]:
    zone = user.company.zone
    tomorrow = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(0), zone)
    today = Q(due_at__gte=now, due_at__lt=tomorrow, paused_at=None)
    running = Ticket.objects.filter(company_id=user.company_id, status__in=RUNNING)
    asked = {
        "late": Count("pk", filter=Q(assignee=user) & standing_is("breached", now)),
        "due today": Count("pk", filter=Q(assignee=user) & today),
        "due soon": Count("pk", filter=Q(assignee=user) & standing_is("due_soon", now)),
    }
    if user.may(Can.DIRECT_TICKETS):
        asked["late in all"] = Count("pk", filter=standing_is("breached", now))
        asked["that nobody has"] = Count("pk", filter=Q(assignee=None))
    counts = running.aggregate(**{words.replace(" ", "_"): one for words, one in asked.items()})
    said = {words: counts[words.replace(" ", "_")] for words in asked}
    return [f"{count:,} ticket{'' if count == 1 else 's'} {words}" for words, count in said.items() if count]


def _link(path: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def _send(user: User, subject: str, lines: list[str]) -> None:
    if user.email:
        EmailMessage(subject, "\n\n".join(lines) + "\n", to=[user.email]).send()
