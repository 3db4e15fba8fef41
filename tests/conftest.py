"""What every test can ask for: the cast, their browsers' sessions, their API clients."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import pytest_django
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone
from django.utils.crypto import get_random_string
from rest_framework.test import APIClient

from accounts import clocks
from accounts.models import Company, User
from tests import factories, schema_cache

if TYPE_CHECKING:
    from tests.world import World


LONG = (
    "tests/browser/test_demo_office.py",
    "tests/browser/test_walk.py",
    "tests/jobs/test_seed_demo",
    "tests/web/test_access_matrix.py",
    "tests/api/test_answers_hostile.py",
    "tests/api/test_escalations_hostile.py",
    "tests/web/test_query_counts.py",
    "tests/web/test_bad_input.py",
    "tests/browser/",
    "tests/api/test_every_path.py",
    "tests/api/test_schema_fuzz.py",
    "tests/jobs/",
    "tests/api/",
    "tests/web/",
    "tests/actions/",
)
"""Where tests take longest; a file that is one group of minutes must not be what everybody waits for at the end."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file on one worker, so that what they share is made once.

    A module of few long tests that says ``SPREAD = True`` goes to whichever worker is idle.
    """
    for item in items:
        if not getattr(getattr(item, "module", None), "SPREAD", False):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


class LongestFirst:
    """Begin with the longest, so that the workers of ``make test`` end together; the order in a file stays."""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: _rank(item.nodeid))


def _rank(nodeid: str) -> int:
    return next((rank for rank, start in enumerate(LONG) if nodeid.startswith(start)), len(LONG))


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(LongestFirst())


def pytest_collection_finish() -> None:
    """What there is by now stays to the end: none needs to look at it again, and the rest less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> Iterator[None]:
    """Passwords are hashed slowly on purpose; here nobody guesses them, and each sign-in would cost a tenth."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Begin with the schema that an earlier run kept, see :mod:`tests.schema_cache`."""
    if template := os.environ.get(schema_cache.TEMPLATE):
        settings.DATABASES["default"]["TEST"]["TEMPLATE"] = template


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Keep the schema that was just migrated for the next run."""
    schema_cache.keep(os.environ["DATABASE_URL"], str(settings.DATABASES["default"]["NAME"]))


@pytest.fixture(scope="module")
def world_once(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[World]:
    """One of everything that has an address, made once for a file that is marked to use it.

    It is there until the file's last test; what a test does to it is undone after that test.
    """
    from tests.world import make_world  # it reads the URL configuration: only who needs a world pays for that

    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world(factories.make_cast())
        transaction.set_rollback(True)


@pytest.fixture
def cast(db: None, request: pytest.FixtureRequest) -> dict[str, User]:
    """Both companies and all seven people, by username; objects of this test alone, also in a world made once."""
    return factories.find_cast() if "world_once" in request.fixturenames else factories.make_cast()


@pytest.fixture
def world(world_once: World, acme: Company) -> World:
    """The file's world, for its tests to change as they like."""
    return replace(world_once, company=acme)


@pytest.fixture
def acme(cast: dict[str, User]) -> Company:
    return cast["ana"].company


@pytest.fixture
def other(cast: dict[str, User]) -> Company:
    return cast["otto"].company


def _person(name: str) -> Callable[[dict[str, User]], User]:
    @pytest.fixture(name=name)
    def person(cast: dict[str, User]) -> User:
        return cast[name]

    return person


ana, ben, sue, adam, otto, bo, olga = (
    _person(name) for name in ("ana", "ben", "sue", "adam", "otto", "bo", "olga")
)


@pytest.fixture
def api() -> Callable[[User], APIClient]:
    """An API client signed in by a token of the given person."""

    def signed(user: User) -> APIClient:
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=f"Token {factories.token_of(user)}")
        client.default_format = "json"
        return client

    return signed


def _session_of(user: User) -> str:
    """The key of a session as signing in leaves it, in one statement: signing in itself takes eighteen."""
    session, now = SessionStore(), timezone.now()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backend.People"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    clocks.begin(session, now)
    key = get_random_string(32, VALID_KEY_CHARS)
    data = session.encode(dict(session.items()))
    Session.objects.create(session_key=key, session_data=data, expire_date=session.get_expiry_date())
    return key


@pytest.fixture
def page_as() -> Callable[[User], Client]:
    """A browser session (without a browser) of the given person."""

    def signed(user: User) -> Client:
        client = Client(raise_request_exception=False)
        client.cookies[settings.SESSION_COOKIE_NAME] = _session_of(user)
        return client

    return signed
