"""Many claims for trying size, on top of the demo: `seed_demo --holds N`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.audit import acting
from accounts.models import Company, User
from config.demo.claims import body_of
from config.demo.vendor import Vendor
from deductibles.actions import claims
from deductibles.domain import cadence
from deductibles.models import (
    Charge,
    Claim,
    ControlNumbers,
    Coverage,
    DeductibleSettings,
    Hold,
    Snapshot,
    settings_in_force,
)
from patients.models import Patient, Payer

MODEL_MEMBER = "AMD30184216ZZ"
PRICE = Decimal("850.00")
BATCH = 5000


def many_holds(company: Company, count: int, patients: list[Patient], *, now: datetime) -> int:
    """Add claims that are held and can be queued, in bulk: one reading stands for all of them."""
    biller = User.objects.filter(company=company, role="biller").earliest("pk")
    payer = Payer.objects.get(company=company, payer_id="AM210")
    model = _model(company, biller, payer, patients[0], now)
    many = Many(company, patients, payer, model, settings_in_force(company.pk), now)
    for start in range(0, count, BATCH):
        with transaction.atomic(), acting(biller, "seed demo"):
            many.add(range(start, min(start + BATCH, count)))
    return count


def _model(company: Company, biller: User, payer: Payer, patient: Patient, now: datetime) -> Snapshot:
    """The reading that the many share; it belongs to a draft of its own."""
    service_on = now.astimezone(company.zone).date() - timedelta(days=4)
    claim = claims.create_claim(body_of(patient, payer, MODEL_MEMBER, service_on), by=biller, at=now)
    return Vendor().ask(claim, by=biller, at=now)


@dataclass(frozen=True)
class Many:
    """What the many claims have in common; ``model`` is the answer that each of them got."""

    company: Company
    patients: list[Patient]
    payer: Payer
    model: Snapshot
    settings: DeductibleSettings
    now: datetime

    @property
    def today(self) -> date:
        """The company's date."""
        return self.now.astimezone(self.company.zone).date()

    def add(self, numbers: range) -> None:
        """Add one batch, table by table."""
        rows = self._claims(numbers)
        Claim.objects.bulk_create(rows, batch_size=1000)
        coverages = [
            Coverage(
                company=self.company, claim=claim, rank="primary", payer=self.payer,
                member_id=f"AMZ{claim.pk:08d}",
            )
            for claim in rows
        ]  # fmt: skip
        Coverage.objects.bulk_create(coverages, batch_size=1000)
        Charge.objects.bulk_create([self._charge(claim) for claim in rows], batch_size=1000)
        pairs = list(zip(rows, coverages, strict=True))
        answers = Snapshot.objects.bulk_create([self._answer(*pair) for pair in pairs], batch_size=1000)
        holds = [
            self._hold(number, claim, coverage, answer)
            for number, ((claim, coverage), answer) in enumerate(zip(pairs, answers, strict=True))
        ]
        Hold.objects.bulk_create(holds, batch_size=1000)

    def _claims(self, numbers: range) -> list[Claim]:
        first = self._numbers(len(numbers))
        return [
            Claim(
                company=self.company, number=f"C-{first + index}", patient=patient, payer=self.payer,
                date_of_service=self.today - timedelta(days=3 + number % 30), place_of_service="41",
                status="hold", diagnoses=["R55"], ambulance=ride_of(patient), total=PRICE,
                created_at=self.now, changed_at=self.now,
            )
            for index, number in enumerate(numbers)
            for patient in [self.patients[number % len(self.patients)]]
        ]  # fmt: skip

    def _numbers(self, count: int) -> int:
        """Allot claim numbers; give the first."""
        ControlNumbers.objects.get_or_create(company=self.company)
        control = ControlNumbers.objects.select_for_update().get(company=self.company)
        control.claim += count
        control.save(update_fields=["claim"])
        return control.claim - count + 1

    def _charge(self, claim: Claim) -> Charge:
        return Charge(
            company=self.company, claim=claim, line=1, code="A0427", units=1, amount=PRICE,
            modifiers=["RH"], diagnosis_pointers=[1],
        )  # fmt: skip

    def _answer(self, claim: Claim, coverage: Coverage) -> Snapshot:
        model = self.model
        return Snapshot(
            company=self.company, claim=claim, coverage=coverage, source="arboost", asked_at=self.now,
            as_of=self.today, outcome="answered", reading=model.reading, annual=model.annual,
            remaining=model.remaining, usable=True, may_release=True, may_hold=True,
            proven_until=model.proven_until,
        )  # fmt: skip

    def _hold(self, number: int, claim: Claim, coverage: Coverage, answer: Snapshot) -> Hold:
        """Held for as many days as its place in the batch says, a day short of the longest."""
        longest = self.settings.max_days or 30
        since = self.today - timedelta(days=number % longest)
        return Hold(
            company=self.company, claim=claim, coverage=coverage, payer=self.payer, kind="automatic",
            started_on=since, anchor_on=since, release_on=since + timedelta(days=longest),
            next_check_on=cadence.next_check_on(since, self.today), annual=answer.annual,
            remaining=answer.remaining, snapshot=answer, last_asked_at=self.now,
            last_answered_at=self.now, settings=self.settings if self.settings.pk else None,
            why=["Remaining 1,842.16 is more than the threshold."],
        )  # fmt: skip


def ride_of(patient: Patient) -> dict[str, Any]:
    """The ambulance's part of a bill: from the patient's home to a clinic."""
    home = {"line1": patient.line1, "line2": "", "city": patient.city, "state": "IL", "zip": patient.zip}
    clinic = {"line1": "200 Clinic Drive", "line2": "", "city": "Chicago", "state": "IL", "zip": "60602"}
    return {"reason": "A", "miles": "12", "pickup": home, "dropoff": clinic}
