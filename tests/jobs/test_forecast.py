"""Forecasts in the database: made after a night, of what the tables say, once, and measured."""

from __future__ import annotations

from datetime import timedelta

import numpy
import pytest
from django.utils import timezone

from accounts.models import Company, User
from config.demo.years.living import live
from config.demo.years.written import make_rules, write
from deductibles.models import Forecast, Hold, SurvivalCurve
from deductibles.worth import nightly
from deductibles.worth.error import ENOUGH_FORECASTS
from deductibles.worth.history import NAMES
from deductibles.worth.reading import read
from tests.factories import PatientFactory
from tests.lived import columns_of
from work import leases
from work.models import Job, Run

pytestmark = pytest.mark.django_db
LOOKS_BACK = 16


@pytest.fixture(autouse=True)
def fewer_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many days as the error needs, of fewer draws."""
    monkeypatch.setattr(nightly, "LOOKS_BACK", LOOKS_BACK)
    monkeypatch.setattr(nightly, "REPLAY_DRAWS", 100)
    monkeypatch.setattr(nightly, "DRAWS", 100)


@pytest.fixture
def lived(acme: Company, cast: dict[str, User]):
    today = timezone.localdate(timezone=acme.zone)
    history = live(700, today=today, seed=3)
    make_rules(acme, history)
    write(acme, history, patients=[PatientFactory(company=acme)], by=cast["ben"])
    return history


def test_what_is_read_is_what_happened(lived, acme):
    newest = lived.today - timedelta(days=1)
    found, true = read(acme, newest, replays=True), columns_of(lived)
    first = {name: found.columns[name].min() - true.columns[name].min() for name in ("id", "payer")}
    for name in (*NAMES, "band", "month"):
        shift = first.get(name, 0)
        assert numpy.array_equal(found.columns[name] - shift, true.columns[name]), name


def test_the_newest_night_is_forecast_then_the_days_before_it_and_the_error_measured(lived, acme):
    on = lived.today - timedelta(days=1)
    made = nightly.catch_up(at=timezone.now(), budget=0.05)
    assert made == 1  # out of time after one: the newest
    (first,) = Forecast.objects.filter(payer=None)
    assert (first.made_on, first.replayed, first.error) == (on, False, None) and first.days
    assert first.held == Hold.objects.filter(company=acme, active=True).count()

    assert nightly.catch_up(at=timezone.now(), budget=600.0) == LOOKS_BACK
    row = Forecast.objects.get(payer=None, made_on=on)
    assert row.days == first.days and row.error["claims"]["days"] == sum(range(1, LOOKS_BACK + 1))
    assert row.error["forecasts"] == LOOKS_BACK - 6 < ENOUGH_FORECASTS and not row.error["enough"]
    others = Forecast.objects.filter(payer=None).exclude(pk=row.pk)
    assert len(others) == LOOKS_BACK and all(one.replayed and one.error is None for one in others)
    assert set(SurvivalCurve.objects.values_list("made_on", flat=True)) == {on}
    kept = Forecast.objects.count()
    assert nightly.catch_up(at=timezone.now(), budget=600.0) == 0 and Forecast.objects.count() == kept


def test_how_far_a_nights_forecast_is_stands_in_its_job(lived, acme):
    on, whole = lived.today - timedelta(days=1), LOOKS_BACK + 1
    nightly.catch_up(at=timezone.now(), budget=0.05)
    job = Job.objects.get(company=acme)
    assert (job.kind, job.target_on, job.state, job.done, job.whole) == ("forecast", on, "running", 1, whole)
    nightly.catch_up(at=timezone.now(), budget=600.0)
    job.refresh_from_db()
    held = Hold.objects.filter(company=acme, active=True).count()
    assert (job.state, job.done, job.said) == ("done", whole, f"Forecast for {held} held claims.")
    assert job.finished_at >= job.seen_at >= job.began_at


def test_a_forecast_that_failed_says_so_and_goes_on_with_the_next_sweep(lived, acme, monkeypatch):
    def fails(*_, **__):
        raise LookupError("Zzyzxcanary")

    with monkeypatch.context() as broken:
        broken.setattr(nightly, "_make_day", fails)
        assert nightly.catch_up(at=timezone.now()) == 0
    job = Job.objects.get(company=acme)
    assert (job.state, job.done) == ("failed", 0)
    assert job.note == "It stopped unexpectedly (LookupError). The next sweep tries it again."
    nightly.catch_up(at=timezone.now(), budget=600.0)
    job.refresh_from_db()
    assert (job.state, job.note, Job.objects.filter(company=acme).count()) == ("done", "", 1)


def test_who_was_killed_is_followed_by_somebody_who_goes_on(lived, acme, monkeypatch):
    on = lived.today - timedelta(days=1)

    def dies(*_):
        raise SystemExit

    with monkeypatch.context() as killed:
        killed.setattr(nightly, "_measure", dies)
        with pytest.raises(SystemExit):
            nightly.make(acme, on, at=timezone.now())
    assert Forecast.objects.get(payer=None, made_on=on).error is None
    before = set(Forecast.objects.values_list("pk", flat=True))
    nightly.make(acme, on, at=timezone.now())
    assert set(Forecast.objects.values_list("pk", flat=True)) == before
    assert Forecast.objects.get(payer=None, made_on=on).error is not None


def test_a_company_without_history_has_one_empty_row_and_no_replays(acme, other):
    on = timezone.localdate()
    for company in (acme, other):
        Run.objects.create(
            company=company, kind="check", target_date=on, state="done", created_at=timezone.now()
        )
    assert nightly.catch_up(at=timezone.now()) == 2
    assert nightly.catch_up(at=timezone.now()) == 0
    (row,) = Forecast.objects.filter(company=acme)
    assert row.days is None and row.basis == {"met": 0, "claims": 0}
    job = Job.objects.get(company=acme)
    assert (job.state, job.said) == ("done", "Not enough history yet for a forecast.")


def test_whoever_waited_longest_has_the_next_turn(lived, acme, other):
    """A company with days to make up takes the time of one sweep, and not of the next one too."""
    night = {"kind": "check", "target_date": lived.today - timedelta(days=1), "state": "done"}
    Run.objects.create(company=other, created_at=timezone.now(), **night)
    Forecast.objects.all().delete()
    assert acme.pk < other.pk and nightly.catch_up(at=timezone.now(), budget=0.05) == 1
    assert not Forecast.objects.filter(company=other).exists()
    nightly.catch_up(at=timezone.now(), budget=0.05)
    assert Forecast.objects.filter(company=other).exists()


def test_the_forecast_of_one_company_reads_nothing_of_another(lived, acme, other):
    on = lived.today - timedelta(days=1)
    assert read(other, on, replays=True).id.size == 0
    nightly.make(other, on, at=timezone.now())
    assert Forecast.objects.get(company=other).days is None and not SurvivalCurve.objects.exists()


def test_who_slept_past_the_lease_puts_no_older_curves_back(lived, acme, monkeypatch):
    newer = lived.today - timedelta(days=1)
    older = newer - timedelta(days=1)
    name, at = f"forecast:{acme.pk}", timezone.now()
    fence = leases.take(name, at=at, lifetime=nightly.LEASE)
    drawn = nightly.forecast

    def slept(*args, **more):
        monkeypatch.setattr(nightly, "forecast", drawn)
        late = at + 2 * nightly.LEASE
        assert leases.take(name, at=late, lifetime=nightly.LEASE) == fence + 1
        nightly.make(acme, newer, at=late, ends=0.0)
        return drawn(*args, **more)

    monkeypatch.setattr(nightly, "forecast", slept)
    with pytest.raises(leases.Lost):
        nightly.make(acme, older, at=at, ends=0.0, keep=lambda: nightly._keep(name, fence))
    assert set(SurvivalCurve.objects.values_list("made_on", flat=True)) == {newer}
    assert not Forecast.objects.filter(made_on=older).exists()
