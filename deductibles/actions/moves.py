"""The one way a claim changes its status, and what every act shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from weakref import WeakSet

from django.db import DatabaseError, connection, transaction
from django.db.models import F

from accounts.models import Company
from accounts.steps import SYSTEM, Refused, Step, find_step
from deductibles.actions import concerns
from deductibles.actions.columns import array
from deductibles.domain.states import CLAIM, HOLD, QUEUED
from deductibles.models import Claim, SubmissionItem
from patients.domain.intake import Wrong

NOT_THERE = "not_there"
"""The code of an id in a body whose row does not exist, or is another company's: both look the same."""
ILLEGAL_MOVE = "HL409"
_MANY = 100


class Invalid(Exception):
    """What was sent cannot be kept: ``fields`` names everything, as field -> [(code, sentence)]."""

    def __init__(self, fields: Mapping[str, list[tuple[str, str]]]) -> None:
        super().__init__("; ".join(sentence for rows in fields.values() for _, sentence in rows))
        self.fields = dict(fields)

    @classmethod
    def of(cls, wrong: Mapping[str, Wrong]) -> Invalid:
        """From what an intake found wrong."""
        return cls({name: [(problem.code, problem.sentence)] for name, problem in wrong.items()})


def local_date(company: Company, at: datetime) -> date:
    """The company's date at this moment: days are counted in its time zone."""
    return at.astimezone(company.zone).date()


def step_of(claim: Claim, act: str, by: Any) -> Step:
    """The step this actor may take from where the claim is, or Refused."""
    return find_step(CLAIM, act, claim.status, SYSTEM if by is None else by, thing="claim")


def expect_many() -> None:
    """Have the audit triggers planned anew for the many rows that follow.

    The database keeps a trigger's plan for the session; one made for a single row joins old to new rows
    by a nested loop, which takes 20 s instead of 0.3 s for 5,000 rows.
    """
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")


def locked(claim_ids: Iterable[int], only: tuple[str, ...] = ()) -> dict[int, Claim]:
    """Lock claims, always in the order of their ids; every change of a claim or its hold begins here.

    ``only`` names the columns that are needed of many; without it all are read. Of those that are queued,
    ``in_file`` says whether they stand in a file. That is read once they are locked, for a statement that
    waited for the locks sees the files as they were before it began to wait.
    """
    ids = list(claim_ids)
    if len(ids) > _MANY:
        expect_many()
    rows = Claim.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    found = {row.pk: row for row in (rows.only(*only, "status") if only else rows)}
    queued = [key for key, row in found.items() if row.status == QUEUED]
    in_file = SubmissionItem.objects.filter(claim__in=queued, open=True).values_list("claim_id", flat=True)
    for key in in_file if queued else ():
        found[key].in_file = True  # type: ignore[attr-defined]
    return found


_planned_for_many: WeakSet[Any] = WeakSet()
"""The sessions whose triggers were planned for many rows, and have not seen a single one since."""
_LOCKED = "SELECT id, status FROM deductibles_claim WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE"


def locked_on_hold(claim_ids: Iterable[int]) -> set[int]:
    """Lock claims like :func:`locked`; give those that are on hold, and nothing else about them.

    For a session in which nothing but batches follow one another: what the first had planned serves the next.
    """
    ids = list(claim_ids)
    if len(ids) <= _MANY:
        _planned_for_many.discard(connection.connection)
    elif connection.connection not in _planned_for_many:
        expect_many()
        _planned_for_many.add(connection.connection)
    with connection.cursor() as cursor:
        cursor.execute(_LOCKED, [array(ids)])
        return {key for key, status in cursor.fetchall() if status == HOLD}


def lock(claim: Claim) -> Claim:
    """Lock one claim and read it anew."""
    return locked([claim.pk])[claim.pk]


def apply(claim_ids: Iterable[int], act: str, source: str, *, at: datetime) -> int:
    """Move claims from ``source`` by compare-and-set; give how many moved."""
    step = find_step(CLAIM, act, source, SYSTEM, thing="claim")
    ids = list(claim_ids)
    rows = Claim.objects.filter(pk__in=ids, status=source)
    try:
        with transaction.atomic():
            count = rows.update(status=step.target, version=F("version") + 1, changed_at=at)
            concerns.moved(ids, step.target)
            return count
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", None) == ILLEGAL_MOVE:
            raise Refused(f"This claim is {source}; “{act}” is no step from there.") from error
        raise


def apply_one(claim: Claim, act: str, by: Any, *, at: datetime) -> Claim:
    """Move one locked claim by a step the actor may take."""
    step_of(claim, act, by)
    if not apply([claim.pk], act, claim.status, at=at):
        raise Refused("Somebody else changed this claim meanwhile. Read it again, then decide.", "stale")
    claim.refresh_from_db()
    return claim


def refuse_in_file(claim: Claim) -> None:
    """A claim inside a file that is being handed over stands still (I2)."""
    if getattr(claim, "in_file", False):
        raise Refused(f"Claim {claim.number} is in a file that is being handed over. Nothing can change now.")
