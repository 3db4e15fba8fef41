"""Claims: the list, entering one, the Claim page and its steps."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from deductibles import queries
from deductibles.actions.moves import Invalid
from deductibles.claim_screen import ClaimScreen
from deductibles.claim_steps import CONFIRMED, take_step
from deductibles.claims_screen import ClaimsScreen
from deductibles.entry_screen import EntryScreen
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


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.WORK_CLAIMS)
def claim_new(request: SignedIn) -> HttpResponse:
    """Enter a claim: patient details, coverage, charges, on one page."""
    return _enter(request, EntryScreen(request))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.WORK_CLAIMS)
def claim_edit(request: SignedIn, number: str) -> HttpResponse:
    """Change a draft."""
    return _enter(request, EntryScreen(request, _claim(request, number)))


def _enter(request: SignedIn, screen: EntryScreen) -> HttpResponse:
    status, refused = 200, ""
    if screen.saves:
        try:
            claim = screen.save(at=timezone.now())
        except Invalid as invalid:
            screen.form.take(invalid.fields)
            status = 400
        except Refused as problem:
            status, refused = status_of(problem), problem.sentence
        else:
            messages.success(
                request, f"Claim {claim.number} is saved as a draft. Look it over, then complete it."
            )
            return redirect("deductibles:claim", claim.number)
    _note(request, screen)
    patients = [screen.patient] if screen.patient is not None else []
    banners = [one for found in banners_of(patients).values() for one in found]
    context = {"screen": screen, "form": screen.form, "refused": refused, "banners": banners}
    page = "new" if screen.claim is None else "all"
    return show(request, "deductibles/entry.html", context, section="claims", page=page, status=status)


def _note(request: SignedIn, screen: EntryScreen) -> None:
    """Keep whom the page shows: the chosen patient, or how many were found."""
    if screen.patient is not None:
        reading.note(request.user, screen.patient, Door.CLAIM, timezone.now())
    elif screen.sought.strip():
        reading.note_search(request.user, len(screen.found), Door.CLAIM, timezone.now())


@require_safe
@needs(Can.READ_CLAIMS)
def claim_page(request: SignedIn, number: str) -> HttpResponse:
    """One claim: what it waits for, why, and everything it is made of."""
    return _show(request, number, tab=request.GET.get("tab", ""))


@require_POST
@needs(Can.WORK_CLAIMS)
def claim_steps(request: SignedIn, number: str) -> HttpResponse:
    """Take a step; one that is refused shows the claim as it is now, with the reason."""
    claim, act = _claim(request, number), request.POST.get("act", "")
    tab = request.POST.get("tab", "")
    try:
        said = take_step(claim, act, request.POST, by=request.user, at=timezone.now())
    except Invalid as invalid:
        return _show(
            request, number, tab=tab, status=400, failed=act, wrong=invalid.fields, typed=request.POST
        )
    except Refused as refused:
        more = {"refused": refused.sentence, "confirms": act in CONFIRMED and refused.code == "state"}
        return _show(request, number, tab=tab, status=status_of(refused), failed=act, **more)
    messages.success(request, said)
    return redirect("deductibles:claim", number)


def _show(request: SignedIn, number: str, *, tab: str, status: int = 200, **more: Any) -> HttpResponse:
    try:
        detail = queries.claim_detail(request.user, _plain(number))
    except Claim.DoesNotExist as missing:
        raise Http404 from missing
    reading.note(request.user, detail.claim.patient, Door.CLAIM, timezone.now())
    screen = ClaimScreen(detail, request.user, tab=tab, today=today_of(request))
    banners = banners_of([detail.claim.patient]).get(detail.claim.patient_id, [])
    context = {"screen": screen, "claim": detail.claim, "banners": banners, **more}
    return show(request, "deductibles/claim.html", context, section="claims", page="all", status=status)


def _claim(request: SignedIn, number: str) -> Claim:
    claim = queries.claims(request.user).filter(number=_plain(number)).first()
    if claim is None:
        raise Http404
    return claim


def _plain(number: str) -> str:
    """A claim number is short and printable; anything else is nobody's."""
    if not (number.isascii() and number.isprintable() and len(number) <= 20):
        raise Http404
    return number
