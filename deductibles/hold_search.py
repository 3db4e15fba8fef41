"""Searching the Hold for Deductible page: by claim number, patient and payer, each on an index of its own.

What is found is taken first and capped, as at the search of patients: only that is ordered and fetched, so
that a common name costs no more than a rare one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from accounts.models import User
from deductibles.models import Claim, Coverage, Hold
from patients.models import Payer
from patients.queries import ways_of

MOST = 300
"""So many lines a search finds at most; the page says so, and nothing is done to others."""
_MOST_PATIENTS, _MOST_PAYERS = 100, 20

Asked = tuple[str, tuple[Any, ...]]
"""A statement and its values."""


def matching(user: User, text: str) -> Q:
    """The lines whose claim, patient or payer the text means; runs the search, capped at :data:`MOST`."""
    return Q(pk__in=_ids([*_by_claim(user, text), *_by_patient(user, text), *_by_payer(user, text)]))


def only_payer(user: User, text: str) -> int | None:
    """The payer that a text means and nothing else: then its filter says it better than a search."""
    payers = _payers(user, text.strip()) if len(text.strip()) > 2 else None
    found = [payer.pk for payer in payers] if payers is not None else []
    if len(found) != 1 or _ids([*_by_claim(user, text.strip()), *_by_patient(user, text.strip())]):
        return None
    return found[0]


def _by_claim(user: User, text: str) -> list[Asked]:
    """By the claim's number, with or without its letter, and by a member id."""
    if not any(letter.isdigit() for letter in text) or len(text) > 40:
        return []
    number = text.upper() if text.upper().startswith("C-") else f"C-{text}"
    shown = Hold.objects.visible_to(user).filter(cleared_at=None)
    covered = Coverage.objects.visible_to(user).filter(member_id=text.upper()).order_by()
    numbered = Claim.objects.visible_to(user).filter(number=number)
    return [
        _asked(shown.filter(claim__in=numbered.values("pk")), MOST),
        _asked(shown.filter(claim__in=covered.values("claim")[:_MOST_PATIENTS]), MOST),
    ]


def _by_patient(user: User, text: str) -> list[Asked]:
    """By every way a text can mean a patient: a name begun, an account, a telephone, a birth date."""
    ways = [_asked(rows.order_by(), _MOST_PATIENTS) for rows in ways_of(user, text).sure]
    if not ways:
        return []
    sql, values = _union(ways)
    patients = RawSQL(f"SELECT * FROM ({sql}) AS meant LIMIT %s", [*values, _MOST_PATIENTS])  # noqa: S608, S611
    theirs = Claim.objects.visible_to(user).filter(patient__in=patients).values("pk")
    return [_asked(Hold.objects.visible_to(user).filter(cleared_at=None, claim__in=theirs), MOST)]


def _by_payer(user: User, text: str) -> list[Asked]:
    """By the payer's name; of many payers a share each. Payers and lines are found in one statement."""
    payers = _payers(user, text)
    if payers is None:
        return []
    asked, named = payers.values("pk").query.sql_with_params()
    shown = Hold.objects.visible_to(user).filter(cleared_at=None, payer=RawSQL("meant.id", []))  # noqa: S611
    lines, values = shown.order_by("release_on", "id").values("pk").query.sql_with_params()
    sql = (
        f"SELECT held.id FROM (SELECT id, %s / count(*) OVER () + 1 AS share"  # noqa: S608
        f" FROM ({asked}) AS payer(id)) AS meant CROSS JOIN LATERAL ({lines} LIMIT meant.share) AS held(id)"
    )
    return [(sql, (MOST, *named, *values))]


def _payers(user: User, text: str) -> QuerySet[Payer] | None:
    """Payers whose name has every word of the text at the beginning of one of its own."""
    rows = Payer.objects.visible_to(user)
    for word in text.split()[:4]:
        rows = rows.filter(Q(name__istartswith=word) | Q(name__icontains=f" {word}"))
    return rows.order_by("name")[:_MOST_PAYERS] if text.split() else None


def _ids(ways: Sequence[Asked]) -> list[int]:
    """At most :data:`MOST` ids that any of the ways finds, in one statement."""
    if not ways:
        return []
    sql, values = _union(ways)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({sql}) AS found(id) LIMIT %s", [*values, MOST])  # noqa: S608
        return [row[0] for row in cursor.fetchall()]


def _asked(rows: QuerySet[Any], most: int) -> Asked:
    """The statement that asks for at most so many ids of these rows."""
    return rows.values("pk")[:most].query.sql_with_params()


def _union(ways: Sequence[Asked]) -> Asked:
    """What any of these statements finds, each id once."""
    return " UNION ".join(f"({sql})" for sql, _ in ways), tuple(value for _, some in ways for value in some)
