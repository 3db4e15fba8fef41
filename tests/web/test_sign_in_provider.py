"""Signing in by a company's own provider: the right answer lets the right person in, every other one nobody."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import AccountAct, SignInIdentity, SignInProvider, User
from tests.provided import ASK, SUE, back_from, leads_to, set_up, sign_in, vendor, whom, words
from tests.provided import one_provider as one_provider

pytestmark = pytest.mark.django_db
__all__ = ["vendor"]


@pytest.fixture
def row(acme, vendor):
    return set_up(acme, vendor)


@pytest.fixture(autouse=True)
def addresses(cast):
    for person in cast.values():
        person.email = f"{person.username}@{person.company.key}.example"
        person.save()


class TestTheWayIn:
    def test_an_invited_person_with_the_verified_address_is_let_in_and_lands_where_they_wanted(
        self, row, vendor, client, sue
    ):
        vendor.script("*", person=SUE)
        answer = sign_in(client, next="/reports/")
        assert (answer.status_code, answer["Location"]) == (302, "/reports/")
        assert whom(client) == sue.pk
        assert SignInIdentity.objects.get().subject == "u-sue"
        kinds = list(AccountAct.objects.filter(person=sue).order_by("id").values_list("kind", flat=True))
        assert kinds == ["linked", "provider"]

    def test_the_request_carries_state_nonce_and_a_pkce_challenge_and_the_code_its_verifier(
        self, row, vendor, client, sue
    ):
        vendor.script("*", person=SUE)
        there = leads_to(client.post(ASK, {"address": "anybody@ACME.example"}))
        asked = parse_qs(urlsplit(there).query)
        assert asked["response_type"] == ["code"] and asked["code_challenge_method"] == ["S256"]
        assert len(asked["state"][0]) >= 16 and len(asked["nonce"][0]) >= 24
        assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
        client.get(back_from(there))
        body = next(one["body"] for one in vendor.requests() if one["path"] == "/token")
        assert "code_verifier=" in body and "secret" not in body

    def test_from_then_on_the_subject_decides_and_no_address(self, row, vendor, client, sue, ben):
        vendor.script("*", person=SUE)
        sign_in(client)
        vendor.script("*", person={**SUE, "email": "renamed@acme.example", "email_verified": False})
        again = Client()
        sign_in(again)
        assert whom(again) == sue.pk
        vendor.script("*", person={**SUE, "sub": "u-the-next-sue"})
        stranger = Client()
        said = sign_in(stranger)
        assert said.status_code == 403 and "belongs to another sign-in" in words(said)
        assert whom(stranger) is None

    def test_a_thin_token_is_completed_from_userinfo_of_the_same_person_alone(self, row, vendor, client, sue):
        vendor.script("*", person=SUE, thin=True, userinfo={"sub": "somebody"})
        assert "tells of somebody else" in words(sign_in(client))
        vendor.script("*", person=SUE, thin=True)
        sign_in(client)
        assert whom(client) == sue.pk

    def test_a_key_that_the_provider_changed_is_found(self, row, vendor, client, sue):
        vendor.script("*", person=SUE)
        sign_in(client)
        vendor.script("*", person=SUE, rotate=True)
        again = Client()
        sign_in(again)
        assert whom(again) == sue.pk

    def test_logging_out_ends_our_session(self, row, vendor, client, sue):
        vendor.script("*", person=SUE)
        sign_in(client)
        client.post("/accounts/logout/")
        assert whom(client) is None

    def test_a_form_that_came_too_late_comes_along(self, row, vendor, client, sue):
        late = client.post(
            "/patients/new/", {"first_name": "Casimir"}, headers={"Origin": "http://testserver"}
        ).content.decode()
        assert "Sign in with your company" in late
        sealed = re.search(r'name="kept_form" value="([^"]+)"', late)[1]
        vendor.script("*", person=SUE)
        asked = client.post(ASK, {"kept_form": sealed, "address": "sue@nobody.example"})
        assert sealed in asked.content.decode()
        assert sign_in(client, kept_form=sealed)["Location"] == "/accounts/kept/"
        assert "Casimir" in client.get("/accounts/kept/").content.decode()
        assert sign_in(Client(), kept_form="rubbish")["Location"] == "/"

    def test_another_sites_address_is_forgotten(self, row, vendor, client, sue):
        vendor.script("*", person=SUE)
        for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
            assert "evil" not in sign_in(Client(), next=elsewhere)["Location"]


WRONG = {
    "another sign-in's nonce": ({"nonce": "other"}, "belongs to another sign-in"),
    "no nonce": ({"without": ["nonce"]}, "belongs to another sign-in"),
    "another key": ({"signature": "wrong"}, "signature of the provider's answer is not right"),
    "a key never published": ({"signature": "unknown"}, "no key that fits"),
    "no signature": ({"signature": "none"}, "in a way that is not accepted"),
    "the secret as key": ({"signature": "hs256"}, "in a way that is not accepted"),
    "expired": ({"expired": True}, "too old"),
    "another audience": ({"audience": "another-program"}, "for another program"),
    "two audiences": ({"audience": ["holdline", "another"]}, "for another program"),
    "another issuer": ({"issuer": "https://evil.example"}, "names another issuer"),
    "no subject": ({"without": ["sub"]}, "lacks something"),
    "a subject that is a list": ({"claims": {"sub": ["a"]}}, "not"),
    "an unverified address": ({"claims": {"email_verified": False}}, "does not vouch for your mail address"),
    "an address that says nothing": (
        {"without": ["email_verified"], "userinfo": {"email_verified": "no"}},
        "does not vouch",
    ),
    "another domain": ({"claims": {"email": "sue@evil.example"}}, "of none of the domains"),
    "nobody's address": ({"claims": {"email": "nobody@acme.example"}}, "nobody is invited here"),
    "cancelled": ({"cancel": True}, "was cancelled"),
    "500 for the code": ({"status": {"token": 500}}, "refused the sign-in with 500"),
    "no JSON for the code": ({"raw": {"token": "<html>"}}, "is no JSON"),
    "no token for the code": ({"raw": {"token": "{}"}}, "has no ID token"),
    "rubbish as token": (
        {"raw": {"token": '{"access_token":"a","id_token":"a.b.c"}'}},
        "no ID token that can be read",
    ),
    "no keys": ({"raw": {"keys": '{"keys": [1, {"kty": "RSA"}]}'}}, "no key that fits"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_signs_nobody_in_and_says_why(name, row, vendor, client, sue):
    script, said = WRONG[name]
    vendor.script("*", **{"person": SUE, **script})
    answer = sign_in(client)
    assert answer.status_code in (403, 502), answer.status_code
    assert said in words(answer), words(answer)
    assert whom(client) is None
    assert not SignInIdentity.objects.exists()


def test_a_provider_that_hangs_is_given_up(row, vendor, client, sue, monkeypatch):
    from work.oidc import line
    from work.wire import Limits

    monkeypatch.setattr(line, "LIMITS", Limits(connect=0.3, total=0.6, body=1000))
    vendor.script("*", person=SUE, slow={"token": 2})
    answer = sign_in(client)
    assert "did not answer in time" in words(answer) and whom(client) is None


def test_a_provider_that_is_down_says_so_before_anybody_leaves(row, vendor, client):
    vendor.script("*", status={"discovery": 503})
    answer = client.post(ASK, {"address": "sue@acme.example"})
    assert answer.status_code == 502 and "answered 503 where its description should be" in words(answer)


def test_a_description_that_leads_a_browser_astray_is_refused(row, vendor, client):
    for place in ("javascript:alert(1)", "http://192.0.2.1/x", "ftp://x.example"):
        vendor.script("*", discovery={"authorization_endpoint": place})
        answer = client.post(ASK, {"address": "sue@acme.example"})
        assert answer.status_code == 502 and "no usable authorization_endpoint" in words(answer)


class TestOnceAndInOneBrowser:
    def test_a_callback_opens_nothing_twice(self, row, vendor, client, sue):
        vendor.script("*", person=SUE)
        callback = back_from(leads_to(client.post(ASK, {"address": "sue@acme.example"})))
        client.get(callback)
        client.post("/accounts/logout/")
        answer = client.get(callback)
        assert answer.status_code == 403 and "finished already" in words(answer)
        assert whom(client) is None

    def test_a_callback_of_another_browser_opens_nothing(self, row, vendor, client, sue):
        vendor.script("*", person=SUE)
        callback = back_from(leads_to(client.post(ASK, {"address": "sue@acme.example"})))
        victim = Client()
        assert "began in another browser" in words(victim.get(callback))
        assert whom(victim) is None

    @pytest.mark.parametrize("question", ["", "?code=x", "?state=x", "?state=x&code=y", "?error=x&state=%00"])
    def test_a_callback_out_of_nowhere_is_refused(self, row, vendor, client, question):
        answer = client.get(f"/accounts/provider/answer/{row.key}/{question}")
        assert answer.status_code == 403 and "not signed in" in words(answer)

    def test_an_answer_of_another_provider_is_refused(self, row, vendor, client, sue):
        vendor.script("*", person=SUE)
        callback = back_from(leads_to(client.post(ASK, {"address": "sue@acme.example"})))
        assert "another provider" in words(client.get(f"{callback}&iss=https://evil.example"))
        assert whom(client) is None


def test_who_is_signed_in_links_their_own_account_where_no_address_is_vouched_for(
    row, vendor, client, sue, ben, page_as
):
    mine = page_as(sue)
    vendor.script("*", person={"sub": "u-7", "email": "sue@acme.example"})
    assert "does not vouch" in words(sign_in(client))
    callback = back_from(leads_to(mine.post("/accounts/provider/link/")))
    assert page_as(ben).get(callback).status_code == 403
    mine.get(callback)
    SignInIdentity.objects.filter(user=sue).update(linked_at=datetime(2026, 5, 20, 3, 30, tzinfo=UTC))
    assert "Linked. Since 19 May 2026, 22:30 " in words(mine.get("/accounts/provider/link/")), "her clock"
    sign_in(client)
    assert whom(client) == sue.pk
    theirs = page_as(ben)
    answer = theirs.get(back_from(leads_to(theirs.post("/accounts/provider/link/"))))
    assert answer.status_code == 403 and "has another account here" in words(answer)


class TestWalls:
    def test_a_provider_signs_in_nobody_of_another_company(self, row, vendor, client, sue, otto):
        otto.email = "otto@acme.example"  # even with an address of acme's domain
        otto.save()
        vendor.script("*", person={"sub": "u-otto", "email": "otto@acme.example", "email_verified": True})
        answer = sign_in(client)
        assert answer.status_code == 403 and "nobody is invited here" in words(answer)
        assert whom(client) is None

    def test_the_same_subject_at_the_same_issuer_is_somebody_else_in_another_company(
        self, row, vendor, client, sue, otto, other
    ):
        set_up(other, vendor, domain="other.example")
        vendor.script("*", person=SUE)
        sign_in(client)
        elsewhere = Client()
        vendor.script("*", person={**SUE, "email": "otto@other.example"})
        sign_in(elsewhere, "x@other.example")
        assert (whom(client), whom(elsewhere)) == (sue.pk, otto.pk)

    def test_a_state_of_one_provider_is_none_of_anothers(self, row, vendor, client, sue, other):
        theirs = set_up(other, vendor, domain="other.example")
        vendor.script("*", person=SUE)
        callback = back_from(leads_to(client.post(ASK, {"address": "sue@acme.example"})))
        answer = client.get(callback.replace(row.key, theirs.key))
        assert answer.status_code == 403 and whom(client) is None

    def test_a_disabled_person_stays_outside_by_subject_and_by_address(self, row, vendor, client, sue):
        sue.is_active = False
        sue.save()
        vendor.script("*", person=SUE)
        assert "is disabled" in words(sign_in(client))
        sue.is_active = True
        sue.save()
        sign_in(client)
        User.objects.filter(pk=sue.pk).update(is_active=False)
        again = Client()
        assert "is disabled" in words(sign_in(again)) and whom(again) is None

    def test_no_list_of_companies_is_told(self, row, vendor, client):
        for address in (
            "x@nobody.example",
            "@",
            "sue",
            "sue@",
            "\0@acme.example",
            "a" * 300 + "@acme.example",
            "",
        ):
            answer = client.post(ASK, {"address": address})
            assert answer.status_code in (400, 404), address
            assert "Company account" not in words(answer) and row.key not in answer.content.decode()
        assert client.get("/accounts/provider/answer/unknown/").status_code == 404

    def test_one_that_is_off_leads_nowhere_and_lets_nobody_back_in(self, row, vendor, client, sue):
        vendor.script("*", person=SUE)
        callback = back_from(leads_to(client.post(ASK, {"address": "sue@acme.example"})))
        SignInProvider.objects.update(enabled=False)
        assert "not open any more" in words(client.get(callback)) and whom(client) is None
        assert client.post(ASK, {"address": "sue@acme.example"}).status_code == 404


class TestWhoIsNotKnownYet:
    NEW = {
        "sub": "u-new",
        "email": "nell@acme.example",
        "email_verified": True,
        "given_name": "Nell\u202e",
        "family_name": "Example",
    }

    def test_comes_in_with_the_role_that_the_company_chose(self, vendor, acme, client):
        set_up(acme, vendor, admits="agent")
        vendor.script("*", person=self.NEW)
        sign_in(client)
        made = User.objects.get(email="nell@acme.example")
        assert whom(client) == made.pk
        assert (made.company, made.role, made.first_name, made.username) == (acme, "agent", "Nell", "nell")
        assert not made.has_usable_password()

    def test_gets_a_username_that_nobody_has(self, vendor, acme, client, otto):
        set_up(acme, vendor, admits="biller")
        vendor.script("*", person={**self.NEW, "email": "Otto@acme.example"})
        sign_in(client)
        assert User.objects.get(pk=whom(client)).username == "otto2"


class TestSecondFactors:
    @pytest.fixture(autouse=True)
    def production(self, settings, row, vendor):
        settings.ADMIN_SECOND_FACTOR = True
        self.vendor = vendor
        vendor.script("*", person={**SUE, "email": "adam@acme.example"})

    def test_an_admin_without_one_is_led_to_setting_one_up(self, client, adam):
        sign_in(client)
        assert whom(client) == adam.pk
        assert client.get("/settings/people/")["Location"] == "/accounts/2fa/"

    @pytest.mark.parametrize("how", ["amr", "acr", "company"])
    def test_not_where_the_provider_or_the_company_vouches(self, client, adam, how):
        if how == "company":
            SignInProvider.objects.update(second_factor=True)
        else:
            claims = {"amr": ["pwd", "mfa"]} if how == "amr" else {"acr": "phr"}
            self.vendor.script("*", person={**SUE, "email": "adam@acme.example"}, claims=claims)
        sign_in(client)
        assert client.get("/settings/people/").status_code == 200
        assert client.get("/api/v1/nightly-runs/").status_code == 200

    def test_a_code_of_ours_is_asked_of_who_has_one_unless_the_provider_vouches(self, client, adam):
        Authenticator.objects.create(user=adam, type=Authenticator.Type.TOTP, data={"secret": "x"})
        answer = sign_in(client)
        assert answer["Location"] == "/accounts/2fa/authenticate/" and whom(client) is None
        SignInProvider.objects.update(second_factor=True)
        again = Client()
        sign_in(again)
        assert whom(again) == adam.pk


class TestByTheProviderAlone:
    @pytest.fixture(autouse=True)
    def alone(self, row, adam, ana, otto):
        SignInProvider.objects.update(alone=True, proved_by=adam, proved_at=timezone.now())
        for person in (ana, otto):
            person.set_password("a right long password")
            person.save()

    def test_a_right_password_signs_nobody_in_and_says_where_to_go(self, client, ana, vendor):
        answer = client.post("/accounts/login/", {"login": "ana", "password": "a right long password"})
        assert answer.status_code == 403 and whom(client) is None
        assert "signs in by its own provider alone" in words(answer)
        assert "Sign in with your company" in words(answer)

    def test_other_companies_notice_nothing(self, client, otto):
        client.post("/accounts/login/", {"login": "otto", "password": "a right long password"})
        assert whom(client) == otto.pk

    def test_who_runs_the_server_has_the_way_back(self, client, ana):
        call_command("allow_passwords", "acme")
        client.post("/accounts/login/", {"login": "ana", "password": "a right long password"})
        assert whom(client) == ana.pk


def test_who_has_no_password_is_asked_again_by_the_provider_and_keeps_what_was_typed(
    row, vendor, client, adam, settings
):
    adam.set_unusable_password()
    adam.save()
    vendor.script("*", person={**SUE, "email": "adam@acme.example"})
    sign_in(client)
    session = client.session
    session["_by_provider"] = {**session["_by_provider"], "at": 0}
    session.save()
    said = {"reason": "Nobody else is there"}
    away = client.post("/settings/emergency/open/", said, headers={"Origin": "http://testserver"})
    assert away["Location"].startswith("/accounts/provider/again/")
    there = leads_to(client.post("/accounts/provider/again/", {"next": "/accounts/kept/"}))
    assert parse_qs(urlsplit(there).query)["prompt"] == ["login"]
    vendor.script("*", person={**SUE, "email": "adam@acme.example"}, claims={"auth_time": 1})
    refused = client.get(back_from(leads_to(client.post("/accounts/provider/again/", {}))))
    assert "without asking again" in words(refused)
    vendor.script("*", person={**SUE, "email": "adam@acme.example"})
    assert client.get(back_from(there))["Location"] == "/accounts/kept/"
    assert "Nobody else is there" in client.get("/accounts/kept/").content.decode()
    assert client.post("/settings/emergency/open/", said)["Location"] == "/patients/"
