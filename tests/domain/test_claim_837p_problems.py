"""What a claim lacks is said all at once, in sentences with a remedy (D-SUB-0, D-SUB-1)."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest

from deductibles.x12.claim import Address, Claim, Person, Problem, problems
from tests.x12_claims import (
    ACME,
    HOME,
    MEDICAID,
    PROVIDER,
    RIDE,
    ROSA,
    ROSAS_CLAIM,
    ROSAS_FOR_TOM,
    STATION,
    TOMS_CLAIM,
    TRIP,
)


def found(claim: Claim = ROSAS_CLAIM, provider=PROVIDER) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in problems(provider, claim)]


def test_a_complete_claim_has_no_problem():
    assert found() == []
    assert found(TOMS_CLAIM) == []


def test_without_a_billing_provider_the_settings_page_is_named():
    """D-SUB-0."""
    (problem,) = problems(None, ROSAS_CLAIM)
    assert problem.field == "provider"
    assert "Settings, Billing provider" in problem.message


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": ""}, ("provider.name", "missing")),
        ({"name": "…"}, ("provider.name", "too_short")),
        ({"name": "L" * 61}, ("provider.name", "too_long")),
        ({"npi": "1234567890"}, ("provider.npi", "npi")),
        ({"npi": "3234567893"}, ("provider.npi", "npi")),
        ({"npi": ""}, ("provider.npi", "npi")),
        ({"tax_id": "12-345678"}, ("provider.tax_id", "shape")),
        ({"tax_id": "12345678²"}, ("provider.tax_id", "shape")),
        ({"taxonomy": "ambulance"}, ("provider.taxonomy", "shape")),
        ({"address": None}, ("provider.address", "missing")),
        ({"address": replace(STATION, zip="78702")}, ("provider.address.zip", "shape")),
        ({"address": replace(STATION, line1="P.O. Box 12")}, ("provider.address.line1", "post_office_box")),
        ({"contact_name": " "}, ("provider.contact_name", "missing")),
        ({"contact_phone": "555-0100"}, ("provider.contact_phone", "shape")),
        ({"submitter_id": ""}, ("provider.submitter_id", "missing")),
        ({"submitter_id": "X"}, ("provider.submitter_id", "too_short")),
        ({"submitter_id": "A" * 16}, ("provider.submitter_id", "too_long")),
        ({"submitter_name": ""}, ("provider.submitter_name", "missing")),
        ({"receiver_id": "CLEAR*HOUSE"}, ("provider.receiver_id", "characters")),
        ({"receiver_name": ""}, ("provider.receiver_name", "missing")),
    ],
)
def test_each_gap_of_the_billing_provider_is_named(changes, expected):
    """D-SUB-0."""
    assert found(provider=replace(PROVIDER, **changes)) == [expected]


@pytest.mark.parametrize("phone", ["5125550100", "+1 512 555 0100", "1-512-555-0100", "512.555.0100"])
def test_a_phone_number_may_be_punctuated(phone):
    assert found(provider=replace(PROVIDER, contact_phone=phone)) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"last_name": ""}, ("patient.last_name", "missing")),
        ({"first_name": None}, ("patient.first_name", "missing")),
        ({"first_name": "R" * 36}, ("patient.first_name", "too_long")),
        ({"last_name": "李"}, ("patient.last_name", "characters")),
        ({"last_name": "Fields\x00"}, ("patient.last_name", "characters")),
        ({"last_name": "\ud800"}, ("patient.last_name", "characters")),
        ({"last_name": "~*:^"}, ("patient.last_name", "missing")),
        ({"date_of_birth": None}, ("patient.date_of_birth", "missing")),
        ({"date_of_birth": date(196, 4, 9)}, ("patient.date_of_birth", "range")),
        ({"date_of_birth": date(2026, 3, 3)}, ("date_of_service", "before_birth")),
        ({"sex": ""}, ("patient.sex", "choice")),
        ({"sex": None}, ("patient.sex", "choice")),
        ({"address": None}, ("patient.address", "missing")),
        ({"address": replace(HOME, line1="")}, ("patient.address.line1", "missing")),
        ({"address": replace(HOME, line2="x" * 56)}, ("patient.address.line2", "too_long")),
        ({"address": replace(HOME, city="A")}, ("patient.address.city", "too_short")),
        ({"address": replace(HOME, city="A" * 31)}, ("patient.address.city", "too_long")),
        ({"address": replace(HOME, state="Texas")}, ("patient.address.state", "choice")),
        ({"address": replace(HOME, zip="7870")}, ("patient.address.zip", "shape")),
    ],
)
def test_each_gap_of_the_patient_is_named(changes, expected):
    assert found(replace(ROSAS_CLAIM, patient=replace(ROSA, **changes))) == [expected]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"number": ""}, ("number", "shape")),
        ({"number": "C 1.2"}, ("number", "shape")),
        ({"number": "C" * 21}, ("number", "too_long")),
        ({"number": "C" * 19, "sequence": 2}, ("number", "too_long")),
        ({"sequence": 0}, ("sequence", "range")),
        ({"date_of_service": None}, ("date_of_service", "missing")),
        ({"date_of_service": date(26, 3, 2)}, ("date_of_service", "range")),
        ({"place_of_service": ""}, ("place_of_service", "choice")),
        ({"place_of_service": "98"}, ("place_of_service", "choice")),
        ({"frequency": "2"}, ("frequency", "choice")),
        ({"frequency": "7"}, ("original_reference", "missing")),
        ({"frequency": "8", "original_reference": "A:1"}, ("original_reference", "characters")),
        ({"assignment": ""}, ("assignment", "choice")),
        ({"benefits_assigned": "?"}, ("benefits_assigned", "choice")),
        ({"release_of_information": "N"}, ("release_of_information", "choice")),
        ({"ambulance": None}, ("ambulance", "missing")),
        ({"ambulance": None, "place_of_service": "42"}, ("ambulance", "missing")),
    ],
)
def test_each_gap_of_the_claim_is_named(changes, expected):
    assert expected in found(replace(ROSAS_CLAIM, **changes))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"payer_name": ""}, ("coverages.0.payer_name", "missing")),
        ({"payer_id": ""}, ("coverages.0.payer_id", "missing")),
        ({"payer_id": "1"}, ("coverages.0.payer_id", "too_short")),
        ({"filing_indicator": "XX"}, ("coverages.0.filing_indicator", "choice")),
        ({"insurance_type": "99"}, ("coverages.0.insurance_type", "choice")),
        ({"member_id": ""}, ("coverages.0.member_id", "missing")),
        ({"member_id": "W1~2"}, ("coverages.0.member_id", "characters")),
        ({"member_id": "W" * 81}, ("coverages.0.member_id", "too_long")),
        ({"member_id": "Ñ12"}, ("coverages.0.member_id", "characters")),
        ({"group_number": "G^1"}, ("coverages.0.group_number", "characters")),
        ({"relationship": "cousin"}, ("coverages.0.relationship", "choice")),
        ({"relationship": "spouse"}, ("coverages.0.subscriber", "missing")),
    ],
)
def test_each_gap_of_a_coverage_is_named(changes, expected):
    assert expected in found(replace(ROSAS_CLAIM, coverages=(replace(ACME, **changes),)))


def test_a_claim_needs_a_primary_coverage():
    assert found(replace(ROSAS_CLAIM, coverages=())) == [("coverages", "missing")]
    assert found(replace(ROSAS_CLAIM, coverages=(MEDICAID,))) == [("coverages", "missing")]


def test_two_coverages_cannot_have_one_rank():
    twice = replace(ROSAS_CLAIM, coverages=(ACME, replace(MEDICAID, rank="primary")))
    assert found(twice) == [("coverages.1.rank", "duplicate")]


def test_an_unknown_rank_is_named():
    odd = replace(ROSAS_CLAIM, coverages=(ACME, replace(MEDICAID, rank="first")))
    assert found(odd) == [("coverages.1.rank", "choice")]


def test_a_subscriber_needs_a_name_but_no_birth_date():
    nameless = replace(ROSAS_FOR_TOM, subscriber=Person("", "", None, ""))
    assert found(replace(TOMS_CLAIM, coverages=(nameless,))) == [
        ("coverages.0.subscriber.last_name", "missing"),
        ("coverages.0.subscriber.first_name", "missing"),
    ]


@pytest.mark.parametrize(
    ("diagnoses", "expected"),
    [
        ((), ("diagnoses", "missing")),
        (("R55", "fainted"), ("diagnoses.1", "shape")),
        (("R55", ""), ("diagnoses.1", "shape")),
        (("R55", "R55."), ("diagnoses.1", "shape")),
        (("R55", "I10", "r55"), ("diagnoses.2", "duplicate")),
        (("E11.9", "E119"), ("diagnoses.1", "duplicate")),
        (tuple(f"R{number}" for number in range(10, 23)), ("diagnoses", "too_many")),
    ],
)
def test_each_fault_of_the_diagnoses_is_named(diagnoses, expected):
    assert expected in found(replace(ROSAS_CLAIM, diagnoses=diagnoses))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"code": ""}, ("charges.0.code", "shape")),
        ({"code": "A04271"}, ("charges.0.code", "shape")),
        ({"modifiers": ("RH", "Q")}, ("charges.0.modifiers.1", "shape")),
        ({"modifiers": ("RH", "GM", "GY", "QL", "TK")}, ("charges.0.modifiers", "too_many")),
        ({"units": Decimal(0)}, ("charges.0.units", "range")),
        ({"units": Decimal("-1")}, ("charges.0.units", "range")),
        ({"units": Decimal("1.2345")}, ("charges.0.units", "range")),
        ({"units": Decimal("NaN")}, ("charges.0.units", "range")),
        ({"units": None}, ("charges.0.units", "range")),
        ({"amount": Decimal("-0.01")}, ("charges.0.amount", "range")),
        ({"amount": Decimal("1.005")}, ("charges.0.amount", "range")),
        ({"amount": Decimal("Infinity")}, ("charges.0.amount", "range")),
        ({"amount": Decimal("sNaN")}, ("charges.0.amount", "range")),
        ({"amount": Decimal("1E+7")}, ("charges.0.amount", "range")),
        ({"amount": 850.0}, ("charges.0.amount", "range")),
        ({"amount": Decimal("0.00")}, ("charges", "zero")),
        ({"diagnosis_pointers": ()}, ("charges.0.diagnosis_pointers", "missing")),
        ({"diagnosis_pointers": (3,)}, ("charges.0.diagnosis_pointers", "unknown")),
        ({"diagnosis_pointers": (0,)}, ("charges.0.diagnosis_pointers", "unknown")),
        ({"diagnosis_pointers": (1, 1)}, ("charges.0.diagnosis_pointers", "duplicate")),
        ({"diagnosis_pointers": (1, 2, 1, 2, 1)}, ("charges.0.diagnosis_pointers", "too_many")),
        ({"date_of_service": date(1950, 1, 1)}, ("charges.0.date_of_service", "before_birth")),
        ({"date_of_service": date(1, 1, 1)}, ("charges.0.date_of_service", "range")),
    ],
)
def test_each_fault_of_a_charge_is_named(changes, expected):
    assert expected in found(replace(ROSAS_CLAIM, charges=(replace(RIDE, **changes),)))


def test_a_claim_has_between_one_and_fifty_charges():
    assert found(replace(ROSAS_CLAIM, charges=())) == [("charges", "missing")]
    assert found(replace(ROSAS_CLAIM, charges=(RIDE,) * 51)) == [("charges", "too_many")]


def test_a_total_too_large_for_the_form_is_named():
    dear = replace(RIDE, amount=Decimal("9999999.99"))
    assert found(replace(ROSAS_CLAIM, charges=(dear,) * 11)) == [("charges", "range")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"reason": ""}, ("ambulance.reason", "missing")),
        ({"reason": "x" * 81}, ("ambulance.reason", "too_long")),
        ({"miles": None}, ("ambulance.miles", "range")),
        ({"miles": Decimal("-1")}, ("ambulance.miles", "range")),
        ({"miles": Decimal("7.45")}, ("ambulance.miles", "range")),
        ({"patient_weight": Decimal(0)}, ("ambulance.patient_weight", "range")),
        ({"patient_weight": Decimal("1e9")}, ("ambulance.patient_weight", "range")),
        ({"pickup": None}, ("ambulance.pickup", "missing")),
        ({"dropoff": None}, ("ambulance.dropoff", "missing")),
        ({"dropoff": Address("", "", "", "", "")}, ("ambulance.dropoff.zip", "shape")),
        ({"stretcher_purpose": "x" * 81}, ("ambulance.stretcher_purpose", "too_long")),
        ({"round_trip_purpose": "💊"}, ("ambulance.round_trip_purpose", "characters")),
        ({"dropoff_name": "-"}, ("ambulance.dropoff_name", "too_short")),
        ({"conditions": ("02",)}, ("ambulance.conditions.0", "choice")),
        ({"conditions": ("01", "04", "05", "06", "07", "08")}, ("ambulance.conditions", "too_many")),
    ],
)
def test_each_gap_of_the_ambulance_trip_is_named(changes, expected):
    assert expected in found(replace(ROSAS_CLAIM, ambulance=replace(TRIP, **changes)))


def test_a_trip_is_checked_wherever_the_service_was():
    claim = replace(ROSAS_CLAIM, place_of_service="11", ambulance=replace(TRIP, pickup=None))
    assert found(claim) == [("ambulance.pickup", "missing")]


def test_everything_is_said_at_once():
    """An empty form gets the whole list, not its first line."""
    empty = Claim("", 1, Person("", "", None, ""), (), None, "", (), ())
    named = {problem.field for problem in problems(None, empty)}
    assert named >= {
        "provider",
        "number",
        "patient.last_name",
        "patient.first_name",
        "patient.date_of_birth",
        "patient.sex",
        "patient.address",
        "date_of_service",
        "place_of_service",
        "coverages",
        "diagnoses",
        "charges",
    }


def test_every_sentence_is_one_a_person_can_act_on():
    bare = Address("", "", "", "", "")
    claim = Claim(
        "",
        0,
        Person("李", "x" * 99, None, "?", bare),
        (replace(ACME, rank="", payer_id="", relationship=""),),
        None,
        "41",
        ("?",),
        (replace(RIDE, code="", units=None, diagnosis_pointers=(9,)),),
    )
    said = problems(replace(PROVIDER, npi="", tax_id="", address=bare), claim)
    assert len(said) > 15
    for problem in said:
        assert problem.message.endswith(".")
        assert problem.message[0].isupper()
        assert "None" not in problem.message
        assert "provider's provider" not in problem.message
    assert [field.name for field in fields(Problem)] == ["field", "code", "message"]
