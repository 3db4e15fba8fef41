"""Attainment: which turnarounds were kept and which missed, the first outcome and the final one apart (K11).

A cycle's outcome is frozen when it ends; it is counted in the week it ended. Merged and cancelled tickets
have no outcome and are not counted, only said. The promise is what the patient was told at filing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BooleanField, Case, Count, F, Value, When
from django.db.models.functions import TruncWeek

from escalations.domain import charts
from escalations.domain.reports import FEWEST, plural, share
from escalations.models import TicketCycle
from escalations.models.tickets import CHANNELS
from escalations.reports.asked import NOBODY, Asked
from escalations.reports.promises import Tally, dots, promised, promises, tally_of
from escalations.reports.shape import Cell, Head, Readout, Report, Section, count, part, words
from tables.periods import DAY, WEEK


@dataclass(frozen=True)
class Ended:
    """So many cycles that ended alike."""

    type: str
    channel: str
    week: date
    assignee: int | None
    first: bool
    final: bool
    met: bool | None
    over: str
    number: int


Group = tuple[str, "dict[str, str] | None", "Both"]
"""A group as it is named, the filters of its list, and its outcomes."""


class Both:
    """The first outcomes and the final ones of one group."""

    def __init__(self) -> None:
        self.first, self.final = Tally(), Tally()

    def add(self, one: Ended) -> None:
        if one.over:
            return
        if one.first:
            self.first.add(one.met, one.number)
        if one.final:
            self.final.add(one.met, one.number)


def ended_cycles(asked: Asked) -> list[Ended]:
    """The cycles that ended in the period, counted by everything a report groups them by: one query."""
    start, end = asked.moments
    rows = (
        TicketCycle.objects.visible_to(asked.user)
        .filter(asked.of("ticket__", "ticket__assignee"), ended_at__gte=start, ended_at__lt=end)
        .annotate(
            week=TruncWeek("ended_at", tzinfo=asked.user.company.zone),
            first=_is(number=1),
            last=_is(number=F("ticket__cycle")),
        )
        .values_list(
            "ticket__type", "ticket__channel", "week", "ticket__assignee", "first", "last",
            "ticket__status", "met",
        )
        .annotate(found=Count("pk"))
        .order_by()
    )  # fmt: skip
    return [_ended(*row) for row in rows]


def _is(**condition: Any) -> Case:
    return Case(When(**condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _ended(
    type_: str,
    channel: str,
    week: Any,
    assignee: int | None,
    first: bool,
    last: bool,
    status: str,
    met: bool | None,
    found: int,
) -> Ended:
    over = status if last and status in ("merged", "cancelled") else ""
    return Ended(type_, channel, week.date(), assignee, first, last and not over, met, over, found)


def attainment(asked: Asked) -> Report:
    """The whole page."""
    rows, told = ended_cycles(asked), promises(asked)
    whole = _group(rows, lambda one: "").get("", Both())
    told_and_kept = tally_of(told)
    return Report(
        finding=finding(whole),
        readouts=[
            Readout(share(whole.first.kept, whole.first.judged), "first outcome kept", _of(whole.first)),
            Readout(share(whole.final.kept, whole.final.judged), "final outcome kept", _of(whole.final)),
            Readout(share(told_and_kept.kept, told_and_kept.judged), "promise kept", _of(told_and_kept)),
            Readout(
                f"{whole.first.missed:,}", "missed the first time", f"{whole.final.missed:,} in the end too"
            ),
            Readout(f"{_left(rows):,}", "not counted", _left_words(rows)),
        ],
        sections=[
            by_week(asked, rows),
            by_type(asked, rows),
            promised(asked, told),
            _by_channel(asked, rows),
            _by_person(asked, rows),
            _by_team(asked, rows),
        ],
        notes=[
            "A first outcome is how the ticket stood when it was resolved for the first time; a final one "
            "how it stood when it was resolved last. A ticket that was never reopened has both, and they are "
            "the same.",
            f"Merged and cancelled tickets have no outcome and are not counted: {_left_words(rows)}.",
            "Types that state no time are not judged: "
            f"{plural(whole.first.unjudged, 'first outcome')} of the period.",
            "A ticket counts for the person who has it now, and for that person’s team.",
        ],
    )


def finding(whole: Both) -> str:
    """What the outcomes come to, in a sentence."""
    first, final = whole.first, whole.final
    if not first.judged and not final.judged:
        return "No ticket with a due date was resolved in this period."
    said = f"{first.kept:,} of {plural(first.judged, 'ticket')} kept their time when first resolved"
    if (first.kept, first.judged) == (final.kept, final.judged):
        return f"{said}."
    return f"{said}; of {final.judged:,} final outcomes, {final.kept:,} were kept."


def _of(tally: Tally) -> str:
    return f"{tally.kept:,} of {tally.judged:,}"


def _left(rows: Iterable[Ended]) -> int:
    return sum(one.number for one in rows if one.over)


def _left_words(rows: Iterable[Ended]) -> str:
    merged = sum(one.number for one in rows if one.over == "merged")
    cancelled = sum(one.number for one in rows if one.over == "cancelled")
    return f"{merged:,} merged, {cancelled:,} cancelled"


def _group(rows: Iterable[Ended], key: Callable[[Ended], Hashable]) -> dict[Any, Both]:
    found: dict[Any, Both] = defaultdict(Both)
    for one in rows:
        if not one.over:
            found[key(one)].add(one)
    return dict(found)


def _heads(first: str) -> list[Head]:
    four = ("Judged", "Kept", "Missed", "Share")
    return [
        Head(first, num=False),
        *(Head(label, group="First outcome", starts=label == four[0]) for label in four),
        *(Head(label, group="Final outcome", starts=label == four[0]) for label in four),
    ]


def _cells(asked: Asked, both: Both, linked: dict[str, str] | None) -> list[Cell]:
    """Eight numbers; that of the final outcomes leads to its tickets, where the list shows just them."""
    first, final = both.first, both.final
    href = ""
    if linked is not None and not final.unjudged:
        period = {"resolved_after": asked.period.first, "resolved_before": asked.period.last + DAY}
        dates = {name: on.isoformat() for name, on in period.items()}
        href = asked.tickets(**{"status": "resolved", **dates, **linked})
    return [
        count(first.judged),
        count(first.kept),
        count(first.missed),
        part(first.kept, first.judged),
        count(final.judged, href),
        count(final.kept),
        count(final.missed),
        part(final.kept, final.judged),
    ]


def by_week(asked: Asked, rows: list[Ended]) -> Section:
    """Week by week, from Monday on."""
    groups = _group(rows, lambda one: one.week)
    weeks = [(monday, groups.get(monday, Both())) for monday in asked.period.weeks]
    points = [
        (
            f"{monday.day} {monday:%b}",
            both.first.kept / both.first.judged if both.first.judged >= FEWEST else None,
            share(both.first.kept, both.first.judged),
        )
        for monday, both in weeks
    ]
    said = _week_finding(weeks)
    chart = charts.weeks("First outcomes kept, week by week", said, points)
    table = []
    for monday, both in weeks:
        since, until = max(monday, asked.period.first), min(monday + WEEK, asked.period.last + DAY)
        linked = {"resolved_after": since.isoformat(), "resolved_before": until.isoformat()}
        table.append([words(f"{monday.day} {monday:%B}"), *_cells(asked, both, linked)])
    drawn = chart if any(value is not None for _, value, _ in points) else None
    return Section("by-week", "Week by week", said, _heads("Week from"), table, drawn, wide=True)


def _week_finding(weeks: list[tuple[date, Both]]) -> str:
    judged = [(monday, both.first) for monday, both in weeks if both.first.judged >= FEWEST]
    if not judged:
        return "In no week were five tickets or more judged, so no share is drawn."
    monday, worst = min(judged, key=lambda week: week[1].kept / week[1].judged)
    if not worst.missed:
        return "In every week with five tickets or more, all of them kept their time."
    said = f"{worst.kept:,} of {worst.judged:,}"
    return f"The weakest week began on {monday.day} {monday:%B}: {said} kept their time when first resolved."


def by_type(asked: Asked, rows: list[Ended]) -> Section:
    """By type, the best first."""
    groups = [(asked.typed(key), {"type": key}, both) for key, both in _group(rows, lambda r: r.type).items()]
    groups.sort(key=lambda row: (-_rate(row[2].first), row[0]))
    missed = sum(both.first.missed for _, _, both in groups)
    said = "Nothing was missed the first time."
    if missed:
        name, _, worst = max(groups, key=lambda row: row[2].first.missed)
        said = (
            f"{name} carries {worst.first.missed:,} of the {missed:,} that missed their time the first time."
        )
        if missed == 1:
            said = f"The one ticket that missed its time the first time was of the type {name}."
    return _breakdown(asked, "by-type", "By type", said, "Type", groups)


def _rate(tally: Tally) -> float:
    return tally.kept / tally.judged if tally.judged else -1


def _breakdown(
    asked: Asked,
    key: str,
    title: str,
    said: str,
    first: str,
    groups: Sequence[Group],
) -> Section:
    """A table of groups, and dots for those of five cases or more."""
    large = [(name, both.first) for name, _, both in groups if both.first.judged >= FEWEST]
    chart = dots(f"First outcomes kept, {title.lower()}", said, large) if large else None
    table = [[words(name), *_cells(asked, both, linked)] for name, linked, both in groups]
    notes = []
    if chart and len(large) < len(groups):
        notes = ["Drawn are groups of five judged tickets or more; the table has all."]
    return Section(key, title, said, _heads(first), table, chart, notes=notes)


def _by_channel(asked: Asked, rows: list[Ended]) -> Section:
    found = _group(rows, lambda one: one.channel)
    groups = [(name, {"channel": key}, found[key]) for key, name in CHANNELS if key in found]
    said = _apart(groups) or "All tickets came by one channel."
    return _breakdown(asked, "by-channel", "By channel", said, "Channel", groups)


def _by_person(asked: Asked, rows: list[Ended]) -> Section:
    found = _group(rows, lambda one: one.assignee)
    groups = [
        (asked.named(key), {"assignee": asked.people[key].username if key else "none"}, both)
        for key, both in found.items()
    ]
    groups.sort(key=lambda row: (row[0] == NOBODY, row[0]))
    return _breakdown(asked, "by-person", "By person", _apart(groups), "Person", groups)


def _by_team(asked: Asked, rows: list[Ended]) -> Section:
    def team(one: Ended) -> int | None:
        person = asked.people.get(one.assignee) if one.assignee else None
        return person.team if person else None

    found = _group(rows, team)
    groups: list[Group] = [
        (asked.teams.get(key or 0, "No team"), {"team": str(key)} if key else None, both)
        for key, both in found.items()
    ]
    groups.sort(key=lambda row: (row[0] == "No team", row[0]))
    return _breakdown(asked, "by-team", "By team", _apart(groups), "Team", groups)


def _apart(groups: Sequence[Group]) -> str:
    """The best and the weakest of the groups that are large enough to say so."""
    large = [(name, both.first) for name, _, both in groups if both.first.judged >= FEWEST]
    if len(large) < 2:
        return "There are not two groups of five judged tickets to compare."
    best, worst = max(large, key=lambda row: _rate(row[1])), min(large, key=lambda row: _rate(row[1]))
    if _rate(best[1]) == _rate(worst[1]):
        return f"All kept the same share: {share(best[1].kept, best[1].judged)}."
    return (
        f"{best[0]} kept {_of(best[1])} ({share(best[1].kept, best[1].judged)}), "
        f"{worst[0]} {_of(worst[1])} ({share(worst[1].kept, worst[1].judged)})."
    )
