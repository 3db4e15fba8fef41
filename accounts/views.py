"""A person's own settings, and the page for somebody locked out."""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.models import User


@login_not_required
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep theme, density and single keys: on the person when signed in; the theme in a cookie before."""
    chosen: dict[str, Any] = {
        "theme": _one_of(request.POST.get("theme"), ("light", "dark"), ""),
        "density": _one_of(request.POST.get("density"), ("comfortable",), "compact"),
        "single_keys": request.POST.get("single_keys") != "off",
    }
    asked = {name: value for name, value in chosen.items() if name in request.POST}
    if request.user.is_authenticated and asked:
        User.objects.filter(pk=request.user.pk).update(**asked)
    answer = redirect(_back(request))
    if "theme" in asked:
        answer.set_cookie("theme", asked["theme"], max_age=31_536_000, samesite="Lax", httponly=True)
    return answer


def _one_of(value: str | None, allowed: tuple[str, ...], otherwise: str) -> str:
    return value if value in allowed else otherwise


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.META.get("HTTP_REFERER") or "/"
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else "/"


@login_not_required
@never_cache
def locked_out(request: HttpRequest, original_response: Any = None, credentials: Any = None) -> HttpResponse:
    """Too many wrong passwords for this name from this address: say how long it stays closed."""
    minutes = math.ceil(settings.AXES_COOLOFF_TIME.total_seconds() / 60)
    answer = render(request, "accounts/locked_out.html", {"minutes": minutes}, status=429)
    answer["Retry-After"] = str(minutes * 60)
    return answer
