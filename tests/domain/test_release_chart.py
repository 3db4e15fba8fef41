"""The chart of held claims by days remaining: every claim is in a bar, in the words beside it, or in the table."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from deductibles.release_chart import BOTTOM, RIGHT, TOP, chart_of

TODAY = date(2026, 5, 20)
NONE = (0, Decimal(0))


def _chart(held, endless=NONE):
    return chart_of(held, endless, TODAY, ahead=30)


def test_nothing_held_is_no_chart():
    assert _chart({}) is None


def test_bars_table_and_words_tell_of_every_claim():
    chart = _chart({0: (4, Decimal("10.50")), 29: (2, Decimal(5)), 30: (7, Decimal(9))}, (1, Decimal(3)))
    assert [bar.count for bar in chart.bars if bar.height] == ["4", "2"]
    assert [(row.days, row.on, row.lines, row.dollars) for row in chart.rows] == [
        ("0", "tonight", "4", "$10.50"),
        ("29", "Thu 18 Jun", "2", "$5.00"),
        ("30 or more", "from Fri 19 Jun", "7", "$9.00"),
        ("without an end", "", "1", "$3.00"),
    ]
    assert chart.rest == "7 more have 30 days or more left; 1 has no release date."
    assert chart.said == "6 claims leave by date in 30 days, 4 tonight; most, 4, tonight."


def test_with_nobody_leaving_soon_the_words_say_so_and_no_bar_is_drawn():
    chart = _chart({30: (5, Decimal(1))})
    assert not any(bar.height for bar in chart.bars)
    assert chart.said == "No claim leaves by date in the next 30 days."


@pytest.mark.parametrize("most", [1, 3, 4, 28, 31, 16_918, 1_000_000])
def test_no_bar_and_no_count_leaves_the_drawing(most):
    chart = _chart({left: (most, Decimal(1)) for left in range(30)})
    assert all(bar.y >= TOP and bar.y + bar.height <= BOTTOM + 0.2 for bar in chart.bars)
    assert all(bar.x + bar.width <= RIGHT for bar in chart.bars)
    assert (chart.bars[0].anchor, chart.bars[-1].anchor) == ("start", "end")
