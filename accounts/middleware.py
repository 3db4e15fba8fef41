"""What a shared computer may keep of a signed-in person's pages: nothing."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers


class KeepNothing:
    """Mark every answer to somebody signed in as not to be stored, by browser or proxy.

    Pages carry patient data; the next person at the desk must not find it behind Back. Style sheets and
    scripts are served before this and stay cacheable.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        signed_in = "Authorization" in request.headers or request.user.is_authenticated
        if signed_in and not answer.has_header("Cache-Control"):
            add_never_cache_headers(answer)
        return answer
