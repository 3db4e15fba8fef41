"""Settings in range that contradict something: what is said, and both sides of every limit."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from deductibles.domain import conflicts


def settings(**changes: Any) -> Any:
    values: dict[str, Any] = {
        "automatic": True,
        "max_days": 30,
        "dollar_threshold": Decimal("100.00"),
        "monitor_above": Decimal("250.00"),
        "manual": True,
        "manual_days": 21,
        "guard_days": 14,
    }
    return SimpleNamespace(**{**values, **changes})


def payer(name: str = "Northline Blue", **numbers: Any) -> Any:
    plain: dict[str, Any] = {
        "filing_limit_days": 180,
        "max_days": None,
        "dollar_threshold": None,
        "monitor_above": None,
    }
    return SimpleNamespace(name=name, **{**plain, **numbers})


def found(given: Any, *payers: Any, has_provider: bool = True) -> dict[str, conflicts.Conflict]:
    """What is said, by its code; of one code the first."""
    rows = conflicts.of(given, payers, has_provider=has_provider)
    return {row.code: row for row in reversed(rows)}


def test_settings_that_contradict_nothing_say_nothing() -> None:
    assert found(settings(), payer()) == {}


@pytest.mark.parametrize(("limit", "said"), [(44, False), (43, True), (15, True)])
def test_days_beyond_a_payers_filing_limit_less_the_guard_name_the_payer_D_CONF_4(
    limit: int, said: bool
) -> None:
    row = found(settings(), payer(filing_limit_days=limit)).get("beyond_filing_limit")
    assert (row is not None) == said
    if row:
        assert row.field == "max_days"
        assert f"Northline Blue ({limit} days)" in row.sentence
        assert f"after {limit - 14} day" in row.sentence


def test_the_shortest_limits_are_named_first_and_the_others_counted() -> None:
    many = [payer(f"Plan {days}", filing_limit_days=days) for days in (40, 20, 35, 30, 25)]
    said = found(settings(), *many)["beyond_filing_limit"].sentence
    assert "Plan 20 (20 days), Plan 25 (25 days), Plan 30 (30 days) and 2 more" in said


def test_a_payer_with_days_of_its_own_is_not_judged_by_the_companys() -> None:
    assert "beyond_filing_limit" not in found(settings(), payer(filing_limit_days=40, max_days=10))


def test_manual_days_beyond_the_limit_are_said_beside_them_D_CONF_7() -> None:
    row = found(settings(automatic=False, manual_days=60), payer(filing_limit_days=60))["beyond_filing_limit"]
    assert row.field == "manual_days"


@pytest.mark.parametrize(("threshold", "said"), [("249.99", False), ("250.00", False), ("250.01", True)])
def test_a_threshold_above_the_monitored_amount_says_which_claims_can_never_be_held(
    threshold: str, said: bool
) -> None:
    row = found(settings(dollar_threshold=Decimal(threshold))).get("threshold_above_monitor")
    assert (row is not None) == said
    if row:
        assert "from $250.00 to $250.01 are never held" in row.sentence


def test_a_monitored_amount_of_nothing_contradicts_no_threshold() -> None:
    assert found(settings(monitor_above=Decimal("0.00"))) == {}


def test_a_payers_own_number_against_the_companys_names_the_payer() -> None:
    row = found(settings(), payer(dollar_threshold=Decimal("500.00")))["payer_threshold_above_monitor"]
    assert "Northline Blue" in row.sentence
    assert "from $250.00 to $500.00" in row.sentence


def test_automatic_without_a_billing_provider_is_said_D_SUB_0() -> None:
    row = found(settings(), has_provider=False)["no_provider"]
    assert (row.field, row.link) == ("automatic", "provider")
    assert "no_provider" not in found(settings(automatic=False), has_provider=False)


@pytest.mark.parametrize(("days", "words"), [(6, "never asked about"), (7, "only in the night"), (8, None)])
def test_days_too_few_for_a_question_are_said_D_CHK_2(days: int, words: str | None) -> None:
    row = found(settings(max_days=days)).get("never_asked")
    assert (row is not None) == (words is not None)
    if row and words:
        assert words in row.sentence


@pytest.mark.parametrize(("guard", "code"), [(0, "no_guard"), (60, "guard_beyond_limit"), (59, None)])
def test_a_guard_of_nothing_or_of_the_whole_limit_is_said(guard: int, code: str | None) -> None:
    codes = set(found(settings(max_days=1, guard_days=guard), payer(filing_limit_days=60)))
    assert codes - {"never_asked", "beyond_filing_limit"} == ({code} if code else set())


def test_manual_off_says_that_holds_by_hand_have_no_end_D_MAN_5() -> None:
    assert found(settings(manual=False, manual_days=None))["manual_off"].field == "manual"


def test_they_come_in_the_order_of_the_page() -> None:
    rows = conflicts.of(
        settings(manual=False, guard_days=0, dollar_threshold=Decimal("900")), [], has_provider=False
    )
    assert [row.field for row in rows] == ["automatic", "dollar_threshold", "manual", "guard_days"]
