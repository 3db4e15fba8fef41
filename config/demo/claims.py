"""Demo claims: some held on real readings, some by hand, drafts; and many held ones for trying size."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Any

from django.db import transaction

from accounts.audit import acting
from accounts.models import Company, User
from deductibles import questions
from deductibles.actions import claims, deciding, holding, holds
from deductibles.domain import cadence, evidence
from deductibles.models import Charge, Claim, ControlNumbers, Coverage, Hold, Snapshot, settings_in_force
from patients.models import Patient, Payer
from sandbox.answers_271 import benefit_lines, build
from sandbox.script import Book

LIVES = [
    (40, "NB001", "NBX204411"),
    (33, "AM210", "AMX339020"),
    (24, "UT300", "UTX118273"),
    (19, "NB001", "NBX993012"),
    (13, "CS077", "CSX700141"),
    (11, "AM210", "AMX551904"),
    (6, "NB001", "FALLS0001"),
    (3, "AM210", "AMX820077"),
    (2, "NB001", "NBX400300"),
    (1, "UT300", "UTX903311"),
]
"""Days ago, payer id, member id: what AR Boost's stand-in says of each member stands in its script."""
FALL = Decimal("120.00")
"""What a held patient pays off in a week."""

_LINE = {"modifiers": ["RH"], "diagnosis_pointers": [1]}


def body_of(patient: Patient, payer: Payer, member_id: str, service_on: date) -> dict[str, Any]:
    """A complete ambulance claim, as ``POST claims/`` takes it."""
    home = {"line1": patient.line1, "city": patient.city, "state": patient.state, "zip": patient.zip}
    clinic = {"line1": "200 Clinic Drive", "city": "Chicago", "state": "IL", "zip": "60602"}
    return {
        "patient": str(patient.pk),
        "date_of_service": service_on.isoformat(),
        "place_of_service": "41",
        "coverages": [{"rank": "primary", "payer": str(payer.pk), "member_id": member_id}],
        "diagnoses": ["R55"],
        "charges": [
            {"code": "A0427", "units": "1", "amount": "850.00", **_LINE},
            {"code": "A0425", "units": "12", "amount": "216.00", **_LINE},
        ],
        "ambulance": {"reason": "A", "miles": "12", "pickup": home, "dropoff": clinic},
    }


def live_claims(biller: User, patients: list[Patient], *, now: datetime) -> int:
    """Enter, complete and hold claims in the past, each on an answer that the reader read."""
    payers = {payer.payer_id: payer for payer in Payer.objects.filter(company=biller.company)}
    book = Book()
    for (days, payer_id, member), patient in zip(LIVES, patients, strict=False):
        at = (now - timedelta(days=days)).replace(hour=17, minute=0)  # by day, whatever the clock changes
        annual, remaining = itemgetter("annual", "remaining")(book.amounts(member, at.date()))
        claim = _enter(biller, patient, payers[payer_id], member, at)
        weeks = days // 7
        first = Decimal(remaining) + FALL * weeks if Decimal(remaining) > 100 else Decimal(remaining)
        snapshot = _answered(claim, _amounts(annual, first), at, biller)
        outcome = deciding.complete(claim, by=biller, at=at, asked=snapshot)
        if outcome.hold is not None:
            _ask_weekly(outcome.hold, annual, first, weeks, at, biller)
    last = patients[len(LIVES) :]
    _enter(biller, last[0], payers["NB001"], "NBX100200", now - timedelta(hours=4))
    by_hand = _enter(biller, last[1], payers["CS077"], "CSX100201", now - timedelta(days=5))
    holds.hold_by_hand(by_hand, by=biller, at=now - timedelta(days=5), confirmed=True)
    return len(LIVES) + 2


def _amounts(annual: str, remaining: Decimal) -> dict[str, Any]:
    return {"annual": annual, "remaining": f"{min(Decimal(annual), remaining):.2f}"}


def _ask_weekly(hold: Hold, annual: str, first: Decimal, weeks: int, at: datetime, biller: User) -> None:
    """The answers of days 7, 14, 21 … (D-CHK-2), each a little lower, taken in as they would have been."""
    for week in range(1, weeks + 1):
        asked_at = at + timedelta(days=7 * week)
        claim = Claim.objects.get(pk=hold.claim_id)
        snapshot = _answered(claim, _amounts(annual, first - FALL * week), asked_at, biller, "nightly")
        deciding.run_eligibility(claim, by=biller, at=asked_at, asked=snapshot)
    with transaction.atomic(), acting(None, "nightly check"):
        after = hold.anchor_on + timedelta(days=7 * weeks)
        Hold.objects.filter(pk=hold.pk).update(
            next_check_on=cadence.next_check_on(hold.anchor_on, after), nightly_answers=weeks
        )


def _enter(biller: User, patient: Patient, payer: Payer, member_id: str, at: datetime) -> Claim:
    service_on = (at - timedelta(days=4)).date()
    return claims.create_claim(body_of(patient, payer, member_id, service_on), by=biller, at=at)


def _answered(
    claim: Claim, amounts: dict[str, Any], at: datetime, biller: User, source: str = "arboost"
) -> Snapshot:
    """An eligibility answer of that day, made as text and read by the reader."""
    company, coverage = claim.company, claim.coverages.get(rank="primary")
    as_of = at.astimezone(company.zone).date()
    trace = f"DEMO{claim.pk}"
    text = build(_question(claim, coverage, trace), as_of, benefit_lines(amounts))
    found = evidence.of_text(text, questions.asked(trace, claim, coverage, company, as_of))
    row = holding.snapshot_row(
        found, claim=claim, coverage=coverage, source=source, at=at, as_of=as_of, trace=trace
    )
    with transaction.atomic(), acting(biller, "run eligibility"):
        row.save()
    return row


def _question(claim: Claim, coverage: Coverage, trace: str) -> dict[str, Any]:
    patient = claim.patient
    person = {
        "first_name": patient.first_name,
        "last_name": patient.last_name,
        "date_of_birth": patient.date_of_birth.isoformat(),
        "sex": patient.sex,
    }
    subscriber = {**person, "member_id": coverage.member_id, "relationship": "self"}
    payer = {"name": coverage.payer.name, "payer_id": coverage.payer.payer_id}
    return {"trace": trace, "payer": payer, "subscriber": subscriber, "patient": person}


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
    claim = _enter(biller, patient, payer, "AMX000000", now)
    return _answered(claim, {"annual": "3000.00", "remaining": "1842.16"}, now, biller)


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
