"""The lived desk, at the moment its reports are read, and the supervisor who reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from accounts.models import User
from tests.factories import make_cast
from tests.web.reports.life import NOW, Diary, Life

PageAs = Callable[[User], Client]


@pytest.fixture(scope="module")
def lived(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[dict[str, User], Diary]]:
    """The cast, and the diary of what was done; lived once for the tests of each file."""
    with django_db_blocker.unblock(), transaction.atomic(), time_machine.travel(NOW, tick=False):
        cast = make_cast()
        yield cast, Life(cast).live()
        transaction.set_rollback(True)


@pytest.fixture
def desk(lived: tuple[dict[str, User], Diary], db: None) -> Iterator[Diary]:
    """That desk, at the moment its reports are read."""
    with time_machine.travel(NOW, tick=False):
        yield lived[1]


@pytest.fixture
def cast(desk: Diary, lived: tuple[dict[str, User], Diary]) -> dict[str, User]:
    """The cast of the lived desk."""
    return lived[0]


@pytest.fixture
def chief(cast: dict[str, User], page_as: PageAs) -> Client:
    return page_as(cast["sue"])
