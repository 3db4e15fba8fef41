"""The door of a page: which capability it takes, and who is refused in which words."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.roles import Can, refusal


class SignedIn(HttpRequest):
    """A request behind the login wall: somebody of a company is asking. For annotations only."""

    user: User


def needs(capability: Can) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let only people with the capability into the view; others get 403 naming the role needed."""

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: SignedIn, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.may(capability):
                raise PermissionDenied(refusal(capability))
            return view(request, *args, **kwargs)

        guarded.needs = capability  # type: ignore[attr-defined]
        return guarded

    return wrap
