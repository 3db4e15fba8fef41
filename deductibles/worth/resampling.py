"""How sure a sum of differences is: the claims drawn anew many times (bootstrap), always alike for one seed.

numpy is imported when it is needed: no page but that of a result does.
"""

from __future__ import annotations

from collections.abc import Sequence

TIMES = 2000
SHARE = 0.90
FEWEST = 30
"""Claims that differ, below which no range is told."""


def range_of_sum(differences: Sequence[int], *, alike: int, seed: int) -> tuple[int, int] | None:
    """The range in which 90 of 100 sums lie when as many claims are drawn from these, with putting back.

    ``differences`` are those that are not zero, ``alike`` is how many claims have none. None below
    :data:`FEWEST` differences. Of each drawing only how many differ, and which of them, is drawn: the others
    add nothing.
    """
    if len(differences) < FEWEST:
        return None
    import numpy

    values = numpy.asarray(differences, dtype=numpy.int64)
    draw = numpy.random.default_rng(seed)
    count = len(values) + alike
    sizes = draw.binomial(count, len(values) / count, TIMES)
    sums = numpy.empty(TIMES, dtype=numpy.float64)
    for place, size in enumerate(sizes):
        sums[place] = values[draw.integers(0, len(values), size)].sum()
    rest = (1 - SHARE) / 2
    low, high = numpy.quantile(sums, (rest, 1 - rest))
    return round(float(low)), round(float(high))
