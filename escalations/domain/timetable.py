"""A business calendar laid out as sorted lists, so that a deadline is a bisect and an index (K1).

A `Table` covers whole local years. `Tables` keeps the one in use and lays out a longer one when a question
reaches past its end, up to the horizon, where it refuses. All moments are aware datetimes in UTC; readings
of the local clock are `timedelta` since local midnight (24 hours is the midnight that ends the date).
"""

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import NamedTuple, Protocol

from escalations.domain.refusals import HorizonError

FIRST_YEAR = 1990
LAST_YEAR = 2100
HORIZON_START = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
HORIZON_END = datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
HORIZON_SENTENCE = f"Business calendars reach from {FIRST_YEAR} to {LAST_YEAR}"

DAY = timedelta(days=1)
NOTHING = timedelta(0)
# Looked up instead of multiplied: arithmetic on timedelta is the larger part of a deadline's cost.
HOURS_OF_DAY = tuple(timedelta(hours=hour) for hour in range(24))

Spans = tuple[tuple[timedelta, timedelta], ...]


class Pattern(Protocol):
    """What a table is laid out from: a zone, and the open hours of any date on the local clock."""

    @property
    def tz(self) -> tzinfo: ...

    def spans(self, on: date) -> Spans: ...


class Change(NamedTuple):
    """A local date on which the clocks change: `before` and `after` are the offsets either side of `at`."""

    midnight: datetime
    at: datetime
    before: timedelta
    after: timedelta

    def reading(self, moment: datetime) -> timedelta:
        """What the wall clock says at `moment`."""
        return moment + (self.before if moment < self.at else self.after) - self.midnight

    def furthest(self, moment: datetime) -> timedelta:
        """The latest the wall clock has said so far: a repeated hour counts once."""
        if moment < self.at:
            return moment + self.before - self.midnight
        return max(moment + self.after, self.at + self.before) - self.midnight

    def first(self, reading: timedelta) -> datetime:
        """When the clock first says `reading`; a time the clocks jump over is the moment of the jump."""
        early = self.midnight + reading - self.before
        return early if early < self.at else max(self.midnight + reading - self.after, self.at)

    def last(self, reading: timedelta) -> datetime:
        """When the clock last says `reading`; a time the clocks jump over is the moment of the jump."""
        late = self.midnight + reading - self.after
        return late if late >= self.at else min(self.midnight + reading - self.before, self.at)


class Table:
    """The dates, closing moments and open intervals of one calendar between two years.

    Positions: a *day* is an index into `midnights`, a *business index* one into `business`, `mornings` (the
    midnights that start business dates) and `closes`. `rank[day]` is the number of business dates up to and
    including that day; `owners` has the business index of each open interval, `shifts` the clock changes by
    business index. Any question past the end raises IndexError: ask again on a longer table.
    """

    __slots__ = (
        "first_year", "last_year", "first_ordinal", "start", "end", "midnights", "rank", "business",
        "mornings", "closes", "opens", "shuts", "owners", "worked", "shifts",
    )  # fmt: skip

    def __init__(self, pattern: Pattern, first_year: int, last_year: int):
        self.first_year, self.last_year = first_year, last_year
        self.first_ordinal = date(first_year, 1, 1).toordinal()
        self.midnights: list[datetime] = []
        self.rank: list[int] = []
        self.business: list[int] = []
        self.mornings: list[datetime] = []
        self.closes: list[datetime] = []
        self.opens: list[datetime] = []
        self.shuts: list[datetime] = []
        self.owners: list[int] = []
        self.worked: list[timedelta] = []
        self.shifts: dict[int, Change] = {}
        self._lay_hours(pattern, self._lay_dates(pattern.tz, date(last_year + 1, 1, 1).toordinal()))
        self.start, self.end = self.midnights[0], self.midnights[-1]

    def _lay_dates(self, tz: tzinfo, end_ordinal: int) -> dict[int, Change]:
        """Lay out the midnights; the clock changes by day."""
        offsets = []
        for ordinal in range(self.first_ordinal, end_ordinal + 1):
            local = datetime.fromordinal(ordinal)
            offset = local.replace(tzinfo=tz).utcoffset() or NOTHING
            offsets.append(offset)
            self.midnights.append(local.replace(tzinfo=UTC) - offset)
        return {
            day: self._change(tz, day, before, after)
            for day, (before, after) in enumerate(pairwise(offsets))
            if before != after
        }

    def _change(self, tz: tzinfo, day: int, before: timedelta, after: timedelta) -> Change:
        low, high = self.midnights[day], self.midnights[day + 1]
        if low.astimezone(tz).utcoffset() == after:
            high = low
        while high - low > timedelta(seconds=1):
            middle = (low + (high - low) / 2).replace(microsecond=0)
            if middle.astimezone(tz).utcoffset() == before:
                low = middle
            else:
                high = middle
        midnight = datetime.fromordinal(self.first_ordinal + day).replace(tzinfo=UTC)
        return Change(midnight, high, before, after)

    def _lay_hours(self, pattern: Pattern, changes: dict[int, Change]) -> None:
        for day in range(len(self.midnights) - 1):
            spans = pattern.spans(date.fromordinal(self.first_ordinal + day))
            change = changes.get(day)
            if spans and self._lay_intervals(self.midnights[day], spans, change):
                if change:
                    self.shifts[len(self.business)] = change
                self.business.append(day)
                self.mornings.append(self.midnights[day])
                self.closes.append(self.shuts[-1])
            self.rank.append(len(self.business))

    def _lay_intervals(self, midnight: datetime, spans: Spans, change: Change | None) -> bool:
        """Add a date's open intervals; False when the clocks jump over all of them."""
        before = len(self.shuts)
        for opening, closing in spans:
            opens = change.first(opening) if change else midnight + opening
            shuts = change.last(closing) if change else midnight + closing
            if self.shuts:
                opens = max(opens, self.shuts[-1])
            if opens < shuts:
                total = self.worked[-1] if self.worked else NOTHING
                self.opens.append(opens)
                self.shuts.append(shuts)
                self.owners.append(len(self.business))
                self.worked.append(total + (shuts - opens))
        return len(self.shuts) > before

    # Dates

    def day_of(self, moment: datetime) -> int:
        """The local date `moment` falls on."""
        return bisect_right(self.midnights, moment) - 1

    def day_on(self, on: date) -> int:
        """The position of a date."""
        return on.toordinal() - self.first_ordinal

    def date_of(self, day: int) -> date:
        """The date at a position."""
        return date.fromordinal(self.first_ordinal + day)

    def is_business(self, day: int) -> bool:
        """Whether any open time falls on that date."""
        return self.rank[day] > (self.rank[day - 1] if day else 0)

    # Open time

    def open_moment(self, moment: datetime) -> datetime:
        """`moment` when it is open, else the next opening (K4). An interval is open until its close."""
        index = bisect_right(self.shuts, moment)
        opens = self.opens[index]
        return moment if opens <= moment else opens

    def staffed(self, moment: datetime) -> timedelta:
        """Open time from the table's start to `moment` (K4, staffed hours)."""
        if moment >= self.end:
            raise IndexError
        index = bisect_right(self.opens, moment) - 1
        if index < 0:
            return NOTHING
        return self.worked[index] - max(self.shuts[index] - moment, NOTHING)

    def staffed_moment(self, total: timedelta) -> datetime:
        """The first moment by which `total` open time has passed since the table's start."""
        index = bisect_left(self.worked, total)
        return self.shuts[index] - (self.worked[index] - total)

    # Business hours: each business date is worth 24 hours of the local clock (K4)

    def clock_after(self, moment: datetime, hours: int) -> datetime:
        """`hours` business hours after the next open moment from `moment` on; ends like `clock_moment`."""
        interval = bisect_right(self.shuts, moment)
        start = self.opens[interval]
        if start < moment:
            start = moment
        index = self.owners[interval]
        change = self.shifts.get(index)
        reading = change.reading(start) if change else start - self.mornings[index]
        days, rest = divmod(hours, 24)
        return self._ended(index + days, reading + HOURS_OF_DAY[rest], start)

    def clock(self, moment: datetime) -> timedelta:
        """Business hours from the table's start to `moment`, by the reading of the wall clock."""
        return self._business_hours(moment, Change.reading)

    def counted(self, moment: datetime) -> timedelta:
        """Business hours from the table's start to `moment`; a repeated hour counts once, so never falls."""
        return self._business_hours(moment, Change.furthest)

    def _business_hours(self, moment: datetime, read) -> timedelta:
        day = bisect_right(self.midnights, moment) - 1
        rank = self.rank[day]
        if rank == 0 or self.business[rank - 1] != day:
            return DAY * rank
        change = self.shifts.get(rank - 1)
        reading = read(change, moment) if change else moment - self.midnights[day]
        return DAY * (rank - 1) + reading

    def clock_moment(self, total: timedelta, not_before: datetime) -> datetime:
        """The first moment from `not_before` on at which `total` business hours have passed.

        A total that ends a date exactly is the midnight that ends it, not the start of the next business
        date (K4).
        """
        return self._ended(*divmod(total, DAY), not_before)

    def _ended(self, index: int, reading: timedelta, not_before: datetime) -> datetime:
        if reading > DAY:
            index, reading = index + 1, reading - DAY
        elif not reading:
            index, reading = index - 1, DAY
        change = self.shifts.get(index)
        if change is None:
            return self.mornings[index] + reading
        first = change.first(reading)
        return first if first >= not_before else max(change.last(reading), not_before)


class Tables:
    """The table in use for one calendar, laid out on demand and replaced by a longer one when needed."""

    def __init__(self, pattern: Pattern):
        self._pattern = pattern
        self._table: Table | None = None

    def covering(self, moment: datetime, field: str = "received_at") -> Table:
        """A table that holds `moment` (aware, UTC), or HorizonError naming `field`."""
        table = self._table
        if table is not None and table.start <= moment < table.end:
            return table
        if not HORIZON_START + DAY <= moment < HORIZON_END - DAY:
            raise HorizonError(field, f"{HORIZON_SENTENCE}; {moment:%d %B} {moment.year} is outside.")
        return self._lay((moment - DAY).year, (moment + DAY).year + 1)

    def on(self, on: date) -> Table:
        """A table that holds a date, or HorizonError."""
        if not FIRST_YEAR <= on.year <= LAST_YEAR:
            raise HorizonError("date", f"{HORIZON_SENTENCE}; {on.isoformat()} is outside.")
        table = self._table
        if table is not None and table.first_year <= on.year <= table.last_year:
            return table
        return self._lay(on.year, on.year)

    def longer(self, table: Table, field: str = "max") -> Table:
        """A table that reaches about twice as far into the future, or HorizonError at the last year."""
        if table.last_year >= LAST_YEAR:
            raise HorizonError(field, f"{HORIZON_SENTENCE}; this would end later.")
        return self._lay(table.first_year, table.last_year + (table.last_year - table.first_year) + 1)

    def earlier(self, table: Table, field: str = "max") -> Table:
        """A table that reaches about twice as far into the past, or HorizonError at the first year."""
        if table.first_year <= FIRST_YEAR:
            raise HorizonError(field, f"{HORIZON_SENTENCE}; this would start earlier.")
        return self._lay(table.first_year - (table.last_year - table.first_year) - 1, table.last_year)

    def _lay(self, first_year: int, last_year: int) -> Table:
        # Replaced in one assignment: threads that race lay out the same table twice, and nothing else.
        known = self._table
        if known is not None:
            first_year, last_year = min(first_year, known.first_year), max(last_year, known.last_year)
        table = Table(self._pattern, max(first_year, FIRST_YEAR), min(last_year, LAST_YEAR))
        self._table = table
        return table
