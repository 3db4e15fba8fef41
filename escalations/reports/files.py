"""A table of a report as a file, with its line in the record of exports."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.utils.http import urlencode

from accounts.models import User
from escalations.reports.asked import Asked
from escalations.reports.pages import Page
from escalations.reports.shape import Section
from tables.actions import record_export
from tables.csv_file import lines_of
from tables.shape import Column, Table


def file_of(page: Page, section: Section, asked: Asked, *, by: User, at: datetime) -> HttpResponse:
    """The table, its sum last; written down before it leaves."""
    name = f"report-{page.key}"
    columns = tuple(Column(f"c{place}", head.in_file) for place, head in enumerate(section.heads))
    rows = [
        [cell.in_file for cell in row] for row in (*section.rows, *([section.foot] if section.foot else []))
    ]
    record_export(
        Table(name, page.title, columns),
        query=urlencode({"table": section.key, **asked.state}),
        searched=False,
        columns=[head.in_file for head in section.heads],
        rows=len(rows),
        cut=False,
        by=by,
        at=at,
    )
    lines = lines_of([head.in_file for head in section.heads], rows)
    answer = HttpResponse(b"".join(lines), content_type="text/csv; charset=utf-8")
    when = f"{asked.period.first:%Y-%m-%d}-to-{asked.period.last:%Y-%m-%d}"
    answer["Content-Disposition"] = f'attachment; filename="{name}-{section.key}-{when}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer
