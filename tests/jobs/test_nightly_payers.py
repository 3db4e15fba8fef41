"""Payers that are down, or refuse our questions: left alone, asked one question, told once (D-CHK-7, D-X12-3)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.watching import notices
from deductibles import asking
from deductibles.actions import deciding
from deductibles.domain.payer_trouble import IN_A_ROW
from deductibles.models import Hold, PayerTrouble, Question
from patients.models import Payer
from tests import factories
from tests.claim_line import Line, days, fresh, noon, status_of

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
DOWN = {"reject": {"code": "42", "follow_up": "R", "loop": "2100A"}}
REFUSED = {"reject": {"code": "43", "follow_up": "C", "loop": "2100B"}}
WELL = {"amounts": [{"from": "2000-01-01", "annual": "1500.00", "remaining": "1500.00"}]}
UNDER_WAY = 5
"""Batches asked at the same time, and one sent before the last is weighed: on their way when trouble is found."""


@pytest.fixture
def other_payer(line: Line) -> Payer:
    return factories.PayerFactory(company=line.company, name="Sound Payer", payer_id="SP001")


@contextmanager
def billed_to(line: Line, payer: Payer) -> Iterator[None]:
    before, line.payer = line.payer, payer
    yield
    line.payer = before


def held(line: Line, count: int, **says: object) -> list[Hold]:
    rows = [line.held() for _ in range(count)]
    for row in rows:
        line.says(row, **says)
    return rows


def asked_on(line: Line, day: int) -> set[str]:
    """The references of the night's batches for that day."""
    found = [one["body"] for one in line.vendor.requests() if one["path"].endswith("/checks")]
    wanted = days(day).isoformat()
    return {row["reference"] for body in found if body["target_date"] == wanted for row in body["claims"]}


def test_a_payer_that_is_down_is_left_alone_and_the_others_are_asked(line, other_payer, monkeypatch) -> None:
    monkeypatch.setattr(asking, "BATCH", 1)
    monkeypatch.setattr(
        asking, "GIVE_UP_AFTER", 100
    )  # batches of one that settle nothing are not a vendor's silence
    down = held(line, 14, **DOWN)
    with billed_to(line, other_payer):
        well = held(line, 3, **WELL)
    run = line.check(days(7))
    asked = asked_on(line, 7)
    assert len(asked & {row.reference for row in down}) <= IN_A_ROW + UNDER_WAY
    assert {row.reference for row in well} <= asked
    assert (run.state, run.due, run.answered) == ("done", 17, 3)
    why = next(row["why"] for row in run.failures if "left alone" in row["why"])
    assert line.payer.name in why and "asked again tomorrow" in why


def test_the_dates_of_claims_that_were_not_asked_are_not_used_up_D_CHK_7(line, monkeypatch) -> None:
    monkeypatch.setattr(asking, "BATCH", 1)
    rows = held(line, 12, **DOWN)
    line.check(days(7))
    assert Question.objects.filter(open=True, for_date=days(7)).count() == 12
    assert {fresh(row).next_check_on for row in rows} == {days(8)}
    assert {status_of(row.claim) for row in rows} == {"hold"}


def test_the_next_night_asks_a_payer_in_trouble_one_question(line) -> None:
    rows = held(line, 8, **DOWN)
    line.check(days(7))
    line.check(days(8))
    assert len(asked_on(line, 8)) == 1
    line.check(days(9))
    assert len(asked_on(line, 9)) == 1
    assert asked_on(line, 8) != asked_on(line, 9), "one bad claim must not speak for the payer for ever"
    assert len(rows) == 8 and PayerTrouble.objects.get().ended_at is None


def test_one_claim_that_is_always_refused_does_not_keep_new_questions_from_being_asked(line) -> None:
    (bad,) = held(line, 1, **REFUSED)
    line.check(days(7))
    assert PayerTrouble.objects.filter(ended_at=None).exists()
    later = [line.held(day=days(1)) for _ in range(4)]
    run = line.check(days(8))
    assert {row.reference for row in later} <= asked_on(line, 8)
    assert run.answered == 4 and fresh(bad).active


def test_once_the_payer_answers_all_its_claims_are_asked_the_same_night(line) -> None:
    rows = held(line, 8, **DOWN)
    line.check(days(7))
    for row in rows:
        line.now_remaining(row, "0.00")
    run = line.check(days(8))
    assert (run.due, run.answered, run.released) == (8, 8, 8)
    assert {status_of(row.claim) for row in rows} == {"queued"}
    assert PayerTrouble.objects.get().ended_at == noon(days(8))


def test_a_few_patients_of_a_payer_that_answers_raise_nothing(line) -> None:
    held(line, IN_A_ROW - 1, **DOWN)
    held(line, 2, **WELL)
    line.check(days(7))
    assert not PayerTrouble.objects.exists()


def test_a_wrong_set_up_is_one_alert_however_many_claims_meet_it(line) -> None:
    held(line, 6, **REFUSED)
    line.check(days(7))
    row = PayerTrouble.objects.get()
    assert (row.payer, row.kind, row.code, row.count) == (line.payer, "setup", "43", 6)
    line.check(days(8))
    row.refresh_from_db()
    assert (row.count, row.began_at, row.last_at) == (7, noon(days(7)), noon(days(8)))
    assert "NPI" in row.mend.how


def test_each_payer_and_code_has_an_alert_of_its_own(line, other_payer) -> None:
    held(line, 1, **REFUSED)
    held(line, 1, reject={"code": "79", "follow_up": "C", "loop": "2100A"})
    with billed_to(line, other_payer):
        held(line, 1, **REFUSED)
    line.check(days(7))
    found = PayerTrouble.objects.values_list("payer__name", "code").order_by("payer__name", "code")
    names = sorted([(line.payer.name, "43"), (line.payer.name, "79"), ("Sound Payer", "43")])
    assert list(found) == names


def test_an_alert_ends_by_itself_when_an_answer_comes(line) -> None:
    rows = held(line, 2, **REFUSED)
    line.check(days(7))
    for row in rows:
        line.says(row, **WELL)
    line.check(days(8))
    assert PayerTrouble.objects.get().ended_at == noon(days(8))
    assert {fresh(row).nightly_answers for row in rows} == {1}


def test_an_answer_that_a_person_gets_ends_it_too_and_the_night_asks_everybody(line) -> None:
    rows = held(line, 7, **REFUSED)
    line.check(days(7))
    for row in rows:
        line.says(row, **WELL)
    deciding.run_eligibility(rows[0].claim, by=line.biller, at=noon(days(8)))
    assert PayerTrouble.objects.get().ended_at == noon(days(8))
    assert line.check(days(8)).answered == 7


def test_a_person_who_meets_a_wrong_set_up_raises_the_alert_before_any_night(line) -> None:
    line.complete(line.member(**REFUSED))
    assert PayerTrouble.objects.get().count == 1


def test_a_trouble_that_comes_again_is_a_new_one(line) -> None:
    row = held(line, 1, **REFUSED)[0]
    line.check(days(7))
    line.says(row, **WELL)
    line.check(days(8))
    line.says(row, **REFUSED)
    line.check(days(14))
    assert [one.ended_at is None for one in PayerTrouble.objects.order_by("pk")] == [False, True]


def test_a_reject_of_a_patient_is_no_trouble_of_the_payer(line) -> None:
    held(line, 6, reject={"code": "72", "follow_up": "C", "loop": "2100C"})
    run = line.check(days(7))
    assert (run.answered, PayerTrouble.objects.count()) == (6, 0)


def test_admins_are_told_of_a_wrong_set_up_above_every_page_and_of_nothing_once_it_is_mended(line) -> None:
    row = held(line, 1, **REFUSED)[0]
    assert not _told(line.admin)
    line.check(days(7))
    assert _told(line.admin) == [f"{line.payer.name} refuses our questions."]
    assert not _told(line.biller), "a biller cannot mend the set-up"
    line.says(row, **WELL)
    line.check(days(8))
    assert not _told(line.admin)


def _told(user) -> list[str]:
    caches["local"].clear()
    return [one.title for one in notices.notices_for(user, noon(days(8))) if "refuse" in one.title]


def test_the_runs_page_says_what_to_mend_and_where(line, page_as) -> None:
    held(line, 3, reject={"code": "51", "follow_up": "C", "loop": "2100B"})
    held(line, 1, **REFUSED)
    line.check(days(7))
    page = page_as(line.admin).get("/settings/runs/").content.decode()
    assert "does not have the provider on file" in page and "Enrol the provider" in page
    assert "Check the NPI of the billing provider" in page and "/settings/billing-provider/" in page


def test_another_companys_trouble_pauses_nobody_here(line, bo) -> None:
    theirs = factories.PayerFactory(company=bo.company, name=line.payer.name)
    PayerTrouble.objects.create(
        company=bo.company,
        payer=theirs,
        kind="setup",
        code="43",
        began_at=noon(days(1)),
        last_at=noon(days(1)),
    )
    held(line, 6, **WELL)
    assert line.check(days(7)).answered == 6


def test_a_trouble_costs_no_query_for_each_claim(line) -> None:
    counts = []
    for first, count in ((0, 1), (1, 3)):
        for _ in range(count):
            line.says(line.held(day=days(first)), **REFUSED)
        PayerTrouble.objects.all().delete()
        Question.objects.all().delete()
        with CaptureQueriesContext(connection) as made:
            line.check(days(first + 7))
        counts.append(len(made))
    assert counts[0] == counts[1]


def test_what_a_payer_in_trouble_says_releases_nothing(line) -> None:
    row = held(line, 1, **REFUSED)[0]
    line.says(row, **REFUSED, deductible={"annual": "1500.00", "remaining": "0.00"})
    line.check(days(7))
    kept = fresh(row)
    assert (status_of(row.claim), kept.remaining) == ("hold", Decimal("1500.00"))
