"""Entering, changing and voiding claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.audit import acting
from accounts.models import Company, User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from deductibles.actions import finding, holding, moves
from deductibles.actions.moves import NOT_THERE, Invalid
from deductibles.domain import intake, states
from deductibles.models import BillingProvider, Charge, Claim, ControlNumbers, Coverage
from patients.domain.intake import Wrong
from patients.models import Patient, Payer

_PLAIN = ("date_of_service", "place_of_service", "diagnoses", "ambulance")
_OF_COVERAGE = ("rank", "payer_id", "member_id", "group_number", "relationship", "subscriber")


def create_claim(data: Mapping[str, Any], *, by: User, at: datetime) -> Claim:
    """Enter a draft, as ``POST claims/`` writes it; Invalid names everything wrong at once."""
    company = _company_of(by)
    clean, wrong = intake.read_claim(data, today=moves.local_date(company, at))
    rows = _rows(company, clean, wrong)
    with transaction.atomic(), acting(by, "create claim"):
        claim = new_claim(company, f"C-{allot(company, 1)}", rows["patient"], clean, at=at)
        claim.provider = rows.get("provider")
        claim.save(force_insert=True)
        _write_coverages(claim, clean["coverages"])
        _write_charges(claim, clean["charges"])
        finding.attach(claim, at=at)
    return claim


def edit_claim(claim: Claim, data: Mapping[str, Any], *, by: User, at: datetime) -> Claim:
    """Change the given fields of a draft; a ``version`` that is not the newest is refused as stale."""
    company = _company_of(by)
    clean, wrong = intake.read_claim(data, today=moves.local_date(company, at), only_given=True)
    version = _version(data, wrong)
    rows = _rows(company, clean, wrong)
    with transaction.atomic(), acting(by, "edit claim"):
        claim = moves.lock(claim)
        _refuse_unless_draft(claim, version)
        stranger = "patient" in clean and rows["patient"].pk != claim.patient_id
        for name in ("patient", "provider"):
            if name in clean:
                setattr(claim, name, rows.get(name))
        for name in _PLAIN:
            if name in clean:
                setattr(claim, name, clean[name])
        _rewrite_parts(claim, clean, at, stranger=stranger)
        claim.version, claim.changed_at = F("version") + 1, at
        claim.save()
        claim.refresh_from_db()
        finding.attach(claim, at=at)
    return claim


def void(claim: Claim, *, by: User, at: datetime) -> Claim:
    """Void a claim that has not left; a hold it was in ends, and so does its monitoring."""
    with transaction.atomic(), acting(by, "void"):
        claim = moves.lock(claim)
        moves.step_of(claim, "void", by)
        moves.refuse_in_file(claim)
        for hold in claim.holds.filter(cleared_at=None):
            holding.end(hold, at=at)
        return moves.apply_one(claim, "void", by, at=at)


def _company_of(by: User) -> Company:
    if not by.may(Can.WORK_CLAIMS) or by.company is None:
        raise Refused(refusal(Can.WORK_CLAIMS), "role")
    return by.company


def _version(data: Mapping[str, Any], wrong: dict[str, Wrong]) -> int | None:
    value = data.get("version")
    if value in (None, ""):
        return None
    if isinstance(value, bool) or not str(value).isdigit() or not str(value).isascii():
        wrong["version"] = Wrong("number", "Version must be the number that was read with the claim.")
        return None
    return int(str(value)[:9])


def _refuse_unless_draft(claim: Claim, version: int | None) -> None:
    if claim.status != states.DRAFT:
        label = claim.status_label
        raise Refused(f"Claim {claim.number} is “{label}”; only a draft can be edited.")
    if version is not None and version != claim.version:
        raise Refused("Somebody else changed this claim meanwhile. Read it again, then decide.", "stale")


def _rows(company: Company, clean: dict[str, Any], wrong: dict[str, Wrong]) -> dict[str, Any]:
    """Look up the rows a claim names among the company's own; raise Invalid with all that is wrong."""
    found: dict[str, Any] = {}
    for name, model in (("patient", Patient), ("provider", BillingProvider)):
        if clean.get(name) is not None:
            found[name] = _own(model, company, clean[name])
            if found[name] is None:
                wrong[name] = Wrong(NOT_THERE, f"There is no such {name} here. Choose one from the list.")
    for number, coverage in enumerate(clean.get("coverages", [])):
        if "payer" in coverage:
            coverage["payer"] = payer = _own(Payer, company, coverage["payer"])
            if payer is None:
                wrong[f"coverages.{number}.payer"] = Wrong(NOT_THERE, "There is no such payer here.")
    if wrong:
        raise Invalid.of(wrong)
    return found


def _own(model: Any, company: Company, pk: int) -> Any:
    return model.objects.filter(company=company, pk=pk).first()


def allot(company: Company, count: int) -> int:
    """Allot so many claim numbers and give the first: the row's lock keeps two people apart."""
    ControlNumbers.objects.get_or_create(company=company)
    numbers = ControlNumbers.objects.select_for_update().get(company=company)
    numbers.claim += count
    numbers.save(update_fields=["claim"])
    return numbers.claim - count + 1


def new_claim(
    company: Company, number: str, patient: Patient, clean: Mapping[str, Any], *, at: datetime
) -> Claim:
    """A draft of what the intake read, not saved; its coverages name rows of the company."""
    return Claim(
        company=company,
        number=number,
        patient=patient,
        created_at=at,
        changed_at=at,
        payer_id=_primary_payer_id(clean["coverages"]),
        total=_total(clean["charges"]),
        **{name: clean[name] for name in _PLAIN},
    )


def coverage_rows(claim: Claim, coverages: Iterable[Mapping[str, Any]]) -> list[Coverage]:
    """The coverages of a claim, not saved."""
    return [Coverage(company_id=claim.company_id, claim=claim, **coverage) for coverage in coverages]


def charge_rows(claim: Claim, charges: Iterable[Mapping[str, Any]]) -> list[Charge]:
    """The charge lines of a claim in their order, not saved."""
    return [
        Charge(company_id=claim.company_id, claim=claim, line=line, **charge)
        for line, charge in enumerate(charges, start=1)
    ]


def _total(charges: list[dict[str, Any]]) -> Decimal:
    return sum((charge["amount"] for charge in charges), Decimal("0.00"))


def _write_coverages(claim: Claim, coverages: list[dict[str, Any]]) -> None:
    Coverage.objects.bulk_create(coverage_rows(claim, coverages))


def _primary_payer_id(coverages: list[dict[str, Any]]) -> int | None:
    """The payer by whom the claim is listed: that of its primary coverage."""
    primary = next((one for one in coverages if one["rank"] == "primary"), {})
    payer = primary.get("payer")
    return payer.pk if payer is not None else primary.get("payer_id")


def _write_charges(claim: Claim, charges: list[dict[str, Any]]) -> None:
    Charge.objects.bulk_create(charge_rows(claim, charges))


def _rewrite_parts(claim: Claim, clean: dict[str, Any], at: datetime, *, stranger: bool) -> None:
    """Write given parts anew; for another patient also coverages: stored answers are about the first."""
    in_force = claim.coverages.filter(ended_at=None)
    if stranger:
        coverages = clean["coverages"] if "coverages" in clean else list(in_force.values(*_OF_COVERAGE))
        in_force.update(ended_at=at)
        _write_coverages(claim, coverages)
        claim.payer_id = _primary_payer_id(coverages)
    elif "coverages" in clean:
        _change_coverages(claim, clean["coverages"], at)
    if "charges" in clean:
        claim.charges.all().delete()
        _write_charges(claim, clean["charges"])
        claim.total = _total(clean["charges"])


def _change_coverages(claim: Claim, coverages: list[dict[str, Any]], at: datetime) -> None:
    """End what changed or is gone and write what is new; a coverage that stays keeps its answers."""
    given = [{**row, "payer_id": row["payer"].pk} for row in coverages]
    in_force = list(claim.coverages.filter(ended_at=None))
    stays = [
        row for row in in_force if any(all(getattr(row, n) == one[n] for n in _OF_COVERAGE) for one in given)
    ]
    claim.coverages.filter(ended_at=None).exclude(pk__in=[row.pk for row in stays]).update(ended_at=at)
    kept = {row.rank for row in stays}
    _write_coverages(claim, [row for row in coverages if row["rank"] not in kept])
