"""Reading an eligibility answer: X12 271, 005010X279A1 (deductibles.md §3, D-X12-1 to D-X12-12).

`read` takes any text whatever and answers with a `Reading`; it never raises. What it cannot prove it
leaves unknown: an unknown amount is `None`, never zero.

D-X12-12: payers need not give remaining amounts for past dates, so ask, and read, for *today*. `as_of`
is the day the amounts must hold on, handed in by the caller; nothing here reads a clock.
"""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import TypeVar

from deductibles.x12 import eligibility_reading as words
from deductibles.x12.eligibility_amounts import Choice, Figure, Judged, choose, judge
from deductibles.x12.eligibility_coverage import Coverage, Terms, coverage_of, other_payer_primary
from deductibles.x12.eligibility_described import Described, Pin
from deductibles.x12.eligibility_levels import Answer, Benefit, Level
from deductibles.x12.eligibility_pin import followed
from deductibles.x12.eligibility_reading import Amounts, Identity, Line, Reading, Reject
from deductibles.x12.eligibility_trail import trail
from deductibles.x12.envelope import EnvelopeError, parse

__all__ = ["Amounts", "Described", "Identity", "Line", "Pin", "Reading", "Reject", "read"]

Value = TypeVar("Value")
Case = tuple[Answer, Level | None]
"""One patient of one transaction; no patient when the payer rejected before naming one."""


def read(
    text: str | bytes,
    *,
    trace: str | None = None,
    as_of: date,
    ambulance: bool = True,
    out_of_network: bool = False,
    identity: Identity | None = None,
    pin: Pin | None = None,
    every_line: bool = False,
) -> Reading:
    """Read one 271 for one patient on the day `as_of`. Never raises, whatever the text holds.

    `trace` picks the transaction by its echoed TRN02 (D-X12-2); `identity` is the person the answer must
    be about, needed for an answer without our trace. `ambulance` lets lines for service type 59 override
    30 (D-X12-7). `out_of_network` makes out-of-network amounts the ones that count (D-X12-6). `pin` is the
    line a person wants followed: it alone decides, and without it nothing does (D-CLM-4). `every_line`
    tells all that describes the lines of other services too, for one of them may be pinned.
    """
    try:
        interchange = parse(text)
    except EnvelopeError as problem:
        return Reading(envelope_valid=False, remaining_basis=words.BASIS_INVALID, problem=str(problem))
    terms = Terms(as_of, ambulance, out_of_network, pin)
    whole = every_line or pin is not None
    answers = [Answer(one, every_line=whole) for one in interchange.transactions if one.kind == "271"]
    if not answers:
        return Reading(flags=(words.NOT_ELIGIBILITY,), problem="The file holds no eligibility answer (271).")
    return _read_one_of(answers, (trace or "").strip(), terms, identity)


def _read_one_of(answers: list[Answer], trace: str, terms: Terms, identity: Identity | None) -> Reading:
    """Choose the patient by trace, else by person, else because there is only one (D-X12-2)."""
    cases: list[Case] = [(answer, patient) for answer in answers for patient in _patients_of(answer)]
    if trace:
        found = [case for case in cases if case[1] is not None and trace in case[1].echoed]
        if not found:
            return _without_trace(answers, cases, trace)
    elif identity is not None and len(cases) > 1:
        found = [case for case in cases if case[1] is not None and case[1].is_about(identity)]
    else:
        found = cases
    if len(found) != 1:
        return _several(found or cases, terms, False if identity and not found else None)
    return _read_case(found[0], trace, terms, identity)


def _patients_of(answer: Answer) -> list[Level] | list[None]:
    return answer.patients or [None]


def _without_trace(answers: list[Answer], cases: list[Case], trace: str) -> Reading:
    """Nobody echoes the trace. A single answer rejected before it could echo still tells its rejects."""
    answer, patient = cases[0]
    if len(cases) == 1 and not answer.echoes:
        rejects = _rejects(answer, patient)
        if rejects and answer.reference == trace:
            return _rejected(answer, rejects)
    return Reading(
        flags=(words.TRACE_NOT_FOUND,),
        problem="The answer does not carry the trace that was asked with.",
        answered_on=_common([answer.answered_on for answer in answers]),
    )


def _several(cases: list[Case], terms: Terms, identity_matches: bool | None) -> Reading:
    """More than one patient could be meant: no amounts, only what is true of all of them."""
    states = [coverage_of(patient, answer, terms).active if patient else None for answer, patient in cases]
    return Reading(
        active=_common(states),
        remaining_basis=words.BASIS_SEVERAL,
        flags=(words.SEVERAL_TRANSACTIONS,),
        problem="The file answers for several patients and nothing says which one is meant.",
        answered_on=_common([answer.answered_on for answer, _ in cases]),
        identity_matches=identity_matches,
    )


def _read_case(case: Case, trace: str, terms: Terms, identity: Identity | None) -> Reading:
    answer, patient = case
    rejects = _rejects(answer, patient)
    if patient is None:
        return _rejected(answer, rejects)
    matches = None if identity is None else patient.is_about(identity)
    if matches is False:
        return Reading(
            flags=(words.IDENTITY_MISMATCH,),
            remaining_basis=words.BASIS_REJECTED if _stopped(rejects) else words.BASIS_UNKNOWN,
            rejects=rejects,
            problem="The answer is about another person.",
            answered_on=answer.answered_on,
            trace=trace or _first(patient.echoed),
            identity_matches=False,
        )
    return _read_patient(answer, patient, rejects, trace, terms, matches)


def _read_patient(
    answer: Answer,
    patient: Level,
    rejects: tuple[Reject, ...],
    trace: str,
    terms: Terms,
    matches: bool | None,
) -> Reading:
    coverage = coverage_of(patient, answer, terms)
    judged = judge(patient, answer, coverage, terms)
    choice = choose(judged.candidates if coverage.active else (), terms)
    if terms.pin is not None and coverage.active:
        choice = followed(choice, terms.pin, patient, answer, judged, coverage, terms)
    effective, basis = choice.effective()
    stopped = effective is None and _stopped(rejects)
    return Reading(
        usable=effective is not None,
        active=coverage.active,
        individual=choice.individual.amounts,
        family=choice.family.amounts,
        out_of_network=choice.elsewhere.amounts,
        effective_remaining=effective,
        annual=choice.annual,
        pin_followed=choice.pinned,
        remaining_basis=words.BASIS_REJECTED if stopped else basis,
        flags=_flags(choice, coverage, other_payer_primary(patient, answer, terms)),
        rejects=rejects,
        answered_on=answer.answered_on,
        trace=trace or _first(patient.echoed),
        period=_period(choice, coverage, effective),
        identity_matches=matches,
        problem=_problem(coverage, choice, stopped, effective),
        used=_used(choice),
        explain=partial(_explain, answer, patient, judged, coverage, choice, terms),
    )


def _rejected(answer: Answer, rejects: tuple[Reject, ...]) -> Reading:
    """An answer that names no patient: at best the reason the payer gives (D-X12-3)."""
    return Reading(
        remaining_basis=words.BASIS_REJECTED if rejects else words.BASIS_UNKNOWN,
        rejects=rejects,
        answered_on=answer.answered_on,
        problem="The payer rejected the question." if rejects else "The answer names no patient.",
    )


def _rejects(answer: Answer, patient: Level | None) -> tuple[Reject, ...]:
    """The rejects that concern the patient: those of the levels above, and the patient's own."""
    if patient is None:
        return tuple(reject for level in answer.levels for reject in level.rejects)
    lineage = patient.lineage()
    header = answer.levels[:1] if lineage[0] is not answer.levels[0] else []
    return tuple(reject for level in [*header, *lineage] for reject in level.rejects)


def _stopped(rejects: tuple[Reject, ...]) -> bool:
    """Whether a reject stands above the benefit loop; one inside it concerns that benefit only (D-X12-3)."""
    return any(not reject.loop.startswith("2110") for reject in rejects)


def _flags(choice: Choice, coverage: Coverage, other_primary: bool) -> tuple[str, ...]:
    figures = (choice.individual, choice.family) if choice.pinned is None else choice.deciding
    blank = any(not line.benefit.elements[2] for figure in figures for line in figure.lines)
    raised = {
        words.COVERAGE_UNCLEAR: coverage.unclear,
        words.LOW_CONFIDENCE: blank,
        words.AMBULANCE_LINE: any(figure.displaces for figure in figures),
        words.AMBIGUOUS: any(figure.ambiguous for figure in figures),
        words.INCONSISTENT: any(figure.inconsistent for figure in figures),
        words.OTHER_PAYER_PRIMARY: other_primary,
        words.PIN_NOT_FOUND: choice.pinned is False,
    }
    return tuple(flag for flag, is_raised in raised.items() if is_raised)


def _used(choice: Choice) -> tuple[tuple[int, str], ...]:
    found = [(line.benefit.number, line.role) for figure in choice.deciding for line in figure.lines]
    return tuple(sorted(found))


def _period(choice: Choice, coverage: Coverage, effective: Decimal | None) -> tuple[date | None, date | None]:
    """First and last day of the amounts that decide: their own dates, else the coverage's."""
    decisive = [figure for figure in choice.deciding if figure.remaining == effective]
    if not decisive or effective is None:
        return coverage.period.start, coverage.period.end
    return _shortest(decisive[0])


def _shortest(figure: Figure) -> tuple[date | None, date | None]:
    """The days on which every line of the figure holds."""
    period = figure.lines[0].period
    for line in figure.lines[1:]:
        period = period.both(line.period)
    return period.start, period.end


def _problem(coverage: Coverage, choice: Choice, stopped: bool, effective: Decimal | None) -> str:
    """Why there is no effective remaining, in a sentence, or ""."""
    if effective is not None:
        return ""
    if stopped:
        return "The payer rejected the question."
    if coverage.unclear:
        return "The answer contradicts itself about whether the coverage is active."
    if coverage.active is None:
        return "The answer does not say whether the coverage is active."
    if not coverage.active:
        return "The coverage is not active on this day."
    if choice.pinned is False:
        return "No line of the answer is the one that was pinned."
    return "The answer does not tell what remains of the deductible."


def _explain(
    answer: Answer, patient: Level, judged: Judged, coverage: Coverage, choice: Choice, terms: Terms
) -> tuple[Line, ...]:
    asides = [Benefit(number, raw, answer.separator) for number, raw in patient.asides]
    return trail(asides, answer, judged, coverage, choice if coverage.active else None, terms)


def _common(values: list[Value]) -> Value | None:
    """The one value all share, else `None`."""
    return values[0] if values and all(value == values[0] for value in values) else None


def _first(values: list[str]) -> str | None:
    return values[0] if values else None
