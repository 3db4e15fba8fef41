"""Leading to the set-up whoever opens a server that has no company yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from config.setup import codes


class SetUpFirst:
    """Where there is no company there is nobody to sign in: pages behind the login wall lead to the set-up.

    Asked only for pages that somebody who is not signed in opens; programs are answered as always.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match: Any = request.resolver_match
        walled = getattr(view, "login_required", True) or match.view_name == "account_login"
        if request.method not in ("GET", "HEAD") or not walled or request.user.is_authenticated:
            return None
        return redirect("opening:code") if codes.is_open() else None
