"""A line that a person pinned is followed, by what describes it, and never silently replaced (D-CLM-4)."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deductibles.x12 import eligibility_reading as words
from deductibles.x12.eligibility import Described, Pin, read
from tests.domain.eligibility_answer import ACTIVE, ANNUAL, REMAINING, TODAY, answer, dollars, file_of, pair

SAID = "pinned by ben on 3 May 2026"


def text_of(*benefits, **parts):
    return file_of(answer(ACTIVE, *benefits, **parts))


def line_of(text, raw, place=0):
    """The trail's line of this segment, read with all that describes it."""
    return [line for line in read(text, as_of=TODAY, every_line=True).trail if line.raw == raw][place]


def pinned(text, raw, *, in_text="", **more):
    """The reading of ``text`` under a pin on the line ``raw`` of ``in_text``, or of itself."""
    pin = Pin(line_of(in_text or text, raw).marks, SAID)
    return read(text, as_of=TODAY, pin=pin, **more)


FAMILY = "EB*C*FAM*30***29*1200*****Y"
OUTSIDE = "EB*C*IND*30***29*3000*****N"
AMBULANCE = "EB*C*IND*98*HM*GOLD*29*80*****Y"
PROCEDURE = "EB*C*IND*30***29*55*****Y*HC:A0429"


@pytest.mark.parametrize(
    ("raw", "remaining"),
    [(FAMILY, "1200.00"), (OUTSIDE, "3000.00"), (AMBULANCE, "80.00"), (PROCEDURE, "55.00")],
)
def test_d_clm_4_the_pinned_line_decides_alone_whatever_the_rules_prefer(raw, remaining):
    text = text_of(ANNUAL, REMAINING, FAMILY, OUTSIDE, AMBULANCE, PROCEDURE)
    assert read(text, as_of=TODAY).effective_remaining == Decimal("400.00")
    found = pinned(text, raw)
    assert found.effective_remaining == Decimal(remaining)
    assert found.usable and found.may_release and found.pin_followed
    (used,) = (line for line in found.trail if line.pinned)
    assert used.used and used.raw == raw and SAID in used.why
    others = [line for line in found.trail if line.raw in (ANNUAL, REMAINING)]
    assert all(not line.used and "another line is pinned" in line.why for line in others)
    assert found.individual == dollars("1500", "400"), "what the rules read stays told"


def test_d_clm_4_a_pin_is_followed_by_what_describes_the_line_not_by_its_place_or_amount():
    before = text_of(ANNUAL, REMAINING, OUTSIDE)
    later = text_of("EB*C*IND*30***29*150*****N", FAMILY, REMAINING, ANNUAL)
    assert pinned(later, OUTSIDE, in_text=before).effective_remaining == Decimal("150.00")


@pytest.mark.parametrize(
    "other",
    [
        "EB*C*IND*33***29*0*****N",
        "EB*C*FAM*30***29*0*****N",
        "EB*C*IND*30*HM**29*0*****N",
        "EB*C*IND*30**GOLD*29*0*****N",
        "EB*C*IND*30***29*0*****W",
        "EB*C*IND*30***29*0*****N*HC:A0429",
    ],
)
def test_d_clm_4_without_a_line_that_matches_nothing_counts_and_it_is_said(other):
    found = pinned(text_of(ANNUAL, "EB*C*IND*30***29*0*****Y", other), OUTSIDE, in_text=text_of(OUTSIDE))
    assert not found.usable and not found.may_release and not found.may_hold
    assert found.effective_remaining is None and found.annual is None
    assert words.PIN_NOT_FOUND in found.flags and found.pin_followed is False
    assert "pinned" in found.problem
    assert not any(line.used for line in found.trail)


def test_d_clm_4_what_remains_is_the_annual_amount_less_a_pinned_amount_already_met():
    text = text_of(ANNUAL, REMAINING, "EB*C*IND*30***23*1000*****N", "EB*C*IND*30***24*850*****N", OUTSIDE)
    found = pinned(text, "EB*C*IND*30***24*850*****N")
    assert (found.annual, found.effective_remaining) == (Decimal("1000.00"), Decimal("150.00"))
    assert [line.role for line in found.trail if line.used] == ["annual", "met"]


def test_d_clm_4_a_pinned_annual_amount_of_another_year_is_followed():
    service_year = "EB*C*IND*30***22*900*****Y"
    text = text_of(ANNUAL, service_year, "EB*C*IND*30***24*100*****Y")
    assert read(text, as_of=TODAY).effective_remaining == Decimal("1400.00")
    assert pinned(text, service_year).effective_remaining == Decimal("800.00")


def test_d_clm_4_messages_tell_lines_apart_that_are_otherwise_the_same():
    ground, air = (REMAINING, "MSG*GROUND AMBULANCE 2026"), ("EB*C*IND*30***29*900*****Y", "MSG*AIR")
    text = text_of(ANNUAL, *ground, *air)
    found = read(text, as_of=TODAY)
    assert words.AMBIGUOUS in found.flags and not found.may_release
    chosen = pinned(text, REMAINING)
    assert chosen.effective_remaining == Decimal("400.00") and chosen.may_release
    next_year = text_of(ANNUAL, "EB*C*IND*30***29*30*****Y", "MSG*ground  ambulance 2027", *air)
    assert pinned(next_year, REMAINING, in_text=text).effective_remaining == Decimal("30.00")


def test_d_clm_4_two_amounts_on_lines_nothing_tells_apart_stay_ambiguous():
    text = text_of(ANNUAL, OUTSIDE, "EB*C*IND*30***29*20*****N")
    found = pinned(text, OUTSIDE)
    assert found.effective_remaining == Decimal("3000.00")
    assert words.AMBIGUOUS in found.flags and not found.may_release


def test_d_clm_4_a_line_for_one_circumstance_is_told_by_its_circumstance():
    here, elsewhere = (REMAINING, "III*ZZ*41"), ("EB*C*IND*30***29*0*****Y", "III*ZZ*11")
    text = text_of(ANNUAL, *elsewhere, *here)
    assert pinned(text, REMAINING).effective_remaining == Decimal("400.00")


class TestI7NoPinMakesAnUnsoundAnswerProof:
    """The pin overrides what the rules prefer, and nothing that makes an answer sound."""

    def test_coverage_that_ended(self):
        text = text_of(ANNUAL, OUTSIDE)
        ended = file_of(answer("EB*6**30", ANNUAL, "EB*C*IND*30***29*0*****N"))
        found = pinned(ended, OUTSIDE, in_text=text)
        assert not found.usable and found.active is False and found.effective_remaining is None

    @pytest.mark.parametrize(
        "lines",
        [
            ("EB*C*IND*30***29*0*****N", "DTP*292*RD8*20250101-20251231"),
            ("EB*C*IND*30***29*0*****N", "DTP*292*D8*hello"),
            ("EB*C*IND*30***29*0*****N", "AAA*N**70*C"),
            ("EB*C*IND*30***29*99999.99*****N",),
            ("EB*C*IND*30***29*none*****N",),
            ("EB*C*IND*30***29******N",),
        ],
        ids=["last year", "unreadable dates", "rejected", "no such limit", "no money", "no amount"],
    )
    def test_a_line_that_proves_nothing_today(self, lines):
        found = pinned(text_of(ANNUAL, REMAINING, *lines), OUTSIDE, in_text=text_of(OUTSIDE))
        assert not found.usable and words.PIN_NOT_FOUND in found.flags

    def test_another_trace(self):
        text = text_of(ANNUAL, OUTSIDE)
        found = read(text, as_of=TODAY, trace="CLM-9", pin=Pin(line_of(text, OUTSIDE).marks))
        assert not found.usable and words.TRACE_NOT_FOUND in found.flags

    def test_more_remaining_than_the_whole(self):
        found = pinned(text_of(ANNUAL, REMAINING, *pair("N", 9000)), "EB*C*IND*30***29*9000*****N")
        assert words.INCONSISTENT in found.flags and not found.may_release

    def test_a_cut_file(self):
        text = text_of(ANNUAL, OUTSIDE)
        found = read(text[:-40], as_of=TODAY, pin=Pin(line_of(text, OUTSIDE).marks))
        assert not found.envelope_valid and not found.usable


def test_d_clm_4_the_trail_describes_every_line_and_says_which_may_be_pinned():
    text = text_of(ANNUAL, AMBULANCE, "EB*C*IND*30***27*10*****Y", "EB*C*IND*30***29*none*****Y")
    told = [line.as_json() for line in read(text, as_of=TODAY).trail]
    assert [line["pinnable"] for line in told] == [True, True, False, False]
    assert told[1]["service"] == ["98"] and told[1]["level"] == "IND" and told[1]["network"] == "Y"
    assert (told[1]["insurance"], told[1]["plan"], told[1]["amount"]) == ("HM", "GOLD", "80")


def test_an_undated_amount_of_zero_beside_dated_ones_of_the_other_network_is_told():
    """Found by the property below: the trail of this answer could not be written."""
    found = read(
        text_of("EB*C*IND*30****0*****Y", "EB*C*IND*30***29*5*****W", "EB*C*IND*30***23*9*****W"), as_of=TODAY
    )
    assert all(line.why.endswith(".") for line in found.trail)


def test_a_pin_survives_being_stored():
    line = line_of(text_of(AMBULANCE, "MSG*AIR", "III*ZZ*42"), AMBULANCE).marks
    assert Described.from_json(line.as_json()) == line
    assert Described.from_json({}) == Described()


_LINE = st.builds(
    "EB*C*{}*{}*{}*{}*{}*{}*****{}".format,
    st.sampled_from(("IND", "", "FAM", "EMP")),
    st.sampled_from(("30", "59", "30^59", "98")),
    st.sampled_from(("", "HM")),
    st.sampled_from(("", "GOLD")),
    st.sampled_from(("23", "22", "25", "24", "29", "")),
    st.sampled_from(("0", "100", "400", "900", "1500", "99999")),
    st.sampled_from(("Y", "W", "", "U", "N")),
)


def _chosen_anyway(found):
    """The lines the effective remaining is taken from: of the deciding level, in its amount."""
    used = [line for line in found.trail if line.used and line.role == "remaining"]
    return [line for line in used if Decimal(line.amount) == found.effective_remaining]


@settings(max_examples=150, deadline=None)
@given(st.lists(_LINE, min_size=1, max_size=9), st.booleans())
def test_d_clm_4_pinning_the_line_that_is_chosen_anyway_changes_nothing(lines, out_of_network):
    text = text_of(*lines)
    plain = read(text, as_of=TODAY, out_of_network=out_of_network, every_line=True)
    for line in _chosen_anyway(plain):
        found = read(text, as_of=TODAY, out_of_network=out_of_network, pin=Pin(line.marks, SAID))
        assert (found.effective_remaining, found.annual) == (plain.effective_remaining, plain.annual), line
        assert (found.usable, found.active, found.rejects) == (plain.usable, plain.active, plain.rejects)
        assert set(found.flags) <= set(plain.flags), "it can only settle a doubt"


@settings(max_examples=150, deadline=None)
@given(st.lists(_LINE, min_size=1, max_size=9), st.lists(_LINE, min_size=1, max_size=9))
def test_d_clm_4_a_pin_in_any_other_answer_gives_its_line_or_nothing(before, later):
    for line in read(text_of(*before), as_of=TODAY, every_line=True).trail:
        found = read(text_of(*later), as_of=TODAY, pin=Pin(line.marks, SAID))
        there = [one for one in found.trail if one.pinned and one.pinnable]
        assert found.pin_followed == bool(there)
        assert not found.usable or (there and any(one.used for one in there))
        if line.role == "remaining" and found.usable:
            assert found.effective_remaining == max(Decimal(one.amount) for one in there)
