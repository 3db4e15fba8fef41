"""Work lists: all of them, one of them, and setting a claim aside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from deductibles.actions import setting_aside
from deductibles.actions.moves import Invalid
from deductibles.domain.worklists import BY_KEY, PLAN_YEAR, plan_year_end
from deductibles.forms.worklists import AsideForm
from deductibles.models import Claim
from deductibles.submissions_screen import unsettled
from deductibles.views.claims import claim_of
from deductibles.views.showing import show, status_of, today_of, turn
from deductibles.worklists.plan_year import outlook_of
from deductibles.worklists.screen import WorkScreen, cards_of
from deductibles.worklists.table import url_name_of

A_WEEK = timedelta(days=7)


@require_safe
@needs(Can.READ_CLAIMS)
def work_lists(request: SignedIn) -> HttpResponse:
    """Every list with how much stands on it."""
    cards = cards_of(request.user, today_of(request))
    busy = [card for card in cards if card.count.count]
    clear = [card for card in cards if not card.count.count]
    context = {"busy": busy, "clear": clear, "files": unsettled(request.user)}
    return show(request, "deductibles/work.html", context, section="claims", page="work")


def work_list(kind: str) -> Callable[[SignedIn], HttpResponse]:
    """The page of one list."""

    @require_safe
    @needs(Can.READ_CLAIMS)
    def view(request: SignedIn) -> HttpResponse:
        today = today_of(request)
        screen = WorkScreen(request, kind, today=today)
        if screen.opening:
            return redirect(screen.opening)
        turn(screen, request.GET.get("cursor", ""))
        context = {
            "screen": screen,
            "face": screen.face,
            "may_work": request.user.may(Can.WORK_CLAIMS),
            "outlook": outlook_of(screen.asked) if kind == PLAN_YEAR and screen.rows else None,
            "too_early": kind == PLAN_YEAR and plan_year_end(today) is None,
        }
        return show(request, "deductibles/work_list.html", context, section="claims", page="work")

    return view


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.WORK_CLAIMS)
def work_aside(request: SignedIn, number: str, kind: str) -> HttpResponse:
    """Set a claim aside until a day, or bring it back: a page, so that it works without script."""
    if kind not in BY_KEY:
        raise Http404
    claim, at = claim_of(request, number), timezone.now()
    form = AsideForm(request.POST if request.method == "POST" else None, initial=_first(request))
    if request.method != "POST":
        return _aside(request, claim, kind, form)
    try:
        if request.POST.get("do") == "back":
            setting_aside.bring_back(claim, kind, by=request.user, at=at)
            messages.success(request, f"Claim {claim.number} is back on its list.")
        else:
            row = setting_aside.set_aside(claim, kind, form.typed(), by=request.user, at=at)
            messages.success(request, f"Claim {claim.number} is set aside until {row.until_on:%-d %B %Y}.")
    except Invalid as invalid:
        form.take(invalid.fields)
        return _aside(request, claim, kind, form, status=400)
    except Refused as refused:
        return _aside(request, claim, kind, form, status=status_of(refused), refused=refused.sentence)
    return redirect(url_name_of(kind))


def _first(request: SignedIn) -> dict[str, str]:
    return {"until_on": (today_of(request) + A_WEEK).isoformat()}


def _aside(
    request: SignedIn, claim: Claim, kind: str, form: Any, *, status: int = 200, refused: str = ""
) -> HttpResponse:
    context = {
        "claim": claim,
        "list": BY_KEY[kind],
        "back": url_name_of(kind),
        "form": form,
        "refused": refused,
        "kept": setting_aside.kept(claim, kind, today_of(request)).select_related("set_by").first(),
    }
    return show(request, "deductibles/work_aside.html", context, section="claims", page="work", status=status)
