"""A page of a night's questions reads that page, however many are left and whatever the planner thinks."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deductibles import due
from deductibles.models import Question
from deductibles.nights import open_run
from tests.claim_line import Line, days, noon
from work.models import Run

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
MANY, PAGE = 3000, 50
INDEXES = {
    "open ones": "ALTER TABLE deductibles_question DROP CONSTRAINT question_company_id; DROP INDEX question_by_run",
    "by run": "ALTER TABLE deductibles_question DROP CONSTRAINT question_company_id; DROP INDEX question_open",
}
"""What is taken away so that the planner is left with this one: it knows nothing of a new night, and which index
it takes for the best changes from night to night."""


@pytest.mark.parametrize("left", INDEXES)
def test_a_page_is_not_joined_to_all_that_is_left(line: Line, left: str) -> None:
    hold = line.held()
    run = open_run(line.company, Run.Kind.CHECK, days(7), by=None, at=noon(days(7)))
    # Of one hold: the statement does not ask of which.
    Question.objects.bulk_create(
        Question(
            company_id=hold.company_id, hold=hold, run=run, for_date=date(1950, 1, 1) + timedelta(days=n)
        )
        for n in range(MANY)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; {INDEXES[left]}")
        cursor.execute("SET LOCAL enable_seqscan = off")
    payers, last = due.Payers(line.company.pk), 0
    for _ in range(3):
        with CaptureQueriesContext(connection) as asked:
            page = due.page(run, payers, after=last, size=PAGE)
        assert len(page) == PAGE and page[0].pk > last
        last = page[-1].pk
        assert _read_of("deductibles_hold", asked[0]["sql"]) <= PAGE


def _read_of(table: str, statement: str) -> int:
    """How many rows of the table the statement looks at."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {statement}")
        plan = "\n".join(row for (row,) in cursor.fetchall())
    found = re.findall(rf"on {table} .*\(actual rows=([\d.]+) loops=(\d+)\)", plan)
    assert found, plan
    return sum(round(float(rows) * int(loops)) for rows, loops in found)
