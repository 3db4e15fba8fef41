"""A limit per token or person: 1,200 calls a minute unless API_RATE says otherwise."""

from typing import Any

from django.core.cache import caches
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class PerToken(SimpleRateThrottle):
    """Count in this process's memory: no Redis, no database write a call.

    With several web processes the limit holds per process; the proxy in front may hold a harder one.
    """

    scope = "token"
    cache = caches["local"]

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        token = getattr(request.auth, "pk", None)
        user = getattr(request.user, "pk", None)
        ident = f"t{token}" if token else f"u{user}" if user else self.get_ident(request)
        return f"rate-{ident}"
