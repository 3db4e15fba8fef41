"""The page of the forecast, its file and its endpoint; advice beside a held claim."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from deductibles.models import (
    DeductibleSettings,
    Forecast,
    Hold,
    Snapshot,
    SurvivalCurve,
    settings_in_force,
)
from patients.models import Payer
from tables.models import Export
from tests.api.claim_bodies import TODAY
from tests.api.test_holds import hold_many
from tests.factories import PayerFactory
from tests.world_rows import make_forecast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world_once")]
PAGE, API = "/claims/holding/forecast/", "/api/v1/holding/forecast/"


@pytest.fixture
def seen(cast, page_as):
    """The browser of somebody, by name."""
    return lambda name: page_as(cast[name])


@pytest.fixture
def told(cast, api):
    """The API client of somebody, by name."""
    return lambda name: api(cast[name])


def shown(page) -> str:
    return page.content.decode()


def test_the_page_says_what_is_to_come_and_how_far_to_trust_it(seen):
    page = seen("ben").get(PAGE)
    text = shown(page)
    assert page.status_code == 200
    assert "some 30 are released in the 30 days after it (20 to 38)" in text
    assert "91% had no more releases than P90 said (90% were aimed at)" in text
    assert text.count("<svg") >= 3 and text.count("<desc") >= 3 and "As a table" not in text
    assert text.count('<tr><th scope="row"') == 30 + 5
    assert "$12,000" in text and "An estimate" not in text and "All of it is an estimate" in text


def test_without_a_known_error_no_figure_is_shown(seen, told):
    row = Forecast.objects.get(payer=None)
    for error in (None, {**row.error, "enough": False, "forecasts": 3}):
        Forecast.objects.filter(pk=row.pk).update(error=error)
        text = shown(seen("ben").get(PAGE))
        assert "Its error is not known yet" in text
        assert "$12,000" not in text and '<svg class="chart' not in text
        answer = told("ben").get(API).json()
        assert (answer["state"], answer["days"], answer["sums"], answer["held"]) == (
            "measuring",
            None,
            None,
            None,
        )
    assert "3 of the 14 earlier forecasts" in text


def test_the_newest_measured_one_is_shown_while_the_next_is_worked_out(seen):
    row = Forecast.objects.get(payer=None)
    Forecast.objects.create(
        company=row.company,
        made_on=TODAY,
        made_at=row.made_at,
        held=99,
        bills=1,
        days=row.days,
        basis=row.basis,
    )
    text = shown(seen("ben").get(PAGE))
    assert "Of 40 claims held" in text and "Of 99" not in text


def test_too_short_a_history_says_how_much_is_missing(seen, told):
    Forecast.objects.all().delete()
    assert "No forecast yet" in shown(seen("sue").get(PAGE))
    company = Payer.objects.first().company
    Forecast.objects.create(
        company=company,
        made_on=TODAY,
        made_at=timezone.now(),
        held=0,
        bills=0,
        basis={"met": 12, "claims": 40},
    )
    text = shown(seen("sue").get(PAGE))
    assert "Not enough history" in text and "12 of the 30 met deductibles" in text
    assert told("sue").get(API).json()["state"] == "short"


def test_one_payer_is_shown_alone(seen, told, acme):
    payer = PayerFactory(company=acme, name="Northline Blue")
    assert "No claim of this payer was held" in shown(seen("ben").get(PAGE, {"payer": payer.pk}))
    row = make_forecast(acme, payer, at=timezone.now())
    Forecast.objects.filter(pk=row.pk).update(held=7)
    text = shown(seen("ben").get(PAGE, {"payer": payer.pk}))
    assert "Of 7 claims held" in text and "Northline Blue" in text
    assert f"?payer={payer.pk}" in shown(seen("ben").get(PAGE))
    answer = told("ben").get(API, {"payer": payer.pk}).json()
    assert (answer["payer"], answer["held"]) == (str(payer.pk), 7)


@pytest.mark.parametrize("payer", ["0", "x", "99999999999999999999", "1'", "²"])
def test_a_payer_that_is_not_there_is_said_and_left_out(seen, told, payer):
    page = seen("ben").get(PAGE, {"payer": payer})
    assert page.status_code == 400 and "There is no such payer here" in shown(page)
    assert "some 30 are released" in shown(page)
    assert told("ben").get(API, {"payer": payer}).status_code in (400, 404)


def test_another_companys_payer_and_forecast_are_not_there(seen, told, acme):
    payer = PayerFactory(company=acme)
    assert seen("bo").get(PAGE, {"payer": payer.pk}).status_code == 400
    assert "No forecast yet" in shown(seen("bo").get(PAGE))
    assert told("bo").get(API, {"payer": payer.pk}).status_code == 404
    assert told("bo").get(API).json()["made_on"] is None


def test_the_table_goes_into_a_file_and_that_is_written_down(seen):
    before = Export.objects.count()
    answer = seen("ben").post(PAGE, {"table": "days"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][:4] == ["Day", "Releases 5%", "Releases P50", "Releases P90"] and len(rows) == 31
    assert rows[1][:4] == [TODAY.isoformat(), "0", "1", "2"]
    assert 'filename="forecast-days-' in answer["Content-Disposition"]
    assert Export.objects.count() == before + 1
    assert len(seen("ben").post(PAGE, {"table": "error"}).content.splitlines()) == 6
    refused = seen("ben").post(PAGE, {"table": "nothing"})
    assert refused.status_code == 400 and "There is no such table now" in shown(refused)


def test_the_endpoint_gives_the_figures_with_their_error(told):
    answer = told("ben").get(API).json()
    assert answer["state"] == "shown" and len(answer["days"]) == 30
    assert answer["days"][0] == {
        "on": TODAY.isoformat(),
        "released": {"p05": 0, "p50": 1, "p90": 2, "p95": 3},
        "billed": {"p05": "0.00", "p50": "850.00", "p90": "1700.00", "p95": "2550.00"},
        "cash": {"p05": "0.00", "p50": "400.00", "p90": "800.00", "p95": "1200.00"},
    }
    assert answer["error"]["released"]["at_most_p90"] == 0.91
    assert told("ben").get(API, {"unknown": "1"}).status_code == 400


@pytest.fixture
def held(acme) -> Hold:
    """Held ten days ago with $900 remaining; its newest answer says $400."""
    began = TODAY - timedelta(days=10)
    (row,) = hold_many(
        acme,
        1,
        first=7000,
        started_on=began,
        anchor_on=began,
        release_on=began + timedelta(days=45),
        remaining="400.00",
    )
    for on, left in ((began, "900.00"), (TODAY - timedelta(days=3), "400.00")):
        Snapshot.objects.create(
            company=acme, claim=row.claim, coverage=row.coverage, source="nightly", asked_at=timezone.now(),
            as_of=on, outcome="answered", annual="2000.00", remaining=left, usable=True,
        )  # fmt: skip
    return row


def curve_for(row: Hold, **changes) -> SurvivalCurve:
    known = {"payer": row.payer, "made_on": TODAY, "claims": 200, "met": 120, "days": [7, 14, 21, 28, 60]}
    known |= {"watched": [200, 160, 130, 90, 40], "unmet": [0.8, 0.65, 0.5, 0.4, 0.4]}
    return SurvivalCurve.objects.create(company=row.company, **{**known, **changes})


def test_beside_a_held_claim_stands_what_is_advised_with_its_numbers(seen, told, held):
    curve_for(held)
    curve_for(held, payer=None, claims=900, met=500, unmet=[0.99, 0.98, 0.97, 0.96, 0.95])
    text = shown(seen("ben").get(f"/claims/{held.claim.number}/"))
    # unmet after day 9: 0.8; up to day 45: 0.4
    assert "Hold on" in text and "is 50%; to hold it on brings" in text
    assert "From 200 holds of this payer, 120 of them met, and 210 payments" in text
    assert "nothing is done by it" in text
    answer = told("ben").get(f"/api/v1/claims/{held.claim_id}/advice/").json()
    assert (answer["verdict"], answer["chance"], answer["holds"]) == ("hold_on", 0.5, 200)
    assert Decimal(answer["allowed"]) == Decimal("552.50") and Decimal(answer["expected"]) > 100
    held.refresh_from_db()
    assert held.active  # advice changes nothing


def test_what_may_remain_for_a_release_is_what_tonights_check_goes_by(told, held):
    curve_for(held)
    url = f"/api/v1/claims/{held.claim_id}/advice/"
    before = Decimal(told("ben").get(url).json()["if_met"])
    force = settings_in_force(held.company_id)
    newer = {one.name: getattr(force, one.name) for one in force._meta.concrete_fields if not one.primary_key}
    DeductibleSettings.objects.create(
        **{**newer, "version": force.version + 1, "dollar_threshold": force.dollar_threshold + 200}
    )
    assert Decimal(told("ben").get(url).json()["if_met"]) < before, "the hold itself keeps its settings"


def test_the_band_is_what_remained_when_the_hold_began_and_the_month_that_of_its_beginning(seen, held):
    curve_for(held)
    curve_for(held, band="500", claims=1, met=40, unmet=[0.9] * 5)
    curve_for(held, band="1000", month=held.started_on.month, claims=77, met=40)
    text = shown(seen("ben").get(f"/claims/{held.claim.number}/"))
    assert f"From 77 holds of this payer with $500 to $1,000 remaining, held in {held.started_on:%B}" in text


def test_without_enough_history_nothing_is_advised(seen, told, held):
    number = held.claim.number
    assert "Too few deductibles of such claims" in shown(seen("ben").get(f"/claims/{number}/"))
    curve_for(held, made_on=TODAY - timedelta(days=60))  # no night renewed it
    answer = told("ben").get(f"/api/v1/claims/{held.claim_id}/advice/").json()
    assert (answer["verdict"], answer["words"], answer["expected"]) == (
        "not_enough",
        "Not enough history",
        None,
    )
    Hold.objects.filter(pk=held.pk).update(kind="manual")
    text = shown(seen("ben").get(f"/claims/{number}/"))
    assert "Nobody asks the payer about a claim that is held by hand" in text


def test_of_a_claim_that_is_not_held_nothing_is_advised(seen, told, world):
    answer = told("ben").get(f"/api/v1/claims/{world.rows['claims']}/advice/").json()
    assert (answer["verdict"], answer["why"]) == (None, "The claim is not held.")
    assert "advice-title" not in shown(seen("ben").get(f"/claims/{world.numbers['claims']}/"))


def test_a_held_claims_page_with_advice_costs_four_queries_more(seen, held, django_assert_max_num_queries):
    curve_for(held)
    client = seen("ben")
    client.get(f"/claims/{held.claim.number}/")
    with django_assert_max_num_queries(16):
        client.get(f"/claims/{held.claim.number}/")
