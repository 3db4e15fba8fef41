"""Sessions end: idle after 15 minutes, all after 12 hours; the list of them; whose address is believed."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.addresses import client_address, lockout_address
from accounts.demo import PASSWORD
from accounts.devices import in_words
from tests.factories import token_of

START = datetime(2026, 5, 22, 14, 0, tzinfo=UTC)
BACKGROUND = {"HTTP_HOLDLINE_BACKGROUND": "1"}
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ana_with_password(ana):
    ana.set_password(PASSWORD)
    ana.save()
    return ana


def sign_in(agent="", **extra):
    client = Client(HTTP_USER_AGENT=agent)
    answer = client.post("/accounts/login/", {"login": "ana", "password": PASSWORD}, **extra)
    assert answer.status_code == 302, answer.content.decode()[:500]
    return client


def after(clock, **passed):
    clock.move_to(datetime.now(UTC) + timedelta(**passed))


# --- the clocks ----------------------------------------------------------------------------------


def test_a_session_is_never_ended_before_fifteen_quiet_minutes(clock, page_as, ana):
    client = page_as(ana)
    after(clock, seconds=59)
    assert client.get("/escalations/").status_code == 200, "not written: a minute has not passed"
    after(clock, minutes=15)
    assert client.get("/escalations/").status_code == 200


def test_a_session_ends_at_most_a_minute_after_fifteen_quiet_minutes(clock, page_as, ana):
    client = page_as(ana)
    after(clock, minutes=16)
    answer = client.get("/escalations/")
    assert answer.status_code == 302
    assert answer.url == "/accounts/login/?next=/escalations/&ended=idle"
    assert "15 minutes without activity" in client.get(answer.url).content.decode()


def test_the_ended_session_is_deleted_from_the_store(clock, page_as, ana):
    client = page_as(ana)
    key = client.session.session_key
    after(clock, minutes=16)
    client.get("/escalations/")
    assert not Session.objects.filter(session_key=key).exists()
    stolen = Client()
    stolen.cookies["sessionid"] = key
    assert stolen.get("/escalations/").status_code == 302, "the old cookie opens nothing"


def test_asking_again_and_again_keeps_a_session_alive_for_twelve_hours_and_no_longer(clock, page_as, ana):
    client = page_as(ana)
    for _ in range(71):
        after(clock, minutes=10)
        assert client.get("/escalations/").status_code == 200
    after(clock, minutes=10)
    answer = client.get("/escalations/")
    assert answer.status_code == 302
    assert "ended=absolute" in answer.url
    assert "after 12 hours" in client.get(answer.url).content.decode()


def test_a_poll_never_extends_a_session(clock, page_as, ana):
    client = page_as(ana)
    for _ in range(15):
        after(clock, minutes=1)
        assert client.get("/escalations/", **BACKGROUND).status_code == 200
    after(clock, minutes=1)
    assert client.get("/escalations/", **BACKGROUND).status_code == 302


def test_activity_is_written_at_most_once_a_minute(
    clock, page_as, ana, django_assert_num_queries, django_assert_max_num_queries
):
    client = page_as(ana)
    with django_assert_num_queries(2):  # the session and the person
        client.get("/accounts/session/")
    after(clock, seconds=61)
    with django_assert_max_num_queries(5):  # and one write with its savepoint
        client.get("/accounts/session/")
    with django_assert_num_queries(2):
        client.get("/accounts/session/")


def test_staying_signed_in_counts_from_now(clock, page_as, ana):
    client = page_as(ana)
    after(clock, minutes=14)
    assert client.get("/accounts/session/", **BACKGROUND).json()["idle_left"] == 60
    assert client.post("/accounts/stay/").json()["idle_left"] == 900
    after(clock, minutes=15)
    assert client.get("/escalations/").status_code == 200


def test_staying_does_not_lengthen_the_day(clock, page_as, ana):
    client = page_as(ana)
    after(clock, minutes=10)
    assert client.post("/accounts/stay/").json()["absolute_left"] == 12 * 3600 - 600


def test_a_page_that_watched_the_clock_ends_the_session_without_the_minute_of_grace(clock, page_as, ana):
    client = page_as(ana)
    after(clock, minutes=14, seconds=59)
    assert client.post("/accounts/session/", **BACKGROUND).json()["person"] == ana.pk, (
        "too early: nothing ends"
    )
    after(clock, seconds=1)
    assert client.post("/accounts/session/", **BACKGROUND).json()["person"] is None
    assert client.get("/escalations/").status_code == 302


def test_nobody_is_told_that_nobody_is_signed_in(client, db):
    assert client.get("/accounts/session/").json()["person"] is None


def test_a_live_part_of_a_page_hears_401_and_changes_nothing(clock, page_as, ana):
    client = page_as(ana)
    after(clock, minutes=16)
    answer = client.post("/escalations/advice/", {"note": "typed"}, HTTP_HX_REQUEST="true")
    assert answer.status_code == 401
    assert answer["HX-Reswap"] == "none"
    assert answer["Holdline-Session"] == "idle"
    assert type(answer["Holdline-Session"]) is str, "a server that takes only a plain str answers 500"


def test_the_api_by_session_hears_401_and_by_token_goes_on(clock, page_as, ana):
    client = page_as(ana)
    key = token_of(ana)
    after(clock, minutes=16)
    refused = client.get("/api/v1/escalations/")
    assert refused.status_code == 401
    assert set(refused.json()) == {"code", "message", "fields", "problems"}
    assert client.get("/api/v1/escalations/", HTTP_AUTHORIZATION=f"Token {key}").status_code == 200


def test_signing_in_again_starts_a_new_day(clock, ana_with_password):
    client = sign_in()
    after(clock, hours=13)
    assert client.get("/escalations/").status_code == 302
    client.post("/accounts/login/", {"login": "ana", "password": PASSWORD})
    assert client.get("/accounts/session/").json()["absolute_left"] == 12 * 3600


def test_signing_in_leads_to_our_own_host_only(ana_with_password):
    for target in (
        "https://evil.example/",
        "//evil.example/",
        "https:///evil.example",
        "javascript:alert(1)",
        "http://localhost:9/",
    ):
        client = Client()
        said = {"login": "ana", "password": PASSWORD, "next": target}
        assert client.post("/accounts/login/", said).url == "/", target
    ours = {"login": "ana", "password": PASSWORD, "next": "/patients/"}
    assert Client().post("/accounts/login/", ours).url == "/patients/"


# --- the list ------------------------------------------------------------------------------------


def test_the_list_shows_each_place_in_words_and_marks_this_one(ana_with_password):
    here = sign_in(FIREFOX, REMOTE_ADDR="192.0.2.7")
    sign_in(IPHONE, REMOTE_ADDR="198.51.100.9")
    page = here.get("/accounts/sessions/").content.decode()
    assert "Firefox on Windows" in page and "192.0.2.7" in page
    assert "Safari on iPhone" in page and "198.51.100.9" in page
    assert page.count("this one") == 1


def test_one_other_place_can_be_signed_out(ana_with_password):
    here, there, third = sign_in(), sign_in(), sign_in()
    row = ana_with_password.usersession_set.get(session_key=there.session.session_key)
    here.post("/accounts/sessions/", {"session": row.pk})
    assert there.get("/escalations/").status_code == 302
    assert third.get("/escalations/").status_code == 200
    assert here.get("/escalations/").status_code == 200


def test_all_other_places_can_be_signed_out_at_once(ana_with_password):
    here, there, third = sign_in(), sign_in(), sign_in()
    here.post("/accounts/sessions/")
    assert [c.get("/escalations/").status_code for c in (here, there, third)] == [200, 302, 302]


def test_nobody_signs_out_another_person(ana_with_password, ben):
    ben.set_password(PASSWORD)
    ben.save()
    other = Client()
    other.post("/accounts/login/", {"login": "ben", "password": PASSWORD})
    row = ben.usersession_set.get()
    sign_in().post("/accounts/sessions/", {"session": row.pk})
    assert other.get("/claims/").status_code == 200


@pytest.mark.parametrize("said", ["x", "-1", "9" * 40, "\x00", "١"])
def test_a_session_that_is_no_number_signs_out_nobody(ana_with_password, said):
    here, there = sign_in(), sign_in()
    assert here.post("/accounts/sessions/", {"session": said}).status_code == 302
    assert there.get("/escalations/").status_code == 200


def test_the_list_costs_the_same_for_any_number_of_places(ana_with_password, django_assert_max_num_queries):
    here = sign_in()
    for _ in range(6):
        sign_in()
    with django_assert_max_num_queries(8):
        assert here.get("/accounts/sessions/").content.decode().count("signed in") >= 7


def test_a_place_whose_time_is_over_is_not_listed(clock, ana_with_password):
    sign_in(IPHONE)
    after(clock, minutes=20)
    page = sign_in(FIREFOX).get("/accounts/sessions/").content.decode()
    assert "iPhone" not in page


def test_a_new_password_signs_out_everywhere_else(ana_with_password):
    here, there = sign_in(), sign_in()
    new = "seven kinds of harbour light"
    said = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post("/accounts/password/change/", said).status_code == 302
    assert here.get("/escalations/").status_code == 200
    assert there.get("/escalations/").status_code == 302


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (IPHONE, "Safari on iPhone"),
        ("Mozilla/5.0 (Macintosh) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Mac"),
        ("Mozilla/5.0 (X11; CrOS x86_64) Chrome/140.0 Safari/537.36", "Chrome on Chromebook"),
        ("python-requests/2.32", "a program (Python)"),
        ("", "A browser that does not say which"),
        ("\x00<script>", "A browser that does not say which"),
    ],
)
def test_a_browser_is_said_in_words(agent, words):
    assert in_words(agent) == words


# --- the address ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trusted", "forwarded", "direct", "found"),
    [
        (0, "203.0.113.5", "192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.5", "192.0.2.1", "203.0.113.5"),
        (1, "10.9.9.9, 203.0.113.5", "192.0.2.1", "203.0.113.5"),
        (2, "10.9.9.9, 203.0.113.5, 192.0.2.8", "192.0.2.1", "203.0.113.5"),
        (2, "203.0.113.5", "192.0.2.1", "192.0.2.1"),
        (1, "", "192.0.2.1", "192.0.2.1"),
        (1, "nonsense", "192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.5:4711", "192.0.2.1", "203.0.113.5"),
        (1, "[2001:db8::1]:4711", "192.0.2.1", "2001:db8::1"),
        (1, "::ffff:203.0.113.5", "192.0.2.1", "203.0.113.5"),
        (0, "", "", "0.0.0.0"),
    ],
)
def test_only_our_own_proxies_are_believed(rf, settings, trusted, forwarded, direct, found):
    settings.TRUSTED_PROXIES = trusted
    request = rf.get("/", REMOTE_ADDR=direct, HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == found


def test_addresses_of_one_ipv6_network_are_counted_together(rf, settings):
    one, two = (rf.get("/", REMOTE_ADDR=f"2001:db8:1:2::{n}") for n in (1, 99))
    assert lockout_address(one) == lockout_address(two)


def _wrong(name="ana", forwarded="", address="192.0.2.1"):
    said = {"login": name, "password": "wrong-password-1"}
    return Client().post("/accounts/login/", said, REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR=forwarded)


def test_behind_a_proxy_each_client_is_locked_out_alone(settings, ana_with_password):
    settings.TRUSTED_PROXIES = 1
    for _ in range(9):
        last = _wrong(forwarded="203.0.113.5")
    assert last.status_code == 429
    assert _wrong(forwarded="203.0.113.6").status_code == 200


def test_a_forged_header_neither_evades_nor_frames(settings, ana_with_password):
    settings.TRUSTED_PROXIES = 1
    for number in range(9):
        last = _wrong(forwarded=f"198.51.100.{number}, 203.0.113.5")
    assert last.status_code == 429, "another forged address with every try does not help"
    assert _wrong(forwarded="198.51.100.3").status_code == 200, "who was named in a forgery is not locked out"


def test_the_lockout_page_says_how_long(ana_with_password):
    for _ in range(9):
        last = _wrong()
    words = last.content.decode()
    assert last.status_code == 429
    assert "Closed for 15 minutes" in words
    assert last["Retry-After"] == "900"
