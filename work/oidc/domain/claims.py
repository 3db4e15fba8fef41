"""What a provider says of who signed in, read strictly: each thing that does not fit has its sentence. Pure.

Signature, issuer, audience and times are checked before (``work.oidc.token``); here it is whether the token
answers this very sign-in, and what it says of the person.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LEEWAY = 60
"""Seconds by which the clocks of provider and server may differ."""
FRESH = 300
"""Seconds that may have passed since the provider asked, where it had to ask anew."""
_VOUCHING = frozenset(
    {
        "phr",
        "phrh",
        "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
        "https://refeds.org/profile/mfa",
        "urn:okta:loa:2fa:any",
    }
)
"""Values of ``acr`` that say: more than one factor."""


class Unfit(Exception):
    """The token does not fit; ``str()`` is the sentence."""


@dataclass(frozen=True)
class Person:
    """Who signed in, by the provider's word. ``vouched`` says that a second factor was asked for."""

    subject: str
    email: str
    verified: bool
    first_name: str
    last_name: str
    vouched: bool


def fits_sign_in(claims: Mapping[str, Any], *, nonce: str, client_id: str) -> None:
    """Raise :class:`Unfit` for a token that was made for another sign-in or for another program."""
    said = claims.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise Unfit("The provider's answer belongs to another sign-in (its nonce is not ours).")
    audience, party = claims.get("aud"), claims.get("azp")
    if (isinstance(audience, list) and len(audience) > 1 and party is None) or party not in (None, client_id):
        raise Unfit("The provider's answer is for another program than this one (azp).")


def asked_anew(claims: Mapping[str, Any], now: float) -> None:
    """Raise :class:`Unfit` unless the provider asked the person within the last minutes."""
    at = claims.get("auth_time")
    if not isinstance(at, int | float) or isinstance(at, bool) or at < now - FRESH - LEEWAY:
        raise Unfit("The provider let you through without asking again who you are (auth_time).")


def person_in(claims: Mapping[str, Any]) -> Person:
    """Who it is. Raises :class:`Unfit` for a subject that cannot be one."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
        raise Unfit("The provider does not say who signed in (sub).")
    email = claims.get("email")
    email = email.strip() if isinstance(email, str) and len(email) <= 254 else ""
    plain = email.isascii() and email.isprintable() and email.count("@") == 1 and " " not in email
    methods, level = claims.get("amr"), claims.get("acr")
    return Person(
        subject=subject,
        email=email if plain else "",
        verified=claims.get("email_verified") in (True, "true"),
        first_name=_name(claims.get("given_name")),
        last_name=_name(claims.get("family_name")),
        vouched=(isinstance(methods, list) and "mfa" in methods)
        or (isinstance(level, str) and level in _VOUCHING),
    )


def with_profile(claims: Mapping[str, Any], profile: Mapping[str, Any]) -> dict[str, Any]:
    """The token's claims with what the provider tells of the same person when asked; the token's own win."""
    if profile.get("sub") != claims.get("sub"):
        raise Unfit("The provider tells of somebody else than who signed in (userinfo).")
    more = ("email", "email_verified", "given_name", "family_name")
    told = {name: profile[name] for name in more if name in profile}
    if claims.get("email") not in (None, told.get("email")):
        told.pop("email_verified", None)  # it is said of the address beside it, and of no other
    return {**told, **claims}


def _name(said: Any) -> str:
    """A name that can be shown: no letter that nobody sees, at most 60."""
    if not isinstance(said, str):
        return ""
    seen = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in said)
    return " ".join(seen.split())[:60]
