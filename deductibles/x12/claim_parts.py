"""What a professional claim is made of, in plain types: the input of the 837P writer.

Nothing is checked while these are built, so that a half-entered claim can be represented
and `claim_problems.problems` can name everything it lacks at once. Text is as the person typed it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Address:
    """A United States postal address; `state` is two letters, `zip` five or nine digits."""

    line1: str
    line2: str
    city: str
    state: str
    zip: str


@dataclass(frozen=True, slots=True)
class BillingProvider:
    """Who bills, and who exchanges files with whom (D-SUB-0).

    `tax_id` is the employer identification number, `submitter_id` and `receiver_id` are the
    identifiers agreed with the clearinghouse. The contact is who the receiver calls about a file.
    """

    name: str
    npi: str
    tax_id: str
    taxonomy: str
    address: Address | None
    contact_name: str
    contact_phone: str
    submitter_id: str
    submitter_name: str
    receiver_id: str
    receiver_name: str


@dataclass(frozen=True, slots=True)
class Person:
    """A patient or a subscriber; `sex` is "F", "M" or "U" (unknown).

    `member_id` and `group_number` stand in where the coverage does not name its own.
    """

    first_name: str
    last_name: str
    date_of_birth: date | None
    sex: str
    address: Address | None = None
    member_id: str | None = None
    group_number: str | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """One payer's coverage of the patient.

    `rank` is "primary", "secondary" or "tertiary"; `relationship` is the patient's to the
    subscriber: "self", "spouse", "child" or "other". `subscriber` is None when it is the patient.
    `filing_indicator` is SBR09, `insurance_type` SBR05 (why Medicare is not the first payer).
    """

    rank: str
    payer_name: str
    payer_id: str
    filing_indicator: str = "CI"
    member_id: str = ""
    group_number: str = ""
    relationship: str = "self"
    subscriber: Person | None = None
    insurance_type: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """One service line: CPT or HCPCS `code`, up to four `modifiers`, `amount` in dollars for all `units`.

    `diagnosis_pointers` count the claim's diagnoses from 1, the most important first.
    `date_of_service` None means the claim's.
    """

    code: str
    modifiers: tuple[str, ...] = ()
    units: Decimal = Decimal(1)
    amount: Decimal = Decimal(0)
    diagnosis_pointers: tuple[int, ...] = (1,)
    date_of_service: date | None = None


@dataclass(frozen=True, slots=True)
class Ambulance:
    """An ambulance transport (segments CR1 and CRC, loops 2310E and 2310F).

    `reason` is a CR104 code "A" to "E" or its words in `claim_codes.AMBULANCE_REASONS`. Any other text
    is taken as the symptom or complaint that called for the ambulance, which is what code A says; the
    text itself then travels as the claim's note. `miles` are loaded miles, 0 when none are charged;
    `patient_weight` is in pounds. `conditions` are codes of `claim_codes.AMBULANCE_CONDITIONS` that
    applied. `emergency` marks every charge of the claim as an emergency.
    """

    reason: str
    miles: Decimal | None
    pickup: Address | None
    dropoff: Address | None
    patient_weight: Decimal | None = None
    stretcher_purpose: str = ""
    round_trip_purpose: str = ""
    conditions: tuple[str, ...] = ()
    emergency: bool = False
    dropoff_name: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One bill for one patient.

    `number` is the company's claim number; `sequence` counts how often it was sent, from 1, so that an
    acknowledgement names one submission. `frequency` is CLM05-3: "1" original, "7" replacement, "8" void;
    the last two need `original_reference`, the payer's own number of the claim they replace.
    The last four say what the signatures on file allow: CLM06, CLM07 ("A" assigned, "B" for laboratory
    services only, "C" not assigned), CLM08 and CLM09.
    """

    number: str
    sequence: int
    patient: Person
    coverages: tuple[Coverage, ...]
    date_of_service: date | None
    place_of_service: str
    diagnoses: tuple[str, ...]
    charges: tuple[Charge, ...]
    ambulance: Ambulance | None = None
    frequency: str = "1"
    original_reference: str = ""
    provider_signature: bool = True
    assignment: str = "A"
    benefits_assigned: str = "Y"
    release_of_information: str = "Y"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing an 837P would lack: where (`charges.0.units`), a stable `code`, and what to do about it."""

    field: str
    code: str
    message: str


class Unwritable(Exception):
    """Raised instead of writing a file that would be refused.

    `problems` is everything found; `by_claim` has it by claim number, with what concerns the
    provider or the batch under "", so that a run can set single claims aside.
    """

    def __init__(self, by_claim: dict[str, tuple[Problem, ...]]) -> None:
        self.by_claim = by_claim
        self.problems = tuple(problem for found in by_claim.values() for problem in found)
        super().__init__(" ".join(problem.message for problem in self.problems[:3]))


def control_number(claim: Claim) -> str:
    """CLM01, which every acknowledgement and remittance echoes: `C-1042`, sent again `C-1042.2`."""
    number = claim.number.strip()
    return number if claim.sequence == 1 else f"{number}.{claim.sequence}"


_SEQUENCE_DIGITS = 4


def split_control_number(text: str) -> tuple[str, int]:
    """The claim number and sequence of a CLM01: the inverse of `control_number`."""
    number, dot, sequence = text.rpartition(".")
    if dot and sequence.isascii() and sequence.isdigit() and len(sequence) <= _SEQUENCE_DIGITS:
        return number, int(sequence)
    return text, 1


def billed_coverage(claim: Claim) -> Coverage:
    """The coverage the claim is sent to: the primary, which a claim without problems has."""
    return next(coverage for coverage in claim.coverages if coverage.rank == "primary")


def subscriber_of(claim: Claim, coverage: Coverage) -> Person:
    """Whose insurance it is: the patient, or the subscriber the coverage names."""
    if coverage.relationship == "self" or coverage.subscriber is None:
        return claim.patient
    return coverage.subscriber


def member_id_of(claim: Claim, coverage: Coverage) -> str:
    """The subscriber's member id as typed, from the coverage or else from the subscriber."""
    return coverage.member_id or subscriber_of(claim, coverage).member_id or ""


def group_number_of(claim: Claim, coverage: Coverage) -> str:
    """The group or policy number as typed, from the coverage or else from the subscriber."""
    return coverage.group_number or subscriber_of(claim, coverage).group_number or ""
