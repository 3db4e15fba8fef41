"""Passkeys and security keys: added, named, removed, and signed in with, alone or after the password."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from accounts import passkeys
from accounts.demo import PASSWORD
from accounts.models import User
from tests.soft_key import SoftKey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world_once")]
ORIGIN = "http://localhost"
KEYS = "/accounts/2fa/webauthn/"
ADD, SIGN_IN, CODE = f"{KEYS}add/", f"{KEYS}login/", "/accounts/2fa/authenticate/"


def browser() -> Any:
    return Client(raise_request_exception=False, SERVER_NAME="localhost")


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())


def options_of(answer: Any) -> Any:
    found = re.search(r'data-passkey-options="([^"]+)"', answer.content.decode())
    assert found, words(answer)
    return json.loads(unescape(found[1]))


def signed_in(person: User) -> Any:
    """A browser in which the person typed their password, and once more just now."""
    person.set_password(PASSWORD)
    person.save()
    client = browser()
    client.post("/accounts/login/", {"login": person.username, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def add(client: Any, key: SoftKey, *, alone: bool = True, name: str = "Desk") -> Any:
    said = key.made(options_of(client.get(ADD)), ORIGIN)
    return client.post(ADD, {"name": name, "credential": said, **({"passwordless": "on"} if alone else {})})


def sign_in(client: Any, key: SoftKey, *, forged: bool = False, **more: str) -> Any:
    asked = client.get(SIGN_IN, headers={"Accept": "application/json"}).json()["request_options"]
    return client.post(SIGN_IN, {"credential": key.used(asked, ORIGIN, forged=forged), **more})


def person_in(client: Any) -> Any:
    return client.get("/accounts/session/").json()["person"]


@pytest.fixture
def key(ana: User) -> SoftKey:
    made = SoftKey()
    assert add(signed_in(ana), made).status_code == 302
    return made


def test_a_passkey_is_added_and_signs_in_alone_with_the_code_not_asked_for(ana: User, key: SoftKey) -> None:
    TOTP.activate(ana, "JBSWY3DPEHPK3PXP")
    client = browser()
    answer = sign_in(client, key, next="/patients/")
    assert (answer.status_code, answer.url) == (302, "/patients/")
    assert person_in(client) == ana.pk
    assert client.get("/accounts/sessions/").content.decode().count('class="place"') >= 1
    assert list(ana.account_acts.values_list("kind", "said", "by")) == [
        ("own", "passkey or security key added", ana.pk)
    ]
    kept = Authenticator.objects.get(user=ana, type="webauthn")
    assert kept.last_used_at is not None
    assert kept.data["name"] == "Desk"
    assert Authenticator.objects.filter(user=ana, type="recovery_codes").exists()


def test_a_form_that_came_too_late_comes_along_through_a_passkey(
    ana: User, key: SoftKey, client: Any
) -> None:
    client = browser()
    ours = {"Origin": ORIGIN, "Referer": f"{ORIGIN}/patients/new/"}
    kept = client.post("/patients/new/", {"first_name": "Quinlan"}, headers=ours).content.decode()
    form = kept[kept.index('data-passkey="sign-in"') :]
    sealed = re.search(r'name="kept_form" value="([^"]+)"', form)
    assert sealed and 'name="next" value="/accounts/kept/"' in form
    wrong = sign_in(client, key, forged=True, kept_form=sealed[1], next="/accounts/kept/")
    assert wrong.status_code == 400 and f'value="{sealed[1]}"' in wrong.content.decode()
    assert 'name="next" value="/accounts/kept/"' in wrong.content.decode()
    assert "What you typed is still kept" in words(wrong)
    assert sign_in(client, key, kept_form=sealed[1], next="/accounts/kept/").url == "/accounts/kept/"
    assert 'value="Quinlan"' in client.get("/accounts/kept/").content.decode()


def test_a_security_key_is_asked_for_after_the_password(ana: User) -> None:
    key = SoftKey(verifies=False)
    assert add(signed_in(ana), key, alone=False).status_code == 302
    client = browser()
    assert client.post("/accounts/login/", {"login": "ana", "password": PASSWORD}).url == CODE
    assert person_in(client) is None
    page = client.get(CODE)
    assert "Have your passkey or security key at hand" in words(page)
    forged = key.used(options_of(page), ORIGIN, forged=True)
    refused = client.post(CODE, {"credential": forged})
    assert passkeys.NOT_KNOWN in words(refused) and person_in(client) is None
    said = key.used(options_of(refused), ORIGIN)
    assert client.post(CODE, {"credential": said}).status_code == 302
    assert person_in(client) == ana.pk


def test_a_key_that_asks_for_nothing_signs_nobody_in_alone(ana: User) -> None:
    key = SoftKey(verifies=False)
    client = signed_in(ana)
    refused = add(client, key, alone=True)
    assert refused.status_code == 400 and passkeys.NOT_KNOWN in words(refused)
    assert 'value="Desk"' in refused.content.decode(), "what was typed is kept"
    add(client, key, alone=False)
    stranger = browser()
    assert sign_in(stranger, key).status_code == 400
    assert person_in(stranger) is None


def test_who_is_disabled_or_unknown_is_not_let_in_and_an_answer_is_good_once(ana: User, key: SoftKey) -> None:
    client = browser()
    asked = client.get(SIGN_IN, headers={"Accept": "application/json"}).json()["request_options"]
    said = key.used(asked, ORIGIN)
    elsewhere = key.used(asked, "https://localhost.example")
    assert client.post(SIGN_IN, {"credential": elsewhere}).status_code == 400
    assert client.post(SIGN_IN, {"credential": said}).status_code == 302
    replayed = browser()
    replayed.get(SIGN_IN, headers={"Accept": "application/json"})
    assert replayed.post(SIGN_IN, {"credential": said}).status_code == 400
    User.objects.filter(pk=ana.pk).update(is_active=False)
    late = browser()
    sign_in(late, key)
    assert person_in(late) is None
    Authenticator.objects.filter(user=ana).delete()
    assert sign_in(browser(), key).status_code == 400


HOSTILE = [
    "",
    "x",
    "[]",
    "1",
    "null",
    "{}",
    '{"id": 1}',
    '{"id": "a", "rawId": "a", "type": "public-key", "response": []}',
    '{"id": "\\u0000", "rawId": "AA", "type": "public-key", "response": {}, "clientExtensionResults": {}}',
    '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AA",'
    '"signature":"AA","userHandle":"____"},"clientExtensionResults":{}}',
    "[" * 19_000,
    '{"a":' * 3_000 + "1" + "}" * 3_000,
    json.dumps({"id": "x" * 30_000}),
]


@pytest.mark.parametrize("said", HOSTILE, ids=lambda said: said[:30])
def test_whatever_is_sent_for_a_key_is_refused_in_one_sentence(said: str, ana: User) -> None:
    client = browser()
    client.get(SIGN_IN, headers={"Accept": "application/json"})
    answer = client.post(SIGN_IN, {"credential": said})
    assert answer.status_code == 400 and passkeys.NOT_KNOWN in words(answer)
    hers = signed_in(ana)
    hers.get(ADD)
    refused = hers.post(ADD, {"name": "Desk\u202e", "credential": said})
    assert refused.status_code == 400 and passkeys.NOT_KNOWN in words(refused)
    assert hers.post(f"{KEYS}reauthenticate/", {"credential": said}).status_code < 500
    assert not Authenticator.objects.filter(user=ana).exists()


def test_of_what_a_browser_says_only_what_is_needed_is_kept(ana: User) -> None:
    client, key = signed_in(ana), SoftKey()
    said = json.loads(key.made(options_of(client.get(ADD)), ORIGIN))
    said |= {"clientExtensionResults": {"x": "\0" * 100}, "more": "y" * 5_000}
    said["response"]["attestationObject"] = "\0" * 4 + said["response"]["attestationObject"]
    assert client.post(ADD, {"name": "Desk\u202e", "credential": json.dumps(said)}).status_code == 302
    kept = Authenticator.objects.get(user=ana, type="webauthn").data
    assert kept["name"] == "Desk" and "more" not in kept["credential"]
    assert kept["credential"]["clientExtensionResults"] == {"credProps": {"rk": False}}


def test_one_is_renamed_and_removed_by_its_person_alone(ana: User, ben: User, key: SoftKey) -> None:
    hers, row = signed_in(ana), Authenticator.objects.get(user=ana, type="webauthn")
    hers.post("/accounts/2fa/reauthenticate/", {})
    name, remove = f"{KEYS}keys/{row.pk}/edit/", f"{KEYS}keys/{row.pk}/remove/"
    his = signed_in(ben)
    for path in (name, remove, f"{KEYS}keys/{10**17}/remove/"):
        assert his.get(path).status_code == his.post(path).status_code == 404
    client = browser()
    sign_in(client, key)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.post(name, {"name": ""}).status_code == 200
    assert "Enter a name you will know it by" in words(client.post(name, {"name": " "}))
    client.post(name, {"name": "Phone"})
    assert "Phone" in words(client.get(KEYS)) and "passkey" in words(client.get(KEYS))
    assert client.post(remove).status_code == 302
    assert not Authenticator.objects.filter(user=ana).exists(), "its recovery codes go with the last one"
    assert sign_in(browser(), key).status_code == 400


def test_it_is_still_you_by_a_key(ana: User, key: SoftKey) -> None:
    client = browser()
    sign_in(client, key)
    asked = client.get(ADD)
    assert asked.status_code == 302
    page = client.get(f"{KEYS}reauthenticate/?next={ADD}")
    wrong = client.post(
        f"{KEYS}reauthenticate/", {"credential": key.used(options_of(page), ORIGIN, forged=True), "next": ADD}
    )
    assert wrong.status_code == 400
    said = key.used(options_of(wrong), ORIGIN)
    assert client.post(f"{KEYS}reauthenticate/", {"credential": said, "next": ADD}).url == ADD
    assert client.get(ADD).status_code == 200


def test_an_admin_keeps_the_last_one_where_one_is_required(adam: User, settings: Any) -> None:
    settings.ADMIN_SECOND_FACTOR = True
    client, key = signed_in(adam), SoftKey()
    assert client.get("/settings/people/").status_code == 302
    add(client, key)
    assert client.get("/settings/people/").status_code == 200, "a passkey is a second factor"
    row = Authenticator.objects.get(user=adam, type="webauthn")
    path = f"{KEYS}keys/{row.pk}/remove/"
    assert "your only one" in words(client.get(path))
    refused = client.post(path)
    assert refused.status_code == 409 and Authenticator.objects.filter(pk=row.pk).exists()
    add(client, SoftKey(b"another"), name="Spare")
    assert client.post(path).status_code == 302


def test_there_are_ten_at_most(ana: User) -> None:
    client = signed_in(ana)
    rows = [
        Authenticator(user=ana, type="webauthn", data={"name": f"{n}", "credential": {}}) for n in range(10)
    ]
    said = SoftKey().made(options_of(client.get(ADD)), ORIGIN)
    Authenticator.objects.bulk_create(rows)
    answer = client.post(ADD, {"name": "x", "credential": said})
    assert answer.status_code == 400 and passkeys.FULL in words(answer)


@pytest.mark.parametrize(
    ("site", "host", "secure", "said"),
    [
        ("https://holdline.example", "holdline.example", True, ""),
        ("https://holdline.example", "eu.holdline.example", True, ""),
        ("http://localhost:8000", "localhost:8000", False, ""),
        ("https://holdline.example", "holdline.example", False, "only over https"),
        ("https://holdline.example", "localhost", True, "only at https://holdline.example"),
        ("http://localhost:8000", "127.0.0.1", False, "only at http://localhost:8000"),
        ("http://192.168.1.20:8000", "192.168.1.20:8000", False, "that of this system is a number"),
    ],
)
def test_where_keys_cannot_work_it_is_said_in_words(
    site: str, host: str, secure: bool, said: str, ana: User, settings: Any, page_as: Any
) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = site, ["*"]
    asked = {"headers": {"Host": host, "Accept": "application/json"}, "secure": secure}
    answer = browser().get(SIGN_IN, **asked)
    assert said in answer.json().get("refused", "") and bool(said) == ("refused" in answer.json())
    login = browser().get("/accounts/login/", headers={"Host": host}, secure=secure).content.decode()
    assert ("data-passkey" in login) == (not said)
    if said:
        assert browser().post(SIGN_IN, headers={"Host": host}, secure=secure).status_code == 409
