"""A pinned line decides from now on, in the night too; gone from an answer, it releases nothing (D-CLM-4)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from accounts.steps import Refused
from deductibles import queries
from deductibles.actions import deciding, holds, night_answers, pinning
from deductibles.actions.moves import Invalid
from deductibles.domain import evidence
from deductibles.domain.hold import MET, Verdict
from deductibles.models import Claim, Hold, Question, Snapshot
from tests.claim_line import DAY0, Line, days, fresh, noon, status_of
from tests.domain.eligibility_answer import ACTIVE, answer, file_of
from work.models import Run

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db

ANNUAL = "EB*C*IND*30***23*1500*****Y"
INSIDE = "EB*C*IND*30***29*1500*****Y"
OUTSIDE = "EB*C*IND*30***29*3000*****N"
FAMILY = "EB*C*FAM*30***29*1200*****Y"
VISIT = "EB*C*IND*30***27*40*****Y"


def text_of(*lines: str) -> str:
    return file_of(answer(ACTIVE, *lines))


def held_on(line: Line, *lines: str) -> Hold:
    """A claim held on an answer with these lines."""
    outcome = line.complete(line.member(x12_271=text_of(*lines)))
    assert outcome.hold is not None, outcome.decision
    return outcome.hold


def number_of(hold: Hold | Claim, raw: str) -> int:
    claim = hold.claim if isinstance(hold, Hold) else hold
    newest = pinning.answer_to_pin(claim)
    assert newest is not None
    return next(row["number"] for row in newest.trail if row["raw"] == raw)


def pin(line: Line, hold: Hold | Claim, raw: str, **more: Any) -> deciding.Outcome:
    claim = hold.claim if isinstance(hold, Hold) else hold
    given = {"reason": "the ambulance is out of network", **more}
    return pinning.pin(claim, number_of(hold, raw), by=line.biller, at=noon(DAY0), **given)


def test_d_clm_4_a_pinned_line_is_followed_at_once(line: Line) -> None:
    hold = held_on(line, ANNUAL, INSIDE, OUTSIDE)
    before = fresh(hold)
    outcome = pin(line, hold, OUTSIDE)
    now = fresh(hold)
    assert now.remaining == outcome.snapshot.remaining == 3000
    assert (now.last_asked_at, now.last_answered_at) == (before.last_asked_at, before.last_answered_at)
    assert now.snapshot.source == "pinned" and now.snapshot.asked_by == "ben"
    (used,) = (row for row in now.snapshot.reading["trail"] if row["pinned"])
    assert used["used"] and "pinned by ben on 20 May 2026" in used["why"]


def test_d_clm_4_the_night_follows_the_pin_and_not_the_rules(line: Line) -> None:
    hold = held_on(line, ANNUAL, INSIDE, OUTSIDE)
    pin(line, hold, OUTSIDE)
    line.says(hold, x12_271=text_of("EB*C*IND*30***29*0*****Y", "EB*C*IND*30***29*2900*****N"))
    line.check(days(7))
    kept = fresh(hold)
    assert status_of(hold.claim) == "hold" and kept.remaining == 2900, "in network nothing remains"
    line.says(hold, x12_271=text_of(FAMILY, "EB*C*IND*30***29*80*****N", INSIDE))
    line.check(days(14))
    assert status_of(hold.claim) == "queued" and fresh(hold).reason_code.startswith("Deductible Met")


def test_d_clm_4_an_answer_without_the_pinned_line_releases_nothing_and_says_so(line: Line) -> None:
    hold = held_on(line, ANNUAL, INSIDE, OUTSIDE)
    pin(line, hold, OUTSIDE)
    line.says(hold, x12_271=text_of(ANNUAL, "EB*C*IND*30***29*0*****Y"))
    run = line.check(days(7))
    kept = fresh(hold)
    assert status_of(hold.claim) == "hold" and "pin_not_found" in kept.flags
    assert kept.remaining == 3000, "what is not known leaves what is"
    assert (run.answered, kept.next_check_on) == (1, days(14)), "an answer all the same: the date is used up"
    line.check(days(8))
    assert status_of(hold.claim) == "hold"
    pin(line, hold, "EB*C*IND*30***29*0*****Y")
    line.check(days(9))
    assert status_of(hold.claim) == "queued", "pinned anew, the kept answer is proof"


@pytest.mark.parametrize(
    "script",
    [
        {"send": [], "reason_code": MET},
        {"send": ["deductible"], "deductible": {"annual": "1500.00", "remaining": "0.00"}},
        {"x12_271": file_of(answer("EB*6**30", ANNUAL, "EB*C*IND*30***29*0*****N"))},
        {"x12_271": text_of("EB*C*IND*30***29*0*****N", "DTP*292*RD8*20250101-20251231")},
        {"x12_271": text_of("EB*C*IND*30***29*0*****N"), "cut_271": 300},
        {"x12_271": text_of("EB*C*IND*30***29*0*****N"), "another_patient": True},
    ],
    ids=["reason code alone", "amounts alone", "coverage ended", "last year", "cut", "somebody else"],
)
def test_i7_no_unsound_answer_releases_under_a_pin(line: Line, script: dict[str, Any]) -> None:
    hold = held_on(line, ANNUAL, INSIDE, OUTSIDE)
    pin(line, hold, OUTSIDE)
    line.says(hold, **script)
    for night in range(7, 12):
        line.check(days(night))
    assert status_of(hold.claim) == "hold"


def test_d_clm_4_taken_off_the_rules_choose_again_and_nothing_is_released_by_it(line: Line) -> None:
    low = "EB*C*IND*30***29*50*****N"
    hold = held_on(line, ANNUAL, INSIDE, low)
    pin(line, hold, low)
    assert fresh(hold).remaining == 50
    pinning.unpin(hold.claim, by=line.biller, at=noon(DAY0))
    assert fresh(hold).remaining == 1500
    line.check(days(1))
    assert status_of(hold.claim) == "hold"
    with pytest.raises(Refused, match="No line is pinned"):
        pinning.unpin(Claim.objects.get(pk=hold.claim_id), by=line.biller, at=noon(DAY0))


def test_d_clm_4_a_pinned_line_that_is_met_is_released_tonight_without_asking_D_HOLD_6(line: Line) -> None:
    low = "EB*C*IND*30***29*50*****N"
    hold = held_on(line, ANNUAL, INSIDE, low)
    pin(line, hold, low)
    line.check(days(1))
    assert status_of(hold.claim) == "queued" and not line.asked(hold)


def test_d_clm_4_pinning_and_taking_off_are_audited_with_old_and_new(line: Line) -> None:
    hold = held_on(line, ANNUAL, INSIDE, OUTSIDE)
    pin(line, hold, OUTSIDE)
    pinning.unpin(hold.claim, by=line.biller, at=noon(DAY0))
    told = {
        event["act"]: event["changes"]["pin"]
        for event in queries.audit(hold.claim)
        if event["act"] in ("pin", "unpin") and "pin" in event["changes"]
    }
    assert told["pin"]["from"] is None and told["pin"]["to"]["line"]["network"] == "N"
    assert told["pin"]["to"]["reason"] == "the ambulance is out of network"
    assert told["unpin"]["from"] == told["pin"]["to"] and told["unpin"]["to"] is None


def test_d_clm_4_a_draft_is_completed_on_its_pinned_line(line: Line) -> None:
    claim = line.enter(line.member(x12_271=text_of(ANNUAL, INSIDE, "EB*C*IND*30***29*20*****N")))
    deciding.run_eligibility(claim, by=line.biller, at=noon(DAY0))
    pin(line, claim, "EB*C*IND*30***29*20*****N")
    outcome = deciding.complete(Claim.objects.get(pk=claim.pk), by=line.biller, at=noon(DAY0))
    assert outcome.hold is None and status_of(claim) == "queued"
    assert Snapshot.objects.filter(claim=claim, source="arboost").count() == 1, "nobody asks twice in a day"


def test_d_clm_4_another_payer_has_no_pin(line: Line) -> None:
    hold = held_on(line, ANNUAL, INSIDE, OUTSIDE)
    pin(line, hold, OUTSIDE)
    given = {"payer": line.payer.pk, "member_id": line.member(x12_271=text_of(ANNUAL, INSIDE))}
    claim = type(hold.claim).objects.get(pk=hold.claim_id)
    outcome = deciding.change_payer(claim, given, by=line.biller, at=noon(DAY0))
    assert outcome.hold is not None and outcome.hold.remaining == 1500
    assert outcome.hold.coverage.pin is None


def test_a_line_nobody_may_act_on_is_refused_in_words(line: Line) -> None:
    hold = held_on(line, ANNUAL, INSIDE, VISIT)
    with pytest.raises(Refused, match="cannot be followed: time period 27"):
        pin(line, hold, VISIT)
    for wrong in (None, "", "x", "９", 9999, True, [1]):
        with pytest.raises(Invalid):
            pinning.pin(hold.claim, wrong, by=line.biller, at=noon(DAY0))
    with pytest.raises(Invalid):
        pin(line, hold, INSIDE, reason="x" * 300)
    assert fresh(hold).coverage.pin is None


def test_a_line_chosen_on_an_older_answer_is_refused_as_stale(line: Line) -> None:
    hold = held_on(line, ANNUAL, INSIDE, OUTSIDE)
    seen = fresh(hold).snapshot_id
    deciding.run_eligibility(hold.claim, by=line.biller, at=noon(DAY0))
    with pytest.raises(Refused) as refused:
        pin(line, hold, OUTSIDE, answer=seen)
    assert refused.value.code == "stale" and fresh(hold).coverage.pin is None


def test_only_who_works_on_claims_pins_and_only_what_has_not_left(line: Line, sue: Any) -> None:
    hold = held_on(line, ANNUAL, INSIDE, OUTSIDE)
    with pytest.raises(Refused) as refused:
        pinning.pin(hold.claim, 15, by=sue, at=noon(DAY0))
    assert refused.value.code == "role"
    claim = holds.queue(hold.claim, by=line.biller, at=noon(DAY0))
    line.submit(DAY0)
    claim.refresh_from_db()
    with pytest.raises(Refused, match="submitted"):
        pinning.pin(claim, 15, by=line.biller, at=noon(DAY0))


def test_an_answer_in_flight_while_a_line_is_pinned_is_not_acted_on(line: Line) -> None:
    """The night read it by the rules; a person pinned another line before it was recorded."""
    hold = held_on(line, ANNUAL, INSIDE, OUTSIDE)
    run = Run.objects.create(
        company=line.company, kind="check", target_date=days(7), created_at=noon(days(7))
    )
    Question.objects.create(company=line.company, hold=hold, run=run, for_date=days(7))
    related = ("hold__claim__patient", "hold__coverage__payer", "hold__payer")
    asked = Question.objects.select_related(*related).get(hold=hold)
    pin(line, hold, OUTSIDE)
    found = evidence.Evidence("answered", settled=True, sound=True, usable=True, may_release=True)
    weighed = night_answers.Weighed(asked, found, Verdict(True, MET, ("Nothing remains.",)))
    with transaction.atomic():
        assert night_answers.record(run, [weighed], at=noon(days(7))) == 0
    assert status_of(hold.claim) == "hold" and Question.objects.get(pk=asked.pk).open
