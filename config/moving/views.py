"""Settings, Take everything out: asking for the file, fetching it, throwing it away, and who did."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedIn, needs
from accounts.by_provider import asked_again
from accounts.people_forms import ReasonForm
from accounts.roles import Can
from accounts.steps import Refused
from config.moving import actions
from config.moving.background import ring
from config.moving.screen import EverythingScreen
from work.models import CompanyFile

SECTION = {"section": "settings", "page": "everything"}


@require_safe
@needs(Can.WATCH_EMERGENCIES)
def page(request: SignedIn) -> HttpResponse:
    """Which files of everything were asked for, by whom and why; for an admin also the way to one."""
    return _page(request, ReasonForm(act="everything"))


@never_cache
@require_POST
@needs(Can.SETTINGS)
@asked_again()
def ask(request: SignedIn) -> HttpResponse:
    """Ask for a file. Asks who is signed in again: for a password or a key, or at the company's provider."""
    form = ReasonForm(request.POST, act="everything")
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        row = actions.ask(request.user, reason=form.cleaned_data["reason"], at=timezone.now())
    except Refused as refused:
        return _page(request, form, str(refused), status=409)
    ring(row)
    messages.success(request, "The file is being made. You may leave this page; it is kept for a day.")
    return redirect("everything:page")


@never_cache
@require_POST
@needs(Can.SETTINGS)
@asked_again()
def fetch(request: SignedIn, key: int) -> HttpResponse | StreamingHttpResponse:
    """Hand the file over to who asked for it. Asks who is signed in again, as before."""
    row = _file(request, key)
    try:
        data = actions.fetch(row, by=request.user, at=timezone.now())
    except Refused as refused:
        return _page(request, ReasonForm(act="everything"), str(refused), status=409)
    answer = StreamingHttpResponse(data, content_type="application/zip")
    day = row.asked_at.astimezone(request.user.company.zone)
    name = f"{request.user.company.key}-{day:%Y-%m-%d}.zip"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Content-Length"] = str(row.bytes)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_POST
@needs(Can.SETTINGS)
def away(request: SignedIn, key: int) -> HttpResponse:
    """Throw a file away before its time."""
    try:
        actions.throw_away(_file(request, key), by=request.user)
    except Refused as refused:
        return _page(request, ReasonForm(act="everything"), str(refused), status=409)
    messages.success(request, "The file was thrown away.")
    return redirect("everything:page")


def _file(request: SignedIn, key: int) -> CompanyFile:
    rows = CompanyFile.objects.visible_to(request.user).filter(way=CompanyFile.Way.OUT)
    return get_object_or_404(rows, pk=key)


def _page(request: SignedIn, form: ReasonForm, refused: str = "", *, status: int = 200) -> HttpResponse:
    screen = EverythingScreen(request.user, now=timezone.now())
    context: dict[str, Any] = {**SECTION, "form": form, "refused": refused, "screen": screen}
    return render(request, "moving/everything.html", context, status=status)
