"""Claims as the table they can be brought as: a row a charge line, read a few hundred claims at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Prefetch

from accounts.models import User
from deductibles.domain.claim_table import AMBULANCE, PARTS
from deductibles.models import Charge, Claim, Coverage
from patients.domain.import_columns import Kind
from patients.imports.kinds import text_words

_AT_A_TIME = 500
_PATIENT = ("last_name", "first_name", "date_of_birth", "sex", "account_number", "phone", *PARTS)
_COVERAGE = ("member_id", "group_number", "relationship")


def number_of_lines(user: User) -> int:
    """How many rows the table has: the charge lines, and one for a claim without any."""
    claims = Claim.objects.visible_to(user)
    return Charge.objects.visible_to(user).count() + claims.filter(charges=None).count()


def lines_of_all(user: User, kind: Kind) -> Iterator[list[str]]:
    """Every charge line of the company, claim by claim, oldest first."""
    names, after = [column.name for column in kind.columns], 0
    rows = Claim.objects.visible_to(user).select_related("patient", "elsewhere").order_by("pk")
    in_force = Prefetch(
        "coverages", Coverage.objects.filter(ended_at=None).select_related("payer"), "in_force"
    )
    rows = rows.prefetch_related(in_force, Prefetch("charges", Charge.objects.order_by("line")))
    while batch := list(rows.filter(pk__gt=after)[:_AT_A_TIME]):
        for claim in batch:
            shared = cells_of(claim)
            for own in [_charge(one) for one in claim.charges.all()] or [{}]:
                cells = shared | own
                yield [cells.get(name, "") for name in names]
        after = batch[-1].pk


def cells_of(claim: Claim) -> dict[str, str]:
    """What is the claim's, in every row of it. One that was brought is called as it was there."""
    cells = {
        "claim_number": claim.elsewhere.number if hasattr(claim, "elsewhere") else claim.number,
        "date_of_service": claim.date_of_service.isoformat(),
        "place_of_service": claim.place_of_service,
        "diagnoses": " ".join(claim.diagnoses),
        "total": text_words(claim.total),
        "status": claim.status_label,
        **{name: text_words(getattr(claim.patient, name)) for name in _PATIENT},
    }
    for coverage in claim.in_force:  # type: ignore[attr-defined]
        cells |= _coverage(coverage)
    return cells | _ambulance(claim.ambulance or {})


def _coverage(row: Coverage) -> dict[str, str]:
    cells = {name: getattr(row, name) for name in _COVERAGE}
    cells |= {"payer_id": row.payer.payer_id, "payer": row.payer.name, "payer_kind": row.payer.kind}
    cells |= {f"subscriber_{name}": text_words(value) for name, value in (row.subscriber or {}).items()}
    return {f"{row.rank}_{name}": value for name, value in cells.items()}


def _charge(row: Charge) -> dict[str, str]:
    return {
        "code": row.code,
        "modifiers": " ".join(row.modifiers),
        "units": f"{row.units.normalize():f}",
        "amount": text_words(row.amount),
        "diagnosis_pointers": " ".join(map(str, row.diagnosis_pointers)),
    }


def _ambulance(trip: Mapping[str, Any]) -> dict[str, str]:
    cells = {column: _words(trip.get(name)) for column, name in AMBULANCE.items()}
    for end in ("pickup", "dropoff"):
        cells |= {f"{end}_{name}": (trip.get(end) or {}).get(name) or "" for name in PARTS}
    return cells


def _words(value: Any) -> str:
    """A part of a trip: codes apart by spaces, nothing for what does not hold."""
    if isinstance(value, list):
        return " ".join(value)
    return "" if value is False else text_words(value)
