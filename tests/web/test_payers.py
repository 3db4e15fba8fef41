"""The payers' pages: who may, what empty means, and two people at once."""

from datetime import date

import pytest

from patients.models import Payer
from tests.factories import PayerFactory

GOOD = {"name": "Northline Blue", "payer_id": "NB001", "kind": "commercial", "network": "in"}


@pytest.mark.parametrize("name", ["ben", "adam"])
def test_billers_and_admins_add_a_payer(page_as, cast, name):
    typed = {**GOOD, "dollar_threshold": "$1,000.50", "never_hold": "on", "max_days": "30"}
    answer = page_as(cast[name]).post("/payers/new/", typed)
    assert answer.status_code == 302
    payer = Payer.objects.get()
    assert (str(payer.dollar_threshold), payer.never_hold, payer.max_days) == ("1000.50", True, 30)
    assert (payer.monitor_above, payer.filing_limit_days) == (None, None)


def test_a_supervisor_reads_payers_and_changes_none(page_as, sue, acme):
    payer = PayerFactory(company=acme, name="Northline Blue")
    page = page_as(sue).get("/payers/")
    assert "Northline Blue" in page.content.decode()
    assert f"/payers/{payer.pk}/edit/" not in page.content.decode()
    assert page_as(sue).get(f"/payers/{payer.pk}/edit/").status_code == 403


@pytest.mark.parametrize(
    ("name", "section"), [("ben", "Claims"), ("adam", "Holds and billing"), ("sue", "Claims")]
)
def test_payers_stand_where_the_role_looks_for_them(page_as, cast, name, section):
    page = page_as(cast[name]).get("/payers/").content.decode()
    assert f'<nav class="pages" aria-label="{section}">' in page


def test_every_wrong_override_is_named_at_once_and_kept(page_as, ben):
    typed = {**GOOD, "name": "", "max_days": "400", "dollar_threshold": "1.000,00", "filing_limit_days": "0"}
    answer = page_as(ben).post("/payers/new/", typed)
    page = answer.content.decode()
    assert answer.status_code == 400
    for sentence in ("Name is missing", "from 1 to 365", "dollars and cents", "from 1 to 3650"):
        assert sentence in page
    assert 'value="1.000,00"' in page
    assert not Payer.objects.exists()


def test_the_same_payer_twice_is_refused_beside_its_id(page_as, ben, acme):
    PayerFactory(company=acme, name="Northline Blue", payer_id="NB001")
    answer = page_as(ben).post("/payers/new/", GOOD)
    assert answer.status_code == 400
    assert "There already is a payer" in answer.content.decode()


def test_an_emptied_override_follows_the_company_again(page_as, ben, acme):
    payer = PayerFactory(company=acme, max_days=20)
    typed = {**GOOD, "version": "1", "max_days": ""}
    assert page_as(ben).post(f"/payers/{payer.pk}/edit/", typed).status_code == 302
    payer.refresh_from_db()
    assert payer.max_days is None


def test_of_two_at_once_the_second_sees_both_and_may_save_over_it(page_as, ben, adam, acme):
    payer = PayerFactory(company=acme, name="Northline Blue", payer_id="NB001", filing_limit_days=None)
    address = f"/payers/{payer.pk}/edit/"
    page_as(adam).post(address, {**GOOD, "version": "1", "max_days": "20"})
    client = page_as(ben)
    answer = client.post(address, {**GOOD, "version": "1", "max_days": "30"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Adam Example changed this" in page
    assert 'value="30"' in page and ">20<" in page
    assert client.post(address, {**GOOD, "version": "2", "max_days": "30"}).status_code == 302
    payer.refresh_from_db()
    assert (payer.max_days, payer.version) == (30, 3)


def test_a_form_that_came_in_part_saves_nothing(page_as, ben, acme):
    payer = PayerFactory(company=acme, never_hold=True)
    answer = page_as(ben).post(f"/payers/{payer.pk}/edit/", GOOD)
    assert answer.status_code == 400
    assert "did not arrive whole" in answer.content.decode()
    payer.refresh_from_db()
    assert payer.never_hold


def _page(page_as, user, payer: Payer) -> str:
    return page_as(user).get(f"/payers/{payer.pk}/").content.decode()


def test_a_payers_page_says_which_rule_applied_and_where_its_limit_stands(page_as, ben, acme):
    known = {"filing_limit_source": "Provider manual 2026", "filing_limit_checked_on": date(2026, 3, 1)}
    payer = PayerFactory(company=acme, max_days=20, **known)
    page = _page(page_as, ben, payer)
    assert "20 days" in page and "this payer’s own" in page
    assert "company settings, version 0" in page
    assert "Provider manual 2026, checked 1 March 2026" in page


def test_a_limit_nobody_checked_is_said_to_be_doubtful(page_as, sue, acme):
    page = _page(page_as, sue, PayerFactory(company=acme))
    assert "No source given, nobody has said when it was checked" in page
    assert "is-doubtful" in page


def test_the_source_and_the_day_of_a_limit_are_kept_and_not_of_a_day_to_come(page_as, ben, acme):
    payer = PayerFactory(company=acme)
    address, typed = f"/payers/{payer.pk}/edit/", {**GOOD, "version": "1", "filing_limit_days": "120"}
    typed |= {"filing_limit_source": "CMS manual", "filing_limit_checked_on": "2199-01-01"}
    answer = page_as(ben).post(address, {**typed, "filing_limit_checked_on": "2099-01-01"})
    assert answer.status_code == 400 and "in the future" in answer.content.decode()
    assert page_as(ben).post(address, {**typed, "filing_limit_checked_on": "03/01/2026"}).status_code == 302
    payer.refresh_from_db()
    assert (payer.filing_limit_source, payer.filing_limit_checked_on) == ("CMS manual", date(2026, 3, 1))


def test_every_change_says_who_and_what_and_is_put_back_in_two_clicks(page_as, ben, adam, acme):
    payer = PayerFactory(company=acme, name="Northline Blue", payer_id="NB001", max_days=None)
    typed = {**GOOD, "version": "1", "max_days": "20", "filing_limit_days": "90"}
    page_as(adam).post(f"/payers/{payer.pk}/edit/", typed)
    page = _page(page_as, ben, payer)
    assert "Adam Example" in page and "Filing limit days: 180 → 90" in page
    assert "Max days: the company’s → 20" in page
    answer = page_as(ben).post(f"/payers/{payer.pk}/revert/", {"to": "1", "version": "2"})
    assert answer.status_code == 302
    payer.refresh_from_db()
    assert (payer.max_days, payer.filing_limit_days, payer.version) == (None, 180, 3)


@pytest.mark.parametrize(("to", "version"), [("1", "1"), ("7", "2"), ("x", "2"), ("", "")])
def test_what_cannot_be_put_back_says_so_and_changes_nothing(page_as, ben, adam, acme, to, version):
    payer = PayerFactory(company=acme, name="Northline Blue", payer_id="NB001")
    page_as(adam).post(f"/payers/{payer.pk}/edit/", {**GOOD, "version": "1", "max_days": "20"})
    answer = page_as(ben).post(f"/payers/{payer.pk}/revert/", {"to": to, "version": version})
    assert answer.status_code == 409 and "Nothing was changed." in answer.content.decode()
    payer.refresh_from_db()
    assert (payer.max_days, payer.version) == (20, 2)


def test_another_companys_payer_is_not_there(page_as, ben, other):
    payer = PayerFactory(company=other)
    assert page_as(ben).get(f"/payers/{payer.pk}/").status_code == 404
    assert page_as(ben).post(f"/payers/{payer.pk}/revert/", {"to": "1", "version": "1"}).status_code == 404
