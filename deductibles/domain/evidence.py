"""What one answer proves: AR Boost's amounts and the 271 weighed into one piece of evidence. Pure.

A release "deductible met" needs positive proof: parsed, same trace, same patient, active coverage, this
plan year, amount present. Whatever falls short stays held, is visible, and is asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from deductibles.domain import kept_lines
from deductibles.domain.hold import MET_CODES
from deductibles.x12 import eligibility
from deductibles.x12.eligibility import Identity, Pin, Reading
from deductibles.x12.eligibility_reading import money_text

OLDEST_FILED = timedelta(days=7)
LONGEST_YEAR = timedelta(days=366)

ENVELOPE_INVALID = "envelope_invalid"
"""The 271 was cut or its counts disagree (D-X12-1)."""
AMOUNTS_DISAGREE = "amounts_disagree"
"""AR Boost's amounts and the 271 beside them differ: the larger counts, never released on (D-X12-9)."""
AMOUNTS_UNREAD = "amounts_unread"
"""AR Boost sent amounts that cannot be read: they came, and may contradict (D-CHK-8). Never released on."""
TOO_OLD = "answer_too_old"
"""A filed answer dated more than seven days ago, or not yet: shown, not acted on (D-X12-2)."""
INCONSISTENT = "inconsistent"
PIN_NOT_FOUND = "pin_not_found"
"""The answer has not the line a person pinned (D-CLM-4): nothing of it counts, no rule steps in."""
NO_LINES = "AR Boost sent amounts without the payer’s lines, and a line is pinned."
_NOT_OURS = frozenset({"trace_not_found", "several_transactions", "identity_mismatch", "not_eligibility"})
_ASK_AGAIN = frozenset({"payer_down", "setup"})


@dataclass(frozen=True)
class Evidence:
    """One answer, weighed. Money in dollars, None is unknown and never zero.

    ``settled``: it counts as an answer, so its date is used up (D-CHK-7). ``sound``: whole, ours and
    about this patient, whose coverage a 271 must show active. ``text`` is the 271 to keep; another
    patient's is not kept. ``proven_until`` is the last day of the plan year the amounts are for.
    ``identity_matches`` is None when the 271 names no patient, or when there is no 271.
    """

    outcome: str
    settled: bool
    sound: bool = False
    detail: str = ""
    text: str = ""
    reading: Mapping[str, Any] = field(default_factory=dict)
    annual: Decimal | None = None
    remaining: Decimal | None = None
    usable: bool = False
    may_release: bool = False
    may_hold: bool = False
    amounts_came: bool = False
    proven_until: date | None = None
    reason_code: str = ""
    flags: tuple[str, ...] = ()
    identity_matches: bool | None = None

    @property
    def says_met(self) -> bool:
        """AR Boost's code says met, and no amount came that could contradict it (D-CHK-8)."""
        return self.sound and self.reason_code in MET_CODES and not self.amounts_came


def counts(outcome: str, reading: Mapping[str, Any]) -> bool:
    """Whether a kept answer takes the place of the one before: not an outage, nor a payer that is down."""
    classes = {reject["class"] for reject in reading.get("rejects") or ()}
    return outcome == "answered" or (outcome == "rejected" and not classes & _ASK_AGAIN)


@dataclass(frozen=True)
class Asked:
    """What the answer must be about: our trace, the person, the day, and how to read the lines.

    ``pin`` is the line a person wants followed. ``trail_later``: what the decision rests on is told at once,
    the trail of all lines when somebody looks (``kept_lines``); for answers that are found by our trace.
    """

    trace: str | None
    as_of: date
    identity: Identity
    ambulance: bool = True
    out_of_network: bool = False
    pin: Pin | None = None
    trail_later: bool = False


def weigh(answer: Any, asked: Asked) -> Evidence:
    """Weigh AR Boost's answer, a ``gateways.arboost.Answer``, which is read by attribute."""
    if answer.outcome == "unavailable":
        return Evidence("unavailable", settled=False, detail=answer.detail)
    code = answer.reason_code or ""
    if not answer.x12_271:
        return _amounts_alone(answer, asked, code)
    found = of_text(answer.x12_271, asked)
    if code:
        found = replace(found, reason_code=code)
    return _beside(found, answer) if found.sound else found


def of_text(text: str, asked: Asked) -> Evidence:
    """Weigh a 271 alone."""
    reading = eligibility.read(
        text,
        trace=asked.trace,
        as_of=asked.as_of,
        ambulance=asked.ambulance,
        out_of_network=asked.out_of_network,
        identity=asked.identity,
        pin=asked.pin,
    )
    flags = reading.flags if reading.envelope_valid else (*reading.flags, ENVELOPE_INVALID)
    if reading.identity_matches is False and "identity_mismatch" not in flags:
        flags = (*flags, "identity_mismatch")
    if not reading.envelope_valid or _NOT_OURS & set(flags):
        detail = reading.problem or "The answer is not about this patient and question."
        return Evidence("unavailable", settled=False, detail=detail[:300], flags=flags)
    return _read(reading, text, flags, asked)


def _read(reading: Reading, text: str, flags: tuple[str, ...], asked: Asked) -> Evidence:
    kinds = {reject.kind for reject in reading.rejects}
    refused = bool(reading.rejects) and not reading.usable
    return Evidence(
        "rejected" if refused else "answered",
        settled=not (refused and kinds & _ASK_AGAIN),
        sound=not refused and reading.active is True and reading.pin_followed is not False,
        detail=reading.problem[:300],
        text=text,
        reading=kept_lines.in_short(reading, asked) if asked.trail_later else reading.as_json(),
        annual=reading.annual,
        remaining=reading.effective_remaining,
        usable=reading.usable,
        may_release=reading.may_release,
        may_hold=reading.may_hold,
        amounts_came=reading.effective_remaining is not None,
        proven_until=_proven_until(reading.period, asked.as_of),
        flags=flags,
        identity_matches=reading.identity_matches,
    )


def _proven_until(period: tuple[date | None, date | None], as_of: date) -> date:
    """The last day an answer proves anything for: the end of its plan year.

    A period without both ends, or longer than a year, is the coverage's and not a plan year: a new
    deductible begins in it, so the calendar year is the most that is proven.
    """
    start, end = period
    year_end = date(as_of.year, 12, 31)
    if start is None or end is None or end - start >= LONGEST_YEAR:
        return min(end or year_end, year_end)
    return end


def _beside(found: Evidence, answer: Any) -> Evidence:
    """Compare the amounts AR Boost sent beside the 271 with those in it (D-CHK-8, D-X12-9)."""
    if answer.unread:
        release = found.may_release and "remaining" not in answer.unread
        flags = (*found.flags, AMOUNTS_UNREAD)
        found = replace(found, amounts_came=True, may_release=release, flags=flags)
    if answer.remaining is None:
        return found
    if found.remaining is None:
        return replace(found, amounts_came=True)
    levels = [found.reading.get(name) or {} for name in ("individual", "family", "out_of_network")]
    known = {money_text(found.remaining), *(level.get("remaining") for level in levels)}
    if money_text(answer.remaining) in known:
        return found
    larger = max(found.remaining, answer.remaining)
    return replace(found, remaining=larger, may_release=False, flags=(*found.flags, AMOUNTS_DISAGREE))


def _amounts_alone(answer: Any, asked: Asked, code: str) -> Evidence:
    """AR Boost may send amounts without a 271: they count when they are for the day asked about."""
    answered = answer.outcome == "answered"
    start, end = period = answer.period or (None, None)
    covers = (start is None or start <= asked.as_of) and (end is None or asked.as_of <= end)
    covers = covers and "period" not in answer.unread
    unpinned = answered and asked.pin is not None
    usable = answered and covers and answer.remaining is not None and not unpinned
    inconsistent = usable and answer.annual is not None and answer.remaining > answer.annual
    raised = {INCONSISTENT: inconsistent, AMOUNTS_UNREAD: bool(answer.unread), PIN_NOT_FOUND: unpinned}
    return Evidence(
        answer.outcome,
        settled=True,
        sound=answered and not unpinned,
        detail=NO_LINES if unpinned else answer.detail,
        reading=_amounts_reading(answer, usable),
        annual=answer.annual if covers and not unpinned else None,
        remaining=answer.remaining if usable else None,
        usable=usable,
        may_release=usable and not any(raised.values()),
        may_hold=usable,
        amounts_came=answer.remaining is not None or answer.annual is not None or bool(answer.unread),
        proven_until=_proven_until(period, asked.as_of),
        reason_code=code,
        flags=tuple(flag for flag, is_raised in raised.items() if is_raised),
    )


def _amounts_reading(answer: Any, usable: bool) -> dict[str, Any]:
    amounts = {"annual": money_text(answer.annual), "remaining": money_text(answer.remaining)}
    nothing = {"annual": None, "remaining": None}
    return {
        "usable": usable,
        "envelope_valid": True,
        "active": True if usable else None,
        "individual": amounts,
        "family": nothing,
        "out_of_network": nothing,
        "effective_remaining": amounts["remaining"] if usable else None,
        "flags": [],
        "rejects": [],
        "trail": [],
        "remaining_basis": "arboost_amounts",
    }


def again(kept: Any, asked: Asked) -> Evidence:
    """Read a kept answer again, under another pin or none; ``kept`` is read by attribute.

    What stood against it beside its 271 still does: AR Boost's own amounts are not kept, so an answer that
    disagreed with them, or whose age counts against it, proves no more than it did.
    """
    found = of_text(kept.x12_271, asked)
    against = tuple(flag for flag in kept.flags if flag in _BESIDE_THE_LINES)
    release = found.may_release and not against
    return replace(
        found,
        may_release=release,
        may_hold=found.may_hold and TOO_OLD not in against,
        amounts_came=found.amounts_came or not kept.says_met,
        reason_code=kept.reason_code,
        flags=(*found.flags, *against),
    )


_BESIDE_THE_LINES = frozenset({AMOUNTS_DISAGREE, AMOUNTS_UNREAD, TOO_OLD})


def aged(found: Evidence, answered_on: date | None, today: date) -> Evidence:
    """A filed answer may start or end a hold only when dated within the last seven days (D-X12-2)."""
    if answered_on is not None and timedelta(0) <= today - answered_on <= OLDEST_FILED:
        return found
    return replace(found, may_release=False, may_hold=False, flags=(*found.flags, TOO_OLD))
