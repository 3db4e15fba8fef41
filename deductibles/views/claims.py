"""Claims: the list, the Claim page and its steps."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from deductibles import queries
from deductibles.actions.moves import Invalid
from deductibles.claim_screen import ClaimScreen
from deductibles.claim_steps import CONFIRMED, lands_on, take_step
from deductibles.claims_screen import ClaimsScreen
from deductibles.models import Claim
from deductibles.views.showing import show, status_of, today_of, turn
from patients import reading
from patients.banners import banners_of
from patients.models import Door


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.READ_CLAIMS)
def claim_list(request: SignedIn) -> HttpResponse:
    """All claims, by status and number; a patient's name is posted, so that no address has it (I8)."""
    screen = ClaimsScreen(request)
    if request.method == "POST":
        return redirect(screen.found())
    if screen.opening:
        return redirect(screen.opening)
    turn(screen, request.GET.get("cursor", ""))
    context, status = {"screen": screen, "face": screen.face}, 400 if screen.wrong else 200
    return show(request, "deductibles/claims.html", context, section="claims", page="all", status=status)


@require_safe
@needs(Can.READ_CLAIMS)
def claim_page(request: SignedIn, number: str) -> HttpResponse:
    """One claim: what it waits for, why, and everything it is made of."""
    return _show(request, number, tab=request.GET.get("tab", ""))


@require_POST
@needs(Can.WORK_CLAIMS)
def claim_steps(request: SignedIn, number: str) -> HttpResponse:
    """Take a step; one that is refused shows the claim as it is now, with the reason."""
    claim, act = claim_of(request, number), request.POST.get("act", "")
    tab = request.POST.get("tab", "")
    try:
        said = take_step(claim, act, request.POST, by=request.user, at=timezone.now())
    except Invalid as invalid:
        more: dict[str, Any] = {"wrong": invalid.fields}
        return _show(request, number, tab=tab, status=400, failed=act, typed=request.POST, **more)
    except Refused as refused:
        asks = CONFIRMED.get(act, "") if refused.facts.get("confirm") else ""
        more = {"refused": refused, "asks": asks}
        return _show(
            request, number, tab=tab, status=status_of(refused), failed=act, typed=request.POST, **more
        )
    messages.success(request, said)
    place = lands_on(act, tab, request.POST)
    return redirect(reverse("deductibles:claim", args=[number]) + (f"?{place}" if place else ""))


def _show(request: SignedIn, number: str, *, tab: str, status: int = 200, **more: Any) -> HttpResponse:
    try:
        detail = queries.claim_detail(request.user, _plain(number))
    except Claim.DoesNotExist as missing:
        raise Http404 from missing
    reading.note(request.user, detail.claim.patient, Door.CLAIM, timezone.now())
    screen = ClaimScreen(detail, request.user, tab=tab, today=today_of(request), asked=request.GET, **more)
    banners = banners_of([detail.claim.patient]).get(detail.claim.patient_id, [])
    context = {"screen": screen, "claim": detail.claim, "banners": banners, **more}
    return show(request, "deductibles/claim.html", context, section="claims", page="all", status=status)


def claim_of(request: SignedIn, number: str) -> Claim:
    """The claim in the address, of this person's company, or 404."""
    claim = queries.claims(request.user).filter(number=_plain(number)).first()
    if claim is None:
        raise Http404
    return claim


def _plain(number: str) -> str:
    """A claim number is short and printable; anything else is nobody's."""
    if not (number.isascii() and number.isprintable() and len(number) <= 20):
        raise Http404
    return number
