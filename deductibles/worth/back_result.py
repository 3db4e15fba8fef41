"""What came out of a back-test, from the parts that its workers wrote down."""

from __future__ import annotations

from typing import Any

from deductibles.domain import back_sums
from deductibles.models import BackTest, BackTestPart
from deductibles.worth import packing, resampling


def of(row: BackTest) -> dict[str, Any]:
    """The sums of all parts, the medians of the days, and the range of the difference."""
    sums, differences, alike = back_sums.new_sums(), list[int](), 0
    for part in BackTestPart.objects.filter(of=row).order_by("number").iterator(chunk_size=4):
        sums = back_sums.merged(sums, part.sums)
        for one in packing.unpack(part.lines):
            difference = packing.difference_of(one)
            if difference:
                differences.append(difference)
            alike += difference == 0
    found = resampling.range_of_sum(differences, alike=alike, seed=row.seed)
    sides = sums["sides"]
    return {
        **sums,
        "medians": {side: back_sums.median_of(sides[side]["days"]) for side in back_sums.SIDES},
        "range": None if found is None else list(found),
        "moved_gains": len(differences),
    }
