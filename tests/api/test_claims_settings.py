"""Settings, the billing provider, nights and submissions by API."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deductibles.models import BillingProvider, DeductibleSettings
from tests.api.claim_bodies import PROVIDER, SETTINGS, TODAY, switch_on
from tests.hostile import HOSTILE
from work.models import Run

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/v1/deductible-settings/"
NIGHTS = "/api/v1/nightly-runs/"
FIELDS = {*SETTINGS, "version"}


def _sendable(value):
    return not (isinstance(value, str) and "\ud800" in value)


def test_settings_are_read_before_the_first_save_and_after_it(api, adam, ar_boost):
    client = api(adam)
    before = client.get(URL).json()
    assert set(before) == FIELDS
    assert (before["automatic"], before["dollar_threshold"], before["guard_days"]) == (False, "0.00", 14)
    saved = client.put(URL, {**SETTINGS, "dollar_threshold": "$1,000.50"})
    assert saved.status_code == 200, saved.json()
    assert set(saved.json()) == FIELDS
    assert saved.json()["dollar_threshold"] == "1000.50"
    assert client.get(URL).json() == saved.json()


def test_a_stale_version_is_a_conflict_and_may_be_left_out(api, adam, ar_boost):
    client = api(adam)
    first = client.put(URL, {**SETTINGS, "version": 0}).json()
    assert client.put(URL, {**SETTINGS, "version": 0}).status_code == 409
    assert client.put(URL, SETTINGS).json()["version"] == first["version"] + 1


def test_automatic_is_refused_while_ar_boost_says_the_agency_is_off(api, adam, ar_boost):
    ar_boost.script("*", agency=False)
    refused = api(adam).put(URL, SETTINGS)
    assert refused.status_code == 409
    assert "switched off for your agency" in refused.json()["message"]
    assert not DeductibleSettings.objects.exists()


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_a_hostile_setting_is_refused_with_a_sentence(api, adam, acme, field):
    switch_on(acme)
    client = api(adam)
    for value in filter(_sendable, HOSTILE):
        answer = client.put(URL, {**SETTINGS, field: value})
        assert answer.status_code in (200, 400, 409), (field, str(value)[:40])
        if answer.status_code == 400:
            assert answer.json()["message"].endswith(".")
        preview = client.post(f"{URL}preview/", {**SETTINGS, field: value})
        assert preview.status_code in (200, 400)


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_days": 0},
        {"max_days": 366},
        {"max_days": None},
        {"dollar_threshold": "-5"},
        {"dollar_threshold": "1e3"},
        {"monitor_above": "1.000,00"},
        {"manual_days": None},
        {"guard_days": 400},
        {"nickname": 1},
    ],
)
def test_a_setting_out_of_range_keeps_nothing(api, adam, wrong):
    assert api(adam).put(URL, {**SETTINGS, **wrong}).status_code == 400
    assert not DeductibleSettings.objects.exists()


def test_the_preview_says_what_saving_would_do_and_saves_nothing(api, adam, acme):
    switch_on(acme)
    found = api(adam).post(f"{URL}preview/", SETTINGS).json()
    assert found == {"released_tonight": 0, "newly_held": 0, "by_payer": []}
    assert DeductibleSettings.objects.count() == 1


def test_only_admins_read_and_write_settings(api, ben, sue, ana):
    for person in (ben, sue, ana):
        assert api(person).get(URL).status_code == 403
        assert api(person).put(URL, SETTINGS).status_code == 403
        assert api(person).get("/api/v1/billing-provider/").status_code == 403


def test_the_billing_provider_is_saved_as_a_new_version(api, adam):
    client = api(adam)
    assert client.get("/api/v1/billing-provider/").json()["version"] == 0
    saved = client.put("/api/v1/billing-provider/", PROVIDER)
    assert saved.status_code == 200, saved.json()
    assert client.get("/api/v1/billing-provider/").json()["npi"] == PROVIDER["npi"]
    refused = client.put("/api/v1/billing-provider/", {**PROVIDER, "npi": "1234567890"})
    assert "npi" in refused.json()["fields"]
    assert BillingProvider.objects.count() == 1


@pytest.mark.parametrize("field", sorted(PROVIDER))
def test_a_hostile_provider_is_refused_with_a_sentence(api, adam, field):
    client = api(adam)
    for value in filter(_sendable, HOSTILE):
        answer = client.put("/api/v1/billing-provider/", {**PROVIDER, field: value})
        assert answer.status_code in (200, 400), (field, str(value)[:40])


def test_a_night_is_started_once_and_answered_again(api, sue, line):
    client = api(sue)
    hold = line.held(day=TODAY - timedelta(days=7), served=TODAY - timedelta(days=9))
    first = client.post(NIGHTS, {"kind": "check"})
    assert first.status_code in (200, 202), first.json()
    assert (first.json()["state"], first.json()["due"], first.json()["answered"]) == ("done", 1, 1)
    again = client.post(NIGHTS, {"kind": "check", "target_date": first.json()["target_date"]})
    assert again.json() == first.json()
    assert len(line.asked(hold)) == 1
    assert client.get(f"{NIGHTS}{first.json()['id']}/").json() == first.json()
    assert [row["id"] for row in client.get(NIGHTS).json()["results"]] == [first.json()["id"]]


def test_an_earlier_night_may_be_run_and_a_later_one_only_in_a_demo(api, sue, line, settings):
    client = api(sue)
    later = (TODAY + timedelta(days=3)).isoformat()
    settings.DEMO = False
    refused = client.post(NIGHTS, {"kind": "check", "target_date": later})
    assert refused.status_code == 409
    assert refused.json()["message"].endswith(".")
    settings.DEMO = True
    assert client.post(NIGHTS, {"kind": "check", "target_date": later}).status_code in (200, 202)
    earlier = (TODAY - timedelta(days=3)).isoformat()
    assert client.post(NIGHTS, {"kind": "check", "target_date": earlier}).status_code in (200, 202)


@pytest.mark.parametrize("field", ["kind", "target_date"])
def test_a_hostile_night_is_refused(api, adam, field):
    client = api(adam)
    for value in filter(_sendable, HOSTILE):
        if field == "target_date" and value in (None, ""):
            continue
        answer = client.post(NIGHTS, {"kind": "check", field: value})
        assert answer.status_code == 400, (field, str(value)[:40])
    assert client.post(NIGHTS, {}).status_code == 400
    assert not Run.objects.exists()


def test_billers_and_agents_start_no_nights(api, ben, ana, sue, adam):
    for person in (ben, ana):
        assert api(person).post(NIGHTS, {"kind": "check"}).status_code == 403
    assert api(ben).get(NIGHTS).status_code == 200
    assert api(ana).get(NIGHTS).status_code == 403


def test_a_submission_shows_its_claims_and_its_bytes(api, ben, bo, adam, sue, line):
    line.settings(automatic=False, max_days=None)
    claim = line.complete(line.member()).claim
    done = api(sue).post(NIGHTS, {"kind": "submission"}).json()
    assert (done["state"], done["submitted"]) == ("done", 1)
    found = api(ben).get("/api/v1/submissions/").json()["results"]
    assert [row["number"] for row in found[0]["claims"]] == [claim.number]
    assert found[0]["state"] == "handed_over"
    file = api(ben).get(f"/api/v1/submissions/{found[0]['id']}/file/")
    assert file.status_code == 200
    assert file["Content-Type"].startswith("text/plain")
    assert "attachment" in file["Content-Disposition"]
    assert claim.number in file.content.decode()
    assert api(bo).get(f"/api/v1/submissions/{found[0]['id']}/file/").status_code == 404
    assert api(bo).get("/api/v1/submissions/").json()["results"] == []
    assert api(adam).get("/api/v1/submissions/").status_code == 403


@pytest.mark.parametrize("path", [NIGHTS + "{}/", "/api/v1/submissions/{}/file/"])
@pytest.mark.parametrize("key", ["0", "abc", "9" * 30, "-1", "٣"])
def test_an_id_that_cannot_be_one_is_not_there(api, ben, path, key):
    assert api(ben).get(path.format(key)).status_code == 404


@pytest.mark.parametrize("path", [URL, f"{URL}preview/"])
def test_a_setting_that_is_left_out_is_named_and_nothing_is_saved(api, adam, path):
    client = api(adam)
    send = client.post if path.endswith("preview/") else client.put
    refused = send(path, {"dollar_threshold": "5.00"})
    assert refused.status_code == 400
    assert set(refused.json()["fields"]) == set(SETTINGS) - {"dollar_threshold", "guard_days"}
    assert not DeductibleSettings.objects.exists()


def test_guard_days_left_out_are_fourteen(api, adam):
    body = {**SETTINGS, "automatic": False}
    del body["guard_days"]
    assert api(adam).put(URL, body).json()["guard_days"] == 14


def test_a_preview_counts_what_would_leave_and_be_held_by_payer(api, adam, line):
    """D-CONF-10, the three fields of the contract and no other."""
    line.held(remaining="450.00", day=TODAY, served=TODAY)
    line.complete(
        line.member(amounts=[{"from": "2000-01-01", "annual": "1500.00", "remaining": "90.00"}]),
        day=TODAY,
        served=TODAY,
    )
    body = {**SETTINGS, "dollar_threshold": "500.00", "manual": False, "manual_days": None}
    found = api(adam).post(f"{URL}preview/", body).json()
    name = line.payer.name
    assert found == {
        "released_tonight": 1,
        "newly_held": 0,
        "by_payer": [{"payer": name, "released_tonight": 1, "newly_held": 0}],
    }
    stricter = api(adam).post(f"{URL}preview/", {**body, "dollar_threshold": "50.00"}).json()
    assert (stricter["released_tonight"], stricter["newly_held"]) == (0, 1)


def test_a_put_of_settings_that_move_claims_needs_no_page_to_have_shown_them(api, adam, line):
    """A script looks by ``preview/`` when it wants to."""
    line.held(remaining="450.00", day=TODAY, served=TODAY)
    assert api(adam).put(URL, {**SETTINGS, "dollar_threshold": "500.00"}).status_code == 200


@pytest.mark.parametrize("field", ["automatic", "manual"])
def test_days_may_be_null_while_their_switch_is_off(api, adam, field):
    days = {"automatic": "max_days", "manual": "manual_days"}[field]
    body = {**SETTINGS, "automatic": False, "manual": False, days: None}
    saved = api(adam).put(URL, body)
    assert saved.status_code == 200
    assert saved.json()[days] is None


def test_of_two_who_put_the_provider_the_second_is_told(api, adam):
    client, url = api(adam), "/api/v1/billing-provider/"
    first = client.put(url, {**PROVIDER, "version": 0}).json()
    assert first["version"] == 1
    stale = client.put(url, {**PROVIDER, "name": "Another", "version": 0})
    assert stale.status_code == 409
    assert stale.json()["message"].startswith("Somebody else saved the billing provider")
    assert client.put(url, {**PROVIDER, "name": "Another", "version": 1}).json()["version"] == 2
    assert client.put(url, PROVIDER).json()["version"] == 3, "it may be left out"
    assert client.put(url, {**PROVIDER, "version": "soon"}).status_code == 400


def test_a_run_has_the_fields_of_the_contract(api, sue, line):
    found = api(sue).post(NIGHTS, {"kind": "check", "target_date": None}).json()
    assert {"id", "kind", "state", "target_date", "due", "asked", "answered", "released"} <= set(found)
    assert {"timed_out", "submitted", "failures"} <= set(found)
    assert found["target_date"] == TODAY.isoformat()


def test_runs_are_listed_by_kind_and_state_and_nothing_else(api, ben, bo, sue, line):
    line.check(TODAY)
    line.submit(TODAY)
    client = api(ben)
    kinds = [row["kind"] for row in client.get(f"{NIGHTS}?kind=submission").json()["results"]]
    assert kinds == ["submission"]
    assert client.get(f"{NIGHTS}?state=failed").json()["results"] == []
    assert client.get(f"{NIGHTS}?state=sleepy").status_code == 400
    assert client.get(f"{NIGHTS}?nickname=x").status_code == 400
    assert api(bo).get(NIGHTS).json()["results"] == []
    assert api(bo).get(f"{NIGHTS}{Run.objects.first().pk}/").status_code == 404
