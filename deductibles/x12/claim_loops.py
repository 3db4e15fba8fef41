"""The segments of an 837P (005010X222A1), loop by loop in the order of the guide.

Every function takes parts that `claim_problems` found nothing wrong with and yields finished segments
without their terminator. Loop ids are in the names and docstrings: 2000A, 2010AA, ...
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import TypeVar

from deductibles.x12 import claim_codes as codes
from deductibles.x12.claim_parts import (
    Address,
    Ambulance,
    BillingProvider,
    Charge,
    Claim,
    Coverage,
    Person,
    billed_coverage,
    control_number,
    group_number_of,
    member_id_of,
    subscriber_of,
)
from deductibles.x12.claim_values import (
    COMPONENT,
    ELEMENT,
    clean_code,
    clean_diagnosis,
    clean_digits,
    clean_identifier,
    clean_phone,
    clean_text,
    date_text,
    number_text,
)

Segments = Iterator[str]
T = TypeVar("T")


def segment(*elements: str) -> str:
    """The elements joined, without the empty ones at the end."""
    return ELEMENT.join(elements).rstrip(ELEMENT)


def composite(*components: str) -> str:
    """The components joined, without the empty ones at the end."""
    return COMPONENT.join(components).rstrip(COMPONENT)


def submitter_and_receiver(provider: BillingProvider) -> Segments:
    """Loops 1000A and 1000B: who sends the file, whom to call about it, who receives it."""
    submitter, receiver = clean_text(provider.submitter_name), clean_text(provider.receiver_name)
    yield segment("NM1", "41", "2", submitter, "", "", "", "", "46", clean_identifier(provider.submitter_id))
    yield segment("PER", "IC", clean_text(provider.contact_name), "TE", clean_phone(provider.contact_phone))
    yield segment("NM1", "40", "2", receiver, "", "", "", "", "46", clean_identifier(provider.receiver_id))


def billing_provider(provider: BillingProvider) -> Segments:
    """Loops 2000A and 2010AA after the HL: speciality, name and NPI, address, tax id."""
    yield segment("PRV", "BI", "PXC", clean_code(provider.taxonomy))
    name, npi = clean_text(provider.name), clean_identifier(provider.npi)
    yield segment("NM1", "85", "2", name, "", "", "", "", "XX", npi)
    yield from _address(provider.address)
    yield segment("REF", "EI", clean_digits(provider.tax_id))


def subscriber(claim: Claim) -> Segments:
    """Loops 2000B, 2010BA and 2010BB after the HL: the billed coverage, whose it is, its payer.

    Address and birth date are the patient's, so they stand here only when the patient is the subscriber.
    """
    coverage = billed_coverage(claim)
    is_patient = coverage.relationship == "self"
    yield _coverage_segment(claim, coverage, codes.RELATIONSHIPS["self"] if is_patient else "")
    yield _insured_name(claim, coverage)
    if is_patient:
        yield from _address(claim.patient.address)
        yield _demographics(claim.patient)
    yield _payer_name(coverage)


def dependent(claim: Claim) -> Segments:
    """Loops 2000C and 2010CA after the HL: the patient who is not the subscriber."""
    yield segment("PAT", codes.RELATIONSHIPS[billed_coverage(claim).relationship])
    yield _person_name("QC", claim.patient)
    yield from _address(claim.patient.address)
    yield _demographics(claim.patient)


def claim_loop(claim: Claim) -> Segments:
    """Loop 2300 with everything inside it: the claim, its trip, other coverages and charges."""
    yield _claim_segment(claim)
    if claim.frequency != "1":
        yield segment("REF", "F8", clean_identifier(claim.original_reference))
    if claim.ambulance:
        yield from _transport(claim.ambulance)
    yield _diagnoses(claim)
    if claim.ambulance:
        yield from _ends_of_trip(claim.ambulance)
    for coverage in sorted(claim.coverages, key=lambda each: list(codes.RANKS).index(each.rank)):
        if coverage.rank != "primary":
            yield from _other_coverage(claim, coverage)
    for line, charge in enumerate(claim.charges, start=1):
        yield from _service_line(line, claim, charge)


def _claim_segment(claim: Claim) -> str:
    total = sum((charge.amount for charge in claim.charges), Decimal(0))
    return segment(
        "CLM",
        control_number(claim),
        number_text(total),
        "",
        "",
        composite(clean_code(claim.place_of_service), "B", claim.frequency),
        "Y" if claim.provider_signature else "N",
        claim.assignment,
        claim.benefits_assigned,
        claim.release_of_information,
    )


def _transport(trip: Ambulance) -> Segments:
    """NTE when the reason is in words of one's own, CR1, and CRC when conditions are certified."""
    code, note = ambulance_reason(trip.reason)
    if note:
        yield segment("NTE", "ADD", note)
    weight = number_text(trip.patient_weight) if trip.patient_weight else ""
    purposes = clean_text(trip.round_trip_purpose), clean_text(trip.stretcher_purpose)
    unit = "LB" if weight else ""
    yield segment("CR1", unit, weight, "", code, "DH", number_text(_present(trip.miles)), "", "", *purposes)
    if trip.conditions:
        yield segment("CRC", "07", "Y", *dict.fromkeys(trip.conditions))


def ambulance_reason(text: str) -> tuple[str, str]:
    """CR104 and the note to go with it: a code or the words of one, else code A and the text as note."""
    cleaned = clean_text(text)
    for code, words in codes.AMBULANCE_REASONS.items():
        if cleaned.casefold() in (code.casefold(), words.casefold()):
            return code, ""
    return "A", cleaned


def _diagnoses(claim: Claim) -> str:
    found = (clean_diagnosis(code) for code in claim.diagnoses)
    listed = (composite("ABF" if place else "ABK", code) for place, code in enumerate(found))
    return segment("HI", *listed)


def _ends_of_trip(trip: Ambulance) -> Segments:
    """Loops 2310E and 2310F."""
    yield segment("NM1", "PW", "2")
    yield from _address(trip.pickup)
    yield segment("NM1", "45", "2", clean_text(trip.dropoff_name))
    yield from _address(trip.dropoff)


def _other_coverage(claim: Claim, coverage: Coverage) -> Segments:
    """Loops 2320, 2330A and 2330B: a coverage that pays after the one billed."""
    yield _coverage_segment(claim, coverage, codes.RELATIONSHIPS[coverage.relationship])
    yield segment("OI", "", "", claim.benefits_assigned, "", "", claim.release_of_information)
    yield _insured_name(claim, coverage)
    if coverage.relationship == "self":
        yield from _address(claim.patient.address)
    yield _payer_name(coverage)


def _service_line(line: int, claim: Claim, charge: Charge) -> Segments:
    """Loop 2400."""
    procedure = composite("HC", clean_code(charge.code), *map(clean_code, charge.modifiers))
    pointers = composite(*map(str, charge.diagnosis_pointers))
    emergency = "Y" if claim.ambulance and claim.ambulance.emergency else ""
    amount, units = number_text(charge.amount), number_text(charge.units)
    yield segment("LX", str(line))
    yield segment("SV1", procedure, amount, "UN", units, "", "", pointers, "", emergency)
    day = _present(charge.date_of_service or claim.date_of_service)
    yield segment("DTP", "472", "D8", date_text(day))


def _coverage_segment(claim: Claim, coverage: Coverage, relationship: str) -> str:
    return segment(
        "SBR",
        codes.RANKS[coverage.rank],
        relationship,
        clean_identifier(group_number_of(claim, coverage)),
        "",
        clean_code(coverage.insurance_type),
        "",
        "",
        "",
        clean_code(coverage.filing_indicator),
    )


def _insured_name(claim: Claim, coverage: Coverage) -> str:
    return _person_name(
        "IL", subscriber_of(claim, coverage), "MI", clean_identifier(member_id_of(claim, coverage))
    )


def _payer_name(coverage: Coverage) -> str:
    name, payer_id = clean_text(coverage.payer_name), clean_identifier(coverage.payer_id)
    return segment("NM1", "PR", "2", name, "", "", "", "", "PI", payer_id)


def _person_name(entity: str, person: Person, *identification: str) -> str:
    names = clean_text(person.last_name), clean_text(person.first_name)
    return segment("NM1", entity, "1", *names, "", "", "", *identification)


def _demographics(person: Person) -> str:
    return segment("DMG", "D8", date_text(_present(person.date_of_birth)), person.sex)


def _address(address: Address | None) -> Segments:
    address = _present(address)
    yield segment("N3", clean_text(address.line1), clean_text(address.line2))
    yield segment("N4", clean_text(address.city), clean_code(address.state), clean_digits(address.zip))


def _present(value: T | None) -> T:
    """A value that `claim_problems` made sure is there."""
    if value is None:
        raise ValueError("A claim with problems cannot be written.")
    return value
