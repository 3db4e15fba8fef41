"""What the pages of hours and holidays show: as it is in force, or as it was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.http import QueryDict

from accounts.company_views import zones
from accounts.models import SetUpMark, User
from escalations.calendars import choosing, lists
from escalations.calendars.choosing import DAYS, Chosen, Offered
from escalations.calendars.screen import Weekday
from escalations.domain.calendar import WEEKDAYS
from escalations.domain.calendar_edit import HOLIDAY, DateRow, NamedCalendar, Typed
from escalations.policies import YEARS_AHEAD, calendar_in_force, holiday_name, named_calendar_of
from escalations.preview import read_preview
from escalations.screens import said_parts

LONGEST = 400
BLANK_ROWS = 4
MOST_OWN = 100
TORN = "This form did not arrive whole. Look it over and send it again."
FILLED = {"usual": choosing.USUAL, "always": choosing.ALWAYS}
"""Weeks that a button fills in."""


class _CalendarScreen:
    """What both pages have: the calendar in force, and what it promises."""

    def __init__(self, user: User, now: datetime, data: QueryDict | None) -> None:
        self.user, self.now, self.data = user, now, data
        self.version = calendar_in_force(user.company, at=now)
        self.in_force = named_calendar_of(self.version)
        self.calendar: NamedCalendar | None = self.in_force
        self.wrong: Mapping[str, str] = {}
        self.read()

    def read(self) -> None:
        """Read what was typed, if anything was."""

    def said(self, name: str) -> str:
        """One field as it was typed."""
        return self.data.get(name, "")[:LONGEST] if self.data is not None else ""

    @property
    def act(self) -> str:
        """Which button was pressed."""
        return self.said("do")

    @property
    def year(self) -> int:
        """The present year, by the clock of the calendar."""
        return self.now.astimezone(self.in_force.rules.tz).year

    @property
    def promise(self) -> list[tuple[str, bool]]:
        """What a patient who calls now would be promised of something due in two business days."""
        question = {"unit": "business_day", "max": 2, "received_at": self.now.isoformat()}
        calendar = (self.calendar or self.in_force).rules.to_json()
        found, _ = read_preview(self.user, {**question, "calendar": calendar}, at=self.now)
        return said_parts(found.promise) if found else []


class HoursScreen(_CalendarScreen):
    """Zone and hours of seven weekdays."""

    def read(self) -> None:
        typed = Typed.of(self.in_force, holiday_name)
        self.zone, self.hours = typed.zone, typed.hours
        if self.data is None:
            return
        self.zone = self.said("zone")
        self.hours = FILLED.get(self.act) or tuple(self.said(day) for day in WEEKDAYS)
        if not self.only_filled:
            typed = choosing.with_hours(self.in_force, self.zone, self.hours)
            self.calendar, wrong = choosing.read(typed)
            self.wrong = choosing.hours_wrong(wrong) or wrong

    @property
    def only_filled(self) -> bool:
        """Whether a button only filled in a usual week."""
        return self.act in FILLED

    @property
    def weekdays(self) -> list[Weekday]:
        """Monday to Sunday."""
        parts = zip(WEEKDAYS, DAYS, self.hours, strict=True)
        return [Weekday(key, name, hours, self.wrong.get(key, "")) for key, name, hours in parts]

    @property
    def is_usual(self) -> bool:
        """Whether the form says the week that is offered."""
        return tuple(self.hours) == choosing.USUAL

    @property
    def zones(self) -> list[str]:
        """Zones that are offered; any other may be typed."""
        return zones()

    @property
    def problems(self) -> list[dict[str, str]]:
        """What is wrong, each with its field."""
        days = dict(zip(WEEKDAYS, DAYS, strict=True))
        return [
            {
                "message": f"{days[name]}: {said}" if name in days else said,
                "href": f"#{name if name in days or name == 'zone' else 'mon'}",
            }
            for name, said in self.wrong.items()
        ]


@dataclass(frozen=True)
class OwnRow:
    """A day of one's own, as it was typed, with what is wrong with it."""

    number: int
    on: str
    name: str
    wrong: str = ""

    @property
    def date_input(self) -> str:
        """The kind of field: a date that cannot be read is kept as it was typed."""
        return "date" if not self.on or _is_date(self.on) else "text"


def _is_date(said: str) -> bool:
    try:
        return date.fromisoformat(said).isoformat() == said
    except ValueError:
        return False


@dataclass(frozen=True)
class ListRow:
    """A holiday of the list that is shown: its box, its name, its days this year and next in words."""

    offered: Offered
    days: tuple[list[str], list[str]]


class HolidaysScreen(_CalendarScreen):
    """A list of holidays with what is kept of it, and days of one's own."""

    def read(self) -> None:
        if self.data is None:
            self.chosen = choosing.chosen_in(self.in_force, self._region_before, self.year)
            self.own = choosing.own_rows(self.in_force, self._region_before, self.year)
            return
        self.chosen, self.own = self._chosen(), self._own()
        if self.list_wrong or self.torn:
            self.calendar = None
            return
        if not self.only_shown:
            typed = choosing.with_holidays(self.in_force, self.chosen, self.own, self.year)
            self.calendar, self.wrong = choosing.read(typed)

    @cached_property
    def _region_before(self) -> str:
        """The list that was chosen the last time."""
        mark = SetUpMark.objects.filter(company=self.user.company, step="holidays").first()
        region = str(mark.said.get("list", "")) if mark else ""
        return region if region == choosing.NONE or lists.name_of(region) else lists.FEDERAL

    def _chosen(self) -> Chosen:
        """The list that was asked for; the boxes count only for the list they stood beside."""
        assert self.data is not None
        region, shown = self.said("list"), self.said("shown")
        if region != shown:
            return Chosen(region)
        ticked = {name[:LONGEST] for name in self.data.getlist("keep")}
        every = {one.name for one in choosing.offered(Chosen(region), self.year)}
        return Chosen(region, frozenset(every - ticked))

    def _own(self) -> list[DateRow]:
        assert self.data is not None
        pairs = zip(self.data.getlist("on"), self.data.getlist("name"), strict=False)
        rows = [DateRow(HOLIDAY, on[:LONGEST], "", name[:LONGEST]) for on, name in list(pairs)[:MOST_OWN]]
        return [row for row in rows if not row.is_blank]

    @property
    def torn(self) -> bool:
        """Whether the form did not arrive whole."""
        if self.data is None:
            return False
        counts = len(self.data.getlist("on")), len(self.data.getlist("name"))
        return counts[0] != counts[1] or counts[0] > MOST_OWN or not {"list", "shown"} <= self.data.keys()

    @property
    def list_wrong(self) -> str:
        """What is wrong with the list that was asked for."""
        known = self.chosen.is_none or lists.name_of(self.chosen.region)
        return "" if known else "Choose one of the lists."

    @property
    def only_shown(self) -> bool:
        """Whether another list was only to be looked at: by its button, or because another one was chosen."""
        if self.list_wrong or self.torn:
            return False
        return self.act == "show" or self.said("list") != self.said("shown")

    @property
    def rows(self) -> list[ListRow]:
        """The holidays of the list."""
        return [
            ListRow(one, (_days(one.dates[0]), _days(one.dates[1])))
            for one in choosing.offered(self.chosen, self.year)
        ]

    @property
    def next_year(self) -> int:
        """The year after the present one."""
        return self.year + 1

    @property
    def own_rows(self) -> list[OwnRow]:
        """One's own days, and some empty rows for more."""
        wrong = choosing.own_wrong(self.wrong, len(self.own))
        rows = [OwnRow(place, row.on, row.name, wrong.get(place, "")) for place, row in enumerate(self.own)]
        blank = max(0, min(BLANK_ROWS, MOST_OWN - len(rows)))
        return [*rows, *(OwnRow(len(rows) + more, "", "") for more in range(blank))]

    @property
    def groups(self) -> Any:
        """Every list there is."""
        return lists.groups()

    @property
    def list_name(self) -> str:
        """What the list is called."""
        return lists.name_of(self.chosen.region)

    @property
    def until(self) -> int:
        """The last year for which the list lays days out."""
        last = lists.library_years(self.chosen.region)[1] if self.list_name else self.year
        return min(self.year + YEARS_AHEAD, last)

    @property
    def problems(self) -> list[dict[str, str]]:
        """What is wrong, each with its field."""
        whole = (self.list_wrong, TORN if self.torn else "", self.wrong.get("rows", ""))
        rows = [
            {"message": f"Your day {row.number + 1}: {row.wrong}", "href": f"#on-{row.number}"}
            for row in self.own_rows
            if row.wrong
        ]
        return [*({"message": said, "href": "#list"} for said in whole if said), *rows]


def _days(days: tuple[date, ...]) -> list[str]:
    return [f"{on:%a} {on.day} {on:%b}" for on in days]
