"""Many held claims for a measurement, each with its patient, coverage, charge and stored answer.

The database makes them, one statement a table, without triggers: a million in some minutes. They are held since
one of the last 56 days, so that every seventh is due on any one date. What AR Boost's stand-in says is written
in the member id: one in twelve of those asked has met its deductible.
"""

# ruff: noqa: E501

from __future__ import annotations

from datetime import date
from typing import Any

PAYERS = 40
SPREAD_DAYS = 56
MAX_DAYS = 60
_TABLES = (
    "patients_patient",
    *(f"deductibles_{one}" for one in ("claim", "coverage", "charge", "snapshot", "hold")),
)
_PATIENTS = """
    INSERT INTO patients_patient (company_id, first_name, last_name, date_of_birth, sex, account_number, phone,
        email, line1, line2, city, state, zip, time_zone, do_not_call, do_not_message, do_not_mail, version,
        created_at)
    SELECT %(company)s, 'Test', 'Person' || chr(65 + n %% 26) || chr(65 + n / 26 %% 26), date '1950-01-01' + n %% 20000,
        'F', 'B' || n, '', '', '1 Test Street', '', 'Chicago', 'IL', '60601', '', false, false, false, 1, now()
    FROM generate_series(1, %(count)s) n"""
_CLAIMS = """
    INSERT INTO deductibles_claim (company_id, number, patient_id, date_of_service, place_of_service, status,
        diagnoses, ambulance, sequence, total, deductible_unknown, version, created_at, changed_at)
    SELECT %(company)s, 'C-' || n, %(patient)s + n %% %(patients)s, %(target)s::date - n %% %(spread)s, '41', 'hold',
        '["R55"]', NULL, 1, 850, false, 1, now(), now()
    FROM generate_series(1, %(count)s) n"""
_COVERAGES = """
    INSERT INTO deductibles_coverage (company_id, claim_id, rank, payer_id, member_id, group_number, relationship)
    SELECT company_id, id, 'primary', %(payer)s + id %% %(payers)s,
        chr(65 + (id %% 26)::int) || chr(65 + (id / 26 %% 26)::int) || 'D20'
        || CASE WHEN id %% 12 = 0 THEN '000000' ELSE lpad((30000 + id %% 120000)::text, 6, '0') END || 'AA', '', 'self'
    FROM deductibles_claim WHERE company_id = %(company)s"""
_CHARGES = """
    INSERT INTO deductibles_charge (company_id, claim_id, line, code, modifiers, units, amount, diagnosis_pointers)
    SELECT company_id, id, 1, 'A0427', '["RH"]', 1, 850, '[1]' FROM deductibles_claim WHERE company_id = %(company)s"""
_SNAPSHOTS = """
    INSERT INTO deductibles_snapshot (company_id, claim_id, coverage_id, source, asked_at, as_of, trace, outcome,
        detail, x12_271, reading, annual, remaining, usable, may_release, may_hold, says_met, proven_until,
        reason_code, flags)
    SELECT company_id, claim_id, id, 'arboost', now(), %(target)s::date - 60, 'B' || id, 'answered', '', '',
        '{"usable": true}', 2000, 1500, true, true, true, false, date_trunc('year', %(target)s::date) + '364 days',
        '', '[]'
    FROM deductibles_coverage WHERE company_id = %(company)s"""
_HOLDS = """
    INSERT INTO deductibles_hold (company_id, claim_id, coverage_id, payer_id, kind, started_on, anchor_on,
        release_on, guard_waived, next_check_on, annual, remaining, snapshot_id, last_asked_at, last_answered_at,
        nightly_answers, flags, settings_id, why, active, reason_code, release_why)
    SELECT s.company_id, s.claim_id, s.coverage_id, c.payer_id, 'automatic', h.since, h.since,
        h.since + %(max_days)s::int, false, %(target)s, 2000, 1500, s.id, now(), now(), 1, '[]', %(settings)s,
        '["1,500.00 remaining is more than the threshold."]', true, '', '[]'
    FROM deductibles_snapshot s JOIN deductibles_coverage c ON c.id = s.coverage_id,
        LATERAL (SELECT %(target)s::date - 1 - (s.id %% %(spread)s)::int AS since) h
    WHERE s.company_id = %(company)s"""


def fill(key: str, count: int, target: date) -> Any:
    """A company of its own with so many automatic holds, due as a night finds them."""
    from django.db import connection
    from django.utils import timezone

    from accounts.models import Company
    from deductibles.models import DeductibleSettings
    from patients.models import Patient, Payer

    company = Company.objects.create(key=key, name=key)
    Payer.objects.bulk_create(
        Payer(company=company, name=f"Example Payer {n}", payer_id=f"EX{n:03d}") for n in range(PAYERS)
    )
    rules = DeductibleSettings.objects.create(
        company=company,
        version=1,
        automatic=True,
        max_days=MAX_DAYS,
        dollar_threshold=100,
        monitor_above=250,
        created_at=timezone.now(),
    )
    patients = max(1, count // 4)
    values: dict[str, Any] = {
        "company": company.pk,
        "count": patients,
        "patients": patients,
        "payers": PAYERS,
        "payer": Payer.objects.filter(company=company).order_by("pk").values_list("pk", flat=True)[0],
        "settings": rules.pk,
        "target": target,
        "spread": SPREAD_DAYS,
        "max_days": MAX_DAYS,
    }
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(_PATIENTS, values)
        first = Patient.objects.filter(company=company).order_by("pk").values_list("pk", flat=True)[0]
        for sql in (_CLAIMS, _COVERAGES, _CHARGES, _SNAPSHOTS, _HOLDS):
            cursor.execute(sql, {**values, "count": count, "patient": first})
        for table in _TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    count_lines(company)
    settle()
    return company


_SPREAD = (
    """UPDATE deductibles_claim SET status = 'queued' WHERE company_id = %(company)s AND id %% 19 = 0""",
    """UPDATE deductibles_hold SET kind = 'manual' WHERE company_id = %(company)s AND claim_id %% 97 = 1""",
    """UPDATE deductibles_hold SET active = false, ended_at = now(), queued_at = now(),
        release_on = release_on - 30 - (claim_id %% 7)::int,
        reason_code = CASE WHEN claim_id %% 9973 = 0 THEN 'Something Else'
            WHEN claim_id %% 3 = 0 THEN 'Manually Queued' WHEN claim_id %% 3 = 1 THEN 'Too Much Time Elapsed'
            ELSE 'Deductible Met Threshold' END
        WHERE company_id = %(company)s AND claim_id %% 19 = 0""",
)


def spread(company: Any) -> None:
    """Have the page see every kind of line: one in twenty released for each reason, one in a hundred by hand."""
    from django.db import connection

    tables = ("deductibles_claim", "deductibles_hold")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for sql in _SPREAD:
            cursor.execute(sql, {"company": company.pk})
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    count_lines(company)
    settle()


def count_lines(company: Any) -> None:
    """The sums above the page, of rows that were made without triggers."""
    from deductibles.actions.hold_totals import recount

    recount(company)


def night_before(company: Any, target: date) -> None:
    """Have it done: without it the check would take itself for the first in days, and ask for all of them."""
    from datetime import timedelta

    from django.utils import timezone

    from work.models import Run

    now, before = timezone.now(), target - timedelta(days=1)
    kept = {"state": "done", "created_at": now}
    Run.objects.get_or_create(company=company, kind="check", target_date=before, defaults=kept)


def settle() -> None:
    """The tables as they are after a quiet day: no dead rows, and the planner knows them."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
