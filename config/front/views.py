"""The doors that belong to no app: home, health, and the pages for what went wrong."""

from __future__ import annotations

import sys
import uuid
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import emergency
from accounts.access import SignedIn
from accounts.roles import Can, may
from config.front.gallery import gallery_context
from config.front.homes import home_of
from config.front.outage import is_outage, unavailable
from config.front.search import Search
from patients import reading
from patients.models import Door

log = structlog.get_logger(__name__)


@require_safe
def home(request: SignedIn) -> HttpResponse:
    """Each role's first page: its own work."""
    template, context = home_of(request.user, timezone.now())
    with timezone.override(request.user.company.zone):
        return render(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
def search(request: SignedIn) -> HttpResponse:
    """Find anything this person may see; a whole number goes straight there, the palette gets the rows."""
    found = Search(request.user, request.POST.get("q", ""), now=timezone.now())
    groups = found.groups()
    if found.patients_shown:
        reading.note_search(request.user, found.patients_shown, Door.PAGE, found.now)
    in_palette = request.headers.get("HX-Target") == "palette-found"
    if found.only_address and not in_palette:
        return redirect(found.only_address)
    if found.card:
        reading.note(request.user, found.card.patient, Door.TICKETS, found.now)
    template = "search.html#rows" if in_palette else "search.html"
    context = {"sought": found.sought, "groups": groups, "card": found.card, "in_palette": in_palette}
    return render(request, template, context)


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component in every state, for whoever builds pages."""
    return render(request, "components_gallery.html", gallery_context())


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What could not be read; a form that is too large is told so, with 413."""
    status = 413 if isinstance(exception, RequestDataTooBig) else 400
    return render(request, f"{status}.html", status=status)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    match = getattr(request, "resolver_match", None)
    opened = match is not None and request.method in emergency.OPENS.get(match.view_name, ())
    glass = opened and may(getattr(request.user, "role", ""), Can.BREAK_GLASS)
    return render(request, "403.html", {"needs": str(exception or ""), "breaks_glass": glass}, status=403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """What nobody foresaw, with a reference that is in the log; a silent database is told as that (503)."""
    if is_outage(sys.exc_info()[1]):
        return unavailable(request)
    reference = uuid.uuid4().hex[:8]
    log.error("page_failed", reference=reference, path=_shape(request))
    words = {"reference": reference, "theme": request.COOKIES.get("theme", "")}
    return HttpResponse(render_to_string("500.html", words), status=500)


def _shape(request: HttpRequest) -> Any:
    """The route, not the address: an address may carry what somebody searched for."""
    return getattr(getattr(request, "resolver_match", None), "route", "")
