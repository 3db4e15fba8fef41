"""The frame of every page: where one may go, the keys, and the pages for what went wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.test import RequestFactory

from config.front import views
from config.front.context import goals_of
from config.front.outage import is_outage

# --- where one may go -----------------------------------------------------------------------------


def _urls(user):
    return {goal.url for goal in goals_of(user)}


def test_each_role_is_offered_only_the_places_it_may_go(page_as, ana, ben, sue, adam):
    for person in (ana, ben, sue, adam):
        client = page_as(person)
        for url in _urls(person):
            assert client.get(url).status_code in (200, 302), f"{person.role} is offered {url}"


def test_the_letters_after_g_name_each_place_once(ana, ben, sue, adam):
    for person in (ana, ben, sue, adam):
        letters = [goal.go for goal in goals_of(person) if goal.go]
        assert len(letters) == len(set(letters))
    assert {goal.go for goal in goals_of(ben) if goal.go} >= {"d", "c", "h", "p", "s"}
    assert "h" not in {goal.go for goal in goals_of(ana)}, "an agent reads no claims"
    assert "p" not in {goal.go for goal in goals_of(adam)}, "an admin reads no patients"


def test_only_those_who_file_tickets_have_the_button_and_its_key(page_as, ana, ben):
    assert 'data-key="n"' in page_as(ana).get("/").content.decode()
    assert 'data-key="n"' not in page_as(ben).get("/").content.decode()


def test_the_section_one_is_in_is_marked(page_as, ana, sue):
    assert (
        '<a href="/escalations/" aria-current="true">' in page_as(ana).get("/escalations/").content.decode()
    )
    page = page_as(sue).get("/escalations/").content.decode()
    assert '<a href="/triage/" aria-current="true">' in page, "a supervisor's section begins with the board"
    assert page_as(sue).get("/").content.decode().count('aria-current="true"') == 0


def test_the_menu_says_who_is_signed_in_as_what_for_which_company(page_as, ana):
    menu = page_as(ana).get("/").content.decode().partition("menu-panel")[2]
    assert "Ana Example" in menu and "Agent, Acme Ambulance" in menu
    for address in ("/accounts/password/change/", "/accounts/logout/"):
        assert address in menu


def test_somebody_who_switched_single_keys_off_is_told_so_on_every_page(page_as, ana):
    client = page_as(ana)
    assert 'data-keys="off"' not in client.get("/").content.decode()
    client.post("/accounts/preferences/", {"single_keys": "off"})
    page = client.get("/").content.decode()
    assert 'data-keys="off"' in page and "Single keys are switched off" in page


def test_the_search_is_posted_from_every_page(page_as, ana):
    """I8: what is typed into the box never becomes part of an address."""
    page = page_as(ana).get("/patients/").content.decode()
    assert 'role="search" method="post" action="/search/"' in page


def test_nobody_signed_in_is_offered_no_search_and_no_places(client, db):
    page = client.get("/accounts/login/").content.decode()
    assert 'id="palette"' not in page and 'action="/search/"' not in page


# --- what went wrong ------------------------------------------------------------------------------


def _request(path="/"):
    request = RequestFactory().get(path)
    request.COOKIES["theme"] = "dark"
    return request


@pytest.mark.parametrize(
    ("view", "error", "status", "says"),
    [
        (views.bad_request, SuspiciousOperation("x"), 400, "could not be read"),
        (views.bad_request, RequestDataTooBig("x"), 413, "larger than 2.5 MB"),
        (views.permission_denied, PermissionDenied("This needs the role biller."), 403, "role biller"),
        (views.page_not_found, None, 404, "nothing here"),
    ],
)
def test_each_page_for_trouble_says_what_happened_what_was_kept_and_what_to_do(view, error, status, says):
    """They need neither a database nor somebody signed in: this test has neither."""
    answer = view(_request(), error)
    page = answer.content.decode()
    assert answer.status_code == status
    assert says in page and "What to do" in page and 'href="/"' in page


def test_what_nobody_foresaw_gets_a_reference_and_keeps_the_theme():
    page = views.server_error(_request()).content.decode()
    assert "Reference" in page and 'data-theme="dark"' in page


def test_a_forged_theme_cookie_is_not_repeated():
    request = _request()
    request.COOKIES["theme"] = '"><script>'
    assert "<script>" not in views.server_error(request).content.decode()


def test_only_the_silence_of_the_database_is_an_outage():
    assert is_outage(OperationalError()) and is_outage(InterfaceError())
    try:
        try:
            raise OperationalError
        except OperationalError as cause:
            raise RuntimeError from cause
    except RuntimeError as error:
        assert is_outage(error)
    assert not is_outage(ValueError()) and not is_outage(None)


WITHOUT_DATABASE = """
import json, django
django.setup()
from django.test import Client
answers = {}
for path, cookie in %s:
    client = Client(raise_request_exception=False, HTTP_HOST="localhost")
    if cookie:
        client.cookies["sessionid"] = "a" * 32
    answer = client.get(path)
    answers[path] = [answer.status_code, answer.headers.get("Retry-After"), answer.content.decode()]
print(json.dumps(answers))
"""


def _ask_without_database(*paths):
    """What a process answers whose database is not there: nothing listens on port 1."""
    env = {
        **os.environ,
        "DATABASE_URL": "postgres://nobody:nothing@127.0.0.1:1/nowhere",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEMO": "1",
        "DEBUG": "0",
        "STATIC_MANIFEST": "0",
    }
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_DATABASE % repr(paths)],
        env=env, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def test_without_a_database_pages_and_api_answer_503_and_say_when_to_come_back():
    answers = _ask_without_database(
        ("/", True), ("/claims/", True), ("/search/", True), ("/api/v1/patients", True), ("/livez", False)
    )
    for path in ("/", "/claims/", "/search/"):
        status, retry, page = answers[path]
        assert (status, retry) == (503, "15"), path
        assert "The database does not answer" in page and "What was kept" in page
    status, _, body = answers["/api/v1/patients"]
    assert status == 503 and json.loads(body)["code"] == "unavailable"
    assert answers["/livez"][0] == 200
