"""What somebody tries who means harm: guessing, forging, replaying, looking without leaving a trace (trust)."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from accounts.demo import PASSWORD
from config.sweeping import sweep
from tests.factories import token_of
from tests.web.test_tables import HOLDS, TICKETS
from tests.world import make_world

pytestmark = pytest.mark.django_db
LOGIN, CODE = "/accounts/login/", "/accounts/2fa/authenticate/"
OURS = {"HTTP_ORIGIN": "http://testserver", "HTTP_REFERER": "http://testserver/patients/new/"}


@pytest.fixture
def people(cast):
    for name in ("ana", "ben", "sue", "adam"):
        cast[name].set_password(PASSWORD)
        cast[name].save()
    return cast


def sign_in(name="ana", client=None, **more):
    client = client or Client()
    client.post(LOGIN, {"login": name, "password": PASSWORD, **more})
    return client


@pytest.fixture
def secret(people):
    found = generate_totp_secret()
    TOTP.activate(people["ana"], found)
    return found


def code_of(secret, ahead=0):
    return f"{hotp_value(secret, int(time.time()) // 30 + ahead):06d}"


def wrong_code(secret):
    right = {code_of(secret, ahead) for ahead in range(-2, 4)}
    return next(f"{guess:06d}" for guess in range(10) if f"{guess:06d}" not in right)


class TestTheSecondFactor:
    def test_is_not_to_be_guessed_by_who_knows_the_password(self, secret):
        wrong = wrong_code(secret)
        for _ in range(6):
            client = sign_in()
            client.post(CODE, {"code": wrong})
        client = sign_in()
        answer = client.post(CODE, {"code": code_of(secret)})
        assert answer.status_code == 200 and "_auth_user_id" not in client.session
        assert "Too many" in answer.content.decode()

    def test_that_is_right_lets_in(self, secret):
        client = sign_in()
        assert "_auth_user_id" not in client.session, "the password alone opens nothing"
        assert client.post(CODE, {"code": code_of(secret)}).status_code == 302
        assert client.get("/escalations/").status_code == 200

    def test_switched_off_elsewhere_leads_back_to_the_password_and_not_in_a_circle(self, secret):
        waiting = sign_in()
        assert waiting.get(CODE).status_code == 200
        Authenticator.objects.all().delete()
        seen = waiting.get(CODE, follow=True)
        assert seen.status_code == 200 and "Password" in seen.content.decode()
        assert len(seen.redirect_chain) == 1
        sign_in(client=waiting)
        assert waiting.get("/escalations/").status_code == 200

    def test_asked_of_somebody_disabled_meanwhile_does_not_let_in(self, secret, people):
        client = sign_in()
        people["ana"].is_active = False
        people["ana"].save()
        client.post(CODE, {"code": code_of(secret)})
        assert client.get("/escalations/").status_code == 302

    def test_half_signed_in_opens_no_page_and_no_endpoint(self, secret):
        client = sign_in()
        for path in ("/", "/escalations/", "/patients/", "/search/", "/accounts/tokens/", "/accounts/2fa/"):
            assert client.get(path).status_code == 302, path
        assert client.get("/api/v1/patients/").status_code == 401


class TestASession:
    def test_given_by_an_attacker_is_changed_at_sign_in(self, people):
        client = Client()
        planted = SessionStore()
        planted["x"] = 1
        planted.save()
        client.cookies["sessionid"] = planted.session_key
        sign_in(client=client)
        assert client.cookies["sessionid"].value != planted.session_key
        assert not Session.objects.filter(session_key=planted.session_key).exists()

    def test_of_somebody_disabled_is_over_at_once(self, page_as, ana):
        client = page_as(ana)
        ana.is_active = False
        ana.save()
        assert client.get("/escalations/").status_code == 302
        assert client.get("/accounts/session/").json()["person"] is None
        assert client.get("/api/v1/patients/").status_code == 401

    def test_signed_out_is_not_to_be_used_again(self, people):
        client = sign_in()
        stolen = client.cookies["sessionid"].value
        client.post("/accounts/logout/")
        again = Client()
        again.cookies["sessionid"] = stolen
        assert again.get("/escalations/").status_code == 302

    def test_that_ran_out_in_a_closed_browser_leaves_the_store_with_the_names_sought(self, page_as, ana):
        client = page_as(ana)
        client.post(TICKETS, {"q": "Lindgren"})
        key = client.session.session_key
        sweep(at=datetime.now(UTC) + timedelta(hours=11))
        assert Session.objects.filter(session_key=key).exists()
        sweep(at=datetime.now(UTC) + timedelta(hours=13))
        assert not Session.objects.filter(session_key=key).exists()

    def test_of_another_role_takes_effect_at_the_next_click(self, page_as, sue):
        client = page_as(sue)
        assert client.get("/claims/").status_code == 200
        sue.role = "agent"
        sue.save()
        assert client.get("/claims/").status_code == 403

    def test_is_no_way_around_the_api_s_forgery_check(self, page_as, ben, acme):
        client = Client(enforce_csrf_checks=True)
        client.force_login(ben, backend="accounts.backend.People")
        answer = client.post("/api/v1/patients/", {"first_name": "X"}, content_type="application/json")
        assert answer.status_code == 403


class TestAnAddressToGoTo:
    EVIL = (
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https:///evil.example",
        "javascript:alert(1)",
        "http://testserver@evil.example/",
        "http://localhost/",
        "/\t/evil.example",
        " //evil.example",
        "http://testserver.evil.example",
    )

    @pytest.mark.parametrize("evil", EVIL)
    def test_leads_nowhere_else_after_signing_in(self, people, evil):
        answer = Client().post(LOGIN, {"login": "ana", "password": PASSWORD, "next": evil})
        assert answer.status_code == 302 and answer.url == "/", answer.url

    @pytest.mark.parametrize("evil", EVIL)
    def test_leads_nowhere_else_after_anything_else(self, page_as, ben, evil):
        client = page_as(ben)
        assert client.post("/accounts/preferences/", {"theme": "dark", "next": evil}).url == "/"
        out = client.post("/accounts/logout/", {"next": evil}).url
        assert out == LOGIN, out
        client = page_as(ben)
        typed = {"first_name": "A", "last_name": "B", "date_of_birth": "1980-01-01", "sex": "F", "next": evil}
        made = client.post("/patients/new/", typed)
        assert made.status_code != 302 or made.url.startswith("/patients/"), made.url


class TestEveryAnswer:
    @pytest.mark.parametrize(
        ("method", "path", "host"),
        [
            ("get", "/escalations/", "evil.example"),
            ("get", "/nothing-here/", "testserver"),
            ("get", "/escalations/E-99999/", "testserver"),
            ("post", "/escalations/", "testserver"),
            ("get", "/api/docs/", "testserver"),
            ("get", "/api/v1/nothing/", "testserver"),
            ("get", "/livez", "testserver"),
            ("get", "/metrics", "testserver"),
        ],
    )
    def test_has_the_strict_policy_and_no_frame(self, ana, settings, method, path, host):
        settings.DEBUG = False
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        client.force_login(ana, backend="accounts.backend.People")
        answer = getattr(client, method)(path, HTTP_HOST=host)
        policy = answer.get("Content-Security-Policy", "")
        assert "default-src 'none'" in policy and "unsafe" not in policy, answer.status_code
        assert answer["X-Frame-Options"] == "DENY"
        assert "evil.example" not in answer.content.decode()

    def test_to_somebody_signed_in_is_kept_by_no_browser(self, page_as, cast):
        world = make_world(cast)
        paths = ["/", TICKETS, f"/escalations/{world.numbers['escalations']}/", "/patients/", HOLDS]
        paths += [f"/patients/{world.rows['patients']}/", f"/claims/{world.numbers['claims']}/", "/claims/"]
        paths += [f"/escalations/of-patient/{world.rows['patients']}/", "/nothing/", "/api/v1/patients/"]
        client = page_as(cast["sue"])
        answers = [client.get(path) for path in paths]
        answers += [client.post(path, {}) for path in ("/tables/tickets/export/", "/tables/holds/export/")]
        answers += [client.post("/search/", {"q": "a"}, HTTP_HX_TARGET="palette-found")]
        for answer in answers:
            assert "no-store" in answer.get("Cache-Control", ""), answer.request["PATH_INFO"]

    def test_repeats_no_request_id_that_was_made_up(self, client):
        for evil in ("x\r\nSet-Cookie: a=b", "../../etc", "A" * 32 + "\n", "' or 1=1"):
            assert client.get("/livez", HTTP_X_REQUEST_ID=evil)["X-Request-ID"] != evil


class TestAMailedLink:
    def test_leads_to_our_own_address_whatever_host_was_asked(self, people, settings):
        """Somebody asks in another's name, under a host or port he listens on; the mail must not lead there."""
        people["ana"].email = "ana@acme.example"
        people["ana"].save()
        settings.SITE_URL = "https://holdline.example"
        for host in ("localhost:1337", "127.0.0.1:1337"):
            Client().post("/accounts/password/reset/", {"email": "ana@acme.example"}, HTTP_HOST=host)
        assert mail.outbox
        for sent in mail.outbox:
            links = re.findall(r"https?://[^/\s]+", sent.body)
            assert set(links) <= {"https://holdline.example"}, links

    def test_goes_to_no_address_that_is_nobody_s(self, people):
        """Else anybody could have us write to whomever he likes; the page tells nothing of it."""
        people["ana"].email = "ana@acme.example"
        people["ana"].save()
        told = []
        for address in ("stranger@elsewhere.example", "ana@acme.example"):
            answer = Client().post("/accounts/password/reset/", {"email": address}, follow=True)
            told.append(re.sub(r'value="[^"]*"|"X-CSRFToken": "[^"]*"', "", answer.content.decode()))
        assert [sent.to for sent in mail.outbox] == [["ana@acme.example"]]
        assert told[0] == told[1]


class TestAKeptForm:
    FORGED = (
        {"HTTP_ORIGIN": "null"},
        {"HTTP_ORIGIN": "http://evil.testserver"},
        {"HTTP_ORIGIN": "http://testserver.evil.example"},
        {"HTTP_ORIGIN": "https://testserver"},
        {"HTTP_ORIGIN": "http://testserver:81"},
        {"HTTP_REFERER": "http://evil.example/http://testserver/"},
        {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "same-site"},
        {},
    )

    @pytest.mark.parametrize("forged", FORGED, ids=str)
    def test_is_made_of_nothing_another_site_sent(self, ana, forged):
        for signed_in in (True, False):
            client = Client(enforce_csrf_checks=True)
            if signed_in:
                client.force_login(ana, backend="accounts.backend.People")
            answer = client.post("/patients/new/", {"first_name": "Forged"}, **forged)
            words = answer.content.decode()
            assert answer.status_code == 403 and "kept_form" not in words and "Forged" not in words

    @pytest.mark.parametrize(
        "path",
        ["/accounts/password/change/", "/accounts/tokens/", "/accounts/2fa/totp/activate/", LOGIN],
    )
    def test_is_made_of_no_password_and_no_token(self, people, path):
        client = Client(enforce_csrf_checks=True)
        typed = {"oldpassword": PASSWORD, "password1": "a-secret-text-1", "name": "a", "code": "123456"}
        words = client.post(path, typed, **OURS).content.decode()
        assert "a-secret-text-1" not in words and "kept_form" not in words

    def test_signs_nobody_in_from_another_site(self, people):
        client = Client(enforce_csrf_checks=True)
        answer = client.post(LOGIN, {"login": "ana", "password": PASSWORD}, HTTP_ORIGIN="http://evil.example")
        assert answer.status_code == 403 and "_auth_user_id" not in client.session


class TestAToken:
    def test_of_another_person_is_not_to_be_revoked(self, page_as, ana, sue):
        token_of(sue)
        theirs = sue.tokens.get()
        assert page_as(ana).post("/accounts/tokens/revoke/", {"token": theirs.pk}).status_code == 404
        theirs.refresh_from_db()
        assert theirs.revoked_at is None

    def test_is_not_named_with_signs_nobody_sees(self, people):
        client = sign_in()
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        for sign in ("\u202e", "\u200b", "\u2066", "\ufeff", "\x85", "\u2028"):
            answer = client.post("/accounts/tokens/", {"name": f"night{sign}export", "lifetime": "30"})
            assert answer.status_code == 400, repr(sign)

    def test_is_shown_once_and_kept_nowhere(self, people):
        client = sign_in()
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        page = client.post("/accounts/tokens/", {"name": "export", "lifetime": "30"})
        key = re.search(r"hl_[\w-]{40,}", page.content.decode())[0]
        assert "no-store" in page["Cache-Control"]
        assert key not in str(dict(client.session.items()))
        assert key not in client.get("/accounts/tokens/").content.decode()

    @pytest.mark.parametrize("lifetime", ["0", "-1", "9999999", "366", "", "９０", "30 "])
    def test_lives_as_long_as_was_offered_and_no_longer(self, people, lifetime):
        client = sign_in()
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        client.post("/accounts/tokens/", {"name": "export", "lifetime": lifetime})
        assert not people["ana"].tokens.exists()
