"""Checking an ID token: signed by a key the provider publishes, issued by it, for us, now."""

from __future__ import annotations

from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from work.oidc import line
from work.oidc.domain.claims import LEEWAY
from work.oidc.line import ALGORITHMS, Discovery, Failed

_SHORTEST_RSA = 2048
_SAID = (
    (jwt.ExpiredSignatureError, "The provider's answer is too old, or a clock is wrong (exp)."),
    (jwt.ImmatureSignatureError, "The provider's answer is dated in the future; a clock is wrong (iat)."),
    (jwt.InvalidAudienceError, "The provider's answer is for another program than this one (aud)."),
    (jwt.InvalidIssuerError, "The provider's answer names another issuer (iss)."),
    (jwt.InvalidSignatureError, "The signature of the provider's answer is not right."),
    (jwt.MissingRequiredClaimError, "The provider's answer lacks something that every answer must have."),
)
_STUMBLES = (ValueError, TypeError, KeyError, AttributeError, NotImplementedError, UnsupportedAlgorithm)


def read(token: str, found: Discovery, client_id: str) -> dict[str, Any]:
    """The claims of a token that holds; :class:`Failed` at "token" or "keys" names what does not."""
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, *_STUMBLES):
        raise Failed("token", "The provider's answer holds no ID token that can be read.") from None
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise Failed("token", "The provider signed its answer in a way that is not accepted.")
    key = _key(header, algorithm, found)
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key=key,
            algorithms=[algorithm],
            audience=client_id,
            issuer=found.issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except jwt.PyJWTError as error:
        said = next((said for kind, said in _SAID if isinstance(error, kind)), "The ID token is not valid.")
        raise Failed("token", said) from None
    except _STUMBLES:
        raise Failed("token", "The provider's answer holds no ID token that can be read.") from None
    return claims


def _key(header: dict[str, Any], algorithm: str, found: Discovery) -> Any:
    """The key that the token names; a new one is asked for once, since providers change theirs."""
    for fresh in (False, True):
        listed = line.keys_of(found, fresh=fresh)
        fitting = [one for one in listed if _may_be(one, header.get("kid"), algorithm)]
        for one in fitting:
            try:
                key = jwt.PyJWK(one, algorithm=algorithm).key
            except (jwt.PyJWTError, *_STUMBLES):
                continue
            if not isinstance(key, RSAPublicKey) or key.key_size >= _SHORTEST_RSA:
                return key
    raise Failed("keys", "The provider publishes no key that fits the signature of its answer.")


def _may_be(one: dict[str, Any], kid: Any, algorithm: str) -> bool:
    named = kid is None or one.get("kid") == kid
    return named and one.get("use") in (None, "sig") and one.get("alg") in (None, algorithm)
