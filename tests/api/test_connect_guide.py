"""docs/api.md, "connect your system": every example in it runs against the demo, in its order, as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.actions import issue_token
from accounts.models import User
from accounts.roles import Can
from deductibles.models import Claim
from escalations.models import Ticket
from patients.models import Patient
from tests import sandboxes
from tests.factories import token_of
from work.hooks.models import HookEndpoint

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("curl"), reason="no curl on this machine"),
]
OF_RECEIVERS = "## Being told: webhooks"
"""The chapter for receivers: its examples are run by tests/jobs/test_webhook_docs.py."""
BEFORE, _, AFTER = (Path(__file__).parents[2] / "docs" / "api.md").read_text().partition(OF_RECEIVERS)
PAGE = BEFORE + AFTER.partition("\n## ")[2]
SHELL = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
CLAIM, WEBHOOK = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
COUNTED = '"expected_count"'
"""A bulk act that expects another count than today's demo has is refused with 409, as the page says."""


@pytest.fixture
def demo(settings: Any) -> Iterator[None]:
    """What `make run` leaves behind, with AR Boost's stand-in beside it."""
    with sandboxes.arboost(token="only-for-tests") as vendor:
        settings.ARBOOST_URL, settings.ARBOOST_TOKEN = vendor.url, "only-for-tests"
        call_command("seed_demo")
        yield


def key_of(person: User, may: str | None) -> str:
    """A key of the person, made for less where the page says so."""
    if may is None:
        return token_of(person)
    now = datetime.now(UTC)
    return issue_token(person, name="page", by=None, at=now, lifetime=timedelta(days=1), may_do=[Can(may)])


def as_run_here(example: str, server: str) -> str:
    """The example with this server, keys of the people it names, and the first patient of the company."""
    first = Patient.objects.filter(company__key="acme").earliest("pk").pk
    said = example.replace("http://localhost:8000", server).replace('"patient": "1"', f'"patient": "{first}"')
    said = re.sub(
        r'\$\(\.venv/bin/python manage\.py create_token (\w+)(?: --may "([^"]+)")?\)',
        lambda found: key_of(User.objects.get(username=found[1]), found[2]),
        said,
    )
    said = said.replace(".venv/bin/python", sys.executable)
    refused = "" if COUNTED in said else "--fail-with-body "
    return said.replace("curl -s ", f"curl -sS {refused}")


def test_every_example_of_the_page_runs(demo: None, live_server: Any, tmp_path: Path) -> None:
    tickets, claims = Ticket.objects.count(), Claim.objects.count()
    (tmp_path / "claim.py").write_text(CLAIM)
    (tmp_path / "webhook.py").write_text(WEBHOOK)
    script = "set -euo pipefail\n" + "\n".join(as_run_here(one, live_server.url) for one in SHELL)
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, env={"PATH": os.environ["PATH"]}
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert Ticket.objects.count() == tickets + 3, (
        "one filed, one drafted and filed, one with a rule overridden"
    )
    assert Claim.objects.count() == claims + 1
    assert "Suspended - Hold for Deductible" in done.stdout
    added, by_python = HookEndpoint.objects.order_by("pk")
    assert added.description == "Data warehouse" and added.version == 3 and not added.earlier_secret, (
        "rotated"
    )
    assert by_python.health.test["step"] == "name", "nobody is called receiver.example"
    assert "Name failed" in done.stdout and "not known" in done.stdout
    for told in ("webhook.json", "webhook.secret"):
        assert (tmp_path / told).stat().st_mode & 0o077 == 0, "for nobody else to read"
    secret = (tmp_path / "webhook.secret").read_text()
    assert secret.startswith("whsec_") and secret not in done.stdout
