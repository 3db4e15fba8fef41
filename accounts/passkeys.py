"""Passkeys and security keys: where they work, and reading what a browser says of one.

A browser binds a key to the host it was made at, so there is one host: that of SITE_URL. What a browser sends
is anybody's to forge; django-allauth and fido2 check it, and what makes them stumble is told in one sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from cryptography.exceptions import UnsupportedAlgorithm
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from fido2.utils import websafe_decode, websafe_encode

from accounts.devices import in_words
from accounts.models import User

MOST = 10
"""Passkeys and security keys one person may have."""
FULL = f"You have {MOST} keys. Remove one that is not used any more."
NOT_KNOWN = "This key was not recognised. Try again, or sign in another way."
LONGEST = 20_000
"""Characters of what a browser says about a key; real ones say a tenth of it."""
_STUMBLES = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    NotImplementedError,
    UnsupportedAlgorithm,
)


def host() -> str:
    """The host that keys are bound to."""
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def refusal(request: HttpRequest) -> str:
    """Why no key can be used on this page; empty where one can."""
    try:
        ip_address(host())
    except ValueError:
        pass
    else:
        return (
            "Passkeys need an address with a name; that of this system is a number. Its admin can change it."
        )
    here = urlsplit(f"//{request.get_host()}").hostname or ""
    if here != host() and not here.endswith(f".{host()}"):
        return f"Passkeys work only at {settings.SITE_URL}. Open that address and try again."
    if not request.is_secure() and here != "localhost" and not here.endswith(".localhost"):
        return "Passkeys work only over https. Open this system by its https address and try again."
    return ""


@contextmanager
def told() -> Iterator[None]:
    """Tell whatever the libraries stumble over as a key that was not recognised."""
    try:
        yield
    except ValidationError as error:
        if error.code != "incorrect_code":
            raise
        raise ValidationError(NOT_KNOWN, code="not_known") from error
    except _STUMBLES as error:
        raise ValidationError(NOT_KNOWN, code="not_known") from error


def lean(said: dict[str, Any], *, alone: bool) -> dict[str, Any]:
    """What is kept of a new key: what signing in with it needs, and nothing else a browser sent.

    ``alone`` says that it signs in without the password.
    """
    plain = {name: said["response"][name] for name in ("clientDataJSON", "attestationObject")}
    key = _again(said["id"])
    return {
        "id": key,
        "rawId": key,
        "type": "public-key",
        "response": {name: _again(value) for name, value in plain.items()},
        "clientExtensionResults": {"credProps": {"rk": alone}},
    }


def _again(text: str) -> str:
    """The same bytes in plain base64: reading passes over letters that the database would refuse."""
    return websafe_encode(websafe_decode(text))


def count_of(user: User) -> int:
    """How many keys the person has."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).count()


def name_for(user: User, user_agent: str) -> str:
    """A name for a new key: the browser it is made in, with a number when that is taken."""
    rows = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    taken = {row.data.get("name") for row in rows}
    device = in_words(user_agent)
    names = (f"{device} {number}" for number in range(2, MOST + 2))
    return device if device not in taken else next(name for name in names if name not in taken)
