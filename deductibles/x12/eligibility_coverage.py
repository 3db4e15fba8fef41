"""Whether coverage is active on a day, what period a date segment means, and who pays first (D-X12-4, 9)."""

from datetime import date
from typing import NamedTuple

from deductibles.x12.eligibility_described import Pin
from deductibles.x12.eligibility_levels import Answer, Benefit, Level, day

_BEGINS = frozenset(("193", "346", "348", "356", "539"))
_ENDS = frozenset(("194", "347", "349", "357", "540"))
_SPANS = frozenset(("291", "292", "307"))
_ACTIVE = frozenset("12345")
_INACTIVE = frozenset("678")
_MEDICARE = frozenset(("MA", "MB"))
_MEDICARE_SECONDARY = frozenset(("12", "13", "14", "15", "16", "41", "42", "43", "47", "WC"))

HEALTH_PLAN = "30"
AMBULANCE = "59"


class Terms(NamedTuple):
    """What is asked of an answer: the day, whether ambulance and out-of-network lines come first, a pin."""

    as_of: date
    ambulance: bool = True
    out_of_network: bool = False
    pin: Pin | None = None


class Window(NamedTuple):
    """A period of whole days, open ends `None`. `readable` is false when a date made no sense."""

    start: date | None = None
    end: date | None = None
    readable: bool = True

    def covers(self, on: date) -> bool:
        """Whether the day is proven to lie inside; never when a date could not be read."""
        return self.readable and (self.start is None or self.start <= on) and not self.ended_before(on)

    def ended_before(self, on: date) -> bool:
        """Whether the period is over before the day."""
        return self.end is not None and self.end < on

    def both(self, other: "Window") -> "Window":
        """The days inside this period and the other."""
        if other is ALWAYS:
            return self
        if self is ALWAYS:
            return other
        starts = [start for start in (self.start, other.start) if start]
        ends = [end for end in (self.end, other.end) if end]
        readable = self.readable and other.readable
        return Window(max(starts, default=None), min(ends, default=None), readable)


ALWAYS = Window()
_UNREADABLE = Window(readable=False)


def window(dates: list[list[str]] | None) -> Window:
    """The period the plan, benefit and eligibility dates (DTP) of one loop agree on.

    A single day with a begin or a plan qualifier opens a period, with an end qualifier closes one.
    Dates of other meaning (service, issue, update) say nothing about the period.
    """
    found = ALWAYS
    for segment in dates or ():
        found = found.both(_one_window(segment))
    return found


def _one_window(segment: list[str]) -> Window:
    qualifier, form, value = (segment[1:4] + ["", "", ""])[:3]
    if qualifier not in _BEGINS and qualifier not in _ENDS and qualifier not in _SPANS:
        return ALWAYS
    first, _, last = value.partition("-") if form == "RD8" else (value, "", value)
    start, end = day(first), day(last)
    if start is None or end is None or start > end:
        return _UNREADABLE
    if form == "RD8":
        return Window(start, end)
    return Window(None, end) if qualifier in _ENDS else Window(start, None)


class Coverage(NamedTuple):
    """The patient's coverage on the day: `active` is `None` when the answer does not say or says both."""

    active: bool | None
    unclear: bool
    medicare: bool
    period: Window


def coverage_of(patient: Level, answer: Answer, terms: Terms) -> Coverage:
    """Whether the coverage is active on the day, from its status lines and dates (D-X12-4).

    A status line counts when it is for the health plan, for ambulance, or for no service type in
    particular; in a Medicare answer it must be Part B's or nobody's (D-X12-7).
    """
    medicare = is_medicare(patient)
    level = window(patient.coverage_dates)
    states = [
        b
        for b in patient.states
        if b.kind != "R" and _concerns_plan(b, answer, terms) and _concerns_part(b, medicare)
    ]
    active = [window(b.dates).both(level) for b in states if b.kind in _ACTIVE]
    inactive = [window(b.dates) for b in states if b.kind in _INACTIVE]
    covering = [period for period in active if period.covers(terms.as_of)]
    period = covering[0] if covering else level
    return Coverage(*_standing(active, covering, inactive, level, terms.as_of), medicare, period)


def _standing(
    active: list[Window], covering: list[Window], inactive: list[Window], level: Window, on: date
) -> tuple[bool | None, bool]:
    """(active, unclear). A past inactive period says nothing against coverage that is shown for the day."""
    if covering:
        contradicted = any(not w.ended_before(on) and not (w.start and w.start > on) for w in inactive)
        return (None, True) if contradicted else (True, False)
    if inactive:
        return False, False
    if not all(w.readable for w in [level, *active]):
        return None, True
    return (False, False) if active or not level.covers(on) else (None, False)


def is_medicare(patient: Level) -> bool:
    """Whether the answer tells Medicare's parts apart (EB04 MA or MB, D-X12-7)."""
    benefits = [b for b in patient.states if b.kind != "R"] + patient.deductibles
    return any(b.elements[4] in _MEDICARE for b in benefits)


def _concerns_plan(benefit: Benefit, answer: Answer, terms: Terms) -> bool:
    types = answer.repeated(benefit.elements[3])
    wanted = types == [""] or HEALTH_PLAN in types or (terms.ambulance and AMBULANCE in types)
    return wanted and not (benefit.rejected or benefit.bounded or benefit.elements[13])


def _concerns_part(benefit: Benefit, medicare: bool) -> bool:
    return not medicare or benefit.elements[4] in ("MB", "")


def other_payer_primary(patient: Level, answer: Answer, terms: Terms) -> bool:
    """Whether an EB*R line in effect on the day names another payer as primary (D-X12-9).

    Named by an NM1*PRP that is not the answering payer, or by a Medicare-secondary type in EB04.
    """
    return any(
        benefit.kind == "R"
        and _concerns_plan(benefit, answer, terms)
        and _may_cover(window(benefit.dates), terms.as_of)
        and (
            benefit.elements[4] in _MEDICARE_SECONDARY
            or _names_another(benefit.primary, patient.lineage()[0].name)
        )
        for benefit in patient.states
    )


def _may_cover(period: Window, on: date) -> bool:
    """Covering the day, or with dates nobody can read: then the warning stays."""
    return period.covers(on) or not period.readable


def _names_another(primary: list[str] | None, payer: list[str]) -> bool:
    if primary is None:
        return False
    same_id = len(primary) > 9 and len(payer) > 9 and primary[9] and primary[8:10] == payer[8:10]
    same_name = primary[3:4] == payer[3:4] and primary[3:4] not in ([], [""])
    return not (same_id or same_name)
