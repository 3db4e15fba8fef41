"""The questions of a night as they are read to be asked: plain values, a page at a time.

A night reads a hundred thousand of them. A row with six joined to it, each an object that could be saved,
costs more than asking and weighing; these have the attributes that both read, by the same names.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q

from deductibles.actions.columns import array
from deductibles.models import Hold, Question
from deductibles.models.holds import reference_of, trace_of
from patients.models import Payer
from work.models import Run


@dataclass(slots=True)
class Person:
    """The patient."""

    first_name: str
    last_name: str
    date_of_birth: date
    sex: str


@dataclass(slots=True)
class Cover:
    """The coverage that is asked about."""

    pk: int
    payer: Payer
    member_id: str
    group_number: str
    relationship: str
    subscriber: dict[str, Any] | None
    pin: dict[str, Any] | None


@dataclass(slots=True)
class Bill:
    """The claim that waits."""

    pk: int
    number: str
    patient: Person


@dataclass(slots=True)
class Held:
    """The automatic hold."""

    pk: int
    company_id: int
    claim_id: int
    claim: Bill
    payer_id: int | None
    payer: Payer | None
    asked_coverage: Cover
    anchor_on: date
    nightly_answers: int
    kind: str = Hold.Kind.AUTOMATIC

    @property
    def reference(self) -> str:
        """As :attr:`deductibles.models.Hold.reference`."""
        return reference_of(self.pk)


@dataclass(slots=True)
class Due:
    """One question; ``trace`` as :attr:`deductibles.models.Question.trace`."""

    pk: int
    hold_id: int
    trace: str
    hold: Held


_HOLDS = """
    SELECT id, claim_id, payer_id, coverage_id, anchor_on, nightly_answers FROM deductibles_hold
    WHERE id = ANY(%s::bigint[])"""
_CLAIMS = "SELECT id, number, patient_id FROM deductibles_claim WHERE id = ANY(%s::bigint[])"
_PATIENTS = """
    SELECT id, first_name, last_name, date_of_birth, sex FROM patients_patient WHERE id = ANY(%s::bigint[])"""
_COVERAGES = """
    SELECT id, payer_id, member_id, group_number, relationship, subscriber, pin FROM deductibles_coverage
    WHERE id = ANY(%s::bigint[])"""


class Payers(dict[int | None, Payer | None]):
    """A company's payers by key, as they were when the night began; a newer one is read when it is met."""

    def __init__(self, company_id: int) -> None:
        super().__init__({row.pk: row for row in Payer.objects.filter(company=company_id)})

    def __missing__(self, key: int | None) -> Payer | None:
        found = Payer.objects.filter(pk=key).first() if key is not None else None
        self[key] = found
        return found


def page(
    run: Run,
    payers: Payers,
    *,
    after: int,
    size: int,
    without: Collection[int] = (),
    wanted: Q | None = None,
) -> list[Due]:
    """The next open questions of the night behind ``after`` by id, leaving out payers ``without``."""
    rows = Question.objects.filter(wanted or Q(), company=run.company_id, run=run, open=True, pk__gt=after)
    if without:
        rows = rows.exclude(hold__payer__in=without)
    with _one_moment():
        return _read(run.company_id, payers, rows.order_by("pk").values_list(*_QUESTION)[:size])


def probes(run: Run, payers: Payers, alone: Collection[int]) -> list[Due]:
    """One open question of each of these payers: one never asked, else that not asked for longest."""
    rows = Question.objects.filter(company=run.company_id, run=run, open=True, hold__payer__in=alone)
    first = rows.order_by("hold__payer", F("asked_at").asc(nulls_first=True), "pk").distinct("hold__payer")
    with _one_moment():
        return _read(run.company_id, payers, first.values_list(*_QUESTION))


@contextmanager
def _one_moment() -> Iterator[None]:
    """Read everything as of one moment, though by several statements; inside a transaction, in that."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


_QUESTION = ("pk", "for_date", "hold_id")


def _read(company_id: int, payers: Payers, questions: Iterable[tuple[int, date, int]]) -> list[Due]:
    """Questions with what they are about, table by table.

    Never joined: the planner takes a new night for a handful of questions, and would at times join all that
    is left of it for every page. And keys that lie beside one another are found by one way through an index,
    where a join goes through it for each.
    """
    asked = list(questions)
    holds = {row[0]: row for row in _rows(_HOLDS, [hold for _, _, hold in asked])}
    claims = _rows(_CLAIMS, [row[1] for row in holds.values()])
    people = {
        key: Person(first, last, born, sex)
        for key, first, last, born, sex in _rows(_PATIENTS, [patient for _, _, patient in claims])
    }
    bills = {key: Bill(key, number, people[patient]) for key, number, patient in claims}
    covers: dict[int | None, Cover] = {
        row[0]: _cover(payers, *row) for row in _rows(_COVERAGES, [row[3] for row in holds.values()])
    }
    covers[None] = _cover(payers, *_NOTHING)  # such a question cannot be built, and is set aside by itself
    found = []
    for key, on, hold_id in asked:
        _, claim, payer, coverage, anchor, answers = holds[hold_id]
        held = Held(
            hold_id, company_id, claim, bills[claim], payer, payers[payer], covers[coverage], anchor, answers
        )
        found.append(Due(key, hold_id, trace_of(hold_id, on), held))
    return found


_NOTHING: tuple[Any, ...] = (None,) * 7


def _rows(sql: str, keys: Iterable[int | None]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [array(keys)])
        return cursor.fetchall()


def _cover(
    payers: Payers,
    key: int,
    payer_id: int | None,
    member_id: str,
    group_number: str,
    relationship: str,
    subscriber: str | None,
    pin: str | None,
) -> Cover:
    asked: Any = payers[payer_id]
    return Cover(key, asked, member_id, group_number, relationship, _parsed(subscriber), _parsed(pin))


def _parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)
