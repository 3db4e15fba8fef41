"""How far a night is while it is under way, and that it goes on from any point (D-CHK-6, I10)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from deductibles import asking, nightly
from deductibles.actions import moves, night_answers, nightwork
from deductibles.models import Hold, Question, Snapshot, settings_in_force
from tests.claim_line import Line, days, fresh
from tests.domain.eligibility_answer import ACTIVE, answer, file_of
from work.models import Run

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def seen(line: Line, monkeypatch) -> list[tuple[int, int, int]]:
    """What the run's row said after each batch: due, asked, answered."""
    found: list[tuple[int, int, int]] = []
    take_in = asking._take_in

    def watched(*arguments):
        settled = take_in(*arguments)
        found.append(Run.objects.values_list("due", "asked", "answered").get(kind="check"))
        return settled

    monkeypatch.setattr(asking, "_take_in", watched)
    monkeypatch.setattr(asking, "BATCH", 2)
    return found


def test_the_run_tells_how_many_were_asked_and_answered_while_it_is_under_way(line: Line, seen) -> None:
    rows = [line.held() for _ in range(6)]
    line.says(rows[0], omit=True)
    line.check(days(7))
    assert {due for due, _, _ in seen} == {6}
    assert [asked for _, asked, _ in seen] == [2, 4, 6]
    assert sorted(answered for _, _, answered in seen) == [answered for _, _, answered in seen]
    assert seen[-1] == (6, 6, 5)


class Fell(Exception):
    """The worker fell in the middle."""


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_night_that_fell_goes_on_and_asks_only_the_rest(line: Line, monkeypatch, after: int) -> None:
    monkeypatch.setattr(asking, "BATCH", 2)
    rows = [line.held() for _ in range(6)]
    line.now_remaining(rows[0], "0.00")
    take_in, batches = asking._take_in, []

    def fall(*arguments):
        if len(batches) == after:
            raise Fell
        batches.append(take_in(*arguments))
        return batches[-1]

    monkeypatch.setattr(asking, "_take_in", fall)
    assert line.check(days(7)).state == "failed"
    done = set(Question.objects.filter(open=False).values_list("hold", flat=True))
    assert len(done) == 2 * after
    line.vendor.call("DELETE", "/_requests")
    monkeypatch.setattr(asking, "_take_in", take_in)
    run = line.check(days(7))
    again = {row.pk for row in rows if line.asked(row)}
    assert again == {row.pk for row in rows} - done
    assert (run.state, run.due, run.asked, run.answered, run.released) == ("done", 6, 6, 6, 1)
    assert Snapshot.objects.filter(source="nightly").count() == 6


def test_new_dates_are_given_page_by_page_and_the_damaged_one_is_passed(
    line: Line, monkeypatch, broken_row
) -> None:
    monkeypatch.setattr(nightly, "PAGE", 2)
    rows = [line.held() for _ in range(5)]
    broken_row(rows[1])
    line.settings(max_days=20)
    run = line.check(days(1))
    assert run.state == "done" and len(run.failures) == 1
    assert [fresh(row).release_on for row in rows] == [days(20), days(30), *[days(20)] * 3]
    assert nightwork.to_redate(settings_in_force(line.company.pk), after=0, size=9) == [rows[1].pk]


def test_manual_holds_take_the_manual_days_and_keep_a_waived_guard(line: Line) -> None:
    line.settings(manual=True, manual_days=20)
    line.payer.filing_limit_days = 30
    line.payer.save()
    row = line.held()
    Hold.objects.filter(pk=row.pk).update(kind="manual", guard_waived=True, release_on=days(99))
    line.check(days(1))
    assert fresh(row).release_on == days(20), "the filing guard would say day 16"
    Hold.objects.filter(pk=row.pk).update(guard_waived=False)
    line.check(days(2))
    assert fresh(row).release_on == days(16)


def test_every_column_of_an_answer_is_kept_by_the_night(line: Line) -> None:
    """The statement names its columns: a new one must be added to it, or may stay empty."""
    named = (
        night_answers._KEPT.partition("(")[2].partition(")")[0].replace("\n", " ").replace(" ", "").split(",")
    )
    wanted = {field.column: field for field in Snapshot._meta.concrete_fields if field.column != "id"}
    left = set(wanted) - set(named)
    assert all(wanted[name].null or wanted[name].db_default is not models.NOT_PROVIDED for name in left), left
    line.held()
    line.check(days(7))
    row = Snapshot.objects.get(source="nightly")
    assert row.x12_271 and row.reading["used"] and row.trace and row.proven_until and row.may_release


def test_what_came_is_kept_to_the_letter_by_the_night(line: Line) -> None:
    """Answers are copied into the table in a text format that has marks of its own."""
    said = "C:\\new\\N \"quoted\" {brace},\ttab \\. 'apostrophe' Müller"
    remaining = ["EB*C*IND*30***23*1500*****Y", "EB*C*IND*30***29*700*****Y", f"MSG*{said}"]
    row = line.held()
    text = file_of(answer(ACTIVE, *remaining)).replace("~\n", "~\r\n")
    line.says(row, x12_271=text)
    line.check(days(7))
    kept = Snapshot.objects.get(source="nightly")
    assert f"MSG*{said}~\r\n" in kept.x12_271
    assert kept.trail[1]["used"] and kept.remaining == 700
    assert kept.claim == row.claim and fresh(row).snapshot == kept


def test_answers_have_no_history_that_a_copy_would_write_without_a_name() -> None:
    assert not hasattr(Snapshot, "pgh_event_models")
    assert [trigger.name for trigger in Snapshot._meta.triggers] == ["snapshot_kept"]


def test_the_night_touches_no_index_of_the_holds_it_keeps(line: Line) -> None:
    """A row whose indexed columns stay can be written in place; one index too many writes each of them anew."""
    touched = {"last_asked_at", "last_answered_at", "nightly_answers", "snapshot_id", "annual", "remaining"}
    touched |= {"flags", "next_check_on"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'deductibles_hold'")
        found = " ".join(definition for (definition,) in cursor.fetchall())
    assert not {name for name in touched if name in found}


def test_a_night_of_garbage_tells_some_reasons_and_counts_the_rest(line: Line, monkeypatch) -> None:
    monkeypatch.setattr(asking, "MOST_REASONS", 1)
    for fault in ({"cut_271": 300}, {"garbage_271": True}, {"omit": True}):
        line.says(line.held(), **fault, send=["x12_271"])
    run = line.check(days(7))
    told = [failure["why"] for failure in run.failures]
    assert (run.state, run.due, run.answered, len(told)) == ("done", 3, 0, 2)
    assert sum(int(why.split(" claim")[0].rsplit(" ", 1)[1]) for why in told) == 3
    assert "other reasons" in told[1]


def test_what_came_and_what_follows_from_it_are_one_change_of_the_hold(line: Line) -> None:
    """A second change in the transaction would have each of its references looked up again (decision 28)."""
    row = line.held(remaining="1500.00")
    line.now_remaining(row, "0.00")
    run = line.check(days(7))
    assert (run.released, fresh(row).active) == (1, False)
    told = row.pgh_event_models["update"].objects.filter(pgh_obj_id=row.pk, pgh_label="update")
    assert [(one.active, str(one.remaining), one.nightly_answers) for one in told] == [(False, "0.00", 1)]
    assert told[0].queued_at == fresh(row).queued_at and told[0].snapshot_id == fresh(row).snapshot_id


def test_an_answer_about_another_claims_coverage_is_refused_by_the_database(line: Line) -> None:
    mine, other = line.held(), line.held()
    kept = Snapshot.objects.get(pk=mine.snapshot_id)
    kept.pk, kept.coverage_id = None, other.coverage_id
    with pytest.raises(IntegrityError, match="claim_id_company"), transaction.atomic():
        kept.save(force_insert=True)
        connection.check_constraints()


def test_the_database_plans_for_many_once_while_only_many_come(db: None) -> None:
    """And again after a single one: a plan made for that takes a minute for some thousand."""

    def planned(count: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            moves.locked_on_hold(range(1, count + 1))
        return sum("DISCARD PLANS" in one["sql"] for one in asked)

    assert planned(1) == 0
    assert [planned(200), planned(200), planned(1), planned(200)] == [1, 0, 0, 1]
