"""How claims, holds, submissions and nights look in answers: one function each, no queries of its own."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from deductibles import queries
from deductibles.domain import kept_lines
from deductibles.models import (
    BillingProvider,
    Claim,
    Coverage,
    DeductibleSettings,
    Hold,
    Snapshot,
    Submission,
)
from work.models import Run


def money(amount: Decimal | None) -> str | None:
    """Dollars as a decimal string; null for unknown."""
    return None if amount is None else f"{amount:.2f}"


def day(value: date | None) -> str | None:
    """A date in ISO 8601."""
    return None if value is None else value.isoformat()


def moment(value: datetime | None, zone: Any) -> str | None:
    """A moment in ISO 8601 with the company's offset."""
    return None if value is None else value.astimezone(zone).isoformat()


def claim_json(claim: Claim, user: Any) -> dict[str, Any]:
    """A claim; expects ``coverages`` and ``charges`` prefetched."""
    zone = user.company.zone
    in_force = [row for row in claim.coverages.all() if row.ended_at is None]
    return {
        "id": str(claim.pk),
        "number": claim.number,
        "status": claim.status,
        "status_label": claim.status_label,
        "patient": str(claim.patient_id),
        "date_of_service": day(claim.date_of_service),
        "place_of_service": claim.place_of_service,
        "coverages": [coverage_json(row) for row in in_force],
        "diagnoses": claim.diagnoses,
        "charges": [charge_json(row) for row in claim.charges.all()],
        "ambulance": claim.ambulance,
        "provider": str(claim.provider_id) if claim.provider_id else None,
        "total": money(claim.total),
        "sequence": claim.sequence,
        "deductible_unknown": claim.deductible_unknown,
        "pin": next((row.pin for row in in_force if row.rank == "primary"), None),
        "version": claim.version,
        "created_at": moment(claim.created_at, zone),
        "changed_at": moment(claim.changed_at, zone),
        "steps": queries.acts_for(claim, user),
    }


def coverage_json(row: Coverage) -> dict[str, Any]:
    """One coverage in force."""
    names = ("rank", "member_id", "group_number", "relationship", "subscriber")
    return {"payer": str(row.payer_id), **{name: getattr(row, name) for name in names}}


def charge_json(row: Any) -> dict[str, Any]:
    """One charge: units without idle zeros, the amount in dollars for all units."""
    return {
        "code": row.code,
        "modifiers": row.modifiers,
        "units": f"{row.units.normalize():f}",
        "amount": money(row.amount),
        "diagnosis_pointers": row.diagnosis_pointers,
    }


NO_READING: dict[str, Any] = {
    "usable": False,
    "envelope_valid": False,
    "active": None,
    "individual": {"annual": None, "remaining": None},
    "family": {"annual": None, "remaining": None},
    "out_of_network": {"annual": None, "remaining": None},
    "effective_remaining": None,
    "flags": [],
    "rejects": [],
    "trail": [],
}


def snapshot_json(row: Snapshot) -> dict[str, Any]:
    """An answer as ``POST claims/{id}/eligibility/`` shows it: the reading, and how it came about."""
    own = {name: value for name, value in row.reading.items() if name not in kept_lines.FOR_THE_TRAIL}
    read = {**NO_READING, **own}
    return {
        **read,
        "trail": row.trail,
        "flags": list(dict.fromkeys([*read["flags"], *row.flags])),
        "outcome": row.outcome,
        "detail": row.detail,
        "reason_code": row.reason_code,
        "annual": money(row.annual),
        "remaining": money(row.remaining),
    }


def submission_json(row: Submission, zone: Any) -> dict[str, Any]:
    """One 837P batch; expects ``items`` with their claims prefetched."""
    return {
        "id": str(row.pk),
        "filename": row.filename,
        "state": row.state,
        "control_number": row.control_number,
        "accepted": row.accepted,
        "rejected": row.rejected,
        "claims_count": row.claims_count,
        "claims": [
            {"id": str(item.claim_id), "number": item.claim.number, "sequence": item.sequence}
            for item in row.items.all()
        ],
        "detail": row.detail,
        "written_at": moment(row.written_at, zone),
        "handed_over_at": moment(row.handed_over_at, zone),
        "run": str(row.run_id),
    }


def settings_json(row: DeductibleSettings) -> dict[str, Any]:
    """Deductible Monitoring settings, exactly the fields of the contract."""
    return {
        "automatic": row.automatic,
        "max_days": row.max_days,
        "dollar_threshold": money(row.dollar_threshold),
        "monitor_above": money(row.monitor_above),
        "manual": row.manual,
        "manual_days": row.manual_days,
        "guard_days": row.guard_days,
        "version": row.version,
    }


_PROVIDER = (
    *("name", "npi", "tax_id", "taxonomy", "line1", "line2", "city", "state", "zip", "contact_name"),
    *("contact_phone", "submitter_id", "submitter_name", "receiver_id", "receiver_name"),
)


def provider_json(row: BillingProvider | None) -> dict[str, Any]:
    """The billing provider in force; version 0 and empty before one was entered."""
    if row is None:
        return {"id": None, "version": 0, **dict.fromkeys(_PROVIDER, "")}
    shown = {name: getattr(row, name) for name in _PROVIDER}
    return {"id": str(row.pk), "version": row.version, **shown}


def run_json(row: Run) -> dict[str, Any]:
    """One night's run with its counts."""
    counts = ("due", "asked", "answered", "released", "timed_out", "submitted", "failures")
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "state": row.state,
        "target_date": day(row.target_date),
        **{name: getattr(row, name) for name in counts},
    }


def hold_json(row: Hold, today: date) -> dict[str, Any]:
    """One line of the Hold for Deductible page; expects ``claim``, its ``patient`` and ``payer`` selected."""
    return {
        "id": str(row.pk),
        "claim": str(row.claim_id),
        "claim_number": row.claim.number,
        "patient": str(row.claim.patient_id),
        "patient_name": str(row.claim.patient),
        "payer": str(row.payer_id) if row.payer_id else None,
        "payer_name": row.payer.name if row.payer else "",
        "kind": row.kind,
        "started_on": day(row.started_on),
        "release_on": day(row.release_on),
        "days_remaining": row.days_remaining(today),
        "next_check_on": day(row.next_check_on) if row.active else None,
        "annual": money(row.annual),
        "remaining": money(row.remaining),
        "queued": row.queued_at is not None,
        "reason": row.reason,
        "reason_code": row.reason_code,
        "clearable": queries.is_clearable(row),
        "queueable": queries.is_queueable(row),
    }


def event_json(event: dict[str, Any], zone: Any) -> dict[str, Any]:
    """One event of a claim's audit (D-CLM-3)."""
    return {**event, "at": moment(event["at"], zone)}
