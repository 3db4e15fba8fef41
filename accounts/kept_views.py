"""The pages around a form that could not be taken: what happened, what to do, and sending it again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import keeping
from accounts.access import SignedIn
from accounts.clocks import Ended
from accounts.models import User

THROWN_AWAY = "What was typed before you signed in was somebody else's. It was thrown away."
TOO_OLD = "What was typed is no longer kept: an hour has passed. Nothing was changed."


def answer_kept(request: HttpRequest, why: Ended | None) -> HttpResponse | None:
    """Answer a form that came from nobody with a page that keeps it and asks to sign in again.

    None when nothing was typed; a form too large to come back is told so.
    """
    person = getattr(request, "was", None) or keeping.person_of(request)
    sealed = keeping.seal(request, person=person, at=timezone.now())
    if not sealed and not any(request.POST.values()):
        return None
    return _ask_again(request, sealed, why, person)


def _ask_again(
    request: HttpRequest, sealed: str, why: Ended | None, person: int | None = None
) -> HttpResponse:
    known = User.objects.filter(pk=person, is_active=True).first() if person else None
    facts = {"sealed": sealed, "why": why, "person": known, "lost": len(request.FILES)}
    answer = render(request, "accounts/kept_out.html", facts, status=401)
    answer["Cache-Control"] = "no-store"
    return answer


@login_not_required
@never_cache
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token, or with one from before somebody signed in in another tab.

    From one of our own pages it is offered for sending again. A form that another site sent, or one whose
    origin the browser does not tell, is only refused.
    """
    if getattr(request, "htmx", None):
        return HttpResponse(
            "This page was open too long. Reload it.", status=403, headers={"HX-Reswap": "none"}
        )
    if request.POST.get(keeping.FIELD) and keeping.is_our_own(request):
        return _ask_again(request, request.POST[keeping.FIELD], None)
    if keeping.is_keepable(request):
        if not request.user.is_authenticated:
            kept = answer_kept(request, getattr(request, "session_ended", None))
            return kept or render(request, "accounts/form_refused.html", {"ours": True}, status=403)
        sealed = keeping.seal(request, person=request.user.pk, at=timezone.now())
        if sealed:
            found = keeping.unseal(sealed, at=timezone.now())
            return render(request, "accounts/kept.html", {"kept": found, "stale": True}, status=403)
    return render(request, "accounts/form_refused.html", {"ours": keeping.is_our_own(request)}, status=403)


@never_cache
@require_http_methods(["GET", "POST"])
def kept(request: SignedIn) -> HttpResponse:
    """After signing in again: send what was typed to where it was going, or throw it away (POST)."""
    stored: Any = request.session.get(keeping.FIELD)
    if request.method == "POST":
        request.session.pop(keeping.FIELD, None)
        return redirect("home")
    if not stored:
        return redirect("home")
    try:
        found = keeping.unseal(stored["sealed"], at=timezone.now())
    except keeping.NotKept:
        found = None
    if found is None or found.person not in (None, request.user.pk):
        del request.session[keeping.FIELD]
        messages.warning(request, THROWN_AWAY if found else TOO_OLD)
        return redirect("home")
    return render(request, "accounts/kept.html", {"kept": found})
