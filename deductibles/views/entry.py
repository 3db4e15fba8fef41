"""Entering a claim: Patient Details, Coverage, Charges on one page, and the final review on the next."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from deductibles.actions import drafts
from deductibles.actions.moves import Invalid
from deductibles.claim_steps import take_step
from deductibles.domain import states
from deductibles.entry_screen import EntryScreen, form_key
from deductibles.entry_work import press
from deductibles.models import Claim
from deductibles.review_screen import ReviewScreen
from deductibles.views.claims import claim_of
from deductibles.views.showing import show, status_of, today_of
from patients import reading
from patients.banners import banners_of
from patients.models import Door

SAVED_ALREADY = "This form was saved as claim {number} already. What is typed here is shown beside it."
NOT_KEPT = ("csrfmiddlewaretoken", "do", "key", "more", "find", "other", "choose", "known")
NOT_TYPED = ("rows", "coverages", "sought", "version", "patient")
"""Fields that a form nobody has typed into carries as well: they alone are no draft."""


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.WORK_CLAIMS)
def claim_new(request: SignedIn) -> HttpResponse:
    """Enter a claim; a form that the Back button brings back is known as the claim it became."""
    screen = EntryScreen(request, at=timezone.now())
    key = screen.key if screen.posted else form_key(request.GET.get("resume", ""))
    became = drafts.saved_as(key, by=request.user)
    if became is None or screen.do in ("discard", "keep"):
        return _enter(request, screen)
    if became.status != states.DRAFT or not screen.posted:
        page = "deductibles:claim_edit" if became.status == states.DRAFT else "deductibles:claim"
        return redirect(page, became.number)
    messages.info(request, SAVED_ALREADY.format(number=became.number))
    screen = EntryScreen(request, became, at=screen.at)
    screen.know_nothing()
    return _enter(request, screen)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.WORK_CLAIMS)
def claim_edit(request: SignedIn, number: str) -> HttpResponse:
    """Change a draft."""
    return _enter(request, EntryScreen(request, claim_of(request, number), at=timezone.now()))


def _enter(request: SignedIn, screen: EntryScreen) -> HttpResponse:
    if screen.do == "keep":
        return _keep(request, screen)
    if screen.do == "discard":
        return _discard(request, screen)
    if not screen.saves:
        return _form(request, screen, status=press(screen) if screen.posted else 200)
    try:
        claim = screen.save()
    except Invalid as invalid:
        screen.form.take(invalid.fields)
        return _form(request, screen, status=400)
    except Refused as problem:
        if problem.code == "stale":
            screen.show_conflict()
        return _form(request, screen, status=status_of(problem), refused=problem.sentence)
    return _saved(request, screen, claim)


def _saved(request: SignedIn, screen: EntryScreen, claim: Claim) -> HttpResponse:
    if screen.do == "review":
        return redirect("deductibles:claim_review", claim.number)
    messages.success(request, f"Claim {claim.number} is saved as a draft. Look it over, then complete it.")
    return redirect("deductibles:claim", claim.number)


def _keep(request: SignedIn, screen: EntryScreen) -> HttpResponse:
    """Keep what is typed so far, and say what is still missing; saves no claim."""
    said = {
        name: [value.replace("\x00", "") for value in values]
        for name, values in request.POST.lists()
        if name not in NOT_KEPT and any(values)
    }
    typed = any(map(_is_typed, said))
    kept = typed and drafts.keep_entry(
        said, by=request.user, at=screen.at, key=screen.key, claim=screen.claim
    )
    context = {"screen": screen, "form": screen.form, "live": True, "kept": kept}
    return show(request, "deductibles/entry_beside.html", context, section="claims", page="new")


def _is_typed(name: str) -> bool:
    """Whether a field says that somebody typed; choices that stand there from the beginning do not."""
    return name not in NOT_TYPED and not name.endswith(("-relationship", "-sex")) and name[:6] != "found-"


def _discard(request: SignedIn, screen: EntryScreen) -> HttpResponse:
    drafts.discard_entry(form_key(screen.about) or screen.key, by=request.user)
    messages.success(request, "What was typed is thrown away.")
    return redirect(screen.path)


def _form(request: SignedIn, screen: EntryScreen, *, status: int, refused: str = "") -> HttpResponse:
    if screen.patient is not None:
        reading.note(request.user, screen.patient, Door.CLAIM, screen.at)
    elif screen.sought.strip():
        reading.note_search(request.user, len(screen.found), Door.CLAIM, screen.at)
    patients = [screen.patient] if screen.patient is not None else []
    banners = [one for found in banners_of(patients).values() for one in found]
    context = {"screen": screen, "form": screen.form, "refused": refused, "banners": banners}
    page = "new" if screen.claim is None else "all"
    return show(request, "deductibles/entry.html", context, section="claims", page=page, status=status)


UNCLEAR = "This did not arrive whole, so nothing was done. Choose Complete claim or Run eligibility again."


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.WORK_CLAIMS)
def claim_review(request: SignedIn, number: str) -> HttpResponse:
    """The final review of a draft; ask AR Boost from here, or complete it."""
    claim = claim_of(request, number)
    if claim.status != states.DRAFT:
        return redirect("deductibles:claim", number)
    if request.method != "POST":
        return _review(request, claim)
    act = request.POST.get("act", "")
    if act not in ("eligibility", "complete"):
        return _review(request, claim, status=400, refused=UNCLEAR)
    return _act(request, claim, act)


def _act(request: SignedIn, claim: Claim, act: str) -> HttpResponse:
    try:
        said = take_step(claim, act, request.POST, by=request.user, at=timezone.now())
    except Invalid:
        return _review(request, claim, status=400, incomplete=True)
    except Refused as refused:
        return _review(request, claim, status=status_of(refused), refused=refused.sentence)
    if act == "complete":
        messages.success(request, said)
        return redirect("deductibles:claim", claim.number)
    return redirect("deductibles:claim_review", claim.number)


def _review(request: SignedIn, claim: Claim, *, status: int = 200, **more: Any) -> HttpResponse:
    at = timezone.now()
    reading.note(request.user, claim.patient, Door.CLAIM, at)
    screen = ReviewScreen(claim, request.user, at=at, today=today_of(request))
    banners = banners_of([claim.patient]).get(claim.patient_id, [])
    context = {"screen": screen, "claim": claim, "banners": banners, **more}
    return show(request, "deductibles/review_page.html", context, section="claims", page="new", status=status)
