"""Taking out what can be imported: all rows of a kind, in the columns of a file that can be brought again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import SignedIn, needs
from accounts.models import User
from patients.domain.import_columns import Kind
from patients.imports.kinds import Handler, handlers
from tables import xlsx_file
from tables.actions import record_export
from tables.csv_file import lines_of
from tables.shape import Column, Table

FORMATS = ("csv", "xlsx")
TOO_MANY = (
    f"There are more than {xlsx_file.MOST_ROWS:,} rows, which is too much for a workbook. "
    "Take them as CSV; a spreadsheet opens that too."
)


def door(key: str) -> Callable[..., Any]:
    """The address of one kind, open to those who may import it."""

    @require_POST
    @needs(handlers()[key].needs)
    def take(request: SignedIn) -> Any:
        """All rows of the company, as CSV or as a workbook; written down before the first leaves."""
        return _take(request, handlers()[key])

    return take


def _take(request: SignedIn, handler: Handler) -> HttpResponseBase:
    form, at = request.POST.get("format", "csv"), timezone.now()
    count = handler.count(request.user)
    if form not in FORMATS or (form == "xlsx" and count > xlsx_file.MOST_ROWS):
        messages.error(request, TOO_MANY if form == "xlsx" else "Choose CSV or a workbook.")
        return redirect("imports:list")
    kind = handler.kind_of(request.user.company)
    write_down(kind, count, by=request.user, at=at)
    heads, rows = [column.label for column in kind.columns], handler.taken(request.user, kind)
    answer: StreamingHttpResponse | FileResponse
    if form == "xlsx":
        answer = FileResponse(xlsx_file.workbook_of(heads, rows), content_type=xlsx_file.TYPE)
    else:
        answer = StreamingHttpResponse(lines_of(heads, rows), content_type="text/csv; charset=utf-8")
    day = at.astimezone(request.user.company.zone)
    answer["Content-Disposition"] = f'attachment; filename="{kind.key}-{day:%Y-%m-%d-%H%M}.{form}"'
    answer["Cache-Control"] = "no-store"
    return answer


def write_down(kind: Kind, count: int, *, by: User, at: datetime) -> None:
    """Keep who takes all rows away."""
    columns = tuple(Column(column.name, column.label) for column in kind.columns)
    record_export(
        Table(f"{kind.key}-all", f"All {kind.key}", columns),
        query="",
        searched=False,
        columns=[column.name for column in kind.columns],
        rows=count,
        cut=False,
        by=by,
        at=at,
    )
