"""A server without a company: led to the set-up, let in by its code alone, opened once."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Company, SetUpCode, SetUpMark, User
from config.prepare import offer_set_up
from config.setup import codes
from config.watching.doctor import Doctor
from escalations.models import CalendarVersion, PolicyVersion
from tests.setting_up import COMPANY, now, words

pytestmark = pytest.mark.django_db
CODE, OPEN = "/setup/", "/setup/company/"


@pytest.fixture(autouse=True)
def server(settings: Any) -> None:
    """No demo, as in production; nobody has tried any code yet."""
    settings.DEMO = False
    cache.clear()


def browser() -> Client:
    return Client(raise_request_exception=False)


def let_in(code: str = "") -> Client:
    """A browser in which the code was typed."""
    client = browser()
    assert client.post(CODE, {"code": code or codes.make(at=now())}).status_code == 302
    return client


# --- who is led there, and who is not ---------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/accounts/login/", "/escalations/", "/settings/people/", "/claims/?q=x"]
)
def test_every_page_leads_to_the_set_up_while_there_is_no_company(path: str) -> None:
    answer = browser().get(path)
    assert (answer.status_code, answer.url) == (302, CODE)


def test_health_programs_and_the_theme_are_answered_as_always() -> None:
    client = browser()
    assert client.get("/livez").status_code == 200 and client.get("/readyz").status_code == 200
    assert client.get("/api/v1/payers/").status_code == 401
    assert client.post("/accounts/preferences/", {"theme": "dark"}).status_code == 302
    part = client.get("/escalations/", headers={"HX-Request": "true"})
    assert part.status_code in (302, 401)


def test_with_a_company_the_door_is_gone(ana: User) -> None:
    client = browser()
    for path in (CODE, OPEN):
        assert client.get(path).url == "/"
        assert client.post(path, {**COMPANY, "code": "x"}).url == "/"
    assert client.get("/").url.startswith("/accounts/login/")
    assert Company.objects.count() == 2


def test_the_demo_has_no_such_door(settings: Any) -> None:
    settings.DEMO = True
    code = codes.make(at=now())
    client = browser()
    assert client.get("/").url.startswith("/accounts/login/")
    assert client.post(CODE, {"code": code}).url == "/"
    assert client.post(OPEN, COMPANY).url == "/"
    assert not Company.objects.exists()


# --- the code ---------------------------------------------------------------------------------------


def test_nothing_is_opened_without_the_code() -> None:
    codes.make(at=now())
    client = browser()
    assert client.get(OPEN).url == CODE
    answer = client.post(OPEN, COMPANY, follow=True)
    assert answer.redirect_chain[-1][0] == CODE and "nothing was saved" in words(answer)
    assert not Company.objects.exists() and not User.objects.exists()


def test_before_a_code_was_made_the_page_says_how_to_make_one() -> None:
    page = words(browser().get(CODE))
    assert "python manage.py setup_code" in page and "good for 24 hours" in page
    answer = browser().post(CODE, {"code": "00000-00000-00000-00000"})
    assert answer.status_code == 403 and "No set-up code has been made yet" in words(answer)


@pytest.mark.parametrize("how", [str.lower, lambda code: code.replace("-", " "), lambda code: f"  {code}\n"])
def test_the_code_is_understood_as_people_type_it(how: Any) -> None:
    assert let_in(how(codes.make(at=now()))).get(OPEN).status_code == 200


def test_letters_that_look_like_digits_are_taken_for_them() -> None:
    while not {"0", "1"} & set(code := codes.make(at=now())):
        pass
    let_in(code.replace("0", "o").replace("1", "l"))


@pytest.mark.parametrize(
    "typed", ["", "x" * 5000, "00000-00000-00000-00000", "\x00", "<script>alert(1)</script>", "\ud800", "ſ"]
)
def test_what_is_not_the_code_opens_nothing_and_says_so(typed: str) -> None:
    codes.make(at=now())
    client = browser()
    answer = client.post(CODE, {"code": typed.encode("utf-8", "surrogatepass")})
    assert answer.status_code in (400, 403)
    assert "<script>alert" not in answer.content.decode()
    assert client.get(OPEN).url == CODE


def test_a_code_ends_after_a_day_also_for_who_typed_it_in_time() -> None:
    code = codes.make(at=now())
    client = let_in(code)
    SetUpCode.objects.update(expires_at=now() - timedelta(seconds=1))
    assert "The set-up code has ended" in words(browser().post(CODE, {"code": code}))
    answer = client.post(OPEN, COMPANY, follow=True)
    assert answer.redirect_chain[-1][0] == CODE and "python manage.py setup_code" in words(answer)
    assert not Company.objects.exists()


def test_a_new_code_ends_the_one_before_and_what_it_opened() -> None:
    old = codes.make(at=now())
    client = let_in(old)
    new = codes.make(at=now())
    assert new != old and SetUpCode.objects.count() == 1
    assert "This is not the set-up code" in words(browser().post(CODE, {"code": old}))
    assert client.get(OPEN).url == CODE
    let_in(new)


def test_only_a_digest_of_the_code_is_kept() -> None:
    code = codes.make(at=now())
    row = SetUpCode.objects.get()
    plain = code.replace("-", "")
    assert row.digest == hashlib.sha256(plain.encode()).hexdigest()
    assert len(set(plain)) > 4 and len(plain) == 20 and set(plain) <= set(codes.ALPHABET)


def test_an_address_that_tries_too_often_waits_and_others_do_not() -> None:
    code = codes.make(at=now())
    client = browser()
    for _ in range(10):
        assert client.post(CODE, {"code": "wrong"}, REMOTE_ADDR="10.0.0.1").status_code == 403
    last = client.post(CODE, {"code": code}, REMOTE_ADDR="10.0.0.1")
    assert last.status_code == 429 and last["Retry-After"] == "900" and "Wait 15 minutes" in words(last)
    assert client.get(OPEN).url == CODE, "the right one, too, has to wait"
    assert browser().post(CODE, {"code": code}, REMOTE_ADDR="10.0.0.2").status_code == 302
    assert codes.wrong_tries() == 10


def test_the_form_needs_its_token() -> None:
    client = Client(enforce_csrf_checks=True)
    refused = client.post(CODE, {"code": codes.make(at=now())}, headers={"Origin": "http://testserver"})
    assert refused.status_code == 403
    assert "kept" not in words(refused), "there is nobody yet who could sign in and send it again"


# --- the command ------------------------------------------------------------------------------------


def test_the_command_prints_the_code_alone_and_says_what_was_tried(capsys: Any) -> None:
    call_command("setup_code")
    said = capsys.readouterr()
    code = said.out.strip()
    assert "/setup/" in said.err and "within 24 hours" in said.err and code not in said.err
    browser().post(CODE, {"code": "wrong"})
    call_command("setup_code")
    assert "typed 1 times instead of the code before" in capsys.readouterr().err
    assert browser().post(CODE, {"code": code}).status_code == 403


def test_the_command_makes_none_where_there_is_a_company(ana: User, capsys: Any) -> None:
    with pytest.raises(CommandError, match="There is a company on this server already"):
        call_command("setup_code", stdout=StringIO())
    call_command("setup_code", "--if-needed")
    assert capsys.readouterr().out == "" and not SetUpCode.objects.exists()


# --- the company ------------------------------------------------------------------------------------


def test_the_company_its_admin_and_all_it_begins_with_are_there_at_once(settings: Any) -> None:
    settings.ADMIN_SECOND_FACTOR = True
    client = let_in()
    answer = client.post(OPEN, COMPANY)
    assert (answer.status_code, answer.url) == (302, "/settings/setup/")
    company, admin = Company.objects.get(), User.objects.get()
    assert (company.key, company.name, company.time_zone) == (
        "north-valley-billing", "North Valley Billing", "America/Denver",
    )  # fmt: skip
    assert (admin.username, admin.role, admin.company) == ("nora", "admin", company)
    assert admin.check_password("seven quiet lanterns")
    assert CalendarVersion.objects.get().data["zone"] == "America/Denver"
    assert PolicyVersion.objects.get().number == 1
    assert SetUpMark.objects.get().state == "begun"
    assert client.get("/settings/setup/").url == "/accounts/2fa/", "an admin sets a second factor up first"
    page = words(client.get("/accounts/2fa/"))
    assert "Set one up before anything else" in page and "Then the set-up goes on." in page
    activate = client.get("/accounts/2fa/totp/activate/")
    assert activate.status_code == 200, "who has just chosen the password is not asked for it again"


def test_the_code_is_used_up_with_it() -> None:
    code = codes.make(at=now())
    first, second = let_in(code), let_in(code)
    assert first.post(OPEN, COMPANY).status_code == 302
    late = second.post(OPEN, {**COMPANY, "name": "Another", "username": "other"}, follow=True)
    assert "The company is there already" in words(late)
    assert Company.objects.count() == 1 and User.objects.count() == 1
    assert SetUpCode.objects.get().used_at is not None
    assert browser().post(CODE, {"code": code}).url == "/"


def test_sent_twice_it_is_opened_once_and_its_admin_signs_in() -> None:
    client = let_in()
    again = browser()
    again.cookies = client.cookies.copy()
    assert client.post(OPEN, COMPANY).url == "/settings/setup/"
    answer = again.post(OPEN, COMPANY, follow=True)
    assert "Sign in with what was chosen for its admin." in words(answer)
    assert Company.objects.count() == 1
    sign_in = again.post("/accounts/login/", {"login": "NORA", "password": COMPANY["password1"]})
    assert sign_in.status_code == 302 and again.get("/settings/setup/").status_code == 200


def test_the_short_name_may_be_chosen() -> None:
    let_in().post(OPEN, {**COMPANY, "key": "nv-1"})
    assert Company.objects.get().key == "nv-1"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "Enter the name, as patients and insurers know it."),
        ({"name": "N" * 121}, "at most 120"),
        ({"name": "North‮"}, "Use letters, digits and spaces."),
        ({"name": "日本"}, "The name makes no short name."),
        ({"key": "North Valley"}, "Use small letters, digits and dashes"),
        ({"key": "x"}, "two or more"),
        ({"key": "x" * 51}, "Use small letters, digits and dashes"),
        ({"time_zone": ""}, "There is no such time zone"),
        ({"time_zone": "Mars/Base"}, "There is no such time zone"),
        ({"time_zone": "../../etc/passwd"}, "There is no such time zone"),
        ({"username": ""}, "Choose the name you sign in with."),
        ({"username": "n"}, "Use two letters or more."),
        ({"username": "nöra"}, "Use letters without accents"),
        ({"first_name": "", "last_name": ""}, "Enter the last name."),
        ({"email": "nobody"}, "This is no mail address."),
        ({"password1": "", "password2": ""}, "Choose a password."),
        ({"password2": "seven quiet lantern"}, "Type the same password twice."),
        ({"password1": "short", "password2": "short"}, "at least 12 characters"),
        ({"password1": "nora@northvalley.example", "password2": "nora@northvalley.example"}, "too similar"),
        (
            {"password1": "holdline-demo-2026", "password2": "holdline-demo-2026"},
            "password of the public demo",
        ),
        ({"password1": "\x00" * 20, "password2": "\x00" * 20}, "password"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_the_rest_is_kept(
    typed: dict[str, str], said: str
) -> None:
    client = let_in()
    answer = client.post(OPEN, {**COMPANY, **typed})
    assert answer.status_code == 400 and said in words(answer)
    page = answer.content.decode()
    for name in ("name", "time_zone", "username", "email"):
        if name not in typed:
            assert f'value="{COMPANY[name]}"' in page
    assert COMPANY["password1"] not in page, "a password is never sent back"
    assert not Company.objects.exists()
    assert client.post(OPEN, COMPANY).status_code == 302, "the code is good until it is used"


def test_everything_that_is_wrong_is_said_at_once() -> None:
    page = words(let_in().post(OPEN, {}))
    for said in (
        "Enter the name",
        "time zone",
        "first name",
        "last name",
        "sign in with",
        "Choose a password",
    ):
        assert said in page


# --- how whoever runs the server is told ---------------------------------------------------------------


def test_preparing_a_server_without_a_company_prints_the_code() -> None:
    said = offer_set_up()
    found = re.search(r"/setup/ and type  (\S+)  within 24 hours", said)
    assert found, said
    let_in(found[1]).post(OPEN, COMPANY)
    assert offer_set_up() == "already there"


def test_doctor_says_that_nobody_can_sign_in_yet_and_how_somebody_could() -> None:
    finding = next(one for one in Doctor(now()).find() if one.check == "companies")
    assert finding.said == "none yet: nobody can sign in" and "manage.py setup_code" in finding.mend
    let_in().post(OPEN, COMPANY)
    finding = next(one for one in Doctor(now()).find() if one.check == "companies")
    assert (finding.said, finding.mend) == ("1 here", "")
