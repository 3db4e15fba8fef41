"""Held claims whose fate is known beforehand: each says by its number what the night must do with it.

AR Boost's stand-in reads the amounts from the member id. The patients' name is one that nothing else has, so
that whoever tells of a patient where nobody may is found (I8).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

TARGET = date(2026, 5, 27)
MAX_DAYS = 28
THRESHOLD = "100.00"
CANARY = "Quillfeather"
FATES = 20


@dataclass(frozen=True)
class Fate:
    """What becomes of a claim in the night of ``TARGET``: its status, and the reason of its entry.

    ``remaining`` is what AR Boost says, in cents; ``age`` how many days it is held then, 0 for one to three
    weeks; ``first`` that no night had an answer about it yet.
    """

    said: str
    status: str = "hold"
    reason: str = ""
    remaining: int = 130_500
    age: int = 0
    first: bool = False
    asked: bool = True


STAYS = Fate("stays held")
SPECIAL = {
    0: Fate("met", "queued", "Deductible Met Threshold", 0),
    1: Fate("exactly the threshold", "queued", "Deductible Met Threshold", 10_000),
    2: Fate("a cent above the threshold", remaining=10_001),
    3: Fate("days used up", "queued", "Too Much Time Elapsed", age=MAX_DAYS),
    4: Fate("days used up tomorrow", age=MAX_DAYS - 1, asked=False),
    5: Fate("met on its last day", "queued", "Deductible Met Threshold", 0, age=MAX_DAYS),
    6: Fate("met at the first answer", "queued", "Deductible Met Threshold Initial Run", 0, first=True),
}


def fate(number: int) -> Fate:
    """The fate of the claim with this number."""
    return SPECIAL.get(number % FATES, STAYS)


def noon(day: date) -> datetime:
    """About noon in Chicago: a moment that is this date there."""
    return datetime(day.year, day.month, day.day, 18, 0, tzinfo=UTC)


def member_id(number: int, remaining: int | None = None) -> str:
    """The member id of a claim, which tells the stand-in what remains of 1,500.00."""
    cents = fate(number).remaining if remaining is None else remaining
    a, b, c, d = (chr(65 + number // 26**place % 26) for place in range(4))
    return f"{a}{b}D15{cents:06d}{c}{d}"


def fill(key: str, count: int, *, spread: int = 0) -> Any:
    """A company with so many automatic holds, entered the day before ``TARGET`` after that day's night.

    With ``spread`` none has a fate: all stay held, since so many different days, each day as many.
    """
    from django.db import connection, transaction

    from accounts.audit import acting
    from accounts.models import Company, User
    from deductibles.models import DeductibleSettings
    from patients.models import Patient, Payer
    from work.models import Run

    before = noon(TARGET - timedelta(days=1))
    company = Company.objects.create(key=key, name=key)
    for name, role in (("biller", "biller"), ("admin", "admin")):
        User.objects.create(username=f"{name}-{key}", company=company, role=role, password="!")  # noqa: S106
    payer = Payer.objects.create(company=company, name="Example Health Plan", payer_id="EX001")
    patient = Patient.objects.create(
        company=company, first_name="Test", last_name=CANARY, date_of_birth=date(1980, 1, 1), sex="F",
        account_number="Q1", line1="1 Test Street", city="Chicago", state="IL", zip="60601",
        created_at=before,
    )  # fmt: skip
    rules = DeductibleSettings.objects.create(
        company=company, version=1, automatic=True, max_days=MAX_DAYS, dollar_threshold=THRESHOLD,
        monitor_above=250, created_at=before - timedelta(days=60),
    )  # fmt: skip
    Run.objects.create(
        company=company, kind="check", target_date=TARGET - timedelta(days=1), state="done",
        created_at=before, started_at=before, finished_at=before,
    )  # fmt: skip
    numbers = range(1, count + 1)
    values: dict[str, Any] = {
        "company": company.pk,
        "patient": patient.pk,
        "payer": payer.pk,
        "settings": rules.pk,
        "at": before + timedelta(hours=1),
        "max_days": MAX_DAYS,
        "numbers": list(numbers),
        "members": [member_id(n, STAYS.remaining if spread else None) for n in numbers],
        "since": [since(n, spread) for n in numbers],
        "answers": [0 if fate(n).first and not spread else 1 for n in numbers],
    }
    with transaction.atomic(), acting(None, "fill a house"), connection.cursor() as cursor:
        for sql in _STATEMENTS:
            cursor.execute(sql, values)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return company


def since(number: int, spread: int) -> date:
    """The day from which the claim with this number is held."""
    if spread:
        return TARGET - timedelta(days=1 + number % spread)
    age = fate(number).age or 7 * (1 + number % 3)
    return TARGET - timedelta(days=age)


_STATEMENTS = (
    """INSERT INTO deductibles_claim (company_id, number, patient_id, date_of_service, place_of_service,
        status, diagnoses, sequence, total, deductible_unknown, version, created_at, changed_at)
    SELECT %(company)s, 'C-' || n, %(patient)s, since, '11', 'hold', '["R55"]', 1, 850, false, 1, %(at)s,
        %(at)s
    FROM unnest(%(numbers)s::bigint[], %(since)s::date[]) AS v(n, since) ORDER BY n""",
    """INSERT INTO deductibles_coverage (company_id, claim_id, rank, payer_id, member_id, group_number,
        relationship)
    SELECT c.company_id, c.id, 'primary', %(payer)s, v.member, '', 'self'
    FROM unnest(%(numbers)s::bigint[], %(members)s::text[]) AS v(n, member)
    JOIN deductibles_claim c ON c.company_id = %(company)s AND c.number = 'C-' || v.n ORDER BY c.id""",
    """INSERT INTO deductibles_charge (company_id, claim_id, line, code, modifiers, units, amount,
        diagnosis_pointers)
    SELECT company_id, id, 1, '99213', '[]', 1, 850, '[1]' FROM deductibles_claim
    WHERE company_id = %(company)s""",
    """INSERT INTO deductibles_snapshot (company_id, claim_id, coverage_id, source, asked_at, as_of, trace,
        outcome, detail, x12_271, reading, annual, remaining, usable, may_release, may_hold, says_met,
        proven_until, reason_code, flags)
    SELECT company_id, claim_id, id, 'arboost', %(at)s, '2026-05-01', 'C' || claim_id, 'answered', '', '',
        '{"usable": true}', 1500, 1400, true, true, true, false, '2026-12-31', '', '[]'
    FROM deductibles_coverage WHERE company_id = %(company)s ORDER BY id""",
    """INSERT INTO deductibles_hold (company_id, claim_id, coverage_id, payer_id, kind, started_on, anchor_on,
        release_on, guard_waived, next_check_on, annual, remaining, snapshot_id, last_asked_at,
        last_answered_at, nightly_answers, flags, settings_id, why, active, reason_code, release_why)
    SELECT s.company_id, s.claim_id, s.coverage_id, %(payer)s, 'automatic', v.since, v.since,
        v.since + %(max_days)s::int, false, v.since + 7, 1500, 1400, s.id, %(at)s, %(at)s, v.answers, '[]',
        %(settings)s, '["1,400.00 remaining is more than the threshold."]', true, '', '[]'
    FROM unnest(%(numbers)s::bigint[], %(since)s::date[], %(answers)s::int[]) AS v(n, since, answers)
    JOIN deductibles_claim c ON c.company_id = %(company)s AND c.number = 'C-' || v.n
    JOIN deductibles_snapshot s ON s.claim_id = c.id ORDER BY c.id""",
)
