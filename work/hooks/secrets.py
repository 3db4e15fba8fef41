"""The secrets that sign what is sent: made here, sealed when they are kept, and never shown again."""

from __future__ import annotations

import base64
import os
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from standardwebhooks import Webhook

from accounts.secrets import sealer
from work.hooks.models import HookEndpoint

_BYTES = 32
PREFIX = "whsec_"


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
