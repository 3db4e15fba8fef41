"""A company's holds and what was paid for them as columns of numbers, and what of it was known on a past day.

A million holds are some 70 MB so. Days are counted from a first of January far back;
dollars are floats, for what is made of them are estimates. No name and no number of a claim is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from deductibles.domain.survival import BANDS

EPOCH = date(2000, 1, 1)
WINDOW = 730
"""Days back that a curve looks: two of each month."""
HELD, MET, BY_TIME, BY_HAND, ENDED = range(5)
"""How a hold stands: held; released on an answer, by its date, by a person; ended without a release."""

NAMES = (
    *("id", "payer", "manual", "start", "zero", "release", "end", "how", "left", "total"),
    *("paid_on", "paid", "allowed"),
)
"""The columns: payer 0 is none, ``release`` and ``end`` and ``paid_on`` 0 is not known, ``left`` is what
remained when it began, -1 where nobody knows; likewise ``allowed``."""
_WIDE, _DOLLARS = ("id", "payer"), ("left", "total", "paid", "allowed")


def number_of(on: date) -> int:
    """A day as the columns have it."""
    return (on - EPOCH).days


def day_of(number: int) -> date:
    """The day of a number."""
    return EPOCH + timedelta(days=int(number))


@dataclass
class History:
    """The columns, one array each; ``redated`` are rows, days and release dates as they became known.

    ``band`` and ``month`` (0 to 11) are worked out once. ``payers`` are the ids that occur.
    """

    columns: dict[str, Any]
    redated: tuple[Any, Any, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["columns"][name]
        except KeyError:
            raise AttributeError(name) from None

    def release_known_on(self, day: int) -> Any:
        """The release dates as they stood on this day."""
        rows, known, dates = self.redated
        if not len(rows):
            return self.release
        found, by_then = self.release.copy(), known <= day
        found[rows[by_then]] = dates[by_then]  # in the order they became known: the last one stays
        return found


def packed(rows: Sequence[Any]) -> dict[str, Any]:
    """A page of rows as columns: whole numbers small, dollars as floats."""
    import numpy

    table = numpy.array(rows, dtype=numpy.float64)
    kinds: dict[str, Any] = dict.fromkeys(_WIDE, numpy.int64) | dict.fromkeys(_DOLLARS, numpy.float32)
    return {name: table[:, at].astype(kinds.get(name, numpy.int32)) for at, name in enumerate(NAMES)}


def history_of(pages: Sequence[dict[str, Any]], moved: Sequence[Any] = ()) -> History:
    """Put pages together, in the order of their ids, and work out band and month."""
    import numpy

    columns = {
        name: numpy.concatenate([page[name] for page in pages]) if pages else numpy.zeros(0, numpy.int64)
        for name in NAMES
    }
    columns["band"] = _bands(columns["left"])
    columns["month"] = _months(columns["start"])
    table = numpy.array(moved, dtype=numpy.int64).reshape(-1, 3)
    rows = numpy.searchsorted(columns["id"], table[:, 0])
    there = rows < columns["id"].size
    there[there] &= columns["id"][rows[there]] == table[there, 0]
    return History(columns, (rows[there], table[there, 1], table[there, 2]))


def _bands(left: Any) -> Any:
    """The place in ``BANDS`` of what remained, -1 where that is not known; as ``survival.band_of``."""
    import numpy

    limits = numpy.array([float(word) for word in BANDS[:-1]])
    return numpy.where(left < 0, -1, numpy.searchsorted(limits, left, side="left")).astype(numpy.int8)


def _months(start: Any) -> Any:
    import numpy

    days = numpy.datetime64(EPOCH, "D") + start.astype("timedelta64[D]")
    return (days.astype("datetime64[M]").astype(int) % 12).astype(numpy.int8)
