"""The embedded engines: they start from nothing, survive a kill, stay closed, and stop with their last user.

Contract "Commands": "finds the embedded engines through VAR_DIR, starting them for itself when they are down".
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import environ
import kombu
import psycopg2
import pytest
import redis

from config import services
from config.services import postgres
from config.services.places import SYSTEM_HOME, places_of

ROOT = Path(__file__).resolve().parents[2]
IS_ROOT = os.geteuid() == 0
USER_OF_ENGINES = """
import sys, time
from config import services
services.ensure(sys.argv[1], throwaway=True)
print("up", flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A VAR_DIR with a space in its name, below a folder closed to everybody else, its engines running."""
    closed = tmp_path_factory.mktemp("closed")
    closed.chmod(0o700)
    folder = closed / "my data" / "var"
    services.ensure(folder, throwaway=True)
    yield folder
    services.discard(folder)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Path]:
    """A VAR_DIR whose engines are down; they are removed after the test."""
    yield tmp_path / "var"
    services.discard(tmp_path / "var")


def ask(var: Path, question: str, *, user: str = postgres.ROLE) -> object:
    """The first value a question to the database answers."""
    url = services.addresses(var).database_url.replace(f"{postgres.ROLE}@", f"{user}@")
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


def another_user(var: Path) -> subprocess.Popen[str]:
    """Another process that uses the engines until it is ended."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER_OF_ENGINES, str(var)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "up"
    return process


def is_up(var: Path) -> bool:
    found = services.status(var)
    return bool(found.postgres_pid or found.valkey_pid)


def soon(question: object, seconds: float = 15) -> bool:
    """Wait until the question is answered with yes."""
    deadline = time.monotonic() + seconds
    while not question():  # type: ignore[operator]
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


class TestRunningEngines:
    def test_database_is_postgresql_18_with_unicode_rules_of_its_own(self, var: Path) -> None:
        assert str(ask(var, "SHOW server_version")).startswith("18.")
        assert ask(var, "SELECT datlocprovider FROM pg_database WHERE datname = 'holdline'") == "b"
        assert ask(var, "SHOW server_encoding") == "UTF8"
        assert ask(var, "SELECT upper('straße')") == "STRASSE"

    def test_data_carries_checksums(self, var: Path) -> None:
        assert ask(var, "SHOW data_checksums") == "on"

    def test_role_is_no_superuser_but_may_make_test_databases(self, var: Path) -> None:
        assert ask(var, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        assert ask(var, "SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user") is True

    def test_nothing_listens_on_the_network(self, var: Path) -> None:
        assert ask(var, "SHOW listen_addresses") == ""
        client = redis.Redis.from_url(services.addresses(var).redis_url)
        assert client.config_get("port") == {"port": "0"}

    def test_sockets_are_closed_to_other_users(self, var: Path) -> None:
        sockets = places_of(var).sockets
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        for name in (".s.PGSQL.5432", "valkey.sock"):
            assert stat.S_IMODE((sockets / name).stat().st_mode) == 0o700

    def test_socket_paths_stay_below_what_every_system_allows(self, tmp_path: Path) -> None:
        deep = tmp_path / ("d" * 90) / ("e" * 90) / "var"
        assert len(os.fsencode(places_of(deep).sockets / ".s.PGSQL.5432.lock")) < 100

    def test_failed_statement_leaves_no_values_in_the_log(self, var: Path) -> None:
        """I8: patient data is never in logs."""
        ask(var, "CREATE TABLE canary (name text PRIMARY KEY)")
        ask(var, "INSERT INTO canary VALUES ('Zebulon Quux')")
        with pytest.raises(psycopg2.errors.UniqueViolation):
            ask(var, "INSERT INTO canary VALUES ('Zebulon Quux')")
        assert "Zebulon" not in (places_of(var).logs / "postgres.log").read_text()

    def test_address_is_understood_by_django_environ(self, var: Path) -> None:
        found = environ.Env.db_url_config(services.addresses(var).database_url)
        assert found["NAME"] == "holdline"
        assert found["OPTIONS"]["host"] == str(places_of(var).sockets)

    def test_celery_can_pass_a_message_through_the_broker(self, var: Path) -> None:
        with kombu.Connection(services.addresses(var).broker_url) as connection:
            queue = connection.SimpleQueue("services-test")
            queue.put({"id": 7})
            assert queue.get(timeout=5).payload == {"id": 7}

    def test_folders_above_keep_their_permissions(self, var: Path) -> None:
        """Root may run this below its closed home; no folder made by somebody else is opened."""
        assert stat.S_IMODE(var.parents[1].stat().st_mode) == 0o700

    @pytest.mark.skipif(not IS_ROOT, reason="only root needs another account")
    def test_root_runs_the_servers_as_somebody_else(self, var: Path) -> None:
        found = services.status(var)
        for pid in (found.postgres_pid, found.valkey_pid):
            assert Path(f"/proc/{pid}").stat().st_uid != 0
        assert found.home.parent == SYSTEM_HOME
        assert stat.S_IMODE(found.home.stat().st_mode) == 0o710

    def test_asking_for_them_again_starts_nothing_new(self, var: Path) -> None:
        before = services.status(var)
        services.ensure(var)
        assert services.status(var) == before


class TestFaults:
    def test_killed_database_recovers_with_what_was_committed(self, var: Path) -> None:
        ask(var, "CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(services.status(var).postgres_pid, signal.SIGKILL)
        services.ensure(var, throwaway=True)
        assert ask(var, "SELECT answer FROM kept") == 42

    def test_killed_broker_is_started_again(self, var: Path) -> None:
        os.kill(services.status(var).valkey_pid, signal.SIGKILL)
        services.ensure(var, throwaway=True)
        assert redis.Redis.from_url(services.addresses(var).redis_url).ping()

    def test_dropped_database_is_made_anew(self, var: Path) -> None:
        maintenance = places_of(var)
        connection = psycopg2.connect(
            host=str(maintenance.sockets), user=postgres.SUPERUSER, dbname="postgres"
        )
        connection.autocommit = True
        connection.cursor().execute("DROP DATABASE holdline WITH (FORCE)")
        connection.close()
        services.ensure(var, throwaway=True)
        assert ask(var, "SELECT current_database()") == "holdline"

    def test_pid_file_whose_number_was_reused_does_not_hinder_a_start(self, fresh: Path) -> None:
        services.ensure(fresh, throwaway=True)
        data = places_of(fresh).data
        left_over = (data / "postmaster.pid").read_text().splitlines()
        services.stop(fresh)
        (data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *left_over[1:], ""]))
        services.ensure(fresh, throwaway=True)
        assert ask(fresh, "SELECT 1") == 1

    def test_half_made_cluster_is_not_taken_for_a_whole_one(self, fresh: Path) -> None:
        half = places_of(fresh).data.with_name("data.new")
        services.ensure(fresh, throwaway=True)
        services.stop(fresh)
        places_of(fresh).data.rename(half)
        (half / "PG_VERSION").unlink()
        services.ensure(fresh, throwaway=True)
        assert ask(fresh, "SELECT 1") == 1

    def test_data_of_another_version_is_refused_with_a_way_out(self, fresh: Path) -> None:
        services.ensure(fresh, throwaway=True)
        services.stop(fresh)
        (places_of(fresh).data / "PG_VERSION").write_text("17\n")
        with pytest.raises(services.EnginesError, match="was made by PostgreSQL 17.*restore a backup"):
            services.ensure(fresh, throwaway=True)

    def test_data_of_another_user_is_refused_naming_that_user(self, tmp_path: Path) -> None:
        note = {"home": "/var/lib/holdline/0123", "uid": os.geteuid() + 1, "user": "somebody"}
        (tmp_path / "engines.json").write_text(json.dumps(note))
        with pytest.raises(services.EnginesError, match="set up by the user somebody"):
            services.ensure(tmp_path)

    @pytest.mark.parametrize("note", ["", "[]", "{", '{"home": 5}', '{"home": "/etc", "uid": "x"}'])
    def test_damaged_note_never_leads_outside_our_own_folders(self, tmp_path: Path, note: str) -> None:
        (tmp_path / "engines.json").write_text(note)
        home = places_of(tmp_path).home
        assert home.parent in (SYSTEM_HOME, tmp_path)

    def test_file_in_the_way_of_var_dir_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "var").write_text("not a folder")
        with pytest.raises(services.EnginesError, match="needs to be a folder"):
            services.ensure(tmp_path / "var")

    @pytest.mark.skipif(IS_ROOT, reason="root may write everywhere")
    def test_folder_that_cannot_be_written_is_named(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o500)
        with pytest.raises(services.EnginesError, match="cannot be written by the user"):
            services.ensure(tmp_path / "var")

    @pytest.mark.skipif(not IS_ROOT, reason="an ordinary user's data lies inside VAR_DIR")
    def test_data_of_a_deleted_var_dir_is_set_aside_not_reused(self, fresh: Path) -> None:
        services.ensure(fresh)
        ask(fresh, "CREATE TABLE old (id int)")
        services.leave(fresh)
        shutil.rmtree(fresh)
        told: list[str] = []
        services.ensure(fresh, say=told.append)
        kept = list(SYSTEM_HOME.glob(f"{places_of(fresh).home.name}.old-*"))
        try:
            assert ask(fresh, "SELECT to_regclass('old')") is None
            assert any("set aside" in words for words in told)
            assert len(kept) == 1
        finally:
            shutil.rmtree(kept[0])

    @pytest.mark.skipif(not IS_ROOT, reason="an ordinary user's data lies inside VAR_DIR")
    def test_data_follows_a_var_dir_that_was_moved(self, tmp_path: Path) -> None:
        services.ensure(tmp_path / "a")
        ask(tmp_path / "a", "CREATE TABLE moved AS SELECT 1 AS id")
        services.leave(tmp_path / "a")
        (tmp_path / "a").rename(tmp_path / "b")
        services.ensure(tmp_path / "b")
        try:
            assert ask(tmp_path / "b", "SELECT id FROM moved") == 1
        finally:
            services.discard(tmp_path / "b")


class TestLastUser:
    def test_asking_where_they_are_starts_nothing(self, tmp_path: Path) -> None:
        services.addresses(tmp_path / "var")
        assert not (tmp_path / "var").exists()

    def test_leaving_first_keeps_them_for_the_other_user(self, fresh: Path) -> None:
        services.ensure(fresh, throwaway=True)
        other = another_user(fresh)
        try:
            assert services.leave(fresh) is False
            assert ask(fresh, "SELECT 1") == 1
        finally:
            other.terminate()
            other.wait()
        assert soon(lambda: not is_up(fresh))

    def test_last_one_out_stops_them(self, fresh: Path) -> None:
        services.ensure(fresh)
        assert services.leave(fresh) is True
        assert not is_up(fresh)

    def test_they_stop_also_when_their_only_user_is_killed(self, fresh: Path) -> None:
        user = another_user(fresh)
        found = services.status(fresh)
        user.kill()
        user.wait()
        assert soon(lambda: not Path(f"/proc/{found.postgres_pid}").exists())
        assert soon(lambda: not Path(f"/proc/{found.valkey_pid}").exists())

    def test_throwaway_data_is_gone_after_a_kill(self, fresh: Path) -> None:
        user = another_user(fresh)
        home = places_of(fresh).home
        user.kill()
        user.wait()
        assert soon(lambda: not home.exists())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("unix:///run/x/valkey.sock", "redis+socket:///run/x/valkey.sock"),
        ("redis://redis:6379/0", "redis://redis:6379/0"),
        ("rediss://redis:6379/0", "rediss://redis:6379/0"),
    ],
)
def test_celery_gets_the_broker_in_its_own_spelling(given: str, expected: str) -> None:
    assert services.broker_url(given) == expected
