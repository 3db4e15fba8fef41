"""One's API tokens: made, shown once, used, revoked; and the rules of a new password."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from accounts import actions
from accounts.demo import PASSWORD
from accounts.models import ApiToken
from accounts.steps import Refused
from tests.factories import token_of
from tests.hostile import HOSTILE_TEXT

PAGE = "/accounts/tokens/"


@pytest.fixture
def ana_here(ana):
    """Ana's browser, her password given a moment ago."""
    ana.set_password(PASSWORD)
    ana.save()
    client = Client(raise_request_exception=False)
    client.post("/accounts/login/", {"login": "ana", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def make(client, name="nightly export", lifetime="90"):
    return client.post(PAGE, {"name": name, "lifetime": lifetime})


def key_on(page):
    found = re.search(r"hl_[\w-]{43}", page.content.decode())
    return found and found[0]


def reads_with(key):
    return Client().get("/api/v1/escalation-types/", HTTP_AUTHORIZATION=f"Token {key}").status_code


def test_a_new_token_is_shown_once_and_opens_the_api(ana_here):
    key = key_on(make(ana_here))
    assert reads_with(key) == 200
    later = ana_here.get(PAGE).content.decode()
    assert key not in later
    assert "nightly export" in later


def test_only_its_digest_is_stored(ana_here):
    key = key_on(make(ana_here))
    stored = " ".join(str(value) for row in ApiToken.objects.values() for value in row.values())
    assert key not in stored
    assert key[3:] not in str(dict(ana_here.session))


@pytest.mark.parametrize(("said", "days"), [("30", 30), ("90", 90), ("365", 365)])
def test_a_token_is_good_for_as_long_as_was_chosen(ana_here, said, days):
    make(ana_here, lifetime=said)
    token = ApiToken.objects.get()
    assert token.expires_at - token.created_at == timedelta(days=days)


def test_a_revoked_token_is_refused_from_now_on(ana_here):
    key = key_on(make(ana_here))
    ana_here.post(f"{PAGE}revoke/", {"token": ApiToken.objects.get().pk})
    assert reads_with(key) == 401
    assert "1 that are over" in ana_here.get(PAGE).content.decode()


def test_an_expired_token_is_refused(ana, ana_here):
    at = datetime.now(UTC) - timedelta(days=31)
    key = actions.issue_token(ana, name="old", by=ana, at=at, lifetime=timedelta(days=30))
    assert reads_with(key) == 401


def test_making_and_revoking_are_recorded_with_who_and_when_but_each_use_is_not(ana_here):
    key = key_on(make(ana_here))
    reads_with(key)
    ana_here.post(f"{PAGE}revoke/", {"token": ApiToken.objects.get().pk})
    events = list(ApiToken.objects.get().events.select_related("pgh_context").order_by("pgh_id"))
    assert [event.pgh_context.metadata["act"] for event in events] == ["issue token", "revoke token"]
    assert {event.pgh_context.metadata["who"] for event in events} == {"ana"}


def test_another_persons_token_is_not_there(ana_here, ben):
    token_of(ben)
    theirs = ApiToken.objects.get(user=ben)
    assert ana_here.post(f"{PAGE}revoke/", {"token": theirs.pk}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.revoked_at is None
    assert theirs.name not in ana_here.get(PAGE).content.decode()


def test_a_person_has_at_most_twenty_live_tokens(ana, ana_here):
    now = datetime.now(UTC)
    for number in range(20):
        actions.issue_token(ana, name=f"no {number}", by=ana, at=now, lifetime=timedelta(days=30))
    answer = make(ana_here)
    assert answer.status_code == 409
    assert "You have 20 tokens" in answer.content.decode()
    assert 'value="nightly export"' in answer.content.decode(), "what was typed is kept"
    later = now + timedelta(days=31)
    actions.issue_token(ana, name="after they expired", by=ana, at=later, lifetime=timedelta(days=30))


def test_two_live_tokens_never_have_one_name(ana, ana_here):
    make(ana_here)
    assert make(ana_here, "Nightly Export").status_code == 409
    with pytest.raises(Refused):
        actions.issue_token(
            ana, name="NIGHTLY EXPORT", by=ana, at=datetime.now(UTC), lifetime=timedelta(days=1)
        )


def test_making_a_token_asks_for_the_password_again_and_then_makes_it(ana):
    ana.set_password(PASSWORD)
    ana.save()
    client = Client()
    client.post("/accounts/login/", {"login": "ana", "password": PASSWORD})
    answer = make(client)
    assert answer.url.startswith("/accounts/reauthenticate/")
    assert not ApiToken.objects.exists()
    done = client.post(answer.url, {"password": PASSWORD, "next": PAGE})
    assert key_on(done)


def test_nothing_hostile_breaks_the_page(ana_here):
    for hostile in HOSTILE_TEXT:
        value = hostile.encode("utf-8", "replace").decode()
        for said in ({"name": value, "lifetime": "30"}, {"name": "x", "lifetime": value}):
            assert ana_here.post(PAGE, said).status_code in (200, 400, 409), repr(value[:40])
        assert ana_here.post(f"{PAGE}revoke/", {"token": value}).status_code in (302, 404)


# --- the rules of a new password -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ("short", "at least 12 characters"),
        ("eleven chars"[:11], "at least 12 characters"),
        ("123456789012", "entirely numeric"),
        ("password1234", "too common"),
        ("Ana.Example.2026"[:11] + "x", "too similar"),
        (PASSWORD, "the password you have now"),
        ("x" * 513, "at most 512"),
        ("nul\x00nul\x00nul\x00nul", ""),
        ("seven kinds of harbour light", None),
        ("Zwölf Wörter über dem Hafen", None),
    ],
)
def test_a_new_password_is_judged_by_the_rules_the_page_states(ana, ana_here, new, sentence):
    said = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    answer = ana_here.post("/accounts/password/change/", said)
    ana.refresh_from_db()
    if sentence is None:
        assert ana.check_password(new)
    else:
        assert sentence in answer.content.decode()
        assert ana.check_password(PASSWORD), "nothing was changed"
        assert new not in answer.content.decode() or new == "short"


def test_the_rules_stand_on_the_page_before_anybody_types(ana_here):
    page = ana_here.get("/accounts/password/change/").content.decode()
    for rule in ("At least 12 characters", "Not a common password", "Nothing like your name"):
        assert rule in page


def test_the_old_password_is_asked_for(ana, ana_here):
    new = "seven kinds of harbour light"
    ana_here.post("/accounts/password/change/", {"oldpassword": "no", "password1": new, "password2": new})
    ana.refresh_from_db()
    assert ana.check_password(PASSWORD)


def test_outside_the_demo_its_password_is_refused(settings, ben):
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    validate_password(PASSWORD, ben)
    settings.DEMO = False
    with pytest.raises(ValidationError, match="demo"):
        validate_password(PASSWORD.upper(), ben)


def test_the_second_factors_square_is_drawn_into_the_page(ana_here):
    page = ana_here.get("/accounts/2fa/totp/activate/").content.decode()
    assert re.search(
        r'<svg class="totp-square" viewBox="0 0 \d+ \d+" role="img" aria-label="[^"]+"><path d="M', page
    )
    assert "data:" not in page, "the policy allows no such picture"
