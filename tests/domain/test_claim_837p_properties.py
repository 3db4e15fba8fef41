"""Whatever the check lets through, a validator of others accepts; whatever is typed, nothing breaks (D-SUB-1)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deductibles.x12.claim import Address, Ambulance, Charge, Claim, Coverage, Person, Unwritable, problems
from tests.x12_claims import PROVIDER, ROSAS_CLAIM, file_of
from tests.x12_validation import pyx12_errors

FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

names = st.one_of(
    st.sampled_from(["Fields", "Núñez", "O'Hara", "van der Berg", "Smith*Jones"]),
    st.text("abçéöß -'.&", min_size=1, max_size=40),
)
anything = st.one_of(names, st.text(max_size=12), st.just(""))
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
    if ready:
        text = file_of(*ready)
        assert pyx12_errors(text) == []
        assert text == file_of(*ready)


hostile = st.one_of(
    st.text(max_size=100), st.sampled_from(["*~:^", "\x00", "💊", "\ud800", " ", "A" * 500, "~ISA*00*", "٣"])
)
HOSTILE_FIELDS = ("number", "place_of_service", "frequency", "original_reference", "assignment")


@FEW
@given(claims(), st.data())
def test_whatever_is_typed_is_either_named_or_accepted(claim, data):
    """Bad input gets a sentence or a sound file, never an exception of another kind."""
    field = data.draw(st.sampled_from(HOSTILE_FIELDS))
    patient = replace(
        claim.patient, last_name=data.draw(hostile), sex=data.draw(st.sampled_from(["F", "X", ""]))
    )
    coverage = replace(claim.coverages[0], member_id=data.draw(anything), payer_name=data.draw(hostile))
    typed = replace(
        claim, patient=patient, coverages=(coverage, *claim.coverages[1:]), **{field: data.draw(hostile)}
    )
    if problems(PROVIDER, typed):
        with pytest.raises(Unwritable):
            file_of(typed)
    else:
        assert pyx12_errors(file_of(typed)) == []


@FEW
@given(st.lists(st.text(max_size=70), min_size=11, max_size=11))
def test_whatever_is_typed_for_the_provider_is_either_named_or_accepted(typed):
    address = Address(typed[4], typed[5], typed[6], "TX", "787014411")
    provider = replace(
        PROVIDER,
        name=typed[0],
        contact_name=typed[1],
        submitter_name=typed[2],
        receiver_id=typed[3],
        address=address,
        receiver_name=typed[7],
    )
    if problems(provider, ROSAS_CLAIM):
        with pytest.raises(Unwritable):
            file_of(ROSAS_CLAIM, provider=provider)
    else:
        assert pyx12_errors(file_of(ROSAS_CLAIM, provider=provider)) == []
