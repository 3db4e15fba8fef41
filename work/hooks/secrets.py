"""The secrets that sign what is sent: made here, told to whoever asked for one, and kept sealed.

An answer that holds one is kept nowhere. Who sent a request with an ``Idempotency-Key`` and did not get its
answer is told again for some minutes, out of the seal by which the endpoint signs.
"""

from __future__ import annotations

import base64
import os
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from standardwebhooks import Webhook

from accounts.secrets import sealer
from work.hooks.models import HookEndpoint

_BYTES = 32
PREFIX = "whsec_"
TOLD_AGAIN = timedelta(minutes=10)
"""So long after it was made a secret is told again to the very request that had it made."""


class Unreadable(Exception):
    """A secret is kept that cannot be opened any more: ``SECRETS_KEY`` was changed."""


def make_secret() -> str:
    """A new secret as receivers keep it: ``whsec_`` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(os.urandom(_BYTES)).decode()


def seal(company_id: int, secret: str) -> str:
    """A secret as it is kept; sealed for one company it opens for no other."""
    return _sealer(company_id).encrypt(secret.encode()).decode()


def secrets_of(endpoint: HookEndpoint, at: datetime) -> list[str]:
    """The secrets that sign now, the newest first: two after a rotation. Raises :class:`Unreadable`."""
    sealed = [endpoint.secret]
    if endpoint.earlier_secret and endpoint.earlier_until and at < endpoint.earlier_until:
        sealed.append(endpoint.earlier_secret)
    try:
        return [_sealer(endpoint.company_id).decrypt(one.encode()).decode() for one in sealed]
    except (InvalidToken, ValueError) as error:
        raise Unreadable from error


def told_again(endpoint: HookEndpoint, made_at: datetime, at: datetime) -> str | None:
    """The secret made at that moment, for whoever had it made and lost the answer.

    None when that was too long ago, when a newer one signs, and when there is none any more.
    """
    if not endpoint.secret or endpoint.secret_made_at != made_at or at - made_at >= TOLD_AGAIN:
        return None
    try:
        return secrets_of(endpoint, at)[0]
    except Unreadable:
        return None


def headers_of(endpoint: HookEndpoint, event_id: str, body: str, at: datetime) -> dict[str, str]:
    """The headers of one attempt: which event, when it is sent, signed by every secret in force."""
    signed = [Webhook(secret).sign(event_id, at, body) for secret in secrets_of(endpoint, at)]
    return {
        "Content-Type": "application/json",
        "User-Agent": "Holdline-Webhooks/1",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signed),
    }


def _sealer(company_id: int) -> Fernet:
    return sealer(f"webhooks of company {company_id}")
