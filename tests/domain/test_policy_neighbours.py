"""The types that one is easily taken for, as rows of a form: what is wrong is said at the row where it stands."""

from __future__ import annotations

from typing import Any

from escalations.domain.policy_neighbours import MOST_NEIGHBOURS, neighbours_shown, read_neighbours

TYPES = ["own", *(f"t{number}" for number in range(MOST_NEIGHBOURS + 2))]


def _row(count: int) -> dict[str, Any]:
    return {"key": "own", "neighbours": [{"type": f"t{one}", "say": f"Say {one}."} for one in range(count)]}


def test_a_type_named_twice_is_said_at_its_own_row_below_one_that_was_emptied() -> None:
    row, faults = _row(3), {}
    said = {**neighbours_shown(row), "near.0.type": "", "near.0.say": "", "near.2.type": "t1"}
    read_neighbours(row, said, TYPES, faults)
    assert list(faults) == ["near.2.type"]


def test_one_too_many_is_said_at_the_last_row() -> None:
    row, faults = _row(MOST_NEIGHBOURS + 1), {}
    said = {**neighbours_shown(row), "near.0.type": "", "near.0.say": "",
            f"near.{MOST_NEIGHBOURS + 1}.type": f"t{MOST_NEIGHBOURS + 1}",
            f"near.{MOST_NEIGHBOURS + 1}.say": "One more."}  # fmt: skip
    read_neighbours(row, said, TYPES, faults)
    assert list(faults) == [f"near.{MOST_NEIGHBOURS + 1}.type"]
