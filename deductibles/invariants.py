"""What must hold of every claim whatever failed (I1…I10), asked of the whole database at once.

:func:`violations` gives what is broken, by the number of the claim; :func:`assert_invariants` raises with
the same. Each invariant is some statements of :mod:`deductibles.invariants_sql` that select what breaks it.
That pages answer (I6) no statement can tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from django.db import connection

from accounts.models import Company
from accounts.steps import moves
from deductibles import nights
from deductibles.domain import cadence, hold, states
from deductibles.invariants_sql import LEAKS, ONE_TRANSACTION, RULES, Rule

MOST_OF_ONE = 1000
"""Rows of one statement that are told; where so many are broken, the next is no news."""
SHOWN = 20


@dataclass(frozen=True)
class Violation:
    """One thing that must not be: ``about`` is a claim's number, or names a night or a message."""

    invariant: str
    company: str
    about: str
    said: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.company} {self.about}: {self.said}"


class Broken(AssertionError):
    """At least one invariant does not hold; the message names the first of them."""

    def __init__(self, found: Sequence[Violation]) -> None:
        lines = [str(each) for each in found[:SHOWN]]
        more = [f"… and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
        super().__init__("\n".join([f"{len(found)} violations", *lines, *more]))
        self.found = list(found)


def assert_invariants(*, at: datetime, words: Sequence[str] = (), one_transaction: bool = False) -> None:
    """Raise :class:`Broken` with everything that :func:`violations` finds."""
    found = violations(at=at, words=words, one_transaction=one_transaction)
    if found:
        raise Broken(found)


def violations(*, at: datetime, words: Sequence[str] = (), one_transaction: bool = False) -> list[Violation]:
    """Everything in the database that breaks an invariant as of the moment ``at``.

    ``words`` are names and member ids that nobody may find outside the rows of patients and claims (I8).
    ``one_transaction`` also compares who wrote a row and its newest audit event (I5), which says nothing any
    more of a database that was restored from a backup.
    """
    keys = dict(Company.objects.values_list("pk", "key"))
    rules = [*RULES, *(ONE_TRANSACTION if one_transaction else ()), *(LEAKS if words else ())]
    values = {**_values(at), "words": [word for word in words if word]}
    found = []
    for rule in rules:
        rows = _select(rule, values)
        found += [
            Violation(rule.invariant, keys.get(company, "?"), about, rule.said) for company, about in rows
        ]
    return found


def _values(at: datetime) -> dict[str, Any]:
    newest = dict(_newest_nights(at))
    return {
        "at": at,
        "most": MOST_OF_ONE,
        "companies": list(newest),
        "nights": list(newest.values()),
        "statuses": list(states.STATUS_LABELS),
        "legal": [f"{source}>{target}" for source, target in moves(states.CLAIM)],
        "met": list(hold.MET_CODES),
        "elapsed": hold.ELAPSED,
        "every": cadence.EVERY,
    }


def _newest_nights(at: datetime) -> Iterator[tuple[int, Any]]:
    """The newest night of every company by its zone; one whose zone is unknown has none to be late for."""
    for company in Company.objects.order_by("pk"):
        try:
            yield company.pk, nights.newest_night(company, at)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue


def _select(rule: Rule, values: dict[str, Any]) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({rule.sql}) broken(company, about) LIMIT %(most)s", values)  # noqa: S608
        return cursor.fetchall()
