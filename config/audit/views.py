"""The pages of the audit. Searching is posted, for an account number is patient data (I8)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from config.audit.forms import AuditForm
from config.audit.screen import HEADS, ActScreen, AuditScreen, rows_of_file
from config.audit.search import act_of
from tables.actions import record_export
from tables.csv_file import lines_of
from tables.shape import Column, Table

SECTION = {"section": "settings", "page": "audit"}
MOST_ROWS = 10_000
"""What one file takes: each act is looked up in every history, which takes seconds for so many."""
TABLE = Table("audit", "Audit", tuple(Column(head.lower(), head) for head in HEADS))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def audit(request: SignedIn) -> HttpResponse:
    """Acts, or one of the lists beside them; a search is posted and leads to its address."""
    form = _form(request, request.POST if request.method == "POST" else request.GET)
    if request.method == "POST" and form.is_valid():
        return redirect(f"{request.path}?{_query(form)}")
    screen = AuditScreen(request.user, form, before=request.GET.get("before", ""))
    asked = form.show != "readings" or len(form.data) > 2 or request.method == "POST"
    return render(
        request,
        "audit/list.html",
        {**SECTION, "screen": screen, "form": form},
        status=200 if screen.good or not asked else 400,
    )


@require_POST
@needs(Can.SETTINGS)
def export(request: SignedIn) -> Any:
    """The list as a file; who took it is written down before the first line leaves."""
    form = _form(request, request.POST)
    if not form.is_valid():
        screen = AuditScreen(request.user, form)
        return render(request, "audit/list.html", {**SECTION, "screen": screen, "form": form}, status=400)
    at = timezone.now()
    rows = list(rows_of_file(request.user, form, MOST_ROWS + 1))
    record_export(
        TABLE, query=_query(form), searched=bool(form.cleaned_data["word"]), columns=list(HEADS),
        rows=min(len(rows), MOST_ROWS), cut=len(rows) > MOST_ROWS, by=request.user, at=at,
    )  # fmt: skip
    answer = StreamingHttpResponse(lines_of(HEADS, rows[:MOST_ROWS]), content_type="text/csv; charset=utf-8")
    name = f"audit-{at.astimezone(request.user.company.zone):%Y-%m-%d-%H%M}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
@needs(Can.SETTINGS)
def act(request: SignedIn, key: UUID) -> HttpResponse:
    """One act and every row it changed."""
    found = act_of(request.user, key)
    if found is None:
        raise Http404
    return render(request, "audit/act.html", {**SECTION, "screen": ActScreen(request.user, found)})


def _form(request: SignedIn, given: Any) -> AuditForm:
    today = timezone.now().astimezone(request.user.company.zone).date()
    return AuditForm(request.user, given.get("show", ""), given, today=today)


def _query(form: AuditForm) -> str:
    return urlencode(form.query)
