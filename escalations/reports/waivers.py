"""Overrides and dismissals: which guard rails were gone past, by whom; each has its reason on the ticket."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Count

from escalations.domain import charts
from escalations.domain.reports import plural
from escalations.models import Proposal, Ticket, Waiver
from escalations.reports.asked import Asked
from escalations.reports.shape import Head, Readout, Report, Section, count, words

KINDS = (
    ("override", "Overridden", "bar-over"),
    ("dismissal", "Set aside", "bar"),
    ("proposal", "Proposal declined", "bar-soft"),
)


@dataclass(frozen=True)
class Waived:
    """So many rails of one rule waived alike by one person."""

    kind: str
    rule: str
    person: int | None
    number: int


def waived(asked: Asked) -> list[Waived]:
    """Rails overridden and suggestions set aside in the period, by rule and person: two queries."""
    start, end = asked.moments
    rows = (
        Waiver.objects.visible_to(asked.user)
        .filter(asked.of("ticket__", "by"), at__gte=start, at__lt=end)
        .values_list("kind", "rule", "by")
        .annotate(found=Count("pk"))
        .order_by()
    )
    declined = (
        Proposal.objects.visible_to(asked.user)
        .filter(asked.of("ticket__", "decided_by"), decision="dismissed")
        .filter(decided_at__gte=start, decided_at__lt=end)
        .values_list("rule", "decided_by")
        .annotate(found=Count("pk"))
        .order_by()
    )
    found = [Waived(*row) for row in rows]
    return [*found, *(Waived("proposal", rule, person, number) for rule, person, number in declined)]


def filed_in(asked: Asked) -> int:
    """How many tickets were filed in the period: what the numbers are to be measured by."""
    start, end = asked.moments
    rows = Ticket.objects.visible_to(asked.user).filter(asked.of("", "filed_by"))
    return rows.filter(created_at__gte=start, created_at__lt=end).exclude(status="draft").count()


def waivers(asked: Asked) -> Report:
    """The whole page."""
    rows, filed = waived(asked), filed_in(asked)
    overrides, dismissed, declined = (_sum(rows, kind) for kind, _, _ in KINDS)
    return Report(
        finding=f"{plural(overrides, 'rule')} {'was' if overrides == 1 else 'were'} overridden and "
        f"{plural(dismissed + declined, 'suggestion')} set aside, while {plural(filed, 'ticket')} "
        f"{'was' if filed == 1 else 'were'} filed.",
        readouts=[
            Readout(f"{overrides:,}", "rules overridden", "all with a reason" if overrides else ""),
            Readout(f"{dismissed:,}", "words set aside", "all with a reason" if dismissed else ""),
            Readout(f"{declined:,}", "proposals declined", "all with a reason" if declined else ""),
            Readout(f"{filed:,}", "tickets filed"),
        ],
        sections=[
            _counted("by-rule", "By rule", "Rule", rows, lambda one: one.rule, "Most of it concerns"),
            _counted(
                "by-person", "By person", "Person", rows, lambda one: asked.named(one.person), "Most were by"
            ),
            _each(asked, rows),
        ],
        notes=["Who overrode or set aside counts here, not who has the ticket."],
    )


def _sum(rows: Iterable[Waived], kind: str) -> int:
    return sum(one.number for one in rows if one.kind == kind)


def _counted(
    key: str, title: str, first: str, rows: list[Waived], by: Callable[[Waived], str], most: str
) -> Section:
    """One table and its bars, the highest first."""
    found: dict[str, Counter[str]] = {}
    for one in rows:
        found.setdefault(by(one), Counter())[one.kind] += one.number
    ordered = sorted(found.items(), key=lambda row: (-row[1].total(), row[0]))
    bars = [
        (name, [charts.Part(kinds[kind], look) for kind, _, look in KINDS], f"{kinds.total():,}")
        for name, kinds in ordered
    ]
    said = "No rule was waived in this period."
    if ordered:
        said = f"{most} {ordered[0][0]}: {ordered[0][1].total():,} of {sum(one.number for one in rows):,}."
    chart = charts.bars(f"Rules waived, {title.lower()}", said, bars) if bars else None
    if chart:
        chart.keys = [
            ("key-over", "overridden"), ("key", "words set aside"), ("key-soft", "proposals declined")
        ]  # fmt: skip
    heads = [Head(first, num=False), *(Head(label) for _, label, _ in KINDS), Head("All")]
    table = [
        [words(name), *(count(kinds[kind]) for kind, _, _ in KINDS), count(kinds.total())]
        for name, kinds in ordered
    ]
    return Section(key, title, said, heads, table, chart)


def _each(asked: Asked, rows: list[Waived]) -> Section:
    """Every rule with every person who waived it."""
    named = {kind: label for kind, label, _ in KINDS}
    ordered = sorted(rows, key=lambda one: (one.rule, -one.number, asked.named(one.person), one.kind))
    table = [
        [words(one.rule), words(asked.named(one.person)), words(named[one.kind]), count(one.number)]
        for one in ordered
    ]
    said = f"{plural(len({(one.rule, one.person) for one in rows}), 'pair')} of rule and person."
    heads = [Head("Rule", num=False), Head("Person", num=False), Head("What", num=False), Head("Times")]
    return Section("rule-and-person", "By rule and person", said, heads, table)
