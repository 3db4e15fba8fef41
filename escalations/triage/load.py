"""The due load: how many tickets fall due on each of the next business days, against what is closed a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate

from accounts.models import User
from escalations.domain.promise import day_words
from escalations.domain.states import RUNNING
from escalations.domain.turnaround import BusinessCalendar
from escalations.models import Ticket
from escalations.queries import RESOLVED_ORDER, filtered

DAYS = 10
WIDTH, LEFT, RIGHT, TOP, BOTTOM = 400, 0, 400, 18, 96
_GAP = 7
_HORIZON = 366


@dataclass(frozen=True)
class Bar:
    """One business day: what is due until its end, drawn, and what of it lies above the pace."""

    on: date
    count: int
    x: float
    width: float
    y: float
    height: float
    over: float
    today: bool
    year: int

    @property
    def middle(self) -> float:
        """The middle of the bar."""
        return round(self.x + self.width / 2, 1)

    @property
    def day(self) -> str:
        """The weekday under the bar."""
        return "Today" if self.today else f"{self.on:%a}"

    @property
    def date(self) -> str:
        """The date under it; the month where it begins."""
        return f"{self.on.day} {self.on:%b}" if self.today or self.on.day == 1 else str(self.on.day)

    @property
    def words(self) -> str:
        """The day in words."""
        return day_words(self.on, self.year)


@dataclass(frozen=True)
class Load:
    """The whole chart; ``pace`` is the mean number of tickets closed on a business day, one decimal."""

    bars: list[Bar]
    pace: float
    pace_y: float
    said: str

    @property
    def pace_words(self) -> str:
        """The pace in words."""
        return f"{self.pace:g} closed a day"

    @property
    def short_today(self) -> int:
        """How many of today's stay open at this pace."""
        today = self.bars[0] if self.bars and self.bars[0].today else None
        return max(0, round(today.count - self.pace)) if today else 0


def load_of(user: User, whose: Mapping[str, Any], calendar: BusinessCalendar, now: datetime) -> Load:
    """The load of everybody, or of the team or person that ``whose`` names, in two statements or three.

    What falls due on a day the company is closed counts on the business day before it, the last on which
    somebody can see to it.
    """
    today = now.astimezone(calendar.tz).date()
    ahead = _days(calendar, today, 1)
    own = {name: whose[name] for name in ("assignee", "unassigned") if name in whose}
    rows = filtered(Ticket.objects.visible_to(user), own, now=now)
    if "team" in whose:
        # Their keys, not a condition on them: joined to the people, all that they ever had would be read.
        people = User.objects.filter(company_id=user.company_id, team=whose["team"])
        rows = rows.filter(assignee__in=list(people.values_list("pk", flat=True)))
    last = _midnight(ahead[-1] + timedelta(days=1), calendar)
    due = rows.filter(
        status__in=RUNNING, paused_at=None, due_order__gte=now, due_order__lt=last, due_at__lt=last
    )
    counted = due.exclude(unit="immediate").order_by().annotate(on=TruncDate("due_at", tzinfo=calendar.tz))
    counts = dict.fromkeys(ahead, 0)
    for on, count in counted.values_list("on").annotate(count=Count("pk")):
        counts[max((day for day in ahead if day <= on), default=ahead[0])] += count
    return _drawn(counts, _pace(rows, calendar, today), today)


def _pace(rows: Any, calendar: BusinessCalendar, today: date) -> float:
    """How many tickets were resolved on a business day, as the mean of the last ten before today."""
    behind = _days(calendar, today - timedelta(days=1), -1)
    since, until = _midnight(behind[-1], calendar), _midnight(today, calendar)
    closed = rows.annotate(closed=RESOLVED_ORDER).filter(closed__gte=since, closed__lt=until)
    return round(closed.count() / DAYS, 1)


def _days(calendar: BusinessCalendar, start: date, step: int) -> list[date]:
    """Ten business days from a date on, forwards or backwards; fewer when the calendar has no more."""
    found = []
    for ahead in range(_HORIZON):
        on = start + timedelta(days=step * ahead)
        if calendar.is_business(on):
            found.append(on)
        if len(found) == DAYS:
            break
    return found or [start]


def _midnight(on: date, calendar: BusinessCalendar) -> datetime:
    return datetime.combine(on, time(0), calendar.tz)


def _drawn(counts: Mapping[date, int], pace: float, today: date) -> Load:
    top = max([*counts.values(), pace, 1])
    step = (RIGHT - LEFT) / len(counts)

    def height(count: float) -> float:
        return round((BOTTOM - TOP) * count / top, 1)

    bars = [
        Bar(
            on=on,
            count=count,
            x=round(LEFT + place * step + _GAP / 2, 1),
            width=round(step - _GAP, 1),
            y=round(BOTTOM - height(count), 1),
            height=height(min(count, pace)) if pace else height(count),
            over=round(height(count) - height(min(count, pace)), 1) if pace else 0,
            today=on == today,
            year=today.year,
        )
        for place, (on, count) in enumerate(counts.items())
    ]
    return Load(bars, pace, round(BOTTOM - height(pace), 1), _said(bars, pace))


def _said(bars: Sequence[Bar], pace: float) -> str:
    whole = sum(bar.count for bar in bars)
    due = f"{whole:,} {'ticket falls' if whole == 1 else 'tickets fall'} due in {len(bars)} business days"
    highest = max(bars, key=lambda bar: bar.count)
    most = f", most on {highest.words} ({highest.count:,})" if whole else ""
    over = sum(bar.over > 0 for bar in bars)
    above = f" On {over} of them more falls due than is closed a day ({pace:g})." if over else ""
    return f"{due}{most}.{above}"
