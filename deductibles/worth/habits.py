"""What payers made of released claims, and how long they took: from the company's own payments, as known on
a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deductibles.domain.survival import ENOUGH, Curve, Key
from deductibles.worth.curves import LONGEST_WAIT, PAID_WINDOW
from deductibles.worth.history import BY_HAND, ENDED, HELD, MET, History
from deductibles.worth.statistics import kaplan_meier

Whose = tuple[int | None, bool | None]
"""A payer, and whether its claims were released because the deductible was met; None is all of them."""


@dataclass(frozen=True)
class Habit:
    """How claims were paid: ``wait`` from release to payment in days, ``share`` of what was billed.

    ``spread`` is the standard deviation of one payment as a share of the mean one; ``paid`` how many it
    rests on.
    """

    wait: Curve
    share: float
    spread: float
    paid: int


@dataclass(frozen=True)
class Allowed:
    """What is allowed of a charge, as a share, and how many payments say so."""

    share: float
    payments: int


@dataclass(frozen=True)
class Released:
    """The rows that were released and how their payment stood: when, 0 while nobody knew of one."""

    rows: Any
    paid_on: Any


def released_on(history: History, day: int) -> Released:
    """Every hold released within the last year and a half, as known at the end of this day."""
    import numpy

    rows = numpy.flatnonzero(
        (history.end > day - PAID_WINDOW - LONGEST_WAIT)
        & (history.end <= day)
        & (history.how != ENDED)
        & (history.how != HELD)
    )
    paid_on = history.paid_on[rows]
    return Released(rows, numpy.where(paid_on <= day, paid_on, 0))


def habits_on(history: History, released: Released, day: int) -> dict[Whose, Habit]:
    """The habits that rest on enough payments, by payer and reason; with None for all payers, or all
    reasons."""
    import numpy

    rows, paid_on = released.rows, released.paid_on
    lately = history.end[rows] > day - PAID_WINDOW
    rows, paid_on = rows[lately], paid_on[lately]
    met, payer = history.how[rows] == MET, history.payer[rows]
    found = {}
    for one in [None, *numpy.unique(payer[payer > 0]).tolist()]:
        of_payer = numpy.ones(rows.size, bool) if one is None else payer == one
        for reason in (True, False, None):
            these = of_payer if reason is None else of_payer & (met == reason)
            habit = _habit(history, rows[these], paid_on[these], day)
            if habit is not None:
                found[(one, reason)] = habit
    return found


def _habit(history: History, rows: Any, paid_on: Any, day: int) -> Habit | None:
    import numpy

    is_paid = paid_on > 0
    if is_paid.sum() < ENOUGH:
        return None
    until = numpy.where(is_paid, paid_on, day) - history.end[rows]
    too_long = until > LONGEST_WAIT
    wait = kaplan_meier(Key(), until.clip(0, LONGEST_WAIT), is_paid & ~too_long)
    paid, billed = history.paid[rows[is_paid]].astype(float), history.total[rows[is_paid]].astype(float)
    share = float(paid.sum() / billed.sum()) if billed.sum() > 0 else 0.0
    mean = float(paid.mean())
    spread = float(paid.std() / mean) if mean > 0 else 0.0
    return Habit(wait, share, spread, int(is_paid.sum()))


def closest(habits: Mapping[Whose, Habit], payer: int, *, met: bool) -> Habit | None:
    """The habit that speaks for a payer's claims: its own, then the company's; None is "not enough
    history"."""
    for whose in ((payer, met), (None, met), (None, None)):
        if whose in habits:
            return habits[whose]
    return None


def allowed_on(history: History, released: Released, day: int) -> dict[int, Allowed]:
    """What payers allowed of what was billed, by payer; 0 is all of them. Only where enough payments say
    it."""
    import numpy

    rows = released.rows[(released.paid_on > 0) & (history.end[released.rows] > day - PAID_WINDOW)]
    rows = rows[(history.allowed[rows] > 0) & (history.total[rows] > 0)]
    payer, found = history.payer[rows], {}
    for one in [0, *numpy.unique(payer[payer > 0]).tolist()]:
        these = rows if one == 0 else rows[payer == one]
        if these.size >= ENOUGH:
            share = float(history.allowed[these].sum(dtype=float) / history.total[these].sum(dtype=float))
            found[one] = Allowed(round(share, 4), int(these.size))
    return found


def hand_share(history: History, day: int, *, days: int = 180) -> tuple[float, float]:
    """The chance of a held claim to be released by a person on a day, and to end otherwise, lately."""
    import numpy

    since = day - days
    begun = history.start <= day
    until = numpy.where((history.end > 0) & (history.end <= day), history.end, day)
    watched = float((until - numpy.maximum(history.start, since)).clip(0)[begun].sum())
    if watched <= 0:
        return 0.0, 0.0
    lately = begun & (history.end > since) & (history.end <= day)
    hand = float((lately & (history.how == BY_HAND)).sum())
    ended = float((lately & (history.how == ENDED)).sum())
    return hand / watched, ended / watched
