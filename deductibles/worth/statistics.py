"""The one place that knows scipy and numpy: curves from days that were watched, and what may come of them.

Both are imported when a figure is asked for: a web process that never shows one pays nothing for them.
"""

from __future__ import annotations

from typing import Any

from deductibles.domain.survival import Curve, Key

QUANTILES = (0.05, 0.5, 0.9, 0.95)
AT_A_TIME = 512
"""Groups of alike claims that are drawn together: with 1,000 draws, some 20 MB."""


def kaplan_meier(key: Key, days: Any, met: Any) -> Curve:
    """The curve of claims watched for ``days`` each, where ``met`` says whose deductible was met at the end.

    Both are arrays of the same length, of whole days and of truth values. scipy draws the curve.
    """
    import numpy
    from scipy import stats

    days, met = numpy.asarray(days, dtype=float), numpy.asarray(met, dtype=bool)
    if not days.size:
        return Curve(key, 0, 0, (), (), ())
    found = stats.ecdf(stats.CensoredData(uncensored=days[met], right=days[~met])).sf
    ordered = numpy.sort(days)
    watched = days.size - numpy.searchsorted(ordered, found.quantiles, side="left")
    return Curve(
        key=key,
        claims=int(days.size),
        met=int(met.sum()),
        days=tuple(int(day) for day in found.quantiles),
        watched=tuple(int(count) for count in watched),
        unmet=tuple(float(share) for share in found.probabilities),
    )


def hazards(curve: Curve, *, draws: int, days: int, seed: tuple[int, ...]) -> Any:
    """The chance of being met on each day from 0 to ``days``, drawn so many times: an array (draws, days +
    1).

    A curve of few claims is itself uncertain. Each day's chance is drawn from what so many met of so many
    watched allow (Jeffreys' interval); a day on which nobody was met has none.
    """
    import numpy

    rng = numpy.random.default_rng(seed)
    found = numpy.zeros((draws, days + 1), dtype=numpy.float32)
    before = 1.0
    for day, watched, unmet in zip(curve.days, curve.watched, curve.unmet, strict=True):
        met = watched * (1 - unmet / before) if before > 0 else 0.0
        if 0 <= day <= days and met > 0.5:
            found[:, day] = rng.beta(met + 0.5, max(watched - met, 0) + 0.5, size=draws)
        before = unmet
    return found
