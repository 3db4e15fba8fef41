"""Settings: the glossary and the articles of the guide (R-DOC-1, R-DOC-2)."""

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
from escalations.actions.guide_words import GLOSSARY
from escalations.policies import policy_in_force
from escalations.words_screen import Rows, WordsScreen, terms_in
from patients.domain.intake import Wrong

INCOMPLETE = "This form did not arrive whole, so nothing was saved. Look it over and save it again."


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def words(request: SignedIn) -> HttpResponse:
    """Read and write the glossary and the articles; each is a form of its own."""
    if request.method != "POST":
        return _show(request, _screen(request))
    key = request.POST.get("what", "")
    if not key:
        return _show(request, _screen(request), status=400, refused=INCOMPLETE)
    return _glossary(request) if key == GLOSSARY else _article(request, key)


def _glossary(request: SignedIn) -> HttpResponse:
    rows, screen = terms_in(request.POST), _screen(request)
    if rows is None:
        return _show(request, screen, status=400, refused=INCOMPLETE)
    removed = _without(rows, request.POST.get("do", ""))
    screen.typed = removed if removed is not None else [row for row in rows if any(row)]
    seen = request.POST.get("seen", "")
    if removed is not None or request.POST.get("do") == "add":
        screen.seen = seen
        return _show(request, screen)
    try:
        actions.change_glossary(request.user.company, rows, seen=seen, by=request.user, at=timezone.now())
    except Refused:
        return _show(request, screen, status=409, conflict=screen.conflict())
    except actions.Unusable as refused:
        screen.typed, screen.wrong, screen.seen = rows, refused.wrong, seen
        return _show(request, screen, status=400)
    messages.success(request, "Saved. The guide explains it from now on.")
    return redirect(f"{reverse('policy:words')}#glossary")


def _without(rows: Rows, act: str) -> list[tuple[str, str]] | None:
    """The rows after a press of *remove* (``remove:3``); ``None`` for any other press."""
    name, _, said = act.partition(":")
    plain = said.isascii() and said.isdigit() and len(said) <= 3
    if name != "remove" or not plain or int(said) >= len(rows):
        return None
    return [row for number, row in enumerate(rows) if number != int(said)]


def _article(request: SignedIn, key: str) -> HttpResponse:
    screen = _screen(request)
    article = screen.article(key)
    if article is None:
        raise Http404
    article.typed, seen = request.POST.get("text", ""), request.POST.get("seen", "")
    company, at = request.user.company, timezone.now()
    try:
        actions.write_article(company, key, article.typed, seen=seen, by=request.user, at=at)
    except Refused:
        return _show(request, screen, status=409, conflict=screen.conflict(article))
    except Wrong as wrong:
        article.wrong, article.seen = wrong.sentence, seen
        return _show(request, screen, status=400)
    messages.success(request, f"Saved. “{article.title}” stands in the guide.")
    return redirect(f"{reverse('policy:words')}#article-{key}")


def _screen(request: SignedIn) -> WordsScreen:
    company = request.user.company
    return WordsScreen(policy_in_force(company, at=timezone.now()), company)


def _show(request: SignedIn, screen: WordsScreen, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"section": "settings", "page": "words", "screen": screen, **more}
    return render(request, "escalations/words.html", context, status=status)
