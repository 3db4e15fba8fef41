"""Runs: the list with its filters, a night under way, what it set aside, and starting it again."""

from __future__ import annotations

import csv
import re
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.audit import acting
from config.celery import app
from deductibles import night_words, nightly, starting
from deductibles.models import PayerTrouble
from tests.api.claim_bodies import TODAY
from tests.claim_line import fresh, noon
from tests.factories import PayerFactory
from work.models import Run

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db(transaction=True)

URL = "/settings/runs/"
NOW = datetime.now(UTC)


def make(company, *, days_ago=1, kind="check", by=None, **values):
    """A run as the nights leave it behind; done unless told."""
    night = TODAY - timedelta(days=days_ago)
    facts = {"state": "done", "started_at": NOW, "finished_at": NOW, **values}
    with acting(by, f"start nightly {kind}"):
        return Run.objects.create(company=company, kind=kind, target_date=night, created_at=NOW, **facts)


def shown(client, query=""):
    """The list's rows as text."""
    page = client.get(f"{URL}{query}").content.decode()
    body = page.split("<tbody", 1)[1].split("</tbody>")[0] if "<tbody" in page else ""
    return [re.sub(r"<[^>]+>|\s+", " ", row) for row in body.split("<tr")[1:]]


def test_a_check_says_how_many_due_checks_were_answered_and_what_becomes_of_the_others(page_as, sue, acme):
    """Completeness, D-CHK-7."""
    make(acme, due=430, asked=430, answered=412)
    page = page_as(sue).get(URL).content.decode()
    assert "412 of 430 checks due on" in page
    assert "the other 18 are asked again tonight" in page
    assert "Done, 18 unanswered" in page


def test_the_list_is_filtered_by_kind_state_and_trouble(page_as, sue, acme):
    make(acme, days_ago=1, due=5, answered=5)
    make(acme, days_ago=2, due=5, answered=4)
    make(acme, days_ago=3, kind="submission", submitted=7)
    make(acme, days_ago=4, state="failed", failures=[{"claim": None, "why": "It stopped."}])
    client = page_as(sue)
    assert len(shown(client)) == 4
    assert [("7" in row, "Submission" in row) for row in shown(client, "?kind=submission")] == [(True, True)]
    assert ["Failed" in row for row in shown(client, "?state=failed")] == [True]
    assert len(shown(client, "?trouble=yes")) == 2
    assert len(shown(client, "?state=nonsense")) == 4


def test_the_newest_night_comes_first_whichever_was_asked_for_last(page_as, sue, acme):
    make(acme, days_ago=1)
    make(acme, days_ago=9)
    first, second = shown(page_as(sue))
    assert f"{TODAY - timedelta(days=1):%-d %b}" in first
    assert f"{TODAY - timedelta(days=9):%-d %b}" in second


def test_a_night_of_another_year_names_it(page_as, sue, acme):
    run = make(acme)
    Run.objects.filter(pk=run.pk).update(target_date=date(2024, 12, 30))
    assert "Mon 30 Dec 2024" in shown(page_as(sue))[0]


def test_who_started_a_night_is_told_from_the_audit(page_as, sue, acme):
    make(acme, days_ago=1)
    by_hand = make(acme, days_ago=2, by=sue)
    itself, person = shown(page_as(sue))
    assert "by itself" in itself
    assert "by sue" in person
    assert "by sue" in page_as(sue).get(f"{URL}{by_hand.pk}/").content.decode()


def test_the_file_of_the_list_has_dates_and_numbers_as_a_spreadsheet_reads_them(page_as, sue, acme):
    make(acme, due=1430, answered=1412)
    sent = page_as(sue).post("/tables/runs/export/")
    assert sent.status_code == 200
    text = b"".join(sent) if sent.streaming else sent.content
    rows = list(csv.reader(StringIO(text.decode("utf-8-sig"))))
    assert rows[1][0] == (TODAY - timedelta(days=1)).isoformat()
    assert "1412 of 1430" in rows[1]


def test_a_night_under_way_says_how_far_it_has_come_and_looks_by_itself(page_as, sue, acme):
    run = make(
        acme, days_ago=0, state="running", finished_at=None, due=140_000, asked=118_000, answered=117_480
    )
    client = page_as(sue)
    for path in (URL, f"{URL}{run.pk}/"):
        page = client.get(path).content.decode()
        assert "118,000 of 140,000 asked, 117,480 answered" in page
        assert '<progress class="night-progress" value="118000" max="140000"' in page
        assert 'hx-trigger="every' in page
        assert "Holdline-Background" in page, "it must not keep the session alive"
    assert ">Look again</a>" in client.get(f"{URL}{run.pk}/").content.decode(), "also without a script"


def test_a_night_that_is_over_is_not_looked_at_again(page_as, sue, acme):
    run = make(acme, due=3, answered=3)
    for path in (URL, f"{URL}{run.pk}/"):
        page = page_as(sue).get(path).content.decode()
        assert "hx-trigger" not in page.split("<main")[1].split("</main>")[0]


def test_outages_are_told_once_and_claims_one_by_one_with_their_link(page_as, sue, ben, adam, line):
    """D-CHK-9."""
    claim = line.enter()
    failures = [
        {
            "claim": None,
            "why": "AR Boost did not answer in time. 18 claims not answered; asked again tomorrow.",
        },
        {"claim": claim.number, "why": "It could not be checked (ValueError)."},
    ]
    run = make(line.company, due=430, answered=412, failures=failures)
    for person in (sue, ben):
        page = page_as(person).get(f"{URL}{run.pk}/").content.decode()
        assert page.count("18 claims not answered") == 1
        assert f'<a href="/claims/{claim.number}/">{claim.number}</a>' in page
        assert "It could not be checked (ValueError)." in page
    page = page_as(adam).get(f"{URL}{run.pk}/").content.decode()
    assert claim.number in page
    assert f"/claims/{claim.number}/" not in page, "an admin opens no claims"
    assert page_as(ben).get(f"/claims/{claim.number}/").status_code == 200


def test_the_same_night_started_again_says_what_that_does_and_asks_nobody_twice(page_as, sue, line):
    """D-CHK-6."""
    hold = line.held(day=TODAY - timedelta(days=7), served=TODAY - timedelta(days=9))
    client = page_as(sue)
    client.post(URL, {"kind": "check", "target_date": ""})
    run = Run.objects.get()
    page = client.get(f"{URL}{run.pk}/").content.decode()
    assert "asks nobody twice" in page
    again = client.post(URL, {"kind": "check", "target_date": run.target_date.isoformat()}, follow=True)
    assert again.redirect_chain[-1][0] == f"{URL}{run.pk}/"
    assert len(line.asked(hold)) == 1


def test_a_failed_night_offers_to_go_on_where_it_stopped(page_as, sue, ben, acme):
    run = make(acme, state="failed", failures=[{"claim": None, "why": "The run stopped unexpectedly."}])
    page = page_as(sue).get(f"{URL}{run.pk}/").content.decode()
    assert "Try again now" in page
    assert "The run stopped unexpectedly." in page
    read = page_as(ben).get(f"{URL}{run.pk}/").content.decode()
    assert "Try again now" not in read
    assert "A supervisor or an admin starts nights." in read


def test_what_a_night_left_open_can_be_asked_now_by_todays_check(page_as, sue, line):
    """D-CHK-7: an unanswered question does not use up its date, and the next night asks it."""
    hold = line.held(day=TODAY - timedelta(days=8), served=TODAY - timedelta(days=9))
    line.says(hold, outcome="unavailable")
    run = line.check(TODAY - timedelta(days=1))
    client = page_as(sue)
    page = client.get(f"{URL}{run.pk}/").content.decode()
    assert "The one without an answer is asked again by the next night" in page
    assert "Ask now: start the check of" in page
    line.now_remaining(hold, "0.00")
    client.post(URL, {"kind": "check", "target_date": TODAY.isoformat()})
    assert fresh(hold).reason == "Deductible met"
    assert "Ask now" not in client.get(f"{URL}{run.pk}/").content.decode()


@pytest.fixture
def rung(monkeypatch):
    """What the broker was told, by the tasks that a worker would know by those names."""
    app.loader.import_default_modules()
    heard = []
    monkeypatch.setattr(app, "send_task", lambda name, args=(), **_: heard.append((app.tasks[name], args)))
    return heard


def test_a_large_night_waits_for_a_worker_who_runs_it_whole(page_as, api, sue, line, monkeypatch, rung):
    monkeypatch.setattr(starting, "MOST_AT_ONCE", 1)
    holds = [line.held(day=TODAY - timedelta(days=7), served=TODAY - timedelta(days=9)) for _ in range(2)]
    answer = page_as(sue).post(URL, {"kind": "check", "target_date": ""}, follow=True).content.decode()
    run = Run.objects.get()
    assert run.state == "waiting"
    assert "waits for a worker" in answer
    assert api(sue).post("/api/v1/nightly-runs/", {"kind": "check"}).status_code == 202
    (task, args), *again = rung
    task(*args)
    run.refresh_from_db()
    assert (run.state, run.due, run.answered) == ("done", 2, 2)
    assert api(sue).post("/api/v1/nightly-runs/", {"kind": "check"}).status_code == 200
    for task, args in again:
        task(*args)
    assert [len(line.asked(hold)) for hold in holds] == [1, 1]


def test_a_night_nobody_took_up_is_taken_up_by_the_sweep(line, sue, monkeypatch):
    """I10: the doorbell was not heard."""

    def dead(*args, **more):
        raise OperationalError("nobody listens")

    monkeypatch.setattr(starting, "MOST_AT_ONCE", 0)
    monkeypatch.setattr(app, "send_task", dead)
    line.held(day=TODAY - timedelta(days=7), served=TODAY - timedelta(days=9))
    run = starting.start(line.company, "check", TODAY, by=sue, at=timezone.now())
    assert run.state == "waiting"
    nightly.catch_up(at=timezone.now())
    run.refresh_from_db()
    assert run.state == "done"


def test_a_night_says_when_it_ended_and_how_long_it_took(page_as, sue, acme):
    began = NOW - timedelta(minutes=6, seconds=20)
    run = make(acme, started_at=began, finished_at=NOW)
    assert "6 min 20 s" in page_as(sue).get(f"{URL}{run.pk}/").content.decode()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "under 1 s"), (59, "59 s"), (60, "1 min"), (200, "3 min 20 s"), (3600, "1 h"), (7500, "2 h 5 min")],
)
def test_a_length_of_time_is_said_as_people_say_it(seconds, words):
    assert night_words.span(timedelta(seconds=seconds)) == words


def test_a_payer_in_trouble_is_told_with_the_way_to_mend_it_for_those_who_may(page_as, adam, ben, bo, acme):
    """One alert for a set-up reject."""
    payer = PayerFactory(company=acme, name="Northline Blue")
    facts = {"company": acme, "payer": payer, "kind": "setup", "code": "43", "count": 214}
    trouble = PayerTrouble.objects.create(**facts, began_at=NOW, last_at=NOW)
    page = page_as(adam).get(URL).content.decode()
    assert "Northline Blue does not know the provider’s NPI (code 43)." in page
    assert "214 answers so far" in page
    assert 'href="/settings/billing-provider/">Open Billing provider' in page
    read = page_as(ben).get(URL).content.decode()
    assert "Northline Blue does not know" in read
    assert "Open Billing provider" not in read
    assert "Northline Blue" not in page_as(bo).get(URL).content.decode()
    PayerTrouble.objects.filter(pk=trouble.pk).update(ended_at=NOW)
    # An admin's banner is remembered for a few seconds; the alerts of the page are not.
    assert "Northline Blue" not in page_as(ben).get(URL).content.decode()


def test_a_night_with_nothing_due_does_not_say_nought_of_nought(page_as, sue, acme):
    make(acme)
    assert "No check was due on" in page_as(sue).get(URL).content.decode()


def test_a_quick_night_ends_at_the_moment_it_was_started_at(line):
    """Whole seconds are counted from there, whatever the clock of the machine says."""
    run = line.check(TODAY)
    assert run.finished_at == noon(TODAY)
