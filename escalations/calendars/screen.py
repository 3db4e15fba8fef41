"""What the page of the business calendar shows: the year, the form as saved or as typed, and the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from accounts.models import User
from escalations.calendars.asked import Asked, hidden_rows
from escalations.calendars.history import SHOWN, Past, past_of
from escalations.calendars.lists import groups
from escalations.calendars.preview import PreviewScreen
from escalations.calendars.year import Year, year_of
from escalations.domain import turnaround as engine
from escalations.domain.calendar import WEEKDAYS
from escalations.domain.calendar_edit import EXCEPTION, HOLIDAY, DateRow, NamedCalendar, Typed, read_typed
from escalations.domain.calendar_words import KINDS, day_words, differences, kind_of
from escalations.domain.units import UNCOUNTED
from escalations.models import CalendarVersion
from escalations.moments import read_moment
from escalations.policies import calendar_in_force, date_name, holiday_name, named_calendar_of
from escalations.preview import Preview, read_preview
from escalations.screens import because_words, moment_words, said_parts
from patients.domain.intake import Wrong

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico", "UTC",
)  # fmt: skip
UNITS = [(unit, unit.replace("_", " ") + "s") for unit in engine.UNITS if unit not in UNCOUNTED]


@dataclass(frozen=True)
class Row:
    """A row of the form: its place among all that were typed, what it makes of its day, what is wrong."""

    number: int
    typed: DateRow
    said: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)

    @property
    def ident(self) -> str:
        """What its fields are known by on the page."""
        return str(self.number) if self.number >= 0 else f"new-{self.typed.kind}"

    @property
    def date_input(self) -> str:
        """The kind of field for its date: one that cannot be read is kept as it was typed."""
        return "text" if self.typed.on and self.typed.year is None else "date"

    @property
    def name(self) -> str:
        """What a button beside it is about."""
        return self.typed.name.strip() or self.typed.on.strip() or "this date"


@dataclass(frozen=True)
class Weekday:
    """The hours of a weekday."""

    key: str
    name: str
    hours: str
    wrong: str = ""


class CalendarScreen:
    """The page, read in three queries; what was typed is laid over what is in force."""

    def __init__(self, user: User, asked: Asked, now: datetime, *, typed: bool = False) -> None:
        self.user, self.now, self.typed = user, now, typed
        self.versions = list(_versions(user))
        if not self.versions:
            calendar_in_force(user.company, at=now)
            self.versions = list(_versions(user))
        self.version = self.versions[0]
        self.in_force = named_calendar_of(self.version)
        self.asked = asked if typed else replace(asked, typed=Typed.of(self.in_force, holiday_name))
        self.calendar, self.wrong = (
            read_typed(self.asked.typed, holiday_name) if typed else (self.in_force, {})
        )
        self.preview: PreviewScreen | None = None
        self.tried: Tried | None = None
        self.base = str(self.version.pk)

    @property
    def today(self) -> date:
        """Today in the calendar's zone."""
        return self.now.astimezone(self.in_force.rules.tz).date()

    @property
    def year(self) -> Year:
        """The shown year, under the calendar as typed when it can be read."""
        shown = self.calendar or self.in_force
        marks = self.in_force if self.typed and self.calendar else None
        return year_of(shown, self.asked.year, self.today, marks)

    @property
    def is_overtaken(self) -> bool:
        """Whether another version was in force when the form was made."""
        return self.typed and bool(self.asked.base) and self.asked.base != self.base

    # The form

    @property
    def weekdays(self) -> list[Weekday]:
        """Monday to Sunday."""
        parts = zip(WEEKDAYS, DAY_NAMES, self.asked.typed.hours, strict=True)
        return [Weekday(key, name, hours, self.wrong.get(key, "")) for key, name, hours in parts]

    @property
    def holidays(self) -> list[Row]:
        """The holidays of the year, and an empty row."""
        return self._rows(HOLIDAY)

    @property
    def exceptions(self) -> list[Row]:
        """The exceptions of the year, and an empty row."""
        return self._rows(EXCEPTION)

    def _rows(self, kind: str) -> list[Row]:
        shown = [self._row(n, row) for n, row in self.asked.typed.of_kind(kind) if self._is_shown(n, row)]
        return [*shown, Row(-1, DateRow(kind))]

    def _row(self, number: int, row: DateRow) -> Row:
        names = ("on", "row_hours", "name")
        keys = (f"on.{number}", f"hours.{number}", f"name.{number}")
        wrong = {name: self.wrong[key] for name, key in zip(names, keys, strict=True) if key in self.wrong}
        return Row(number, row, "" if wrong else self._kind_words(row), wrong)

    def _kind_words(self, row: DateRow) -> str:
        if self.calendar is None or row.kind != EXCEPTION:
            return ""
        return KINDS[kind_of(self.calendar.rules, date.fromisoformat(row.on.strip()))]

    def _is_shown(self, number: int, row: DateRow) -> bool:
        if row.is_blank:
            return False
        wrong = any(f"{name}.{number}" in self.wrong for name in ("on", "hours", "name"))
        return wrong or row.year in (None, self.asked.year)

    @property
    def rest(self) -> str:
        """The dates of other years, as the form carries them along."""
        shown = {row.number for row in (*self.holidays, *self.exceptions)}
        return hidden_rows(self.asked.typed, shown)

    @property
    def others(self) -> int:
        """How many dates of other years the calendar has."""
        return sum(
            1
            for n, row in enumerate(self.asked.typed.rows)
            if not row.is_blank and not self._is_shown(n, row)
        )

    lists = property(lambda self: groups())
    zones, units = ZONES, UNITS

    @property
    def offer_year(self) -> str:
        """The year whose holidays are offered: as typed, or the one that is shown."""
        return self.asked.offer_year or str(self.asked.year)

    @property
    def unsaved(self) -> bool:
        """Whether the form says something else than what is in force."""
        return self.typed and (self.calendar is None or self.calendar.to_json() != self.in_force.to_json())

    @property
    def problems(self) -> list[dict[str, str]]:
        """Everything that is wrong, linked to its field."""
        days = dict(zip(WEEKDAYS, DAY_NAMES, strict=True))
        return [
            {
                "message": f"{days[name]}: {said}" if name in days else said,
                "href": f"#{'mon' if name == 'hours' else name.replace('.', '-')}",
            }
            for name, said in self.wrong.items()
        ]

    # Beside the form

    @property
    def summary(self) -> str:
        """Since when and by whom the calendar is as it is."""
        local = self.version.created_at.astimezone(self.in_force.rules.tz)
        who = f" by {self.version.created_by}" if self.version.created_by else ""
        return f"Version {self.version.number}, in force since {local.day} {local:%B %Y}{who}."

    @property
    def history(self) -> list[Past]:
        """The newest changes."""
        return past_of(self.user.company, self.versions, self.in_force.rules.tz)

    @property
    def conflict(self) -> dict[str, Any]:
        """Who changed the calendar meanwhile, and what it says now beside what was typed."""
        local = self.version.created_at.astimezone(self.in_force.rules.tz)
        rows = []
        if self.calendar is not None:
            said = differences(self.in_force, self.calendar, date_name)
            rows = [
                {"field": said.split(": ")[0], "yours": _mine(said), "theirs": _theirs(said)} for said in said
            ]
        who = str(self.version.created_by or "Somebody")
        return {"who": who, "when": f"{local.day} {local:%B %Y, %H:%M}", "changes": rows}


def _mine(said: str) -> str:
    return said.split(": ", 1)[-1].split(" instead of ")[0]


def _theirs(said: str) -> str:
    return said.split(" instead of ")[1] if " instead of " in said else "another name"


def _versions(user: User) -> Any:
    rows = CalendarVersion.objects.filter(company=user.company).select_related("created_by")
    return rows.order_by("-number")[: SHOWN + 1]


class Tried:
    """When something would be due under the calendar as typed, with the ledger."""

    def __init__(self, user: User, asked: Asked, calendar: NamedCalendar, now: datetime) -> None:
        said = asked.tries
        self.calendar, self.now = calendar, now
        self.wrong: dict[str, str] = {}
        self.preview: Preview | None = None
        try:
            moment = read_moment(said["try_at"], calendar.rules.tz)
        except Wrong as wrong:
            self.wrong["try_at"] = (
                wrong.sentence if wrong.code == "year" else "Give a date and time, as in 2026-05-20T10:00."
            )
            return
        question = {
            "unit": said["try_unit"],
            "min": _number(said["try_min"]),
            "max": _number(said["try_max"]),
            "received_at": moment.isoformat(),
            "calendar": calendar.rules.to_json(),
        }
        self.preview, wrong_by_field = read_preview(user, question, at=now)
        self.wrong = {_FIELD.get(name, "try_at"): one.sentence for name, one in wrong_by_field.items()}

    @property
    def parts(self) -> list[tuple[str, bool]]:
        """The promise, dates apart."""
        return said_parts(self.preview.promise) if self.preview else []

    @property
    def window(self) -> list[tuple[str, str]]:
        """The window in words."""
        if self.preview is None:
            return []
        due, rules = self.preview.due, self.calendar.rules
        found = [("Expected from", due.expected_from), ("Due", due.due_at)]
        return [(name, moment_words(moment, rules, self.now)) for name, moment in found if moment is not None]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Why, day by day."""
        if self.preview is None:
            return []
        return [
            {
                "date": day_words(line.date),
                "counted": line.counted,
                "why": because_words(line, self.calendar),
                "off": line.counted in ("no", "day 0"),
            }
            for line in self.preview.ledger
        ]


_FIELD = {"unit": "try_unit", "min": "try_min", "max": "try_max", "received_at": "try_at"}


def _number(said: str) -> Any:
    """The number that was typed, ``None`` for nothing; other words stay, so that they are refused."""
    text = said.strip()
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else text
