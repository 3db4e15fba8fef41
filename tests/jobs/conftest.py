"""AR Boost's stand-in as a process, one for each file of tests, with nothing scripted before each test."""

import pytest

from deductibles.gateways.arboost import Connection
from tests.jobs.questions import SOON
from tests.sandboxes import arboost as arboost_sandbox


@pytest.fixture(scope="module")
def running():
    with arboost_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def vendor(running):
    running.reset()
    return running


@pytest.fixture
def conn(vendor):
    return Connection(vendor.url, vendor.token)


@pytest.fixture
def hasty(vendor):
    return Connection(vendor.url, vendor.token, SOON)
