"""Who of a table's rows is here already: a batch at a time, by two statements whatever its size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from patients.domain.import_columns import PATIENTS, Kind
from patients.domain.import_rows import Row
from patients.imports.sealing import DIFFERENT, NEW, SAME, TWIN, Found, found_of
from patients.models import Patient, Payer

_TWINS = """
    SELECT v.place, min(p.id)
    FROM unnest(%s::int[], %s::text[], %s::text[], %s::date[], %s::text[])
         AS v(place, first_name, last_name, born, account)
    JOIN patients_patient p ON p.company_id = %s AND p.date_of_birth = v.born
     AND patients_plain(p.last_name) = patients_plain(v.last_name)
     AND patients_plain(p.first_name) = patients_plain(v.first_name)
    WHERE v.account = '' OR p.account_number = ''
    GROUP BY v.place
"""
"""Same name and birth, and one of the two without an account number that would tell them apart."""


def compare(kind: Kind, company_id: int, rows: Sequence[Row]) -> list[Found]:
    """What each row is: wrong, the same as somebody here, different, perhaps the same person, or new."""
    found = [found_of(row) for row in rows]
    good = [(row, one) for row, one in zip(rows, found, strict=True) if not row.wrong]
    known = _known(kind, company_id, [row for row, _ in good])
    for row, one in good:
        here = known.get(_key(kind, row.clean))
        if here is not None:
            one.key, one.fields = here.pk, _differing(row, here)
            one.standing = DIFFERENT if one.fields else SAME
    if kind.key == PATIENTS:
        _mark_twins(company_id, [pair for pair in good if pair[1].standing == NEW])
    return found


def _key(kind: Kind, clean: Mapping[str, Any]) -> tuple[str, ...]:
    return (clean["account_number"],) if kind.key == PATIENTS else (clean["payer_id"], clean["name"])


def _known(kind: Kind, company_id: int, rows: Sequence[Row]) -> dict[tuple[str, ...], Any]:
    keys = {_key(kind, row.clean) for row in rows}
    if kind.key == PATIENTS:
        accounts = [account for (account,) in keys if account]
        patients = Patient.objects.filter(company_id=company_id, account_number__in=accounts)
        return {(patient.account_number,): patient for patient in patients}
    payers = Payer.objects.filter(company_id=company_id, payer_id__in=[payer_id for payer_id, _ in keys])
    return {(payer.payer_id, payer.name): payer for payer in payers}


def _differing(row: Row, here: Any) -> list[str]:
    """The fields of which the file says something else; of what it leaves empty it says nothing."""
    return sorted(name for name in row.said if getattr(here, name) != row.clean[name])


def _mark_twins(company_id: int, pairs: Sequence[tuple[Row, Found]]) -> None:
    if not pairs:
        return
    names = ("first_name", "last_name", "date_of_birth", "account_number")
    columns = [[row.clean[name] for row, _ in pairs] for name in names]
    with connection.cursor() as cursor:
        cursor.execute(_TWINS, [list(range(len(pairs))), *columns, company_id])
        for place, key in cursor.fetchall():
            pairs[place][1].standing, pairs[place][1].key = TWIN, key
