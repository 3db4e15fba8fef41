"""The payers' pages: who may, what empty means, and two people at once."""

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


@pytest.mark.parametrize(("name", "section"), [("ben", "Claims"), ("adam", "Settings"), ("sue", "Claims")])
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
