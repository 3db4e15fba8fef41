"""Reading what a person was told."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts.models import User
from accounts.roles import Can, roles_that_may
from escalations.models import MailRefusal, Notification

MOST_COUNTED = 100
"""Unread notifications are counted up to here: "99+" says that there are more."""
ALARM_IS_NEW = timedelta(hours=1)
"""So long an alarm that nobody has read is worth being announced to somebody who comes in."""
MOST_NAMED = 1000


def notices_of(user: User) -> QuerySet[Notification]:
    """What this person is told in the app, with the number of the ticket it is about, in one query."""
    rows = Notification.objects.visible_to(user).filter(recipient=user, shown=True)
    return rows.select_related("ticket").only(
        "recipient_id", "kind", "words", "at", "read_at", "ticket__number"
    )


def unread_count(user: User) -> int:
    """How many of these nobody has read, :data:`MOST_COUNTED` at most."""
    rows = Notification.objects.filter(recipient=user, shown=True, read_at=None)
    return rows.values("pk")[:MOST_COUNTED].count()


def count_words(count: int) -> str:
    """A count as the bell shows it: nothing, "7", "99+"."""
    return f"{MOST_COUNTED - 1}+" if count >= MOST_COUNTED else str(count or "")


def newest_alarm(user: User, now: datetime) -> Notification | None:
    """The newest alarm of the last hour that this person has not read."""
    rows = notices_of(user).filter(kind="alarm", read_at=None, at__gte=now - ALARM_IS_NEW)
    return rows.order_by("-at", "-id").first()


def refusal_of(user: User) -> MailRefusal | None:
    """That the mail server refuses the address this person has now."""
    return MailRefusal.objects.filter(user=user, address__iexact=user.email).first() if user.email else None


def who_can_be_named(user: User) -> list[dict[str, str]]:
    """The colleagues whom a note can name by ``@``: those who may read tickets."""
    roles = roles_that_may(Can.READ_TICKETS)
    people = User.objects.filter(company_id=user.company_id, is_active=True, role__in=roles)
    people = people.exclude(pk=user.pk).order_by("first_name", "last_name", "username")[:MOST_NAMED]
    return [{"username": one.username, "name": str(one)} for one in people]
