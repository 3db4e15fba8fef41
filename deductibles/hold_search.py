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


def matching(user: User, text: str) -> Q:
    """The lines whose claim, patient or payer the text means; runs the search, capped at :data:`MOST`."""
    return Q(pk__in=_ids([*_by_claim(user, text), *_by_patient(user, text), *_by_payer(user, text)]))


def only_payer(user: User, text: str) -> int | None:
    """The payer that a text means and nothing else: then its filter says it better than a search."""
    payers = _payers(user, text.strip()) if len(text.strip()) > 2 else []
    if len(payers) != 1 or _ids([*_by_claim(user, text.strip()), *_by_patient(user, text.strip())]):
        return None
    return payers[0]


def _by_claim(user: User, text: str) -> list[QuerySet[Hold]]:
    """By the claim's number, with or without its letter, and by a member id."""
    if not any(letter.isdigit() for letter in text) or len(text) > 40:
        return []
    number = text.upper() if text.upper().startswith("C-") else f"C-{text}"
    shown = Hold.objects.visible_to(user).filter(cleared_at=None)
    covered = Coverage.objects.visible_to(user).filter(member_id=text.upper()).order_by()
    return [
        shown.filter(claim__in=Claim.objects.visible_to(user).filter(number=number).values("pk")),
        shown.filter(claim__in=covered.values("claim")[:_MOST_PATIENTS]),
    ]


def _by_patient(user: User, text: str) -> list[QuerySet[Hold]]:
    """By every way a text can mean a patient: a name begun, an account, a telephone, a birth date."""
    ways = [rows.order_by().values("pk")[:_MOST_PATIENTS] for rows in ways_of(user, text).sure]
    if not ways:
        return []
    sql, values = _union(ways)
    patients = RawSQL(f"SELECT * FROM ({sql}) AS meant LIMIT %s", [*values, _MOST_PATIENTS])  # noqa: S608, S611
    claims = Claim.objects.visible_to(user).filter(patient__in=patients)
    return [Hold.objects.visible_to(user).filter(cleared_at=None, claim__in=claims.values("pk"))]


def _by_payer(user: User, text: str) -> list[QuerySet[Hold]]:
    """By the payer's name; of many payers a share each."""
    payers = _payers(user, text)
    shown = Hold.objects.visible_to(user).filter(cleared_at=None)
    share = MOST // max(1, len(payers)) + 1
    return [shown.filter(payer=payer).order_by("release_on", "id")[:share] for payer in payers]


def _payers(user: User, text: str) -> list[int]:
    """Payers whose name has every word of the text at the beginning of one of its own."""
    rows = Payer.objects.visible_to(user)
    for word in text.split()[:4]:
        rows = rows.filter(Q(name__istartswith=word) | Q(name__icontains=f" {word}"))
    return list(rows.order_by("name").values_list("pk", flat=True)[:_MOST_PAYERS]) if text.split() else []


def _ids(ways: Sequence[QuerySet[Hold]]) -> list[int]:
    """At most :data:`MOST` ids that any of the ways finds, in one statement."""
    if not ways:
        return []
    sql, values = _union([rows.values("pk")[:MOST] for rows in ways])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({sql}) AS found(id) LIMIT %s", [*values, MOST])  # noqa: S608
        return [row[0] for row in cursor.fetchall()]


def _union(ways: Sequence[Any]) -> tuple[str, list[Any]]:
    """What any of these query sets finds, each id once."""
    asked = [rows.query.sql_with_params() for rows in ways]
    return " UNION ".join(f"({sql})" for sql, _ in asked), [value for _, some in asked for value in some]
