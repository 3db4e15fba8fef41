"""The forecast of one day: what is held then, which curve speaks for it, what was drawn, and how sure that
is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from deductibles.domain.survival import BANDS, COMPANY, Curve, Key, choose, widening
from deductibles.worth import drawing
from deductibles.worth.curves import LONGEST_WAIT, curves_on, known
from deductibles.worth.drawing import AHEAD, DRAWS, Drawn, Groups
from deductibles.worth.habits import (
    Allowed,
    Habit,
    Released,
    Whose,
    allowed_on,
    closest,
    habits_on,
    hand_share,
    released_on,
)
from deductibles.worth.history import BY_HAND, HELD, MET, History
from deductibles.worth.statistics import QUANTILES, hazards

NO_CURVE = -1
ALL = 0
"""The place of the whole company among its payers."""


@dataclass
class Made:
    """A forecast of one payer, or of the whole company: quantiles as in ``QUANTILES``, an array (4, AHEAD)
    each.

    ``cash`` is None where too little was ever paid to say. ``levels`` are how many held claims stand on a
    curve of which width; ``sums`` the quantiles of thirty days together.
    """

    held: int
    bills: float
    claims: Any
    dollars: Any
    cash: Any
    sums: dict[str, Any]
    levels: dict[str, int] = field(default_factory=dict)


@dataclass
class Known:
    """What a day knows: the curves, the habits, and how everything stood."""

    day: int
    curves: dict[Key, Curve]
    habits: dict[Whose, Habit]
    released: Released
    by_hand: tuple[float, float]
    allowed: dict[int, Allowed]


def known_on(history: History, day: int) -> Known:
    """Look at nothing that came after this day."""
    released = released_on(history, day)
    return Known(
        day=day,
        curves=curves_on(history, day),
        habits=habits_on(history, released, day),
        released=released,
        by_hand=hand_share(history, day),
        allowed=allowed_on(history, released, day),
    )


def enough(facts: Known) -> bool:
    """Whether the company has enough history to forecast anything."""
    return facts.curves[COMPANY].says_enough


def forecast(history: History, facts: Known, *, seed: int, draws: int = DRAWS) -> dict[int, Made]:
    """The forecast of every payer with something to forecast, and of the whole company under ``ALL``."""
    made: dict[int, Made] = {}
    whole: _Whole | None = None
    for payer, part in _parts(history, facts, seed, draws):
        made[payer] = part.made
        whole = part.added_to(whole)
    if whole is not None:
        made[ALL] = whole.made
    return made


@dataclass
class _Whole:
    """The draws of one payer, or of those so far."""

    drawn: Drawn
    cash: Any
    held: int
    bills: float
    levels: dict[str, int]

    def added_to(self, other: _Whole | None) -> _Whole:
        if other is None:
            return self
        drawn = Drawn(
            self.drawn.met + other.drawn.met,
            self.drawn.other + other.drawn.other,
            self.drawn.dollars + other.drawn.dollars,
        )
        cash = None if self.cash is None or other.cash is None else self.cash + other.cash
        names = {*self.levels, *other.levels}
        levels = {name: self.levels.get(name, 0) + other.levels.get(name, 0) for name in names}
        return _Whole(drawn, cash, self.held + other.held, self.bills + other.bills, levels)

    @property
    def made(self) -> Made:
        claims = self.drawn.claims
        sums = {
            "claims": _quantiles(claims.sum(axis=1)),
            "dollars": _quantiles(self.drawn.dollars.sum(axis=1)),
        }
        if self.cash is not None:
            sums["cash"] = _quantiles(self.cash.sum(axis=1))
        return Made(
            held=self.held,
            bills=self.bills,
            claims=_quantiles(claims),
            dollars=_quantiles(self.drawn.dollars),
            cash=None if self.cash is None else _quantiles(self.cash),
            sums=sums,
            levels=self.levels,
        )


def _quantiles(values: Any) -> Any:
    """The least value that is not exceeded so often: of whole claims whole numbers."""
    import numpy

    return numpy.quantile(values, QUANTILES, axis=0, method="inverted_cdf")


def _parts(history: History, facts: Known, seed: int, draws: int) -> Iterator[tuple[int, _Whole]]:
    """Payer by payer, so that only one payer's draws and the sum are in memory."""
    import numpy

    begun, how = known(history, facts.day)
    held = numpy.flatnonzero(begun & (how == HELD))
    release = history.release_known_on(facts.day)
    waiting = facts.released.rows[facts.released.paid_on == 0]
    shared: dict[Key, Any] = {}
    for payer in numpy.union1d(history.payer[held], history.payer[waiting]).tolist():
        rng = numpy.random.default_rng((seed, facts.day, payer))
        rows = held[history.payer[held] == payer]
        curves, groups, levels = _grouped(history, rows, facts, payer, release)
        chances = [_chances(key, facts, shared, seed, draws) for key in curves]
        drawn = drawing.draw(groups, chances, facts.by_hand, rng=rng, draws=draws)
        cash = _cash(history, facts, waiting[history.payer[waiting] == payer], payer, drawn, rng, seed)
        yield payer, _Whole(drawn, cash, len(rows), float(history.total[rows].sum(dtype=float)), levels)


def _chances(key: Key | None, facts: Known, shared: dict[Key, Any], seed: int, draws: int) -> Any:
    """The hazards of a curve, drawn once and for all payers that stand on it; none without a curve."""
    import numpy

    longest = 366 + AHEAD
    if key is None:
        return numpy.zeros((draws, longest + 1), dtype=numpy.float32)
    if key.payer is not None:
        return hazards(facts.curves[key], draws=draws, days=longest, seed=_seed(seed, facts.day, key))
    if key not in shared:
        shared[key] = hazards(facts.curves[key], draws=draws, days=longest, seed=_seed(seed, facts.day, key))
    return shared[key]


def _seed(seed: int, day: int, key: Key) -> tuple[int, ...]:
    band = 0 if key.band is None else BANDS.index(key.band) + 1
    return (seed, day, key.payer or 0, band, key.month or 0)


def _grouped(
    history: History, rows: Any, facts: Known, payer: int, release: Any
) -> tuple[list[Key | None], Groups, dict[str, int]]:
    """Alike claims of one payer together, each with the closest curve that says enough about its days."""
    import numpy

    age = (facts.day - history.zero[rows]).clip(0, 366)
    leaves = release[rows] - facts.day
    # One that should have left already leaves with the next night.
    leaves = numpy.where(release[rows] == 0, 0, numpy.where(leaves < 1, 1, leaves))
    leaves = numpy.where(leaves > AHEAD, 0, leaves)
    whose = numpy.stack(
        [history.manual[rows], history.band[rows], history.month[rows], age, leaves], axis=1
    ).astype(numpy.int64)
    alike, where = numpy.unique(whose, axis=0, return_inverse=True)
    where = where.reshape(-1)
    count = numpy.bincount(where, minlength=len(alike))
    bills = numpy.bincount(where, weights=history.total[rows], minlength=len(alike)) / numpy.maximum(count, 1)
    curves: list[Key | None] = []
    places: dict[Key | None, int] = {}
    levels: dict[str, int] = {}
    curve = numpy.zeros(len(alike), dtype=int)
    for at, (manual, band, month, days, _) in enumerate(alike.tolist()):
        key = None if manual else _closest(facts, payer, band, month, days)
        if key not in places:
            places[key] = len(curves)
            curves.append(key)
        curve[at] = places[key]
        name = "by hand" if manual else level_of(key)
        levels[name] = levels.get(name, 0) + int(count[at])
    return curves, Groups(count, bills, curve, alike[:, 3], alike[:, 4]), levels


def _closest(facts: Known, payer: int, band: int, month: int, days: int) -> Key | None:
    keys = widening(payer or None, BANDS[band] if band >= 0 else None, date(2000, month + 1, 1))
    found = choose(facts.curves, keys, days)
    return found.key if found else None


def level_of(key: Key | None) -> str:
    """How wide a curve is, in a word."""
    if key is None:
        return "none"
    if key.month is not None:
        return "month"
    return "band" if key.band is not None else ("payer" if key.payer is not None else "company")


def _cash(history: History, facts: Known, waiting: Any, payer: int, drawn: Drawn, rng: Any, seed: int) -> Any:
    """What comes in for one payer's claims; None when nothing says how such claims are paid."""
    import numpy

    met = history.how[waiting] == MET
    ago = facts.day - history.end[waiting]
    total = None
    for reason, released in ((True, drawn.met), (False, drawn.other)):
        these = met == reason
        if not released.any() and not these.any():
            continue
        habit = closest(facts.habits, payer, met=reason)
        if habit is None:
            return None
        counted = numpy.bincount(ago[these & (ago <= LONGEST_WAIT)], minlength=LONGEST_WAIT + 1)
        bills = _bills(history, facts, waiting[these], drawn)
        place = (seed, facts.day, payer, int(reason), 1)
        found = drawing.payments(released, counted, habit, bills, rng=rng, seed=place)
        total = found if total is None else total + found
    return numpy.zeros(drawn.met.shape) if total is None else total


def _bills(history: History, facts: Known, waiting: Any, drawn: Drawn) -> float:
    """What one of these claims bills on average: of those drawn and those on their way."""
    claims, dollars = float(drawn.claims.sum()), float(drawn.dollars.sum())
    draws = drawn.met.shape[0]
    count = claims / draws + len(waiting)
    return (dollars / draws + float(history.total[waiting].sum(dtype=float))) / count if count else 0.0


@dataclass
class Happened:
    """What came of the claims a forecast was about, on each of the days after it: arrays of AHEAD numbers."""

    claims: Any
    dollars: Any
    cash: Any


def happened(history: History, day: int, payer: int) -> Happened:
    """What became of the claims held at the end of this day, and paid of those held or on their way.

    Whoever asks knows which of the days are over by now.
    """
    import numpy

    begun, how = known(history, day)
    mine = begun if payer == ALL else begun & (history.payer == payer)
    left = mine & (how == HELD) & (history.end > day) & (history.end <= day + AHEAD)
    left &= (history.how >= MET) & (history.how <= BY_HAND)
    after = history.end[left] - day - 1
    paid = mine & (history.paid_on > day) & (history.paid_on <= day + AHEAD)
    on = history.paid_on[paid] - day - 1
    return Happened(
        numpy.bincount(after, minlength=AHEAD),
        numpy.bincount(after, weights=history.total[left], minlength=AHEAD),
        numpy.bincount(on, weights=history.paid[paid], minlength=AHEAD),
    )
