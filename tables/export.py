"""A list as a file: what is shown, all rows that match up to a cap, written down before the first leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.http import StreamingHttpResponse

from accounts.access import SignedIn
from tables import actions, searches
from tables.csv_file import lines_of
from tables.face import Face
from tables.listing import Listing, Source
from tables.shape import Column
from tables.views_form import given_of, query_of

MOST_ROWS = 50_000
"""A file takes this many rows; the page says so beside the button."""
BATCH = 1_000


def export_of(request: SignedIn, listing: Listing, *, at: datetime) -> StreamingHttpResponse:
    """The file, streamed in batches, with its line in the audit."""
    given = given_of(request.POST)
    search = searches.recall(request.session, given.get("s", "")) or searches.clean(given.get("q", ""))
    face = Face(listing, request.user, given.get("view", ""))
    columns = [column for column in face.columns if column.exported]
    source = listing.source(request.user, {**given, "q": search}, at, MOST_ROWS + 1)
    ids = source.ids[:MOST_ROWS]
    actions.record_export(
        listing.table,
        query=query_of(listing, request.user, given, at),
        searched=bool(search),
        columns=[column.key for column in columns],
        rows=len(ids),
        cut=len(source.ids) > MOST_ROWS,
        by=request.user,
        at=at,
    )
    zone = request.user.company.zone
    lines = lines_of([column.label for column in columns], _rows(source, ids, columns))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"{listing.table.key}-{at.astimezone(zone):%Y-%m-%d-%H%M}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _rows(source: Source, ids: Sequence[int], columns: Sequence[Column]) -> Iterator[list[str]]:
    """The rows in the order of their ids, read a batch at a time; one that went meanwhile is left out."""
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        found = source.rows(batch)
        for key in batch:
            if key in found:
                yield [source.cell(found[key], column.key) for column in columns]
