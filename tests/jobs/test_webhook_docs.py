"""What docs/api.md tells the writer of a receiver, run as it stands there."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Company, User
from tests.factories import PatientFactory
from tests.receiver import receiver
from tests.tickets import filed
from work.hooks import actions
from work.hooks.domain.catalogue import EVENTS
from work.hooks.sending import send_due
from work.models import HookAttempt, HookDelivery

pytestmark = pytest.mark.django_db
PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
CHAPTER = PAGE.split("## Being told: webhooks")[1].split("\n## ")[0]


def example(language: str) -> str:
    """The one example in this language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", CHAPTER, re.DOTALL)
    return str(found)


def add(company: Company, by: User, url: str) -> str:
    said = actions.Said(url, "", ["ticket.filed"])
    return actions.add_endpoint(company, said, by=by, at=datetime.now(UTC))[1]


def test_the_receiver_takes_what_is_signed_once_and_refuses_the_rest(
    acme: Company, adam: User, ana: User, settings: Any, tmp_path: Path
) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = True
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secret = add(acme, adam, f"http://127.0.0.1:{port}/")
    ticket, now = filed("supervisor", ana, PatientFactory(company=acme), datetime.now(UTC)), datetime.now(UTC)
    script = tmp_path / "receiver.py"
    script.write_text(example("python"))
    running = subprocess.Popen(
        [sys.executable, str(script), str(port), secret],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        _wait_for(port)
        assert send_due(at=now) == 1
        sent = HookDelivery.objects.get()
        assert sent.status == "delivered"
        actions.replay(sent, by=adam, at=now)
        assert send_due(at=now) == 1 and HookAttempt.objects.filter(status=204).count() == 2
        actions.rotate(sent.endpoint, by=adam, at=now - timedelta(days=2))
        actions.replay(sent, by=adam, at=now)
        assert send_due(at=now) == 1
        assert HookAttempt.objects.get(number=3).status == 401
    finally:
        running.terminate()
        said, _ = running.communicate(timeout=10)
    assert said == f"ticket.filed {ticket.number}\n"


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the example did not start")


def test_openssl_prints_the_signature(
    acme: Company, adam: User, ana: User, settings: Any, tmp_path: Path
) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = True
    with receiver() as inbox:
        secret = add(acme, adam, inbox.url)
        now = datetime.now(UTC)
        filed("supervisor", ana, PatientFactory(company=acme), now)
        send_due(at=now)
        (got,) = inbox.got
    (tmp_path / "body.json").write_bytes(got.body)
    known = {"ID": got.headers["webhook-id"], "TIMESTAMP": got.headers["webhook-timestamp"], "SECRET": secret}
    done = subprocess.run(
        ["sh", "-c", example("sh")],
        cwd=tmp_path,
        env={**os.environ, **known},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"v1,{done.stdout.strip()}" == got.headers["webhook-signature"]


def test_every_event_stands_in_the_table() -> None:
    told = {f"ticket{word}" for word in re.findall(r"`(\.\w+)`", CHAPTER.split("claim.entered")[0])}
    told |= {f"claim{word}" for word in re.findall(r"`(\.\w+)`", CHAPTER.split("claim.entered")[1])}
    assert told | {"ticket.filed", "claim.entered"} == set(EVENTS)
