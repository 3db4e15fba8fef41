"""Which deductible lines count, and the amounts they give (D-X12-4 to D-X12-10).

Each EB*C line is judged alone first: a candidate, or a reason why not. Candidates then meet in cells of
level and network, and a cell gives a figure: annual amount, remaining amount and how it is known.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from deductibles.x12.eligibility_coverage import AMBULANCE, HEALTH_PLAN, Coverage, Terms, Window, window
from deductibles.x12.eligibility_levels import Answer, Benefit, Level
from deductibles.x12.eligibility_reading import (
    BASIS_COMPUTED,
    BASIS_FAMILY,
    BASIS_REPORTED,
    BASIS_SMALLER,
    BASIS_UNKNOWN,
    BASIS_ZERO,
    Amounts,
)

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
NO_SUCH_LIMIT = Decimal(99999)
"""Payers write 99999.99 for "there is no such limit": amounts from here up are no amounts (D-X12-4)."""

INDIVIDUAL, FAMILY = "individual", "family"
ANNUAL, REMAINING, MET = "annual", "remaining", "met"

_LEVELS = {"IND": INDIVIDUAL, "": INDIVIDUAL} | dict.fromkeys(("FAM", "ESP", "ECH", "E1D"), FAMILY)
_ROLES = {"23": ANNUAL, "22": ANNUAL, "25": ANNUAL, "": ANNUAL, "24": MET, "29": REMAINING}
_ANNUAL_ORDER = ("23", "22", "25", "")
_NETWORKS = frozenset(("Y", "W", "", "U", "N"))

IN_NETWORK = (("Y", "W"), ("",), ("U",))
OUT_OF_NETWORK = (("N", "W"), ("",), ("U",))
SHOWN_OUT_OF_NETWORK = (("N", "W"),)
"""Networks in order of preference (D-X12-6); W, both networks, completes the one it stands beside."""

# Why a line is no candidate. eligibility_trail has the sentence of each.
REJECTED = "rejected"
OTHER_SERVICE = "other_service"
ONE_PROCEDURE = "one_procedure"
OTHER_PART = "other_part"
OTHER_LEVEL = "other_level"
OTHER_NETWORK_MARK = "other_network_mark"
OTHER_TIME = "other_time"
OTHER_PERIOD = "other_period"
NOT_MONEY = "not_money"
NO_LIMIT = "no_limit"
REST_OF_NO_LIMIT = "rest_of_no_limit"
BLANK_TIME = "blank_time"


class Candidate:
    """A deductible line that passed D-X12-4: its cell (level, network), role and amount in dollars.

    A pinned line may be of another level than individual and family; its ``level`` is "" then.
    """

    __slots__ = ("benefit", "level", "network", "role", "amount", "plan", "ambulance", "period")

    def __init__(self, benefit: Benefit, types: list[str], amount: Decimal, period: Window):
        self.benefit = benefit
        self.level = _LEVELS.get(benefit.elements[2], "")
        self.network = benefit.elements[12]
        self.role = _ROLES[benefit.elements[6]]
        self.amount = amount
        self.plan = HEALTH_PLAN in types
        self.ambulance = AMBULANCE in types
        self.period = period


class Figure(NamedTuple):
    """The amounts of one level. `lines` are the candidates they come from."""

    annual: Decimal | None = None
    remaining: Decimal | None = None
    basis: str = BASIS_UNKNOWN
    lines: tuple[Candidate, ...] = ()
    ambiguous: bool = False
    displaces: bool = False

    @property
    def exists(self) -> bool:
        """Whether the answer gives any amount for this level."""
        return self.annual is not None or self.remaining is not None

    @property
    def only_ambulance(self) -> bool:
        """Whether a line for ambulance that is not also the health plan's was used (D-X12-7)."""
        return any(not line.plan for line in self.lines)

    @property
    def inconsistent(self) -> bool:
        """More remains than the whole (D-X12-8)."""
        return self.annual is not None and self.remaining is not None and self.remaining > self.annual

    @property
    def amounts(self) -> Amounts:
        """The two amounts alone."""
        return Amounts(self.annual, self.remaining)


NO_FIGURE = Figure()


class Judged(NamedTuple):
    """A patient's deductible lines: candidates, and the others with the reason against each.

    ``unlimited`` are the numbers of those that tell what remains of a limit that does not exist.
    """

    candidates: tuple[Candidate, ...]
    against: tuple[tuple[Benefit, str], ...]
    unlimited: frozenset[int] = frozenset()


def judge(patient: Level, answer: Answer, coverage: Coverage, terms: Terms) -> Judged:
    """Sort the patient's EB*C lines into candidates and others, each with its reason (D-X12-4, 5, 7)."""
    candidates: list[Candidate] = []
    against: list[tuple[Benefit, str]] = []
    for benefit in patient.deductibles:
        verdict = _verdict(benefit, answer, coverage, terms)
        if isinstance(verdict, Candidate):
            candidates.append(verdict)
        else:
            against.append((benefit, verdict))
    return _without_unlimited_cells(candidates, against)


def _verdict(benefit: Benefit, answer: Answer, coverage: Coverage, terms: Terms) -> Candidate | str:
    elements = benefit.elements
    types = answer.repeated(elements[3])
    if HEALTH_PLAN not in types and not (terms.ambulance and AMBULANCE in types):
        return OTHER_SERVICE
    reason = _reason_against(benefit, coverage)
    return reason or amount_of(benefit, types, coverage, terms)


def amount_of(benefit: Benefit, types: list[str], coverage: Coverage, terms: Terms) -> Candidate | str:
    """The line as a candidate, or why it tells no amount for the day: no pin overrides that (I7).

    Expects a time period that means something (EB06).
    """
    elements = benefit.elements
    period = window(benefit.dates) if benefit.dates else coverage.period
    if not period.covers(terms.as_of):
        return OTHER_PERIOD
    amount = money(elements[7])
    if amount is None:
        return NOT_MONEY
    if amount >= NO_SUCH_LIMIT:
        return NO_LIMIT
    if not elements[6] and amount:
        return BLANK_TIME
    return Candidate(benefit, types, amount, period)


def _reason_against(benefit: Benefit, coverage: Coverage) -> str:
    """What the codes of the line say against it, or ""."""
    elements = benefit.elements
    if benefit.rejected:
        return REJECTED
    if benefit.bounded or elements[13]:
        return ONE_PROCEDURE
    if coverage.medicare and elements[4] != "MB":
        return OTHER_PART
    if elements[2] not in _LEVELS:
        return OTHER_LEVEL
    if not has_role(benefit):
        return OTHER_TIME
    return "" if elements[12] in _NETWORKS else OTHER_NETWORK_MARK


def has_role(benefit: Benefit) -> bool:
    """Whether the time period (EB06) makes the line an annual, remaining or already met amount."""
    return benefit.elements[6] in _ROLES


def _without_unlimited_cells(candidates: list[Candidate], against: list[tuple[Benefit, str]]) -> Judged:
    """Drop what remains of a limit that does not exist: its annual amount is written 99999 or more."""
    unlimited = {
        (_LEVELS[benefit.elements[2]], benefit.elements[12])
        for benefit, reason in against
        if reason == NO_LIMIT and _ROLES[benefit.elements[6]] == ANNUAL
    }
    if not unlimited:
        return Judged(tuple(candidates), tuple(against))
    unlimited -= {(c.level, c.network) for c in candidates if c.role == ANNUAL}
    rest = [c.benefit for c in candidates if (c.level, c.network) in unlimited]
    against += [(benefit, REST_OF_NO_LIMIT) for benefit in rest]
    kept = tuple(c for c in candidates if (c.level, c.network) not in unlimited)
    return Judged(kept, tuple(against), frozenset(benefit.number for benefit in rest))


def money(text: str) -> Decimal | None:
    """Dollars and cents from an X12 amount, `None` for anything that is not a plain amount of money."""
    whole, _, cents = text.partition(".")
    if not text.isascii() or not (whole + cents).isdigit() or len(text) > 18:
        return None
    amount = Decimal(text)
    rounded = amount.quantize(CENT)
    return rounded if rounded == amount else None


def figure(candidates: Iterable[Candidate], level: str, networks: tuple[tuple[str, ...], ...]) -> Figure:
    """The amounts of one level, from the first networks that have any (D-X12-6).

    Lines for ambulance override those for the health plan (D-X12-7); a line that is both decides only
    when it leaves nothing unknown that the health plan's lines would tell.
    """
    mine = [c for c in candidates if c.level == level]
    if not mine:
        return NO_FIGURE
    special = [c for c in mine if c.ambulance]
    if special:
        found = _first_network(special, networks)
        if found.exists and (found.remaining is not None or found.only_ambulance):
            near = {mark for group in networks for mark in group}
            displaces = found.only_ambulance or any(not c.ambulance and c.network in near for c in mine)
            return Figure(found.annual, found.remaining, found.basis, found.lines, found.ambiguous, displaces)
    return _first_network([c for c in mine if c.plan], networks)


def _first_network(candidates: list[Candidate], networks: tuple[tuple[str, ...], ...]) -> Figure:
    for group in networks:
        found = NO_FIGURE
        for mark in group:
            cell = [c for c in candidates if c.network == mark]
            if cell:
                found = completed(found, cell_of(cell))
        if found.exists:
            return found
    return NO_FIGURE


def completed(first: Figure, second: Figure) -> Figure:
    """The first figure; what it lacks from the second, unless that is plainly about another deductible."""
    if not first.exists:
        return second
    if first.remaining is None and second.annual in (None, first.annual):
        return _joined(first.annual, second.remaining, second.basis, first, second)
    if first.annual is None and second.annual is not None:
        return _joined(second.annual, first.remaining, first.basis, first, second)
    return first


def _joined(
    annual: Decimal | None, remaining: Decimal | None, basis: str, first: Figure, second: Figure
) -> Figure:
    return Figure(annual, remaining, basis, first.lines + second.lines, first.ambiguous or second.ambiguous)


def cell_of(candidates: list[Candidate]) -> Figure:
    """The figure of one level in one network (D-X12-7, D-X12-8, D-X12-9)."""
    annuals = _best_annuals(candidates)
    remainings = [c for c in candidates if c.role == REMAINING]
    annual, remaining = _largest(annuals), _largest(remainings)
    if remaining is not None:
        lines = (*_some(annual), remaining)
        return Figure(_amount(annual), remaining.amount, BASIS_REPORTED, lines, _differ(annuals, remainings))
    if annual is None:
        return NO_FIGURE
    return _computed(annual, annuals, [c for c in candidates if c.role == MET])


def _computed(annual: Candidate, annuals: list[Candidate], mets: list[Candidate]) -> Figure:
    """Remaining when the payer does not report it: annual less already met, 0 of 0, else unknown (D-X12-8).

    Of two met amounts the smaller counts, which leaves the larger remaining.
    """
    ambiguous = _differ(annuals, mets)
    if mets:
        met = min(mets, key=lambda c: c.amount)
        basis = BASIS_COMPUTED.format(annual=annual.benefit.elements[6] or "blank")
        return Figure(annual.amount, max(ZERO, annual.amount - met.amount), basis, (annual, met), ambiguous)
    if annual.amount == 0:
        return Figure(ZERO, ZERO, BASIS_ZERO, (annual,), ambiguous)
    return Figure(annual.amount, None, BASIS_UNKNOWN, (annual,), ambiguous)


def _best_annuals(candidates: list[Candidate]) -> list[Candidate]:
    """The annual lines of the best EB06: calendar year, service year, contract, blank (D-X12-7)."""
    for code in _ANNUAL_ORDER:
        found = [c for c in candidates if c.role == ANNUAL and c.benefit.elements[6] == code]
        if found:
            return found
    return []


def _largest(candidates: list[Candidate]) -> Candidate | None:
    """The largest amount; of equals one whose level is written, so that no doubt is flagged needlessly."""
    return max(candidates, key=lambda c: (c.amount, bool(c.benefit.elements[2])), default=None)


def _differ(*roles: list[Candidate]) -> bool:
    return any(len({c.amount for c in role}) > 1 for role in roles)


def _some(candidate: Candidate | None) -> tuple[Candidate, ...]:
    return () if candidate is None else (candidate,)


def _amount(candidate: Candidate | None) -> Decimal | None:
    return None if candidate is None else candidate.amount


class Choice(NamedTuple):
    """The three figures of a patient; `deciding` are those of individual and family that decide.

    `pinned` says, when a person pinned a line, whether the answer has it: its figure then decides alone, and
    without it none does. `by_rule` is what would be chosen without the pin.
    """

    individual: Figure
    family: Figure
    elsewhere: Figure
    deciding: tuple[Figure, ...]
    pinned: bool | None = None
    by_rule: "Choice | None" = None

    @property
    def annual(self) -> Decimal | None:
        """The individual's annual amount, else the family's.

        A pin on the line that decides anyway leaves the annual amount as the rules have it.
        """
        if self.by_rule is not None and self._confirms(self.by_rule):
            return self.by_rule.annual
        return next((f.annual for f in self.deciding if f.annual is not None), None)

    def _confirms(self, by_rule: "Choice") -> bool:
        effective, _ = by_rule.effective()
        if effective is None or effective != self.effective()[0]:
            return False
        mine = {line.benefit.number for figure in self.deciding for line in figure.lines}
        decisive = [figure for figure in by_rule.deciding if figure.remaining == effective]
        return any(line.benefit.number in mine for figure in decisive for line in figure.lines)

    def effective(self) -> tuple[Decimal | None, str]:
        """What the patient still has to pay, and how that is known (D-X12-10).

        The smaller of individual and family; unknown while the individual's is, unless the family's is
        met, for nothing is smaller than zero.
        """
        if self.pinned is not None:
            return next(((f.remaining, f.basis) for f in self.deciding), (None, BASIS_UNKNOWN))
        individual = self.individual if self._decides(self.individual) else NO_FIGURE
        family = self.family if self._decides(self.family) else NO_FIGURE
        if not individual.exists:
            return family.remaining, BASIS_FAMILY if family.remaining is not None else BASIS_UNKNOWN
        if family.remaining is not None and (
            family.remaining == 0 if individual.remaining is None else family.remaining < individual.remaining
        ):
            return family.remaining, BASIS_SMALLER
        return individual.remaining, individual.basis

    def _decides(self, figure: Figure) -> bool:
        return any(figure is one for one in self.deciding)


def choose(candidates: tuple[Candidate, ...], terms: Terms) -> Choice:
    """The figures of the networks that count for these terms; never N unless asked for (D-X12-6)."""
    networks = OUT_OF_NETWORK if terms.out_of_network else IN_NETWORK
    individual = figure(candidates, INDIVIDUAL, networks)
    family = figure(candidates, FAMILY, networks)
    elsewhere = figure(candidates, INDIVIDUAL, SHOWN_OUT_OF_NETWORK)
    return Choice(individual, family, elsewhere, _deciding(individual, family))


def _deciding(*figures: Figure) -> tuple[Figure, ...]:
    """When only one figure is for ambulance alone, the other is another deductible (D-X12-7)."""
    existing = tuple(one for one in figures if one.exists)
    special = tuple(one for one in existing if one.only_ambulance)
    return special or existing
