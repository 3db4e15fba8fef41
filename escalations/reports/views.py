"""The reports: the first page, one page each, and each table as a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from escalations.reports.asked import Asked, read_asked
from escalations.reports.files import file_of
from escalations.reports.pages import PAGES, overview
from patients.domain.intake import Wrong

FRAME: dict[str, Any] = {"section": "reports", "page": "overview"}


@require_safe
@needs(Can.DIRECT_TICKETS)
def first_page(request: SignedIn) -> HttpResponse:
    """The outcome of a period, what is running now, and the way to each report."""
    asked = read_asked(request.user, request.GET, page=reverse("reports:overview"), now=timezone.now())
    context = {**FRAME, "asked": asked, "overview": overview(asked), "tabs": _tabs(asked, "")}
    return render(request, "escalations/reports.html", context, status=400 if asked.wrong else 200)


@require_safe
@needs(Can.DIRECT_TICKETS)
def report_page(request: SignedIn, key: str) -> HttpResponse:
    """One report, for the period and the filters that stand in the address."""
    page = PAGES[key]
    asked = read_asked(request.user, request.GET, page=reverse(page.url_name), now=timezone.now())
    context = {**FRAME, "asked": asked, "here": page, "report": page.build(asked), "tabs": _tabs(asked, key)}
    return render(request, "escalations/reports_one.html", context, status=400 if asked.wrong else 200)


@require_POST
@needs(Can.DIRECT_TICKETS)
def export(request: SignedIn, key: str) -> HttpResponse:
    """One table of a report as a file; what is not understood gives the page that says so."""
    page, at = PAGES[key], timezone.now()
    asked = read_asked(request.user, request.POST, page=reverse(page.url_name), now=at)
    report = page.build(asked)
    section = next((one for one in report.sections if one.key == request.POST.get("table")), None)
    if section is None:
        asked.wrong["table"] = Wrong("choice", "The report has no such table. Take one of these.")
    if section is None or asked.wrong:
        context = {**FRAME, "asked": asked, "here": page, "report": report, "tabs": _tabs(asked, key)}
        return render(request, "escalations/reports_one.html", context, status=400)
    return file_of(page, section, asked, by=request.user, at=at)


def _tabs(asked: Asked, current: str) -> list[dict[str, Any]]:
    """The row of reports; the filters come along."""
    first = {"label": "Overview", "url": asked.address(reverse("reports:overview")), "current": not current}
    others = [
        {"label": page.label, "url": asked.address(reverse(page.url_name)), "current": key == current}
        for key, page in PAGES.items()
    ]
    return [first, *others]
