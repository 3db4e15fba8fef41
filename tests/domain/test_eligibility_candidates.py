"""Which deductible lines can count: coverage, dates, service type and level (D-X12-4, D-X12-5)."""

from datetime import date
from decimal import Decimal

import pytest

from deductibles.x12.eligibility import Amounts, Identity, read
from tests.domain.eligibility_answer import (
    ACTIVE,
    ANNUAL,
    COVERED,
    DEPENDENT,
    PAT,
    REMAINING,
    SUBSCRIBER,
    TODAY,
    answer,
    dollars,
    file_of,
    reading,
)


@pytest.mark.parametrize(
    "trap",
    [
        ["EB*G*IND*30***29*0*****Y"],
        ["EB*C*IND*35***29*0*****Y"],
        ["EB*C*IND*130***29*0*****Y"],
        ["EB*C*IND****29*0*****Y"],
        ["EB*C*IND*30***29*99999*****Y"],
        ["EB*C*IND*30***29*99999.99*****Y"],
        ["EB*C*IND*30***29******Y"],
        ["EB*C*IND*30***29*-5*****Y"],
        ["EB*C*IND*30***29*1E2*****Y"],
        ["EB*C*IND*30***29*NaN*****Y"],
        ["EB*C*IND*30***29*Infinity*****Y"],
        ["EB*C*IND*30***29*١٢*****Y"],
        ["EB*C*IND*30***29*1.2.3*****Y"],
        ["EB*C*IND*30***29*0.001*****Y"],
        ["EB*C*IND*30***29*0*****Y*HC:A0429"],
        ["EB*C*IND*30***29*0*****Y", "III*ZZ*41"],
        ["EB*C*IND*30***29*0*****Y", "DTP*292*RD8*20250101-20251231"],
        ["EB*C*IND*30***29*0*****Y", "DTP*292*RD8*20270101-20271231"],
        ["EB*C*IND*30***29*0*****Y", "DTP*292*RD8*20261231-20260101"],
        ["EB*C*IND*30***29*0*****Y", "DTP*292*D8*20269999"],
        ["EB*C*IND*30***29*0*****Y", "DTP*349*D8*20260914"],
        ["EB*C*IND*30***29*0*****Y", "DTP*348*D8*20260916"],
        ["EB*C*IND*30***27*0*****Y"],
    ],
    ids=" ".join,
)
def test_d_x12_4_a_line_that_is_no_candidate_never_gives_the_amount(trap):
    assert reading(*trap, ANNUAL, REMAINING).effective_remaining == Decimal("400.00")
    assert reading(*trap, ANNUAL).effective_remaining is None


@pytest.mark.parametrize("services", ["30", "30^98", "98^30", "1^30^47"])
def test_d_x12_4_service_type_30_is_found_among_repetitions(services):
    found = reading(ANNUAL.replace("*30*", f"*{services}*"), REMAINING.replace("*30*", f"*{services}*"))
    assert found.individual == dollars("1500.00", "400.00")


def test_d_x12_4_the_benefits_own_dates_come_before_the_coverages():
    found = reading(
        *(ANNUAL, "DTP*291*RD8*20260701-20270630", REMAINING, "DTP*291*RD8*20260701-20270630"),
        *("EB*C*IND*30***29*0*****Y", "DTP*291*RD8*20250701-20260630"),
    )
    assert found.effective_remaining == Decimal("400.00")
    assert found.period == (date(2026, 7, 1), date(2027, 6, 30))


def test_d_x12_4_dates_with_another_meaning_do_not_bound_a_benefit():
    assert reading(ANNUAL, REMAINING, "DTP*472*D8*20200101", "DTP*636*D8*20200101").usable


def test_d_x12_4_a_family_limit_that_does_not_exist_leaves_the_individuals():
    found = reading("EB*C*FAM*30***23*99999.99*****Y", "EB*C*FAM*30***29*99000*****Y", ANNUAL, REMAINING)
    assert (found.family, found.effective_remaining) == (Amounts(), Decimal("400.00"))


@pytest.mark.parametrize(
    ("status", "coverage", "active"),
    [
        (["EB*6**30"], COVERED, False),
        (["EB*7**30"], COVERED, False),
        (["EB*8**30"], COVERED, False),
        (["EB*6"], COVERED, False),
        ([ACTIVE, "EB*6**30"], COVERED, None),
        (["EB*6**30", ACTIVE], COVERED, None),
        ([], COVERED, None),
        (["EB*1**35"], COVERED, None),
        ([ACTIVE], ["DTP*347*D8*20260914"], False),
        ([ACTIVE], ["DTP*346*D8*20260916"], False),
        ([ACTIVE], ["DTP*291*RD8*20250101-20251231"], False),
        ([ACTIVE], ["DTP*356*D8*20260101", "DTP*357*D8*20260630"], False),
        ([ACTIVE], ["DTP*346*D8*2026"], None),
        ([ACTIVE, "DTP*347*D8*20260914"], COVERED, False),
        ([], ["DTP*347*D8*20260914"], False),
    ],
)
def test_d_x12_4_coverage_not_shown_active_on_the_day_gives_no_amount(status, coverage, active):
    found = read(file_of(answer(*status, ANNUAL, REMAINING, coverage=coverage)), as_of=TODAY)
    assert (found.active, found.usable, found.individual, found.effective_remaining) == (
        active,
        False,
        Amounts(),
        None,
    )
    assert found.problem
    assert all(not line.used for line in found.trail) and len(found.trail) == 2


@pytest.mark.parametrize(
    ("status", "coverage"),
    [
        (["EB*1"], COVERED),
        (["EB*2**30"], COVERED),
        (["EB*5**30"], COVERED),
        (["EB*1**1^30^98"], COVERED),
        ([ACTIVE, "EB*6**35"], COVERED),
        ([ACTIVE, "EB*6**30", "DTP*291*RD8*20250101-20251231"], COVERED),
        ([ACTIVE, "EB*6**30", "DTP*346*D8*20270101"], COVERED),
        ([ACTIVE], []),
        ([ACTIVE], ["DTP*346*D8*20260915", "DTP*347*D8*20260915"]),
    ],
)
def test_d_x12_4_coverage_active_on_the_day_gives_its_amounts(status, coverage):
    found = read(file_of(answer(*status, ANNUAL, REMAINING, coverage=coverage)), as_of=TODAY)
    assert (found.active, found.usable) == (True, True)


def test_d_x12_5_a_blank_level_counts_as_the_individuals_with_low_confidence():
    found = reading("EB*C**30***23*1500*****Y", "EB*C**30***29*400*****Y")
    assert (found.individual, found.flags) == (dollars("1500.00", "400.00"), ("low_confidence",))
    assert reading("EB*C**30***29*400*****Y", ANNUAL, REMAINING).flags == ()


@pytest.mark.parametrize("level", ["FAM", "ESP", "ECH", "E1D"])
def test_d_x12_5_levels_of_more_than_the_patient_count_as_family(level):
    found = reading(f"EB*C*{level}*30***23*3000*****Y", f"EB*C*{level}*30***29*100*****Y", ANNUAL, REMAINING)
    assert (found.individual, found.family) == (dollars("1500.00", "400.00"), dollars("3000.00", "100.00"))


@pytest.mark.parametrize("level", ["EMP", "CHD", "DEP", "SPO", "XXX"])
def test_d_x12_5_levels_of_other_people_are_not_used(level):
    found = reading(f"EB*C*{level}*30***29*0*****Y", ANNUAL, REMAINING)
    assert (found.effective_remaining, found.family) == (Decimal("400.00"), Amounts())


def test_d_x12_5_a_dependents_amounts_are_in_the_dependents_loop_only():
    subscriber = answer(ACTIVE, ANNUAL, "EB*C*IND*30***29*0*****Y")
    found = read(file_of(subscriber + DEPENDENT + [ACTIVE, ANNUAL, REMAINING]), trace="CLM-1", as_of=TODAY)
    assert found.effective_remaining == Decimal("400.00")
    silent = read(file_of(subscriber + DEPENDENT), trace="CLM-1", as_of=TODAY)
    assert (silent.usable, silent.effective_remaining) == (False, None)


def test_d_x12_5_a_dependent_is_matched_by_own_name_and_the_subscribers_member_id():
    text = file_of(answer(levels=SUBSCRIBER) + DEPENDENT + [ACTIVE, ANNUAL, REMAINING])
    kid = Identity("TST000111", date(2015, 5, 5), "Kid", "Sample")
    assert read(text, as_of=TODAY, identity=kid).identity_matches is True
    assert read(text, as_of=TODAY, identity=PAT).identity_matches is False


def test_d_x12_5_dependents_with_their_own_traces_are_told_apart():
    kids = [
        *(DEPENDENT[0], "TRN*2*KID-1*9TESTPROV0", *DEPENDENT[1:], ACTIVE, "EB*C*IND*30***29*11*****Y"),
        *(DEPENDENT[0], "TRN*2*KID-2*9TESTPROV0", *DEPENDENT[1:], ACTIVE, "EB*C*IND*30***29*22*****Y"),
    ]
    text = file_of(answer(ACTIVE, ANNUAL, REMAINING) + kids)
    found = {
        name: read(text, trace=name, as_of=TODAY).effective_remaining for name in ("CLM-1", "KID-1", "KID-2")
    }
    assert found == {"CLM-1": Decimal("400.00"), "KID-1": Decimal("11.00"), "KID-2": Decimal("22.00")}


def test_d_x12_5_a_dependents_coverage_that_ended_with_the_subscribers_gives_no_amount():
    body = answer(coverage=["DTP*347*D8*20260630"]) + DEPENDENT + [ACTIVE, ANNUAL, REMAINING]
    assert read(file_of(body), as_of=TODAY).active is False
