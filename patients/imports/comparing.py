"""Patients and payers: who of a table's rows is here already, a batch at a time, by two statements whatever
its size; and who is new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.urls import reverse

from accounts.models import Company, User
from accounts.roles import Can
from patients.domain.import_columns import KINDS, PATIENTS, PAYERS, Kind
from patients.domain.import_rows import Reading, Row
from patients.domain.import_table import Line
from patients.imports.kinds import Desk, Handler, register, text_words
from patients.imports.sealing import DIFFERENT, NEW, SAME, TWIN, Found, found_of
from patients.models import Import, Patient, Payer
from work.once import insert_once

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
_AT_A_TIME = 1000


class PeopleDesk(Desk):
    """Patients or payers: a row is one of them."""

    def __init__(self, row: Import, kind: Kind, at: datetime, width: int) -> None:
        super().__init__(row, kind, at, width)
        self._reading = Reading(kind, row.columns, width, self.today)
        self._clean: dict[int, dict[str, Any]] = {}

    def look(self, lines: Sequence[Line], *, again: bool = False) -> list[Found]:
        """Read every row, and compare it with who is here."""
        read = self._reading.read_again if again else self._reading.read
        rows = [read(line) for line in lines]
        self._clean = {row.line: row.clean for row in rows if not row.wrong}
        return compare(self.kind, self.row.company_id, rows)

    def add(self, found: Sequence[Found]) -> dict[int, int]:
        """Insert those that are new still; of one that somebody else inserts at this moment nothing."""
        objects = {one.line: self._made(self._clean[one.line]) for one in found if one.standing == NEW}
        inserted = {id(one) for one in insert_once(list(objects.values()))}
        return {line: one.pk for line, one in objects.items() if id(one) in inserted}

    def _made(self, clean: Mapping[str, Any]) -> Any:
        if self.kind.key == PATIENTS:
            return Patient(company_id=self.row.company_id, created_at=self.at, **clean)
        return Payer(company_id=self.row.company_id, **clean)


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


def _taken(model: Any, user: User, kind: Kind) -> Iterator[list[str]]:
    """Everybody of the company in the columns of a file, read by the key, a thousand at a time."""
    names, after = [column.name for column in kind.columns], 0
    while True:
        rows = model.objects.visible_to(user).filter(pk__gt=after).order_by("pk")
        batch = list(rows.values_list("pk", *names)[:_AT_A_TIME])
        for row in batch:
            yield [text_words(value) for value in row[1:]]
        if len(batch) < _AT_A_TIME:
            return
        after = batch[-1][0]


def _of_people(company: Company) -> Kind:
    return KINDS[PATIENTS]


def _of_payers(company: Company) -> Kind:
    return KINDS[PAYERS]


register(
    Handler(
        key=PATIENTS,
        needs=Can.IMPORT_PATIENTS,
        kind_of=_of_people,
        desk=PeopleDesk,
        url_of=lambda key, name: reverse("patients:patient", args=[key]),
        count=lambda user: Patient.objects.visible_to(user).count(),
        taken=lambda user, kind: _taken(Patient, user, kind),
        twins=True,
    )
)
register(
    Handler(
        key=PAYERS,
        needs=Can.WRITE_PAYERS,
        kind_of=_of_payers,
        desk=PeopleDesk,
        url_of=lambda key, name: reverse("payers:payer", args=[key]),
        count=lambda user: Payer.objects.visible_to(user).count(),
        taken=lambda user, kind: _taken(Payer, user, kind),
    )
)
