"""A stand-in for an OpenID Connect provider: `python -m sandbox.oidc --port N [--client ID] [--secret S]`.

Authorization code with PKCE (S256), ID tokens signed by a key made at the start. `/authorize` asks who signs
in, unless a script names the person. `PUT /_script/*` replaces what it does, `DELETE /_script` forgets it:

    person      {"sub", "email", "email_verified", "given_name", …}: comes back at once, without a question
    claims      {…}: laid over the ID token's claims          without    names of claims left out of it
    thin        true: names and address only at /userinfo     userinfo   {…}: laid over what it tells
    signature   "wrong" (another key), "none", "hs256" (by the client secret), "unknown" (never published)
    audience, issuer, expired (true), nonce ("other")
    cancel      true: comes back with access_denied
    discovery   {…}: laid over the description
    status      {"discovery" | "keys" | "token" | "userinfo": 500}
    slow        {the same: seconds}                            raw        {the same: text instead of it}
    rotate      true: from now on another key signs, and is published
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import html
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from .faults import json_object
from .serving import RequestLog, run

CODE_SECONDS = 60
TOKEN_SECONDS = 300


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Provider:
    """The keys, the client, the codes given out, and what the script says."""

    client: str
    secret: str
    key: rsa.RSAPrivateKey = field(default_factory=_key)
    kid: str = "key-1"
    another: rsa.RSAPrivateKey = field(default_factory=_key)
    script: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    log: RequestLog = field(default_factory=RequestLog)


PROVIDER = web.AppKey("provider", Provider)


def application(client: str = "holdline", secret: str = "stand-in-secret") -> web.Application:
    """The service for one client."""
    app = web.Application(middlewares=[noted])
    app[PROVIDER] = Provider(client, secret)
    app.add_routes(
        [
            web.get("/.well-known/openid-configuration", discovery, name="discovery"),
            web.get("/keys", keys, name="keys"),
            web.get("/authorize", authorize),
            web.post("/authorize", authorized),
            web.post("/token", token, name="token"),
            web.get("/userinfo", userinfo, name="userinfo"),
            web.put("/_script/{any}", write_script),
            web.delete("/_script", forget_script),
            web.get("/_requests", requests),
            web.delete("/_requests", forget_requests),
        ]
    )
    return app


@web.middleware
async def noted(request: web.Request, handler: Any) -> web.StreamResponse:
    """Keep each request, and answer badly where the script says so."""
    here = request.app[PROVIDER]
    if request.path.startswith("/_"):
        return await handler(request)
    row = here.log.add(request.method, request.path, (await request.read()).decode("utf-8", "replace"))
    name = request.match_info.route.name or ""
    await asyncio.sleep(float(here.script.get("slow", {}).get(name, 0)))
    status = here.script.get("status", {}).get(name)
    raw = here.script.get("raw", {}).get(name)
    if status:
        answer: web.StreamResponse = web.json_response({"error": "server_error"}, status=int(status))
    elif raw is not None:
        answer = web.Response(text=raw, content_type="application/json")
    else:
        answer = await handler(request)
    row["status"] = answer.status
    return answer


def _issuer(request: web.Request) -> str:
    return f"http://{request.host}"


async def discovery(request: web.Request) -> web.Response:
    at = _issuer(request)
    said = {
        "issuer": at,
        "authorization_endpoint": f"{at}/authorize",
        "token_endpoint": f"{at}/token",
        "jwks_uri": f"{at}/keys",
        "userinfo_endpoint": f"{at}/userinfo",
        "response_types_supported": ["code"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
    }
    return web.json_response(said | request.app[PROVIDER].script.get("discovery", {}))


async def keys(request: web.Request) -> web.Response:
    here = request.app[PROVIDER]
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(here.key.public_key()))
    return web.json_response({"keys": [{**public, "kid": here.kid, "use": "sig", "alg": "RS256"}]})


async def authorize(request: web.Request) -> web.Response:
    """Ask who signs in; a scripted person comes back at once."""
    here, asked = request.app[PROVIDER], dict(request.query)
    if asked.get("client_id") != here.client or asked.get("code_challenge_method") != "S256":
        return web.Response(text="Unknown client, or no PKCE.", status=400)
    if here.script.get("cancel"):
        return _back(asked, {"error": "access_denied"})
    if here.script.get("person"):
        return _back(asked, {"code": _code(here, asked, here.script["person"])})
    kept = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in asked.items()
    )
    page = (
        '<!doctype html><html lang="en"><title>Stand-in provider</title><link rel="icon" href="data:,">'
        "<h1>Stand-in provider</h1>"
        f'<form method="post">{kept}<p><label>Mail address <input name="as"></label></p>'
        "<button>Sign in</button></form></html>"
    )
    return web.Response(text=page, content_type="text/html")


async def authorized(request: web.Request) -> web.Response:
    asked = {name: str(value) for name, value in (await request.post()).items()}
    email = asked.pop("as", "")
    subject = hashlib.sha256(email.encode()).hexdigest()[:16]
    person = {"sub": subject, "email": email, "email_verified": True, "given_name": email.partition("@")[0]}
    return _back(asked, {"code": _code(request.app[PROVIDER], asked, person)})


def _code(here: Provider, asked: dict[str, str], person: dict[str, Any]) -> str:
    code = secrets.token_urlsafe(16)
    here.codes[code] = {"asked": asked, "person": person, "until": time.time() + CODE_SECONDS}
    return code


def _back(asked: dict[str, str], said: dict[str, str]) -> web.Response:
    address = f"{asked['redirect_uri']}?{urlencode({**said, 'state': asked.get('state', '')})}"
    return web.Response(status=302, headers={"Location": address})


def _is_client(here: Provider, request: web.Request, form: dict[str, str]) -> bool:
    sent = request.headers.get("Authorization", "")
    if sent.startswith("Basic "):
        name, _, secret = base64.b64decode(sent[6:]).decode().partition(":")
        return (unquote(name), unquote(secret)) == (here.client, here.secret)
    return (form.get("client_id"), form.get("client_secret")) == (here.client, here.secret)


async def token(request: web.Request) -> web.Response:
    here = request.app[PROVIDER]
    form = {name: str(value) for name, value in (await request.post()).items()}
    if not _is_client(here, request, form):
        return web.json_response({"error": "invalid_client"}, status=401)
    kept = here.codes.pop(form.get("code", ""), None)
    verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
    if (
        kept is None
        or kept["until"] < time.time()
        or kept["asked"].get("redirect_uri") != form.get("redirect_uri")
        or kept["asked"].get("code_challenge") != challenge
    ):
        return web.json_response({"error": "invalid_grant"}, status=400)
    access = secrets.token_urlsafe(16)
    here.people[access] = kept["person"]
    signed = _signed(here, _claims(here, kept, _issuer(request)))
    return web.json_response({"access_token": access, "token_type": "Bearer", "id_token": signed})


def _claims(here: Provider, kept: dict[str, Any], issuer: str) -> dict[str, Any]:
    script, now = here.script, int(time.time())
    person = {"sub": kept["person"]["sub"]} if script.get("thin") else kept["person"]
    claims = {
        "iss": script.get("issuer", issuer),
        "aud": script.get("audience", here.client),
        "iat": now - (7200 if script.get("expired") else 0),
        "exp": now + (-3600 if script.get("expired") else TOKEN_SECONDS),
        "auth_time": now,
        "nonce": "another" if script.get("nonce") == "other" else kept["asked"].get("nonce"),
        **person,
        **script.get("claims", {}),
    }
    return {name: value for name, value in claims.items() if name not in script.get("without", ())}


def _signed(here: Provider, claims: dict[str, Any]) -> str:
    how = here.script.get("signature")
    if how == "none":
        return jwt.encode(claims, "", algorithm="none")
    if how == "hs256":
        return jwt.encode(claims, here.secret.ljust(32, "."), algorithm="HS256", headers={"kid": here.kid})
    key = here.another if how in ("wrong", "unknown") else here.key
    kid = "key-unknown" if how == "unknown" else here.kid
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})


async def userinfo(request: web.Request) -> web.Response:
    here = request.app[PROVIDER]
    person = here.people.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
    if person is None:
        return web.json_response({"error": "invalid_token"}, status=401)
    return web.json_response({**person, **here.script.get("userinfo", {})})


async def write_script(request: web.Request) -> web.Response:
    here = request.app[PROVIDER]
    here.script = await json_object(request)
    if here.script.get("rotate"):
        here.key, here.kid = _key(), f"key-{secrets.token_hex(4)}"
    return web.json_response({"scripted": True})


async def forget_script(request: web.Request) -> web.Response:
    request.app[PROVIDER].script = {}
    return web.json_response({"scripted": False})


async def requests(request: web.Request) -> web.Response:
    return web.json_response(request.app[PROVIDER].log.as_json())


async def forget_requests(request: web.Request) -> web.Response:
    request.app[PROVIDER].log.clear()
    return web.json_response({"forgotten": True})


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.oidc", description="A stand-in for an OpenID Connect provider."
    )
    parser.add_argument("--port", type=int, required=True, help="0 picks a free one and prints it")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--client", default="holdline", help="the client id it knows")
    parser.add_argument("--secret", default="stand-in-secret", help="that client's secret")
    args = parser.parse_args()
    run(application(args.client, args.secret), args.host, args.port, "OpenID Connect")


if __name__ == "__main__":
    main()
