"""The lines of a kept answer: a night keeps what the decision rests on, and the rest is told from the text."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from deductibles.domain import evidence, kept_lines, line_words
from deductibles.domain.evidence import Asked
from deductibles.x12.eligibility import Pin, read
from tests.domain.eligibility_answer import ACTIVE, ANNUAL, PAT, REMAINING, TODAY, answer, file_of, pair

ASKED = Asked("CLM-1", TODAY, PAT)
OUTSIDE = "EB*C*IND*30***29*1400*****N"
PIN = Pin(
    next(
        line.marks
        for line in read(file_of(answer(ACTIVE, OUTSIDE)), as_of=TODAY, every_line=True).trail
        if line.raw == OUTSIDE
    ),
    "pinned by ben on 3 May 2026",
)
ANSWERS = {
    "usual": [ACTIVE, ANNUAL, REMAINING],
    "family and others": [ACTIVE, *pair("Y", 900), *pair("Y", 300, "FAM"), "EB*C*IND*98***23*50*****Y"],
    "two amounts": [ACTIVE, ANNUAL, REMAINING, "EB*C*IND*30***29*410*****Y"],
    "ambulance": [ACTIVE, ANNUAL, REMAINING, "EB*C*IND*59***29*0*****Y", "EB*C*IND*59***23*100*****Y"],
    "not active": ["EB*6**30**EXAMPLE PPO", ANNUAL, REMAINING],
    "nothing": [ACTIVE],
    "out of network": [ACTIVE, ANNUAL, REMAINING, OUTSIDE, "EB*C*IND*30***23*3000*****N"],
}
WAYS = {
    "rules": ASKED,
    "no ambulance": replace(ASKED, ambulance=False),
    "outside": replace(ASKED, out_of_network=True),
    "pinned": replace(ASKED, pin=PIN),
}


def kept(benefits: list[str], asked: Asked) -> Any:
    """The answer as a night keeps it, with what went through the database as JSON."""
    text = file_of(answer(*benefits))
    found = evidence.of_text(text, replace(asked, trail_later=True))
    reading = json.loads(json.dumps(dict(found.reading)))
    return SimpleNamespace(reading=reading, x12_271=found.text, trace=asked.trace, as_of=asked.as_of)


@pytest.mark.parametrize("asked", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("benefits", ANSWERS.values(), ids=ANSWERS)
def test_d_x12_11_the_lines_told_later_are_those_told_at_once(benefits: list[str], asked: Asked) -> None:
    at_once = evidence.of_text(file_of(answer(*benefits)), asked)
    night = kept(benefits, asked)
    told = json.loads(json.dumps(at_once.reading["trail"]))
    assert json.loads(json.dumps(kept_lines.trail_of(night))) == told
    assert {line["number"] for line in told if line["used"]} == {
        number for number, _ in night.reading["used"]
    }
    assert line_words.deductible_type(night.reading) == line_words.deductible_type(at_once.reading)


def test_nothing_but_the_trail_is_left_for_later() -> None:
    at_once = evidence.of_text(file_of(answer(ACTIVE, ANNUAL, REMAINING)), ASKED)
    night = kept([ACTIVE, ANNUAL, REMAINING], ASKED).reading
    assert "trail" not in night
    assert {k: v for k, v in night.items() if k not in kept_lines.FOR_THE_TRAIL} == {
        k: v for k, v in at_once.reading.items() if k != "trail"
    }


def test_d_clm_4_no_reason_is_made_up_for_lines_that_other_rules_chose() -> None:
    night = kept([ACTIVE, ANNUAL, REMAINING, OUTSIDE], ASKED)
    outside = next(line["number"] for line in kept_lines.trail_of(night) if line["raw"] == OUTSIDE)
    night.reading["used"] = [[outside, "remaining"]]
    lines = kept_lines.trail_of(night)
    assert [line["raw"] for line in lines if line["used"]] == [OUTSIDE]
    assert {line["why"] for line in lines} == set(kept_lines.OTHER_RULES.values())


def test_an_answer_kept_with_its_lines_shows_those() -> None:
    """Kept before nights left the lines for later, or asked for by a person."""
    lines = [{"number": 15, "raw": REMAINING, "used": True, "why": "Used as the remaining deductible."}]
    old = SimpleNamespace(reading={"trail": lines}, x12_271="", trace="", as_of=date(2026, 1, 1))
    assert kept_lines.trail_of(old) == lines
    assert kept_lines.trail_of(SimpleNamespace(reading={})) == []
