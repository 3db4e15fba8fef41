"""Writes an invented history into the tables of a company, as the acts and nights would have left them.

Each table takes all its rows in one statement, so that the history of a row names who did it. Holds are
written as they began and then as they ended: the first row of their history says what was known at the start.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import StringIO
from itertools import accumulate, chain, islice
from typing import Any

from django.db import connection, transaction

from accounts.audit import acting
from accounts.models import Company, User
from config.demo.people import make_patients
from config.demo.years.living import HABITS, live
from config.demo.years.rows import Keys, Rows, answers_of, counts, digest_of
from config.demo.years.truth import DAY, POSTED_AT, History, TruePayer, TrueSettings, moment, night_at
from deductibles.actions import columns, concerns, outcomes
from deductibles.actions.rates import save_rates
from deductibles.domain import worklists
from deductibles.models import Arrival, ControlNumbers, DeductibleSettings, Submission
from deductibles.nights import newest_night
from patients.models import Patient, Payer
from work.models import Run

PAGE = 20_000
IN_THE_DEMO, PATIENTS = 360, 40
QUIET = timedelta(days=130)
"""Longer than any of the demo's settings holds a claim and any payer takes to pay it."""
RATES = {"collected": "12", "co_insurance": "20", "money": "8", "source": "Report Patient payments, by month"}
RATES_BEFORE = timedelta(days=35)


def rules_of(company: Company) -> tuple[tuple[TruePayer, ...], tuple[TrueSettings, ...]]:
    """The company's own payers that may be held, each with a habit in turn, and the settings it had."""
    rows = [row for row in Payer.objects.filter(company=company).order_by("pk") if not row.is_never_held]
    own = "filing_limit_days", "max_days", "dollar_threshold", "monitor_above"
    payers = tuple(
        TruePayer(
            row.payer_id,
            row.name,
            HABITS[place % len(HABITS)],
            **{name: getattr(row, name) for name in own},
        )
        for place, row in enumerate(rows)
    )
    return payers, tuple(_settings(row) for row in _versions(company) if row.max_days is not None)


def _versions(company: Company) -> Iterable[DeductibleSettings]:
    return DeductibleSettings.objects.filter(company=company).order_by("version")


def _settings(row: DeductibleSettings) -> TrueSettings:
    assert row.max_days is not None
    return TrueSettings(
        version=row.version,
        since=row.created_at,
        max_days=row.max_days,
        dollar_threshold=row.dollar_threshold,
        monitor_above=row.monitor_above,
        guard_days=row.guard_days,
        automatic=row.automatic,
        manual_days=row.manual_days if row.manual else None,
    )


def make_rules(company: Company, history: History) -> None:
    """Give a company without any the payers and settings of this history."""
    known = set(Payer.objects.filter(company=company).values_list("payer_id", flat=True))
    Payer.objects.bulk_create(
        Payer(
            company=company,
            name=one.name,
            payer_id=one.code,
            filing_limit_days=one.filing_limit_days,
            max_days=one.max_days,
            dollar_threshold=one.dollar_threshold,
            monitor_above=one.monitor_above,
        )
        for one in history.payers
        if one.code not in known
    )
    there = {row.version for row in _versions(company)}
    DeductibleSettings.objects.bulk_create(
        DeductibleSettings(
            company=company,
            version=one.version,
            automatic=one.automatic,
            max_days=one.max_days,
            dollar_threshold=one.dollar_threshold,
            monitor_above=one.monitor_above,
            manual=one.manual_days is not None,
            manual_days=one.manual_days,
            guard_days=one.guard_days,
            created_at=one.since,
        )
        for one in history.settings
        if one.version not in there
    )


def live_years(company: Company, *, by: User, admin: User, now: datetime) -> None:
    """Some hundred claims of the two years before the demo's own weeks, all of them at their end."""
    today = newest_night(company, now)
    payers, settings = rules_of(company)
    history = live(IN_THE_DEMO, today=today, payers=payers, settings=settings, quiet=QUIET)
    patients = make_patients(company, PATIENTS, at=now - timedelta(days=730))
    write(company, history, patients=patients, by=by)
    measured = (today - RATES_BEFORE).replace(day=1) - DAY
    save_rates(company, {**RATES, "measured_to": measured.isoformat()}, by=admin, at=now - RATES_BEFORE)


def write(company: Company, history: History, *, patients: Sequence[Patient], by: User) -> Keys:
    """Write the whole history in one transaction; give the keys its rows got."""
    with transaction.atomic(), acting(by, "years of claims"):
        keys = _keys(company, history, patients)
        _Writer(Rows(company.pk, keys, by, history.today)).write(history)
    return keys


def _keys(company: Company, history: History, patients: Sequence[Patient]) -> Keys:
    """Allot the keys of every row, so that they can refer to each other before any is written."""
    count = len(history.claims)
    ControlNumbers.objects.get_or_create(company=company)
    control = ControlNumbers.objects.select_for_update().get(company=company)
    control.claim += count
    control.save(update_fields=["claim"])
    found = Keys(
        first_number=control.claim - count + 1,
        claims=_next("claim", count),
        coverages=_next("coverage", count),
        holds=_next("hold", count),
        snapshots=_next("snapshot", sum(map(answers_of, history.claims))),
        patients=[row.pk for row in patients],
        payers=dict(Payer.objects.filter(company=company).values_list("payer_id", "pk")),
        settings={row.version: row.pk for row in _versions(company)},
    )
    found.first_answer = list(accumulate(map(answers_of, history.claims), initial=0))
    nights = {
        one.submitted_on for one in history.claims if one.submitted_on and one.submitted_on < history.today
    }
    _runs(company, history, found)
    _submissions(company, sorted(nights), control, found)
    _arrivals(company, history, found)
    return found


def _next(table: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [f"deductibles_{table}", count],
        )
        return [key for (key,) in cursor.fetchall()]


def _runs(company: Company, history: History, keys: Keys) -> None:
    """The nights of the whole time; those that are there already stay as they are."""
    known = {
        (kind, on): pk
        for kind, on, pk in Run.objects.filter(company=company).values_list("kind", "target_date", "pk")
    }
    done = counts(history)
    new = [
        Run(company=company, kind=kind, target_date=on, state="done", created_at=night_at(on),
            started_at=night_at(on), finished_at=night_at(on), **done[kind, on])
        for kind, on in sorted(done)
        if (kind, on) not in known
    ]  # fmt: skip
    known |= {(row.kind, row.target_date): row.pk for row in Run.objects.bulk_create(new, batch_size=1000)}
    keys.runs = known


def _submissions(company: Company, nights: Sequence[date], control: ControlNumbers, keys: Keys) -> None:
    first = control.interchange + 1
    rows = Submission.objects.bulk_create(
        [
            Submission(
                company=company, run_id=keys.runs["submission", on], control_number=first + place,
                filename=f"{company.key}-years-{first + place:09d}.837", state="handed_over", claims_count=1,
                written_at=night_at(on), tried_at=night_at(on), handed_over_at=night_at(on),
            )
            for place, on in enumerate(nights)
        ],
        batch_size=1000,
    )  # fmt: skip
    control.interchange += len(rows)
    control.save(update_fields=["interchange"])
    keys.submissions = {on: row.pk for on, row in zip(nights, rows, strict=True)}


def _arrivals(company: Company, history: History, keys: Keys) -> None:
    """A remittance for each day on which somebody paid or denied."""
    days = sorted({one.payment.on for one in history.claims if one.payment and not one.payment.by_hand})
    first = keys.first_number
    rows = Arrival.objects.bulk_create(
        [
            Arrival(
                company=company, name=f"835-{on:%Y%m%d}.txt", digest=digest_of(company.pk, on, first),
                source="inbox", state="taken", kinds="835", arrived_at=moment(on, POSTED_AT),
            )
            for on in days
        ],
        batch_size=1000,
    )  # fmt: skip
    keys.arrivals = {on: row.pk for on, row in zip(days, rows, strict=True)}


_ENDED = """
    UPDATE deductibles_hold h SET ({columns}) = ROW({values})
    FROM years_rows v WHERE h.id = v.id"""
_COUNTED = """
    UPDATE deductibles_submission s SET claims_count = i.n, accepted = i.n
    FROM (SELECT submission_id, count(*) AS n FROM deductibles_submissionitem
          WHERE submission_id = ANY(%s) GROUP BY 1) i WHERE s.id = i.submission_id"""


@dataclass(frozen=True)
class _Writer:
    """Puts the rows of a history where they belong."""

    rows: Rows

    def write(self, history: History) -> None:
        """Table after table; a hold as it began, the answers, then the hold as it is now."""
        rows, claims = self.rows, history.claims
        self._insert("claim", rows.CLAIM, map(rows.claim, claims))
        self._insert("coverage", rows.COVERAGE, map(rows.coverage, claims))
        self._insert("charge", rows.CHARGE, map(rows.charge, claims))
        self._insert("snapshot", rows.SNAPSHOT, chain.from_iterable(map(rows.snapshots, claims)))
        held = [one for one in claims if one.hold is not None]
        self._insert("hold", rows.BEGUN, map(rows.begun, held))
        self._insert("question", rows.QUESTION, chain.from_iterable(map(rows.questions, held)))
        with self._copied("hold", rows.ENDED, map(rows.ended, held)) as cursor:
            given = [name for name in rows.ENDED if name != "id"]
            cursor.execute(
                _ENDED.format(columns=", ".join(given), values=", ".join(f"v.{name}" for name in given))
            )
        sent = [one for one in claims if one.submitted_on is not None and one.submitted_on < history.today]
        self._insert("submissionitem", rows.ITEM, map(rows.item, sent))
        self._insert("submissionfile", rows.SENT, rows.sent())
        self._insert("arrivalfile", rows.CAME, rows.came())
        with connection.cursor() as cursor:
            cursor.execute(_COUNTED, [list(rows.keys.submissions.values())])
        paid = [one for one in claims if one.payment is not None]
        self._insert("payment", rows.PAYMENT, chain.from_iterable(map(rows.payments, paid)))
        concerns.told(worklists.UNPAID, rows.denials(history), on=history.today - DAY)
        outcomes.keep(rows.company, [rows.keys.claims[one.number] for one in paid])

    def _insert(self, table: str, names: Sequence[str], lines: Iterable[Sequence[Any]]) -> None:
        with self._copied(table, names, lines) as cursor:
            listed = ", ".join(names)
            cursor.execute(
                f"INSERT INTO deductibles_{table} ({listed}) SELECT {listed} FROM years_rows"  # noqa: S608
            )

    @contextmanager
    def _copied(self, table: str, names: Sequence[str], lines: Iterable[Sequence[Any]]) -> Iterator[Any]:
        """The lines in a table of their own, which is gone afterwards."""
        listed = ", ".join(names)
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMPORARY TABLE years_rows ON COMMIT DROP AS SELECT {listed}"  # noqa: S608
                f" FROM deductibles_{table} WITH NO DATA"
            )
            told = (columns.line(*map(_cell, line)) for line in lines)
            while page := list(islice(told, PAGE)):
                cursor.copy_expert(f"COPY years_rows ({listed}) FROM STDIN", StringIO("\n".join([*page, ""])))
            yield cursor
            cursor.execute("DROP TABLE years_rows")


_json = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_KINDS: dict[Any, Callable[[Any], str]] = {list: _json, dict: _json, tuple: _json, str: str}
"""What is text, or becomes text; numbers, dates and moments COPY reads as they are printed."""


def _cell(value: Any) -> Any:
    written = _KINDS.get(type(value))
    if written is None:
        return value
    text = written(value)
    return columns.cell(text) if "\\" in text or "\n" in text else text
