"""Every change of a patient or payer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.audit import acting
from accounts.models import User
from patients.domain.intake import Wrong
from patients.models import Patient, Payer


class Invalid(Exception):
    """What was typed cannot be kept: ``wrong`` says why, by field."""

    def __init__(self, wrong: dict[str, Wrong]) -> None:
        super().__init__("; ".join(problem.sentence for problem in wrong.values()))
        self.wrong = wrong


_TWICE = {
    "patient_account_once": (
        "account_number",
        Wrong("taken", "Another patient has this account number. Look that patient up instead."),
    ),
    "payer_once": (
        "payer_id",
        Wrong("taken", "There already is a payer with this name and payer id. Change that one instead."),
    ),
}


def create_patient(values: dict[str, Any], *, by: User, at: datetime) -> Patient:
    """Add a patient to the actor's company from values that were read by the intake."""
    return _save(Patient(company_id=by.company_id, created_at=at, **values), by, "add patient")


def change_patient(patient: Patient, values: dict[str, Any], *, by: User, at: datetime) -> Patient:
    """Change the given fields of a patient."""
    return _change(patient, values, by, "change patient")


def create_payer(values: dict[str, Any], *, by: User, at: datetime) -> Payer:
    """Add a payer to the actor's company."""
    return _save(Payer(company_id=by.company_id, **values), by, "add payer")


def change_payer(payer: Payer, values: dict[str, Any], *, by: User, at: datetime) -> Payer:
    """Change the given fields of a payer."""
    return _change(payer, values, by, "change payer")


def _change(row: Any, values: dict[str, Any], by: User, act: str) -> Any:
    for name, value in values.items():
        setattr(row, name, value)
    return _save(row, by, act, sorted(values)) if values else row


def _save(row: Any, by: User, act: str, fields: list[str] | None = None) -> Any:
    try:
        with transaction.atomic(), acting(by, act):
            row.save(update_fields=fields)
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if name in _TWICE:
            field, problem = _TWICE[name]
            raise Invalid({field: problem}) from error
        raise
    return row
