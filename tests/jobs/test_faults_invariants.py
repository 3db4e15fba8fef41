"""Each invariant finds what breaks it: a violation is planted, and its claim is named (trust.md, I1…I10)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pgtrigger
import pytest
from django.db import connection, transaction
from django.db.models import F

from accounts.audit import acting
from config.watching.doctor import Doctor
from deductibles.domain import hold
from deductibles.invariants import Broken, assert_invariants, violations
from deductibles.invariants_sql import LEAKS, ONE_TRANSACTION, RULES, UNTOLD
from deductibles.models import Claim, Hold, HoldTotal, Question, Snapshot, Submission, SubmissionItem
from tests.claim_line import Line, days, fresh, noon
from work import outbox
from work.models import CompanyFile, Run

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
AT = noon(days(30)) + timedelta(minutes=30)
CANARY = "Quillfeather"


@dataclass
class House:
    """Three claims after a month: one met and submitted, one released by time, one that is still held."""

    line: Line
    met: Hold
    elapsed: Hold
    held: Hold
    night: Run

    def change(self, row: Hold, **values: Any) -> None:
        """Change an entry past every rule, with its audit, as nobody."""
        Hold.objects.filter(pk=row.pk).update(**values)

    def change_claim(self, row: Hold, **values: Any) -> None:
        Claim.objects.filter(pk=row.claim_id).update(**values)


@pytest.fixture
def house(line: Line) -> House:
    met, elapsed, held = line.held(), line.held(), line.held(day=days(5))
    line.now_remaining(met, "0.00")
    line.check(days(7))
    line.submit(days(7))
    night = line.check(days(30))
    outbox.deliver(at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return House(line, fresh(met), fresh(elapsed), fresh(held), night)


def unaudited(plant: Callable[[House], None]) -> Callable[[House], None]:
    """As raw SQL past all triggers does it."""

    def planted(house: House) -> None:
        with transaction.atomic(), pgtrigger.ignore():
            plant(house)

    return planted


def without(*statements: str) -> None:
    """Take a constraint away."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def two_entries(house: House) -> None:
    without("DROP INDEX hold_one_active")
    row = fresh(house.held)
    row.pk = None
    row.save(force_insert=True)


def two_files(house: House) -> None:
    item = SubmissionItem.objects.get(claim=house.met.claim_id)
    other = item.submission
    other.pk, other.control_number, other.state = None, 99, Submission.State.AMBIGUOUS
    other.save(force_insert=True)
    SubmissionItem.objects.create(
        company=house.line.company, submission=other, claim_id=item.claim_id, sequence=1, open=False
    )


def two_runs(house: House) -> None:
    without("ALTER TABLE work_run DROP CONSTRAINT run_once_a_night")
    Run.objects.create(
        company=house.line.company, kind="check", target_date=days(30), state="done", created_at=AT
    )


def answered_twice(house: House) -> None:
    row = Snapshot.objects.filter(claim=house.met.claim_id, source="nightly").get()
    row.pk = None
    row.save(force_insert=True)


def asked(house: House, day: Any) -> None:
    Question.objects.create(
        company=house.line.company, hold=house.held, run=house.night, for_date=day, asked_at=AT, open=False
    )


def released(**values: Any) -> Callable[[House], None]:
    """The claim that is held leaves with this reason, whatever there is to prove it."""

    def plant(house: House) -> None:
        house.change(house.held, active=False, queued_at=AT, ended_at=AT, **values)

    return plant


def with_the_proof_of_another(house: House) -> None:
    proof = Hold.objects.get(pk=house.met.pk)
    released(reason_code=hold.MET, remaining=0, snapshot=proof.snapshot)(house)


def an_audit_with_a_gap(house: House) -> None:
    version = Claim.objects.get(pk=house.held.claim_id).version
    with pgtrigger.ignore():
        house.change_claim(house.held, version=version + 1)
    house.change_claim(house.held, version=version + 2)


def a_step_that_is_none(house: House) -> None:
    with pgtrigger.ignore("deductibles.Claim:claim_moves"):
        house.change_claim(house.met, status="draft")


def moved_by_a_night(house: House) -> None:
    with transaction.atomic(), acting(None, "nightly check"):
        house.change(house.held, release_on=house.held.release_on + timedelta(days=3))


def run_of(house: House, **values: Any) -> None:
    began = noon(days(20))
    Run.objects.create(
        company=house.line.company,
        kind="check",
        target_date=days(20),
        created_at=began,
        started_at=began,
        **values,
    )


PLANTS: list[tuple[str, str, Callable[[House], Any]]] = [
    ("suspended, and no entry holds it", "held",
        unaudited(lambda h: h.change(h.held, active=False, ended_at=AT))),
    ("an entry holds it that is suspended no more", "held",
        unaudited(lambda h: h.change_claim(h.held, status="queued"))),
    ("held automatically without a release date", "held",
        unaudited(lambda h: h.change(h.held, release_on=None))),
    ("its entry neither waits nor has ended", "held", unaudited(lambda h: h.change(h.held, active=False))),
    ("in a state that is none", "held", unaudited(lambda h: h.change_claim(h.held, status="limbo"))),
    ("the sums above the lines are not what the lines add up to: manage.py recount_holds",
        "Hold for Deductible", lambda h: HoldTotal.objects.update(lines=F("lines") + 1)),
    ("kept in a file that was refused and never goes", "met",
        lambda h: Submission.objects.update(state=Submission.State.REFUSED)),
    ("said to have left, and in no file that did", "met",
        lambda h: Submission.objects.update(state=Submission.State.REFUSED)),
    ("held by two entries at once", "held", two_entries),
    ("the same original is in two files that went or may have gone", "met", two_files),
    ("two runs of one kind for one night", f"check of {days(30)}", two_runs),
    ("released a second time", "elapsed", lambda h: h.change(h.elapsed, queued_at=AT)),
    ("asked again for a date that was answered", "met", answered_twice),
    ("still held after the night that should have released it", "held",
        unaudited(lambda h: h.change(h.held, release_on=days(29)))),
    ("asked for a date that is not on its grid of seven days", "held", lambda h: asked(h, days(15))),
    ("asked more than once in one night", "held", lambda h: asked(h, days(19))),
    ("a date of its grid passed and it was not asked", "held",
        lambda h: Question.objects.filter(hold=h.held).delete()),
    ("its state is not the one the audit ends with", "held",
        unaudited(lambda h: h.change_claim(h.held, status="queued"))),
    ("its entry is not as the audit ends", "held", unaudited(lambda h: h.change(h.held, remaining=1))),
    ("a change of it is missing in the audit", "held", an_audit_with_a_gap),
    ("it moved from one state to another between which there is no step", "met", a_step_that_is_none),
    ("the audit of its newest change was written apart from it", "held",
        unaudited(lambda h: h.change_claim(h.held, total=1))),
    ("the audit of its entry's newest change was written apart from it", "held",
        unaudited(lambda h: h.change(h.held, why=["changed"]))),
    ("released as met without a stored answer of its own that proves it", "held",
        released(reason_code=hold.MET)),
    ("released as met without a stored answer of its own that proves it", "held", with_the_proof_of_another),
    ("released as met without a stored answer of its own that proves it", "held",
        released(reason_code=hold.MET, remaining=None)),
    ("released by time before its release date", "held", released(reason_code=hold.ELAPSED)),
    ("released, and nothing says why", "held", released(reason_code="")),
    ("the date it is held since has moved", "held", lambda h: h.change(h.held, anchor_on=days(6))),
    ("its release date moved, and neither settings nor a person moved it", "held", moved_by_a_night),
    ("began and stands still, and nobody is at it", f"check of {days(20)}",
        lambda h: run_of(h, state="running")),
    ("failed, and does not say why", f"check of {days(20)}", lambda h: run_of(h, state="failed")),
    (UNTOLD, "deductibles.monitor",
        lambda h: outbox.post(h.line.company.pk, "deductibles.monitor", {"hold": h.held.pk}, at=noon(days(3)))),
    ("tells of a patient where nobody may read of one", f"check of {days(20)}",
        lambda h: run_of(h, state="failed", failures=[{"claim": None, "why": f"{CANARY} was not read"}])),
    ("tells of a patient where nobody may read of one", "cache",
        lambda h: without(f"INSERT INTO cache VALUES ('page of {CANARY.lower()}', 'x', now())")),
]  # fmt: skip


def test_a_house_in_order_breaks_nothing(house: House) -> None:
    assert (fresh(house.met).reason, fresh(house.elapsed).reason) == ("Deductible met", "Time elapsed")
    assert fresh(house.held).active
    assert_invariants(at=AT, words=[CANARY], one_transaction=True)


def test_every_rule_has_a_violation_that_it_finds() -> None:
    planted = {said for said, _, _ in PLANTS} | {"held later than its release date plus one night"}
    assert planted == {rule.said for rule in (*RULES, *ONE_TRANSACTION, *LEAKS)}


def test_what_is_planted_is_found_by_its_rule_and_named(house: House) -> None:
    """One world for all of them; each plant is taken back before the next."""
    missed = []
    for said, about, plant in PLANTS:
        row = getattr(house, about, None)
        name = row.claim.number if row else about
        with transaction.atomic():
            plant(house)
            found = violations(at=AT, words=[CANARY], one_transaction=True)
            if not any(each.said == said and each.about.startswith(name) for each in found):
                missed.append((said, [str(each) for each in found]))
            transaction.set_rollback(True)
    assert not missed, missed


def test_what_no_night_released_for_two_days_is_late(house: House) -> None:
    late = noon(house.held.release_on + timedelta(days=3))
    found = [each for each in violations(at=late) if each.invariant == "I3"]
    assert [each.about for each in found] == [house.held.claim.number]
    on_time = noon(house.held.release_on + timedelta(days=1))
    assert not [each for each in violations(at=on_time) if each.invariant == "I3"]


def test_an_answer_from_before_its_company_moved_names_the_hold_by_its_old_number(house: House) -> None:
    with pgtrigger.ignore():
        Snapshot.objects.filter(claim=house.met.claim_id, source="nightly").update(
            trace="H987654D1", x12_271=""
        )

    def unproven() -> list[str]:
        return [each.about for each in violations(at=AT) if each.said.startswith("released as met")]

    assert unproven() == [house.met.claim.number]
    came = {"company": house.line.company, "way": "in", "state": "over", "reason": "x", "asked_at": AT}
    early = CompanyFile.objects.create(**came, finished_at=AT - timedelta(days=400))
    assert unproven() == [house.met.claim.number]
    CompanyFile.objects.filter(pk=early.pk).update(finished_at=AT + timedelta(minutes=1))
    assert unproven() == []


def test_a_claim_that_the_night_set_aside_is_an_exception_one_sees(house: House) -> None:
    with pgtrigger.ignore():
        house.change(house.held, release_on=days(29))
    Run.objects.filter(pk=house.night.pk).update(
        failures=[{"claim": house.held.claim.number, "why": "It failed."}]
    )
    assert not [each for each in violations(at=AT) if each.invariant == "I3"]


def test_the_message_names_the_invariant_and_the_claim_but_no_patient(house: House) -> None:
    with pgtrigger.ignore():
        house.change(house.held, active=False, ended_at=AT)
    with pytest.raises(Broken) as broken:
        assert_invariants(at=AT)
    said = str(broken.value)
    assert f"I1 acme {house.held.claim.number}: suspended, and no entry holds it" in said
    assert house.line.patient.last_name not in said


def test_doctor_tells_what_is_broken_and_says_so_when_nothing_is(house: House) -> None:
    def of_claims() -> list[tuple[str, str]]:
        return [(each.level, each.said) for each in Doctor(AT).find() if each.check == "claims"]

    assert of_claims() == [("✓", "none is lost, doubled, late, or released without proof")]
    with pgtrigger.ignore():
        house.change(house.held, release_on=None)
    assert (
        "✗",
        f"I1 acme {house.held.claim.number}: held automatically without a release date",
    ) in of_claims()
