"""What is kept readable only to Holdline: sealed by keys made from SECRETS_KEY, one for each purpose."""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def sealer(purpose: str) -> Fernet:
    """Give the sealer of one purpose; what one purpose sealed, another cannot open."""
    return _sealer(purpose, settings.SECRETS_KEY)


@lru_cache(maxsize=16)
def _sealer(purpose: str, secret: str) -> Fernet:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"holdline {purpose}".encode())
    return Fernet(base64.urlsafe_b64encode(derive.derive(secret.encode())))
