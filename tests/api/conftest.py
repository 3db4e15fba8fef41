"""A patient, and the ticket they ask for: not sent yet, and filed."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Company, User
from patients.models import Patient
from tests.api.ticket_bodies import URL, Api, ticket_body
from tests.factories import PatientFactory


@pytest.fixture
def patient(acme: Company) -> Patient:
    return PatientFactory(company=acme)


@pytest.fixture
def body(patient: Patient) -> dict[str, Any]:
    return ticket_body(patient)


@pytest.fixture
def filed(api: Api, ana: User, body: dict[str, Any]) -> dict[str, Any]:
    return api(ana).post(URL, body).json()
