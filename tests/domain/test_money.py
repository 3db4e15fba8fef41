"""Amounts as people type them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deductibles.domain import money


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1,000.50", "1000.50"),
        ("$1,000.50", "1000.50"),
        ("$ 5", "5.00"),
        (" 250 ", "250.00"),
        ("0", "0.00"),
        (".5", "0.50"),
        ("1,234,567.8", "1234567.80"),
        (250, "250.00"),
        (Decimal("149.75"), "149.75"),
    ],
)
def test_what_people_write_is_understood(typed: object, amount: str) -> None:
    assert str(money.parse(typed)) == amount


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1.000,00", "decimal sign is a point"),
        ("12,5", "decimal sign is a point"),
        ("1e3", "not an amount"),
        ("NaN", "not an amount"),
        ("Infinity", "not an amount"),
        ("-5", "cannot be negative"),
        ("−5", "cannot be negative"),
        ("(5.00)", "cannot be negative"),
        ("1.005", "two decimal places"),
        ("10,00,000", "not an amount"),
        ("", "is needed"),
        ("1 000", "not an amount"),
        ("٣٫٥", "not an amount"),
        ("$", "not an amount"),
        ("1\x00", "not an amount"),
        ("\ud800", "not an amount"),
        ("9" * 12, "largest"),
        ("9" * 5000, "not an amount"),
        (True, "not an amount"),
        (None, "not an amount"),
        (1.5, "not an amount"),
        ([], "not an amount"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(typed: object, said: str) -> None:
    with pytest.raises(money.NotMoney) as refused:
        money.parse(typed)
    assert said in str(refused.value)


@given(st.text())
def test_no_text_raises_anything_else_and_none_is_repeated(typed: str) -> None:
    try:
        assert money.parse(typed) >= 0
    except money.NotMoney as refused:
        assert len(typed) < 12 or typed not in str(refused)


@given(st.decimals(0, money.LARGEST, places=2))
def test_what_is_written_for_people_is_read_back(amount: Decimal) -> None:
    assert money.parse(money.dollars(amount)) == amount
