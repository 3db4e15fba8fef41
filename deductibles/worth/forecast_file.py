"""A table of the forecast as a file, with its line in the record of exports."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.utils.http import urlencode

from accounts.models import User
from deductibles.worth.forecast_screen import ForecastScreen
from tables.actions import record_export
from tables.csv_file import lines_of
from tables.shape import Column, Table


def file_of(screen: ForecastScreen, key: str, *, by: User, at: datetime) -> HttpResponse:
    """The table in plain numbers; written down before it leaves."""
    found, heads = screen.tables[key], screen.file_heads(key)
    payer = {"payer": str(screen.payer.pk)} if screen.payer else {}
    columns = tuple(Column(f"c{place}", head) for place, head in enumerate(heads))
    record_export(
        Table("forecast", "Forecast", columns),
        query=urlencode({"table": key, **payer}),
        searched=False,
        columns=heads,
        rows=len(found.plain),
        cut=False,
        by=by,
        at=at,
    )
    answer = HttpResponse(b"".join(lines_of(heads, found.plain)), content_type="text/csv; charset=utf-8")
    made = screen.row.made_on.isoformat() if screen.row else ""
    answer["Content-Disposition"] = f'attachment; filename="forecast-{key}-{made}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer
