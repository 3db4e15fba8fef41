"""What became of each claim of a back-test, packed: plain values in a fixed order, and no patient."""

from __future__ import annotations

import json
import zlib
from typing import Any, NamedTuple

from deductibles.domain.back_sums import Judged
from deductibles.domain.replay import Fate


class Line(NamedTuple):
    """One claim: its number and payer, the day it was decided, and its fate on either side.

    Dates and amounts are text. ``gains`` are the cents that holding brought on either side, or the one word
    that says why they are not known.
    """

    number: str
    payer: int | None
    decided_on: str
    now_kind: str
    now_on: str
    now_days: int
    now_left: str | None
    new_kind: str
    new_on: str
    new_days: int
    new_left: str | None
    gains: list[Any]


def line_of(number: str, one: Judged) -> Line:
    """One claim as it is packed; without gains unless it is compared."""
    known = one.is_compared and not isinstance(one.gains, str)
    gains = list(one.gains) if known else [one.gains if one.is_compared else ""]
    return Line(number, one.payer, f"{one.decided_on}", *_fate(one.now), *_fate(one.new), gains)


def _fate(fate: Fate) -> tuple[str, str, int, str | None]:
    left = None if fate.remaining is None else f"{fate.remaining:.2f}"
    return fate.kind, f"{fate.on}", fate.days, left


def difference_of(line: Line) -> int | None:
    """How much more holding brought under the numbers tried, in cents; None where it is not known."""
    return line.gains[1] - line.gains[0] if len(line.gains) == 2 else None


def pack(lines: list[Line]) -> bytes:
    """Lines as they are kept."""
    return zlib.compress(json.dumps(lines, separators=(",", ":")).encode(), 3)


def unpack(kept: Any) -> list[Line]:
    """Lines as they were before they were packed."""
    return [Line(*each) for each in json.loads(zlib.decompress(bytes(kept)))]
