"""``manage.py check``: what ``config.watching.safety`` judges, and what only the database can tell.

Ids: E001–E008 are refused while the settings are read, W001 to W003 are allowed and seldom meant, E010 is
somebody who can sign in with the demo's printed password, E011 a database that ``migrate`` cannot finish.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import monotonic
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest

from accounts.demo import CAST, PASSWORD
from config import folded
from config.watching import safety

LONGEST_SECONDS = 20.0
"""A password is slow to try, on purpose; the cast comes first, then as many others as fit."""


@register(Tags.security)
def safe_start(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Repeat what the settings refuse; they may have been changed since."""
    return [Error(each.said, each.mend, id=each.id) for each in safety.refusals(settings.START)]


@register(Tags.security, deploy=True)
def seldom_meant(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """What production allows and seldom means."""
    return [Warning(each.said, each.mend, id=each.id) for each in safety.warnings(settings.START)]


@register(Tags.database, deploy=True)
def no_demo_password(
    app_configs: Any, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Outside the demo nobody may have the password it prints."""
    if not settings.PRODUCTION or not databases:
        return []
    try:
        found = with_demo_password()
    except DatabaseError:
        return []  # migrations come first; that they wait is said elsewhere
    if not found:
        return []
    said = f"{len(found)} accounts have the demo's password (ids {', '.join(map(str, found[:10]))})."
    mend = "Deactivate them or change their passwords: manage.py changepassword <name>."
    return [Error(said, mend, id="holdline.E010")]


@register(Tags.database)
def not_halfway(app_configs: Any, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """``migrate`` asks this first, and goes no further."""
    try:
        said = folded.halfway() if databases else ""
    except DatabaseError:
        return []
    return [Error(said, folded.MEND, id="holdline.E011")] if said else []


def with_demo_password() -> list[int]:
    """The ids of active accounts with the demo's password, the demo's own names looked at first."""
    return list(_with_demo_password())


def _with_demo_password() -> Iterator[int]:
    names = [name for name, _, _ in CAST]
    people = get_user_model().objects.filter(is_active=True).order_by("pk").values_list("pk", "password")
    until = monotonic() + LONGEST_SECONDS
    for rows in (people.filter(username__in=names), people.exclude(username__in=names)):
        for key, encoded in rows.iterator():
            if monotonic() > until:
                return
            if check_password(PASSWORD, encoded):
                yield key


class NoDemoPassword:
    """An authentication backend that knows nobody and, in production, ends every try of that password."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        if settings.PRODUCTION and credentials.get("password") == PASSWORD:
            raise PermissionDenied

    def get_user(self, user_id: int) -> None:
        """Nobody is ever signed in by this backend."""
