"""Many claims and tickets for trying size, on top of the demo: `seed_demo --tickets N --holds N`."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.audit import acting
from accounts.models import Company, User
from config.demo.claims import body_of
from config.demo.tickets import file_one
from config.demo.vendor import Vendor
from deductibles.actions import claims
from deductibles.models import Charge, Claim, ControlNumbers, Coverage, Hold, Snapshot, settings_in_force
from patients.models import Patient, Payer

MODEL_MEMBER = "AMD30184216ZZ"


def many_tickets(company: Company, count: int, patients: list[Patient], *, now: datetime) -> int:
    """File many tickets over the last fortnight by the same action as all others."""
    agent = User.objects.filter(company=company, role="agent").earliest("pk")
    for number in range(count):
        at = now - timedelta(minutes=7 * number % 20000)
        file_one(agent, patients[number % len(patients)], ("phone", "email")[number % 2], at)
    return count


def many_holds(company: Company, count: int, patients: list[Patient], *, now: datetime) -> int:
    """Add claims that are held and can be queued, in bulk: one reading stands for all of them."""
    biller = User.objects.filter(company=company, role="biller").earliest("pk")
    today = now.astimezone(company.zone).date()
    payer = Payer.objects.get(company=company, payer_id="AM210")
    model = _model(company, biller, payer, patients[0], now)
    settings = settings_in_force(company.pk)
    for start in range(0, count, 5000):
        numbers = range(start, min(start + 5000, count))
        with transaction.atomic(), acting(biller, "seed demo"):
            _bulk(company, numbers, patients, payer, model, settings, today, now)
    return count


def _model(company: Company, biller: User, payer: Payer, patient: Patient, now: datetime) -> Snapshot:
    """The reading that the many share; it belongs to a draft of its own."""
    service_on = now.astimezone(company.zone).date() - timedelta(days=4)
    claim = claims.create_claim(body_of(patient, payer, MODEL_MEMBER, service_on), by=biller, at=now)
    return Vendor().ask(claim, by=biller, at=now)


def _bulk(
    company: Company,
    numbers: range,
    patients: list[Patient],
    payer: Payer,
    model: Snapshot,
    settings: Any,
    today: date,
    now: datetime,
) -> None:
    ControlNumbers.objects.get_or_create(company=company)
    control = ControlNumbers.objects.select_for_update().get(company=company)
    first = control.claim + 1
    control.claim += len(numbers)
    control.save(update_fields=["claim"])
    rows = [
        Claim(
            company=company, number=f"C-{first + index}", patient=patients[number % len(patients)],
            date_of_service=today - timedelta(days=3 + number % 30), place_of_service="41", status="hold",
            diagnoses=["R55"], ambulance=_ride(patients[number % len(patients)]),
            total=Decimal("850.00"), created_at=now, changed_at=now,
        )
        for index, number in enumerate(numbers)
    ]  # fmt: skip
    Claim.objects.bulk_create(rows, batch_size=1000)
    coverages = [
        Coverage(company=company, claim=claim, rank="primary", payer=payer, member_id=f"AMZ{claim.pk:08d}")
        for claim in rows
    ]
    Coverage.objects.bulk_create(coverages, batch_size=1000)
    Charge.objects.bulk_create(
        [
            Charge(
                company=company, claim=claim, line=1, code="A0427", units=1, amount=Decimal("850.00"),
                modifiers=["RH"], diagnosis_pointers=[1],
            )
            for claim in rows
        ],
        batch_size=1000,
    )  # fmt: skip
    _bulk_holds(company, rows, coverages, payer, model, settings, today, now)


def _bulk_holds(
    company: Company,
    rows: list[Claim],
    coverages: list[Coverage],
    payer: Payer,
    model: Snapshot,
    settings: Any,
    today: date,
    now: datetime,
) -> None:
    snapshots = Snapshot.objects.bulk_create(
        [
            Snapshot(
                company=company, claim=claim, coverage=coverage, source="arboost", asked_at=now, as_of=today,
                outcome="answered", reading=model.reading, annual=model.annual, remaining=model.remaining,
                usable=True, may_release=True, may_hold=True, proven_until=model.proven_until,
            )
            for claim, coverage in zip(rows, coverages, strict=True)
        ],
        batch_size=1000,
    )  # fmt: skip
    held = []
    for number, (claim, coverage, snapshot) in enumerate(zip(rows, coverages, snapshots, strict=True)):
        since = today - timedelta(days=number % 30)
        asked = since + timedelta(days=(today - since).days // 7 * 7 + 7)
        held.append(
            Hold(
                company=company, claim=claim, coverage=coverage, payer=payer, kind="automatic",
                started_on=since, anchor_on=since, release_on=since + timedelta(days=settings.max_days or 45),
                next_check_on=asked, annual=model.annual, remaining=model.remaining, snapshot=snapshot,
                last_asked_at=now, last_answered_at=now, settings=settings if settings.pk else None,
                why=["Remaining 1,842.16 is more than the threshold."],
            )
        )  # fmt: skip
    Hold.objects.bulk_create(held, batch_size=1000)


def _ride(patient: Patient) -> dict[str, Any]:
    home = {"line1": patient.line1, "line2": "", "city": patient.city, "state": "IL", "zip": patient.zip}
    clinic = {"line1": "200 Clinic Drive", "line2": "", "city": "Chicago", "state": "IL", "zip": "60602"}
    return {"reason": "A", "miles": "12", "pickup": home, "dropoff": clinic}
