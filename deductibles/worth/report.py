"""The ledger's report: what holding brought by month, payer, reason and settings, each with its finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from deductibles.domain import gain
from deductibles.domain.money import dollars, in_file, signed
from deductibles.domain.rates import USUAL, percent
from deductibles.models import HoldingRates
from deductibles.worth import chart
from deductibles.worth.asked import NAMED, WORDS, Asked
from deductibles.worth.figures import Figure, Figures
from tables.marks import Chart
from tables.periods import month_of

FEWEST = 5
"""Of fewer known claims no mean is said."""
MOST_BARS = 12
NOT_NAMED = "No payer"


@dataclass(frozen=True)
class Cell:
    """One cell: as it is read, and as a file has it."""

    text: str
    plain: str = ""
    href: str = ""

    @property
    def in_file(self) -> str:
        """The cell in a file: numbers without commas and signs a spreadsheet would run."""
        return self.plain or self.text


@dataclass
class Section:
    """One way of dividing the whole. ``key`` names its file and its place on the page."""

    key: str
    title: str
    first: str
    finding: str
    rows: list[list[Cell]]
    foot: list[Cell]
    chart: Chart

    @property
    def heads(self) -> list[str]:
        """The headings of the table."""
        return [self.first, *HEADS]


HEADS = (
    "Claims",
    "Known",
    "Holding brought",
    "Each, on average",
    "Brought less than nothing",
    "Denied for time",
    "Days held, on average",
    "Paid",
)


@dataclass(frozen=True)
class Readout:
    """One figure above the report."""

    value: str
    what: str
    detail: str = ""
    href: str = ""


@dataclass(frozen=True)
class Unknown:
    """What is not known of so many claims."""

    words: str
    claims: str


@dataclass
class Report:
    """The whole page: what it found, its figures, its sections, and how all of it is counted."""

    finding: str
    readouts: list[Readout]
    sections: list[Section]
    unknown: list[Unknown]
    unknown_href: str
    notes: list[str] = field(default_factory=list)

    def section(self, key: str) -> Section | None:
        """The section of that key, if there is one."""
        return next((one for one in self.sections if one.key == key), None)


def report_of(asked: Asked, found: Figures, rates: HoldingRates) -> Report:
    """Put the figures into words, pictures and tables."""
    sections = [_by_month, _by_payer, _by_reason, _by_settings] if found.whole.claims else []
    return Report(
        finding=finding_of(found.whole),
        readouts=_readouts(asked, found.whole),
        sections=[make(asked, found) for make in sections],
        unknown=[
            Unknown(f"{words[0].upper()}{words[1:]}", f"{found.missing[name]:,}")
            for name, words in gain.MISSING.items()
            if name in found.missing
        ],
        unknown_href=asked.claims(worth="unknown"),
        notes=notes_of(rates),
    )


def finding_of(whole: Figure) -> str:
    """What the ledger comes to, in a sentence or two."""
    if not whole.claims:
        return "No claim that was held and released was paid in this period, so nothing can be said."
    if not whole.known:
        return f"{_claims(whole.claims)} came back, and of none is known what holding brought."
    brought = "brought about" if whole.gain >= 0 else "cost about"
    said = f"Holding {brought} {dollars(abs(whole.gain))} over {_claims(whole.known)}, an estimate."
    if whole.unknown:
        said += f" Of {whole.unknown:,} more it is not known, and they are not in the sum."
    return said


def _claims(count: int) -> str:
    return "1 claim" if count == 1 else f"{count:,} claims"


def _readouts(asked: Asked, whole: Figure) -> list[Readout]:
    each = whole.each if whole.known >= FEWEST else None
    days = whole.mean_days
    return [
        Readout(
            signed(whole.gain) if whole.known else "–",
            "holding brought, estimated",
            f"{signed(each)} a claim" if each is not None else "",
            asked.claims(),
        ),
        Readout(f"{whole.known:,}", "claims it is known of", f"of {whole.claims:,} that came back"),
        Readout(
            f"{whole.losses:,}",
            "brought less than nothing",
            signed(whole.loss) if whole.losses else "",
            asked.claims(worth="loss") if whole.losses else "",
        ),
        Readout(
            f"{whole.late:,}",
            "denied for time",
            f"{signed(-whole.lost)} in the sum" if whole.late else "",
            asked.claims(worth="late") if whole.late else "",
        ),
        Readout(
            f"{whole.unknown:,}",
            "not known",
            "counted, not summed" if whole.unknown else "",
            asked.claims(worth="unknown") if whole.unknown else "",
        ),
        Readout(f"{days:.0f}" if days is not None else "–", "days held on average"),
    ]


Group = tuple[str, str, Figure]
"""A group as it is named, the address of its claims, and its figure."""


def _by_month(asked: Asked, found: Figures) -> Section:
    first = max(month_of(asked.period.first), min(found.month))
    last = month_of(min(asked.period.last, max(asked.today, max(found.month))))
    groups: list[Group] = []
    month = first
    while month <= last:
        one = found.month.get(month, Figure())
        groups.append((f"{month:%B %Y}", asked.claims_of_month(month), one))
        month = month_of(month, -1)
    said = _said("month", groups)
    rows = [(_month_label(on), float(one.gain), "") for on, one in _months(first, groups)]
    scale = [(value, _scale_words(value)) for value in chart.scale_of([value for _, value, _ in rows])]
    drawn = chart.standing("What holding brought, by month of payment", said, rows, scale)
    return Section(
        "by-month", "By month of payment", "Month", said, _rows(groups), _foot(asked, found), drawn
    )


def _months(first: date, groups: Sequence[Group]) -> list[tuple[date, Figure]]:
    return [(month_of(first, -index), one) for index, (_, _, one) in enumerate(groups)]


def _month_label(on: date) -> str:
    return f"{on:%b}" if on.month != 1 else f"{on:%Y}"


def _scale_words(value: float) -> str:
    words = f"${abs(value):,.0f}"
    return f"−{words}" if value < 0 else words


def _by_payer(asked: Asked, found: Figures) -> Section:
    groups = [
        (asked.payers.get(key or 0, NOT_NAMED), asked.claims(payer=str(key)) if key else "", one)
        for key, one in found.payer.items()
    ]
    return _lying("by-payer", "By payer", "Payer", "payer", asked, found, groups)


def _by_reason(asked: Asked, found: Figures) -> Section:
    groups = [
        (NAMED[letter], asked.claims(reason=WORDS[letter]), one) for letter, one in found.reason.items()
    ]
    return _lying("by-reason", "By queued reason", "Reason", "reason", asked, found, groups)


def _by_settings(asked: Asked, found: Figures) -> Section:
    groups: list[Group] = []
    for key, one in found.settings.items():
        number = asked.versions.get(key) if key else None
        name = f"Version {number}" if number else "Before any settings"
        groups.append((name, asked.claims(settings=str(number)) if number else "", one))
    title = "By the settings in force when held"
    return _lying("by-settings", title, "Settings", "version of the settings", asked, found, groups)


def _lying(
    key: str, title: str, first: str, noun: str, asked: Asked, found: Figures, groups: list[Group]
) -> Section:
    groups.sort(key=lambda group: group[2].gain, reverse=True)
    said = _said(noun, groups)
    bars = [
        (name, float(one.gain), signed(one.gain) if one.known else "not known") for name, _, one in groups
    ]
    drawn = chart.lying(f"What holding brought, {title[0].lower()}{title[1:]}", said, _shown(bars))
    return Section(key, title, first, said, _rows(groups), _foot(asked, found), drawn)


def _shown(bars: list[chart.Row]) -> list[chart.Row]:
    """The best and the worst of them; the table has all."""
    return bars if len(bars) <= MOST_BARS else [*bars[: MOST_BARS // 2], *bars[-MOST_BARS // 2 :]]


def _said(noun: str, groups: Sequence[Group]) -> str:
    known = [group for group in groups if group[2].known]
    if not known:
        return f"Of no {noun} is it known."
    best = max(known, key=lambda group: group[2].gain)
    worst = min(known, key=lambda group: group[2].gain)
    if len(known) == 1:
        return f"{best[0]}: {signed(best[2].gain)}."
    below = [group for group in known if group[2].gain < 0]
    said = f"Most came of {best[0]}, {signed(best[2].gain)}; least of {worst[0]}, {signed(worst[2].gain)}."
    return f"{said} Below nothing: {len(below)} of {len(known)}." if below else said


def _rows(groups: Sequence[Group]) -> list[list[Cell]]:
    return [_cells(name, href, one) for name, href, one in groups]


def _foot(asked: Asked, found: Figures) -> list[Cell]:
    return _cells("Together", asked.claims(), found.whole)


def _cells(name: str, href: str, one: Figure) -> list[Cell]:
    each = one.each if one.known >= FEWEST else None
    days = one.mean_days
    return [
        Cell(name),
        _count(one.claims, href),
        _count(one.known),
        Cell(signed(one.gain), in_file(one.gain)) if one.known else Cell("–"),
        Cell(signed(each), in_file(each)) if each is not None else Cell("–"),
        _count(one.losses, _with(href, "loss")),
        _count(one.late, _with(href, "late")),
        Cell(f"{days:.1f}") if days is not None else Cell("–"),
        Cell(dollars(one.paid), f"{one.paid:.2f}"),
    ]


def _count(number: int, href: str = "") -> Cell:
    return Cell(f"{number:,}", str(number), href if number else "")


def _with(href: str, worth: str) -> str:
    if not href:
        return ""
    return f"{href}{'&' if '?' in href else '?'}worth={worth}"


def notes_of(rates: HoldingRates) -> list[str]:
    """How the ledger counts, with the rates in force."""
    p, c, m = (percent(Decimal(one)) for one in (rates.collected, rates.co_insurance, rates.money))
    own = (
        f"measured over the twelve months to {rates.measured_to:%-d %B %Y}: {rates.source}"
        if rates.measured_to and rates.collected != USUAL.collected
        else "the usual figure until the company enters its own"
    )
    return [
        "What holding brought is an estimate: (1 − p) × (1 − c) × (the smaller of what was allowed and what "
        "remained of the deductible when the claim was held, less what the payer applied to it), less the "
        "cost of the days. It may be negative, and is shown so.",
        f"p, collected of what patients owe: {p}%, {own}.",
        f"c, co-insurance: as the payment tells it (PR 2 beside what was paid); where it tells none, {c}%.",
        f"Cost of the days: what the payer paid × {m}% a year × days held / 365. Days are counted from the "
        "first day of the hold to the release.",
        "A claim denied because the time for filing had passed (CO 29) counts with all that was denied.",
        "A claim of which one of these amounts is not known is counted as not known and is in no sum: "
        "unknown is not zero.",
        "A claim counts in the month of its payment. What would have happened otherwise nobody can know: the "
        "payer’s answer on the day of the hold stands for it.",
    ]
