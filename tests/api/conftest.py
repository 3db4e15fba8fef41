"""AR Boost's stand-in as a process, one for each file of tests, with nothing scripted before each test."""

import pytest

from tests.sandboxes import arboost as arboost_sandbox


@pytest.fixture(scope="module")
def running_arboost():
    with arboost_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def vendor(running_arboost, settings):
    """AR Boost, connected to Holdline."""
    running_arboost.reset()
    settings.ARBOOST_URL, settings.ARBOOST_TOKEN = running_arboost.url, running_arboost.token
    return running_arboost
