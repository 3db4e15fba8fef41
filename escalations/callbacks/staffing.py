"""Who is on shift when a callback has to be made, from the company's shifts and closures (R-CB-2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Shift, User
from accounts.roles import Can
from accounts.shifts import END, Open, Stretch, Times, on_shift, shift_of, staffed, write_clock
from escalations.domain.calendar import BusinessCalendar
from escalations.domain.callbacks import last_staffed_call

FURTHEST = timedelta(days=21)
"""How far ahead shifts are looked at."""
_OFFICE = 0
"""Stands for whoever is there while the office is open, where no shifts are planned."""


class Staffing:
    """The shifts of those who may call, on the company's clock; business hours where none are planned."""

    def __init__(self, user: User) -> None:
        self.zone: ZoneInfo = user.company.zone
        rows = Shift.objects.visible_to(user).filter(user__is_active=True).select_related("user")
        shifts = [one for one in rows.order_by("user__first_name", "user_id", "starts") if _works(one)]
        self.names = {one.user_id: one.user.first_name or str(one.user) for one in shifts}
        self.stretches = [Stretch(one.user_id, one.weekday, one.starts, one.ends) for one in shifts]

    @property
    def planned(self) -> bool:
        """Whether any shifts are planned."""
        return bool(self.stretches)

    def who(self, at: datetime, calendar: BusinessCalendar) -> list[str]:
        """Who is on shift at a moment, by first name; "the office" where none are planned and it is open."""
        found = on_shift(self._week(calendar), at, self.zone, closures(calendar))
        return [self.names.get(one, "the office") for one in found]

    def anybody(self, at: datetime, calendar: BusinessCalendar) -> bool:
        """Whether somebody is on shift at a moment; what ends exactly then counts as just in time."""
        moment = timedelta(minutes=1)
        return bool(self.who(at, calendar) or self.who(at - moment, calendar))

    def last_call(
        self, due: datetime, patient: ZoneInfo, now: datetime, calendar: BusinessCalendar
    ) -> datetime | None:
        """The last moment before ``due`` at which somebody here may call the patient; ``None``: none left."""
        until = min(due, now + FURTHEST)
        spans = staffed(self._week(calendar), now, until, self.zone, closures(calendar))
        return last_staffed_call(due, patient, spans)

    def now(self, at: datetime, calendar: BusinessCalendar) -> list[tuple[str, str]]:
        """Who is on shift now, each with until when."""
        week, names = self._week(calendar), []
        for person in on_shift(week, at, self.zone, closures(calendar)):
            one = shift_of(person, week, at, self.zone)
            until = "midnight" if one is None or one.ends == END else write_clock(one.ends)
            names.append((self.names.get(person, "the office"), until))
        return names

    def next(self, at: datetime, calendar: BusinessCalendar) -> datetime | None:
        """When somebody is on shift again; ``None`` when nobody is for weeks."""
        spans = staffed(self._week(calendar), at, at + FURTHEST, self.zone, closures(calendar))
        found = next(spans, None)
        return found[0] if found else None

    def _week(self, calendar: BusinessCalendar) -> Sequence[Stretch]:
        return self.stretches or office_week(calendar)


def _works(shift: Shift) -> bool:
    return shift.user.may(Can.WORK_TICKETS)


def office_week(calendar: BusinessCalendar) -> list[Stretch]:
    """The weekly business hours as the shifts of nobody in particular."""
    return [
        Stretch(_OFFICE, day, start, END if end == time(0) else end)
        for day, hours in enumerate(calendar.hours)
        for start, end in hours
    ]


def closures(calendar: BusinessCalendar) -> Open:
    """The open times of a calendar's holidays and exceptions; ``None`` for any other date."""

    def special(on: date) -> Sequence[Times] | None:
        dated = on in calendar.exceptions or on in calendar.holidays
        return calendar.intervals(on) if dated else None

    return special
