"""A page of a night's questions reads that page, however many are left and whatever the planner thinks."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deductibles import due
from deductibles.actions import nightwork
from deductibles.models import Hold, Question
from deductibles.nights import open_run
from tests.claim_line import Line, days, noon
from work.models import Run

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
MANY, PAGE = 3000, 50
TABLES = {"deductibles_hold", "deductibles_claim", "patients_patient", "deductibles_coverage"}
"""What a question is about, each read for as many as are on the page."""
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
        read = _read([each["sql"] for each in asked])
        assert set(read) == TABLES and max(read.values()) <= PAGE, read


def test_questions_stand_in_the_order_of_their_holds(line: Line) -> None:
    """What lies beside one another is read and written together, and not wherever the planner came from."""
    one, two, three = (line.held().pk for _ in range(3))
    for key in (three, two, one):  # so they lie in the table
        Hold.objects.filter(pk=key).update(flags=["changed"])
    run = open_run(line.company, Run.Kind.CHECK, days(7), by=None, at=noon(days(7)))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
    nightwork.plan(run)
    asked = Question.objects.filter(run=run).order_by("pk").values_list("hold_id", flat=True)
    assert list(asked) == [one, two, three]
    page = due.page(run, due.Payers(line.company.pk), after=0, size=9)
    assert [each.hold_id for each in page] == [one, two, three]


def _read(statements: list[str]) -> dict[str, int]:
    """How many rows of each table the statements look at."""
    found: dict[str, int] = {}
    for statement in statements:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {statement}")
            plan = "\n".join(row for (row,) in cursor.fetchall())
        scans = re.findall(r" on (\w+?)(?: \w+)?  \(.*\(actual rows=([\d.]+) loops=(\d+)\)", plan)
        assert scans, plan
        for table, rows, loops in scans:
            if table in TABLES:
                found[table] = found.get(table, 0) + round(float(rows) * int(loops))
    return found
