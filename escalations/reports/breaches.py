"""Late because: the reasons people gave for what ran past its due time, and what nobody has explained yet."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from escalations.domain import charts
from escalations.domain.reports import plural, share
from escalations.models import Breach
from escalations.reports.asked import NOBODY, Asked
from escalations.reports.shape import Head, Readout, Report, Section, count, part, words

UNSAID = "Not said yet"


@dataclass(frozen=True)
class Late:
    """So many breaches of one type and person with one reason; an empty one is not said yet."""

    reason: str
    type: str
    person: int | None
    number: int
    moved: int


def late(asked: Asked) -> list[Late]:
    """The breaches whose due moment lies in the period: one query."""
    start, end = asked.moments
    rows = (
        Breach.objects.visible_to(asked.user)
        .filter(asked.of("ticket__"), due_at__gte=start, due_at__lt=end)
        .values_list("reason", "ticket__type", "assignee")
        .annotate(found=Count("pk"), moved=Count("pk", filter=Q(moved_at__isnull=False)))
        .order_by()
    )
    return [Late(*row) for row in rows]


def breaches(asked: Asked) -> Report:
    """The whole page."""
    rows = late(asked)
    whole = sum(one.number for one in rows)
    unsaid = sum(one.number for one in rows if not one.reason)
    moved = sum(one.moved for one in rows)
    return Report(
        finding=_finding(asked, rows, whole, unsaid),
        readouts=[
            Readout(f"{whole:,}", "ran past their due time"),
            Readout(f"{unsaid:,}", "not explained yet", f"{share(unsaid, whole)} of them" if whole else ""),
            Readout(f"{len({one.type for one in rows}):,}", "types concerned"),
        ],
        sections=[_by_reason(asked, rows, whole), _by_type(asked, rows), _by_person(asked, rows)],
        notes=[
            "A breach is counted once for each cycle of a ticket, in the period of the due time it missed, "
            "also when the ticket has been resolved since. The person is who had the ticket when it was seen "
            "to be late.",
            f"{plural(moved, 'breach', 'breaches')} of these would not stand under the calendar or policy of "
            "now; they stay on record.",
        ],
    )


def _said(asked: Asked, reason: str) -> str:
    """A reason as the list of the policy words it."""
    return asked.policy.late_words(reason) if reason else UNSAID


def _finding(asked: Asked, rows: list[Late], whole: int, unsaid: int) -> str:
    if not rows:
        return "Nothing ran past its due time in this period."
    told: Counter[str] = Counter()
    for one in rows:
        if one.reason:
            told[one.reason] += one.number
    said = f"{plural(whole, 'ticket')} ran past {'its' if whole == 1 else 'their'} due time"
    if not told:
        return f"{said}; for none of them has anybody said why."
    reason, number = max(told.items(), key=lambda row: (row[1], row[0]))
    explained = f"{number:,} of {whole - unsaid:,} explained"
    return f"{said}; the most frequent reason is “{_said(asked, reason)}”, {explained}."


def _by_reason(asked: Asked, rows: list[Late], whole: int) -> Section:
    found: Counter[str] = Counter()
    for one in rows:
        found[one.reason] += one.number
    ordered = sorted(found.items(), key=lambda row: (not row[0], -row[1]))
    bars = [
        (_said(asked, key), [charts.Part(number, "bar" if key else "bar-none")], f"{number:,}")
        for key, number in ordered
    ]
    said = f"{found['']:,} of {whole:,} wait for somebody to say why." if whole else "Nothing was late."
    if whole and not found[""]:
        said = "For every one of them somebody has said why."
    table = [[words(_said(asked, key)), count(number), part(number, whole)] for key, number in ordered]
    heads = [Head("Reason", num=False), Head("Late"), Head("Share")]
    chart = charts.bars("Late tickets, by reason", said, bars) if bars else None
    return Section("by-reason", "By reason", said, heads, table, chart)


def _by_type(asked: Asked, rows: list[Late]) -> Section:
    return _grouped(asked, rows, "by-type", "By type", "Type", lambda one: asked.typed(one.type))


def _by_person(asked: Asked, rows: list[Late]) -> Section:
    return _grouped(asked, rows, "by-person", "By person", "Person", lambda one: asked.named(one.person))


def _grouped(
    asked: Asked, rows: list[Late], key: str, title: str, first: str, by: Callable[[Late], Hashable]
) -> Section:
    """One row for each group, one column for each reason, the most frequent reason first."""
    reasons: Counter[str] = Counter()
    groups: dict[Any, Counter[str]] = defaultdict(Counter)
    for one in rows:
        reasons[one.reason] += one.number
        groups[by(one)][one.reason] += one.number
    columns = [reason for reason, _ in sorted(reasons.items(), key=lambda row: (not row[0], -row[1]))]
    ordered = sorted(groups.items(), key=lambda row: (row[0] == NOBODY, -row[1].total(), row[0]))
    bars = [
        (
            name,
            [charts.Part(mine.total() - mine[""], "bar"), charts.Part(mine[""], "bar-none")],
            f"{mine.total():,}",
        )
        for name, mine in ordered
    ]
    said = "Nothing was late."
    if ordered:
        name, mine = max(ordered, key=lambda row: row[1].total())
        said = f"Most often it was {name}: {mine.total():,} of {reasons.total():,}."
    table = [
        [words(name), *(count(mine[reason]) for reason in columns), count(mine.total())]
        for name, mine in ordered
    ]
    heads = [Head(first, num=False), *(Head(_said(asked, reason)) for reason in columns), Head("All")]
    chart = charts.bars(f"Late tickets, {title.lower()}", said, bars) if bars else None
    if chart:
        chart.keys = [("key", "explained"), ("key-none", "not said yet")]
    return Section(key, title, said, heads, table, chart)
