"""What a claim that is being typed still lacks, in words and by section, before anything is saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from deductibles import bills
from deductibles.domain import intake
from deductibles.forms.claim import RANKS, ClaimForm
from deductibles.models import BillingProvider, Charge, Claim, Coverage
from deductibles.x12 import claim as x12
from patients.models import Patient, Payer

SECTIONS = (
    ("patient-details", "Patient Details"),
    ("coverage", "Coverage"),
    ("charges", "Charges"),
)
_NOT_TYPED_YET = "C-1"
"""Stands for the number a claim is given when it is saved, so that its absence is no fault."""


@dataclass(frozen=True)
class Lack:
    """One thing that is missing or wrong: ``section`` of the form, ``anchor`` its field there.

    ``where`` is ``form``, or the page that mends it: ``patient`` or ``provider``.
    """

    message: str
    section: str
    anchor: str
    where: str = "form"


@dataclass(frozen=True)
class Typed:
    """What a form says so far, as far as it can be read, and everything its bill would lack."""

    lacks: tuple[Lack, ...]
    total: Decimal
    lines: int
    clean: Mapping[str, Any]

    @property
    def open_in(self) -> Counter[str]:
        """How much is open in each section."""
        return Counter(one.section for one in self.lacks)


def typed_so_far(
    form: ClaimForm,
    patient: Patient | None,
    payers: Sequence[Payer],
    provider: BillingProvider | None,
    *,
    today: date,
) -> Typed:
    """Read the form as saving would, and check its bill as completing would; saves nothing."""
    body = form.body()
    clean, wrong = intake.read_claim({**body, "patient": patient.pk if patient else "1"}, today=today)
    found = [] if patient else [Lack("Choose the patient.", SECTIONS[0][0], "sought")]
    found += [_lack(form, path, problem.sentence) for path, problem in wrong.items() if path != "patient"]
    said = {one.anchor for one in found}
    for item in x12.problems(bills.provider_of(provider), _bill(clean, patient, payers)):
        if item.field.startswith("patient") and patient is None:
            continue
        lack = _lack(form, item.field, item.message)
        if lack.where != "form" or lack.anchor not in said:
            found.append(lack)
    charges = clean.get("charges", [])
    amounts = [row["amount"] for row in charges if row.get("amount") is not None]
    return Typed(_by_section(found), sum(amounts, Decimal("0.00")), len(charges), clean)


def lacks_of(claim: Claim, provider: BillingProvider | None) -> tuple[Lack, ...]:
    """Everything the 837P of a saved draft would lack, each with the field of its form."""
    form = ClaimForm(payers=(), rows=max(1, len(claim.charges.all())), shown=len(RANKS))
    ranks = enumerate(row.rank for row in bills.coverages_of(claim))
    form.places = {f"coverages.{place}": f"coverages-{rank}" for place, rank in ranks}
    form.places |= {f"diagnoses.{place}": "diagnoses" for place in range(len(claim.diagnoses))}
    found = x12.problems(bills.provider_of(provider), bills.bill_of(claim))
    return _by_section([_lack(form, item.field, item.message) for item in found])


def _bill(clean: Mapping[str, Any], patient: Patient | None, payers: Sequence[Payer]) -> x12.Claim:
    """The bill of what could be read; what could not stands as missing."""
    ours = {payer.pk: payer for payer in payers}
    served_on: Any = clean.get("date_of_service")
    claim = Claim(
        number=_NOT_TYPED_YET,
        date_of_service=served_on,
        place_of_service=clean.get("place_of_service") or "",
        diagnoses=clean.get("diagnoses") or [],
        ambulance=_trip(clean.get("ambulance")),
    )
    coverages = [_coverage(row, ours) for row in clean.get("coverages", [])]
    charges = [_charge(row) for row in clean.get("charges", [])]
    return bills.bill_from(claim, patient or Patient(), coverages, charges)


def _coverage(row: Mapping[str, Any], ours: Mapping[int, Payer]) -> Coverage:
    return Coverage(
        rank=row.get("rank", ""),
        payer=ours.get(row.get("payer") or 0) or Payer(),
        member_id=row.get("member_id") or "",
        group_number=row.get("group_number") or "",
        relationship=row.get("relationship") or "self",
        subscriber=row.get("subscriber"),
    )


def _charge(row: Any) -> Charge:
    return Charge(
        code=row.get("code") or "",
        modifiers=row.get("modifiers") or [],
        units=row.get("units"),
        amount=row.get("amount"),
        diagnosis_pointers=row.get("diagnosis_pointers") or [],
    )


def _trip(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A trip of which parts could not be read is missing those parts, not the whole."""
    return None if values is None else {name: value for name, value in values.items() if value is not None}


def _lack(form: ClaimForm, path: str, message: str) -> Lack:
    top = path.split(".")[0]
    if top in ("patient", "provider"):
        section = SECTIONS[0][0] if top == "patient" else ""
        return Lack(message, section, top, where=top)
    anchor = form.field_of(path) or "date_of_service"
    section = "coverage" if top == "coverages" else "charges"
    return Lack(message, section, anchor)


def _by_section(found: Iterable[Lack]) -> tuple[Lack, ...]:
    order = {key: place for place, (key, _) in enumerate(SECTIONS)}
    return tuple(sorted(found, key=lambda one: order.get(one.section, len(order))))
