"""How many claims a second are checked and written as an 837P (speed.md, bar 13)."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from statistics import median
from time import perf_counter

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

CLAIMS, ROUNDS = 2_000, 5

_HOME = Address("12 Elm Street", "", "Austin", "TX", "78701")
_PROVIDER = BillingProvider(
    name="Lone Star Ambulance",
    npi="1234567893",
    tax_id="123456789",
    taxonomy="341600000X",
    address=replace(_HOME, zip="787024411"),
    contact_name="Bea Ledger",
    contact_phone="5125550100",
    submitter_id="LONESTAR",
    submitter_name="Lone Star Ambulance",
    receiver_id="CLEARHOUSE",
    receiver_name="Clear House",
)
_CLAIM = Claim(
    number="C-0",
    sequence=1,
    patient=Person("Rosa", "Fields", date(1961, 4, 9), "F", _HOME),
    coverages=(Coverage("primary", "Acme Health", "ACME1", "CI", "W123456789"),),
    date_of_service=date(2026, 3, 2),
    place_of_service="41",
    diagnoses=("R55", "I10"),
    charges=(
        Charge("A0427", ("RH",), Decimal(1), Decimal("850.00"), (1,)),
        Charge("A0425", ("RH",), Decimal("7.4"), Decimal("133.20"), (1,)),
    ),
    ambulance=Ambulance("A", Decimal("7.4"), _HOME, _HOME),
)


def measure() -> dict:
    """Claims checked and written a second, each of another patient; median of several rounds."""
    claims = [
        replace(_CLAIM, number=f"C-{number}", patient=replace(_CLAIM.patient, last_name=f"Fields {number}"))
        for number in range(CLAIMS)
    ]
    took = median(_seconds(claims) for _ in range(ROUNDS))
    return {"name": "837P claims checked and written", "ours_per_second": round(CLAIMS / took), "bar": None}


def _seconds(claims: list[Claim]) -> float:
    began = perf_counter()
    at = datetime(2026, 3, 9, 3, 0, tzinfo=UTC)
    write(_PROVIDER, claims, interchange_control=1, group_control=1, at=at, usage="T")
    return perf_counter() - began


if __name__ == "__main__":
    print(json.dumps(measure()))
