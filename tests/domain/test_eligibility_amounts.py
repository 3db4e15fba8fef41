"""Which amounts are chosen: network, year, ambulance, Medicare, remaining, family (D-X12-6 to D-X12-10)."""

from datetime import date
from decimal import Decimal

import pytest

from deductibles.x12.eligibility import read
from tests.domain.eligibility_answer import ANNUAL, REMAINING, TODAY, answer, dollars, file_of, pair, reading


def test_d_x12_6_network_order_is_y_then_w_then_blank_then_u():
    lines = [pair("U", 4), pair("", 3), pair("W", 2), pair("Y", 1), pair("N", 0)]
    wanted = ["1.00", "2.00", "3.00", "4.00"]
    for gone, remaining in zip([[], ["Y"], ["Y", "W"], ["Y", "W", ""]], wanted, strict=True):
        kept = [line for two in lines for line in two if line.rsplit("*", 1)[1] not in gone]
        assert reading(*kept).effective_remaining == Decimal(remaining)


def test_d_x12_6_out_of_network_amounts_never_count_silently():
    found = reading(*pair("N", 0))
    assert (found.usable, found.effective_remaining) == (False, None)
    assert found.out_of_network == dollars("1500.00", "0.00")


def test_d_x12_6_out_of_network_amounts_count_when_asked_for():
    lines = [*pair("Y", 0), *pair("N", 900), *pair("N", 800, "FAM"), *pair("Y", 0, "FAM")]
    found = reading(*lines, out_of_network=True)
    assert (found.effective_remaining, found.individual) == (Decimal("800.00"), dollars("1500.00", "900.00"))
    assert reading(*pair("Y", 0), out_of_network=True).effective_remaining is None


def test_d_x12_6_a_line_for_both_networks_completes_the_one_it_stands_beside():
    assert reading(ANNUAL, "EB*C*IND*30***29*400*****W").individual == dollars("1500.00", "400.00")
    assert reading("EB*C*IND*30***23*1500*****W", REMAINING).individual == dollars("1500.00", "400.00")


def test_d_x12_6_another_deductible_for_both_networks_completes_nothing():
    found = reading(ANNUAL, "EB*C*IND*30***23*9000*****W", "EB*C*IND*30***29*0*****W")
    assert (found.individual, found.usable) == (dollars("1500.00", None), False)


def test_d_x12_6_an_unnamed_network_does_not_complete_a_named_one():
    assert reading(ANNUAL, "EB*C*IND*30***29*0").effective_remaining is None


def test_d_x12_7_annual_is_the_calendar_year_then_service_year_then_contract():
    lines = {
        code: f"EB*C*IND*30***{code}*{amount}*****Y" for code, amount in (("25", 30), ("22", 20), ("23", 10))
    }
    assert reading(*lines.values()).annual == Decimal("10.00")
    assert reading(lines["25"], lines["22"]).annual == Decimal("20.00")
    assert reading(lines["25"]).annual == Decimal("30.00")


def test_d_x12_7_a_blank_time_period_is_understood_only_for_zero():
    assert reading("EB*C*IND*30****0*****Y").individual == dollars("0.00", "0.00")
    assert reading("EB*C*IND*30****500*****Y", REMAINING).individual == dollars(None, "400.00")
    assert reading("EB*C*IND*30****0*****Y", ANNUAL).annual == Decimal("1500.00")


def test_d_x12_7_an_ambulance_line_overrides_the_health_plans_and_says_so():
    special = ["EB*C*IND*59***23*250*****Y", "EB*C*IND*59***29*250*****Y"]
    found = reading(ANNUAL, "EB*C*IND*30***29*0*****Y", *special)
    assert (found.individual, found.flags) == (dollars("250.00", "250.00"), ("ambulance_line",))
    plain = reading(ANNUAL, REMAINING, *special, ambulance=False)
    assert (plain.individual, plain.flags) == (dollars("1500.00", "400.00"), ())


def test_d_x12_7_a_met_family_plan_does_not_meet_an_ambulance_deductible():
    special = ["EB*C*IND*59***23*250*****Y", "EB*C*IND*59***29*250*****Y"]
    found = reading(*special, *pair("Y", 0, "FAM"))
    assert (found.effective_remaining, found.family) == (Decimal("250.00"), dollars("1500.00", "0.00"))


def test_d_x12_7_an_ambulance_deductible_with_unknown_remaining_stays_unknown():
    found = reading(ANNUAL, "EB*C*IND*30***29*0*****Y", "EB*C*IND*59***23*250*****Y")
    assert (found.annual, found.effective_remaining, found.usable) == (Decimal("250.00"), None, False)


def test_d_x12_7_a_line_that_is_both_leaves_the_plans_amounts_whole():
    found = reading("EB*C*IND*30^59***23*1500*****Y", REMAINING)
    assert (found.individual, found.flags) == (dollars("1500.00", "400.00"), ())
    closer = reading("EB*C*IND*30^59***29*90*****Y", "EB*C*IND*30***29*0*****Y")
    assert (closer.effective_remaining, closer.flags) == (Decimal("90.00"), ("ambulance_line",))


def test_d_x12_7_an_ambulance_line_out_of_network_does_not_override():
    found = reading(ANNUAL, REMAINING, "EB*C*IND*59***29*0*****N")
    assert (found.effective_remaining, found.flags) == (Decimal("400.00"), ())


def test_d_x12_7_medicare_is_read_from_part_b_of_the_year():
    status = ["EB*1**30*MB", "DTP*291*D8*20100101", "EB*6**30*MA"]
    lines = [
        *("EB*C*IND*30*MB**29*283", "DTP*291*RD8*20260101-20261231"),
        *("EB*C*IND*30*MB**29*0", "DTP*291*RD8*20250101-20251231"),
        *("EB*C*IND*30*MA**29*0", "DTP*291*RD8*20260101-20261231", "EB*C*IND*30***29*0"),
    ]
    found = read(file_of(answer(*status, *lines)), as_of=TODAY)
    assert (found.active, found.effective_remaining, found.flags) == (True, Decimal("283.00"), ())
    assert found.period == (date(2026, 1, 1), date(2026, 12, 31))
    only_a = read(file_of(answer("EB*1**30*MA", *lines)), as_of=TODAY)
    assert (only_a.active, only_a.usable) == (None, False)


@pytest.mark.parametrize(
    ("lines", "remaining", "basis"),
    [
        ([ANNUAL, REMAINING, "EB*C*IND*30***24*1*****Y"], "400.00", "remaining_reported"),
        ([REMAINING], "400.00", "remaining_reported"),
        ([ANNUAL, "EB*C*IND*30***24*1100.25*****Y"], "399.75", "computed_23_minus_24"),
        ([ANNUAL.replace("*23*", "*25*"), "EB*C*IND*30***24*500*****Y"], "1000.00", "computed_25_minus_24"),
        ([ANNUAL, "EB*C*IND*30***24*1600*****Y"], "0.00", "computed_23_minus_24"),
        (["EB*C*IND*30***23*0*****Y"], "0.00", "zero_deductible"),
        ([ANNUAL], None, "unknown"),
        (["EB*C*IND*30***24*1500*****Y"], None, "unknown"),
        ([], None, "unknown"),
    ],
)
def test_d_x12_8_remaining_is_reported_else_computed_else_unknown_and_never_zero(lines, remaining, basis):
    found = reading(*lines)
    assert found.effective_remaining == (None if remaining is None else Decimal(remaining))
    assert (found.remaining_basis, found.usable) == (basis, remaining is not None)


def test_d_x12_8_more_remaining_than_the_annual_amount_is_never_released_on():
    found = reading(ANNUAL, "EB*C*IND*30***29*1500.01*****Y")
    assert (found.flags, found.usable, found.may_release) == (("inconsistent",), True, False)
    assert reading(ANNUAL, "EB*C*IND*30***29*1500*****Y").may_release


def test_d_x12_8_money_is_exact_to_the_cent():
    assert reading(ANNUAL, "EB*C*IND*30***29*.1*****Y").effective_remaining == Decimal("0.10")
    assert reading(ANNUAL, "EB*C*IND*30***29*99.9900*****Y").as_json()["effective_remaining"] == "99.99"


@pytest.mark.parametrize("order", [1, -1])
def test_d_x12_9_of_two_amounts_in_one_cell_the_larger_counts_and_nothing_is_released(order):
    found = reading(ANNUAL, *[REMAINING, "EB*C*IND*30***29*0*****Y"][::order])
    assert (found.effective_remaining, found.flags, found.may_release) == (
        Decimal("400.00"),
        ("ambiguous",),
        False,
    )
    annual = reading(REMAINING, *[ANNUAL, "EB*C*IND*30***23*2000*****Y"][::order])
    assert (annual.annual, annual.flags) == (Decimal("2000.00"), ("ambiguous",))
    met = reading(ANNUAL, *["EB*C*IND*30***24*1500*****Y", "EB*C*IND*30***24*100*****Y"][::order])
    assert (met.effective_remaining, met.flags) == (Decimal("1400.00"), ("ambiguous",))


def test_d_x12_9_the_same_amount_twice_is_not_ambiguous():
    assert reading(ANNUAL, ANNUAL, REMAINING, REMAINING.replace("400", "400.00")).flags == ()


def test_d_x12_9_an_ambiguous_family_is_not_released_on_either():
    found = reading(ANNUAL, REMAINING, *pair("Y", 0, "FAM"), "EB*C*FAM*30***29*50*****Y")
    assert (found.effective_remaining, found.may_release) == (Decimal("50.00"), False)


PRIMARY = ["EB*R**30", "LS*2120", "NM1*PRP*2*OTHER PLAN*****PI*OTH01", "LE*2120"]


@pytest.mark.parametrize(
    "lines",
    [
        PRIMARY,
        ["EB*R", *PRIMARY[1:]],
        ["EB*R**30*12"],
        ["EB*R**30*47"],
        [PRIMARY[0], "DTP*291*D8*20260101", *PRIMARY[1:]],
        [PRIMARY[0], "DTP*291*D8*2026", *PRIMARY[1:]],
    ],
)
def test_d_x12_9_another_payer_being_primary_is_not_held_automatically(lines):
    found = reading(ANNUAL, REMAINING, *lines)
    assert (found.flags, found.usable, found.may_hold) == (("other_payer_primary",), True, False)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["EB*R**30"],
        [PRIMARY[0], "LS*2120", "NM1*SEP*2*OTHER PLAN*****PI*OTH01", "LE*2120"],
        [PRIMARY[0], "LS*2120", "NM1*PRP*2*EXAMPLE HEALTH PLAN*****PI*EX001", "LE*2120"],
        ["EB*R**35", *PRIMARY[1:]],
        [PRIMARY[0], "DTP*291*RD8*20250101-20251231", *PRIMARY[1:]],
        ["EB*1**35", *PRIMARY[1:]],
    ],
)
def test_d_x12_9_another_payer_that_is_not_primary_changes_nothing(lines):
    found = reading(ANNUAL, REMAINING, *lines)
    assert (found.flags, found.may_hold) == ((), True)


@pytest.mark.parametrize(
    ("individual", "family", "effective", "basis"),
    [
        (900, 0, "0.00", "min_individual_family"),
        (0, 900, "0.00", "remaining_reported"),
        (500, 500, "500.00", "remaining_reported"),
        (None, 500, "500.00", "family_aggregate"),
        (500, None, "500.00", "remaining_reported"),
    ],
)
def test_d_x12_10_effective_remaining_is_the_smaller_of_individual_and_family(
    individual, family, effective, basis
):
    lines = [*(pair("Y", individual) if individual is not None else [])]
    lines += pair("Y", family, "FAM") if family is not None else []
    found = reading(*lines)
    assert (found.effective_remaining, found.remaining_basis) == (Decimal(effective), basis)


def test_d_x12_10_an_unknown_individual_remaining_is_known_only_when_the_family_is_met():
    assert reading(ANNUAL, *pair("Y", 300, "FAM")).effective_remaining is None
    assert reading(ANNUAL, *pair("Y", 0, "FAM")).effective_remaining == Decimal("0.00")


def test_d_x12_10_the_annual_amount_is_the_individuals_else_the_familys():
    assert reading(*pair("Y", 1), "EB*C*FAM*30***23*3000*****Y").annual == Decimal("1500.00")
    assert reading("EB*C*FAM*30***23*3000*****Y").annual == Decimal("3000.00")
