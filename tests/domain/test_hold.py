"""To hold or not: both conditions and never either; release on proof only (D-HOLD, D-CHK-8, D-RSN)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deductibles.domain import hold
from deductibles.domain.hold import Answered, Facts, Rules

TODAY = date(2026, 5, 20)
RULES = Rules(True, 30, Decimal("100.00"), Decimal("250.00"), 14, 3)
FACTS = Facts(
    today=TODAY,
    usable=True,
    may_hold=True,
    annual=Decimal("1500.00"),
    remaining=Decimal("1500.00"),
    payer_name="Example Health Plan",
)
amounts = st.decimals(0, 10_000, places=2)


def test_both_conditions_hold_the_claim_with_its_release_date_and_reasons() -> None:
    found = hold.decide(FACTS, RULES)
    assert (found.hold, found.release_on) == (True, TODAY + timedelta(days=30))
    assert len(found.why) == 3


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"remaining": Decimal("100.00")}, "met"),
        ({"annual": Decimal("249.99")}, "annual_small"),
        ({"remaining": Decimal("100.00"), "annual": Decimal("249.99")}, "met"),
        ({"never_hold": True}, "never_hold_payer"),
        ({"released_before": True}, "released_before"),
        ({"deadline_on": TODAY + timedelta(days=14)}, "filing_guard"),
        ({"first_held_on": TODAY - timedelta(days=30)}, "time_elapsed"),
    ],
)
def test_a_claim_is_not_held_when_one_condition_fails(changes: dict, reason: str) -> None:
    found = hold.decide(replace(FACTS, **changes), RULES)
    assert (found.hold, found.reason, found.unknown) == (False, reason, False)
    assert found.why[0].startswith("Not held")


@pytest.mark.parametrize(
    "changes",
    [{"usable": False}, {"remaining": None}, {"annual": None}, {"may_hold": False}],
    ids=lambda changes: next(iter(changes)),
)
def test_what_is_not_known_is_not_held_and_flagged_D_HOLD_3(changes: dict) -> None:
    found = hold.decide(replace(FACTS, **changes), RULES)
    assert (found.hold, found.unknown) == (False, True)


def test_the_annual_amount_that_equals_the_monitor_amount_is_held() -> None:
    facts = replace(FACTS, annual=Decimal("250.00"), remaining=Decimal("250.00"))
    assert hold.decide(facts, RULES).hold


def test_one_cent_above_the_threshold_is_held() -> None:
    assert hold.decide(replace(FACTS, remaining=Decimal("100.01")), RULES).hold


def test_switched_off_nothing_new_is_held_D_CONF_3() -> None:
    assert hold.decide(FACTS, replace(RULES, automatic=False)).reason == "automatic_off"
    assert hold.decide(FACTS, replace(RULES, max_days=None)).reason == "automatic_off"


def test_days_count_from_the_first_hold_D_HOLD_5() -> None:
    first = TODAY - timedelta(days=10)
    assert hold.decide(replace(FACTS, first_held_on=first), RULES).release_on == first + timedelta(days=30)


def test_the_payers_own_numbers_come_first_and_say_so() -> None:
    settings = SimpleNamespace(
        automatic=True,
        max_days=30,
        dollar_threshold=Decimal("100.00"),
        monitor_above=Decimal("250.00"),
        guard_days=14,
        version=3,
    )
    payer = SimpleNamespace(
        name="Plan X", max_days=None, dollar_threshold=Decimal("0.00"), monitor_above=None
    )
    rules = hold.rules_for(settings, payer)
    assert (rules.max_days, rules.dollar_threshold) == (30, Decimal("0.00")), "zero is a number, not nothing"
    assert rules.origin("dollar_threshold") == "payer Plan X"
    assert rules.origin("max_days") == "company settings, version 3"


@given(amounts, amounts, amounts, amounts)
def test_held_exactly_when_both_conditions_are_true(
    annual: Decimal, remaining: Decimal, threshold: Decimal, monitor: Decimal
) -> None:
    rules = replace(RULES, dollar_threshold=threshold, monitor_above=monitor)
    found = hold.decide(replace(FACTS, annual=annual, remaining=remaining), rules)
    assert found.hold == (remaining > threshold and annual >= monitor)


@given(amounts, amounts)
def test_no_claim_is_held_that_the_next_answer_would_release(remaining: Decimal, threshold: Decimal) -> None:
    rules = replace(RULES, dollar_threshold=threshold, monitor_above=Decimal(0))
    held = hold.decide(replace(FACTS, annual=remaining, remaining=remaining), rules).hold
    released = hold.judge(Answered(True, remaining), threshold, first_nightly=False).release
    assert held != released


MET, THRESHOLD = "Deductible Met Threshold", Decimal("100.00")


@pytest.mark.parametrize(
    ("answer", "released"),
    [
        (Answered(True, Decimal("100.00")), True),
        (Answered(True, Decimal("100.01")), False),
        (Answered(True, None), False),
        (Answered(False, Decimal("0.00"), amounts_came=True), False),
        (Answered(False, None, MET), True),
        (Answered(False, None, MET, sound=False), False),
        (Answered(False, None, MET, amounts_came=True), False),
        (Answered(True, Decimal("900.00"), MET, amounts_came=True), False),
        (Answered(False, None, "Too Much Time Elapsed"), False),
        (Answered(False, None, "deductible met threshold"), False),
    ],
)
def test_only_positive_proof_releases_D_CHK_8(answer: Answered, released: bool) -> None:
    verdict = hold.judge(answer, THRESHOLD, first_nightly=False)
    assert verdict.release == released
    if not released and answer.reason_code == MET:
        assert verdict.flags == (hold.CONTRADICTED,)


def test_the_first_answered_nightly_check_has_its_own_code() -> None:
    answer = Answered(True, Decimal("0.00"))
    assert hold.judge(answer, THRESHOLD, first_nightly=True).reason_code == f"{MET} Initial Run"
    assert hold.judge(answer, THRESHOLD, first_nightly=False).reason_code == MET


@pytest.mark.parametrize(
    ("kind", "code", "queued", "reads"),
    [
        ("automatic", MET, True, "Deductible met"),
        ("automatic", f"{MET} Initial Run", True, "Deductible met"),
        ("automatic", "Too Much Time Elapsed", True, "Time elapsed"),
        ("automatic", "Manually Queued", True, "Manually queued"),
        ("manual", "Too Much Time Elapsed", True, "Manually queued"),
        ("automatic", "Something Else", True, "Unknown"),
        ("automatic", "", True, "Unknown"),
        ("automatic", MET, False, ""),
    ],
)
def test_the_queued_reason_reads_as_the_biller_knows_it_D_RSN_1_2_3_4(
    kind: str, code: str, queued: bool, reads: str
) -> None:
    assert hold.queued_reason(kind, code, queued=queued) == reads
