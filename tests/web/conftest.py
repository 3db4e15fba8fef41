"""A patient of acme's, by name."""

from __future__ import annotations

import pytest

from accounts.models import Company
from patients.models import Patient
from tests.factories import PatientFactory


@pytest.fixture
def patient(acme: Company) -> Patient:
    return PatientFactory(company=acme, first_name="Casimir", last_name="Nowak")
