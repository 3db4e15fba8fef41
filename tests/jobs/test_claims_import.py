"""Claims of a file, whatever happens meanwhile: deaths on any statement, a silent AR Boost, claims completed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.test import override_settings

from deductibles.actions import importing
from deductibles.models import Claim, ClaimReference, Coverage, Snapshot
from patients.imports import actions, running
from patients.imports.screen import thrown_words
from patients.models import Import, Patient
from tests.claim_line import Line
from tests.claim_tables import row, table
from tests.factories import PatientFactory, PayerFactory
from tests.jobs.test_imports import AT, LATER, Killed, Reset, killed_at

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
HOME = {"Patient address line 1": "1 Test Street", "Patient city": "Chicago", "Patient state": "IL",
        "Patient ZIP": "60601", "Sex": "F"}  # fmt: skip
SERVED = {"DOS": "2026-05-15"}
ALL = ("add_patients", "add_payers")


def new(number: int, **changes: str) -> dict[str, str]:
    """A claim of a patient and a payer that nobody has seen yet."""
    named = {"Last name": f"Sample{chr(65 + number)}"}
    return row(f"X{number}", **{**SERVED, **HOME, **named, **changes})


def test_an_import_of_claims_that_dies_on_any_statement_is_finished_once(
    ben: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PART", 2)
    data = table(new(0), new(0), new(1), new(2, **{"Last name": "SampleA"}))
    kept, _ = actions.bring("claims", data, "c.csv", by=ben, at=AT, options=ALL)
    died = 0
    for number in range(2, 300, 11):
        try:
            with transaction.atomic():
                ended = _dies_and_is_taken_up(kept.pk, number, ben)
                raise Reset
        except Reset:
            if ended:
                break
            died += 1
    assert died > 4


def _dies_and_is_taken_up(key: int, number: int, by: Any) -> bool:
    one = Import.objects.get(pk=key)
    try:
        with connection.execute_wrapper(killed_at(number)), transaction.atomic():
            running.work_on(key, at=AT)
            actions.start(one, whole=False, by=by, at=AT)
            running.work_on(key, at=AT)
        ended = True
    except Killed:
        ended = False
    running.work_on(key, at=LATER)
    one.refresh_from_db()
    if one.state == Import.State.CHECKED:
        actions.start(one, whole=False, by=by, at=LATER)
        running.work_on(key, at=LATER)
    one.refresh_from_db()
    told = (one.state, one.added, Claim.objects.count(), Coverage.objects.count(), Patient.objects.count())
    assert told == ("done", 3, 3, 3, 2), f"statement {number}"
    assert sorted(ClaimReference.objects.values_list("number", flat=True)) == ["X0", "X1", "X2"]
    return ended


def test_the_claims_of_a_file_take_the_same_number_of_statements_however_many_they_are(
    ben: Any, django_assert_max_num_queries: Any
) -> None:
    for count in (3, 60):
        data = table(*(row(f"{count}-{one}", **SERVED) for one in range(count)))
        one, _ = actions.bring("claims", data, f"{count}.csv", by=ben, at=AT, options=ALL)
        with django_assert_max_num_queries(28):
            running.work_on(one.pk, at=AT)
        actions.start(Import.objects.get(pk=one.pk), whole=False, by=ben, at=AT)
        with django_assert_max_num_queries(43):
            running.work_on(one.pk, at=AT)
    assert Claim.objects.count() == 63


def imported(line: Line, *rows: dict[str, str], at: Any = AT) -> Import:
    """A file whose claims are to be completed, in to its end."""
    one, _ = actions.bring("claims", table(*rows), "c.csv", by=line.biller, at=at, options=[*ALL, "complete"])
    running.work_on(one.pk, at=at)
    one.refresh_from_db()
    assert one.state == Import.State.CHECKED, one.note
    if one.new:
        actions.start(one, whole=False, by=line.biller, at=at)
        running.work_on(one.pk, at=at)
        one.refresh_from_db()
    return one


def test_claims_that_are_to_be_completed_are_asked_about_and_held_as_at_entry_d_hold_2(line: Line) -> None:
    done = imported(line, new(0, **{"Member id": "W2000YTD01"}), new(1, **{"Member id": "W0YTD01"}))
    assert (done.state, done.added, done.finished) == ("done", 2, 2)
    assert Snapshot.objects.count() == 2
    held = Claim.objects.get(elsewhere__number="X0")
    assert held.status != "draft"


def test_what_a_claim_lacks_is_wrong_at_once_when_it_is_to_be_completed(line: Line) -> None:
    looked = imported(line, new(0, **{"Patient city": ""}), new(1, Status="Accepted"), new(2, Dx=""))
    said = " ".join(one["sentence"] for one in looked.found["problems"])
    assert looked.wrong == 3
    for words in ("city", "was sent where it comes from", "Add at least one diagnosis"):
        assert words in said
    assert not Claim.objects.exists()


def test_when_ar_boost_is_silent_drafts_stay_drafts_and_it_is_not_asked_for_ever(line: Line) -> None:
    with override_settings(ARBOOST_URL="http://127.0.0.1:9"):
        done = imported(line, *(new(number) for number in range(6)))
    assert (done.state, done.added, done.finished) == ("done", 6, 0)
    assert {*Claim.objects.values_list("status", flat=True)} == {"draft"}
    assert Snapshot.objects.count() == 3
    why = [one["why"] for one in done.found["left"]]
    assert len(why) == 6 and "did not answer" in why[0] and "was not asked" in why[5]


def test_one_claim_that_cannot_be_worked_on_keeps_no_other_waiting(line: Line) -> None:
    rows = [new(number, **{"Member id": "W2000YTD01"}) for number in range(3)]
    one, _ = actions.bring("claims", table(*rows), "c.csv", by=line.biller, at=AT, options=[*ALL, "complete"])
    running.work_on(one.pk, at=AT)
    one.refresh_from_db()
    actions.start(one, whole=False, by=line.biller, at=AT)
    work = running.Work(Import.objects.get(pk=one.pk), AT, "none", 1, None)
    for key in list(one.parts.values_list("pk", flat=True)):
        work._add_part(key)
    broken = Coverage.objects.get(claim__elsewhere__number="X0")
    Coverage.objects.filter(pk=broken.pk).update(
        relationship="spouse", subscriber={"last_name": "Sample", "date_of_birth": "no day"}
    )
    running.work_on(one.pk, at=AT)
    one.refresh_from_db()
    assert (one.state, one.added, one.finished) == ("done", 3, 2)
    (left,) = one.found["left"]
    assert (left["key"], left["why"]) == (broken.claim_id, importing.FAILED)


def test_a_death_between_completing_and_writing_it_down_completes_nothing_twice(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    note, calls = importing._note, []

    def dies(*args: Any, **more: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        note(*args, **more)

    monkeypatch.setattr(importing, "_note", dies)
    with pytest.raises(Killed):
        imported(line, new(0), new(1), new(2))
    asked = Snapshot.objects.count()
    one = Import.objects.get()
    assert (one.state, one.finished, asked) == ("importing", 1, 2)
    running.work_on(one.pk, at=LATER)
    one.refresh_from_db()
    assert (one.state, one.finished, Snapshot.objects.count()) == ("done", 3, 3)


def test_one_patient_of_two_with_a_name_is_told_by_the_member_id(ben: Any) -> None:
    payer = PayerFactory(company=ben.company, payer_id="SHP01")
    twins = [
        PatientFactory(
            company=ben.company, last_name="Sample", first_name="Robin", date_of_birth="1971-03-14"
        )
        for _ in range(2)
    ]
    claim = Claim.objects.create(
        company=ben.company, number="C-9", patient=twins[1], date_of_service="2026-05-01", created_at=AT,
        changed_at=AT,
    )  # fmt: skip
    Coverage.objects.create(
        company=ben.company, claim=claim, rank="primary", payer=payer, member_id="W123456789"
    )
    one, _ = actions.bring("claims", table(row("1", **SERVED)), "c.csv", by=ben, at=AT)
    running.work_on(one.pk, at=AT)
    one.refresh_from_db()
    actions.start(one, whole=True, by=ben, at=AT)
    running.work_on(one.pk, at=AT)
    assert Claim.objects.get(elsewhere__number="1").patient == twins[1]


def test_a_file_that_was_given_up_half_way_can_be_thrown_away_and_its_claims_stay(
    ben: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PART", 1)
    for name in ("thrown.csv", "forgotten.csv"):
        data = table(*(row(f"{name}{one}", **SERVED) for one in range(2)))
        one, _ = actions.bring("claims", data, name, by=ben, at=AT, options=ALL)
        running.work_on(one.pk, at=AT)
        actions.start(Import.objects.get(pk=one.pk), whole=False, by=ben, at=AT)
        running.work_on(one.pk, at=AT, seconds=0.0)
        Import.objects.filter(pk=one.pk).update(state="refused")
    first, second = Import.objects.order_by("pk")
    assert actions.throw_away(first, by=ben) == 1 and "stays: 1." in thrown_words(1)
    assert actions.forget_old(at=AT + actions.KEPT_FOR * 2) == 1
    assert not Import.objects.exists() and second is not None
    assert ClaimReference.objects.filter(of=None).count() == 2
