"""What to tell the patient, in words with real dates (R-ALL-2, K4, K7, K8)."""

from datetime import date, datetime, timedelta

from escalations.domain.calendar import BusinessCalendar, in_utc
from escalations.domain.due import Due
from escalations.domain.units import HOURS, Turnaround

INSTANT = timedelta(microseconds=1)

# What people in North America call their time, by abbreviation and offset in hours: the letters alone are
# shared with zones elsewhere (CST is also China's, and Cuba's).
_SPOKEN = {
    ("AST", -4): "Atlantic", ("ADT", -3): "Atlantic",
    ("EST", -5): "Eastern", ("EDT", -4): "Eastern",
    ("CST", -6): "Central", ("CDT", -5): "Central",
    ("MST", -7): "Mountain", ("MDT", -6): "Mountain",
    ("PST", -8): "Pacific", ("PDT", -7): "Pacific",
    ("AKST", -9): "Alaska", ("AKDT", -8): "Alaska",
    ("HST", -10): "Hawaii",
}  # fmt: skip


def promise(due: Due, turnaround: Turnaround, calendar: BusinessCalendar, received_at: datetime) -> str:
    """The window in words: "between Thursday 28 May and Monday 1 June", "by Tuesday 19 May" (R-ALL-2).

    Dates of the calendar's zone, with the year when it is not that of `received_at`. Hours also give the
    clock time, cut to the minute, and name the zone. Immediate is "at once"; no stated time says so (K8).
    """
    if turnaround.unit == "immediate":
        return "at once"
    if due.due_at is None:
        return "no time is stated"
    year = in_utc(received_at, "received_at").astimezone(calendar.tz).year
    say = _clock_words if turnaround.unit in HOURS else _date_words
    until = say(due.due_at, calendar, year)
    zone = f" {zone_words(calendar, due.due_at)}" if turnaround.unit in HOURS else ""
    if due.expected_from is not None:
        since = say(due.expected_from, calendar, year)
        if since != until:
            return f"between {since} and {until}{zone}"
    return f"by {until}{zone}"


def day_words(on: date, year: int) -> str:
    """A date as it is said: "Thursday 28 May", with the year when it is not `year`."""
    words = f"{on:%A} {on.day} {on:%B}"
    return words if on.year == year else f"{words} {on.year}"


def short_day(on: date, year: int) -> str:
    """A date in a table: "Mon 1 Jun", with the year when it is not `year`."""
    words = f"{on:%a} {on.day} {on:%b}"
    return words if on.year == year else f"{words} {on.year}"


def local_date(moment: datetime, calendar: BusinessCalendar) -> date:
    """The date in the calendar's zone on which something due at `moment` ends: midnight ends its date."""
    return (moment - INSTANT).astimezone(calendar.tz).date()


def _date_words(moment: datetime, calendar: BusinessCalendar, year: int) -> str:
    return day_words(local_date(moment, calendar), year)


def _clock_words(moment: datetime, calendar: BusinessCalendar, year: int) -> str:
    local = moment.astimezone(calendar.tz)
    if local.hour == local.minute == local.second == local.microsecond == 0:
        return f"midnight at the end of {_date_words(moment, calendar, year)},"
    return f"{day_words(local.date(), year)}, {local:%H:%M}"


def zone_words(calendar: BusinessCalendar, at: datetime) -> str:
    """The calendar's zone as people say it: "Central time (Chicago)", "Berlin time", "UTC"."""
    area, _, rest = calendar.zone.partition("/")
    place = rest.rpartition("/")[2].replace("_", " ")
    local = at.astimezone(calendar.tz)
    offset = local.utcoffset() or timedelta(0)
    spoken = _SPOKEN.get((local.tzname() or "", offset // timedelta(hours=1)))
    if spoken and area in ("America", "Canada", "Pacific", "US", "Atlantic"):
        return f"{spoken} time" if place in ("", spoken) else f"{spoken} time ({place})"
    if area == "Etc" or not place:
        return _utc_words(offset)
    return f"{place} time"


def _utc_words(offset: timedelta) -> str:
    if not offset:
        return "UTC"
    minutes = abs(offset) // timedelta(minutes=1)
    return f"UTC{'+' if offset > timedelta(0) else '−'}{minutes // 60}:{minutes % 60:02}"
