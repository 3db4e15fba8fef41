"""AR Boost's stand-in as a process, one for each file of tests, with nothing scripted before each test."""

import pytest
from django.db import connection

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


@pytest.fixture
def broken_row(db: None):
    """Make the database refuse every change of one hold, as a damaged row would."""

    def refuse(hold) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'damaged'; END $$"
            )
            cursor.execute(
                "CREATE TRIGGER aa_damaged BEFORE UPDATE ON deductibles_hold FOR EACH ROW "
                f"WHEN (OLD.id = {int(hold.pk)}) EXECUTE FUNCTION pg_temp.refuse()"
            )

    return refuse
