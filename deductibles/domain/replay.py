"""What would have become of a claim under other settings: its stored answers under the same rules. Pure.

Nothing here decides. Whether a claim is held says :func:`hold.decide`, whether an answer releases it
:func:`hold.judge`, when its time is up :mod:`filing`, on which days it is asked
about :mod:`cadence`: what the nights go by. A replay only walks through a claim's days in their order.
Between two answers the last value stands. What people did with a claim they did here too. What nobody can
know is an outcome of its own (:data:`UNKNOWN`): a claim is asked about while it is held, so of one that was
let go there are no later answers, and of one that was never held there is only the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from deductibles.domain import cadence, filing, hold
from deductibles.domain.hold import Rules

NOT_HELD = "not_held"
MET = "met"
ELAPSED = "elapsed"
GUARD = "guard"
BY_HAND = "by_hand"
WAITING = "waiting"
UNKNOWN = "unknown"
KINDS = (NOT_HELD, MET, ELAPSED, GUARD, BY_HAND, WAITING, UNKNOWN)
"""How a claim fares: not held; released because its deductible was met, its days were used up, or its filing
deadline came near; taken by a person; still held on the last day looked at; held until nobody knows when."""
LEFT = frozenset({NOT_HELD, MET, ELAPSED, GUARD, BY_HAND})
"""Kinds whose day of leaving is known."""
PAYER_CHANGED = "payer_changed"
ENDED = "ended"
"""A person ended the hold without queueing the claim: its payment was posted, or it was made void."""
NO_ANSWERS = "no_answers"
"""Why a fate is not known: on ``on`` it would have been asked about, and in truth it was not."""


class Answer(NamedTuple):
    """One stored answer as its own day saw it. Money in dollars, None is unknown and never zero.

    ``nightly``: a night asked; else a person did. ``may_release`` and ``says_met`` hold for the plan year of
    that day alone. ``may_hold``, ``annual``: needed of the answer a decision to hold rests on.
    """

    on: date
    nightly: bool
    usable: bool
    may_release: bool
    remaining: Decimal | None
    reason_code: str = ""
    says_met: bool = False
    may_hold: bool = True
    annual: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Episode:
    """A claim under one payer: the day it was decided and its answers from the one it was decided on."""

    payer: int | None
    started_on: date
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class History:
    """What is stored of a claim; dates of its company's zone.

    ``asked_until``: the last day to which its grid was followed, because it was held until then; the day of
    its decision for one that was never held. ``taken_on``: a person ended its hold on that day, ``taken_as``
    how (:data:`hold.BY_HAND` or :data:`ENDED`). ``seen_until``: the last day that is looked at.
    """

    date_of_service: date
    episodes: tuple[Episode, ...]
    asked_until: date
    seen_until: date
    taken_on: date | None = None
    taken_as: str = hold.BY_HAND


@dataclass(frozen=True, slots=True)
class Terms:
    """The numbers of one payer's claims, and what the payer is."""

    rules: Rules
    limit_days: int | None = None
    never_hold: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a claim: ``kind`` of :data:`KINDS`, ``reason`` the stored code or the decision's word.

    ``on``: the day it left, or was let go without a hold; of one still held the last day looked at, of one
    that is not known the day from which it is not. ``days`` held until then. ``remaining``: dollars left of
    the deductible by the last answer before it left; ``at_hold`` by the one it was held on.
    """

    kind: str
    reason: str
    on: date
    days: int = 0
    at_hold: Decimal | None = None
    remaining: Decimal | None = None

    @property
    def is_held(self) -> bool:
        """Whether it was held at all."""
        return self.kind != NOT_HELD

    @property
    def is_known(self) -> bool:
        """Whether the day on which it left is known."""
        return self.kind in LEFT


def replay(history: History, book: Mapping[int | None, Terms]) -> Fate:
    """Let one claim live through its stored days under the terms of ``book``, which has every payer of it."""
    anchor: date | None = None
    at_hold: Decimal | None = None
    last = len(history.episodes) - 1
    for number, episode in enumerate(history.episodes):
        terms = book[episode.payer]
        first = episode.answers[0] if episode.answers else None
        deadline = filing.deadline(history.date_of_service, terms.limit_days)
        decision = hold.decide(_facts(episode, first, terms, deadline, anchor), terms.rules)
        if not decision.hold or first is None:
            return _let_go(episode, first, decision.reason, anchor, at_hold)
        if anchor is None:
            anchor, at_hold = episode.started_on, first.remaining
        ends_on = history.episodes[number + 1].started_on if number < last else history.taken_on
        held = _Held(anchor, at_hold, decision.release_on or episode.started_on, deadline, terms.rules)
        fate = _while_held(history, episode, held, ends_on)
        if fate is not None:
            return fate
    raise AssertionError("the last episode of a claim always ends in a fate")


def _facts(
    episode: Episode, first: Answer | None, terms: Terms, deadline: date | None, anchor: date | None
) -> hold.Facts:
    return hold.Facts(
        today=episode.started_on,
        usable=first is not None and first.usable,
        may_hold=first is not None and first.may_hold,
        annual=first.annual if first else None,
        remaining=first.remaining if first else None,
        payer_name=terms.name,
        never_hold=terms.never_hold,
        deadline_on=deadline,
        first_held_on=anchor,
    )


def _let_go(
    episode: Episode, first: Answer | None, reason: str, anchor: date | None, at_hold: Decimal | None
) -> Fate:
    """Not held; or, under a payer that a person gave a held claim, held no longer."""
    remaining = first.remaining if first else None
    if anchor is None:
        return Fate(NOT_HELD, reason, episode.started_on, 0, remaining, remaining)
    days = (episode.started_on - anchor).days
    return Fate(BY_HAND, PAYER_CHANGED, episode.started_on, days, at_hold, remaining)


class _Held(NamedTuple):
    """A hold under one payer: since when, on what, and until when."""

    anchor: date
    at_hold: Decimal | None
    release_on: date
    deadline_on: date | None
    rules: Rules

    @property
    def is_guarded(self) -> bool:
        """Whether the filing deadline sets its end, and not its days."""
        days = self.rules.max_days or 0
        return filing.release_date(self.anchor, days, self.deadline_on, self.rules.guard_days).by_guard

    def left(self, kind: str, reason: str, on: date, remaining: Decimal | None) -> Fate:
        """Its fate, with the days that went by."""
        return Fate(kind, reason, on, (on - self.anchor).days, self.at_hold, remaining)


def _while_held(history: History, episode: Episode, held: _Held, ends_on: date | None) -> Fate | None:
    """How a hold ends under one payer; None when the claim goes on under the next."""
    remaining, nights, heard = episode.answers[0].remaining, 0, None
    last_day = held.release_on if ends_on is None else min(held.release_on, ends_on)
    threshold = held.rules.dollar_threshold
    for answer in episode.answers[1:]:
        if answer.on > last_day:
            break
        verdict = hold.judge(_answered(answer), threshold, first_nightly=_is_first(answer, nights))
        if verdict.release:
            left_with = answer.remaining if answer.may_release else None
            return held.left(MET, verdict.reason_code, answer.on, left_with)
        if answer.nightly:
            nights, heard = nights + 1, answer.on
        remaining = answer.remaining if answer.usable else remaining
    if ends_on is not None and ends_on <= held.release_on:
        if episode is not history.episodes[-1]:
            return None
        return held.left(BY_HAND, history.taken_as, ends_on, remaining)
    return _by_time(history, held, heard, remaining)


def _by_time(history: History, held: _Held, heard: date | None, remaining: Decimal | None) -> Fate:
    """The end of a hold that no answer ended: by its date, unless an answer nobody has comes first.

    ``heard``: the last night that was answered. A date of the grid that was not would have been asked again
    the night after (D-CHK-7).
    """
    unasked = cadence.next_check_on(held.anchor, history.asked_until)
    if cadence.newest_missed(held.anchor, heard, history.asked_until) is not None:
        unasked = history.asked_until + timedelta(days=1)
    today = max(history.seen_until, held.anchor)
    if unasked <= min(held.release_on, today):
        return held.left(UNKNOWN, NO_ANSWERS, unasked, None)
    if held.release_on > today:
        return held.left(WAITING, "", today, remaining)
    kind = GUARD if held.is_guarded else ELAPSED
    return held.left(kind, hold.ELAPSED, held.release_on, remaining)


def _is_first(answer: Answer, nights: int) -> bool:
    """Whether it is the first that a night was answered, which has a code of its own (D-RSN-1)."""
    return answer.nightly and nights == 0


def _answered(answer: Answer) -> hold.Answered:
    """The answer as a night judges it; what a person asked counts by what was kept of it (D-HOLD-6)."""
    code = answer.reason_code if answer.nightly or answer.says_met else ""
    return hold.Answered(
        may_release=answer.may_release,
        remaining=answer.remaining,
        reason_code=code,
        amounts_came=not answer.says_met,
    )


def same(one: Fate, other: Fate) -> bool:
    """Whether two fates of a claim are the same: held or not, the day, and the stored reason (D-RSN-1…4).

    Of two that were not held the word of the decision does not count: it is not stored.
    """
    if not (one.is_held and other.is_held):
        return one.is_held == other.is_held
    return (one.reason, one.on) == (other.reason, other.on)
