"""Which patient a row is about: by account number, or by name and date of birth; never by a guess."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import connection

OTHER_PERSON = (
    "This account number is another patient's here: name or date of birth differ. Correct one of them."
)
SEVERAL = "Several patients here have this name and date of birth. Give the account number of the one meant."
_CANDIDATES = """
    WITH v AS (SELECT * FROM unnest(%s::int[], %s::text[], %s::text[], %s::date[], %s::text[])
               AS v(place, first_name, last_name, born, account))
    SELECT v.place, p.id, 'account',
           p.date_of_birth = v.born AND patients_plain(p.last_name) = patients_plain(v.last_name)
           AND patients_plain(p.first_name) = patients_plain(v.first_name)
    FROM v JOIN patients_patient p ON p.company_id = %s AND p.account_number = v.account
    WHERE v.account <> ''
    UNION ALL
    SELECT v.place, p.id, 'name', p.account_number = ''
    FROM v JOIN patients_patient p ON p.company_id = %s AND p.date_of_birth = v.born
     AND patients_plain(p.last_name) = patients_plain(v.last_name)
     AND patients_plain(p.first_name) = patients_plain(v.first_name)
"""
"""Who may be meant: by account number (and whether name and birth agree), by name and birth (and whether no
account number tells them apart)."""

Ways = Mapping[str, Sequence[tuple[int, bool]]]
"""The keys of who may be meant, by the way they were found."""


def candidates(company_id: int, people: Sequence[Mapping[str, Any]]) -> list[Ways]:
    """Who each person may be, in one statement: of each first_name, last_name, date_of_birth and
    account_number are read."""
    found: list[dict[str, list[tuple[int, bool]]]] = [defaultdict(list) for _ in people]
    if not people:
        return []
    names = ("first_name", "last_name", "date_of_birth", "account_number")
    columns = [[one[name] for one in people] for name in names]
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, [list(range(len(people))), *columns, company_id, company_id])
        for place, key, way, agrees in cursor.fetchall():
            found[place][way].append((key, agrees))
    return [dict(ways) for ways in found]


def meant(
    account: str, ways: Ways, insured: Collection[int] = ()
) -> tuple[int | None, tuple[str, str] | None]:
    """The patient who is certainly meant, or column and sentence of what stands against saying so; neither
    when nobody is here. ``insured`` are those of whom something else is known that tells two apart."""
    if by_account := ways.get("account"):
        key, agrees = by_account[0]
        return (key, None) if agrees else (None, ("account_number", OTHER_PERSON))
    named = [(key, bare) for key, bare in ways.get("name", ()) if bare or not account]
    if len(named) > 1:
        named = [(key, bare) for key, bare in named if key in insured] or named
    if len(named) > 1:
        return None, ("account_number", SEVERAL)
    return (named[0][0], None) if named else (None, None)
