"""From rows to the bill the 837P writer takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import prefetch_related_objects

from deductibles.models import BillingProvider, Charge, Claim, Coverage, provider_in_force
from deductibles.x12 import claim as x12
from patients.models import Patient, PayerKind

FILING_INDICATORS = {
    PayerKind.COMMERCIAL: "CI",
    PayerKind.MEDICARE_ADVANTAGE: "16",
    PayerKind.MEDICARE: "MB",
    PayerKind.MEDICAID: "MC",
    PayerKind.WORKERS_COMP: "WC",
    PayerKind.AUTO: "AM",
}


def coverages_of(claim: Claim) -> list[Coverage]:
    """The coverages in force, primary first."""
    ranks = {"primary": 0, "secondary": 1, "tertiary": 2}
    loaded = "coverages" in getattr(claim, "_prefetched_objects_cache", {})
    rows = claim.coverages.all() if loaded else claim.coverages.select_related("payer")
    return sorted((row for row in rows if row.ended_at is None), key=lambda row: ranks[row.rank])


def load(claims: Sequence[Claim]) -> None:
    """Read everything the bills of these claims need, in a fixed number of queries."""
    prefetch_related_objects(list(claims), "patient", "charges", "coverages__payer", "provider")


def primary_of(claim: Claim) -> Coverage | None:
    """The primary coverage: the only one that is asked about and held on (D-HOLD-4)."""
    return next((row for row in coverages_of(claim) if row.rank == "primary"), None)


def provider_of(row: BillingProvider | None) -> x12.BillingProvider | None:
    """The billing provider as the writer takes it."""
    if row is None:
        return None
    names = ("name", "npi", "tax_id", "taxonomy", "contact_name", "contact_phone")
    ends = ("submitter_id", "submitter_name", "receiver_id", "receiver_name")
    values = {name: getattr(row, name) for name in (*names, *ends)}
    return x12.BillingProvider(address=_address(row), **values)


def _address(row: Any) -> x12.Address | None:
    given = row if isinstance(row, Mapping) else {name: getattr(row, name) for name in _LINES}
    return (
        x12.Address(*(given.get(name) or "" for name in _LINES))
        if any(given.get(n) for n in _LINES)
        else None
    )


_LINES = ("line1", "line2", "city", "state", "zip")


def _patient(row: Patient) -> x12.Person:
    return x12.Person(row.first_name, row.last_name, row.date_of_birth, row.sex, _address(row))


def _subscriber(values: Mapping[str, Any] | None) -> x12.Person | None:
    if not values:
        return None
    born = date.fromisoformat(values["date_of_birth"]) if values.get("date_of_birth") else None
    names = values.get("first_name", ""), values.get("last_name", "")
    return x12.Person(*names, born, values.get("sex", "U"), _address(values))


def _coverage(row: Coverage) -> x12.Coverage:
    return x12.Coverage(
        rank=row.rank,
        payer_name=row.payer.name,
        payer_id=row.payer.payer_id,
        filing_indicator=FILING_INDICATORS.get(PayerKind(row.payer.kind), "CI"),
        member_id=row.member_id,
        group_number=row.group_number,
        relationship=row.relationship,
        subscriber=None if row.relationship == "self" else _subscriber(row.subscriber),
    )


def _ambulance(values: Mapping[str, Any] | None) -> x12.Ambulance | None:
    if values is None:
        return None
    weight = values.get("patient_weight")
    return x12.Ambulance(
        reason=values.get("reason") or "",
        miles=Decimal(values["miles"]) if values.get("miles") is not None else None,
        pickup=_address(values.get("pickup") or {}),
        dropoff=_address(values.get("dropoff") or {}),
        patient_weight=Decimal(weight) if weight else None,
        stretcher_purpose=values.get("stretcher_purpose") or "",
        round_trip_purpose=values.get("round_trip_purpose") or "",
        conditions=tuple(values.get("conditions") or ()),
        emergency=bool(values.get("emergency")),
        dropoff_name=values.get("dropoff_name") or "",
    )


def bill_of(claim: Claim) -> x12.Claim:
    """The claim as the 837P writer takes it."""
    return bill_from(claim, claim.patient, coverages_of(claim), claim.charges.all())


def bill_from(
    claim: Claim, patient: Patient, coverages: Iterable[Coverage], charges: Iterable[Charge]
) -> x12.Claim:
    """The same from parts that need not be stored yet, such as those of a form that is being typed."""
    return x12.Claim(
        number=claim.number,
        sequence=claim.sequence,
        patient=_patient(patient),
        coverages=tuple(_coverage(row) for row in coverages),
        date_of_service=claim.date_of_service,
        place_of_service=claim.place_of_service,
        diagnoses=tuple(claim.diagnoses),
        charges=tuple(
            x12.Charge(row.code, tuple(row.modifiers), row.units, row.amount, tuple(row.diagnosis_pointers))
            for row in charges
        ),
        ambulance=_ambulance(claim.ambulance),
    )


def billing_provider(claim: Claim) -> BillingProvider | None:
    """The provider the claim names, else the company's in force."""
    return claim.provider or provider_in_force(claim.company_id)


def problems_of(claim: Claim) -> tuple[x12.Problem, ...]:
    """Everything the 837P of this claim would lack (D-SUB-0, D-SUB-1)."""
    return x12.problems(provider_of(billing_provider(claim)), bill_of(claim))
