"""What the claim tests send and stand on: a complete ambulance claim, settings, a connected AR Boost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deductibles.actions.settings import save_provider
from deductibles.models import DeductibleSettings
from tests.factories import PatientFactory, PayerFactory

NOW = datetime.now(UTC)
TODAY = NOW.astimezone(ZoneInfo("America/Chicago")).date()
"""The date in the zone of the cast."""

PROVIDER = {
    "name": "Acme Ambulance",
    "npi": "1234567893",
    "tax_id": "36-1234567",
    "taxonomy": "341600000X",
    "line1": "1 Station Road",
    "line2": "",
    "city": "Chicago",
    "state": "IL",
    "zip": "60601-1234",
    "contact_name": "Billing Office",
    "contact_phone": "312-555-0100",
    "submitter_id": "ACME01",
    "submitter_name": "Acme Ambulance",
    "receiver_id": "HOUSE1",
    "receiver_name": "Example Clearinghouse",
}
SETTINGS = {
    "automatic": True,
    "max_days": 45,
    "dollar_threshold": "100.00",
    "monitor_above": "250.00",
    "manual": True,
    "manual_days": 30,
    "guard_days": 14,
}


def switch_on(company: Any, **changes: Any) -> DeductibleSettings:
    """Settings in force, without asking AR Boost whether the agency is on."""
    values = {**SETTINGS, **changes}
    newest = DeductibleSettings.objects.filter(company=company).order_by("-version").first()
    version = newest.version + 1 if newest else 1
    return DeductibleSettings.objects.create(company=company, version=version, created_at=NOW, **values)


def provide(admin: Any) -> None:
    """A complete billing provider for the admin's company."""
    save_provider(admin.company, PROVIDER, by=admin, at=NOW)


def claim_body(company: Any, *, member_id: str = "TST000100", **changes: Any) -> dict[str, Any]:
    """A complete ambulance claim of an invented patient, served five days ago."""
    patient = changes.pop("patient", None) or PatientFactory(company=company)
    payer = changes.pop("payer", None) or PayerFactory(company=company)
    place = {"line1": "1 Test Street", "city": "Chicago", "state": "IL", "zip": "60601"}
    body = {
        "patient": str(patient.pk),
        "date_of_service": (TODAY - timedelta(days=5)).isoformat(),
        "place_of_service": "41",
        "coverages": [{"rank": "primary", "payer": str(payer.pk), "member_id": member_id}],
        "diagnoses": ["R55"],
        "charges": [
            {"code": "A0429", "modifiers": ["RH"], "units": "1", "amount": "850.00"},
            {"code": "A0425", "modifiers": ["RH"], "units": "12.5", "amount": "$1,000.50"},
        ],
        "ambulance": {"reason": "A", "miles": "12.5", "pickup": place, "dropoff": place},
    }
    return {**body, **changes}
