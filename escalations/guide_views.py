"""The guide, "Unclear?" at each of its places, and the page where admins settle what is unclear."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from escalations import actions
from escalations.domain.answers import long_text
from escalations.guide_screen import WHOLE, GuideScreen
from escalations.models import GuideCount, PolicyVersion, UnclearReport
from escalations.policies import policy_in_force
from patients.domain.intake import Wrong, text

LONGEST_WORDS, LONGEST_NOTE = 500, 300
MOST_OPEN, MOST_SETTLED = 100, 20
_TORN = "This form did not arrive whole, so nothing was settled."
_GONE = "The guide has changed since, and that place is not in it any more. What you wrote stands below."


@require_safe
def guide(request: SignedIn) -> HttpResponse:
    """The guide for everybody who is signed in; a search in it is no further view of it (R-DOC-1)."""
    screen = GuideScreen(_version(request), request.user.company, request.GET.get("q", ""))
    counted = request.method == "GET" and not screen.search
    views = actions.count_view(by=request.user) if counted else _views(request)
    return _guide(request, screen, views=views)


@require_POST
def unclear(request: SignedIn) -> HttpResponse:
    """Take down that a place is unclear, and go back to it; what cannot be kept stays in its box."""
    version = _version(request)
    screen = GuideScreen(version, request.user.company)
    place, typed = request.POST.get("place", ""), request.POST.get("words", "")
    try:
        if place not in screen.places_named():
            raise Wrong("place", _GONE)
        words = long_text("What you wrote", LONGEST_WORDS)(typed)
    except Wrong as wrong:
        asked = {"place": place if wrong.code != "place" else WHOLE, "typed": typed, "wrong": wrong.sentence}
        return _guide(request, screen, views=_views(request), status=400, asked=asked)
    actions.report_unclear(version, place, words, by=request.user, at=timezone.now())
    messages.success(request, "Thank you. An admin sees it and makes it clearer.")
    return redirect(f"{reverse('guide:page')}#{place}")


def _guide(request: SignedIn, screen: GuideScreen, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "section": "escalations",
        "page": "guide",
        "screen": screen,
        "may_file": request.user.may(Can.WORK_TICKETS),
        "may_settle": request.user.may(Can.SETTINGS),
        **more,
    }
    return render(request, "escalations/guide.html", context, status=status)


def _version(request: SignedIn) -> PolicyVersion:
    return policy_in_force(request.user.company, at=timezone.now())


def _views(request: SignedIn) -> int:
    found = GuideCount.objects.visible_to(request.user).values_list("views", flat=True).first()
    return found or 0


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def reports(request: SignedIn) -> HttpResponse:
    """What people found unclear: read the place, mend the words, settle it with a note."""
    if request.method != "POST":
        return _reports(request)
    if not request.POST.get("report"):
        return _reports(request, status=400, refused=_TORN)
    report, typed = _report(request), request.POST.get("note", "")
    try:
        note = text("The note", LONGEST_NOTE, required=True)(typed)
    except Wrong as wrong:
        asked = {"report": report.pk, "typed": typed, "wrong": wrong.sentence}
        return _reports(request, status=400, asked=asked)
    try:
        actions.settle_report(report, note, by=request.user, at=timezone.now())
    except Refused as refused:
        return _reports(request, status=409, refused=refused.sentence)
    messages.success(request, "Settled.")
    return redirect("guide:reports")


def _report(request: SignedIn) -> UnclearReport:
    key = request.POST.get("report", "")
    plain = key.isascii() and key.isdigit() and len(key) <= 18
    found = UnclearReport.objects.visible_to(request.user).filter(pk=int(key)).first() if plain else None
    if found is None:
        raise Http404
    return found


def _reports(request: SignedIn, *, status: int = 200, **more: Any) -> HttpResponse:
    screen = GuideScreen(_version(request), request.user.company)
    rows = UnclearReport.objects.visible_to(request.user).select_related("by", "settled_by")
    is_open = rows.filter(settled_at=None)
    context = {
        "section": "settings",
        "page": "unclear",
        "named": screen.places_named(),
        "open": list(is_open.order_by("-at")[:MOST_OPEN]),
        "count": is_open.count(),
        "settled": list(rows.exclude(settled_at=None).order_by("-settled_at")[:MOST_SETTLED]),
        **more,
    }
    with timezone.override(request.user.company.zone):
        return render(request, "escalations/unclear.html", context, status=status)
