"""Signing in and out: closed by default, locked by name and address together."""

import re

import pytest
from django.test import Client

from accounts.demo import PASSWORD


@pytest.fixture
def ana_with_password(ana):
    ana.set_password(PASSWORD)
    ana.save()
    return ana


def _try(client, name, password, address="10.0.0.1"):
    return client.post("/accounts/login/", {"login": name, "password": password}, REMOTE_ADDR=address)


def test_a_person_signs_in_and_lands_at_their_work(client, ana_with_password):
    answer = _try(client, "ana", PASSWORD)
    assert answer.status_code == 302
    assert client.get("/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 302
    assert "/accounts/login/" in client.get("/").url


def test_a_wrong_password_says_so_and_keeps_the_name(client, ana_with_password):
    answer = _try(client, "ana", "wrong-password-1")
    assert answer.status_code in (200, 400)
    assert 'value="ana"' in answer.content.decode()


def test_too_many_wrong_passwords_lock_this_name_at_this_address_only(ana_with_password, ben):
    ben.set_password(PASSWORD)
    ben.save()
    for _ in range(9):
        last = _try(Client(), "ana", "wrong-password-1")
    assert last.status_code == 429
    assert _try(Client(), "ana", PASSWORD).status_code == 429
    assert _try(Client(), "ben", PASSWORD).status_code == 302, "the office behind the address still works"
    assert _try(Client(), "ana", PASSWORD, "10.0.0.2").status_code == 302


@pytest.mark.parametrize(
    "path", ["/escalations/", "/claims/", "/patients/", "/settings/deductible-monitoring/"]
)
def test_nobody_gets_in_without_signing_in(client, db, path):
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/")


def test_nobody_signs_themselves_up(client, db):
    page = client.get("/accounts/signup/").content.decode()
    assert "password1" not in page


def test_health_needs_no_login(client, db):
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").json()["ready"] is True


def test_the_theme_is_kept_for_the_person(page_as, ana):
    client = page_as(ana)
    client.post("/accounts/preferences/", {"theme": "dark"})
    ana.refresh_from_db()
    assert ana.theme == "dark"
    client.post("/accounts/preferences/", {"theme": "purple"})
    ana.refresh_from_db()
    assert ana.theme == ""


def test_every_page_carries_the_strict_policy(client, db):
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_single_keys_are_on_until_somebody_switches_them_off(page_as, ana):
    assert ana.single_keys
    client = page_as(ana)
    client.post("/accounts/preferences/", {"single_keys": "off"})
    ana.refresh_from_db()
    assert not ana.single_keys
    client.post("/accounts/preferences/", {"theme": "dark"})
    ana.refresh_from_db()
    assert not ana.single_keys, "a form about the theme says nothing about the keys"
    client.post("/accounts/preferences/", {"single_keys": "on"})
    ana.refresh_from_db()
    assert ana.single_keys


def test_one_types_the_name_at_once_and_a_phone_does_not_make_its_first_letter_great(client, db):
    field = re.search(r'<input[^>]*name="login"[^>]*>', client.get("/accounts/login/").content.decode())
    assert field
    assert " autofocus" in field[0]
    assert 'autocapitalize="none"' in field[0]
