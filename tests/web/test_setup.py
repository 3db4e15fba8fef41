"""The guided set-up: every step seen, kept, left and come back to, and what is known in the end."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Company, SetUpMark, User
from accounts.people_actions import Said, invite
from config.setup import marks
from config.setup.standing import SetUp
from config.setup.steps import BY_KEY, STEPS
from config.setup.summary import Summary
from deductibles.actions import sending
from patients.models import Payer
from tests.api.claim_bodies import PROVIDER, SETTINGS, provide, switch_on
from tests.factories import PatientFactory
from tests.setting_up import now, opened, words
from tests.tickets import filed
from work.models import ConnectionHealth

pytestmark = pytest.mark.django_db
GUIDE, STEP, SUMMARY = "/settings/setup/", "/settings/setup/steps/", "/settings/setup/summary/"


@pytest.fixture
def nora(db: None, settings: Any) -> User:
    """Opened on a server that names no vendors and no mail server."""
    settings.ARBOOST_URL = settings.CLEARINGHOUSE_URL = ""
    return opened()


@pytest.fixture
def client(nora: User, page_as: Any) -> Client:
    found: Client = page_as(nora)
    return found


def state_of(nora: User, key: str) -> str:
    return next(one.state for one in SetUp(nora, now()).steps if one.step.key == key)


def said_in(lines: Any) -> str:
    return " ".join(f"{line.said} {line.follows}" for line in lines)


# --- the steps --------------------------------------------------------------------------------------


def test_every_step_says_what_it_is_for_where_it_is_done_and_what_leaving_it_means(
    nora: User, client: Client
) -> None:
    page = client.get(GUIDE)
    said = words(page)
    assert "0 of 11 steps done." in said and "Begin: Company" in said
    for step in STEPS:
        assert step.title in said and step.asks in said and step.without
    for one in SetUp(nora, now()).steps:
        assert f'name="step" value="{one.step.key}"' in page.content.decode()
        assert client.post(STEP, {"step": one.step.key, "do": "open"}).url == one.url
        assert client.get(one.url).status_code == 200


def test_a_step_that_has_a_default_is_done_when_an_admin_says_so_and_leads_on(
    nora: User, client: Client
) -> None:
    answer = client.post(STEP, {"step": "company", "do": "keep"})
    assert answer.url == "/settings/setup/hours/"
    assert state_of(nora, "company") == "done"
    mark = SetUpMark.objects.get(step="company")
    assert (mark.state, mark.by) == ("kept", nora)


def test_a_step_can_be_left_and_come_back_to(nora: User, client: Client) -> None:
    assert client.post(STEP, {"step": "company", "do": "skip"}).url == "/settings/setup/hours/"
    assert state_of(nora, "company") == "skipped"
    assert "1 step left for later" in words(client.get(GUIDE))
    assert client.post(STEP, {"step": "company", "do": "keep"}).status_code == 302
    assert state_of(nora, "company") == "done" and SetUpMark.objects.filter(step="company").count() == 1


def test_what_is_said_on_the_page_of_all_steps_comes_back_to_it(nora: User, client: Client) -> None:
    for act in ("skip", "keep"):
        assert client.post(STEP, {"step": "rules", "do": act, "from": "guide"}).url == GUIDE


@pytest.mark.parametrize("key", [step.key for step in STEPS if not step.keep])
def test_what_only_a_fact_says_is_never_done_by_a_word(nora: User, client: Client, key: str) -> None:
    client.post(STEP, {"step": key, "do": "keep"})
    assert state_of(nora, key) == "open" and not SetUpMark.objects.filter(step=key).exists()


def test_facts_make_their_steps_done(nora: User, settings: Any) -> None:
    company = nora.company
    provide(nora)
    switch_on(company)
    Payer.objects.create(company=company, name="Example Plan", payer_id="EX1")
    invite(Said("Ana", "Example", "", "agent"), username="ana", by=nora, at=now())
    for kind in ("arboost", "clearinghouse"):
        settings.ARBOOST_URL, settings.CLEARINGHOUSE_URL = "https://arboost.example", "file:///nowhere"
        ConnectionHealth.objects.create(company=company, kind=kind, works_since=now(), answered_at=now())
    done = {one.step.key for one in SetUp(nora, now()).steps if one.state == "done"}
    assert done == {"provider", "monitoring", "payers", "people", "arboost", "clearinghouse"}


def test_a_connection_that_the_server_names_is_open_until_it_was_tested(nora: User, settings: Any) -> None:
    settings.CLEARINGHOUSE_URL = "file:///nowhere"
    one = next(one for one in SetUp(nora, now()).steps if one.step.key == "clearinghouse")
    assert (one.state, one.note) == ("open", "Named by this server, not tested yet.")


def test_a_second_admin_alone_is_nobody_who_works(nora: User) -> None:
    invite(Said("Ada", "Example", "", "admin"), username="ada", by=nora, at=now())
    assert state_of(nora, "people") == "open"


def test_the_mail_that_arrived_can_only_be_said_of_a_server_that_mails(
    nora: User, client: Client, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    client.post(STEP, {"step": "mail", "do": "keep"})
    assert state_of(nora, "mail") == "open"
    assert "The test arrived" not in words(client.get(GUIDE))
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert "The test arrived" in words(client.get(GUIDE))
    client.post(STEP, {"step": "mail", "do": "keep"})
    assert state_of(nora, "mail") == "done"


def test_when_nothing_is_open_it_leads_to_the_summary(nora: User, client: Client) -> None:
    for step in STEPS[:-1]:
        marks.skip(step.key, by=nora, at=now())
    assert client.post(STEP, {"step": STEPS[-1].key, "do": "skip"}).url == SUMMARY


@pytest.mark.parametrize(
    "sent",
    [{}, {"step": "no such"}, {"step": "company"}, {"step": "company", "do": "x"}, {"step": "\x00", "do": "keep"},
     {"step": "x" * 5000, "do": "skip"}, {"step": "", "do": "keep"}],
)  # fmt: skip
def test_what_is_no_step_is_refused_in_words(client: Client, sent: dict[str, str]) -> None:
    answer = client.post(STEP, sent)
    assert answer.status_code == 400 and "This is nothing one does in the set-up." in words(answer)
    assert SetUpMark.objects.count() == 1


def test_two_admins_who_say_something_at_once_leave_one_word(nora: User) -> None:
    ada = invite(Said("Ada", "Example", "", "admin"), username="ada", by=nora, at=now())
    marks.skip("hours", by=nora, at=now())
    marks.keep("hours", by=ada, at=now())
    mark = SetUpMark.objects.get(step="hours")
    assert (mark.state, mark.by) == ("kept", ada)


def test_another_companys_set_up_is_its_own(nora: User, adam: User, page_as: Any) -> None:
    marks.keep("hours", by=nora, at=now())
    assert state_of(adam, "hours") == "open"
    assert "1 of 11 steps done." in words(page_as(adam).get(GUIDE)), "its people alone are there"


# --- the strip --------------------------------------------------------------------------------------


def test_the_strip_stands_above_every_page_while_one_is_led_and_is_gone_when_one_leaves(
    client: Client,
) -> None:
    client.get(GUIDE)
    assert "setup-strip" not in client.get("/settings/people/").content.decode(), "looking begins nothing"
    assert client.post(STEP, {"do": "go"}).url == "/settings/company/"
    for path in ("/settings/people/", "/settings/company/", "/gallery/", "/accounts/sessions/"):
        page = client.get(path).content.decode()
        assert page.count('class="setup-strip"') == 1 and page.count('class="setup-dots"') == 1, path
    assert client.post(STEP, {"do": "leave"}).url == "/"
    home = client.get("/")
    assert "setup-strip" not in home.content.decode() and "The set-up is not over" in words(home)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/settings/company/", "step 1 of 11: Company"),
        ("/settings/setup/hours/", "step 2 of 11: Desk hours"),
        ("/settings/calendar/", "step 2 of 11: Desk hours"),
        ("/settings/policy/general/", "step 4 of 11: Escalation rules"),
        ("/settings/billing-provider/", "step 5 of 11: Billing provider"),
        ("/settings/connections/ar-boost/", "step 7 of 11: AR Boost"),
        ("/payers/new/", "step 9 of 11: Payers"),
        ("/settings/mail/", "step 10 of 11: Mail"),
        ("/settings/people/", "step 11 of 11: People"),
        ("/settings/webhooks/", "0 of 11 done"),
    ],
)
def test_the_strip_knows_the_step_of_a_page(client: Client, path: str, said: str) -> None:
    client.post(STEP, {"do": "go"})
    strip = client.get(path).content.decode().partition('class="setup-strip"')[2].partition("</section>")[0]
    assert said in re.sub(r"<[^>]+>", "", strip)


def test_pages_whose_save_says_it_have_no_second_button_for_it(client: Client) -> None:
    client.post(STEP, {"do": "go"})
    for path in ("/settings/setup/hours/", "/settings/setup/holidays/"):
        assert 'value="keep"' not in client.get(path).content.decode().partition("<main")[0]
    assert 'value="keep"' in client.get("/settings/company/").content.decode().partition("<main")[0]


def test_nobody_but_an_admin_sees_the_strip(ana: User, page_as: Any) -> None:
    hers = page_as(ana)
    session = hers.session
    session["set_up_guided"] = True
    session.save()
    assert "setup-strip" not in hers.get("/").content.decode()


# --- the first page and the end ----------------------------------------------------------------------


def test_the_first_page_leads_on_until_the_set_up_is_over(nora: User, client: Client) -> None:
    assert "Go on with the set-up" in words(client.get("/"))
    assert client.post(SUMMARY).url == "/"
    assert SetUpMark.objects.get(step="").state == "finished"
    assert "Go on with the set-up" not in words(client.get("/"))
    assert client.get(GUIDE).status_code == 200, "its pages stay"


def test_a_company_of_before_is_not_led(adam: User, page_as: Any) -> None:
    assert "Go on with the set-up" not in words(page_as(adam).get("/"))


def test_a_new_company_is_told_everything_that_is_assumed_and_unknown(nora: User, client: Client) -> None:
    page = words(client.get(SUMMARY))
    for said in (
        "The desk is open Monday to Friday 09:00–18:00, by the clock of America/Denver.",
        "The guide names no hours; these are ours.",
        "closed on the federal holidays of the United States, and on no day of your own.",
        "The 20 types of tickets",
        "They are version 1.",
        "within 15 minutes.",
        "due again after 2 business days.",
        "automated deductible monitoring is off until it is switched on.",
        "the last 14 days before its filing deadline.",
        "Nothing leaves yet: there is neither a billing provider nor a clearinghouse.",
        "You bill ambulance trips.",
        "Where insurers write to for an itemized bill.",
        "Which write-off codes are common with you.",
        "What 2 articles of the guide say and 23 terms mean.",
        "Who works when.",
        "Whether AR Boost answers, and whether your agency is switched on there.",
        "Whether the clearinghouse lets you in.",
        "Who the supervisors are. Late tickets and alarms are told to nobody.",
        "Who the second admin is.",
        "Whether anybody backs up the database",
    ):
        assert said in page, said


def test_what_is_said_is_assumed_no_more(nora: User, client: Client, settings: Any) -> None:
    for step in ("company", "hours", "holidays"):
        marks.keep(step, by=nora, at=now())
    provide(nora)
    switch_on(nora.company)
    settings.CLEARINGHOUSE_URL = "file:///nowhere"
    summary = Summary(SetUp(nora, now()))
    said = said_in(summary.assumed)
    for gone in (
        "The desk is open",
        "federal holidays",
        "ambulance trips",
        "monitoring is off",
        "Nothing leaves",
    ):
        assert gone not in said, gone
    assert "The first night with a queued claim sends it." in said


def test_rules_and_settings_that_an_admin_looked_at_are_assumed_no_more(nora: User) -> None:
    before = said_in(Summary(SetUp(nora, now())).assumed)
    for step in ("rules", "monitoring"):
        marks.keep(step, by=nora, at=now())
    after = said_in(Summary(SetUp(nora, now())).assumed)
    for gone in ("The 20 types", "within 15 minutes", "monitoring is off"):
        assert gone in before and gone not in after, gone


def test_without_holidays_it_says_what_that_means(nora: User) -> None:
    from escalations.models import CalendarVersion
    from escalations.policies import put_in_force

    calendar = CalendarVersion.objects.get(company=nora.company)
    put_in_force(CalendarVersion, nora.company, {**calendar.data, "holidays": []}, by=nora, at=now())
    summary = Summary(SetUp(nora, now()))
    assert "No holidays are kept: tickets count every weekday that is open." in said_in(summary.assumed)
    assert [days for _, days in summary.closed_days] == [[], []]


def test_disarmed_sending_is_told_with_its_reason(nora: User) -> None:
    sending.disarm(nora.company, "Restored from Monday", by=nora, at=now())
    said = said_in(Summary(SetUp(nora, now())).assumed)
    assert "Nothing leaves: sending is disarmed. Restored from Monday. An admin arms it." in said


def test_every_sentence_that_names_a_place_leads_there(nora: User, client: Client) -> None:
    summary = Summary(SetUp(nora, now()))
    for line in (*summary.assumed, *summary.unknown):
        assert line.said.endswith(".") and line.follows.endswith("."), line
        assert not line.url or client.get(line.url).status_code == 200, line


def test_a_company_at_work_has_a_true_summary_too(adam: User, ana: User, acme: Company, page_as: Any) -> None:
    filed("supervisor", ana, PatientFactory(company=acme), now())
    assert page_as(adam).get(SUMMARY).status_code == 200 and SETTINGS and PROVIDER and BY_KEY
