"""Forecasts in the database: made after a night, replayed for earlier days, measured, and made only once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Company, User
from config.demo.years.written import make_rules, write
from config.demo.years.living import live
from deductibles.models import Forecast, Hold, Payment, SurvivalCurve
from deductibles.worth import nightly
from deductibles.worth.history import BY_HAND, BY_TIME, MET, NAMES, number_of
from deductibles.worth.reading import read
from tests.factories import PatientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(acme: Company, cast: dict[str, User]):
    today = timezone.localdate(timezone=acme.zone)
    history = live(1500, today=today, seed=3)
    make_rules(acme, history)
    write(acme, history, patients=[PatientFactory(company=acme)], by=cast["ben"])
    return history


def test_try(lived, acme):
    import time
    t = time.time()
    made = nightly.make(acme, lived.today - timedelta(days=1), at=timezone.now())
    print(made, time.time() - t)
    row = Forecast.objects.get(company=acme, payer=None, made_on=lived.today - timedelta(days=1))
    print(row.held, row.bills, row.basis, row.error, row.days["sums"])
    print(SurvivalCurve.objects.count(), Forecast.objects.count())
    assert 0
