"""Settings, Set-up: what a new company is asked, step by step, and in the end what is known and what not."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from config.setup import marks
from config.setup.standing import SetUp
from config.setup.steps import BY_KEY, GUIDED
from config.setup.summary import Summary

UNKNOWN = "This is nothing one does in the set-up. Use the buttons of the page."


@require_http_methods(["GET", "HEAD"])
@needs(Can.SETTINGS)
def guide(request: SignedIn) -> HttpResponse:
    """Every step, how it stands and where it is done."""
    return _guide(request)


def _guide(request: SignedIn, *, status: int = 200, refused: str = "") -> HttpResponse:
    setup = SetUp(request.user, timezone.now())
    shown = {"section": "settings", "page": "setup", "setup_now": setup, "refused": refused}
    with timezone.override(request.user.company.zone):
        return render(request, "setup/guide.html", shown, status=status)


@require_POST
@needs(Can.SETTINGS)
def step(request: SignedIn) -> HttpResponse:
    """Open a step, say that it is well as it stands or left for later, or leave; lead on to the next one.

    Whoever opens a step is led from then on: the strip stands above the pages, until they leave.
    """
    key, act, at = request.POST.get("step", "")[:40], request.POST.get("do", ""), timezone.now()
    if act == "leave":
        request.session.pop(GUIDED, None)
        messages.info(request, "The set-up waits; it goes on from your home page.")
        return redirect("home")
    if act == "go":
        return go_on(request, "")
    if key not in BY_KEY or act not in ("open", "keep", "skip", "next"):
        return _guide(request, status=400, refused=UNKNOWN)
    if act == "open":
        request.session[GUIDED] = True
        return redirect(BY_KEY[key].url_name)
    setup = SetUp(request.user, at)
    if act == "keep" and not setup.by_key(key).keep:
        act = "next"  # facts alone say that it is done
    try:
        if act == "keep":
            # What the page of a step wants to open with stays when it is said once more to be well.
            marks.keep(key, by=request.user, at=at, said=setup.marks[key].said if key in setup.marks else {})
        elif act == "skip":
            marks.skip(key, by=request.user, at=at)
    except Refused as refused:
        return _guide(request, status=409, refused=refused.sentence)
    return redirect("setup:guide") if request.POST.get("from") == "guide" else go_on(request, key)


def go_on(request: HttpRequest, key: str) -> HttpResponse:
    """To the next step that is open; to the summary when there is none."""
    request.session[GUIDED] = True
    following = SetUp(request.user, timezone.now()).after(key)  # type: ignore[arg-type]
    return redirect(following.url if following else "setup:summary")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def summary(request: SignedIn) -> HttpResponse:
    """What is set, what was assumed, what nobody could know; POST ends the set-up."""
    if request.method == "POST":
        marks.finish(by=request.user, at=timezone.now())
        request.session.pop(GUIDED, None)
        messages.success(request, "The set-up is over. What is still missing stands here.")
        return redirect("home")
    shown = {"section": "settings", "page": "setup", "summary": Summary(SetUp(request.user, timezone.now()))}
    with timezone.override(request.user.company.zone):
        return render(request, "setup/summary.html", shown)
