"""Promised against kept: was the ticket resolved within the window the patient was told at filing?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, Count, F, Q, Value, When

from escalations.domain import charts
from escalations.domain.reports import FEWEST, plural
from escalations.models import TicketCycle
from escalations.reports.asked import Asked
from escalations.reports.shape import Head, Section, count, part, words

PromisedCycle: Any = TicketCycle.pgh_event_model  # type: ignore[attr-defined]
"""The history of cycles: its first row keeps the dates that were promised."""


@dataclass
class Tally:
    """How many were kept, missed, and not judged because no time is stated (K8)."""

    kept: int = 0
    missed: int = 0
    unjudged: int = 0

    @property
    def judged(self) -> int:
        return self.kept + self.missed

    def add(self, met: bool | None, number: int) -> None:
        if met is None:
            self.unjudged += number
        elif met:
            self.kept += number
        else:
            self.missed += number


def promises(asked: Asked) -> list[tuple[str, bool | None, bool | None, int]]:
    """First outcomes by type, by whether the promise and whether the clock was kept: one query.

    What is immediate was promised at once and is judged by its clock, grace and taking included (K7). Pauses
    move the due date and not the promise.
    """
    start, end = asked.moments
    cycle = "pgh_obj__"
    promise = Case(
        When(unit="immediate", then=F("pgh_obj__met")),
        When(due_at=None, then=Value(None)),
        When(pgh_obj__ended_at__lte=F("due_at"), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
    rows = (
        PromisedCycle.objects.filter(
            asked.of(f"{cycle}ticket__", f"{cycle}ticket__assignee"),
            Q(pgh_obj__ticket__cycle__gt=1) | Q(pgh_obj__ticket__status="resolved"),
            pgh_label="insert",
            pgh_obj__company_id=asked.user.company_id,
            pgh_obj__number=1,
            pgh_obj__ended_at__gte=start,
            pgh_obj__ended_at__lt=end,
        )
        .annotate(promise=promise)
        .values_list("pgh_obj__ticket__type", "promise", "pgh_obj__met")
        .annotate(found=Count("pk"))
        .order_by()
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def tally_of(told: Iterable[tuple[str, bool | None, bool | None, int]]) -> Tally:
    found = Tally()
    for _, promise, _, number in told:
        found.add(promise, number)
    return found


def promised(asked: Asked, told: list[tuple[str, bool | None, bool | None, int]]) -> Section:
    """By type: was the patient answered within the window they were told, and by the clock?"""
    groups: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for key, promise, met, number in told:
        if promise is not None:
            groups[key]["judged"] += number
            groups[key]["kept" if promise else "missed"] += number
            groups[key]["late"] += number if met and not promise else 0
    rows = sorted(((asked.typed(key), found) for key, found in groups.items()), key=lambda row: row[0])
    whole = {name: sum(found[name] for _, found in rows) for name in ("judged", "kept", "missed", "late")}
    said = "No ticket with a promised date was resolved in this period."
    if whole["judged"]:
        said = (
            f"{whole['kept']:,} of {plural(whole['judged'], 'patient')} got their answer by the date they "
            f"were told; {whole['late']:,} were answered later than told though the clock, stopped by waits, "
            "was kept."
        )
    drawn = [
        (name, Tally(found["kept"], found["missed"])) for name, found in rows if found["judged"] >= FEWEST
    ]
    heads = [Head("Type", num=False), Head("Promised"), Head("Kept"), Head("Missed"), Head("Share")]
    heads.append(Head("Missed, clock kept"))
    table = [
        [
            words(name),
            count(found["judged"]),
            count(found["kept"]),
            count(found["missed"]),
            part(found["kept"], found["judged"]),
            count(found["late"]),
        ]
        for name, found in rows
    ]
    chart = dots("Promises kept, by type", said, drawn) if drawn else None
    return Section(
        "promised",
        "Promised and kept",
        said,
        heads,
        table,
        chart,
        notes=["The promise is the last day the patient was told when the ticket was filed. It never moves."],
    )


def dots(title: str, said: str, rows: Sequence[tuple[str, Tally]]) -> charts.Chart:
    """A dot for the kept share of each group, and a dotted line for that of all of them together."""
    whole = sum(one.kept for _, one in rows) / sum(one.judged for _, one in rows)
    drawn = [
        (name, one.kept / one.judged, f"{one.kept:,} of {one.judged:,}", one.kept / one.judged < whole)
        for name, one in rows
    ]
    chart = charts.shares(title, said, drawn, limit=whole * 100 if len(rows) > 1 else 0)
    if len(rows) > 1:
        chart.keys = [("key-dot", "as good as all drawn together, or better"), ("key-weak", "weaker")]
        chart.keys.append(("key-limit", "all drawn together"))
    return chart
