"""The second factor: what counts as one, and that in production no admin works without one.

An admin changes everything of a company; a password alone is little. While ``ADMIN_SECOND_FACTOR`` is on, an
admin who has none may set one up, change the password and sign out, and nothing else: no page, no endpoint.
"""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Exists, OuterRef

from accounts.roles import Role

KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""Recovery codes are none: they stand in for one that is not at hand."""
ANNOTATED = "has_second_factor"
"""Where :func:`annotation` puts its answer, on a person or beside one."""
SENTENCE = (
    "An admin of this system needs a second factor: set one up under your name, Second factor. "
    "Until then nothing else is open to you."
)
LAST = (
    "An admin needs a second factor, and this is your only one. Set up another one first, then take this "
    "one away."
)


def annotation(person: str) -> dict[str, Exists]:
    """Ask in the same query whether the person of this column has a second factor, while that matters."""
    if not settings.ADMIN_SECOND_FACTOR:
        return {}
    return {ANNOTATED: Exists(Authenticator.objects.filter(user_id=OuterRef(person), type__in=KINDS))}


def required_of(person: Any) -> bool:
    """Whether this person may not be without one."""
    return bool(settings.ADMIN_SECOND_FACTOR and getattr(person, "role", "") == Role.ADMIN)


def missing(person: Any) -> bool:
    """Whether this person must set one up before anything else."""
    if not required_of(person):
        return False
    known = getattr(person, ANNOTATED, None)
    if known is None:
        known = Authenticator.objects.filter(user_id=person.pk, type__in=KINDS).exists()
    return not known


def may_lose(authenticator: Authenticator) -> bool:
    """Whether its person may take this one away themself: an admin keeps one where one is required.

    Of two that go in two tabs at the same moment both may go; what is open then is what is open to an admin
    without one.
    """
    if not required_of(authenticator.user) or authenticator.type not in KINDS:
        return True
    others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=KINDS)
    return bool(others.exclude(pk=authenticator.pk).exists())
