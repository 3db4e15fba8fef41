"""Settings: keywords and lists, one form each (R-X-8)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from escalations import actions
from escalations.domain.lists import Typed
from escalations.lists_screen import ListsScreen, Torn, rearranged, rows_in
from escalations.policies import policy_in_force

INCOMPLETE = "This form did not arrive whole, so nothing was saved. Look it over and save it again."


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def lists(request: SignedIn) -> HttpResponse:
    """Every list of the policy; saving one makes a new version, the other buttons only move its rows."""
    if request.method != "POST":
        return _show(request, _screen(request, request.GET.get("list", "")))
    key = request.POST.get("list", "")
    if not key:
        return _show(request, _screen(request), status=400, refused=INCOMPLETE)
    screen = _screen(request, key)
    if key not in screen.boxes:
        raise Http404
    try:
        rows = rows_in(request.POST)
    except Torn:
        return _show(request, screen, status=400, refused=INCOMPLETE)
    moved = rearranged(rows, request.POST.get("do", ""))
    if moved is not None:
        screen.show_typed(key, moved).seen = request.POST.get("seen", "")
        return _show(request, screen)
    return _save(request, key, rows)


def _save(request: SignedIn, key: str, rows: list[Typed]) -> HttpResponse:
    company, seen = request.user.company, request.POST.get("seen", "")
    try:
        version = actions.change_list(company, key, rows, seen=seen, by=request.user, at=timezone.now())
    except Refused:
        screen = _screen(request, key)
        screen.show_typed(key, rows)
        return _show(request, screen, status=409, conflict=screen.conflict(key))
    except actions.Unusable as refused:
        screen = _screen(request, key)
        screen.show_typed(key, rows, refused).seen = seen
        return _show(request, screen, status=400, faulty=screen.boxes[key])
    listing = version.data["lists"][key]
    count = len(listing["items"])
    said = f"“{listing['label']}” has {count} {'entry' if count == 1 else 'entries'}"
    messages.success(request, f"Saved: {said}. Tickets filed from now on go by it.")
    return redirect(f"{reverse('policy:lists')}?list={key}#list-{key}")


def _screen(request: SignedIn, opened: str = "") -> ListsScreen:
    company = request.user.company
    return ListsScreen(policy_in_force(company, at=timezone.now()), company, opened)


def _show(request: SignedIn, screen: ListsScreen, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"section": "settings", "page": "lists", "screen": screen, **more}
    return render(request, "escalations/lists.html", context, status=status)
