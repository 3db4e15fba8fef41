"""What is told about a reading: the trail of its lines, the day, the interface shape (D-X12-11, D-X12-12)."""

from datetime import date
from decimal import Decimal

from deductibles.x12 import eligibility_reading as words
from deductibles.x12.eligibility import read
from tests.domain.eligibility_answer import ANNUAL, REMAINING, TODAY, answer, file_of, pair, reading


def test_d_x12_11_every_deductible_line_is_kept_with_the_reason_it_was_used_or_not():
    """D-CLM-4: the lines used, why, and the alternatives."""
    lines = [
        ("EB*C*IND*35***29*0*****Y", False, "service type 35"),
        ("EB*C*IND*130***29*0*****Y", False, "service type 130"),
        ("EB*C*IND****29*0*****Y", False, "(none)"),
        ("EB*C*IND*30***27*10*****Y", False, "time period 27"),
        ("EB*C*EMP*30***29*10*****Y", False, "EMP"),
        ("EB*C*IND*30***29*10*****Q", False, "network mark Q"),
        ("EB*C*IND*30***29*ten*****Y", False, "'ten' is not an amount"),
        ("EB*C*IND*30***29******Y", False, "no amount"),
        ("EB*C*IND*30***29*99999*****Y", False, "no such limit"),
        ("EB*C*IND*30****12*****Y", False, "no time period"),
        ("EB*C*IND*30***29*0*****Y*HC:A0429", False, "one procedure"),
        ("EB*C*IND*30***29*0*****N", False, "out of network"),
        ("EB*C*IND*30***22*900*****Y", False, "calendar year amount comes first"),
        ("EB*C*IND*30***24*1100*****Y", False, "reports what remains"),
        (
            "EB*C*IND*30***23*1500*****Y",
            True,
            "annual deductible, 1500.00: individual, in network, calendar year",
        ),
        ("EB*C*IND*30***29*300*****Y", False, "larger"),
        ("EB*C*IND*30***29*400*****Y", True, "remaining deductible, 400.00"),
        ("EB*C*IND*30***29*400.00*****Y", False, "same as line 31"),
        ("EB*C*FAM*30***24*50*****Y", False, "without the annual amount"),
    ]
    trail = reading(*(raw for raw, _, _ in lines)).trail
    assert [(line.raw, line.used) for line in trail] == [(raw, used) for raw, used, _ in lines]
    for line, (_, _, said) in zip(trail, lines, strict=True):
        assert said in line.why and line.why.endswith("."), line
    assert [line.number for line in trail] == list(range(15, 15 + len(lines)))


def test_d_x12_11_the_trail_names_rejects_periods_medicare_and_the_ambulance_rule():
    trail = reading(
        *(
            "EB*C*IND*30***29*1*****Y",
            "AAA*N**70*C",
            "EB*C*IND*30***29*2*****Y",
            "DTP*292*RD8*20250101-20251231",
        ),
        *("EB*C*IND*30***29*3*****Y", "DTP*292*D8*hello", ANNUAL, "EB*C*IND*59***29*250*****Y"),
        *pair("Y", 0, "FAM"),
    ).trail
    said = [
        "rejected",
        "2025-01-01 to 2025-12-31",
        "cannot be read",
        "overrides",
        "in place of 30",
        "Shown",
        "Shown",
    ]
    for line, words_said in zip(trail, said, strict=True):
        assert words_said in line.why
    part_a = reading("EB*C*IND*30*MA**29*3").trail
    assert "Part B" in part_a[0].why


def test_d_x12_11_the_interface_shape_is_the_contracts():
    json = reading(ANNUAL, REMAINING).as_json()
    assert list(json)[:10] == [
        *("usable", "envelope_valid", "active", "individual", "family", "out_of_network"),
        *("effective_remaining", "flags", "rejects", "trail"),
    ]
    assert json["individual"] == {"annual": "1500.00", "remaining": "400.00"}
    assert json["trail"][1]["role"] == "remaining"
    assert (json["trace"], json["answered_on"]) == ("CLM-1", "2026-09-15")


def test_d_x12_12_amounts_hold_on_the_day_asked_about_and_no_other():
    year = "DTP*291*RD8*20260101-20261231"
    lines = (ANNUAL, year, REMAINING, year)
    assert reading(*lines).effective_remaining == Decimal("400.00")
    for other_day in (date(2025, 12, 31), date(2027, 1, 1)):
        assert reading(*lines, as_of=other_day, coverage=[]).effective_remaining is None


def test_a_sound_file_of_another_kind_is_no_eligibility_answer():
    found = read(file_of(answer(ANNUAL)).replace("ST*271", "ST*999"), as_of=TODAY)
    assert (found.envelope_valid, found.usable, found.flags) == (True, False, ("not_eligibility",))


def test_every_flag_is_a_documented_word():
    assert len(set(words.FLAGS)) == len(words.FLAGS) == 11


def test_d_x12_10_the_trail_says_that_the_smaller_of_individual_and_family_counts():
    trail = reading(ANNUAL, REMAINING, *pair("Y", 1200, "FAM")).trail
    said = {line.raw: line.why for line in trail}
    assert said["EB*C*FAM*30***29*1200*****Y"].endswith("The individual's 400.00 is less, and counts.")
    assert "is less" not in said[REMAINING] + said[ANNUAL]
