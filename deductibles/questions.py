"""What is asked of AR Boost, built from rows; and the company's connections."""

from __future__ import annotations

from datetime import date

from accounts.models import Company
from deductibles.connections import rows
from deductibles.domain import pins
from deductibles.domain.evidence import Asked
from deductibles.gateways import arboost, clearinghouse
from deductibles.gateways.wire import MEND
from deductibles.models import Claim, Coverage
from deductibles.x12.eligibility import Identity
from patients.models import Patient

NOT_CONNECTED = f"AR Boost is not connected. {MEND}"


def connection(company: Company) -> arboost.Connection | None:
    """The company's way to AR Boost, or None while it is not connected."""
    return rows.way_to_arboost(company)


def way_to_clearinghouse(company: Company) -> clearinghouse.Way:
    """Where the company's files go, and where their acknowledgements come from."""
    return rows.way_to_clearinghouse(company)


def person_of(patient: Patient) -> arboost.Patient:
    """The patient as AR Boost is told."""
    return {
        "first_name": patient.first_name,
        "last_name": patient.last_name,
        "date_of_birth": patient.date_of_birth,
        "sex": patient.sex,
    }


def _subscriber(claim: Claim, coverage: Coverage) -> arboost.Subscriber:
    person = person_of(claim.patient)
    given = coverage.subscriber
    if coverage.relationship != "self" and given:
        person = {
            "first_name": given["first_name"],
            "last_name": given["last_name"],
            "date_of_birth": date.fromisoformat(given["date_of_birth"]),
            "sex": given.get("sex", "U"),
        }
    return {
        **person,
        "member_id": coverage.member_id,
        "group_number": coverage.group_number,
        "relationship": coverage.relationship,
    }


def question(reference: str, trace: str, claim: Claim, coverage: Coverage, as_of: date) -> arboost.Question:
    """One question about the claim's patient under this coverage (D-X12-12: as of today)."""
    return arboost.Question(
        reference=reference,
        trace=trace,
        payer={"name": coverage.payer.name, "payer_id": coverage.payer.payer_id},
        subscriber=_subscriber(claim, coverage),
        patient=person_of(claim.patient),
        as_of=as_of,
    )


def asked(
    trace: str | None,
    claim: Claim,
    coverage: Coverage,
    company: Company,
    as_of: date,
    *,
    trail_later: bool = False,
) -> Asked:
    """What the answer to that question must be about, and how its lines are read (D-X12-6, D-X12-7)."""
    patient = claim.patient
    return Asked(
        trace=trace,
        as_of=as_of,
        identity=Identity(coverage.member_id, patient.date_of_birth, patient.first_name, patient.last_name),
        ambulance=company.is_ambulance,
        out_of_network=coverage.payer.network == "out",
        pin=pins.pin_of(coverage.pin),
        trail_later=trail_later,
    )
