"""Speaking to a provider: its description, its keys, the exchange of a code, in bounded time and size.

Each call says what failed by its step, for the sign-in page and for the test of the settings alike.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.core.cache import caches

from work.oidc.domain.address import WELL_KNOWN, NoAddress, Rules, read_url
from work.wire import Limits, Line, Response, Unavailable

LIMITS = Limits(connect=5.0, total=10.0, body=512 * 2**10)
KEPT_SECONDS = 300
"""How long a process keeps a provider's description and keys, unless a token names a new key."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that are accepted: by a key pair alone, never by the client secret, never none."""
_JSON = {"Accept": "application/json"}


class Failed(Exception):
    """A step with the provider failed; ``str()`` says how.

    ``step`` is "address", "name", "connect", "tls", "discovery", "keys", "client", "token" or "person".
    """

    def __init__(self, step: str, said: str) -> None:
        super().__init__(said)
        self.step = step


@dataclass(frozen=True)
class Discovery:
    """What a provider says of itself: its issuer as it signs, and where what is."""

    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str
    post: bool
    """Whether the client secret goes into the body rather than into a header."""


def rules() -> Rules:
    """What this installation allows as the address of a provider."""
    private = settings.SIGN_IN_PRIVATE
    return Rules(private=private, http_here=private and (settings.DEMO or settings.DEBUG))


class _ProviderLine(Line):
    def __init__(self) -> None:
        super().__init__("The provider", LIMITS, public_only=True)
        self._allowed = rules()

    def fits(self, address: str) -> bool:
        """Whether something may be sent to this IP address."""
        return self._allowed.may_connect(address)


def _call(
    step: str, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
) -> Response:
    try:
        read_url(url, rules())
        with _ProviderLine() as line:
            answer: Response = line.call(line.send(method, url, headers={**_JSON, **headers}, body=body))
            return answer
    except NoAddress as problem:
        raise Failed("address", str(problem)) from None
    except Unavailable as problem:
        known = problem.step if problem.step in ("address", "name", "connect", "tls") else step
        raise Failed(known, str(problem)) from None


def _object(step: str, answer: Response, what: str) -> dict[str, Any]:
    try:
        found = json.loads(answer.body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Failed(step, f"{what} is no JSON (the provider answered {answer.status}).") from None
    if not isinstance(found, dict):
        raise Failed(step, f"{what} is no JSON object.")
    return found


def _name(what: str, url: str) -> str:
    return f"oidc-{what}-{hashlib.sha256(url.encode()).hexdigest()}"


def discover(issuer: str, *, fresh: bool = False) -> Discovery:
    """What the provider says of itself."""
    name = _name("discovery", issuer)
    kept = caches["local"].get(name) if not fresh else None
    if kept is None:
        kept = _read_discovery(issuer)
        caches["local"].set(name, kept, KEPT_SECONDS)
    found: Discovery = kept
    return found


def _read_discovery(issuer: str) -> Discovery:
    answer = _call("discovery", "GET", issuer.rstrip("/") + WELL_KNOWN, {})
    if answer.status != 200:
        why = f"The provider answered {answer.status} where its description should be ({WELL_KNOWN})."
        raise Failed("discovery", why)
    said = _object("discovery", answer, "The provider's description")
    named = said.get("issuer")
    if not isinstance(named, str) or named.rstrip("/") != issuer.rstrip("/"):
        shown = named[:120] if isinstance(named, str) else "none"
        raise Failed("discovery", f"The provider calls itself {shown}. Enter exactly that as the issuer.")
    places = {name: _place(said, name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    signs = said.get("id_token_signing_alg_values_supported")
    if isinstance(signs, list) and not set(ALGORITHMS).intersection(map(str, signs)):
        raise Failed("discovery", "The provider signs only in ways that are not accepted here; RS256 is.")
    ways = said.get("token_endpoint_auth_methods_supported")
    return Discovery(
        issuer=named,
        authorization=places["authorization_endpoint"],
        token=places["token_endpoint"],
        keys=places["jwks_uri"],
        userinfo=_place(said, "userinfo_endpoint") if said.get("userinfo_endpoint") else "",
        post=isinstance(ways, list) and "client_secret_basic" not in ways and "client_secret_post" in ways,
    )


def _place(said: Mapping[str, Any], name: str) -> str:
    url = said.get(name)
    try:
        return read_url(url if isinstance(url, str) else "", rules())
    except NoAddress as problem:
        raise Failed("discovery", f"The provider's description names no usable {name}. {problem}") from None


def keys_of(found: Discovery, *, fresh: bool = False) -> list[dict[str, Any]]:
    """The public keys of the provider, as it publishes them."""
    name = _name("keys", found.keys)
    kept = caches["local"].get(name) if not fresh else None
    if kept is None:
        answer = _call("keys", "GET", found.keys, {})
        if answer.status != 200:
            raise Failed("keys", f"The provider answered {answer.status} where its keys should be.")
        listed = _object("keys", answer, "The provider's list of keys").get("keys")
        kept = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        if not kept:
            raise Failed("keys", "The provider publishes no key by which its signature could be checked.")
        caches["local"].set(name, kept, KEPT_SECONDS)
    known: list[dict[str, Any]] = kept
    return known


def exchange(found: Discovery, client_id: str, secret: str, form: Mapping[str, str]) -> dict[str, Any]:
    """Give a code for tokens. Fails at "client" when it is our id or secret that is refused."""
    answer = _token_call(found, client_id, secret, form)
    said = _object("token", answer, "The provider's answer to the code")
    error = said.get("error")
    if answer.status == 401 or error in ("invalid_client", "unauthorized_client"):
        raise Failed("client", "The provider does not accept the client id and secret that are kept here.")
    if answer.status != 200 or error is not None:
        named = f" ({error[:60]})" if isinstance(error, str) and error.isprintable() else ""
        raise Failed("token", f"The provider refused the sign-in with {answer.status}{named}. Start again.")
    if not isinstance(said.get("access_token"), str) or not isinstance(said.get("id_token"), str):
        raise Failed("token", "The provider's answer has no ID token in it.")
    return said


def try_client(found: Discovery, client_id: str, secret: str, redirect: str) -> str:
    """Try id and secret with a code that is none: a sentence when they are accepted or nobody can tell."""
    form = {"grant_type": "authorization_code", "code": "holdline-test", "redirect_uri": redirect}
    answer = _token_call(found, client_id, secret, form)
    try:
        error = _object("client", answer, "The answer").get("error")
    except Failed:
        error = None
    if answer.status == 401 or error in ("invalid_client", "unauthorized_client"):
        raise Failed("client", "The provider does not accept this client id and secret.")
    if error == "invalid_grant":
        return "Accepted; the code that was tried is none, as it should be."
    return f"It could not be told (the provider answered {answer.status}); a sign-in shows it."


def _token_call(found: Discovery, client_id: str, secret: str, form: Mapping[str, str]) -> Response:
    sent, headers = dict(form), {"Content-Type": "application/x-www-form-urlencoded"}
    if found.post:
        sent |= {"client_id": client_id, "client_secret": secret}
    else:
        pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return _call("token", "POST", found.token, headers, urlencode(sent).encode())


def profile_of(found: Discovery, access_token: str) -> dict[str, Any]:
    """What the provider tells of who signed in."""
    if not access_token.isascii() or not access_token.isprintable():
        raise Failed("token", "The provider's answer has an access token that cannot be sent.")
    answer = _call("person", "GET", found.userinfo, {"Authorization": f"Bearer {access_token}"})
    if answer.status != 200:
        raise Failed("person", f"The provider answered {answer.status} when asked who signed in.")
    return _object("person", answer, "What the provider tells of who signed in")
