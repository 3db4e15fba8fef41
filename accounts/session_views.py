"""One's sessions: how long this one lasts, staying signed in, and signing out elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.decorators import login_not_required
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions, clocks, devices
from accounts.access import SignedIn
from accounts.models import User


@dataclass(frozen=True)
class Place:
    """One session as the list shows it."""

    row: UserSession
    device: str
    handheld: bool
    seen_at: datetime
    here: bool


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """Say how long this session lasts, as JSON; asking extends it only without ``Holdline-Background``.

    POST ends it when its time is over by its own clock: the page that watched the clock covers itself and
    does not leave the minute of grace to whoever sits down next.
    """
    clock: clocks.Clock | None = getattr(request, "clock", None)
    if clock is None or not request.user.is_authenticated:
        return JsonResponse({"person": None, "idle_left": 0, "absolute_left": 0})
    if request.method == "POST" and clock.is_due:
        request.session.flush()
        return JsonResponse({"person": None, "idle_left": 0, "absolute_left": 0})
    lasts = {"idle_left": clock.idle_left, "absolute_left": clock.absolute_left}
    return JsonResponse({"person": request.user.pk, **lasts})


@require_POST
def stay(request: SignedIn) -> HttpResponse:
    """Somebody is still there: count the idle time from now."""
    now = timezone.now()
    clocks.touch(request.session, now, always=True)
    clock = clocks.read(request.session, now)
    lasts = {"idle_left": clock.idle_left, "absolute_left": clock.absolute_left}
    return JsonResponse({"person": request.user.pk, **lasts})


@never_cache
@require_safe
def signed_in_again(request: SignedIn) -> HttpResponse:
    """The tab that was opened to sign in again: the other one goes on by itself."""
    return render(request, "accounts/signed_in_again.html")


@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: SignedIn) -> HttpResponse:
    """List where one is signed in; POST signs out one place (``session``), or all others."""
    if request.method == "POST":
        return _sign_out(request)
    places = places_of(request.user, request.session.session_key or "", timezone.now())
    return render(request, "usersessions/usersession_list.html", {"places": places})


def _sign_out(request: SignedIn) -> HttpResponse:
    chosen = request.POST.get("session", "")
    here = request.session.session_key
    if chosen:
        number = int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 18 else 0
        keys = UserSession.objects.filter(user=request.user, pk=number).exclude(session_key=here or "")
        ended = actions.end_sessions(request.user, list(keys.values_list("session_key", flat=True)))
    else:
        ended = actions.end_other_sessions(request.user, but=here)
    words = "You were signed in nowhere else." if not ended else f"Signed out in {_places(ended)}."
    messages.success(request, words)
    return redirect("usersessions_list")


def _places(count: int) -> str:
    return "one other place" if count == 1 else f"{count} other places"


def places_of(user: User, here: str, at: datetime) -> list[Place]:
    """Where a person is signed in at this moment, this place first, then the latest; two queries."""
    rows = {row.session_key: row for row in UserSession.objects.filter(user=user)}
    stored = Session.objects.filter(session_key__in=rows, expire_date__gt=at)
    places = []
    for kept in stored:
        facts = kept.get_decoded()
        valid = constant_time_compare(facts.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
        if not valid or clocks.read(facts, at).ended:
            continue
        row = rows[kept.session_key]
        seen = datetime.fromtimestamp(facts.get(clocks.SEEN, int(row.created_at.timestamp())), tz=UTC)
        device, handheld = devices.in_words(row.user_agent), devices.is_handheld(row.user_agent)
        places.append(Place(row, device, handheld, seen, kept.session_key == here))
    return sorted(places, key=lambda place: (not place.here, -place.seen_at.timestamp()))
