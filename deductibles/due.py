"""The questions of a night as they are read to be asked: plain values, a page at a time.

A night reads a hundred thousand of them. A row with six joined to it, each an object that could be saved,
costs more than asking and weighing; these have the attributes that both read, by the same names.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q

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


_COLUMNS = (
    *("pk", "for_date", "hold_id", "hold__claim_id", "hold__payer_id", "hold__anchor_on"),
    *("hold__nightly_answers", "hold__claim__number", "hold__claim__patient__first_name"),
    *("hold__claim__patient__last_name", "hold__claim__patient__date_of_birth", "hold__claim__patient__sex"),
    *("hold__coverage_id", "hold__coverage__payer_id", "hold__coverage__member_id"),
    *("hold__coverage__group_number", "hold__coverage__relationship", "hold__coverage__subscriber"),
    "hold__coverage__pin",
)


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
    # Chosen first, and joined then: the planner takes a new night for a handful of questions, and would at
    # times join all that is left of it to sort one page out of it, for every page.
    chosen = Question.objects.filter(pk__in=rows.order_by("pk").values("pk")[:size])
    return [_due(run.company_id, payers, *row) for row in chosen.order_by("pk").values_list(*_COLUMNS)]


def probes(run: Run, payers: Payers, alone: Collection[int]) -> list[Due]:
    """One open question of each of these payers: one never asked, else that not asked for longest."""
    rows = Question.objects.filter(company=run.company_id, run=run, open=True, hold__payer__in=alone)
    first = rows.order_by("hold__payer", F("asked_at").asc(nulls_first=True), "pk").distinct("hold__payer")
    found = first.values_list(*_COLUMNS)
    return [_due(run.company_id, payers, *row) for row in found]


def _due(
    company_id: int,
    payers: Payers,
    key: int,
    for_date: date,
    hold_id: int,
    claim_id: int,
    payer_id: int | None,
    anchor_on: date,
    nightly_answers: int,
    number: str,
    first_name: str,
    last_name: str,
    date_of_birth: date,
    sex: str,
    coverage_id: int,
    asked_payer: int,
    *coverage: Any,
) -> Due:
    patient = Person(first_name, last_name, date_of_birth, sex)
    asked: Any = payers[asked_payer]
    return Due(
        key,
        hold_id,
        trace_of(hold_id, for_date),
        Held(
            hold_id,
            company_id,
            claim_id,
            Bill(claim_id, number, patient),
            payer_id,
            payers[payer_id],
            Cover(coverage_id, asked, *coverage),
            anchor_on,
            nightly_answers,
        ),
    )
