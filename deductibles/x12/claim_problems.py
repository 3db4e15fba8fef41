"""Everything an 837P would lack, found at once and said in sentences a biller can act on.

The checks are those of the implementation guide 005010X222A1 for the segments Holdline writes, plus the
shapes of public codes (NPI, ICD-10-CM, CPT, HCPCS). They never raise: an absent value is a problem.
"""

from collections.abc import Iterator

from deductibles.x12 import claim_codes as codes
from deductibles.x12 import claim_values as values
from deductibles.x12.claim_checks import (
    address_problems,
    choice_problems,
    date_problems,
    identifier_problems,
    problem,
    text_problems,
)
from deductibles.x12.claim_parts import (
    BillingProvider,
    Claim,
    Coverage,
    Person,
    Problem,
    control_number,
    group_number_of,
    member_id_of,
)
from deductibles.x12.claim_service_problems import (
    ambulance_problems,
    charge_problems,
    diagnosis_problems,
    not_before_birth_problems,
)

Found = Iterator[Problem]

_LONGEST_CONTROL_NUMBER = 20


def problems(provider: BillingProvider | None, claim: Claim) -> tuple[Problem, ...]:
    """Everything that keeps `claim` from being written, empty when nothing does (D-SUB-0, D-SUB-1).

    `field` is the path of the input at fault with lists counted from 0 (`provider.npi`,
    `charges.0.units`); `message` says what to do and counts from 1, as people do.
    """
    return provider_problems(provider) + claim_problems(claim)


def provider_problems(provider: BillingProvider | None) -> tuple[Problem, ...]:
    """What the billing provider of a company lacks (D-SUB-0)."""
    if provider is None:
        text = "Enter the billing provider in Settings, Billing provider: without it no claim can be sent."
        return (Problem("provider", "missing", text),)
    return tuple(_provider(provider))


def claim_problems(claim: Claim) -> tuple[Problem, ...]:
    """What the claim itself lacks, whoever bills it."""
    return tuple(_claim(claim))


def _provider(provider: BillingProvider) -> Found:
    yield from text_problems("provider.name", "the billing provider's name", provider.name, longest=60)
    yield from _provider_numbers(provider)
    yield from _provider_address(provider)
    yield from text_problems(
        "provider.contact_name", "the billing contact's name", provider.contact_name, longest=60
    )
    if not values.is_digits(values.clean_phone(provider.contact_phone), 10):
        yield problem(
            "provider.contact_phone", "shape", "Give the billing contact's phone number as 10 digits."
        )
    for end in ("submitter", "receiver"):
        name, identifier = getattr(provider, f"{end}_name"), getattr(provider, f"{end}_id")
        yield from text_problems(f"provider.{end}_name", f"the {end}'s name", name, longest=60)
        yield from identifier_problems(
            f"provider.{end}_id", f"the {end} id", identifier, shortest=2, longest=15
        )


def _provider_numbers(provider: BillingProvider) -> Found:
    if not values.is_npi(values.clean_identifier(provider.npi)):
        yield problem(
            "provider.npi",
            "npi",
            "Check the billing provider's NPI: its 10 digits do not agree with each other.",
        )
    if not values.is_digits(values.clean_digits(provider.tax_id), 9):
        yield problem("provider.tax_id", "shape", "Give the billing provider's tax id as 9 digits.")
    if not values.is_taxonomy(values.clean_code(provider.taxonomy)):
        yield problem(
            "provider.taxonomy",
            "shape",
            "Give the billing provider's taxonomy code: 10 characters ending in X, such as 341600000X.",
        )


def _provider_address(provider: BillingProvider) -> Found:
    address = provider.address
    yield from address_problems("provider.address", "the billing provider", address, zip_lengths=(9,))
    if address and any(values.is_post_office_box(line or "") for line in (address.line1, address.line2)):
        yield problem(
            "provider.address.line1",
            "post_office_box",
            "Give the billing provider's street address: payers refuse a post office box here.",
        )


def _claim(claim: Claim) -> Found:
    yield from _number(claim)
    yield from _patient(claim)
    yield from _service(claim)
    yield from _coverages(claim)
    yield from diagnosis_problems(claim)
    yield from charge_problems(claim)
    yield from ambulance_problems(claim)
    yield from _frequency(claim)
    yield from _signatures(claim)


def _number(claim: Claim) -> Found:
    if not values.is_claim_number((claim.number or "").strip()):
        yield problem("number", "shape", "Give the claim a number of letters, digits and inner hyphens.")
        return
    if not isinstance(claim.sequence, int) or claim.sequence < 1:
        yield problem("sequence", "range", "Count how often the claim was sent from 1.")
    elif len(control_number(claim)) > _LONGEST_CONTROL_NUMBER:
        yield problem(
            "number",
            "too_long",
            f"Shorten the claim number: with its sequence it may have {_LONGEST_CONTROL_NUMBER} signs.",
        )


def _patient(claim: Claim) -> Found:
    patient = claim.patient
    yield from _names("patient", "the patient", patient)
    yield from date_problems("patient.date_of_birth", "the patient's date of birth", patient.date_of_birth)
    yield from choice_problems("patient.sex", "the patient's sex: F, M or U", patient.sex, codes.SEXES)
    yield from address_problems("patient.address", "the patient", patient.address)


def _names(field: str, whose: str, person: Person) -> Found:
    yield from text_problems(f"{field}.last_name", f"{whose}'s last name", person.last_name, longest=60)
    yield from text_problems(f"{field}.first_name", f"{whose}'s first name", person.first_name, longest=35)


def _service(claim: Claim) -> Found:
    yield from date_problems("date_of_service", "the date of service", claim.date_of_service)
    yield from not_before_birth_problems(
        "date_of_service", "the date of service", claim.date_of_service, claim
    )
    place = values.clean_code(claim.place_of_service)
    if place not in codes.PLACES_OF_SERVICE:
        text = "Give the place of service as its two-digit code, such as 41 for a land ambulance."
        yield problem("place_of_service", "choice", text)


def _coverages(claim: Claim) -> Found:
    ranks = [coverage.rank for coverage in claim.coverages]
    if "primary" not in ranks:
        yield problem("coverages", "missing", "Add the primary coverage: the claim is sent to its payer.")
    for place, coverage in enumerate(claim.coverages):
        if coverage.rank in ranks[:place]:
            text = f"Give each coverage its own rank: two are {coverage.rank}."
            yield problem(f"coverages.{place}.rank", "duplicate", text)
        yield from _coverage(f"coverages.{place}", claim, coverage)


def _coverage(field: str, claim: Claim, coverage: Coverage) -> Found:
    whose = f"the {coverage.rank} coverage" if coverage.rank in codes.RANKS else "the coverage"
    yield from choice_problems(
        f"{field}.rank", "the coverage's rank: primary, secondary or tertiary", coverage.rank, codes.RANKS
    )
    yield from text_problems(
        f"{field}.payer_name", f"the payer's name of {whose}", coverage.payer_name, longest=60
    )
    yield from identifier_problems(
        f"{field}.payer_id", f"the payer id of {whose}", coverage.payer_id, shortest=2, longest=80
    )
    yield from _coverage_codes(field, whose, coverage)
    yield from identifier_problems(
        f"{field}.member_id",
        f"the member id of {whose}",
        member_id_of(claim, coverage),
        shortest=2,
        longest=80,
    )
    group = group_number_of(claim, coverage)
    if values.clean_identifier(group):
        yield from identifier_problems(
            f"{field}.group_number", f"the group number of {whose}", group, longest=50
        )
    yield from _subscriber(field, whose, coverage)


def _coverage_codes(field: str, whose: str, coverage: Coverage) -> Found:
    yield from choice_problems(
        f"{field}.filing_indicator",
        f"the filing indicator of {whose}, such as CI for a commercial payer",
        values.clean_code(coverage.filing_indicator),
        codes.FILING_INDICATORS,
    )
    if coverage.insurance_type:
        yield from choice_problems(
            f"{field}.insurance_type",
            f"the insurance type of {whose}: 12 to 16, 41, 42, 43 or 47",
            values.clean_code(coverage.insurance_type),
            codes.INSURANCE_TYPES,
        )


def _subscriber(field: str, whose: str, coverage: Coverage) -> Found:
    yield from choice_problems(
        f"{field}.relationship",
        f"the patient's relationship to the subscriber of {whose}: self, spouse, child or other",
        coverage.relationship,
        codes.RELATIONSHIPS,
    )
    if coverage.relationship == "self":
        return
    if coverage.subscriber is None:
        yield problem(f"{field}.subscriber", "missing", f"Enter the subscriber of {whose}.")
        return
    yield from _names(f"{field}.subscriber", f"the subscriber of {whose}", coverage.subscriber)


def _frequency(claim: Claim) -> Found:
    label = "how the claim is sent: 1 original, 7 replacement or 8 void"
    yield from choice_problems("frequency", label, claim.frequency, codes.FREQUENCIES)
    if claim.frequency in ("7", "8"):
        label = "the payer's number of the claim this one replaces or voids"
        yield from identifier_problems("original_reference", label, claim.original_reference, longest=50)


def _signatures(claim: Claim) -> Found:
    for name, label, allowed in (
        ("assignment", "whether assignment is accepted: A, B or C", "ABC"),
        ("benefits_assigned", "whether benefits are assigned to the provider: Y, N or W", "YNW"),
        ("release_of_information", "the release of information: Y or I", "YI"),
    ):
        yield from choice_problems(name, label, getattr(claim, name), frozenset(allowed))
