"""A table of the ledger as a file, with its line in the record of exports."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.utils.http import urlencode

from accounts.models import User
from deductibles.worth.asked import Asked
from deductibles.worth.report import Section
from tables.actions import record_export
from tables.csv_file import lines_of
from tables.shape import Column, Table


def file_of(section: Section, asked: Asked, *, by: User, at: datetime) -> HttpResponse:
    """The table, its sum last; written down before it leaves."""
    columns = tuple(Column(f"c{place}", head) for place, head in enumerate(section.heads))
    rows = [[cell.in_file for cell in row] for row in (*section.rows, section.foot)]
    record_export(
        Table("holding-ledger", "Does holding pay?", columns),
        query=urlencode({"table": section.key, **asked.state}),
        searched=False,
        columns=section.heads,
        rows=len(rows),
        cut=False,
        by=by,
        at=at,
    )
    answer = HttpResponse(b"".join(lines_of(section.heads, rows)), content_type="text/csv; charset=utf-8")
    name = f"holding-ledger-{section.key}-{asked.period.first:%Y-%m-%d}-to-{asked.period.last:%Y-%m-%d}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer
