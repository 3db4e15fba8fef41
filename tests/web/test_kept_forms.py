"""A form that comes too late: session over, token stale, signed out elsewhere. Nothing typed is lost (trust)."""

import random
import re
import string
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory

from accounts import keeping
from accounts.demo import PASSWORD
from patients.models import Patient

START = datetime(2026, 5, 22, 14, 0, tzinfo=UTC)
OURS = {"HTTP_ORIGIN": "http://testserver", "HTTP_REFERER": "http://testserver/patients/new/"}
TYPED = {
    "first_name": "Quinlan",
    "last_name": "Marchbanks",
    "date_of_birth": "1971-03-04",
    "sex": "F",
    "account_number": "A-771",
    "phone": "312-555-0133",
    "line1": "1 Test Street",
    "city": "Chicago",
    "state": "IL",
    "zip": "60601",
}


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def people(cast):
    for name in ("ana", "ben", "sue"):
        cast[name].set_password(PASSWORD)
        cast[name].save()
    return cast


def sign_in(client, name="ana", **more):
    return client.post("/accounts/login/", {"login": name, "password": PASSWORD, **more})


def hidden(page, name):
    found = re.search(rf'name="{name}" value="([^"]*)"', page.content.decode())
    return unescape(found[1]) if found else None


def resend(page):
    """What the one button sends: where to, and every field in its order."""
    words = page.content.decode()
    form = re.search(r'<form class="row" method="post" action="([^"]*)">(.*?)</form>', words, re.S)
    assert form, words[:2000]
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form[2])
    return unescape(form[1]), [(unescape(n), unescape(v)) for n, v in fields if n != "csrfmiddlewaretoken"]


def too_late(client, clock, path="/patients/new/", typed=TYPED, **extra):
    clock.move_to(datetime.now(UTC) + timedelta(minutes=17))
    return client.post(path, typed, **(OURS | extra))


def test_a_form_sent_after_the_session_ended_is_kept_through_signing_in_and_sent_with_one_press(
    clock, people
):
    client = Client()
    sign_in(client)
    page = too_late(client, clock)
    assert page.status_code == 401
    assert "What you typed is kept" in page.content.decode()
    kept = hidden(page, "kept_form")
    landed = sign_in(client, kept_form=kept, next="/accounts/kept/")
    assert landed.url == "/accounts/kept/"
    path, fields = resend(client.get(landed.url))
    assert path == "/patients/new/"
    assert dict(fields) == TYPED
    answer = client.post(path, dict(fields), **OURS)
    assert answer.status_code == 302
    assert Patient.objects.get(account_number="A-771").last_name == "Marchbanks"
    assert client.get("/accounts/kept/").url == "/", "sent once, kept no longer"


def test_nothing_typed_can_be_read_on_the_page_that_asks_to_sign_in(clock, people):
    client = Client()
    sign_in(client)
    page = too_late(client, clock).content.decode()
    for word in ("Quinlan", "Marchbanks", "1971", "0133"):
        assert word not in page


def test_a_wrong_password_in_between_loses_nothing(clock, people):
    client = Client()
    sign_in(client)
    kept = hidden(too_late(client, clock), "kept_form")
    again = client.post(
        "/accounts/login/", {"login": "ana", "password": "no", "kept_form": kept, "next": "/accounts/kept/"}
    )
    assert hidden(again, "kept_form") == kept
    assert hidden(again, "next") == "/accounts/kept/"


def test_another_person_never_gets_what_was_typed(clock, people):
    client = Client()
    sign_in(client)
    kept = hidden(too_late(client, clock), "kept_form")
    sign_in(client, "sue", kept_form=kept, next="/accounts/kept/")
    answer = client.get("/accounts/kept/", follow=True)
    words = answer.content.decode()
    assert "thrown away" in words
    assert "Marchbanks" not in words
    assert "kept_form" not in client.session


def test_after_an_hour_it_is_kept_no_longer(clock, people):
    client = Client()
    sign_in(client)
    kept = hidden(too_late(client, clock), "kept_form")
    sign_in(client, kept_form=kept, next="/accounts/kept/")
    for _ in range(7):
        clock.move_to(datetime.now(UTC) + timedelta(minutes=10))
        client.get("/accounts/session/")
    assert "no longer kept" in client.get("/accounts/kept/", follow=True).content.decode()


@pytest.mark.parametrize(
    "mangle", [lambda s: s[:-4] + "AAAA", lambda s: "x", lambda s: "\ud800", lambda s: s[: len(s) // 2]]
)
def test_a_damaged_kept_form_only_signs_in(clock, people, mangle):
    client = Client()
    sign_in(client)
    kept = hidden(too_late(client, clock), "kept_form")
    with pytest.raises(keeping.NotKept):
        keeping.unseal(mangle(kept), at=datetime.now(UTC))
    mangled = mangle(kept).encode("utf-8", "replace").decode()
    answer = sign_in(client, kept_form=mangled, next="/accounts/kept/")
    assert answer.status_code == 302
    assert client.get("/accounts/kept/").url == "/"


def test_signed_out_in_another_tab_the_form_is_kept_for_the_same_person(people):
    client = Client()
    sign_in(client)
    client.get("/patients/")
    client.post("/accounts/logout/")
    page = client.post("/patients/new/", TYPED, **OURS)
    assert page.status_code == 401
    opened = keeping.unseal(hidden(page, "kept_form"), at=datetime.now(UTC))
    assert opened.person == people["ana"].pk
    assert opened.page == "/patients/new/"


def test_a_form_with_the_token_of_before_signing_in_again_is_offered_at_once(people):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people["ana"], backend="accounts.backend.People")
    page = client.post("/patients/new/", TYPED | {"csrfmiddlewaretoken": "x" * 64}, **OURS)
    assert page.status_code == 403
    path, fields = resend(page)
    assert path == "/patients/new/" and dict(fields) == TYPED
    token = hidden(page, "csrfmiddlewaretoken")
    answer = client.post(path, dict(fields) | {"csrfmiddlewaretoken": token}, **OURS)
    assert answer.status_code == 302
    assert Patient.objects.filter(account_number="A-771").exists()


@pytest.mark.parametrize(
    "origin",
    [
        {"HTTP_ORIGIN": "https://evil.example"},
        {"HTTP_ORIGIN": "null"},
        {"HTTP_REFERER": "https://evil.example/testserver/"},
        {"HTTP_ORIGIN": "http://testserver.evil.example"},
        {"HTTP_ORIGIN": "https://testserver"},
        {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_ORIGIN": "http://[broken"},
        {},
    ],
    ids=str,
)
def test_a_form_forged_by_another_site_is_never_offered_for_sending(people, origin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people["ana"], backend="accounts.backend.People")
    answer = client.post("/patients/new/", TYPED, **origin)
    words = answer.content.decode()
    assert answer.status_code == 403
    assert "Marchbanks" not in words and "kept_form" not in words
    nobody = Client().post("/patients/new/", TYPED, **origin)
    assert nobody.status_code == 302, "and from nobody it leads to signing in, without it"


@pytest.mark.parametrize(
    "path", ["/accounts/password/change/", "/accounts/tokens/", "/accounts/2fa/totp/activate/"]
)
def test_forms_about_passwords_factors_and_tokens_are_never_kept(clock, people, path):
    client = Client()
    sign_in(client)
    answer = too_late(client, clock, path, {"oldpassword": PASSWORD, "name": "nightly", "code": "123456"})
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/")


def test_a_stale_login_form_is_asked_for_again_without_its_password(people):
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/accounts/login/", {"login": "ana", "password": PASSWORD}, **OURS)
    assert answer.status_code == 403
    assert PASSWORD not in answer.content.decode()
    assert 'href="/accounts/login/"' in answer.content.decode()


def test_secrets_and_files_are_left_out_and_named(people):
    request = RequestFactory().post(
        "/settings/connections/",
        {
            "address": "https://payer.example",
            "password": "hunter2hunter2",
            "api_key": "k-1",
            "arboost_token": "t-1",
            "file": SimpleUploadedFile("card.png", b"png"),
        },
        **OURS,
    )
    opened = keeping.unseal(keeping.seal(request, person=1, at=START), at=START)
    assert opened.fields == [("address", "https://payer.example")]
    assert opened.lost == ["password", "api key", "arboost token", "card.png"]


def test_fields_with_many_values_keep_them_in_order(clock, people):
    client = Client()
    sign_in(client)
    typed = {
        "choice": ["b", "a", "b"],
        "note": ["line one\r\nline two", ""],
        "odd": ['"><b>&amp;', "\u202eabc"],
    }
    kept = hidden(too_late(client, clock, typed=typed), "kept_form")
    sign_in(client, kept_form=kept, next="/accounts/kept/")
    _, fields = resend(client.get("/accounts/kept/"))
    assert fields == [(name, value) for name, values in typed.items() for value in values]


def test_a_form_of_nearly_the_largest_size_is_kept_and_can_come_back(clock, people):
    client = Client()
    sign_in(client)
    kept = hidden(too_late(client, clock, typed={"note": "All of it matters. " * 120_000}), "kept_form")
    assert sign_in(client, kept_form=kept, next="/accounts/kept/").url == "/accounts/kept/"
    assert client.get("/accounts/kept/").content.decode().count("All of it matters.") == 120_000


def test_a_form_too_large_to_come_back_is_told_so(clock, people):
    client = Client()
    sign_in(client)
    noise = "".join(random.Random(1).choices(string.printable[:94], k=2_450_000))
    page = too_late(client, clock, typed={"note": noise})
    assert page.status_code == 401
    assert "too large to be kept" in page.content.decode()


def test_an_empty_form_from_nobody_leads_to_signing_in(db):
    answer = Client().post("/patients/new/", {}, **OURS)
    assert answer.status_code == 302
    assert answer.url == "/accounts/login/?next=/"


def test_what_is_kept_can_be_thrown_away(clock, people):
    client = Client()
    sign_in(client)
    kept = hidden(too_late(client, clock), "kept_form")
    sign_in(client, kept_form=kept, next="/accounts/kept/")
    client.post("/accounts/kept/")
    assert client.get("/accounts/kept/").url == "/"


def test_a_second_factor_in_between_loses_nothing(clock, people):
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import (
        TOTP,
        format_hotp_value,
        hotp_value,
        yield_hotp_counters_from_time,
    )

    client = Client()
    sign_in(client)
    TOTP.activate(people["ana"], "JBSWY3DPEHPK3PXP")
    assert "JBSWY3DP" not in str(Authenticator.objects.get().data), "the secret is stored sealed"
    kept = hidden(too_late(client, clock), "kept_form")
    assert sign_in(client, kept_form=kept, next="/accounts/kept/").url == "/accounts/2fa/authenticate/"
    counter = next(iter(yield_hotp_counters_from_time()))
    code = format_hotp_value(hotp_value("JBSWY3DPEHPK3PXP", counter))
    assert client.post("/accounts/2fa/authenticate/", {"code": code}).url == "/accounts/kept/"
    assert dict(resend(client.get("/accounts/kept/"))[1]) == TYPED
