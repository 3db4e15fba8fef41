"""What every test can ask for: the cast, their browsers' sessions, their API clients."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import pytest_django
from django.conf import settings
from django.db import transaction
from django.test import Client, override_settings
from rest_framework.test import APIClient

from accounts.models import Company, User
from tests import factories, schema_cache

if TYPE_CHECKING:
    from tests.world import World


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file on one worker, so that what they share is made once.

    A module of few long tests that says ``SPREAD = True`` goes to whichever worker is idle.
    """
    for item in items:
        if not getattr(getattr(item, "module", None), "SPREAD", False):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


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


@pytest.fixture
def page_as() -> Callable[[User], Client]:
    """A browser session (without a browser) of the given person."""

    def signed(user: User) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(user, backend="accounts.backend.People")
        return client

    return signed
