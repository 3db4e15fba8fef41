"""Settings, Sign-in provider: set by an admin, tested step by step, and never the way to lock everybody out."""

from __future__ import annotations

import re

import pytest
from django.core.cache import caches

from accounts.models import SignInDomain, SignInIdentity, SignInProvider
from tests.provided import ASK, SETTINGS, SUE, back_from, leads_to, set_up, vendor, words
from tests.provided import one_provider as one_provider

pytestmark = pytest.mark.django_db
__all__ = ["vendor"]


@pytest.fixture
def admin(page_as, adam):
    """Adam's browser; he has no password here, and has just come by the provider."""
    adam.set_password("a right long password")
    adam.save()
    browser = page_as(adam)
    browser.post("/accounts/reauthenticate/", {"password": "a right long password"})
    return browser


def good(vendor, **more):
    typed = {
        "name": "Company account",
        "issuer": vendor.url,
        "client_id": "holdline",
        "secret": "stand-in-secret",
        "domains": "acme.example",
        "enabled": "on",
        "admits": "",
        "seen": "",
    }
    return {**typed, **more}


def save(browser, vendor, **more):
    found = re.search(r'name="seen" value="([^"]*)"', browser.get(SETTINGS).content.decode())
    return browser.post(SETTINGS, good(vendor, **{"seen": found[1] if found else "", **more}))


def try_it(browser):
    return browser.get(back_from(leads_to(browser.post(f"{SETTINGS}steps/try/"))), follow=True)


class TestSetting:
    def test_it_is_saved_with_its_secret_sealed_and_never_shown(self, admin, vendor, acme):
        assert save(admin, vendor, domains="acme.example, @Acme-Billing.example").status_code == 302
        row = SignInProvider.objects.get()
        assert row.company == acme and "stand-in" not in row.secret
        assert set(SignInDomain.objects.values_list("domain", flat=True)) == {
            "acme.example",
            "acme-billing.example",
        }
        page = admin.get(SETTINGS).content.decode()
        assert "stand-in-secret" not in page and row.secret not in page
        assert f"/accounts/provider/answer/{row.key}/" in page
        save(admin, vendor, secret="", name="Okta", domains="acme.example")
        again = SignInProvider.objects.get()
        assert (again.secret, again.name) == (row.secret, "Okta")
        assert SignInDomain.objects.count() == 1

    def test_neither_history_nor_audit_holds_the_secret(self, admin, vendor):
        save(admin, vendor)
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM accounts_signinproviderhistory")
            assert cursor.description and "secret" not in [one.name for one in cursor.description]
        assert "Change sign-in provider" in words(admin.get("/settings/audit/"))

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"name": ""}, "Enter what people call it"),
            ({"name": "a\u202eb"}, "Use letters, digits and spaces"),
            ({"issuer": ""}, "Enter the issuer"),
            ({"issuer": "http://login.example.com"}, "must begin with https://"),
            ({"issuer": "https://169.254.169.254/"}, "leads to this machine or into a private network"),
            ({"issuer": "https://localhost/"}, "leads to this machine or into a private network"),
            ({"issuer": "https://10.0.0.1.nip.internal"}, "private network"),
            ({"issuer": "https://login.example.com/?a=b"}, "has no ? and no #"),
            ({"issuer": "https://a:b@login.example.com"}, "name and password out of the address"),
            ({"issuer": "https://[::1"}, "This is no address"),
            ({"issuer": "https://x.example/\u0000"}, "Null characters are not allowed"),
            ({"client_id": ""}, "Enter the client id"),
            ({"secret": ""}, "Enter the client secret"),
            ({"domains": ""}, "Name a mail domain"),
            ({"domains": "acme"}, "is no mail domain"),
            ({"domains": " ".join(f"a{n}.example" for n in range(21))}, "At most 20 domains"),
            ({"admits": "admin"}, "Choose one of the four"),
            ({"enabled": "", "alone": "on"}, "leave them on"),
            ({"alone": "on"}, "try a sign-in by the provider yourself"),
        ],
    )
    def test_what_cannot_be_is_refused_in_words_and_kept_as_typed(self, admin, vendor, typed, said, settings):
        settings.SIGN_IN_PRIVATE = False
        if "issuer" not in typed:
            typed = {"issuer": "https://login.example.com", **typed}
        answer = admin.post(SETTINGS, good(vendor, **typed))
        assert answer.status_code == 400 and said in words(answer), words(answer)
        assert not SignInProvider.objects.exists()
        assert 'value="holdline"' in answer.content.decode() or typed.get("client_id") == ""

    def test_a_domain_belongs_to_one_company_and_nobody_is_told_whose(self, admin, vendor, other):
        set_up(other, vendor, domain="acme.example", name="Others' account")
        answer = save(admin, vendor)
        assert answer.status_code == 400 and "leads to another sign-in already" in words(answer)
        assert "Other" not in words(answer).split("acme.example")[-1][:80]
        assert not SignInProvider.objects.filter(company__key="acme").exists()

    def test_the_second_of_two_admins_is_told_and_loses_nothing(self, admin, vendor):
        save(admin, vendor)
        save(admin, vendor, name="Okta")
        late = admin.post(SETTINGS, good(vendor, name="Entra", seen="1"))
        assert late.status_code == 409 and "Okta" in words(late) and 'value="Entra"' in late.content.decode()
        found = re.search(r'name="seen" value="([^"]*)"', late.content.decode())
        assert admin.post(SETTINGS, good(vendor, name="Entra", seen=found[1])).status_code == 302

    def test_removed_it_leaves_nothing_behind_and_passwords_sign_in(self, admin, vendor):
        save(admin, vendor)
        assert admin.post(f"{SETTINGS}steps/dance/").status_code == 400
        assert admin.post(f"{SETTINGS}steps/remove/").status_code == 302
        assert not SignInProvider.objects.exists() and not SignInDomain.objects.exists()
        assert admin.post(f"{SETTINGS}steps/remove/").status_code == 404

    def test_setting_it_asks_for_the_password_again_and_goes_on_with_what_was_typed(
        self, page_as, adam, vendor
    ):
        adam.set_password("a right long password")
        adam.save()
        browser = page_as(adam)
        answer = browser.post(SETTINGS, good(vendor, client_id=""))
        assert answer.status_code == 302 and answer["Location"].startswith("/accounts/reauthenticate/")
        refused = browser.post(answer["Location"], {"password": "a right long password"})
        assert refused.status_code == 400 and 'value="Company account"' in refused.content.decode()
        assert f'<form method="post" action="{SETTINGS}"' in refused.content.decode()
        assert not SignInProvider.objects.exists()


class TestTheTest:
    STEPS = {
        "Name": {"issuer": "https://no-such-provider.example"},
        "Description": {},
        "Keys": {},
        "Client id and secret": {"secret": "another-secret"},
    }
    SCRIPTS = {"Description": {"status": {"discovery": 500}}, "Keys": {"raw": {"keys": '{"keys": []}'}}}

    @pytest.mark.parametrize("step", STEPS)
    def test_it_names_the_step_that_fails(self, admin, vendor, step):
        vendor.script("*", **self.SCRIPTS.get(step, {}))
        assert save(admin, vendor, **self.STEPS[step]).status_code == 302
        page = words(admin.post(f"{SETTINGS}steps/test/", follow=True))
        assert f"It ends here: {step}." in page and "What to do:" in page

    def test_it_goes_the_whole_way_and_nobody_is_there_when_nothing_listens(self, admin, vendor):
        save(admin, vendor)
        page = words(admin.post(f"{SETTINGS}steps/test/", follow=True))
        assert "Every step went well." in page and "Accepted; the code that was tried is none" in page
        SignInProvider.objects.update(issuer="http://127.0.0.1:9")
        caches["local"].clear()
        assert "It ends here: Connection." in words(admin.post(f"{SETTINGS}steps/test/", follow=True))


class TestSwitchingPasswordsOff:
    @pytest.fixture(autouse=True)
    def adams(self, adam, vendor):
        vendor.script(
            "*",
            person={**SUE, "sub": "u-adam", "email": "whoever@elsewhere.example", "email_verified": False},
        )

    def test_takes_a_sign_in_of_this_very_admin_and_links_them(self, admin, vendor, adam):
        save(admin, vendor)
        assert save(admin, vendor, alone="on", secret="").status_code == 400
        assert "The provider let you in" in words(try_it(admin))
        assert SignInIdentity.objects.get().user == adam
        assert save(admin, vendor, alone="on", secret="").status_code == 302
        assert SignInProvider.objects.get().alone

    def test_anothers_proof_or_one_of_before_does_not_count(self, admin, vendor, adam, sue):
        save(admin, vendor)
        try_it(admin)
        SignInProvider.objects.update(proved_by=sue)
        assert save(admin, vendor, alone="on", secret="").status_code == 400
        try_it(admin)
        save(admin, vendor, secret="stand-in-secret")  # another secret: to be proved anew
        assert save(admin, vendor, alone="on", secret="").status_code == 400

    def test_another_secret_turns_passwords_on_again(self, admin, vendor):
        save(admin, vendor)
        try_it(admin)
        save(admin, vendor, alone="on", secret="")
        said = save(admin, vendor, alone="on", secret="a-new-one")
        assert said.status_code == 302 and not SignInProvider.objects.get().alone
        assert "Passwords and passkeys sign in again" in words(admin.get(SETTINGS))

    def test_a_sign_in_with_somebody_elses_account_proves_nothing(self, admin, vendor, acme, sue):
        save(admin, vendor)
        SignInIdentity.objects.create(
            company=acme, user=sue, issuer=vendor.url, subject="u-adam", linked_at=sue.date_joined
        )
        assert "somebody who has another account here" in words(try_it(admin))
        assert SignInProvider.objects.get().proved_by is None

    def test_off_or_removed_only_by_who_has_a_password(self, admin, vendor, adam):
        save(admin, vendor)
        try_it(admin)
        adam.refresh_from_db()
        from django.contrib.auth.hashers import make_password

        # the session outlives the password only here: what counts is who asks
        type(adam).objects.filter(pk=adam.pk).update(password=make_password(None))
        from accounts import provider_actions
        from accounts.steps import Refused

        adam.refresh_from_db()
        with pytest.raises(Refused, match="choose one first"):
            provider_actions.remove_provider(SignInProvider.objects.get(), by=adam)


def test_a_try_that_another_person_finishes_proves_nothing(admin, vendor, page_as, olga):
    vendor.script("*", person=SUE)
    save(admin, vendor)
    callback = back_from(leads_to(admin.post(f"{SETTINGS}steps/try/")))
    assert page_as(olga).get(callback).status_code == 403
    assert SignInProvider.objects.get().proved_by is None


def test_an_admin_takes_a_link_away_and_another_companys_admin_cannot(
    admin, vendor, acme, sue, page_as, olga
):
    set_up(acme, vendor)
    row = SignInIdentity.objects.create(
        company=acme, user=sue, issuer=vendor.url, subject="x", linked_at=sue.date_joined
    )
    assert vendor.url in admin.get(f"/settings/people/{sue.pk}/").content.decode()
    olga.set_password("a right long password")
    olga.save()
    theirs = page_as(olga)
    theirs.post("/accounts/reauthenticate/", {"password": "a right long password"})
    assert theirs.post(f"/settings/people/{sue.pk}/unlock/unlink/").status_code == 404
    assert SignInIdentity.objects.filter(pk=row.pk).exists()
    assert admin.post(f"/settings/people/{sue.pk}/unlock/unlink/").status_code == 302
    assert not SignInIdentity.objects.exists()


def test_the_last_admin_who_can_come_in_is_not_taken_away(admin, vendor, acme, adam, cast):
    """Where the provider alone lets in, a password is no way in."""
    from accounts import people_actions
    from accounts.steps import Refused

    second = type(adam).objects.create(username="ada", company=acme, role="admin")
    second.set_password("a right long password")
    second.save()
    row = set_up(acme, vendor)
    people_actions.disable(second, reason="leaves", by=adam, at=row.changed_at)
    people_actions.enable(second, by=adam, at=row.changed_at)
    SignInProvider.objects.update(alone=True, proved_by=adam, proved_at=row.changed_at)
    with pytest.raises(Refused, match="Nobody else is an admin"):
        people_actions.disable(adam, reason="leaves", by=second, at=row.changed_at)
    assert ASK
