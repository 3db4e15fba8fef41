"""A production start that is not safe is refused, each thing named with its mend, all at once (trust.md)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.test import override_settings

from config import settings as written
from config.watching.safety import Start, is_local, refusals, warnings

ROOT = Path(__file__).resolve().parents[1]
KEY = "k9J2hQ7mZx4LpV8tRw3NcB6yFd1GsE5uAaTqXoYiKjHlMnPvWzSr"
OTHER_KEY = "Zm9yLXRlc3RzLWFsb25lLTk4MzQ1LWFiY2RlZmdoaWprbG0"
SAFE = {
    "DEMO": "0",
    "DEBUG": "0",
    "SITE_URL": "https://holdline.example",
    "SECRET_KEY": KEY,
    "SECRETS_KEY": OTHER_KEY,
    "DATABASE_URL": "postgres://holdline@db.example/holdline",
    "REDIS_URL": "redis://redis.example",
    "EMAIL_URL": "smtp+tls://mail.example:587",
    "ARBOOST_URL": "https://arboost.example",
    "CLEARINGHOUSE_URL": "https://clearinghouse.example",
}

UNSAFE = [
    ({"SECRET_KEY": ""}, "E002", "SECRET_KEY is not set"),
    ({"SECRET_KEY": KEY[:49]}, "E002", "SECRET_KEY is shorter than 50 characters"),
    ({"SECRET_KEY": "abcdefghijklmnopqrst" * 4}, "E002", "SECRET_KEY is one piece repeated"),
    ({"SECRET_KEY": "only-for-the-demo-" + KEY}, "E002", "SECRET_KEY is a default"),
    ({"SECRET_KEY": "django-insecure-" + KEY}, "E002", "SECRET_KEY is a default"),
    ({"SECRETS_KEY": ""}, "E002", "SECRETS_KEY is not set"),
    ({"SECRETS_KEY": "short"}, "E002", "SECRETS_KEY is shorter than 40 characters"),
    ({"SECRETS_KEY": KEY}, "E003", "the same text"),
    ({"DEBUG": "1"}, "E004", "DEBUG is on"),
    ({"DEBUG": "1", "SITE_URL": "https://10.1.2.3"}, "E004", "DEBUG is on"),
    ({"SITE_URL": "http://holdline.example"}, "E005", "SITE_URL is not https"),
    ({"SITE_URL": "http://localhost:8000"}, "E005", "SITE_URL is not https"),
    ({"ALLOWED_HOSTS": "holdline.example,*"}, "E006", "ALLOWED_HOSTS has a star"),
    ({"ALLOWED_HOSTS": "*.example"}, "E006", "ALLOWED_HOSTS has a star"),
    ({"ARBOOST_URL": "http://arboost.example"}, "E007", "ARBOOST_URL is http"),
    ({"ARBOOST_URL": "https://127.0.0.1:8001"}, "E008", "ARBOOST_URL leads to this machine"),
    ({"CLEARINGHOUSE_URL": "http://clearinghouse.example"}, "E007", "CLEARINGHOUSE_URL is http"),
    ({"DEMO": "1"}, "E001", "SITE_URL can be reached from outside"),
    ({"DEMO": "1", "SITE_URL": "https://localhost"}, "E001", "SITE_URL is https"),
]


def start(folder: Path, *command: str, **changed: str) -> subprocess.CompletedProcess[str]:
    """Run a command in this environment and no other."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = kept | SAFE | {"VAR_DIR": str(folder)} | changed
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)


def judged(changed: dict[str, str]) -> Start:
    """The values a start would be judged by, without starting it."""
    env = SAFE | changed
    return Start(
        demo=env["DEMO"] == "1",
        debug=env["DEBUG"] == "1",
        site_url=env["SITE_URL"],
        allowed_hosts=tuple(env.get("ALLOWED_HOSTS", "").split(",")),
        secret_key=env["SECRET_KEY"],
        secrets_key=env["SECRETS_KEY"],
        arboost_url=env["ARBOOST_URL"],
        clearinghouse_url=env["CLEARINGHOUSE_URL"],
        email_url=env["EMAIL_URL"],
        embedded=False,
        admin_factor=env.get("ADMIN_SECOND_FACTOR", "1") == "1",
    )


@pytest.mark.parametrize(("changed", "id", "said"), UNSAFE, ids=lambda value: str(value)[:40])
def test_an_unsafe_start_is_refused_by_name_with_its_mend(changed, id, said):
    found = refusals(judged(changed))
    assert [problem.id for problem in found] == [f"holdline.{id}"]
    assert said in found[0].said and found[0].mend


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"CLEARINGHOUSE_URL": "file:///data/clearinghouse"},
        {"ARBOOST_URL": "", "CLEARINGHOUSE_URL": ""},
        {"DEMO": "1", "SITE_URL": "http://localhost:8000", "SECRET_KEY": "x", "SECRETS_KEY": "x"},
        {"DEMO": "1", "SITE_URL": "http://192.168.1.20:8000"},
        {"DEBUG": "1", "SITE_URL": "http://127.0.0.1:8000", "SECRET_KEY": "x"},
    ],
    ids=str,
)
def test_a_safe_start_and_a_demo_on_this_machine_are_allowed(changed):
    assert refusals(judged(changed)) == []


def test_everything_wrong_is_said_at_once(tmp_path):
    """Nobody should have to start six times to learn of six things."""
    worst = {"SECRET_KEY": "x", "SECRETS_KEY": "x", "DEBUG": "1", "SITE_URL": "http://h.example"}
    done = start(tmp_path, sys.executable, "manage.py", "check", **worst, ALLOWED_HOSTS="*")
    said = set(re.findall(r"holdline\.(E\d+)", done.stderr))
    assert done.returncode == 1 and said == {"E002", "E003", "E004", "E005", "E006"}
    assert "Traceback" not in done.stderr
    assert "Set DEBUG=0." in done.stderr, "the mend stands beside the fault"


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "check", "--deploy"],
        ["-m", "gunicorn", "--config", "python:config.gunicorn", "--check-config", "config.wsgi"],
        ["-m", "celery", "-A", "config", "inspect", "ping"],
    ],
    ids=["manage.py", "gunicorn", "celery"],
)
def test_no_door_opens_on_an_unsafe_environment(tmp_path, command):
    done = start(tmp_path, sys.executable, *command, DEBUG="1")
    assert done.returncode != 0
    assert "DEBUG is on" in done.stderr + done.stdout


def test_a_safe_environment_passes_the_deploy_check_and_gunicorn_takes_it(tmp_path):
    done = start(tmp_path, sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    gunicorn = ["-m", "gunicorn", "--config", "python:config.gunicorn", "--check-config", "config.wsgi"]
    done = start(tmp_path, sys.executable, *gunicorn)
    assert done.returncode == 0, done.stderr


def test_a_refusal_repeats_no_secret(tmp_path):
    secret = "correct-horse-battery-staple"
    done = start(tmp_path, sys.executable, "manage.py", "check", SECRET_KEY=secret, SECRETS_KEY=secret)
    assert done.returncode == 1 and secret not in done.stderr + done.stdout


def test_what_is_seldom_meant_is_a_warning_only(tmp_path):
    found = warnings(judged({"EMAIL_URL": "consolemail://"}))
    assert [problem.id for problem in found] == ["holdline.W001"]
    done = start(tmp_path, sys.executable, "manage.py", "check", "--deploy", EMAIL_URL="consolemail://")
    assert done.returncode == 0 and "holdline.W001" in done.stderr
    found = warnings(judged({"ADMIN_SECOND_FACTOR": "0"}))
    assert [problem.id for problem in found] == ["holdline.W003"]


def test_in_production_alone_admins_need_a_second_factor_unless_told_otherwise(tmp_path):
    ask = "from django.conf import settings; print(settings.ADMIN_SECOND_FACTOR)"
    said = {
        name: start(
            tmp_path, sys.executable, "manage.py", "shell", "--no-imports", "-c", ask, **changed
        ).stdout.strip()
        for name, changed in {
            "production": {},
            "switched off": {"ADMIN_SECOND_FACTOR": "0"},
            "demo": {"DEMO": "1", "SITE_URL": "http://localhost:8000"},
        }.items()
    }
    assert said == {"production": "True", "switched off": "False", "demo": "False"}


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://localhost:8000", True),
        ("http://demo.localhost", True),
        ("http://[::1]:8000", True),
        ("http://10.1.2.3", True),
        ("http://8.8.8.8", False),
        ("http://localhost.example", False),
        ("http://[bad", False),
        ("", False),
    ],
)
def test_an_address_is_local_only_when_it_stays_here(url, local):
    assert is_local(url) is local


def test_passwords_are_hashed_slowly_outside_of_tests():
    """The settings as written, not as the suite changes them (tests.conftest.quick_passwords)."""
    with override_settings(PASSWORD_HASHERS=written.PASSWORD_HASHERS):
        assert make_password("what a person typed").startswith("argon2$argon2id$")
