"""Emergency reading: opening the pages of patients for half an hour, ending that, and who did."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import emergency
from accounts.access import SignedIn, needs
from accounts.by_provider import asked_again
from accounts.people_forms import ReasonForm
from accounts.roles import Can
from patients.emergency_screen import EmergencyScreen
from patients.showing import show

SECTION = {"section": "settings", "page": "emergency"}


@require_safe
@needs(Can.WATCH_EMERGENCIES)
def page(request: SignedIn) -> HttpResponse:
    """Who read in an emergency, why and what; for an admin also the way to."""
    return _page(request, ReasonForm(act="emergency"))


@never_cache
@require_POST
@needs(Can.BREAK_GLASS)
@asked_again()
def open_pages(request: SignedIn) -> HttpResponse:
    """Open the pages of patients to this session. Asks for one's password again."""
    form = ReasonForm(request.POST, act="emergency")
    if not form.is_valid():
        return _page(request, form, status=400)
    reason = form.cleaned_data["reason"]
    opened = emergency.open_reading(request.user, reason=reason, at=timezone.now())
    emergency.enter(request, opened)
    return redirect("patients:list")


@require_POST
@needs(Can.BREAK_GLASS)
def end_pages(request: SignedIn) -> HttpResponse:
    """End it before its time."""
    ended = emergency.end_reading(request.user, at=timezone.now())
    request.session.pop(emergency.FIELD, None)
    messages.success(request, "The emergency reading is ended." if ended else "It had ended already.")
    return redirect("emergency:page")


def _page(request: SignedIn, form: ReasonForm, *, status: int = 200) -> HttpResponse:
    context = {**SECTION, "form": form, "screen": EmergencyScreen(request.user, now=timezone.now())}
    return show(request, "patients/emergency.html", context, status=status)
