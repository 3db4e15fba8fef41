"""Whose a brought claim is and who is billed: patients and payers that are here, a batch at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection

from deductibles.domain.claim_table import PATIENT, ranks_of
from deductibles.importing.entries import Entry
from patients.domain.intake import patient_readers, payer_readers, read_all
from patients.imports.persons import candidates, meant
from patients.models import Import, Patient, Payer

ADD_PATIENTS, ADD_PAYERS = "add_patients", "add_payers"
"""What may be ticked: make whoever is not here."""
NOBODY = (
    "No patient here has this name and date of birth. Add the patient first, or tick that patients are added."
)
OTHER_NAME = "The member id and date of birth are those of a patient with another name. Correct the name."
NO_PAYER = "No payer here has this payer id. Add the payer first, or tick that payers are added."
NO_PAYER_ID = "The payer's id is missing, and no payer here has this name. Give the payer id."
SEVERAL_PAYERS = "Several payers here have this payer id. Give the payer's name as it is here."
_INSURED = """
    SELECT DISTINCT v.place, p.id
    FROM unnest(%s::int[], %s::date[], %s::text[]) AS v(place, born, member)
    JOIN deductibles_coverage c ON c.company_id = %s AND c.member_id = v.member
    JOIN deductibles_claim k ON k.id = c.claim_id
    JOIN patients_patient p ON p.id = k.patient_id AND p.date_of_birth = v.born
"""
"""Who was born on the day and had a coverage of this member id."""


class Matching:
    """Finds the patients and payers of a batch; who is not here is wrong, or made when that was ticked."""

    def __init__(self, row: Import, today: date, at: datetime) -> None:
        self._company_id, self._at = row.company_id, at
        self._adds = {name for name in (ADD_PATIENTS, ADD_PAYERS) if name in row.options}
        self._patient_readers, self._payer_readers = patient_readers(today), payer_readers(today)
        self._new: dict[tuple[Any, ...], Patient] = {}
        self._new_payers: dict[str, Payer] = {}

    def match(self, entries: Sequence[Entry]) -> None:
        """Give each entry its patient and payers, or say what is wrong."""
        self._new, self._new_payers = {}, {}
        for entry in entries:
            said = {name: entry.first.get(name, "") for name in PATIENT}
            entry.person, wrong = read_all(self._patient_readers, said)
            for name, problem in wrong.items():
                entry.blame(name, problem.sentence)
        known = [one for one in entries if {"first_name", "last_name", "date_of_birth"} <= one.person.keys()]
        self._patients([one for one in known if "account_number" in one.person])
        self._payers(entries)

    # --- patients ------------------------------------------------------------------------------------------

    def _patients(self, entries: Sequence[Entry]) -> None:
        ways = candidates(self._company_id, [one.person for one in entries])
        certain = [meant(one.person["account_number"], of) for one, of in zip(entries, ways, strict=True)]
        unsure = [one for one, (key, _) in zip(entries, certain, strict=True) if key is None]
        insured = self._insured(unsure)
        keys = {key for one in ways for rows in one.values() for key, _ in rows}
        here = Patient.objects.filter(company_id=self._company_id).in_bulk(keys)
        for entry, of in zip(entries, ways, strict=True):
            known = insured.get(_insurance_of(entry), set())
            key, problem = meant(entry.person["account_number"], of, known)
            if key is not None:
                entry.patient = here[key]
            elif problem:
                entry.blame(*problem)
            elif ADD_PATIENTS in self._adds:
                entry.patient = self._made(entry)
            else:
                entry.blame("last_name", OTHER_NAME if known else NOBODY)

    def _insured(self, entries: Sequence[Entry]) -> dict[tuple[date, str], set[int]]:
        """The patients of each member id and date of birth, asked of those who are not certain otherwise."""
        found: dict[tuple[date, str], set[int]] = defaultdict(set)
        pairs = list({_insurance_of(entry) for entry in entries if _insurance_of(entry)[1]})
        if pairs:
            born, members = [day for day, _ in pairs], [member for _, member in pairs]
            with connection.cursor() as cursor:
                cursor.execute(_INSURED, [list(range(len(pairs))), born, members, self._company_id])
                for place, key in cursor.fetchall():
                    found[pairs[place]].add(key)
        return found

    def _made(self, entry: Entry) -> Patient:
        """A patient to be added, one for all claims of the batch that name the same person."""
        person = entry.person
        names = (person["last_name"].casefold(), person["first_name"].casefold(), person["date_of_birth"])
        key = (person["account_number"],) if person["account_number"] else names
        if key not in self._new:
            self._new[key] = Patient(company_id=self._company_id, created_at=self._at, **person)
        return self._new[key]

    # --- payers --------------------------------------------------------------------------------------------

    def _payers(self, entries: Sequence[Entry]) -> None:
        ids = {_said(one, f"{rank}_payer_id") for one in entries for rank in ranks_of(one.first)}
        names = {_said(one, f"{rank}_payer") for one in entries for rank in ranks_of(one.first)}
        ours = Payer.objects.filter(company_id=self._company_id)
        by_id: dict[str, list[Payer]] = defaultdict(list)
        by_name: dict[str, list[Payer]] = defaultdict(list)
        for payer in ours.filter(payer_id__in=ids - {""}):
            by_id[payer.payer_id].append(payer)
        for payer in ours.filter(name__in=names - {""}):
            by_name[payer.name].append(payer)
        for entry in entries:
            for rank in ranks_of(entry.first):
                meant_payer = self._payer(entry, rank, by_id, by_name)
                if meant_payer is not None:
                    entry.payers[rank] = meant_payer

    def _payer(
        self, entry: Entry, rank: str, by_id: Mapping[str, list[Payer]], by_name: Mapping[str, list[Payer]]
    ) -> Payer | None:
        number, name = _said(entry, f"{rank}_payer_id"), _said(entry, f"{rank}_payer")
        found = by_id.get(number, []) if number else by_name.get(name, [])
        if len(found) > 1:
            found = [one for one in found if one.name.casefold() == name.casefold()] or found
        if len(found) > 1:
            entry.blame(f"{rank}_payer", SEVERAL_PAYERS)
            return None
        if found:
            return found[0]
        if not number:
            entry.blame(f"{rank}_payer_id", NO_PAYER_ID)
            return None
        if ADD_PAYERS in self._adds:
            return self._made_payer(entry, rank)
        entry.blame(f"{rank}_payer_id", NO_PAYER)
        return None

    def _made_payer(self, entry: Entry, rank: str) -> Payer | None:
        """A payer to be added, one for all claims of the batch with this payer id."""
        said = {
            "payer_id": entry.first.get(f"{rank}_payer_id", ""),
            "name": entry.first.get(f"{rank}_payer", ""),
            "kind": entry.first.get(f"{rank}_payer_kind", ""),
        }
        clean, wrong = read_all(self._payer_readers, said)
        for name, problem in wrong.items():
            column = {"name": f"{rank}_payer", "kind": f"{rank}_payer_kind"}.get(name, f"{rank}_payer_id")
            entry.blame(column, problem.sentence)
        if wrong:
            return None
        made: Payer = self._new_payers.setdefault(
            clean["payer_id"], Payer(company_id=self._company_id, **clean)
        )
        return made


def _said(entry: Entry, name: str) -> str:
    """A cell as it is kept, spaces once, so that what was added of it before is found by it."""
    return " ".join(entry.first.get(name, "").split())


def _insurance_of(entry: Entry) -> tuple[date, str]:
    born: date = entry.person["date_of_birth"]
    return born, entry.first.get("primary_member_id", "").upper()
