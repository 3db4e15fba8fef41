"""The page of notifications: newest first, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any

from django.urls import reverse
from rest_framework.request import Request

from accounts.access import SignedIn
from escalations.domain.notices import BY_KEY
from escalations.inbox.queries import count_words, notices_of, refusal_of, unread_count
from escalations.models import MailRefusal, Notification
from escalations.pages import TicketPages

_ICONS = {
    "alarm": "siren",
    "breach": "clock-alert",
    "warning": "hourglass",
    "assigned": "user-check",
    "mentioned": "at-sign",
    "yours": "message-square",
    "watched": "eye",
    "reopened": "rotate-ccw",
    "proposed": "file-plus",
    "reclocked": "calendar-clock",
}
_OF_MINE = ("assigned", "yours", "reclocked")
"""Kinds that may be about many tickets at once, which are then one's own."""
_TONES = {"alarm": "immediate", "breach": "breached", "warning": "due_soon"}


class NoticePages(TicketPages):
    """Fifty notifications, newest first."""

    page_size = 50

    def __init__(self) -> None:
        self.columns = ("-at", "-id")


@dataclass(frozen=True)
class Line:
    """One notification as the page shows it: its words whole, and before, at and behind the ticket's number,
    which is not broken; ``tone`` is a standing where the kind has one."""

    key: int
    words: str
    parts: tuple[str, str, str]
    kind: str
    icon: str
    tone: str
    when: str
    url: str
    unread: bool


@dataclass(frozen=True)
class Day:
    """The notifications of one date of the company's zone."""

    words: str
    lines: list[Line]


class InboxScreen:
    """Everything the page of notifications shows; raises NotFound for a cursor of somebody's making."""

    def __init__(self, request: SignedIn, *, now: datetime) -> None:
        self.user, self.now = request.user, now
        self.zone = request.user.company.zone
        self.only_unread = request.GET.get("unread") == "1"
        pages = NoticePages()
        rows = notices_of(self.user)
        rows = rows.filter(read_at=None) if self.only_unread else rows
        self.rows: list[Any] = pages.paginate_queryset(rows, Request(request)) or []
        self.next, self.previous = pages.get_next_link() or "", pages.get_previous_link() or ""

    @cached_property
    def unread(self) -> int:
        """How many are unread, a hundred at most."""
        return unread_count(self.user)

    @property
    def lead(self) -> str:
        """How many are unread, in words."""
        if not self.unread:
            return "Everything is read."
        return f"{count_words(self.unread)} unread."

    @property
    def newest(self) -> int:
        """The newest that is shown: marking all as read marks nothing that came after it."""
        return max((row.pk for row in self.rows), default=0)

    @property
    def may_mark_all(self) -> bool:
        """Whether all can be marked here: from the first page, where the newest is seen."""
        return bool(self.unread and self.rows and not self.previous)

    @cached_property
    def refusal(self) -> MailRefusal | None:
        """That mails to this person are refused."""
        return refusal_of(self.user)

    @cached_property
    def days(self) -> list[Day]:
        """The notifications by date, newest first."""
        dated = [(row.at.astimezone(self.zone), row) for row in self.rows]
        return [
            Day(self._date_words(on), [self._line(row, local) for local, row in group])
            for on, group in groupby(dated, key=lambda one: one[0].date())
        ]

    def _date_words(self, on: date) -> str:
        today = self.now.astimezone(self.zone).date()
        near = {today: "Today, ", today - timedelta(days=1): "Yesterday, "}.get(on, "")
        year = "" if on.year == today.year else f" {on.year}"
        return f"{near}{on:%A} {on.day} {on:%B}{year}"

    def _line(self, row: Notification, local: datetime) -> Line:
        number = row.ticket.number if row.ticket else ""
        return Line(
            key=row.pk,
            words=row.words,
            parts=row.words.partition(number) if number else (row.words, "", ""),
            kind=BY_KEY[row.kind].label,
            icon=_ICONS.get(row.kind, "bell"),
            tone=_TONES.get(row.kind, ""),
            when=f"{local:%H:%M}",
            url=_url(row.kind, number),
            unread=row.read_at is None,
        )


def _url(kind: str, number: str) -> str:
    """The ticket; of many at once, the list of one's own."""
    if number:
        return reverse("escalations:ticket", args=[number])
    return f"{reverse('escalations:list')}?assignee=me" if kind in _OF_MINE else ""
