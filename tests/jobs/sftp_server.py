"""An OpenSSH server with empty folders, and the way to it, for the tests of SFTP.

A module that wants the fixtures says ``pytest_plugins = ["tests.jobs.sftp_server"]``.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from deductibles.gateways.clearinghouse import Way, hand_over
from tests.jobs.claims_files import CONTENT, NAME
from tests.openssh import openssh


@pytest.fixture(scope="module")
def running_sshd():
    with openssh() as server:
        yield server


@pytest.fixture
def server(running_sshd):
    """The server with empty folders."""
    for folder in (running_sshd.outbox, running_sshd.inbox):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        running_sshd.own(folder)
    return running_sshd


@pytest.fixture
def way(server):
    return Way(server.url, server.key, host_key=server.host_key)


def hand(way, content=CONTENT, name=NAME, *, again=False):
    return hand_over(way, company_key="acme", filename=name, content=content, again=again)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
