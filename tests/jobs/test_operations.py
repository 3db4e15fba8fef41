"""What keeps a running Holdline honest: heartbeats, banners, doctor, tasks' traces, a broker that is gone."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from celery import signals
from django.core.cache import caches
from django.core.checks import run_checks
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone

from accounts.demo import PASSWORD
from accounts.models import User
from config import sweeping, tasks
from config.celery import Scheduler, still_here
from config.celery import app as celery_app
from config.watching import doctor, health, notices, tracing
from tests import factories
from work import heartbeats
from work.models import Heartbeat, Run

ROOT = Path(__file__).resolve().parents[2]
MORNING = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
"""A Wednesday in Chicago, nine hours after the night of the 19th was due."""
NIGHT = date(2026, 5, 19)
BOUND = 5.0
"""Seconds within which a page or a save must be there while the broker is not; a second is promised."""


@pytest.fixture(autouse=True)
def _nothing_remembered():
    caches["local"].clear()
    yield
    caches["local"].clear()


@pytest.fixture
def old_acme(acme):
    """A company that has been there for a month, with processes that live."""
    User.objects.filter(company=acme).update(date_joined=MORNING - timedelta(days=30))
    for kind in Heartbeat.Kind.values:
        heartbeats.record(kind, "one", at=MORNING)
    return acme


def ran(company, kind="check", night=NIGHT, state="done", **more):
    return Run.objects.create(
        company=company, kind=kind, target_date=night, state=state, created_at=MORNING, **more
    )


def titles(user, at=MORNING):
    caches["local"].clear()
    return [notice.title for notice in notices.notices_for(user, at)]


class TestHeartbeats:
    def test_each_process_has_one_row_however_often_it_speaks(self, db):
        for seconds in range(3):
            heartbeats.record("worker", "one", at=MORNING + timedelta(seconds=seconds))
        heartbeats.record("worker", "two", at=MORNING)
        assert Heartbeat.objects.count() == 2
        assert heartbeats.last_seen() == {"worker": MORNING + timedelta(seconds=2)}

    def test_ages_are_seconds_and_a_clock_behind_gives_none_below_zero(self, db):
        found = heartbeats.ages({"beat": MORNING + timedelta(seconds=9)}, MORNING)
        assert found == {"beat": 0, "worker": None, "sweep": None}

    def test_the_scheduler_speaks_for_itself_while_no_worker_runs(self, transactional_db):
        """Beat's age and the workers' must be told apart, or nobody knows which one to start."""
        scheduler = Scheduler(app=celery_app, schedule_filename=":memory:", lazy=True)
        scheduler.say_alive()
        assert set(heartbeats.last_seen()) == {"beat"}

    def test_a_sweep_leaves_its_own_sign_and_forgets_processes_long_gone(self, db):
        heartbeats.record("worker", "old", at=MORNING - timedelta(days=3))
        heartbeats.record("worker", "new", at=MORNING)
        heartbeats.record("beat", "last", at=MORNING - timedelta(days=3))
        sweeping.sweep(at=MORNING)
        names = set(Heartbeat.objects.values_list("name", flat=True))
        assert "old" not in names and {"new", "last"} <= names
        assert heartbeats.last_seen()["sweep"] >= MORNING

    def test_a_file_is_touched_for_health_checks(self, transactional_db, tmp_path, monkeypatch):
        monkeypatch.setenv("HEARTBEAT_FILE", str(tmp_path / "alive"))
        still_here("worker", "one")
        assert time.time() - (tmp_path / "alive").stat().st_mtime < 60


class TestBanners:
    def test_no_banner_while_every_night_ran(self, old_acme, adam):
        ran(old_acme), ran(old_acme, "submission")
        assert titles(adam) == []

    def test_a_night_that_did_not_run_is_told_with_the_way_to_start_it(self, old_acme, sue, page_as):
        with time_machine.travel(MORNING, tick=False):
            page = page_as(sue).get("/settings/runs/").content.decode()
            (first, *_) = notices.notices_for(sue)
        assert first.title == "Last night’s check and submission did not run."
        assert "03:00 UTC" in first.text and first.action == "Start it" and first.url == "/settings/runs/"
        assert first.title in page

    def test_a_biller_is_told_and_offered_what_a_biller_may(self, old_acme, ben):
        (first, *_) = notices.notices_for(ben, MORNING)
        assert first.action == "See the runs"

    def test_an_agent_is_not_troubled_with_it(self, old_acme, ana):
        assert titles(ana) == []

    def test_the_submission_has_its_own_banner(self, old_acme, sue):
        ran(old_acme)
        assert titles(sue) == ["Last night’s submission did not run."]

    def test_a_failed_night_is_told_at_once_and_a_late_one_after_its_hour(self, old_acme, sue):
        ran(old_acme, state="failed"), ran(old_acme, "submission")
        assert titles(sue) == ["Last night’s check failed."]
        Run.objects.filter(kind="check").update(state="running", started_at=MORNING - timedelta(hours=9))
        assert titles(sue) == ["Last night’s check has not finished."]

    def test_a_night_within_its_hour_of_grace_is_not_missed(self, old_acme, sue):
        ran(old_acme, night=NIGHT - timedelta(days=1)), ran(old_acme, "submission", NIGHT - timedelta(days=1))
        at = datetime(2026, 5, 20, 3, 40, tzinfo=UTC)
        assert titles(sue, at) == []
        assert titles(sue, at + timedelta(hours=1))[0] == "Last night’s check and submission did not run."

    def test_a_night_started_by_hand_mends_it(self, old_acme, sue):
        ran(old_acme, night=NIGHT + timedelta(days=1))
        assert titles(sue) == ["Last night’s submission did not run."]

    def test_a_new_company_has_missed_nothing_before_its_first_night(self, acme, adam):
        User.objects.filter(company=acme).update(date_joined=datetime(2026, 5, 20, 9, 0, tzinfo=UTC))
        for kind in Heartbeat.Kind.values:
            heartbeats.record(kind, "one", at=MORNING + timedelta(days=1))
        assert titles(adam) == []
        assert titles(adam, MORNING + timedelta(days=1)) == ["Last night’s check and submission did not run."]

    def test_another_companys_nights_say_nothing_here(self, old_acme, other, olga, adam):
        User.objects.filter(company=other).update(date_joined=MORNING - timedelta(days=30))
        ran(old_acme), ran(old_acme, "submission")
        assert titles(adam) == []
        assert titles(olga) == ["Last night’s check and submission did not run."]

    @pytest.mark.parametrize(
        ("kind", "title"), [("beat", "The scheduler is silent."), ("worker", "No worker answers.")]
    )
    def test_a_silent_process_is_told_to_who_can_mend_it(self, old_acme, adam, ben, kind, title):
        ran(old_acme), ran(old_acme, "submission")
        heartbeats.Heartbeat.objects.filter(kind=kind).update(seen_at=MORNING - timedelta(minutes=6))
        assert titles(adam) == [title] and titles(ben) == []
        assert "6 minutes ago" in notices.notices_for(adam, MORNING)[0].text

    def test_banners_cost_one_query_and_then_none_for_a_minute(
        self, old_acme, adam, django_assert_num_queries
    ):
        ran(old_acme), ran(old_acme, "submission")
        with time_machine.travel(MORNING, tick=False):
            with django_assert_num_queries(1):
                notices.notices_for(adam)
            with django_assert_num_queries(0):
                notices.notices_for(adam)
        later = MORNING + timedelta(seconds=61)
        with time_machine.travel(later, tick=False), django_assert_num_queries(1):
            notices.notices_for(adam)

    def test_a_mended_trouble_is_gone_within_seconds(self, old_acme, adam):
        with time_machine.travel(MORNING, tick=False):
            assert notices.notices_for(adam)
        ran(old_acme), ran(old_acme, "submission")
        with time_machine.travel(MORNING + timedelta(seconds=11), tick=False):
            assert notices.notices_for(adam) == []


class TestTasks:
    def test_a_task_carries_the_id_of_the_request_that_set_it_off(self, db, client, monkeypatch):
        headers = {}
        monkeypatch.setattr(health, "waiting_migrations", lambda: tracing._publishing(headers=headers) or [])
        answered = client.get("/readyz").headers["X-Request-ID"]
        assert headers == {"request_id": answered}

    def test_a_task_leaves_one_line_and_a_failed_one_none_of_its_words(self, db, caplog, monkeypatch):
        tracing.connect_tasks()
        caplog.set_level("INFO")

        def fail(*, at):
            raise LookupError("Zzyzxcanary")

        monkeypatch.setattr(tasks, "sweep_now", fail)
        task = celery_app.tasks["config.sweep"]
        task.apply(task_id="0123456789abcdef0123456789abcdef")
        signals.task_failure.disconnect(tracing._task_failed)
        rows = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
        finished = next(row for row in rows if row["event"] == "task_finished")
        assert finished["task"] == "config.sweep" and finished["state"] == "FAILURE"
        assert finished["request_id"] == "0123456789abcdef0123456789abcdef"
        failed = next(row for row in rows if row["event"] == "task_failed")
        assert isinstance(failed["exc_info"], LookupError), "told by type when it is written"


class TestDemoPassword:
    @pytest.fixture
    def mallory(self, ana):
        ana.username = "mallory"
        ana.set_password(PASSWORD)
        ana.save()
        return ana

    def test_the_deploy_check_names_any_account_with_it(self, mallory, ben):
        with override_settings(PRODUCTION=True):
            found = run_checks(tags=["database"], include_deployment_checks=True, databases=["default"])
        (error,) = [each for each in found if each.id == "holdline.E010"]
        assert str(mallory.pk) in error.msg and "mallory" not in error.msg and error.hint

    def test_nobody_signs_in_with_it_outside_the_demo(self, client, mallory):
        answer = {"login": "mallory", "password": PASSWORD}
        with override_settings(PRODUCTION=True):
            assert client.post("/accounts/login/", answer).status_code == 200
            assert "_auth_user_id" not in client.session
        assert client.post("/accounts/login/", answer).status_code == 302


def _examined():
    said = StringIO()
    try:
        call_command("doctor", "--json", stdout=said)
        code = 0
    except SystemExit as ended:
        code = ended.code
    return code, {row["check"]: row for row in json.loads(said.getvalue())}


class TestDoctor:
    @pytest.fixture
    def sound(self, old_acme):
        for kind in Heartbeat.Kind.values:
            heartbeats.record(kind, "one", at=timezone.now())
        User.objects.update(date_joined=timezone.now())

    def test_a_sound_machine_has_nothing_wrong(self, sound):
        code, found = _examined()
        assert {row["level"] for row in found.values()} <= {"sound", "doubtful"}, found
        assert code == 0
        wanted = {"Python", "settings", "database", "clock", "migrations", "extensions", "company keys"}
        wanted |= {"triggers", "beat", "worker", "sweep", "nights", "broker", "static files", "disk", "mail"}
        assert wanted <= found.keys()

    def test_a_broker_that_is_down_is_wrong_with_its_mend_and_the_rest_goes_on(self, sound):
        with override_settings(REDIS_URL=_nowhere()):
            code, found = _examined()
        assert code == 1 and found["broker"]["level"] == "wrong" and "REDIS_URL" in found["broker"]["mend"]
        assert found["disk"]["level"] == "sound" and found["migrations"]["level"] == "sound"

    def test_a_waiting_migration_is_named(self, sound, monkeypatch):
        more = frozenset({("work", "9999_new"), *health.known_migrations()})
        monkeypatch.setattr(health, "known_migrations", lambda: more)
        code, found = _examined()
        assert code == 1 and "work.9999_new" in found["migrations"]["said"]
        assert found["migrations"]["mend"] == "Run: manage.py migrate"

    def test_a_missing_company_key_is_found(self, sound):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE escalations_ticket DROP CONSTRAINT escalations_ticket_patient_id_company"
            )
        code, found = _examined()
        assert code == 1 and "escalations_ticket.patient_id" in found["company keys"]["said"]

    def test_two_schedulers_are_doubted(self, sound):
        heartbeats.record("beat", "two", at=timezone.now())
        _, found = _examined()
        assert found["beat"]["level"] == "doubtful" and "2 schedulers" in found["beat"]["said"]

    def test_a_missed_night_and_an_unknown_zone_are_told_by_id_and_key(self, sound, acme):
        User.objects.update(date_joined=timezone.now() - timedelta(days=9))
        _, found = _examined()
        assert found["nights"]["level"] == "wrong" and "did not run" in found["nights"]["said"]
        acme.time_zone = "Mars/Olympus"
        acme.save()
        code, found = _examined()
        assert code == 1 and acme.key in found["time zones"]["said"]

    def test_a_database_that_is_down_is_said_and_the_rest_goes_on(self, tmp_path):
        """In a process of its own, whose database answers nowhere and whose address holds a password."""
        env = _demo_env(tmp_path) | {"DATABASE_URL": "postgres://holdline:hunter2@127.0.0.1:1/holdline"}
        done = subprocess.run(
            [sys.executable, "manage.py", "doctor"],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 1 and "✗ database: the database does not answer" in done.stdout
        assert "! migrations: was not looked at" in done.stdout and "✓ disk" in done.stdout
        assert "hunter2" not in done.stdout + done.stderr and "Traceback" not in done.stderr

    def test_nothing_it_says_repeats_a_secret(self, sound, settings):
        settings.ARBOOST_TOKEN = "token-canary"
        said = StringIO()
        call_command("doctor", stdout=said)
        assert settings.SECRET_KEY not in said.getvalue() and "token-canary" not in said.getvalue()


class TestWithoutBroker:
    """Every page answers and a save takes no more than a second longer (measured; the bound is generous)."""

    @pytest.fixture(params=["stopped", "hung"])
    def no_broker(self, request, monkeypatch):
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        if request.param == "stopped":
            listener.close()
        url = f"redis://127.0.0.1:{port}/0"
        monkeypatch.setattr(celery_app.conf, "broker_url", url)
        celery_app.amqp._producer_pool = None
        with override_settings(REDIS_URL=url, CELERY_BROKER_URL=url):
            yield url
        listener.close()
        celery_app.amqp._producer_pool = None

    @pytest.mark.parametrize(
        ("who", "path"),
        [
            ("ana", "/escalations/"),
            ("ana", "/escalations/new/"),
            ("ben", "/claims/"),
            ("ben", "/claims/hold-for-deductible/"),
            ("sue", "/"),
            ("adam", "/settings/runs/"),
            ("adam", "/settings/deductible-monitoring/"),
            ("ana", "/livez"),
            ("ana", "/readyz"),
        ],
    )
    def test_every_page_answers(self, no_broker, cast, page_as, who, path):
        began = time.monotonic()
        answer = page_as(cast[who]).get(path, follow=True)
        assert answer.status_code == 200, path
        assert time.monotonic() - began < BOUND

    def test_a_ticket_is_saved(self, no_broker, ana, acme, api):
        patient = factories.PatientFactory(company=acme)
        filing = {
            "type": "itemized-bill",
            "channel": "phone",
            "caller": "patient",
            "patient": patient.pk,
            "answers": {"recipient": "patient", "account_status": "paid"},
        }
        began = time.monotonic()
        answer = api(ana).post("/api/v1/escalations/", filing)
        assert answer.status_code == 201, answer.json()
        assert time.monotonic() - began < BOUND

    def test_publishing_gives_up_within_the_bound(self, no_broker):
        """What a request would wait at worst, were it to ring the doorbell itself."""
        began = time.monotonic()
        with pytest.raises(Exception):  # noqa: B017, PT011  whatever the transport calls it
            celery_app.tasks["config.sweep"].apply_async()
        assert time.monotonic() - began < BOUND


def _nowhere() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def _demo_env(folder: Path) -> dict[str, str]:
    import os

    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"DEMO": "1", "REDIS_URL": _nowhere(), "VAR_DIR": str(folder), "STATIC_MANIFEST": "0"}


def test_every_doctors_mark_has_its_word():
    rows = doctor.as_rows([doctor.Finding("a", mark, "b") for mark in ("✓", "!", "✗")])
    assert [row["level"] for row in rows] == ["sound", "doubtful", "wrong"]
