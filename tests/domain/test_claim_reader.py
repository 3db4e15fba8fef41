"""Claims out of an 837P: what the writer writes is read back, and every other file is refused in a sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from deductibles.domain.claim_table import KIND, UNFIT_WORDS, body_of, place_of, ranks_of
from deductibles.domain.intake import read_claim
from deductibles.x12 import claim_reader
from deductibles.x12.claim import Charge, Claim, Coverage
from deductibles.x12.claim_values import clean_diagnosis, clean_digits
from deductibles.x12.envelope import EnvelopeError
from patients.domain.import_columns import match
from patients.domain.import_rows import plain_value
from tests.x12_claims import ACME, HANKS_CLAIM, MEDICAID, ROSA, ROSAS_CLAIM, TOMS_CLAIM, TRIP, file_of

TODAY = date(2030, 1, 1)
EMERGENCY = replace(
    ROSAS_CLAIM,
    number="C-7",
    ambulance=replace(TRIP, reason="Fainted at the bus stop", emergency=True, conditions=("06", "09"),
                      patient_weight=Decimal("151.5"), dropoff_name="Round Rock General"),
)  # fmt: skip
THREE_PAYERS = replace(
    HANKS_CLAIM,
    number="C-8",
    coverages=(
        Coverage("tertiary", "Late Mutual", "LATE1", "CI", "L1", relationship="spouse", subscriber=ROSA),
        MEDICAID,
        ACME,
    ),
)
OFFICE = replace(
    ROSAS_CLAIM, number="C-9", place_of_service="11", ambulance=None,
    charges=(Charge("99213", ("25", "59"), Decimal("2.5"), Decimal("95.10"), (2, 1)),),
    diagnoses=("R55", "S72.001A"),
)  # fmt: skip


def cells_of(text: str) -> list[list[dict[str, str]]]:
    """The lines of a file, claim by claim."""
    found: dict[str, list[dict[str, str]]] = {}
    for one in claim_reader.read(claim_reader.transactions_of(text)):
        plain = {name: plain_value(KIND.by_name[name], cell) for name, cell in one.cells.items() if cell}
        found.setdefault(one.cells["claim_number"], []).append({"unfit": "", **plain})
    return list(found.values())


@pytest.mark.parametrize("claim", [ROSAS_CLAIM, TOMS_CLAIM, HANKS_CLAIM, THREE_PAYERS, EMERGENCY, OFFICE])
def test_what_the_writer_wrote_is_read_back_and_passes_the_rules_of_entry(claim: Claim) -> None:
    (rows,) = cells_of(file_of(claim))
    clean, wrong = read_claim(body_of(rows), today=TODAY)
    assert wrong == {}
    assert clean["date_of_service"] == claim.date_of_service
    assert clean["place_of_service"] == claim.place_of_service
    assert [clean_diagnosis(one) for one in clean["diagnoses"]] == [
        clean_diagnosis(o) for o in claim.diagnoses
    ]
    assert [_told(Charge(**{**one, "modifiers": tuple(one["modifiers"]),
                            "diagnosis_pointers": tuple(one["diagnosis_pointers"])}))
            for one in clean["charges"]] == [_told(one) for one in claim.charges]  # fmt: skip
    first = rows[0]
    assert (first["last_name"], first["first_name"]) == (claim.patient.last_name, claim.patient.first_name)
    assert first["date_of_birth"] == str(claim.patient.date_of_birth) and first["sex"] == claim.patient.sex
    assert clean_digits(first["zip"]) == clean_digits(claim.patient.address.zip)  # type: ignore[union-attr]
    for one in claim.coverages:
        said = next(row for row in clean["coverages"] if row["rank"] == one.rank)
        assert said["member_id"] == (one.member_id or (one.subscriber or claim.patient).member_id).upper()  # type: ignore[union-attr]
        assert said["relationship"] == one.relationship
        assert first[f"{one.rank}_payer_id"] == one.payer_id
    if claim.ambulance is None:
        assert clean["ambulance"] is None
    else:
        trip = clean["ambulance"]
        assert Decimal(trip["miles"]) == claim.ambulance.miles
        assert trip["emergency"] is claim.ambulance.emergency
        assert tuple(trip["conditions"]) == claim.ambulance.conditions
        assert trip["pickup"]["city"] == claim.ambulance.pickup.city  # type: ignore[union-attr]
        assert trip["dropoff_name"] == claim.ambulance.dropoff_name
    assert first["unfit"] == ""


def _told(one: Charge) -> tuple[Any, ...]:
    return one.code, tuple(map(str, one.modifiers)), one.units, one.amount, one.diagnosis_pointers


def test_a_subscriber_with_a_date_of_birth_is_kept_apart_from_the_patient() -> None:
    (rows,) = cells_of(broken("~NM1*PR*", "~DMG*D8*19610409*F~NM1*PR*", file_of(TOMS_CLAIM)))
    clean, wrong = read_claim(body_of(rows), today=TODAY)
    assert wrong == {} and rows[0]["first_name"] == "Tom"
    assert clean["coverages"][0]["subscriber"]["first_name"] == "Rosa"


def test_a_subscriber_without_one_is_left_to_a_biller_and_said() -> None:
    (rows,) = cells_of(file_of(TOMS_CLAIM))
    clean, _ = read_claim(body_of(rows), today=TODAY)
    assert (clean["coverages"][0]["relationship"], clean["coverages"][0]["subscriber"]) == ("child", None)
    assert "the subscriber" in claim_reader.unread_of(claim_reader.transactions_of(file_of(TOMS_CLAIM)))[0]


def broken(old: str, new: str, text: str = "") -> str:
    """A good file with one thing changed; the count of its segments follows."""
    text = text or file_of(OFFICE)
    assert old in text, old
    changed = text.replace(old, new, 1)
    start, end = changed.index("ST*837"), changed.index("~SE*") + 1
    count = changed[start:end].count("~") + 1
    return changed[:end] + f"SE*{count}*" + changed[end:].split("*", 2)[2]


UNFIT = {
    "replaces": ("11:B:1", "11:B:7"),
    "not-primary": ("SBR*P*", "SBR*S*"),
    "paid": ("LX*1", "CAS*PR*1*20~LX*1"),
    "icd": ("HI*ABK:R55", "HI*BK:78002"),
    "minutes": ("*UN*2.5", "*MJ*25"),
    "procedure": ("SV1*HC:99213", "SV1*ER:99213"),
}


@pytest.mark.parametrize("word", UNFIT)
def test_what_would_change_the_bill_is_named_by_a_word_that_has_a_sentence(word: str) -> None:
    (rows,) = cells_of(broken(*UNFIT[word]))
    assert {row["unfit"] for row in rows} == {word}
    assert UNFIT_WORDS[word]


def test_several_days_of_one_charge_do_not_look_like_one_day() -> None:
    day = f"{OFFICE.date_of_service:%Y%m%d}"
    (rows,) = cells_of(broken(f"DTP*472*D8*{day}", f"DTP*472*RD8*{day}-20991231"))
    assert rows[0]["date_of_service"] == f"{OFFICE.date_of_service} to 2099-12-31"
    (rows,) = cells_of(broken(f"DTP*472*D8*{day}", f"DTP*472*RD8*{day}-{day}"))
    assert rows[0]["date_of_service"] == str(OFFICE.date_of_service)


def test_the_second_claim_of_a_number_is_named_and_the_first_is_not() -> None:
    text = broken("CLM*C-8*", "CLM*C-9*", file_of(OFFICE, THREE_PAYERS))
    marks = [row.cells["unfit"] for row in claim_reader.read(claim_reader.transactions_of(text))]
    assert marks[0] == "" and set(marks[1:]) == {"double"}


def test_what_stands_there_and_has_no_place_is_listed() -> None:
    text = broken("LX*1", "REF*G1*AUTH77~NM1*82*1*NOWAK*ADA****XX*1234567893~LX*1")
    found = claim_reader.unread_of(claim_reader.transactions_of(text))
    assert found == ["prior authorization (REF*G1)", "rendering provider (NM1*82)"]


REFUSED = {
    "an institutional file": (("005010X222A1", "005010X223A2"), "837I"),
    "a dental file": (("005010X222A1", "005010X224A2"), "837D"),
    "the version before": (("005010X222A1", "004010X098A1"), "4010"),
    "a remittance": (("ST*837*", "ST*835*"), "Acknowledgements"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_any_other_file_is_refused_and_named(name: str) -> None:
    (old, new), said = REFUSED[name]
    with pytest.raises(EnvelopeError, match=said):
        claim_reader.transactions_of(file_of(OFFICE).replace(old, new))


def test_a_file_cut_at_any_byte_is_refused_and_no_claim_of_it_is_read() -> None:
    text = file_of(OFFICE)
    for end in range(0, len(text) - 1, 7):
        with pytest.raises(EnvelopeError):
            claim_reader.transactions_of(text[:end])


def test_segments_in_any_disorder_never_raise() -> None:
    text = file_of(THREE_PAYERS, EMERGENCY)
    head, tail = text.index("BHT*"), text.index("~SE*") + 1
    segments = text[head:tail].split("~")[:-1]
    for step in range(1, len(segments)):
        mixed = segments[step:] + ["AT*1", "N3", "CLM", "SBR", "SV1", "HI", "DTP*472", "LX"] + segments[:step]
        body = "~".join(mixed) + "~"
        count = len(mixed) + 2
        changed = text[:head] + body + f"SE*{count}*" + text[tail:].split("*", 2)[2]
        for one in claim_reader.read(claim_reader.transactions_of(changed)):
            read_claim(body_of([one.cells]), today=TODAY)


# --- the table ------------------------------------------------------------------------------------------


def test_no_two_columns_of_claims_answer_to_the_same_name() -> None:
    for column in KIND.columns:
        for name in (column.name, column.label, *column.also):
            assert match(KIND, [name]).columns == {column.name: 0}, name


def test_everything_wrong_in_a_body_has_a_column_of_the_table() -> None:
    row = {
        "claim_number": "1", "date_of_service": "2026-02-31", "place_of_service": "77", "diagnoses": "TOOLONG99",
        "primary_payer_id": "X", "primary_member_id": "M" * 41, "primary_relationship": "cousin",
        "secondary_payer": "Y", "secondary_relationship": "spouse", "secondary_subscriber_zip": "1",
        "code": "C" * 11, "units": "-1", "amount": "1e3", "modifiers": "ABC", "diagnosis_pointers": "99",
        "ambulance_miles": "far", "pickup_zip": "1", "ambulance_conditions": "77",
    }  # fmt: skip
    _, wrong = read_claim(body_of([row, {"amount": "x"}]), today=TODAY)
    places = {place_of(name, ranks_of(row)) for name in wrong}
    assert {column for _, column in places} <= KIND.by_name.keys()
    assert {
        (0, "secondary_subscriber_zip"),
        (0, "pickup_zip"),
        (1, "amount"),
        (0, "ambulance_miles"),
    } <= places
