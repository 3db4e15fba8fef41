"""``Authorization: Token KEY``: a program signs in with a key made by ``create_token``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import factors
from accounts.models import ApiToken

_REFUSED = "This token is not valid: unknown, expired or revoked. Ask an admin for a new one."


class TokenAuthentication(BaseAuthentication):
    """Find the token by its digest; expired, revoked and inactive ones are refused alike."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        scheme, _, key = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "token":
            return None
        now = timezone.now()
        token = (
            ApiToken.objects.select_related("user__company")
            .annotate(**factors.annotation("user_id"))
            .filter(digest=ApiToken.digest_of(key.strip()), revoked_at=None, expires_at__gt=now)
            .first()
        )
        if token is None or not token.user.is_active:
            raise AuthenticationFailed(_REFUSED)
        if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=5):
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        if hasattr(token, factors.ANNOTATED):
            setattr(token.user, factors.ANNOTATED, getattr(token, factors.ANNOTATED))
        token.user.limited_to = token.limits
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Token"
