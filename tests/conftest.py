"""What every test can ask for: the cast, their browsers' sessions, their API clients."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client, override_settings
from rest_framework.test import APIClient

from accounts.models import Company, User
from tests import factories, schema_cache


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


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    """Both companies and all seven people, by username."""
    return factories.make_cast()


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
