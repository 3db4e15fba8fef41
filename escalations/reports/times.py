"""Time to answer: the middle and the tail of how long tickets took, in the unit of their turnaround and by
the clock."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from escalations.domain import charts, lengths
from escalations.domain.pauses import Pause as Stop
from escalations.domain.reports import FEWEST, HALF, NINE_TENTHS, percentile, plural
from escalations.domain.units import Turnaround, describe
from escalations.models import CalendarVersion, Pause, TicketCycle
from escalations.policies import calendar_of
from escalations.reports.asked import Asked
from escalations.reports.shape import Cell, Head, Readout, Report, Section, count, lasting, words

FEW = "too few"
_A_WEEK = 5
"""Business days, for drawing a turnaround of weeks on the scale of the others."""


@dataclass
class Took:
    """The tickets of one type and turnaround: how long each took, in its unit and in seconds of the clock."""

    type: str
    turnaround: Turnaround
    lengths: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    met: int = 0

    def sort(self) -> None:
        self.lengths.sort()
        self.seconds.sort()

    @property
    def enough(self) -> bool:
        """Whether a middle and a tail can be said."""
        return len(self.lengths) >= FEWEST

    @property
    def longest(self) -> float:
        """The turnaround in the unit the lengths are measured in; 0 where no number is stated."""
        number = self.turnaround.max or 0
        return number * _A_WEEK if self.turnaround.unit == "week" else number


def took(asked: Asked) -> list[Took]:
    """How long the tickets took that were resolved for the first time in the period: three queries.

    From what the clock counts from to the first resolution, without the pauses that stop it; by the clock on
    the wall from the filing, waits and nights included.
    """
    start, end = asked.moments
    cycles = (
        TicketCycle.objects.visible_to(asked.user)
        .filter(asked.of("ticket__", "ticket__assignee"), number=1, ended_at__gte=start, ended_at__lt=end)
        .filter(Q(ticket__cycle__gt=1) | Q(ticket__status="resolved"))
    )
    stops = _stops(asked, cycles)
    rows = cycles.values_list(
        "ticket_id", "ticket__type", "min", "max", "unit", "clock_from", "ended_at", "ticket__received_at",
        "ticket__calendar_version",
    ).order_by()  # fmt: skip
    calendars: dict[int, Any] = {}
    found: dict[Any, Took] = {}
    for ticket, kind, low, high, unit, since, ended, received, version in rows.iterator(chunk_size=5000):
        key = (kind, low, high, unit)
        group = found.get(key)
        if group is None:
            group = found[key] = Took(kind, Turnaround(low, high, unit))
        if version not in calendars:
            calendars |= _calendars(asked)
        assert ended is not None
        group.lengths.append(lengths.length(unit, since, ended, calendars[version], stops.get(ticket, ())))
        group.seconds.append((ended - received).total_seconds())
    for group in found.values():
        group.sort()
    return sorted(found.values(), key=lambda group: (asked.typed(group.type), group.longest))


def _calendars(asked: Asked) -> dict[int, Any]:
    """Every calendar the company had; few, and parsed once a process."""
    versions = CalendarVersion.objects.visible_to(asked.user).defer(None)
    return {version.pk: calendar_of(version) for version in versions}


def _stops(asked: Asked, cycles: QuerySet[Any]) -> dict[int, list[Stop]]:
    """The pauses that stopped the clock in the first cycles, by ticket."""
    mine = Exists(cycles.filter(ticket=OuterRef("ticket"), ended_at__gt=OuterRef("started_at")))
    rows = Pause.objects.visible_to(asked.user).filter(mine, stops_clock=True).annotate(closed=F("ended_at"))
    found: dict[int, list[Stop]] = defaultdict(list)
    since: datetime
    until: datetime | None
    for ticket, since, until in rows.values_list("ticket_id", "started_at", "closed"):
        found[ticket].append(Stop(since, until))
    return found


def times(asked: Asked) -> Report:
    """The whole page."""
    groups = took(asked)
    whole = sum(len(group.lengths) for group in groups)
    seconds = sorted(one for group in groups for one in group.seconds)
    enough = len(seconds) >= FEWEST
    half, tail = (_clock(seconds, percent) for percent in (HALF, NINE_TENTHS))
    return Report(
        finding=_finding(asked, groups, whole),
        readouts=[
            Readout(f"{whole:,}", "resolved for the first time"),
            Readout(half.text if enough else FEW, "half were answered within", "by the clock, all types"),
            Readout(tail.text if enough else FEW, "nine in ten within", "by the clock, all types"),
        ],
        sections=[_by_type(asked, groups)],
        notes=[
            "Counted are tickets whose first resolution lies in the period, from filing to that resolution.",
            "In the unit of the turnaround a ticket is told as its due date is: business day 3 ends at the "
            "close of the third business date after filing, and waits that stop the clock are cut out. What "
            "is due within a week, or states no time, is told in business days; what is immediate in clock "
            "hours.",
            "By the clock every hour counts, also nights, weekends and waits: what the patient lived "
            "through.",
            f"Of fewer than {FEWEST} tickets no middle and no tail are said.",
        ],
    )


def _finding(asked: Asked, groups: list[Took], whole: int) -> str:
    if not whole:
        return "No ticket was resolved for the first time in this period."
    over = [
        group
        for group in groups
        if group.enough and group.longest and percentile(group.lengths, NINE_TENTHS) > group.longest
    ]
    said = f"{plural(whole, 'ticket')} {'was' if whole == 1 else 'were'} resolved for the first time"
    if not over:
        return f"{said}; in no type of five tickets or more does the slowest tenth pass the turnaround."
    names = ", ".join(dict.fromkeys(asked.typed(group.type) for group in over[:3]))
    more = f" and {len(over) - 3} more" if len(over) > 3 else ""
    return f"{said}; the slowest tenth passes the turnaround in {names}{more}."


def _by_type(asked: Asked, groups: list[Took]) -> Section:
    drawn = [
        (
            _label(asked, group, groups),
            percentile(group.lengths, HALF) / group.longest,
            percentile(group.lengths, NINE_TENTHS) / group.longest,
            f"{percentile(group.lengths, NINE_TENTHS) / group.longest:.0%}",
        )
        for group in groups
        if group.enough and group.longest
    ]
    said = "No type has five tickets or more with a stated time."
    if drawn:
        name, _, tail, _ = max(drawn, key=lambda row: row[2])
        said = f"Nearest to its turnaround is {name}: nine in ten were answered within {tail:.0%} of it."
        if tail > 1:
            said = f"Furthest past its turnaround is {name}: nine in ten took up to {tail:.1f} times as long."
    chart = charts.spans("Time to answer as a part of the turnaround", said, drawn) if drawn else None
    heads = [
        Head("Type", num=False),
        Head("Turnaround", num=False),
        Head("Resolved"),
        Head("Half within", group="In its unit", starts=True),
        Head("Nine in ten within", group="In its unit"),
        Head("Half within", group="By the clock", starts=True),
        Head("Nine in ten within", group="By the clock"),
    ]
    table = [
        [
            words(asked.typed(group.type)),
            words(describe(group.turnaround)),
            count(len(group.lengths)),
            _said(group, HALF),
            _said(group, NINE_TENTHS),
            _clock(group.seconds, HALF),
            _clock(group.seconds, NINE_TENTHS),
        ]
        for group in groups
    ]
    return Section("by-type", "By type", said, heads, table, chart, wide=True)


def _label(asked: Asked, group: Took, groups: list[Took]) -> str:
    """The type; where it has two turnarounds, with the turnaround."""
    name = asked.typed(group.type)
    twice = sum(other.type == group.type for other in groups) > 1
    return f"{name}, {group.turnaround.min}–{group.turnaround.max}" if twice else name


def _said(group: Took, percent: int) -> Cell:
    if not group.enough:
        return Cell(FEW)
    return Cell(lengths.said(group.turnaround.unit, percentile(group.lengths, percent)))


def _clock(seconds: list[float], percent: int) -> Cell:
    return lasting(percentile(seconds, percent)) if len(seconds) >= FEWEST else Cell(FEW)
