"""A back-test as a file for a spreadsheet: both sides beside each other, or claim by claim."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from django.http import StreamingHttpResponse

from accounts.models import User
from deductibles.domain.money import in_file
from deductibles.models import BackTest, BackTestPart
from deductibles.worth import back_words as words
from deductibles.worth.back_screen import Screen
from deductibles.worth.packing import Line, difference_of, unpack
from tables.actions import record_export
from tables.csv_file import lines_of
from tables.shape import Column, Table

NOTHING = "There is nothing to take: it is not done, or what became of each claim is not kept any more."
_TABLE = ("what", "What"), ("now", "In force"), ("new", "Tried")
_CLAIMS = (
    ("number", "Claim number"), ("payer", "Payer"), ("decided", "Decided on"),
    ("now_kind", "In force"), ("now_on", "In force: until"), ("now_days", "In force: days held"),
    ("now_left", "In force: remaining then"), ("new_kind", "Tried"), ("new_on", "Tried: until"),
    ("new_days", "Tried: days held"), ("new_left", "Tried: remaining then"),
    ("difference", "Brought more, estimated"),
)  # fmt: skip


def file_of(screen: Screen, of: str, *, by: User, at: datetime) -> StreamingHttpResponse:
    """The file, streamed; that it was taken is written down before its first line leaves."""
    row = screen.row
    columns = _TABLE if of == "table" else _CLAIMS
    rows = _table(screen) if of == "table" else _claims(row)
    record_export(
        Table(
            f"back-test-{of}",
            "Back-test" if of == "table" else "Claims of a back-test",
            tuple(Column(key, label) for key, label in columns),
        ),
        query=f"back-test={row.pk}",
        searched=False,
        columns=[key for key, _ in columns],
        rows=len(screen.lines) if of == "table" else screen.result["claims"],
        cut=False,
        by=by,
        at=at,
    )
    lines = lines_of([label for _, label in columns], rows)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="back-test-{row.pk}-{of}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def _table(screen: Screen) -> Iterator[Sequence[str]]:
    force, tried = screen.row.terms["in_force"], screen.row.terms["proposed"]
    yield "Numbers", words.numbers(force) if force["automatic"] else "monitoring is off", words.numbers(tried)
    for line in screen.lines:
        yield line.what, _cell(line.now), _cell(line.new)


def _cell(said: str) -> str:
    """Below zero in brackets, which no spreadsheet runs as a formula."""
    return f"({said.removeprefix('−')})" if said.startswith("−") else said


def _claims(row: BackTest) -> Iterator[Sequence[str]]:
    names = {key: payer["name"] for key, payer in row.terms["payers"].items()}
    parts = BackTestPart.objects.filter(of=row).order_by("number").values_list("lines", flat=True)
    for packed in parts.iterator(chunk_size=2):
        for line in unpack(packed):
            yield _claim(line, names.get(str(line.payer), ""))


def _claim(line: Line, payer: str) -> Sequence[str]:
    difference = difference_of(line)
    return (
        line.number,
        payer,
        line.decided_on,
        words.KIND_WORDS[line.now_kind],
        line.now_on,
        f"{line.now_days}",
        line.now_left or "",
        words.KIND_WORDS[line.new_kind],
        line.new_on,
        f"{line.new_days}",
        line.new_left or "",
        "" if difference is None else in_file(Decimal(difference) / 100),
    )
