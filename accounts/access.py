"""The door of a page: which capability it takes, and who is refused in which words."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from accounts.roles import Can, refusal


def needs(capability: Can) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let only people with the capability into the view; others get 403 naming the role needed."""

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.may(capability):  # type: ignore[union-attr]
                raise PermissionDenied(refusal(capability))
            return view(request, *args, **kwargs)

        guarded.needs = capability  # type: ignore[attr-defined]
        return guarded

    return wrap
