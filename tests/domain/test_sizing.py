"""The sizing table is worked out from the bench's figures, and leaves open what they do not say."""

from __future__ import annotations

from bench.sizing import table

FIGURES = [
    {"name": "nightly check, 100,000 held, 1 s a batch: 14,285 asked", "value": 1.0},
    {"name": "nightly check, 1,000,000 held, 1 s a batch: 142,857 asked", "value": 142.857},
    {"name": "nightly check, 1,000,000 held, 1 s a batch: the processor it got", "value": 0.5},
    {"name": "nightly check, 1,000,000 held: peak memory", "value": 230.4},
]


def test_the_largest_size_measured_decides_what_a_claim_costs() -> None:
    lines = table(FIGURES)
    assert lines[-1] == "| 1,000,000 | 142,857 | 2 | – | 230 MB |"
    assert lines[2] == "| 2,000 | 285 | under 1 | – | 230 MB |"


def test_what_was_not_measured_is_left_open() -> None:
    assert table([])[-1] == "| 1,000,000 | 142,857 | – | – | – |"
