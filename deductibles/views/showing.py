"""What the biller's pages share: dates in the company's zone, refusals as sentences, pages by key."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import SignedIn
from accounts.steps import Refused
from deductibles.keyset import Forged, Order, Page, page_of, read_id

STATUS = {"role": 403, "state": 409, "stale": 409, "unknown": 400, "quota": 429}
NEWEST_FIRST = Order("id", read_id, down=True)
ROWS = 100


def show(
    request: SignedIn, template: str, context: dict[str, Any], *, section: str, page: str, status: int = 200
) -> HttpResponse:
    """Render a page with its moments in the company's time zone."""
    with timezone.override(request.user.company.zone):  # type: ignore[union-attr]
        return render(request, template, {"section": section, "page": page, **context}, status=status)


def today_of(request: SignedIn) -> date:
    """The company's date now."""
    return timezone.localdate(timezone=request.user.company.zone)  # type: ignore[union-attr]


def status_of(refused: Refused) -> int:
    """The HTTP status of a refusal."""
    return STATUS.get(refused.code, 409)


def paged(request: HttpRequest, rows: Any, order: Order = NEWEST_FIRST) -> Page:
    """The page of rows the address asks for; a forged cursor is no address."""
    try:
        return page_of(rows, order, request.GET.get("cursor", ""), ROWS)
    except Forged as problem:
        raise Http404(str(problem)) from problem


def turn(screen: Any, cursor: str) -> None:
    """Let a list read the page behind a cursor; a forged one is no address."""
    try:
        screen.turn(cursor)
    except Forged as problem:
        raise Http404(str(problem)) from problem


def links(request: HttpRequest, page: Page) -> dict[str, str]:
    """The addresses of the pages beside this one, with the filters in force."""
    return {"next": _link(request, page.next), "previous": _link(request, page.previous)}


def _link(request: HttpRequest, cursor: str | None) -> str:
    if cursor is None:
        return ""
    kept = {name: value for name, value in request.GET.items() if name != "cursor"}
    return f"?{urlencode({**kept, 'cursor': cursor})}"
