"""Reading what was paid and what the deductible took (D-SUB-4)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deductibles.x12 import remittance
from deductibles.x12.envelope import EnvelopeError
from tests.domain.answer_files import ack_277, paid_835

PAID = [
    "CLP*C-1042.2*1*850.00*480.00*120.00*12*PAYER-9",
    "CAS*CO*45*250.00",
    "SVC*HC:A0429*850*480",
    "CAS*PR*1*100.00**2*20",
]


def read(*claims: list[str], total: str = "480.00", plb: str = "") -> remittance.Remittance:
    (found,) = remittance.read(paid_835(*claims, total=total, plb=plb))
    return found


def test_a_payment_tells_the_deductible_of_claim_and_lines_together() -> None:
    whole = read(PAID)
    (one,) = whole.payments
    assert (one.number, one.sequence, one.status, one.payer_reference) == ("C-1042", 2, "1", "PAYER-9")
    assert (one.charged, one.paid, one.patient_owes) == (
        Decimal("850.00"),
        Decimal("480.00"),
        Decimal("120.00"),
    )
    assert (one.deductible, one.allowed) == (Decimal("100.00"), Decimal("600.00"))
    assert one.balances and whole.balances
    assert (whole.payer, whole.trace, whole.paid_on) == (
        "EXAMPLE HEALTH PLAN",
        "EFT-2201",
        date(2026, 12, 15),
    )


def test_a_denial_for_filing_too_late_is_seen() -> None:
    (one,) = read(["CLP*C-1*4*850*0*0*12*P", "CAS*CO*29*850"], total="0").payments
    assert (one.status, one.filed_too_late, one.deductible, one.balances) == (
        remittance.DENIED,
        True,
        0,
        True,
    )


def test_nothing_of_the_deductible_is_zero_because_the_file_says_all_adjustments() -> None:
    (one,) = read(["CLP*C-1*1*100*100*0*12*P"], total="100").payments
    assert (one.deductible, one.allowed) == (0, 100)


@pytest.mark.parametrize(
    "claim",
    [
        ["CLP*C-1*1*850*480*120*12*P", "CAS*CO*45*200"],
        ["CLP*C-1*1*850*480*120*12*P", "CAS*CO*45*250", "CAS*PR*1*1e2"],
        ["CLP*C-1*1*850*480*120*12*P", "CAS*CO*45*250", "CAS*PR*1*120.005"],
    ],
)
def test_a_claim_that_does_not_add_up_says_so(claim: list[str]) -> None:
    assert not read(claim).payments[0].balances


@pytest.mark.parametrize("amount", ["NaN", "1e3", "1,000", "", "99999999999", "--5", "4.805", "٤٨٠"])
def test_an_amount_that_is_none_leaves_the_claim_out_and_the_whole_unbalanced(amount: str) -> None:
    whole = read([f"CLP*C-1*1*850*{amount}*0*12*P"], total="0")
    assert (whole.payments, whole.left_out, whole.balances) == ((), 1, False)


def test_money_moved_by_the_payer_belongs_to_no_claim_and_to_the_balance() -> None:
    whole = read(PAID, total="430.00", plb="PLB*1234567893*20261231*WO:OLD*50.00")
    assert (whole.moved, whole.balances) == (Decimal("50.00"), True)
    assert not read(PAID, total="430.00").balances


def test_a_reversal_is_negative() -> None:
    (one,) = read(
        ["CLP*C-1*22*-850*-480*-120*12*P", "CAS*CO*45*-250", "CAS*PR*1*-120"], total="-480"
    ).payments
    assert (one.status, one.deductible, one.balances) == (remittance.REVERSAL, Decimal("-120.00"), True)


def test_six_adjustments_stand_in_one_segment() -> None:
    six = "*".join(f"{reason}*10*" for reason in (1, 2, 3, 45, 96, 97)).rstrip("*")
    (one,) = read(["CLP*C-1*1*100*40*60*12*P", f"CAS*PR*{six}"], total="40").payments
    assert (len(one.adjustments), one.deductible, one.balances) == (6, 10, True)


def test_in_words() -> None:
    (one,) = read(PAID).payments
    said = list(remittance.reasons(one.adjustments))
    assert said == ["Above the contract’s fee $250.00", "Deductible $100.00", "Co-insurance $20.00"]


class TestHostile:
    def test_sums_that_no_claim_ever_was_leave_it_out(self) -> None:
        rows = ["CLP*C-1*1*850*480*120*12*P", *["CAS*PR*1*9999999999.99"] * 2]
        assert (read(rows).payments, read(rows).left_out) == ((), 1)
        assert read([f"CLP*C-1*1*{'9' * 1_000_000}*0*0*12*P"]).left_out == 1

    WHOLE = paid_835(PAID, total="480.00")

    def test_cut_at_any_character_it_is_refused(self) -> None:
        for end in range(len(self.WHOLE)):
            with pytest.raises(EnvelopeError):
                remittance.read(self.WHOLE[:end])

    @given(st.integers(0, len(WHOLE) - 1), st.characters())
    def test_one_character_altered_is_read_or_refused_and_never_breaks(self, at: int, letter: str) -> None:
        try:
            for one in remittance.read(self.WHOLE[:at] + letter + self.WHOLE[at + 1 :]):
                assert one.balances in (True, False)
        except EnvelopeError as refused:
            assert str(refused)

    def test_an_acknowledgement_is_no_remittance(self) -> None:
        with pytest.raises(EnvelopeError, match="no 835"):
            remittance.read(ack_277("HL*4*3*PT"))
