"""Whatever the check lets through, a validator of others accepts; whatever is typed, nothing breaks (D-SUB-1)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from deductibles.x12.claim import (
    Address,
    Ambulance,
    BillingProvider,
    Charge,
    Claim,
    Coverage,
    Person,
    Unwritable,
    problems,
)
from tests.x12_claims import PROVIDER, ROSAS_CLAIM, file_of
from tests.x12_validation import pyx12_errors

FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

names = st.one_of(
    st.sampled_from(["Fields", "Núñez", "O'Hara", "van der Berg", "Smith*Jones"]),
    st.text("abçéöß -'.&", max_size=30).map("A".__add__),
)
identifiers = st.one_of(
    st.from_regex(r"[A-Z0-9]{2,20}", fullmatch=True), st.from_regex(r"[a-z0-9/#-]{2,9}", fullmatch=True)
)
days = st.dates(date(1930, 1, 1), date(2025, 12, 31))
addresses = st.builds(
    Address,
    line1=st.one_of(names, st.just("5 Elm Street")),
    line2=st.one_of(st.just(""), names),
    city=st.sampled_from(["Austin", "San José", "St. Paul"]),
    state=st.sampled_from(["TX", "pr", " CA "]),
    zip=st.sampled_from(["78701", "78701-4411", "787014411"]),
)
people = st.builds(Person, names, names, days, st.sampled_from("FMU"), addresses)
amounts = st.decimals(0, 9_999_999, places=2)
charges = st.builds(
    Charge,
    code=st.sampled_from(["A0427", "a0425", "99284", "0042T"]),
    modifiers=st.lists(st.sampled_from(["RH", "gm", "59"]), max_size=4).map(tuple),
    units=st.decimals(Decimal("0.001"), 99_999, places=3),
    amount=amounts,
    diagnosis_pointers=st.permutations([1, 2]).map(tuple),
    date_of_service=st.none(),
)
coverages = st.builds(
    Coverage,
    rank=st.just("primary"),
    payer_name=names,
    payer_id=identifiers,
    filing_indicator=st.sampled_from(["CI", "MB", "MC", "BL", "16"]),
    member_id=identifiers,
    group_number=st.one_of(st.just(""), identifiers),
    relationship=st.sampled_from(["self", "spouse", "child", "other"]),
    subscriber=people,
)
trips = st.builds(
    Ambulance,
    reason=st.one_of(st.sampled_from("ABCDE"), names),
    miles=st.decimals(0, 9_999, places=1),
    pickup=addresses,
    dropoff=addresses,
    patient_weight=st.none() | st.decimals(1, 900, places=2),
    stretcher_purpose=st.just("") | names,
    round_trip_purpose=st.just("") | names,
    conditions=st.lists(st.sampled_from(["01", "04", "09"]), max_size=4).map(tuple),
    emergency=st.booleans(),
    dropoff_name=st.just("") | names,
)


@st.composite
def claims(draw) -> Claim:
    first = draw(coverages)
    others = [
        replace(draw(coverages), rank=rank)
        for rank in draw(st.sampled_from([(), ("secondary",), ("secondary", "tertiary")]))
    ]
    return Claim(
        number=draw(st.from_regex(r"[A-Z][0-9]{1,9}(-[0-9])?", fullmatch=True)),
        sequence=draw(st.integers(1, 20)),
        patient=draw(people),
        coverages=(first, *others),
        date_of_service=date(2026, 3, 2),
        place_of_service=draw(st.sampled_from(["41", "42"])),
        diagnoses=draw(st.permutations(["R55", "s72.001a", "I10"])),
        charges=tuple(draw(st.lists(charges, min_size=1, max_size=4))),
        ambulance=draw(trips),
        frequency=draw(st.sampled_from("178")),
        original_reference=draw(identifiers),
    )


@FEW
@given(st.lists(claims(), min_size=1, max_size=4, unique_by=lambda claim: claim.number))
def test_what_has_no_problem_is_accepted_by_pyx12(batch):
    ready = [claim for claim in batch if not problems(PROVIDER, claim)]
    event(f"{len(ready)} of {len(batch)} claims were ready")
    if ready:
        text = file_of(*ready)
        assert pyx12_errors(text) == []
        assert text == file_of(*ready)


hostile = st.one_of(
    names,
    st.text(max_size=100),
    st.sampled_from(
        ["", "*~:^", "\x00", "💊", "\ud800", " ", "A" * 500, "~ISA*00*", "٣", "12²", "Rosa\u200b", "-"]
    ),
)
CLAIM_FIELDS = ("number", "place_of_service", "frequency", "original_reference", "assignment")
PERSON_FIELDS = ("last_name", "first_name", "sex")
ADDRESS_FIELDS = ("line1", "line2", "city", "state", "zip")
COVERAGE_FIELDS = ("payer_name", "payer_id", "member_id", "group_number", "filing_indicator", "relationship")
TRIP_FIELDS = ("reason", "stretcher_purpose", "round_trip_purpose", "dropoff_name")
PROVIDER_FIELDS = (
    "name",
    "npi",
    "tax_id",
    "taxonomy",
    "contact_name",
    "contact_phone",
    "submitter_id",
    "submitter_name",
    "receiver_id",
    "receiver_name",
)


def named_or_accepted(claim: Claim, provider: BillingProvider = PROVIDER) -> None:
    if problems(provider, claim):
        with pytest.raises(Unwritable):
            file_of(claim, provider=provider)
    else:
        assert pyx12_errors(file_of(claim, provider=provider)) == []


@FEW
@given(claims(), hostile, st.data())
def test_whatever_is_typed_in_a_claim_is_either_named_or_accepted(claim, typed, data):
    """Bad input gets a sentence or a sound file, never an exception of another kind."""

    def spoilt(part, names):
        return replace(part, **{data.draw(st.sampled_from(names)): typed})

    patient, first, trip = claim.patient, claim.coverages[0], claim.ambulance
    versions = (
        spoilt(claim, CLAIM_FIELDS),
        replace(claim, patient=spoilt(patient, PERSON_FIELDS)),
        replace(claim, patient=replace(patient, address=spoilt(patient.address, ADDRESS_FIELDS))),
        replace(claim, coverages=(spoilt(first, COVERAGE_FIELDS), *claim.coverages[1:])),
        replace(claim, ambulance=spoilt(trip, TRIP_FIELDS)),
        replace(claim, ambulance=replace(trip, pickup=spoilt(trip.pickup, ADDRESS_FIELDS))),
        replace(claim, diagnoses=(typed, *claim.diagnoses[1:])),
        replace(claim, charges=(replace(claim.charges[0], code=typed),)),
        replace(claim, charges=(replace(claim.charges[0], modifiers=(typed,)),)),
    )
    named_or_accepted(data.draw(st.sampled_from(versions)))


@FEW
@given(st.sampled_from(PROVIDER_FIELDS), hostile)
def test_whatever_is_typed_for_the_provider_is_either_named_or_accepted(field, typed):
    named_or_accepted(ROSAS_CLAIM, replace(PROVIDER, **{field: typed}))


@FEW
@given(st.sampled_from(("units", "amount")), st.decimals())
def test_whatever_number_is_typed_is_either_named_or_accepted(field, typed):
    spoilt = replace(ROSAS_CLAIM.charges[0], **{field: typed})
    named_or_accepted(replace(ROSAS_CLAIM, charges=(spoilt, ROSAS_CLAIM.charges[1])))
