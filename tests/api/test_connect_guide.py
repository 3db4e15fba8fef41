"""docs/api.md, "connect your system": every example in it runs against the demo, in its order, as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import User
from deductibles.models import Claim
from escalations.models import Ticket
from patients.models import Patient
from tests import sandboxes
from tests.factories import token_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("curl"), reason="no curl on this machine"),
]
PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text().split("## Being told: webhooks")[0]
SHELL = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
(PYTHON,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
COUNTED = '"expected_count"'
"""A bulk act that expects another count than today's demo has is refused with 409, as the page says."""


@pytest.fixture
def demo(settings: Any) -> Iterator[None]:
    """What `make run` leaves behind, with AR Boost's stand-in beside it."""
    with sandboxes.arboost(token="only-for-tests") as vendor:
        settings.ARBOOST_URL, settings.ARBOOST_TOKEN = vendor.url, "only-for-tests"
        call_command("seed_demo")
        yield


def as_run_here(example: str, server: str) -> str:
    """The example with this server, keys of the people it names, and the first patient of the company."""
    first = Patient.objects.filter(company__key="acme").earliest("pk").pk
    said = example.replace("http://localhost:8000", server).replace('"patient": "1"', f'"patient": "{first}"')
    said = re.sub(
        r"\$\(\.venv/bin/python manage\.py create_token (\w+)\)",
        lambda found: token_of(User.objects.get(username=found[1])),
        said,
    )
    said = said.replace(".venv/bin/python", sys.executable)
    refused = "" if COUNTED in said else "--fail-with-body "
    return said.replace("curl -s ", f"curl -sS {refused}")


def test_every_example_of_the_page_runs(demo: None, live_server: Any, tmp_path: Path) -> None:
    tickets, claims = Ticket.objects.count(), Claim.objects.count()
    (tmp_path / "claim.py").write_text(PYTHON)
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
