"""Settings pages: monitoring with its preview, the billing provider, nights and submissions."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.utils import timezone

from accounts.models import User
from deductibles.models import BillingProvider, DeductibleSettings, settings_in_force
from tests.api.claim_bodies import PROVIDER, TODAY, switch_on
from tests.hostile import HOSTILE_TEXT
from tests.web.test_claims import sent
from work.models import Run

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db(transaction=True)

URL = "/settings/deductible-monitoring/"
TYPED = {
    "automatic": "on",
    "max_days": "45",
    "dollar_threshold": "100.00",
    "monitor_above": "250.00",
    "manual": "on",
    "manual_days": "30",
    "guard_days": "14",
}


def test_the_page_has_the_labels_billers_know_D_CONF_1_5_6(page_as, adam):
    page = page_as(adam).get(URL).content.decode()
    assert "Settings · Configuration" in page and f'href="{URL}"' in page
    for label in (
        "Automated deductible monitoring",
        "Maximum number of days that a claim will be held",
        "Dollar threshold",
        "Monitor claims for annual deductible amounts greater than",
        "Automatically queue claims manually placed in Suspended - Hold for Deductible status.",
        "This amount or more",
    ):
        assert label in page, label


def test_settings_are_saved_and_the_change_is_told_with_who_and_when(page_as, adam, acme, ar_boost):
    client = page_as(adam)
    saved = client.post(URL, {**TYPED, "version": "0"}, follow=True)
    assert "Saved as version 1." in saved.content.decode()
    client.post(URL, {**TYPED, "max_days": "30", "version": "1"})
    page = client.get(URL).content.decode()
    assert "Maximum days 45 → 30" in page
    assert "adam" in page


def test_the_effect_is_shown_before_it_is_saved(page_as, adam, acme):
    switch_on(acme)
    answer = page_as(adam).post(URL, {**TYPED, "max_days": "30", "version": "1", "preview": "1"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Saving this would release" in page
    assert "was 45" in page
    assert DeductibleSettings.objects.count() == 1


def test_a_stale_page_is_not_saved_and_says_so(page_as, adam, acme):
    switch_on(acme)
    answer = page_as(adam).post(URL, {**TYPED, "max_days": "31", "version": "0"})
    assert answer.status_code == 409
    assert "Somebody else saved these settings meanwhile" in answer.content.decode()
    assert 'value="31"' in answer.content.decode()


@pytest.mark.parametrize(
    "field", ["max_days", "dollar_threshold", "monitor_above", "manual_days", "guard_days", "version"]
)
def test_a_hostile_setting_is_said_beside_its_field(page_as, adam, acme, field):
    switch_on(acme)
    client = page_as(adam)
    for value in HOSTILE_TEXT:
        answer = sent(client, URL, {**TYPED, field: value})
        assert answer.status_code in (302, 400, 409), (field, value[:40])


def test_the_provider_is_saved_or_said_what_is_wrong(page_as, adam):
    client = page_as(adam)
    refused = client.post("/settings/billing-provider/", {**PROVIDER, "npi": "1234567890"})
    assert refused.status_code == 400
    assert 'value="1234567890"' in refused.content.decode()
    assert "NPI" in refused.content.decode()
    assert client.post("/settings/billing-provider/", PROVIDER).status_code == 302
    assert BillingProvider.objects.get().npi == PROVIDER["npi"]


@pytest.mark.parametrize("field", sorted(PROVIDER))
def test_a_hostile_provider_is_refused_or_kept(page_as, adam, field):
    client = page_as(adam)
    for value in HOSTILE_TEXT:
        answer = sent(client, "/settings/billing-provider/", {**PROVIDER, field: value})
        assert answer.status_code in (302, 400), (field, value[:40])


def test_a_night_is_started_by_button_and_its_result_is_shown(page_as, sue, line):
    line.held(day=TODAY - timedelta(days=7), served=TODAY - timedelta(days=9))
    answer = page_as(sue).post("/settings/runs/", {"kind": "check", "target_date": ""}, follow=True)
    page = answer.content.decode()
    assert "1 of 1 due checks were answered" in page
    assert Run.objects.get().state == "done"
    listed = page_as(sue).get("/settings/runs/").content.decode()
    assert "Deductible check" in listed


def test_a_night_of_the_future_is_refused_outside_a_demo(page_as, sue, line, settings):
    settings.DEMO = False
    later = (TODAY + timedelta(days=3)).isoformat()
    answer = page_as(sue).post("/settings/runs/", {"kind": "check", "target_date": later})
    assert answer.status_code == 409
    assert later in answer.content.decode()


@pytest.mark.parametrize("field", ["kind", "target_date"])
def test_a_hostile_night_is_refused(page_as, adam, field):
    client = page_as(adam)
    for value in HOSTILE_TEXT:
        if not value.strip():
            continue
        answer = sent(client, "/settings/runs/", {"kind": "check", "target_date": "", field: value})
        assert answer.status_code == 400, (field, value[:40])
    assert not Run.objects.exists()


@pytest.mark.parametrize("path", ["/settings/runs/", "/claims/hold-for-deductible/"])
def test_a_missed_night_is_told_once_and_never_links_to_the_page_itself(page_as, sue, line, path):
    User.objects.update(date_joined=timezone.now() - timedelta(days=30))
    caches["local"].clear()
    line.check(TODAY - timedelta(days=9))
    page = page_as(sue).get(path).content.decode()
    caches["local"].clear()
    assert page.count("did not run") == 1
    assert ("Start it" in page) == (path != "/settings/runs/")


def test_the_one_check_not_answered_is_told_in_the_singular(page_as, ben, line):
    """D-CHK-7."""
    line.check(TODAY)
    Run.objects.update(due=8, answered=7)
    page = page_as(ben).get("/claims/hold-for-deductible/").content.decode()
    assert "the other one is asked again tonight" in page


def test_a_submission_is_opened_and_its_837p_downloaded(page_as, ben, bo, line):
    line.settings(automatic=False, max_days=None)
    claim = line.complete(line.member()).claim
    line.submit(TODAY)
    client = page_as(ben)
    listed = client.get("/claims/submissions/").content.decode()
    assert ".837" in listed or ".txt" in listed or ".edi" in listed
    key = claim.items.get().submission_id
    page = client.get(f"/claims/submissions/{key}/").content.decode()
    assert claim.number in page
    assert "Handed over" in page
    file = client.get(f"/claims/submissions/{key}/file/")
    assert file.content.startswith(b"ISA")
    assert "attachment" in file["Content-Disposition"]
    assert page_as(bo).get(f"/claims/submissions/{key}/").status_code == 404
    assert page_as(bo).get(f"/claims/submissions/{key}/file/").status_code == 404


def test_roles_see_only_their_settings(page_as, ben, sue, ana, adam):
    for person in (ben, sue, ana):
        assert page_as(person).get(URL).status_code == 403
        assert page_as(person).get("/settings/billing-provider/").status_code == 403
    assert page_as(ben).get("/settings/runs/").status_code == 200
    assert page_as(ben).post("/settings/runs/", {"kind": "check"}).status_code == 403
    assert page_as(ana).get("/settings/runs/").status_code == 403
    assert page_as(adam).get("/claims/submissions/").status_code == 403


def test_a_form_that_arrived_in_part_switches_nothing_off(page_as, adam):
    answer = page_as(adam).post(URL, {})
    assert answer.status_code == 400
    assert "did not arrive whole" in answer.content.decode()


def test_a_stale_page_shows_who_saved_what_beside_what_was_typed(page_as, adam, acme):
    """409: the choice between both is made on the page, and one press saves what was typed after all."""
    switch_on(acme)
    typed = {**TYPED, "max_days": "31", "version": "0"}
    answer = page_as(adam).post(URL, typed).content.decode()
    conflict = answer.split('class="conflict"')[1].split("</section>")[0]
    assert "Maximum days" in conflict
    assert ">31</td>" in conflict
    fresh = re.search(r'name="version" value="(\d+)"', answer)
    assert fresh
    assert page_as(adam).post(URL, {**typed, "version": fresh[1]}).status_code == 302


def test_put_back_gives_one_field_its_value_in_force_and_keeps_the_others(page_as, adam, acme):
    """A change is taken back by one press, before anything is saved."""
    switch_on(acme)
    version = settings_in_force(acme.pk).version
    typed = {**TYPED, "max_days": "31", "dollar_threshold": "77.00", "version": str(version)}
    answer = page_as(adam).post(URL, {**typed, "put_back": "max_days"}).content.decode()
    assert f'value="{settings_in_force(acme.pk).max_days}"' in answer
    assert 'value="77.00"' in answer
    assert settings_in_force(acme.pk).version == version


def test_the_list_of_nights_names_the_zone_its_times_are_in(page_as, adam):
    """Beside "03:00 UTC" a bare 21:00 would be read as UTC too."""
    page = page_as(adam).get("/settings/runs/").content.decode()
    assert "Times in America/Chicago (C" in page
