"""A fixed cast for the 837P tests: an ambulance company, its patients and their bills. All invented."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from deductibles.x12.claim import (
    Address,
    Ambulance,
    BillingProvider,
    Charge,
    Claim,
    Coverage,
    Person,
    write,
)

HOME = Address("12 Elm Street", "Apt 4", "Austin", "TX", "78701")
HOSPITAL = Address("600 Clinic Road", "", "Round Rock", "TX", "78664-1200")
STATION = Address("1 Station Way", "", "Austin", "TX", "78702-4411")

PROVIDER = BillingProvider(
    name="Lone Star Ambulance",
    npi="1234567893",
    tax_id="12-3456789",
    taxonomy="341600000X",
    address=STATION,
    contact_name="Bea Ledger",
    contact_phone="(512) 555-0100",
    submitter_id="LONESTAR",
    submitter_name="Lone Star Ambulance",
    receiver_id="CLEARHOUSE",
    receiver_name="Clear House",
)

ROSA = Person("Rosa", "Fields", date(1961, 4, 9), "F", HOME)
TOM = Person("Tom", "Fields", date(2012, 8, 30), "M", HOME)
HANK = Person("Hank", "Porter", date(1955, 1, 17), "M", HOME)

ACME = Coverage("primary", "Acme Health", "ACME1", "CI", "W123456789", "GRP-77")
MEDICAID = Coverage("secondary", "State Medicaid", "SKTX0", "MC", "M99887766")
ROSAS_FOR_TOM = replace(ACME, relationship="child", subscriber=ROSA)

TRIP = Ambulance("A", Decimal("7.4"), HOME, HOSPITAL)
RIDE = Charge("A0427", ("RH",), Decimal("1"), Decimal("850.00"), (1,))
MILEAGE = Charge("A0425", ("RH",), Decimal("7.4"), Decimal("133.20"), (1,))

ROSAS_CLAIM = Claim(
    number="C-1001",
    sequence=1,
    patient=ROSA,
    coverages=(ACME,),
    date_of_service=date(2026, 3, 2),
    place_of_service="41",
    diagnoses=("R55", "I10"),
    charges=(RIDE, MILEAGE),
    ambulance=TRIP,
)
TOMS_CLAIM = replace(ROSAS_CLAIM, number="C-1002", patient=TOM, coverages=(ROSAS_FOR_TOM,))
HANKS_CLAIM = replace(ROSAS_CLAIM, number="C-1003", patient=HANK, coverages=(ACME, MEDICAID))

NIGHT = datetime(2026, 3, 9, 3, 15, tzinfo=UTC)


def file_of(*claims: Claim, provider: BillingProvider | None = PROVIDER, **changes) -> str:
    """The interchange holding `claims`, written in the night of 9 March 2026 as the 42nd of its sender."""
    envelope: dict[str, Any] = {
        "interchange_control": 42,
        "group_control": 7,
        "at": NIGHT,
        "usage": "T",
    } | changes
    return write(provider, claims, **envelope)


def segments_of(text: str) -> list[list[str]]:
    """The elements of every segment."""
    return [segment.split("*") for segment in text.rstrip("~").split("~")]


def named(text: str, name: str) -> list[str]:
    """The segments called `name`, as they stand in the file."""
    return ["*".join(elements) for elements in segments_of(text) if elements[0] == name]
