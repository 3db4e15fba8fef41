"""Whose answer is read, and when the payer refuses to give one (D-X12-1 to D-X12-3)."""

from datetime import date
from decimal import Decimal

import pytest

from deductibles.x12.eligibility import Amounts, Identity, read
from tests.domain.eligibility_answer import (
    ACTIVE,
    ANNUAL,
    COVERED,
    PAT,
    PAYER,
    REMAINING,
    SUBSCRIBER,
    TODAY,
    answer,
    file_of,
    other_person,
    reading,
)


@pytest.mark.parametrize(
    "damage", [("SE*", "SE*9"), ("GE*1*1", "GE*1*2"), ("IEA*1*000000001~\n", "IEA*1*000000001")]
)
def test_d_x12_1_no_amount_is_acted_on_in_a_cut_or_altered_file(damage):
    found = read(file_of(answer(ACTIVE, ANNUAL, REMAINING)).replace(*damage), as_of=TODAY)
    assert (found.usable, found.envelope_valid, found.active) == (False, False, None)
    assert (found.effective_remaining, found.remaining_basis) == (None, "invalid")
    assert found.problem and not found.may_release and not found.may_hold


def test_d_x12_2_the_echoed_trace_chooses_the_transaction():
    text = file_of(
        answer(ACTIVE, ANNUAL, REMAINING),
        answer(ACTIVE, ANNUAL, "EB*C*IND*30***29*0*****Y", levels=other_person()),
    )
    assert read(text, trace="CLM-1", as_of=TODAY).effective_remaining == Decimal("400.00")
    second = read(text, trace=" CLM-2 ", as_of=TODAY)
    assert (second.effective_remaining, second.trace) == (Decimal("0.00"), "CLM-2")


def test_d_x12_2_several_transactions_without_a_trace_are_not_usable():
    text = file_of(
        answer(ACTIVE, ANNUAL, REMAINING), answer(ACTIVE, ANNUAL, REMAINING, levels=other_person())
    )
    for trace in (None, "", "  "):
        found = read(text, trace=trace, as_of=TODAY)
        assert (found.usable, found.flags, found.active) == (False, ("several_transactions",), True)


def test_d_x12_2_a_trace_nobody_echoes_is_not_found():
    for asked in ("CLM-9", "CLM", "clm-1", "CLM-1*"):
        found = read(file_of(answer(ACTIVE, ANNUAL, REMAINING)), trace=asked, as_of=TODAY)
        assert (found.usable, found.flags, found.individual) == (False, ("trace_not_found",), Amounts())


def test_d_x12_2_the_payers_own_trace_number_is_not_ours():
    levels = [line.replace("TRN*2", "TRN*1") for line in SUBSCRIBER]
    found = read(file_of(answer(ACTIVE, ANNUAL, REMAINING, levels=levels)), trace="CLM-1", as_of=TODAY)
    assert found.flags == ("trace_not_found",)


def test_d_x12_2_a_trace_echoed_twice_names_nobody():
    text = file_of(answer(ACTIVE, ANNUAL), answer(ACTIVE, ANNUAL, levels=other_person("CLM-1")))
    assert read(text, trace="CLM-1", as_of=TODAY).flags == ("several_transactions",)


def test_d_x12_2_several_subscribers_in_one_transaction_are_told_apart_by_trace():
    body = answer(ACTIVE, ANNUAL, REMAINING) + other_person() + COVERED + [ACTIVE, "EB*C*IND*30***29*7*****Y"]
    text = file_of(body)
    assert read(text, as_of=TODAY).flags == ("several_transactions",)
    assert read(text, trace="CLM-1", as_of=TODAY).effective_remaining == Decimal("400.00")
    assert read(text, trace="CLM-2", as_of=TODAY).effective_remaining == Decimal("7.00")


@pytest.mark.parametrize(
    ("member_id", "birth_date", "first", "last", "same"),
    [
        ("TST000111", date(1980, 1, 1), "Pat", "Sample", True),
        ("tst-000 111", date(1980, 1, 1), " pat ", "SAM-PLE", True),
        ("TST000111", date(1980, 1, 1), "Pàt", "Sample", True),
        ("TST000112", date(1980, 1, 1), "Pat", "Sample", False),
        ("TST000111", date(1980, 1, 2), "Pat", "Sample", False),
        ("TST000111", date(1980, 1, 1), "Kim", "Sample", False),
        ("TST000111", date(1980, 1, 1), "Pat", "Other", False),
        ("", date(1980, 1, 1), "Pat", "Sample", False),
        ("TST000111", date(1980, 1, 1), "", "", False),
    ],
)
def test_d_x12_2_a_filed_answer_is_matched_by_member_id_birth_date_and_name(
    member_id, birth_date, first, last, same
):
    person = Identity(member_id, birth_date, first, last)
    found = read(file_of(answer(ACTIVE, ANNUAL, REMAINING)), as_of=TODAY, identity=person)
    assert (found.identity_matches, found.usable) == (same, same)
    assert found.flags == (() if same else ("identity_mismatch",))
    assert (found.effective_remaining is None) == (not same)


def test_d_x12_2_a_person_is_found_among_several_transactions():
    text = file_of(answer(ACTIVE, ANNUAL, levels=other_person()), answer(ACTIVE, ANNUAL, REMAINING))
    found = read(text, as_of=TODAY, identity=PAT)
    assert (found.identity_matches, found.effective_remaining) == (True, Decimal("400.00"))
    nobody = read(text, as_of=TODAY, identity=Identity("X", date(1980, 1, 1), "Pat", "Sample"))
    assert (nobody.identity_matches, nobody.flags) == (False, ("several_transactions",))


def test_d_x12_2_our_trace_on_another_persons_answer_is_a_mismatch():
    text = file_of(answer(ACTIVE, ANNUAL, REMAINING, levels=other_person("CLM-1")))
    found = read(text, trace="CLM-1", as_of=TODAY, identity=PAT)
    assert (found.usable, found.identity_matches, found.individual) == (False, False, Amounts())


def test_d_x12_2_the_date_of_the_answer_is_told():
    assert reading(ANNUAL).answered_on == TODAY
    assert reading(ANNUAL, answered="20261399").answered_on is None


CLASSES = {
    "payer_down": ["42", "80"],
    "setup": ["41", "43", "44", "45", "46", "47", "48", "49", "50", "51", "79", "97"],
    "patient": ["58", "64", "65", "66", "67", "68", "71", "72", "73", "74", "75", "76", "77", "78"],
    "dates": ["56", "57", "60", "61", "62", "63"],
    "other": ["04", "15", "33", "52", "69", "70", "98", "T4", "", "hello"],
}


@pytest.mark.parametrize(
    ("kind", "code"), [(kind, code) for kind, codes in CLASSES.items() for code in codes]
)
def test_d_x12_3_a_reject_above_the_benefits_stops_and_has_its_class(kind, code):
    found = read(file_of(answer(f"AAA*N**{code}*C")), trace="CLM-1", as_of=TODAY)
    assert (found.usable, found.remaining_basis) == (False, "rejected")
    assert [(r.loop, r.code, r.follow_up, r.kind) for r in found.rejects] == [("2100C", code, "C", kind)]
    assert found.as_json()["rejects"] == [{"loop": "2100C", "code": code, "follow_up": "C", "class": kind}]


@pytest.mark.parametrize(
    ("body", "loop"),
    [
        (["HL*1**20*0", "AAA*Y**42*R"], "2000A"),
        (PAYER[:2] + ["AAA*Y**42*R"], "2100A"),
        (PAYER + ["AAA*Y**42*R"], "2100B"),
        (PAYER + SUBSCRIBER + ["AAA*Y**42*R"], "2100C"),
        (PAYER + SUBSCRIBER + ["HL*4*3*23*0", "NM1*03*1*SAMPLE*KID", "AAA*Y**42*R"], "2100D"),
        (PAYER + SUBSCRIBER + ["EB*C*IND*30", "AAA*Y**42*R"], "2110C"),
    ],
)
def test_d_x12_3_a_reject_names_its_loop(body, loop):
    found = read(file_of(["BHT*0022*11*CLM-1*20260915*0312", *body]), as_of=TODAY)
    assert [reject.loop for reject in found.rejects] == [loop]


def test_d_x12_3_a_payer_that_rejects_before_the_trace_still_tells_why():
    body = ["BHT*0022*11*CLM-1*20260915*0312", *PAYER[:2], "AAA*Y**42*R"]
    found = read(file_of(body), trace="CLM-1", as_of=TODAY)
    assert (found.rejects[0].kind, found.flags, found.remaining_basis) == ("payer_down", (), "rejected")
    assert read(file_of(body), trace="CLM-2", as_of=TODAY).flags == ("trace_not_found",)


def test_d_x12_3_a_reject_above_usable_benefits_is_told_but_does_not_stop():
    found = reading(ANNUAL, REMAINING, coverage=["AAA*Y**64*C", *COVERED])
    assert (found.usable, found.effective_remaining) == (True, Decimal("400.00"))
    assert [reject.kind for reject in found.rejects] == ["patient"]


def test_d_x12_3_a_reject_inside_a_benefit_concerns_that_benefit_only():
    found = reading("EB*C*IND*30***29*0*****Y", "AAA*N**70*C", ANNUAL, REMAINING)
    assert (found.effective_remaining, found.flags) == (Decimal("400.00"), ())
    assert [reject.loop for reject in found.rejects] == ["2110C"]
    elsewhere = reading("EB*B*IND*98***27*30", "AAA*N**70*C", ANNUAL, REMAINING)
    assert elsewhere.effective_remaining == Decimal("400.00")


def test_d_x12_3_a_rejected_status_line_proves_no_coverage():
    text = file_of(answer(ACTIVE, "AAA*N**70*C", ANNUAL, REMAINING))
    found = read(text, as_of=TODAY)
    assert (found.active, found.usable) == (None, False)
