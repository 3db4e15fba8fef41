"""Following the line a person pinned, in whatever answer comes (D-CLM-4).

A pin overrides what the rules prefer: service type, level, network, part, circumstance. It never overrides
what makes an amount sound: active coverage, a period that covers the day, a plain amount of money, a line
the payer did not reject (I7). Without a line that matches, nothing counts: the rules do not step in.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache

from deductibles.x12.eligibility_amounts import (
    MET,
    NO_FIGURE,
    REMAINING,
    Candidate,
    Choice,
    Figure,
    Judged,
    amount_of,
    cell_of,
    completed,
    has_role,
)
from deductibles.x12.eligibility_coverage import Coverage, Terms
from deductibles.x12.eligibility_described import Described, Pin
from deductibles.x12.eligibility_levels import Answer, Benefit, Level

_BESIDE = {"Y": ("W",), "N": ("W",), "W": ("Y", "N")}
"""Networks whose lines complete a pinned one: W speaks for both (D-X12-6)."""

Line = tuple[Described, Candidate]


def followed(
    choice: Choice, pin: Pin, patient: Level, answer: Answer, judged: Judged, coverage: Coverage, terms: Terms
) -> Choice:
    """The choice in which the pinned line's figure decides alone; none decides when no line matches."""
    lines = list(_followable(patient, answer, judged, coverage, terms))
    chosen = [line for described, line in lines if described == pin.line]
    found = _figure(lines, pin.line, chosen, terms) if chosen else NO_FIGURE
    deciding = (found,) if found.exists else ()
    return choice._replace(deciding=deciding, pinned=bool(chosen), by_rule=choice)


def may_follow(benefit: Benefit, answer: Answer, judged: Judged, coverage: Coverage, terms: Terms) -> bool:
    """Whether this line could be pinned: it tells an amount for the day, whatever the rules prefer."""
    return _candidate(benefit, answer, judged, coverage, terms) is not None


def _followable(
    patient: Level, answer: Answer, judged: Judged, coverage: Coverage, terms: Terms
) -> Iterable[Line]:
    for benefit in patient.deductibles:
        candidate = _candidate(benefit, answer, judged, coverage, terms)
        if candidate is not None:
            yield describe(benefit, answer.repeated), candidate


def _candidate(
    benefit: Benefit, answer: Answer, judged: Judged, coverage: Coverage, terms: Terms
) -> Candidate | None:
    if benefit.rejected or benefit.number in judged.unlimited or not has_role(benefit):
        return None
    found = amount_of(benefit, answer.repeated(benefit.elements[3]), coverage, terms)
    return found if isinstance(found, Candidate) else None


def _figure(lines: list[Line], pin: Described, chosen: list[Candidate], terms: Terms) -> Figure:
    """The pinned line, and what it does not tell from the lines of the same deductible beside it."""
    role = chosen[0].role
    found = cell_of([*chosen, *_rest(lines, pin, role)])
    for mark in _marks_beside(pin.network, terms):
        near = replace(pin, network=mark)
        if not found.exists:
            found = cell_of([*chosen, *_rest(lines, near, role)])
        elif found.annual is None or found.remaining is None:
            found = completed(found, cell_of(_rest(lines, near, role if role == REMAINING else "")))
    return found


def _marks_beside(network: str, terms: Terms) -> tuple[str, ...]:
    unasked = "Y" if terms.out_of_network else "N"
    return tuple(mark for mark in _BESIDE.get(network, ()) if mark != unasked)


def _rest(lines: list[Line], pin: Described, role: str) -> list[Candidate]:
    """Lines of the same deductible with another role; those with the same message go first.

    What remains is not looked at when the amount already met is pinned: then it is computed.
    """
    same = [(d, c) for d, c in lines if d.deductible == pin.deductible and c.role != role]
    same = [(d, c) for d, c in same if not (role == MET and c.role == REMAINING)]
    near: list[Candidate] = []
    for other in dict.fromkeys(c.role for _, c in same):
        of_role = [(d, c) for d, c in same if c.role == other]
        alike = [c for d, c in of_role if d.message == pin.message]
        near += alike or [c for _, c in of_role]
    return near


def describe(benefit: Benefit, repeated: Callable[[str], list[str]]) -> Described:
    """What describes this line; ``repeated`` cuts a repeating element at the file's own delimiter."""
    _, _, level, services, insurance, plan, time, *_ = benefit.elements
    network, procedure = benefit.elements[12:14]
    marks = (level, insurance, plan, time, network, procedure)
    beside = tuple(benefit.limits or ()), tuple(benefit.notes or ())
    return _described(tuple(repeated(services)), marks, *beside)


@lru_cache(maxsize=4096)
def _described(
    services: tuple[str, ...], marks: tuple[str, ...], limits: tuple[str, ...], notes: tuple[str, ...]
) -> Described:
    """The same words stand in the answers about everybody of a plan, of whom a night reads thousands."""
    level, insurance, plan, time, network, procedure = marks
    return Described(
        service=tuple(sorted(part for part in services if part)),
        level=level,
        insurance=insurance,
        plan=_words(plan),
        time=time,
        network=network,
        procedure=_words(procedure),
        circumstances=tuple(sorted(limits)),
        message=_letters(" ".join(notes)),
    )


def _words(text: str) -> str:
    return " ".join(text.split()).upper()


def _letters(text: str) -> str:
    return _words("".join(mark if mark.isalpha() else " " for mark in text))
