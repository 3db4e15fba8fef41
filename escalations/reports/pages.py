"""The reports there are, and the first page that leads to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from escalations.domain.reports import plural, share
from escalations.models import Breach, Deflection, Waiver
from escalations.reports.ageing import ageing, by_age, running
from escalations.reports.ageing import finding as aged
from escalations.reports.asked import Asked
from escalations.reports.attainment import Both, attainment, by_type, by_week, ended_cycles
from escalations.reports.attainment import finding as kept
from escalations.reports.breaches import breaches
from escalations.reports.deflections import deflections
from escalations.reports.hands import hands
from escalations.reports.misfilings import changes, misfilings
from escalations.reports.shape import Readout, Report, Section
from escalations.reports.times import times
from escalations.reports.waivers import waivers


@dataclass(frozen=True)
class Page:
    """One report: its address, its name in the row of reports, its heading, and what it answers."""

    key: str
    label: str
    title: str
    answers: str
    build: Callable[[Asked], Report]

    @property
    def url_name(self) -> str:
        return f"reports:{self.key}"


PAGES = {
    page.key: page
    for page in (
        Page(
            "attainment",
            "Kept",
            "Kept and missed",
            "Which tickets were answered in time and which promises kept, by type, week and person",
            attainment,
        ),
        Page(
            "ageing",
            "Ageing",
            "What is running, by age",
            "How old the running tickets are and where they stand now",
            ageing,
        ),
        Page(
            "times",
            "Time to answer",
            "Time to answer",
            "How long half of the tickets took, and nine in ten, against their turnaround",
            times,
        ),
        Page(
            "hands",
            "In whose hands",
            "In whose hands",
            "How long tickets stood with whom, with nobody, and waiting for whom",
            hands,
        ),
        Page(
            "overrides",
            "Overrides",
            "Overrides and dismissals",
            "Which rules were overridden, which suggestions set aside, and by whom",
            waivers,
        ),
        Page(
            "misfilings",
            "Misfilings",
            "Misfilings",
            "Which types are taken for which others",
            misfilings,
        ),
        Page(
            "late",
            "Late because",
            "Late because",
            "Why tickets ran past their due time, and what is not explained yet",
            breaches,
        ),
        Page(
            "turned-away",
            "Turned away",
            "Turned away",
            "Calls that ended in no ticket, and what became of the words heard",
            deflections,
        ),
    )
}
"""Every report by its key, in the order of the row above them."""


@dataclass
class Overview:
    """The first page: the outcome of the period, what is running, and the way to each report."""

    title: str
    lead: str
    readouts: list[Readout]
    sections: list[Section]
    ways: list[tuple[Page, str, str]]


def overview(asked: Asked) -> Overview:
    """Read the first page."""
    ended, ages = ended_cycles(asked), running(asked)
    whole = Both()
    for one in ended:
        whole.add(one)
    more = _more(asked)
    late = sum(one.number for one in ages if one.standing == "breached")
    week, kinds = by_week(asked, ended), by_type(asked, ended)
    age = by_age(asked, ages)
    age.title = "Running now, by age in business days"
    age.finding = aged(ages)
    return Overview(
        title=_title(whole),
        lead=kept(whole),
        readouts=[
            Readout(
                share(whole.first.kept, whole.first.judged),
                "first outcome kept",
                f"{whole.first.kept:,} of {whole.first.judged:,}",
                asked.address(reverse("reports:attainment")),
            ),
            Readout(
                f"{sum(one.number for one in ages):,}",
                "running now",
                f"{late:,} late",
                asked.address(reverse("reports:ageing")),
            ),
            Readout(
                f"{more['late']:,}",
                "ran past their due time",
                f"{more['unsaid']:,} not explained yet",
                asked.address(reverse("reports:late")),
            ),
            Readout(
                f"{more['overrides']:,}",
                "rules overridden",
                "all with a reason" if more["overrides"] else "",
                asked.address(reverse("reports:overrides")),
            ),
            Readout(
                f"{more['away']:,}",
                "calls ended in no ticket",
                "",
                asked.address(reverse("reports:turned-away")),
            ),
        ],
        sections=[week, age, kinds],
        ways=[(page, asked.address(reverse(page.url_name)), _said(page, more)) for page in PAGES.values()],
    )


def _title(whole: Both) -> str:
    """The outcome as a heading says it."""
    first = whole.first
    if not first.judged:
        return "Nothing judged yet"
    if not first.missed:
        return "All kept" if first.judged > 1 else "One kept"
    return f"{share(first.kept, first.judged)} kept"


def _said(page: Page, more: dict[str, int]) -> str:
    """What the report's row says beside its name, where a count is at hand."""
    said = {
        "overrides": plural(more["overrides"] + more["dismissed"], "waiver"),
        "misfilings": plural(more["retypes"], "ticket changed", "tickets changed"),
        "late": plural(more["late"], "breach", "breaches"),
        "turned-away": plural(more["away"], "call"),
    }
    return said.get(page.key, "")


def _more(asked: Asked) -> dict[str, int]:
    """What the other reports count, each by one query."""
    start, end = asked.moments
    found: dict[str, Any] = {}
    waived = Waiver.objects.visible_to(asked.user).filter(
        asked.of("ticket__", "by"), at__gte=start, at__lt=end
    )
    found |= waived.aggregate(
        overrides=Count("pk", filter=Q(kind="override")), dismissed=Count("pk", filter=Q(kind="dismissal"))
    )
    late = Breach.objects.visible_to(asked.user).filter(
        asked.of("ticket__"), due_at__gte=start, due_at__lt=end
    )
    found |= late.aggregate(late=Count("pk"), unsaid=Count("pk", filter=Q(reason="")))
    away = Deflection.objects.visible_to(asked.user).filter(asked.of("", "by"), at__gte=start, at__lt=end)
    found["away"] = away.count()
    found["retypes"] = sum(one.number for one in changes(asked))
    return found
