"""The rule trail: for every deductible line of an answer, why it was or was not used (D-X12-11, D-CLM-4)."""

from deductibles.x12 import eligibility_amounts as amounts
from deductibles.x12.eligibility_amounts import ANNUAL, MET, REMAINING, Candidate, Choice, Figure, Judged
from deductibles.x12.eligibility_coverage import Coverage, Terms, window
from deductibles.x12.eligibility_described import Described
from deductibles.x12.eligibility_levels import Answer, Benefit
from deductibles.x12.eligibility_pin import describe, may_follow
from deductibles.x12.eligibility_reading import Line

_ROLE_NAMES = {
    ANNUAL: "annual deductible",
    REMAINING: "remaining deductible",
    MET: "amount already met",
}
_NETWORK_NAMES = {
    "Y": "in network",
    "W": "in and out of network",
    "": "no network named",
    "U": "network unknown",
    "N": "out of network",
}
_YEAR_NAMES = {"23": "calendar year", "22": "service year", "25": "contract", "24": "year to date"}
_ROLE_OF_TIME = {"22": ANNUAL, "23": ANNUAL, "25": ANNUAL, "24": MET, "29": REMAINING}

_AGAINST = {
    amounts.REJECTED: "the payer rejected this benefit",
    amounts.ONE_PROCEDURE: "it is for one procedure or circumstance only, not for the plan",
    amounts.OTHER_PART: "it is not Medicare Part B, which pays for ambulance",
    amounts.BLANK_TIME: "it names no time period, which is understood only for an amount of 0",
    amounts.NO_LIMIT: "99999 and more means that there is no such limit",
    amounts.REST_OF_NO_LIMIT: "it belongs to a limit whose annual amount, 99999 or more, says there is none",
}


def trail(
    asides: list[Benefit],
    answer: Answer,
    judged: Judged,
    coverage: Coverage,
    choice: Choice | None,
    terms: Terms,
) -> tuple[Line, ...]:
    """The lines in the order of the file. `choice` is `None` when coverage is not shown to be active.

    `asides` are the deductible lines of other service types, which nobody needed to judge.
    """
    told: list[Told] = [(benefit, *_against(benefit, amounts.OTHER_SERVICE, terms)) for benefit in asides]
    told += [(benefit, *_against(benefit, reason, terms)) for benefit, reason in judged.against]
    told += [(c.benefit, *_verdict(c, choice, coverage, terms)) for c in judged.candidates]
    candidates = {c.benefit.number for c in judged.candidates}
    decided = {line.benefit.number: line for f in choice.deciding for line in f.lines} if choice else {}
    lines = []
    for benefit, used, role, why in told:
        marks = describe(benefit, answer.repeated)
        pinned = terms.pin is not None and marks == terms.pin.line
        line = decided.get(benefit.number) if choice and choice.pinned else None
        if line is not None:
            used, role, why = True, line.role, _why_pinned(line, marks, pinned, terms)
        pinnable = choice is not None and (
            benefit.number in candidates or may_follow(benefit, answer, judged, coverage, terms)
        )
        lines.append(_line(benefit, used, role, why, marks, pinnable=pinnable, pinned=pinned))
    return tuple(sorted(lines, key=lambda line: line.number))


Told = tuple[Benefit, bool, str, str]
"""A line, whether it was used, as what, and why."""


def _against(benefit: Benefit, reason: str, terms: Terms) -> tuple[bool, str, str]:
    return False, _ROLE_OF_TIME.get(benefit.elements[6], ""), _why_against(benefit, reason, terms)


def _why_against(benefit: Benefit, reason: str, terms: Terms) -> str:
    return f"Not used: {_sentence_against(benefit, reason, terms)}."


def _why_no_coverage(coverage: Coverage, terms: Terms) -> str:
    state = "not active" if coverage.active is False else "not shown to be active"
    return f"Not used: the coverage is {state} on {terms.as_of.isoformat()}."


def _verdict(
    candidate: Candidate, choice: Choice | None, coverage: Coverage, terms: Terms
) -> tuple[bool, str, str]:
    """Whether a candidate was used, as what, and why."""
    if choice is None:
        return False, candidate.role, _why_no_coverage(coverage, terms)
    if choice.pinned is False:
        return False, candidate.role, "Not used: the pinned line is not in this answer, and no other counts."
    if choice.pinned:
        return False, candidate.role, "Not used: another line is pinned, and no other counts."
    figure = next((one for one in choice.deciding if candidate in one.lines), None)
    if figure is None:
        return False, candidate.role, _why_not_chosen(candidate, choice)
    return True, candidate.role, _why_used(candidate) + _beside_a_smaller(candidate, figure, choice)


def _beside_a_smaller(candidate: Candidate, figure: Figure, choice: Choice) -> str:
    """That the other level has less left, which is what counts (D-X12-10)."""
    effective, _ = choice.effective()
    if candidate.role == ANNUAL or None in (effective, figure.remaining) or figure.remaining == effective:
        return ""
    other = amounts.FAMILY if candidate.level == amounts.INDIVIDUAL else amounts.INDIVIDUAL
    return f" The {other}'s {effective} is less, and counts."


def _line(
    benefit: Benefit, used: bool, role: str, why: str, marks: Described, *, pinnable: bool, pinned: bool
) -> Line:
    own = window(benefit.dates)
    period = (own.start, own.end)
    return Line(
        benefit.number, benefit.raw, used, role, why, marks, benefit.elements[7], period, pinnable, pinned
    )


def _sentence_against(benefit: Benefit, reason: str, terms: Terms) -> str:
    """Why a line is no candidate, naming what the line says."""
    elements = benefit.elements
    if reason == amounts.OTHER_SERVICE:
        wanted = "30 (health plan)" + (" or 59 (ambulance)" if terms.ambulance else "")
        return f"it is for service type {elements[3] or '(none)'}, not {wanted}"
    if reason == amounts.OTHER_LEVEL:
        return f"coverage level {elements[2]} is neither the individual's nor the family's"
    if reason == amounts.OTHER_TIME:
        return f"time period {elements[6]} is neither a plan year, nor met, nor remaining"
    if reason == amounts.OTHER_NETWORK_MARK:
        return f"network mark {elements[12]} has no meaning"
    if reason == amounts.NOT_MONEY:
        return f"{elements[7]!r} is not an amount of money" if elements[7] else "it gives no amount"
    if reason == amounts.OTHER_PERIOD:
        return _sentence_of_period(benefit, terms)
    return _AGAINST[reason]


def _sentence_of_period(benefit: Benefit, terms: Terms) -> str:
    period = window(benefit.dates)
    if not period.readable:
        return "its dates cannot be read"
    start = period.start.isoformat() if period.start else "any day"
    end = period.end.isoformat() if period.end else "any day"
    return f"its period, {start} to {end}, does not include {terms.as_of.isoformat()}"


def _why_used(candidate: Candidate) -> str:
    """What the line was used as, and every mark that made it the one."""
    elements = candidate.benefit.elements
    level = candidate.level if elements[2] else "individual, because no coverage level is named"
    parts = [level, _NETWORK_NAMES[candidate.network]]
    if candidate.role == ANNUAL and elements[6]:
        parts.append(_YEAR_NAMES[elements[6]])
    parts.append("service type 30" if candidate.plan else "service type 59 (ambulance) in place of 30")
    if elements[4] == "MB":
        parts.append("Medicare Part B")
    return f"Used as the {_ROLE_NAMES[candidate.role]}, {candidate.amount}: {', '.join(parts)}."


def _why_pinned(candidate: Candidate, marks: Described, pinned: bool, terms: Terms) -> str:
    """Who had this line followed; or that it stands beside the line that was."""
    assert terms.pin is not None
    told = terms.pin.said if pinned else "it belongs to the deductible that is pinned"
    parts = [told, *said_of(marks, candidate.level)]
    return f"Used as the {_ROLE_NAMES[candidate.role]}, {candidate.amount}: {', '.join(parts)}."


def said_of(marks: Described, level: str) -> list[str]:
    """Level, network and service types of a line in words, also of one the rules would not choose."""
    parts = [
        level or f"coverage level {marks.level}",
        _NETWORK_NAMES.get(marks.network, f"network {marks.network}"),
    ]
    return [*parts, f"service type {' and '.join(marks.service) or '(none)'}"]


def _why_not_chosen(candidate: Candidate, choice: Choice) -> str:
    """Which rule preferred another line to this candidate."""
    figure = choice.individual if candidate.level == amounts.INDIVIDUAL else choice.family
    if not figure.exists:
        return _why_alone(candidate)
    if candidate in figure.lines:
        return "Shown only: the ambulance deductible (service type 59) decides."
    if figure.only_ambulance and not candidate.ambulance:
        return "Not used: a line for service type 59 (ambulance) overrides service type 30."
    if candidate.network not in {line.network for line in figure.lines}:
        return _why_other_network(candidate, figure, choice)
    return _why_same_cell(candidate, figure)


def _why_alone(candidate: Candidate) -> str:
    if candidate.role == MET:
        return "Not used: an amount already met says nothing without the annual amount."
    return f"Not used: {_NETWORK_NAMES[candidate.network]}, which is not the network asked about."


def _why_other_network(candidate: Candidate, figure: Figure, choice: Choice) -> str:
    chosen = _NETWORK_NAMES[figure.lines[0].network]
    shown = "Shown only" if candidate in choice.elsewhere.lines else "Not used"
    return f"{shown}: {_NETWORK_NAMES[candidate.network]}; the line marked {chosen} counts."


def _why_same_cell(candidate: Candidate, figure: Figure) -> str:
    """The rule inside one cell: year before year, reported before computed, larger before smaller."""
    same = next((line for line in figure.lines if line.role == candidate.role), None)
    if same is None:
        return "Not needed: the payer reports what remains."
    time = candidate.benefit.elements[6]
    if time != same.benefit.elements[6]:
        first = _YEAR_NAMES.get(same.benefit.elements[6], "zero")
        return f"Not used: the {first} amount comes first."
    if candidate.amount == same.amount:
        return f"Says the same as line {same.benefit.number}."
    kept = "smaller" if candidate.role == MET else "larger"
    return f"Not used: of two different amounts the {kept}, on line {same.benefit.number}, was kept."
