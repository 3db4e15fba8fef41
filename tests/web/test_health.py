"""/livez, /readyz, /metrics, and the line every request leaves: useful, bounded, and silent about patients."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from config.watching import health
from tests.factories import PatientFactory
from work import heartbeats, outbox
from work.models import Run

NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
CANARY = "Zzyzxcanary"
BOUND = 5.0
"""Seconds; far more than the second promised, so that a busy machine does not fail the test, and far less than
a hung broker would take without a bound."""


@contextmanager
def hung_broker() -> Iterator[str]:
    """A socket that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def stopped_broker() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def test_livez_asks_nothing_of_the_database(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        assert client.get("/livez").content == b"ok"


def test_a_probe_with_a_session_cookie_asks_the_database_no_more(page_as, ana, django_assert_num_queries):
    signed_in = page_as(ana)
    with django_assert_num_queries(0):
        assert signed_in.get("/livez").content == b"ok"


def test_readyz_tells_how_the_work_goes(client, acme):
    now = timezone.now()
    heartbeats.record("beat", "one", at=now - timedelta(seconds=40))
    heartbeats.record("worker", "one", at=now - timedelta(seconds=10))
    outbox.post(acme.pk, "test", {}, at=now - timedelta(seconds=90))
    Run.objects.create(company=acme, kind="check", target_date="2026-05-19", state="done", created_at=now)
    found = client.get("/readyz")
    facts = found.json()
    assert found.status_code == 200 and facts["ready"] is True and facts["broker"] in {"answers", "slow"}
    assert 40 <= facts["beat_age_seconds"] < 60 and 10 <= facts["worker_age_seconds"] < 30
    assert facts["sweep_age_seconds"] is None, "nobody swept yet"
    assert 90 <= facts["outbox_oldest_due_seconds"] < 120
    assert facts["nights"]["check"]["last_done"] == "2026-05-19"
    assert facts["nights"]["submission"] == {"last_done": None, "companies_behind": 0}


def test_readyz_says_nothing_about_anybody(client, acme):
    PatientFactory(company=acme, last_name=CANARY)
    said = client.get("/readyz").content.decode()
    assert CANARY not in said and acme.key not in said and acme.name not in said


def test_a_migration_that_waits_makes_it_not_ready(client, db, monkeypatch):
    more = frozenset({("work", "9999_not_applied"), *health.known_migrations()})
    monkeypatch.setattr(health, "known_migrations", lambda: more)
    found = client.get("/readyz")
    assert found.status_code == 503 and found.json()["migrations_waiting"] == 1


def test_a_broker_that_is_stopped_or_hangs_is_told_within_a_bound_and_never_a_503(client, db):
    with hung_broker() as hung:
        for url in (stopped_broker(), hung):
            began = time.monotonic()
            with override_settings(REDIS_URL=url):
                found = client.get("/readyz")
            assert found.status_code == 200 and found.json()["broker"] == "does not answer"
            assert time.monotonic() - began < BOUND


def test_processes_long_silent_are_told_and_never_a_503(client, db):
    heartbeats.record("beat", "one", at=timezone.now() - timedelta(days=2))
    found = client.get("/readyz")
    assert found.status_code == 200 and found.json()["beat_age_seconds"] >= 2 * 86_400


class TestMetrics:
    def scrape(self, client, **headers):
        return client.get("/metrics", headers=headers)

    def test_production_lets_nobody_in_without_the_token(self, client, db):
        with override_settings(PRODUCTION=True, METRICS_TOKEN=""):
            assert self.scrape(client).status_code == 403
        with override_settings(PRODUCTION=True, METRICS_TOKEN="right"):
            assert self.scrape(client).status_code == 403
            assert self.scrape(client, authorization="Bearer wrong").status_code == 403
            assert self.scrape(client, authorization="Bearer \udcff").status_code == 403
            assert self.scrape(client, authorization="Bearer right").status_code == 200

    def test_the_demo_lets_its_own_network_in_and_no_other(self, client, db):
        assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 200
        for stranger in ("8.8.8.8", "", "not an address"):
            assert client.get("/metrics", REMOTE_ADDR=stranger).status_code == 403

    def test_requests_are_counted_by_route_and_never_by_address(self, page_as, ana, acme):
        patient = PatientFactory(company=acme, last_name=CANARY)
        browser = page_as(ana)
        browser.get(f"/patients/{patient.pk}/?q={CANARY}")
        browser.get(f"/{CANARY}/")
        browser.generic(CANARY.upper(), "/livez")
        said = self.scrape(browser).content.decode()
        assert re.search(
            r'holdline_requests_total\{method="GET",route="/patients/<\w+:\w+>/",status="200"\}', said
        )
        assert 'route="none"' in said and 'method="OTHER"' in said
        assert CANARY.lower() not in said.lower()

    def test_the_state_of_the_work_is_measured(self, client, acme):
        heartbeats.record("worker", "one", at=timezone.now() - timedelta(seconds=30))
        outbox.post(acme.pk, "test", {}, at=timezone.now() - timedelta(seconds=60))
        said = self.scrape(client).content.decode()
        age = re.search(r'holdline_heartbeat_age_seconds\{kind="worker"\} (\d+)', said)
        assert age and int(age[1]) >= 30
        assert "holdline_outbox_waiting 1.0" in said and "holdline_database_up 1.0" in said
        assert 'holdline_nights_behind{kind="check"} 0.0' in said
        assert 'holdline_heartbeat_age_seconds{kind="beat"}' not in said, "never seen is absent, not zero"

    def test_no_label_names_a_person_or_a_company(self, client, cast, acme):
        said = self.scrape(client).content.decode()
        labels = set(re.findall(r"[{,](\w+)=", said))
        assert labels <= {"method", "route", "status", "kind", "le"}
        assert acme.key not in re.findall(r'"([^"]*)"', said)


class TestTracing:
    @pytest.fixture
    def lines(self, caplog):
        """What was logged, as facts."""
        caplog.set_level("INFO", logger="config.watching.tracing")

        def read(event):
            rows = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
            return [row for row in rows if row["event"] == event]

        return read

    def test_a_request_leaves_one_line_with_route_status_time_and_who(self, lines, page_as, ana, acme):
        patient = PatientFactory(company=acme, last_name=CANARY)
        answer = page_as(ana).get(f"/patients/{patient.pk}/?q={CANARY}")
        (line,) = lines("request_finished")
        assert line["method"] == "GET" and line["status"] == 200
        assert re.fullmatch(r"/patients/<\w+:\w+>/", line["route"])
        assert line["person"] == ana.pk and line["company"] == acme.pk
        assert line["queries"] > 0 and line["ms"] >= 0
        assert line["request_id"] == answer.headers["X-Request-ID"]
        assert CANARY not in json.dumps(line, default=str)

    def test_an_api_call_is_known_by_its_tokens_person(self, lines, api, ana):
        api(ana).get("/api/v1/patients/")
        (line,) = lines("request_finished")
        assert line["person"] == ana.pk

    @pytest.mark.parametrize(
        "given", ["9f1c2d3e-4b5a-4978-8796-a5b4c3d2e1f0", "9f1c2d3e4b5a69788796a5b4c3d2e1f0"]
    )
    def test_a_proxys_id_is_kept(self, client, given):
        assert client.get("/livez", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given

    @pytest.mark.parametrize(
        "given",
        [
            "",
            CANARY,
            "a" * 31,
            "a" * 33,
            "g" * 32,
            'x"} {"event":"forged',
            "9f1c2d3e4b5a69788796a5b4c3d2e1f0" + "\n",
            "é" * 32,
        ],
    )
    def test_anything_else_is_replaced_by_an_id_of_our_own(self, client, given):
        answered = client.get("/livez", headers={"X-Request-ID": given}).headers["X-Request-ID"]
        assert re.fullmatch(r"[0-9a-f]{32}", answered) and answered != given.strip()

    def test_a_failure_is_logged_by_type_and_place_without_its_words(self, caplog, client, db, monkeypatch):
        def fail():
            raise LookupError(f"{CANARY} was born on 1980-01-01")

        monkeypatch.setattr(health, "waiting_migrations", fail)
        client.raise_request_exception = False
        caplog.set_level("INFO")
        assert client.get("/readyz").status_code == 500
        failed = [record for record in caplog.records if "request_failed" in str(record.msg)]
        (record,) = failed
        handler = _json_formatter()
        said = handler.format(record)
        assert "LookupError" in said and "request_id" in said and CANARY not in said

    def test_nothing_of_one_request_stays_for_the_next(self, lines, page_as, ana, client):
        page_as(ana).get("/gallery/")
        client.get("/livez")
        first, second = lines("request_finished")
        assert "person" in first and "person" not in second
        assert first["request_id"] != second["request_id"]


def _json_formatter():
    import logging

    return next(
        handler.formatter
        for handler in logging.getLogger().handlers
        if type(handler.formatter).__name__ == "ProcessorFormatter"
    )


def test_the_database_itself_decides_readiness(client, db, monkeypatch):
    """With a role whose connection is refused, the answer is 503 in words, not a page of ours."""
    from django.db import OperationalError

    def refuse(*_, **__):
        raise OperationalError("connection refused for password=hunter2")

    with connection.execute_wrapper(refuse):
        found = client.get("/readyz")
    assert found.status_code == 503
    assert found.json()["database"] == "does not answer" and "hunter2" not in found.content.decode()
