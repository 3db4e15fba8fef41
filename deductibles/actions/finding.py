"""Insurance Finder: ask AR Boost which coverages a patient has, and make use of what it found.

AR Boost is asked outside any transaction. What it found is kept for the day: the amounts are those of that
day, and a coverage that is taken brings its deductible along (D-NEW-1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import Company, User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from deductibles import bills, questions
from deductibles.actions import deciding, holding, moves
from deductibles.domain import evidence, states
from deductibles.domain.evidence import Asked, Evidence
from deductibles.domain.finding import payer_meant
from deductibles.gateways import arboost
from deductibles.models import Claim, Finding, Snapshot
from deductibles.x12.eligibility import Identity
from patients.actions import create_payer
from patients.domain.intake import payer_readers, read_all
from patients.models import Patient, Payer

KEPT_FOR = timedelta(days=14)


@dataclass(frozen=True)
class _Answer:
    """A found coverage in the shape in which answers are weighed (``evidence.weigh``)."""

    outcome: str
    x12_271: str | None
    annual: Decimal | None
    remaining: Decimal | None
    period: tuple[date, date] | None
    reason_code: str | None
    unread: tuple[str, ...]
    detail: str = "Found by Insurance Finder."


def find_insurance(patient: Patient, *, by: User, at: datetime) -> Finding:
    """Ask AR Boost which coverages it knows of the patient, and keep what it says (D-HOLD-1).

    Never raises for an outage: the finding is then ``unavailable`` and says why; entry by hand goes on.
    Refused by role.
    """
    if not by.may(Can.WORK_CLAIMS):
        raise Refused(refusal(Can.WORK_CLAIMS), "role")
    company = patient.company
    row = Finding(
        company=company,
        patient=patient,
        found_by=by,
        found_at=at,
        as_of=moves.local_date(company, at),
        outcome="answered",
    )
    connection = questions.connection(company)
    try:
        if connection is None:
            raise arboost.Unavailable(questions.NOT_CONNECTED)
        found = arboost.find_insurance(connection, questions.person_of(patient))
    except arboost.Unavailable as problem:
        row.outcome, row.detail = "unavailable", str(problem)[:300]
        found = []
    ours = list(Payer.objects.filter(company=company))
    row.candidates = [_kept(one, ours) for one in found]
    row.save()
    return row


def find_for_claim(claim: Claim, *, by: User, at: datetime) -> Finding:
    """The same for the patient of a claim; Refused once the bill has left the biller's hands."""
    if claim.status in states.SETTLED:
        label = claim.status_label
        raise Refused(f"Claim {claim.number} is “{label}”: its coverages stand as they were sent.")
    return find_insurance(claim.patient, by=by, at=at)


def newest_finding(patient: Patient, today: date) -> Finding | None:
    """What was found for the patient today, the newest; an older finding's amounts count no more."""
    return Finding.objects.filter(patient=patient, as_of=today).order_by("-pk").first()


def take_payer(finding: Finding, place: int, payer: Payer) -> None:
    """Keep which of our payers the person says a found coverage names."""
    finding.candidates[place]["payer_key"] = payer.pk
    finding.save(update_fields=["candidates"])


def add_payer(finding: Finding, place: int, kind: str, *, by: User, at: datetime) -> Payer:
    """Make a payer of a found one that is not among ours; raises ``patients.actions.Invalid``."""
    said = finding.candidates[place]["payer"]
    clean, wrong = read_all(
        payer_readers(), {"name": said["name"], "payer_id": said["payer_id"], "kind": kind, "network": "in"}
    )
    if wrong:
        raise moves.Invalid.of(wrong)
    payer = create_payer(clean, by=by, at=at)
    take_payer(finding, place, payer)
    return payer


def attach(claim: Claim, *, at: datetime) -> Snapshot | None:
    """Give the primary coverage the deductible that Insurance Finder brought today (D-NEW-1, D-HOLD-2).

    Only for the member id and payer it was found for, and only when its amounts can be used: whatever is
    less is asked about when the claim is completed. Inside the transaction that wrote the coverage.
    """
    coverage = bills.primary_of(claim)
    today = moves.local_date(claim.company, at)
    if coverage is None or deciding.todays_answer(claim, at) is not None:
        return None
    row = newest_finding(claim.patient, today)
    for candidate in row.candidates if row else []:
        named = (candidate.get("payer_key"), candidate["member_id"].upper())
        if row is None or named != (coverage.payer_id, coverage.member_id.upper()):
            continue
        found = weighed(candidate, claim.patient, coverage.payer, claim.company, today)
        if found.usable:
            kept = holding.snapshot_row(
                found,
                claim=claim,
                coverage=coverage,
                source=Snapshot.Source.FINDER,
                at=row.found_at,
                as_of=today,
                trace=(candidate.get("trace") or "")[:50],
                by=row.found_by,
            )
            kept.save()
            return kept
    return None


def weighed(
    candidate: Mapping[str, Any], patient: Patient, payer: Payer | None, company: Company, as_of: date
) -> Evidence:
    """What a found coverage proves of the deductible: the 271 must be about this patient (D-X12-2)."""
    answer = _Answer(
        "answered",
        candidate.get("x12_271"),
        _amount(candidate.get("annual")),
        _amount(candidate.get("remaining")),
        _period(candidate.get("period")),
        candidate.get("reason_code"),
        tuple(candidate.get("unread") or ()),
    )
    identity = Identity(candidate["member_id"], patient.date_of_birth, patient.first_name, patient.last_name)
    asked = Asked(
        trace=candidate.get("trace"),
        as_of=as_of,
        identity=identity,
        ambulance=company.is_ambulance,
        out_of_network=payer is not None and payer.network == "out",
    )
    found = evidence.weigh(answer, asked)
    if answer.x12_271 and found.identity_matches is not True:
        # The trace was AR Boost's and not ours, so the person named in the 271 has to prove whose it is.
        return replace(found, usable=False, may_release=False, may_hold=False, sound=False)
    return found


def forget_old_findings(*, at: datetime) -> int:
    """Throw away findings nobody needs any more; what was used of them stands with the claim."""
    deleted: tuple[int, dict[str, Any]] = Finding.objects.filter(found_at__lt=at - KEPT_FOR).delete()
    return deleted[0]


def _kept(found: Mapping[str, Any], ours: Sequence[Payer]) -> dict[str, Any]:
    """A found coverage as JSON, with the one of our payers it certainly names."""
    period = found.get("period")
    payer = payer_meant(found["payer"]["name"], found["payer"]["payer_id"], ours)
    return {
        **found,
        "annual": _text(found.get("annual")),
        "remaining": _text(found.get("remaining")),
        "period": [day.isoformat() for day in period] if period else None,
        "payer_key": payer.pk if payer else None,
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _period(days: Sequence[str] | None) -> tuple[date, date] | None:
    return (date.fromisoformat(days[0]), date.fromisoformat(days[1])) if days else None
