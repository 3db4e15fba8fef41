"""The calendar of the worked examples (K1), and strategies for calendars, moments and pauses."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from escalations.domain.calendar import BusinessCalendar
from escalations.domain.turnaround import Pause, Turnaround

CHICAGO = ZoneInfo("America/Chicago")
NINE_TO_SIX = ((time(9), time(18)),)
ALL_DAY = ((time(0), time(0)),)
FEDERAL_2026 = frozenset(
    date(2026, month, day)
    for month, day in (
        (1, 1), (1, 19), (2, 16), (5, 25), (6, 19), (7, 3), (9, 7), (10, 12), (11, 11), (11, 26), (12, 25),
    )
)  # fmt: skip


def weekly(day=NINE_TO_SIX, saturday=(), sunday=()) -> tuple:
    """The same hours Monday to Friday."""
    return (day,) * 5 + (saturday, sunday)


def calendar(hours=None, zone="America/Chicago", holidays=FEDERAL_2026, exceptions=None) -> BusinessCalendar:
    """The fixture of the examples: Mon–Fri 09:00–18:00 in Chicago, US federal holidays of 2026."""
    return BusinessCalendar(zone, hours or weekly(), frozenset(holidays), exceptions or {})


OFFICE = calendar()
ROUND_THE_CLOCK = calendar(weekly(ALL_DAY, ALL_DAY, ALL_DAY), holidays=())


def at(text: str, zone=CHICAGO, fold: int = 0) -> datetime:
    """A local moment: "05-15 17:59" of 2026, or with the year in front."""
    text = text if len(text) > 11 else f"2026-{text}"
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def local(moment: datetime | None, zone=CHICAGO) -> str | None:
    """A moment as the examples write it: "Tue 05-19 17:59"."""
    return moment and f"{moment.astimezone(zone):%a %m-%d %H:%M}"


def days(high: int, low: int | None = None) -> Turnaround:
    return Turnaround(low, high, "business_day")


def hours(high: int, unit: str = "business_hour", low: int | None = None) -> Turnaround:
    return Turnaround(low, high, unit)


# Strategies

ZONES = (
    "America/Chicago", "America/New_York", "America/Phoenix", "America/Havana", "America/Sao_Paulo",
    "Australia/Lord_Howe", "Pacific/Apia", "Antarctica/Casey", "Antarctica/Troll", "Asia/Kolkata", "UTC",
)  # fmt: skip
DAYS = st.sampled_from(
    [
        (),
        NINE_TO_SIX,
        NINE_TO_SIX,
        ALL_DAY,
        ((time(8), time(12)), (time(13), time(17, 30))),
        ((time(0), time(2, 30)), (time(14), time(0))),
        ((time(1, 15), time(2, 45)),),
    ]
)
FIRST, LAST = datetime(2008, 1, 1), datetime(2031, 12, 31)


@st.composite
def calendars(draw, zones=ZONES) -> BusinessCalendar:
    """Odd weeks in odd zones, with holidays and exceptions, open at least on some weekday."""
    week = draw(st.tuples(*[DAYS] * 7).filter(any))
    near = st.dates(FIRST.date(), LAST.date())
    holidays = draw(st.frozensets(near, max_size=4))
    exceptions = draw(st.dictionaries(near, DAYS, max_size=4))
    return BusinessCalendar(draw(st.sampled_from(zones)), week, holidays, exceptions)


@st.composite
def moments(draw) -> datetime:
    """Filing moments, half of them around the nights the clocks change."""
    if draw(st.booleans()):
        return draw(st.datetimes(FIRST, LAST, timezones=st.just(UTC)))
    night = draw(
        st.sampled_from(
            [
                (2026, 3, 8),
                (2026, 11, 1),
                (2011, 12, 30),
                (2010, 3, 5),
                (2017, 10, 15),
                (2018, 2, 17),
                (2026, 4, 4),
            ]
        )
    )
    minutes = draw(st.integers(-36 * 60, 36 * 60))
    return datetime(*night, 12, tzinfo=UTC) + timedelta(minutes=minutes)


@st.composite
def pauses_after(draw, received: datetime, most: int = 4) -> tuple[Pause, ...]:
    """Pauses from the day before filing to some weeks after, in any order, overlapping or not."""
    found = []
    for _ in range(draw(st.integers(0, most))):
        start = received + timedelta(minutes=draw(st.integers(-24 * 60, 20 * 24 * 60)))
        found.append(Pause(start, start + timedelta(minutes=draw(st.integers(0, 6 * 24 * 60)))))
    return tuple(found)


def turnarounds(units=("business_day", "business_hour", "staffed_hour", "clock_hour", "week")):
    """Up-to turnarounds of every counted unit."""
    return st.builds(
        lambda number, unit: Turnaround(None, number, unit), st.integers(1, 60), st.sampled_from(units)
    )
