"""The charts: what is drawn stands where its number says, inside the picture, and is said in words."""

from __future__ import annotations

import pytest

from deductibles.worth import chart as ledger
from escalations.domain import charts
from escalations.domain.charts import Part
from tables.marks import LABELS, Chart, length_of, short

ROWS = [("Refund Request", [Part(6, "bar"), Part(2, "bar-bad")], "8"), ("Appeals", [Part(4, "bar")], "4")]
POINTS = [("5 Oct", 0.9, "90%"), ("12 Oct", None, "–"), ("19 Oct", 1.0, "100%"), ("26 Oct", 0.85, "85%")]


def every_chart() -> list[Chart]:
    return [
        charts.bars("t", "s", ROWS),
        charts.shares("t", "s", [("Phone", 0.5, "5 of 10", True), ("Email", 1, "5 of 5", False)]),
        charts.spans("t", "s", [("Refund Request", 0.4, 9.0, ""), ("Appeals", 0.1, 0.2, "")]),
        charts.weeks("t", "s", POINTS),
        charts.columns("t", "s", ROWS),
    ]


@pytest.mark.parametrize("chart", every_chart())
def test_nothing_is_drawn_outside_the_picture(chart: Chart) -> None:
    assert all(one.x >= -1 and one.x + one.width <= chart.width + 1 for one in chart.rects)
    assert all(one.y >= -1 and one.y + one.height <= chart.height + 1 for one in chart.rects)
    assert all(0 <= one.x <= chart.width and 0 <= one.y <= chart.height for one in chart.dots)
    assert all(0 <= one.y <= chart.height for one in chart.texts)


def test_bars_are_as_long_as_their_numbers() -> None:
    first, second, other = charts.bars("t", "s", ROWS).rects
    assert first.width + 1 == pytest.approx(3 * (second.width + 1), abs=0.5)
    assert other.width + 1 == pytest.approx((first.width + second.width + 2) / 2, abs=0.5)
    assert [one.text for one in charts.bars("t", "s", ROWS).texts] == ["Refund Request", "8", "Appeals", "4"]


def test_nothing_has_no_bar() -> None:
    assert charts.bars("t", "s", [("Appeals", [Part(0, "bar")], "0")]).rects == []
    assert charts.columns("t", "s", [("0–2", [Part(0, "bar")], "0")]).rects == []


def test_dots_stand_at_their_share_and_a_bad_one_has_another_shape() -> None:
    chart = charts.shares("t", "s", [("A", 0, "0 of 9", True), ("B", 0.5, "", False), ("C", 1, "", False)])
    places = [dot.x for dot in chart.dots]
    assert places[1] - places[0] == pytest.approx(places[2] - places[1], abs=0.2)
    assert [dot.look for dot in chart.dots] == ["dot-bad", "dot", "dot"]


def test_a_week_without_a_share_leaves_a_gap_in_the_line() -> None:
    chart = charts.weeks("t", "s", POINTS)
    assert len(chart.dots) == 3
    lines = [path.d for path in chart.paths if path.look == "line"]
    assert len(lines) == 1 and lines[0].count("L") == 1, "the lone first week has no line"


def test_the_scale_of_weeks_reaches_down_to_the_lowest() -> None:
    low = charts.weeks("t", "s", [("5 Oct", 0.32, "32%"), ("12 Oct", 0.95, "95%")])
    assert low.texts[0].text == "20%" and low.dots[0].y > low.dots[1].y
    assert charts.weeks("t", "s", [("5 Oct", 0.0, "0%")]).texts[0].text == "0%"
    steps = [one.text for one in charts.weeks("t", "s", [("5 Oct", 0.78, "78%")]).texts[:5]]
    assert steps == ["60%", "70%", "80%", "90%", "100%"]
    assert charts.weeks("t", "s", []).dots == []


def test_what_took_longer_than_its_turnaround_lies_past_the_line_and_looks_bad() -> None:
    chart = charts.spans("t", "s", [("A", 0.5, 1.2, ""), ("B", 0.5, 0.9, "")])
    limit = next(line.x1 for line in chart.lines if line.look == "limit")
    assert chart.dots[1].x > limit > chart.dots[3].x
    assert [chart.dots[1].look, chart.dots[3].look] == ["dot-bad", "dot-open"]


def test_a_long_name_is_cut_and_keeps_its_beginning() -> None:
    cut = short("Executive Escalation Keywords and more words")
    assert length_of(cut) <= LABELS and cut.startswith("Executive Escalation K") and cut.endswith("…")
    assert short("Executive Escalation Keywords") == "Executive Escalation Keywords"
    assert short("Executive Escalation Keywords, too", 330) == "Executive Escalation Keywords, too"
    assert short("Appeals") == "Appeals"


MEASURED = {
    "Executive Escalation Keywords": 231, "Itemized Bill (PTP Payment)": 206, "Northline Blue": 107,
    "Meridian Senior Advantage": 203, "Community Mutual Medicare PPO": 250, "Highmark Wholecare Mammoth": 238,
}  # fmt: skip
"""What a browser says that labels take on a screen of 390 pixels, where they are largest."""


def test_a_label_is_taken_to_be_no_shorter_than_a_browser_draws_it() -> None:
    for label, width in MEASURED.items():
        assert width <= length_of(label) <= width * 1.08, label


@pytest.mark.parametrize("chart", [
    ledger.lying("t", "s", [(f"{label} of the West", 1.0, "1") for label in MEASURED]),
    charts.bars("t", "s", [(f"{label} of the West", [Part(1, "bar")], "1") for label in MEASURED]),
])  # fmt: skip
def test_no_label_reaches_its_bar(chart: Chart) -> None:
    names = [one for one in chart.texts if one.look == "name"]
    assert len(names) == len(MEASURED)
    assert all(one.x + length_of(one.text) <= min(bar.x for bar in chart.rects) for one in names)


@pytest.mark.parametrize(("most", "top"), [(0, 4), (4, 4), (5, 8), (19, 20), (41, 80), (1000, 1200)])
def test_the_top_of_a_scale_is_round_and_not_below_the_highest(most: int, top: int) -> None:
    assert charts.scale_top(most) == top


@pytest.mark.parametrize("figures", [("$0", "$6,000"), ("-$12,500", "$0", "$12,500"), ("0", "5")])
def test_the_figures_of_a_scale_stand_inside_the_picture_on_a_phone(figures) -> None:
    scale = [(float(place), words) for place, words in enumerate(figures)]
    drawn = ledger.standing("Worth", "said", [("May", 1.0, "$1"), ("June", 0.0, "$0")], scale)
    at_the_left = [text for text in drawn.texts if text.anchor == "end"]
    assert len(at_the_left) == len(figures)
    for text in at_the_left:
        assert text.x - length_of(text.text) >= 0, text
    assert min(line.x1 for line in drawn.lines) > max(text.x for text in at_the_left)
    assert min(rect.x for rect in drawn.rects) > max(text.x for text in at_the_left)
