"""In production an admin without a second factor may set one up and do nothing else (ADMIN_SECOND_FACTOR)."""

from __future__ import annotations

import re
from html import unescape
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.demo import PASSWORD
from accounts.models import User
from tests.factories import token_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world_once")]
SECRET = "JBSWY3DPEHPK3PXP"
INDEX, ACTIVATE, OFF = "/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/2fa/totp/deactivate/"


@pytest.fixture(autouse=True)
def required(settings: Any) -> None:
    settings.ADMIN_SECOND_FACTOR = True


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())


def signed_in(person: User) -> Any:
    """A browser in which the person typed their password, and once more just now."""
    person.set_password(PASSWORD)
    person.save()
    client = Client(raise_request_exception=False)
    client.post("/accounts/login/", {"login": person.username, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def code_of(secret: str = SECRET) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


@pytest.mark.parametrize(
    "path",
    ["/", "/settings/people/", "/settings/calendar/", "/accounts/tokens/", "/gallery/"],
)
def test_every_page_leads_an_admin_without_one_to_setting_one_up(adam: User, page_as: Any, path: str) -> None:
    client = page_as(adam)
    answer = client.get(path, follow=True)
    assert answer.redirect_chain[-1] == (INDEX, 302)
    assert "Set one up before anything else" in words(answer)
    assert 'aria-label="Main"' not in answer.content.decode(), "no way that leads back here"


def test_what_is_left_is_setting_one_up_the_password_and_signing_out(adam: User) -> None:
    client = signed_in(adam)
    for path in (INDEX, ACTIVATE, "/accounts/password/change/"):
        assert client.get(path).status_code == 200, path
    assert client.post("/accounts/stay/").status_code == 200
    assert client.post("/accounts/logout/").url == "/accounts/login/"


def test_a_part_of_a_page_is_told_in_words_and_a_form_is_kept_until_then(adam: User, ana: User) -> None:
    client = signed_in(adam)
    part = client.get("/settings/people/", headers={"HX-Request": "true"})
    assert part.status_code == 403 and "needs a second factor" in words(part)
    form = {"first_name": "Ina", "last_name": "Example", "username": "ina", "role": "agent"}
    ours = {"Origin": "http://testserver", "Referer": "http://testserver/settings/people/new/"}
    assert client.post("/settings/people/new/", form, headers=ours).url == INDEX
    assert not User.objects.filter(username="ina").exists()
    assert "What you typed is kept" in words(client.get(INDEX))
    shown = client.get(ACTIVATE).content.decode()
    secret = re.search(r'aria-label="Key for the authenticator app">(\w+)<', shown)
    assert secret
    assert client.post(ACTIVATE, {"code": code_of(secret[1])}).status_code == 302
    assert client.get("/settings/people/").status_code == 200, "everything is open from the next click on"
    kept = client.get("/accounts/kept/").content.decode()
    assert 'value="Ina"' in kept and 'action="/settings/people/new/"' in kept


def test_a_token_of_theirs_is_answered_403_with_a_code_until_there_is_one(adam: User) -> None:
    program = Client(headers={"Authorization": f"Token {token_of(adam)}"})
    for path in ("/api/v1/payers/", "/api/v1/escalation-types/", "/api/v1/patients/"):
        answer = program.get(path)
        assert answer.status_code == 403, path
        assert answer.json()["code"] == "second_factor"
        assert "set one up under your name" in answer.json()["message"]
    TOTP.activate(adam, SECRET)
    assert program.get("/api/v1/payers/").status_code == 200
    assert program.get("/api/v1/patients/").json()["code"] == "role"


def test_an_endpoint_asked_by_a_page_says_the_same(adam: User, page_as: Any) -> None:
    answer = page_as(adam).get("/api/v1/payers/")
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor")


def test_recovery_codes_alone_are_no_second_factor(adam: User, page_as: Any) -> None:
    Authenticator.objects.create(user=adam, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert page_as(adam).get("/settings/people/").url == INDEX


def test_nobody_else_needs_one_and_no_admin_where_it_is_off(
    adam: User, ana: User, sue: User, page_as: Any, settings: Any
) -> None:
    assert page_as(ana).get("/escalations/").status_code == 200
    assert page_as(sue).get("/reports/").status_code == 200
    settings.ADMIN_SECOND_FACTOR = False
    assert page_as(adam).get("/settings/people/").status_code == 200


def test_who_is_made_an_admin_needs_one_from_the_next_click_on(ana: User, page_as: Any) -> None:
    client = page_as(ana)
    assert client.get("/escalations/").status_code == 200
    User.objects.filter(pk=ana.pk).update(role="admin")
    assert client.get("/escalations/").url == INDEX


def test_an_admin_cannot_take_the_last_one_away_but_anybody_else_can(adam: User, ana: User) -> None:
    for person in (adam, ana):
        TOTP.activate(person, SECRET)
    client = Client()
    adam.set_password(PASSWORD)
    adam.save()
    client.post("/accounts/login/", {"login": "adam", "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": code_of()})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for answer in (client.get(OFF), client.post(OFF)):
        assert "this is your only one. Set up another one first" in words(answer)
    assert Authenticator.objects.filter(user=adam, type="totp").exists()
    ana.set_password(PASSWORD)
    ana.save()
    hers = Client()
    hers.post("/accounts/login/", {"login": "ana", "password": PASSWORD})
    hers.post("/accounts/2fa/authenticate/", {"code": code_of()})
    hers.post("/accounts/reauthenticate/", {"password": PASSWORD})
    hers.post(OFF)
    assert not Authenticator.objects.filter(user=ana).exists()


def test_an_admin_whose_lost_one_is_taken_away_by_another_sets_up_a_new_one(adam: User, ana: User) -> None:
    User.objects.filter(pk=ana.pk).update(role="admin")
    for person in (adam, ana):
        TOTP.activate(person, SECRET)
    adam.set_password(PASSWORD)
    adam.save()
    his = Client()
    his.post("/accounts/login/", {"login": "adam", "password": PASSWORD})
    his.post("/accounts/2fa/authenticate/", {"code": code_of()})
    his.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = f"/settings/people/{ana.pk}/"
    assert "nothing is open to them until they have set up another" in words(his.get(page))
    said = his.post(f"{page}unlock/factor/", {"reason": "phone lost"}, follow=True)
    assert "signs in with the password alone and must set a second factor first" in words(said)
    ana.refresh_from_db()
    assert signed_in(ana).get("/settings/people/").url == INDEX
    assert "1 admin without a second factor" in words(his.get("/settings/people/"))


def test_the_last_admins_lost_one_is_taken_away_at_the_server(adam: User) -> None:
    with pytest.raises(CommandError, match="has no second factor"):
        call_command("take_second_factor", "adam")
    with pytest.raises(CommandError, match="Nobody signs in as nobody"):
        call_command("take_second_factor", "nobody")
    TOTP.activate(adam, SECRET)
    call_command("take_second_factor", "adam", stdout=StringIO())
    assert not Authenticator.objects.filter(user=adam).exists()
    assert adam.account_acts.get().said == "by who runs the server"
