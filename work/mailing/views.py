"""Settings → Mail: which server mails go to, and whether it takes one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import SignedIn, needs
from accounts.roles import Can
from work.hooks.probe import FAILED
from work.mailing import probe

NO_ADDRESS = "Your account has no mail address for a test to go to. Another admin enters one under People."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def page(request: SignedIn) -> HttpResponse:
    """Where mails go; POST sends one to whoever asks and says how far it came."""
    shown: dict[str, Any] = {
        "section": "settings",
        "page": "connections",
        "from": settings.DEFAULT_FROM_EMAIL,
    }
    if "smtp" in settings.EMAIL_BACKEND:
        shown["server"] = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT or 25}"
    if request.method != "POST":
        return render(request, "mailing/page.html", shown)
    if not request.user.email:
        return render(request, "mailing/page.html", {**shown, "refused": NO_ADDRESS}, status=409)
    steps = probe.try_out(request.user.email)
    failed = next((step for step in steps if step.state == FAILED), None)
    verdict = f"It ends here: {failed.name}." if failed else "Every step went well."
    return render(request, "mailing/page.html", {**shown, "steps": steps, "verdict": verdict})
