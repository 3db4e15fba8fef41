"""Each step of the sweep is written down; one that fails keeps no other waiting, and what is late is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery import current_app
from django.core.management import call_command

from config import sweeping
from config.sweeping import STEPS, sweep
from config.watching import doctor, notices
from config.watching.routines import Does, judged
from tests import background as made
from work import heartbeats
from work.background import routines
from work.background.standing import long_words
from work.models import Heartbeat, Routine
from work.tasks import BELL, send_webhooks

pytestmark = pytest.mark.django_db
AT = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CLOCKS, NIGHTS, ARRIVALS = "clocks", "nights", "arrivals"


class Killed(BaseException):
    """The worker is gone."""


def broken(monkeypatch: pytest.MonkeyPatch, name: str, error: BaseException) -> None:
    """Let one of the sweep's works raise."""

    def fails(**_: Any) -> None:
        raise error

    monkeypatch.setattr(sweeping, name, fails)


def row(key: str) -> Routine:
    return Routine.objects.get(name=key)


def told(now: datetime, key: str) -> Any:
    found = judged({one.name: one for one in Routine.objects.all()}, heartbeats.last_seen(), now)
    return next(one for one in found if one.step.key == key)


class TestASweep:
    def test_writes_down_every_step_with_what_it_did(self, cast: Any) -> None:
        did = sweep(at=AT)
        assert set(Routine.objects.values_list("name", flat=True)) == {step.key for step in STEPS}
        assert all(one.ended_at and one.ended_at >= one.began_at >= AT for one in Routine.objects.all())
        assert row(NIGHTS).did == did["nights"] == 2, "the newest check of each company"
        assert {"breaches", "warnings", "climbed", "proposals", "delivered"} <= did.keys()

    def test_gives_each_step_the_moment_at_which_it_is_begun(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = iter(range(0, 900, 9))
        monkeypatch.setattr(sweeping, "monotonic", lambda: next(clock))
        sweep(at=AT)
        begun = [row(step.key).began_at for step in STEPS]
        assert begun == sorted(begun) and len(set(begun)) == len(begun)

    def test_that_fails_at_one_step_does_the_others_and_says_so(
        self, monkeypatch: pytest.MonkeyPatch, caplog: Any
    ) -> None:
        broken(monkeypatch, "watch_clocks", LookupError("Zzyzxcanary"))
        with pytest.raises(LookupError):
            sweep(at=AT)
        assert Routine.objects.exclude(ended_at=None).count() == len(STEPS) - 1
        failed = row(CLOCKS)
        assert (failed.failure, failed.ended_at) == ("LookupError", None)
        since = failed.failing_since
        assert since is not None and since - AT < MINUTE
        assert heartbeats.last_seen() == {}, "a sweep that failed leaves no sign of life"
        with pytest.raises(LookupError):
            sweep(at=AT + 9 * MINUTE)
        assert row(CLOCKS).failing_since == since, "since the first time"
        assert "Zzyzxcanary" not in repr(list(Routine.objects.values()))

    def test_that_goes_well_again_forgets_the_failure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as patched:
            broken(patched, "watch_clocks", LookupError())
            with pytest.raises(LookupError):
                sweep(at=AT)
        sweep(at=AT + MINUTE)
        assert (row(CLOCKS).failure, row(CLOCKS).failing_since) == ("", None)
        assert heartbeats.last_seen().keys() == {"sweep"}

    def test_whose_worker_dies_shows_at_which_step(self, monkeypatch: pytest.MonkeyPatch) -> None:
        broken(monkeypatch, "watch_clocks", Killed())
        with pytest.raises(Killed):
            sweep(at=AT)
        made.alive(AT + 7 * MINUTE, "beat", "worker")
        found = told(AT + 7 * MINUTE, CLOCKS)
        assert found.does == Does.LATE and "began 7 minutes ago and has not ended" in found.why
        later = told(AT + 7 * MINUTE, ARRIVALS)
        assert later.does == Does.LATE and later.why == (
            "The sweep has been at “Due dates” for 7 minutes; this waits for it."
        )

    def test_command_says_what_it_did(self, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("sweep")
        assert "nights looked at" in capsys.readouterr().out


class TestAStep:
    @pytest.fixture
    def swept(self) -> datetime:
        sweep(at=AT)
        made.alive(AT, "beat", "worker")
        return AT

    @pytest.mark.parametrize(("minutes", "does"), [(0, Does.WELL), (4, Does.WELL), (6, Does.LATE)])
    def test_is_late_after_five_minutes(self, swept: datetime, minutes: int, does: Does) -> None:
        now = swept + minutes * MINUTE + timedelta(seconds=9)
        made.alive(now, "beat", "worker")
        assert told(now, CLOCKS).does == does

    def test_that_is_late_says_which_process_is_silent(self, swept: datetime) -> None:
        now = swept + 20 * MINUTE
        assert "celery -A config worker" in told(now, CLOCKS).why
        made.alive(now, "worker")
        assert "celery -A config beat" in told(now, CLOCKS).why
        made.alive(now, "beat")
        assert "manage.py sweep" in told(now, CLOCKS).why

    def test_that_is_new_is_not_late_while_the_sweep_comes_to_its_end(self, swept: datetime) -> None:
        Routine.objects.filter(name=CLOCKS).delete()
        assert told(swept + MINUTE, CLOCKS).does == Does.NEVER
        made.alive(swept + 9 * MINUTE, "beat", "worker")
        assert told(swept + 9 * MINUTE, CLOCKS).does == Does.LATE

    def test_that_is_being_done_is_said(self, swept: datetime) -> None:
        Routine.objects.filter(name=CLOCKS).update(began_at=swept + 8 * MINUTE)
        assert told(swept + 9 * MINUTE, CLOCKS).does == Does.NOW

    def test_that_fails_says_since_when_and_where_to_look(self, swept: datetime) -> None:
        Routine.objects.filter(name=CLOCKS).update(failing_since=swept, failure="LookupError")
        found = told(swept + 30 * MINUTE, CLOCKS)
        assert found.does == Does.FAILS
        assert "It has failed for 30 minutes (LookupError)." in found.why and "sweep_step_failed" in found.why


class TestTheBellOfWebhooks:
    def test_is_written_down_once_a_minute_while_it_has_nothing_to_do(
        self, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
    ) -> None:
        routines.done(BELL, lambda: 0, at=AT, often=True)
        with django_assert_num_queries(1):
            routines.done(BELL, lambda: 0, at=AT + timedelta(seconds=5), often=True)
        assert row(BELL).began_at == AT
        routines.done(BELL, lambda: 3, at=AT + timedelta(seconds=10), often=True)
        assert row(BELL).did == 3
        routines.done(BELL, lambda: 0, at=AT + 2 * MINUTE, often=True)
        assert (row(BELL).began_at, row(BELL).did) == (AT + 2 * MINUTE, 0)

    def test_that_fails_is_written_down_at_once(self) -> None:
        routines.done(BELL, lambda: 0, at=AT, often=True)

        def fails() -> int:
            raise LookupError

        with pytest.raises(LookupError):
            routines.done(BELL, fails, at=AT + timedelta(seconds=5), often=True)
        assert row(BELL).failure == "LookupError"

    def test_is_rung_by_the_task(self) -> None:
        current_app.loader.import_default_modules()
        send_webhooks()
        assert row(BELL).ended_at is not None


class TestWhoIsTold:
    def titles(self, user: Any, now: datetime) -> list[str]:
        notices.caches["local"].clear()
        return [one.title for one in notices.notices_for(user, now)]

    def test_a_sweep_that_does_not_end_has_a_banner_with_the_way_to_its_step(
        self, adam: Any, ben: Any, sue: Any
    ) -> None:
        made.alive(AT)
        made.alive(AT + 9 * MINUTE, "beat", "worker")
        type(adam).objects.update(date_joined=AT - timedelta(hours=1))
        now = AT + 9 * MINUTE
        for person in (adam, sue):
            assert self.titles(person, now) == ["The minute’s sweep does not come to its end."]
        (banner,) = notices.notices_for(adam, now)
        assert banner.url == "/settings/runs/by-itself/" and "It last did 9 minutes ago" in banner.text
        assert self.titles(ben, now) == []

    def test_a_silent_process_says_enough(self, adam: Any) -> None:
        made.alive(AT)
        type(adam).objects.update(date_joined=AT - timedelta(hours=1))
        made.alive(AT + 9 * MINUTE, "worker")
        assert self.titles(adam, AT + 9 * MINUTE) == ["The scheduler is silent."]

    def test_the_doctor_names_the_step_and_its_mend(self) -> None:
        sweep(at=AT)
        made.alive(AT + MINUTE, "beat", "worker")
        look = doctor.Doctor(AT + MINUTE)
        (sound,) = look._routines()
        assert sound.level == doctor.SOUND
        Routine.objects.filter(name=CLOCKS).update(failing_since=AT, failure="LookupError")
        (wrong,) = look._routines()
        assert wrong.level == doctor.WRONG and "Due dates" in wrong.said and "task_failed" in wrong.mend
        Heartbeat.objects.filter(kind="beat").delete()
        (silent,) = look._routines()
        assert silent.level == doctor.DOUBTFUL

    def test_the_metrics_have_each_steps_age_and_failure(self, client: Any, settings: Any) -> None:
        settings.METRICS_TOKEN = "a-token-for-a-test"  # noqa: S105
        sweep(at=datetime.now(UTC))
        Routine.objects.filter(name=CLOCKS).update(failing_since=AT, failure="LookupError")
        page = client.get("/metrics", headers={"Authorization": "Bearer a-token-for-a-test"}).content.decode()
        assert 'holdline_routine_failing{routine="clocks"} 1.0' in page
        assert 'holdline_routine_failing{routine="nights"} 0.0' in page
        assert 'holdline_routine_age_seconds{routine="nights"}' in page


@pytest.mark.parametrize(
    ("length", "words"),
    [(0, "0 minutes"), (60, "1 minute"), (119 * 60, "119 minutes"), (7200, "2 hours"), (200_000, "2 days")],
)
def test_a_long_time_is_said_in_whole_words(length: int, words: str) -> None:
    assert long_words(timedelta(seconds=length)) == words
