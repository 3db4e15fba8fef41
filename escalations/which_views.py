"""“Which ticket?” (R-X-9): a page, and the same as a fragment for a dialog."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import SignedIn, needs
from accounts.roles import Can
from escalations import actions
from escalations.filing import values_of
from escalations.policies import policy_in_force, policy_of
from escalations.which_screen import WhichScreen

THANKS = "Thank you, it is logged. No ticket was filed."


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.WORK_TICKETS)
def which(request: SignedIn) -> HttpResponse:
    """A few questions that lead to a type, or to what to do instead, which a press logs."""
    at = timezone.now()
    version = policy_in_force(request.user.company, at=at)
    policy = policy_of(version)
    data = request.POST if request.method == "POST" else request.GET
    screen = WhichScreen(policy, values_of(policy, request.user.company), data)
    if request.method != "POST":
        return _show(request, screen)
    if not screen.told:
        screen.lost = True
        return _show(request, screen, status=400)
    actions.log_no_ticket(version, screen.rule, screen.told, by=request.user, at=at)
    return _thank(request, screen)


def _thank(request: SignedIn, screen: WhichScreen) -> HttpResponse:
    """Say thanks and offer a new search: in the dialog there, on the page with the first question."""
    if _in_dialog(request):
        return _show(request, screen, thanks=THANKS)
    messages.success(request, THANKS)
    return redirect(screen.start)


def _show(request: SignedIn, screen: WhichScreen, *, status: int = 200, thanks: str = "") -> HttpResponse:
    part = "#walk" if _in_dialog(request) else ""
    context: dict[str, Any] = {"section": "escalations", "page": "which", "screen": screen}
    context |= {"in_dialog": bool(part), "thanks": thanks}
    return render(request, f"escalations/which.html{part}", context, status=status)


def _in_dialog(request: SignedIn) -> bool:
    return bool(request.headers.get("HX-Request"))
