"""What may become of the claims that are held: thousands of them drawn at once, group by group of alike
ones.

A group is claims of one curve, held equally long, with equally long to go until their release date. What is
kept in memory is a draw for each group of one block and each day's sum, never a draw for each claim: a
million claims take what ten thousand take.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deductibles.worth.habits import Habit
from deductibles.worth.statistics import AT_A_TIME, hazards

AHEAD = 30
DRAWS = 1_000
LEAST_SPREAD = 0.05


@dataclass
class Groups:
    """Alike claims, one entry each: their number, what they bill on average, their curve's place, the days
    held (from the grid date they began on), and in how many days their release date comes (0: in none of
    them)."""

    count: Any
    bills: Any
    curve: Any
    age: Any
    leaves_in: Any


@dataclass
class Drawn:
    """Claims released on each day from 1 to ``AHEAD`` as often as was drawn, by whether the deductible was
    met.

    ``dollars`` is what all of them bill. Each is an array (draws, AHEAD).
    """

    met: Any
    other: Any
    dollars: Any

    @property
    def claims(self) -> Any:
        """All that are released, for whatever reason."""
        return self.met + self.other


def draw(
    groups: Groups, chances: Any, by_hand: tuple[float, float], *, rng: Any, draws: int = DRAWS
) -> Drawn:
    """Draw what becomes of the groups. ``chances``: a list of arrays (draws, days) of each curve's hazards.

    On a day on which both would release a claim, the deductible was met (deductibles.md section 1).
    ``by_hand`` is a day's chance to be released by a person, and to end without a release.
    """
    import numpy

    drawn = Drawn(*(numpy.zeros((draws, AHEAD)) for _ in range(3)))
    for first in range(0, len(groups.count), AT_A_TIME):
        block = slice(first, first + AT_A_TIME)
        _draw_block(
            Groups(
                *(getattr(groups, name)[block] for name in ("count", "bills", "curve", "age", "leaves_in"))
            ),
            chances,
            by_hand,
            drawn,
            rng,
        )
    return drawn


def _draw_block(groups: Groups, chances: Any, by_hand: tuple[float, float], drawn: Drawn, rng: Any) -> None:
    import numpy

    draws = drawn.met.shape[0]
    waiting = numpy.broadcast_to(groups.count, (draws, len(groups.count))).astype(numpy.int64)
    seen = numpy.zeros(len(groups.count), dtype=int)
    possible = [chance.any(axis=0) for chance in chances]
    for day in range(1, AHEAD + 1):
        asked = numpy.array(
            [possible[c][a + day] for c, a in zip(groups.curve, groups.age, strict=True)], dtype=bool
        )
        due = groups.leaves_in == day
        last = numpy.full(len(due), day == AHEAD)
        happens = numpy.flatnonzero(asked | due | last)
        if not happens.size:
            continue
        _leave_by_hand(groups, waiting, seen, happens, day, by_hand, drawn, rng)
        met = numpy.flatnonzero(asked)
        if met.size:
            chance = numpy.stack(
                [chances[groups.curve[at]][:, groups.age[at] + day] for at in met], axis=1
            ).astype(float)
            found = rng.binomial(waiting[:, met], chance)
            waiting[:, met] -= found
            drawn.met[:, day - 1] += found.sum(axis=1)
            drawn.dollars[:, day - 1] += found @ groups.bills[met]
        if due.any():
            drawn.other[:, day - 1] += waiting[:, due].sum(axis=1)
            drawn.dollars[:, day - 1] += waiting[:, due] @ groups.bills[due]
            waiting[:, due] = 0


def _leave_by_hand(
    groups: Groups,
    waiting: Any,
    seen: Any,
    happens: Any,
    day: int,
    by_hand: tuple[float, float],
    drawn: Drawn,
    rng: Any,
) -> None:
    """People queue a few claims on any day: drawn for the days since a group was last looked at, spread
    evenly."""
    import numpy

    hand, ended = by_hand
    gaps = day - seen[happens]
    seen[happens] = day
    if hand + ended <= 0:
        return
    for gap in numpy.unique(gaps[gaps > 0]):
        these = happens[gaps == gap]
        gone = rng.binomial(waiting[:, these], 1 - (1 - hand - ended) ** int(gap))
        waiting[:, these] -= gone
        queued = rng.binomial(gone.sum(axis=1), hand / (hand + ended))
        on = rng.multinomial(queued, numpy.full(gap, 1 / gap))
        drawn.other[:, day - gap : day] += on
        weight = gone.sum()
        bills = float((gone.sum(axis=0) * groups.bills[these]).sum() / weight) if weight else 0.0
        drawn.dollars[:, day - gap : day] += on * bills


def payments(
    released: Any, waiting: Any, habit: Habit, bills: float, *, rng: Any, seed: tuple[int, ...]
) -> Any:
    """Dollars that come in on each day: an array (draws, AHEAD).

    ``released``: claims that are released on each day, as drawn; ``waiting``: how many were released so
    many days ago and are not paid, by days. ``bills`` is what one of them bills on average.
    """
    import numpy

    draws = released.shape[0]
    longest = len(waiting) - 1
    chance = hazards(habit.wait, draws=draws, days=longest + AHEAD, seed=seed).astype(float)
    still = numpy.cumprod(1 - chance, axis=1)
    first = numpy.concatenate([numpy.ones((draws, 1)), still[:, :-1]], axis=1) * chance
    expected = numpy.zeros((draws, AHEAD))
    for day in range(AHEAD):
        expected[:, day:] += released[:, [day]] * first[:, : AHEAD - day]
    for ago in numpy.flatnonzero(waiting):
        left = still[:, [ago]]
        with numpy.errstate(divide="ignore", invalid="ignore"):
            share = numpy.where(left > 0, first[:, ago + 1 : ago + 1 + AHEAD] / left, 0)
        expected += waiting[ago] * share
    number = rng.poisson(expected)
    mean, spread = habit.share * bills, max(habit.spread, LEAST_SPREAD)
    shape = number / spread**2
    return numpy.where(number > 0, rng.gamma(numpy.maximum(shape, 1e-9), mean * spread**2), 0)
