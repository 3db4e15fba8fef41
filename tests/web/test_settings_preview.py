"""Deductible Monitoring: looked at before it is saved, contradictions said, every version put back; the help."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from deductibles.actions.settings import save_provider
from deductibles.models import BillingProvider, DeductibleSettings, settings_in_force
from tests.api.claim_bodies import PROVIDER, TODAY, switch_on
from tests.factories import PayerFactory

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db(transaction=True)

URL = "/settings/deductible-monitoring/"
PROVIDER_URL = "/settings/billing-provider/"
HELP = "/claims/hold-for-deductible/help/"
TYPED = {
    "automatic": "on",
    "max_days": "30",
    "dollar_threshold": "100.00",
    "monitor_above": "250.00",
    "guard_days": "14",
}


def typed(line, **changes):
    """The form as it was read, with changes; nothing shown yet."""
    return {**TYPED, "version": str(settings_in_force(line.company.pk).version), **changes}


def words(answer):
    """A page's text without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


def seen(answer):
    """The mark of what the page has shown."""
    return re.search(r'id="seen" value="([0-9a-f]*)"', answer.content.decode())[1]


@pytest.fixture
def held(line):
    """Two claims on hold with $450.00 and $1,500.00 remaining."""
    line.held(remaining="450.00", day=TODAY, served=TODAY)
    line.held(remaining="1500.00", day=TODAY, served=TODAY)
    return line


def test_what_would_move_claims_is_shown_before_save_saves_it_D_CONF_10(page_as, adam, held):
    client, body = page_as(adam), typed(held, dollar_threshold="500.00")
    version = body["version"]
    first = client.post(URL, body)
    assert first.status_code == 200
    assert "Not saved yet." in words(first)
    assert "Saving this would release 1 claim tonight and hold 0 more." in words(first)
    assert "1 by proof that the deductible is met" in words(first)
    assert settings_in_force(held.company.pk).version == int(version)
    second = client.post(URL, {**body, "seen": seen(first)})
    assert second.status_code == 302
    assert settings_in_force(held.company.pk).version == int(version) + 1


def test_what_was_shown_counts_only_for_exactly_these_values(page_as, adam, held):
    client, body = page_as(adam), typed(held, dollar_threshold="500.00")
    shown = client.post(URL, {**body, "preview": "1"})
    other = client.post(URL, {**body, "dollar_threshold": "2000.00", "seen": seen(shown)})
    assert other.status_code == 200
    assert "release 2 claims tonight" in words(other)


def test_a_change_that_moves_no_claim_is_saved_at_once(page_as, adam, line):
    assert page_as(adam).post(URL, typed(line, dollar_threshold="50.00")).status_code == 302


def test_while_somebody_types_the_effect_is_worked_out_and_nothing_is_refused(page_as, adam, held):
    client = page_as(adam)
    live = client.post(URL, typed(held, max_days="1", preview="live"))
    assert live.status_code == 200
    assert "would have" not in words(live)
    assert 'id="before-save"' in live.content.decode()
    half = client.post(URL, typed(held, max_days="", preview="live"))
    assert half.status_code == 200
    assert "worked out once every field can be read" in words(half)
    assert client.post(URL, typed(held, max_days="")).status_code == 400


def test_the_chart_of_days_held_has_its_words_and_its_table(page_as, adam, held):
    page = page_as(adam).post(URL, typed(held, max_days="1", preview="1")).content.decode()
    assert '<title id="days-title">Claims on hold by the days they are held</title>' in page
    assert "2 claims are held" in page
    assert ">1 day, new<" in page
    assert ">30, now<" in page


def test_contradictions_stand_beside_their_fields_and_refuse_nothing(page_as, adam, line):
    PayerFactory(company=line.company, name="Union Trades Fund", filing_limit_days=40)
    body = typed(line, dollar_threshold="300.00", preview="1")
    page = page_as(adam).post(URL, body).content.decode()
    days = page.split('id="beside_max_days"')[1].split("</fieldset>")[0]
    assert "Union Trades Fund (40 days)" in days
    threshold = page.split('id="beside_dollar_threshold"')[1]
    assert "from $250.00 to $300.00 are never held" in threshold
    assert page_as(adam).post(URL, typed(line, dollar_threshold="300.00")).status_code == 302
    assert "are never held" in page_as(adam).get(URL).content.decode(), "also of what is in force"


def test_the_shortest_filing_limit_is_that_of_a_payer_that_can_be_held_D_CONF_4(page_as, adam, line):
    PayerFactory(company=line.company, name="Union Trades Fund", filing_limit_days=90)
    PayerFactory(company=line.company, name="State Medicaid", kind="medicaid", filing_limit_days=30)
    page = words(page_as(adam).get(URL))
    assert "Yours is Union Trades Fund, 90 days." in page


def test_payers_with_numbers_of_their_own_are_named_beside_the_companys(page_as, adam, line):
    payer = PayerFactory(company=line.company, name="Cedar State Health", max_days=21)
    page = page_as(adam).get(URL)
    assert "Cedar State Health" in words(page)
    assert "21 days at most" in words(page)
    assert f'href="/payers/{payer.pk}/' in page.content.decode()


def test_every_version_is_told_with_who_when_and_old_and_new_D_CONF_11(page_as, adam, line):
    for number in range(8):
        line.settings(dollar_threshold=f"{200 + number}.00")
    client = page_as(adam)
    few, every = client.get(URL), client.get(f"{URL}?history=all")
    assert "Dollar threshold 206.00 → 207.00" in words(few)
    assert "Version 9" in words(few) and "adam" in words(few)
    assert "First settings" not in words(few)
    assert "All 9 versions" in words(few)
    assert "First settings" in words(every)
    assert "All 9 versions" not in words(every)


def test_an_earlier_version_is_put_back_by_preview_and_save_D_CONF_11(page_as, adam, held):
    held.settings(day=TODAY, dollar_threshold="500.00")
    client = page_as(adam)
    assert "put back version 1" in words(client.get(URL))
    held.settings(day=TODAY, dollar_threshold="5.00")
    page = client.get(f"{URL}?version=2")
    assert page.status_code == 200
    assert 'value="500.00"' in page.content.decode()
    assert "was 5.00" in words(page)
    assert "Version 2 put back, not saved yet" in words(page)
    assert "would release 1 claim tonight" in words(page)
    assert settings_in_force(held.company.pk).version == 3, "looking saves nothing"
    body = typed(held, dollar_threshold="500.00", seen=seen(page))
    assert client.post(URL, body).status_code == 302
    now = settings_in_force(held.company.pk)
    assert (now.version, str(now.dollar_threshold)) == (4, "500.00")
    assert DeductibleSettings.objects.filter(company=held.company).count() == 4


@pytest.mark.parametrize("version", ["99", "0", "-1", "abc", "9" * 40, "٣", ""])
def test_a_version_that_is_not_there_shows_what_is_in_force(page_as, adam, line, version):
    page = page_as(adam).get(URL, {"version": version})
    assert page.status_code == 200
    assert "put back, not saved yet" not in words(page)


def test_another_companys_version_is_not_there(page_as, olga, line):
    line.settings(dollar_threshold="777.00")
    assert "777.00" not in words(page_as(olga).get(URL, {"version": "2"}))


def test_the_agency_switch_is_refused_in_words_and_keeps_what_was_typed_D_CONF_9(page_as, adam, line):
    line.settings(automatic=False)
    line.vendor.script("*", agency=False)
    answer = page_as(adam).post(URL, typed(line, dollar_threshold="77.00"))
    assert answer.status_code == 409
    assert "switched off for your agency" in words(answer)
    assert 'value="77.00"' in answer.content.decode()
    assert settings_in_force(line.company.pk).automatic is False


def test_the_provider_says_what_stands_still_without_it_D_SUB_0(page_as, adam, acme, line):
    BillingProvider.objects.filter(company=acme).delete()
    line.enter()
    page = words(page_as(adam).get(PROVIDER_URL))
    assert "There is no billing provider yet." in page
    assert "No claim can be completed" in page and "1 claim in draft" in page
    assert "writes no file" in page
    save_provider(acme, PROVIDER, by=adam, at=timezone.now())
    assert "There is no billing provider yet." not in words(page_as(adam).get(PROVIDER_URL))


def test_of_two_who_save_the_provider_the_second_is_told_and_may_decide(page_as, adam, line):
    client, newest = page_as(adam), BillingProvider.objects.get(company=line.company)
    mine = {**PROVIDER, "name": "Mine Ambulance", "version": str(newest.version)}
    save_provider(line.company, {**PROVIDER, "name": "Theirs Ambulance"}, by=adam, at=timezone.now())
    refused = client.post(PROVIDER_URL, mine)
    assert refused.status_code == 409
    assert "Somebody else saved the billing provider meanwhile" in words(refused)
    assert "Theirs Ambulance" in words(refused)
    assert 'value="Mine Ambulance"' in refused.content.decode()
    fresh = re.search(r'name="version" value="(\d+)"', refused.content.decode())[1]
    assert client.post(PROVIDER_URL, {**mine, "version": fresh}).status_code == 302
    assert BillingProvider.objects.filter(company=line.company).count() == 3


def test_an_earlier_provider_is_looked_at_and_put_back(page_as, adam, line):
    save_provider(line.company, {**PROVIDER, "tax_id": "987654321"}, by=adam, at=timezone.now())
    client = page_as(adam)
    page = client.get(PROVIDER_URL)
    assert "Tax id 123456789 → 987654321" in words(page)
    back = client.get(f"{PROVIDER_URL}?version=1")
    assert 'value="123456789"' in back.content.decode()
    assert "Version 1 put back, not saved yet" in words(back)
    assert BillingProvider.objects.filter(company=line.company).count() == 2


def test_the_help_has_the_numbers_in_force_and_a_drawing_with_its_words(page_as, adam, ben, sue, ana, line):
    line.settings(dollar_threshold="125.00", max_days=45)
    for person in (adam, ben, sue):
        page = page_as(person).get(HELP)
        assert page.status_code == 200
        assert "$125.00" in words(page)
        assert "45 days at most, by today’s settings" in words(page)
        assert 'role="img" aria-labelledby="flow-title flow-desc"' in page.content.decode()
    assert page_as(ana).get(HELP).status_code == 403
    for label in ("Find Insurance", "Coverage status", "Queued reason", "Customize columns", "Clear queue"):
        assert label in words(page_as(ben).get(HELP)), label


@pytest.mark.parametrize("path", [URL, "/claims/hold-for-deductible/"])
def test_the_help_is_reached_from_the_settings_and_the_hold_page(page_as, adam, ben, line, path):
    person = adam if path == URL else ben
    assert f'href="{HELP}"' in page_as(person).get(path).content.decode()


def test_before_the_first_save_the_page_says_so_and_contradicts_nothing(page_as, olga, cast):
    page = words(page_as(olga).get(URL))
    assert "Nothing has been saved yet." in page
    assert "has no end" not in page
    switch_on(cast["olga"].company)
    assert "Nothing has been saved yet." not in words(page_as(olga).get(URL))
