"""To hold or not to hold, and when a held claim may go: the decision, explained in words. Pure.

Hold when automatic monitoring is on, the primary payer's answer is usable, the effective remaining is
*more than* the dollar threshold **and** the annual deductible is the monitor amount *or more*; both
conditions, never either. Release when remaining is the threshold or less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from deductibles.domain import filing
from deductibles.domain.money import dollars

MET = "Deductible Met Threshold"
MET_FIRST = "Deductible Met Threshold Initial Run"
ELAPSED = "Too Much Time Elapsed"
BY_HAND = "Manually Queued"
MET_CODES = frozenset({MET, MET_FIRST})

REASONS = {MET: "Deductible met", MET_FIRST: "Deductible met", ELAPSED: "Time elapsed"}


def queued_reason(kind: str, reason_code: str, *, queued: bool) -> str:
    """The "Queued reason" column (D-RSN-1…4): the kind decides first; blank until queued."""
    if not queued:
        return ""
    if kind == "manual" or reason_code == BY_HAND:
        return "Manually queued"
    return REASONS.get(reason_code, "Unknown")


@dataclass(frozen=True)
class Rules:
    """The numbers that apply to one claim, and which rule each comes from (``origins``)."""

    automatic: bool
    max_days: int | None
    dollar_threshold: Decimal
    monitor_above: Decimal
    guard_days: int
    version: int
    origins: Mapping[str, str] = field(default_factory=dict)

    def origin(self, name: str) -> str:
        """Which rule a number comes from, in words."""
        return self.origins.get(name, "company settings")

    def as_json(self) -> dict[str, Any]:
        """The settings in force, as audit and API show them."""
        return {
            "automatic": self.automatic,
            "max_days": self.max_days,
            "dollar_threshold": f"{self.dollar_threshold:.2f}",
            "monitor_above": f"{self.monitor_above:.2f}",
            "guard_days": self.guard_days,
            "version": self.version,
            "origins": dict(self.origins),
        }


_OVERRIDABLE = ("max_days", "dollar_threshold", "monitor_above")


def rules_for(settings: Any, payer: Any) -> Rules:
    """Lay the payer's own numbers over the company's, remembering which one applied.

    ``settings`` and ``payer`` are read by attribute; a payer's null means the company's number.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name in _OVERRIDABLE:
        own = getattr(payer, name, None)
        values[name] = getattr(settings, name) if own is None else own
        origins[name] = (
            f"company settings, version {settings.version}" if own is None else f"payer {payer.name}"
        )
    return Rules(
        automatic=settings.automatic,
        guard_days=settings.guard_days,
        version=settings.version,
        origins=origins,
        **values,
    )


@dataclass(frozen=True)
class Facts:
    """What is known about one claim when it is decided. Money in dollars; None is unknown."""

    today: date
    usable: bool
    may_hold: bool
    annual: Decimal | None
    remaining: Decimal | None
    payer_name: str
    never_hold: bool = False
    deadline_on: date | None = None
    first_held_on: date | None = None
    released_before: bool = False
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """Hold or not; ``reason`` is a stable word, ``why`` the sentences, ``unknown`` flags D-HOLD-3."""

    hold: bool
    reason: str
    why: tuple[str, ...]
    rules: Rules
    release_on: date | None = None
    unknown: bool = False

    def as_json(self) -> dict[str, Any]:
        """The decision in the shape of ``POST claims/{id}/eligibility/``."""
        return {
            "hold": self.hold,
            "reason": self.reason,
            "why": list(self.why),
            "release_on": self.release_on.isoformat() if self.release_on else None,
            "settings": self.rules.as_json(),
        }


def decide(facts: Facts, rules: Rules) -> Decision:
    """Decide whether a completed claim is held (deductibles.md section 1)."""
    return (
        _never(facts, rules)
        or _unknown(facts, rules)
        or _amounts(facts, rules)
        or _time(facts, rules)
        or _not("unreachable", "", rules)
    )


def _not(reason: str, sentence: str, rules: Rules, *, unknown: bool = False) -> Decision:
    return Decision(False, reason, (sentence,), rules, unknown=unknown)


def _never(facts: Facts, rules: Rules) -> Decision | None:
    if not rules.automatic or rules.max_days is None:
        return _not("automatic_off", "Not held: automated deductible monitoring is off.", rules)
    if facts.never_hold:
        sentence = f"Not held: claims to {facts.payer_name} are never held."
        return _not("never_hold_payer", sentence, rules)
    if facts.released_before:
        return _not("released_before", "Not held: a released claim is never held again by itself.", rules)
    return None


def _unknown(facts: Facts, rules: Rules) -> Decision | None:
    if not facts.usable or facts.remaining is None:
        sentence = "Not held: no usable answer about the deductible. Flagged “deductible unknown”."
        return _not("deductible_unknown", sentence, rules, unknown=True)
    if not facts.may_hold:
        sentence = "Not held: this answer is not one to hold on; see its flags."
        if "other_payer_primary" in facts.flags:
            sentence = "Not held: the payer says that another payer is primary."
        return _not("not_proven", sentence, rules, unknown=True)
    if facts.annual is None:
        sentence = "Not held: the annual deductible is not known. Flagged “deductible unknown”."
        return _not("annual_unknown", sentence, rules, unknown=True)
    return None


def _amounts(facts: Facts, rules: Rules) -> Decision | None:
    assert facts.remaining is not None and facts.annual is not None
    if facts.remaining <= rules.dollar_threshold:
        sentence = (
            f"Not held: {dollars(facts.remaining)} remaining is not more than the threshold of "
            f"{dollars(rules.dollar_threshold)} ({rules.origin('dollar_threshold')})."
        )
        return _not("met", sentence, rules)
    if facts.annual < rules.monitor_above:
        sentence = (
            f"Not held: the annual deductible of {dollars(facts.annual)} is less than "
            f"{dollars(rules.monitor_above)} ({rules.origin('monitor_above')})."
        )
        return _not("annual_small", sentence, rules)
    return None


def _time(facts: Facts, rules: Rules) -> Decision | None:
    assert facts.remaining is not None and facts.annual is not None and rules.max_days is not None
    anchor = facts.first_held_on or facts.today
    release = filing.release_date(anchor, rules.max_days, facts.deadline_on, rules.guard_days)
    if filing.inside_guard(facts.deadline_on, rules.guard_days, facts.today):
        return _not("filing_guard", f"Not held: too close to its filing deadline. {release.sentence}", rules)
    if release.on <= facts.today:
        return _not("time_elapsed", f"Not held: its days are used up. {release.sentence}", rules)
    why = (
        f"{dollars(facts.remaining)} remaining is more than the threshold of "
        f"{dollars(rules.dollar_threshold)} ({rules.origin('dollar_threshold')}).",
        f"The annual deductible of {dollars(facts.annual)} is {dollars(rules.monitor_above)} or more "
        f"({rules.origin('monitor_above')}).",
        release.sentence,
    )
    return Decision(True, "held", why, rules, release_on=release.on)


@dataclass(frozen=True)
class Answered:
    """One answer about a held claim. ``sound``: what came with it was whole, and about this patient."""

    may_release: bool
    remaining: Decimal | None
    reason_code: str = ""
    amounts_came: bool = False
    sound: bool = True


CONTRADICTED = "reason_code_contradicted"
"""AR Boost said "met" and the amounts beside it say otherwise: kept, and flagged (D-CHK-8)."""


@dataclass(frozen=True)
class Verdict:
    """Whether an answer releases a held claim, under which code, and why; ``flags`` a person should see."""

    release: bool
    reason_code: str
    why: tuple[str, ...]
    flags: tuple[str, ...] = ()


def judge(answer: Answered, threshold: Decimal, *, first_nightly: bool) -> Verdict:
    """Decide a held claim on an answer: release on positive proof only; unknown is never zero.

    ``first_nightly``: no nightly check of this hold was answered before, which changes the code.
    """
    code = MET_FIRST if first_nightly else MET
    said_met = answer.reason_code in MET_CODES
    if answer.may_release and answer.remaining is not None:
        if answer.remaining <= threshold:
            said = (
                f"{dollars(answer.remaining)} remaining is at or below the threshold of {dollars(threshold)}."
            )
            return Verdict(True, answer.reason_code if said_met else code, (said,))
        sentence = f"Kept: {dollars(answer.remaining)} remaining is more than {dollars(threshold)}."
        return Verdict(False, "", (sentence,), (CONTRADICTED,) if said_met else ())
    if said_met and answer.sound and not answer.amounts_came:
        why = f"AR Boost answered “{answer.reason_code}” and sent no amounts that contradict it."
        return Verdict(True, answer.reason_code, (why,))
    flags = (CONTRADICTED,) if said_met else ()
    return Verdict(False, "", ("Kept: the answer does not prove that the deductible is met.",), flags)
