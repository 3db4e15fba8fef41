"""A test of a provider in words: which steps to it went well, which one failed, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from accounts import provider_actions
from accounts.models import SignInProvider, User
from accounts.steps import Refused
from work import reach
from work.hooks.probe import FAILED, PASSED, SKIPPED, Step
from work.oidc import flow, line
from work.oidc.domain.address import PRIVATE
from work.oidc.line import Failed
from work.places import is_address

_LOOK_UP_SECONDS = 3.0
_STEPS = {
    "address": ("Address", "Correct the issuer: copy it as the provider shows it."),
    "name": (
        "Name",
        "Look for a typing error in the issuer. If it is right, ask whoever runs this server.",
    ),
    "connect": (
        "Connection",
        "Look at the port in the issuer, and whether a firewall lets this server out there.",
    ),
    "tls": (
        "Encryption",
        "Whoever runs the provider mends its certificate; nobody signs in by it until then.",
    ),
    "discovery": ("Description", "Copy the issuer once more; some providers have one for each tenant."),
    "keys": ("Keys", "Whoever runs the provider looks at the keys that it publishes (jwks_uri)."),
    "client": (
        "Client id and secret",
        "Copy both once more from the provider; a secret may have run out there.",
    ),
}


def try_out(row: SignInProvider, *, by: User, at: datetime) -> list[Step]:
    """Go the whole way but the sign-in itself; what was found is kept with the provider."""
    test: dict[str, Any] = {"issuer": row.issuer, "step": "", "said": ""}
    try:
        found = line.discover(row.issuer, fresh=True)
        line.keys_of(found, fresh=True)
        secret = provider_actions.secret_of(row)
        test["said"] = line.try_client(found, row.client_id, secret, flow.callback_url(row))
    except Failed as failed:
        test |= {"step": failed.step if failed.step in _STEPS else "client", "said": str(failed)}
    except Refused as refused:
        test |= {"step": "client", "said": refused.sentence}
    provider_actions.keep_test(row, test, by=by, at=at)
    return steps_of(test)


def steps_of(test: Mapping[str, Any]) -> list[Step]:
    """The steps of a test that was kept; none when there was none."""
    if not test:
        return []
    keys = [key for key in _STEPS if key != "tls" or urlsplit(test["issuer"]).scheme == "https"]
    failed = keys.index(test["step"]) if test["step"] in keys else len(keys)
    steps = []
    for place, key in enumerate(keys):
        name, mend = _STEPS[key]
        if place < failed:
            steps.append(Step(key, name, PASSED, test["said"] if key == "client" else ""))
        elif place == failed:
            steps.append(Step(key, name, FAILED, test["said"], mend))
        else:
            steps.append(Step(key, name, SKIPPED))
    return steps


def leads_inside(url: str) -> str:
    """Why a name may not be used, by where it leads; empty where it may, or nobody can say yet."""
    parts = urlsplit(url)
    host, allowed = parts.hostname or "", line.rules()
    if is_address(host):
        return "" if allowed.may_connect(host.strip("[]")) else PRIVATE
    found = reach.look_up(host, parts.port or 443, _LOOK_UP_SECONDS)
    inside = not isinstance(found, str) and not all(allowed.may_connect(place) for place, _ in found)
    return PRIVATE if inside else ""
