"""What a stored answer may decide: only one about this patient and payer, fresh, readable, of this plan year."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.steps import Refused
from deductibles import nightly
from deductibles.actions import claims, deciding
from deductibles.domain.hold import CONTRADICTED, MET
from deductibles.models import Hold, Snapshot
from patients.models import Payer
from tests import factories
from tests.claim_line import DAY0, Line, days, fresh, noon, status_of

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
ALL_LEFT = [{"from": "2000-01-01", "annual": "1500.00", "remaining": "1500.00"}]
NOTHING_LEFT = [{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}]


def text_271(line: Line, hold: Hold, *benefits: str) -> str:
    """AR Boost's 271 about this hold's patient of day 0, with these benefits in place of its own."""
    text = deciding.ask(hold.claim, by=line.biller, at=noon(DAY0)).x12_271
    if not benefits:
        return text
    return recounted(
        text[: at(text, "EB")] + "".join(f"{one}~\n" for one in benefits) + text[at(text, "SE") :]
    )


def at(text: str, segment: str) -> int:
    """Where the first such segment begins; a name may well end in EB or SE."""
    return text.index(f"\n{segment}*") + 1


def recounted(text: str) -> str:
    """The same transaction with its number of segments counted anew."""
    body, closing = text[: at(text, "SE")], text[at(text, "SE") :].split("*", 2)
    return f"{body}SE*{body[at(body, 'ST') :].count('~') + 1}*{closing[2]}"


@pytest.mark.parametrize("remaining", ["4800", 4800.0])
def test_amounts_nobody_can_read_keep_the_claim_held_and_flagged_D_CHK_8(line: Line, remaining) -> None:
    hold = line.held()
    amounts = {"annual": "5000", "remaining": remaining}
    line.says(hold, send=["deductible"], deductible=amounts, reason_code=MET)
    line.check(days(7))
    assert status_of(hold.claim) == "hold"
    assert set(fresh(hold).flags) == {"amounts_unread", CONTRADICTED}


@pytest.mark.parametrize(
    "benefits", [("EB*1**30**EXAMPLE PPO", "EB*6**30**EXAMPLE PPO"), ("EB*6**30**EXAMPLE PPO",)]
)
def test_a_code_beside_unclear_coverage_keeps_the_claim_held(line: Line, benefits) -> None:
    hold = line.held()
    line.says(hold, x12_271=text_271(line, hold, *benefits), send=["x12_271"], reason_code=MET)
    line.check(days(7))
    assert status_of(hold.claim) == "hold"


def test_a_stored_answer_proves_nothing_in_the_next_plan_year(line: Line, settings) -> None:
    line.settings(max_days=365)
    Payer.objects.update(filing_limit_days=None)
    line.payer.refresh_from_db()
    hold = line.held()
    line.now_remaining(hold, "120.00")
    text = text_271(line, hold).replace("DTP*346*D8*20260101~", "DTP*307*RD8*20200101-20301231~")
    assert "20301231" in text
    line.says(hold, x12_271=text, send=["x12_271"])
    deciding.run_eligibility(hold.claim, by=line.biller, at=noon(date(2026, 12, 30)))
    assert fresh(hold).remaining == Decimal("120.00")
    line.settings(max_days=365, dollar_threshold="150.00")
    settings.ARBOOST_URL = ""
    night = date(2027, 1, 2)
    nightly.check_night(line.company, night, by=None, at=noon(night))
    assert status_of(hold.claim) == "hold"


def test_the_answer_about_a_drafts_former_patient_decides_nothing(line: Line) -> None:
    claim = line.enter(line.member(amounts=NOTHING_LEFT))
    deciding.run_eligibility(claim, by=line.biller, at=noon(DAY0))
    other = factories.PatientFactory(company=line.company)
    claim = claims.edit_claim(claim, {"patient": other.pk}, by=line.biller, at=noon(DAY0))
    outcome = deciding.complete(claim, by=line.biller, at=noon(DAY0))
    assert other.last_name.upper() in outcome.snapshot.x12_271.upper()
    assert Snapshot.objects.count() == 2


def test_a_draft_whose_patient_is_sent_unchanged_keeps_its_answer_D_HOLD_2(line: Line) -> None:
    claim = line.enter(line.member(amounts=NOTHING_LEFT))
    deciding.run_eligibility(claim, by=line.biller, at=noon(DAY0))
    claim = claims.edit_claim(claim, {"patient": claim.patient_id}, by=line.biller, at=noon(DAY0))
    deciding.complete(claim, by=line.biller, at=noon(DAY0))
    assert Snapshot.objects.count() == 1


@pytest.mark.parametrize("code", ["42", "72"])
def test_complete_asks_again_after_a_rejected_question(line: Line, code: str) -> None:
    member = line.member(reject={"code": code})
    claim = line.enter(member)
    deciding.run_eligibility(claim, by=line.biller, at=noon(DAY0))
    line.vendor.script(member, amounts=ALL_LEFT)
    later = noon(DAY0) + timedelta(hours=2)
    assert deciding.complete(claim, by=line.biller, at=later).claim.status == "hold"


def test_complete_asks_again_when_the_filed_answer_is_too_old_D_X12_2(line: Line) -> None:
    member = line.member(amounts=ALL_LEFT)
    text = deciding.ask(line.enter(member), by=line.biller, at=noon(DAY0)).x12_271
    claim = line.enter(member)
    deciding.file_answer(claim, text, by=line.biller, at=noon(days(20)))
    assert deciding.complete(claim, by=line.biller, at=noon(days(20))).claim.status == "hold"


def test_a_coverage_that_ended_since_takes_the_proof_of_the_morning_away_I7(line: Line) -> None:
    hold = line.held()
    line.now_remaining(hold, "0.00")
    deciding.run_eligibility(hold.claim, by=line.biller, at=noon(days(2)))
    line.says(hold, active=False)
    deciding.run_eligibility(hold.claim, by=line.biller, at=noon(days(2)))
    line.check(days(2))
    assert status_of(hold.claim) == "hold"


def test_a_filed_answer_that_is_too_old_leaves_the_newer_proof_D_HOLD_6(line: Line) -> None:
    hold = line.held()
    old = text_271(line, hold)
    line.now_remaining(hold, "0.00")
    deciding.run_eligibility(hold.claim, by=line.biller, at=noon(days(10)))
    filed = deciding.file_answer(hold.claim, old, by=line.biller, at=noon(days(10)))
    assert "answer_too_old" in filed.snapshot.flags
    assert fresh(hold).remaining == Decimal("0.00")
    line.check(days(10))
    assert (status_of(hold.claim), fresh(hold).reason) == ("queued", "Deductible met")


def test_a_filed_answer_that_is_too_old_changes_no_amount_of_a_hold(line: Line) -> None:
    hold = line.held()
    line.now_remaining(hold, "0.00")
    text = text_271(line, hold)
    deciding.file_answer(hold.claim, text, by=line.biller, at=noon(days(20)))
    assert (fresh(hold).remaining, fresh(hold).flags) == (Decimal("1500.00"), [])


def test_met_by_its_code_when_a_person_asks_releases_tonight_without_asking_D_HOLD_6(line: Line) -> None:
    hold = line.held()
    line.says(hold, send=[], reason_code=MET)
    deciding.run_eligibility(hold.claim, by=line.biller, at=noon(days(2)))
    assert (status_of(hold.claim), fresh(hold).remaining) == ("hold", Decimal("1500.00"))
    line.check(days(2))
    assert (status_of(hold.claim), fresh(hold).reason) == ("queued", "Deductible met")
    assert line.asked() == []


def test_met_by_its_code_with_amounts_that_say_otherwise_is_not_released_tonight_D_CHK_8(line: Line) -> None:
    hold = line.held()
    amounts = {"annual": "1500.00", "remaining": "900.00"}
    line.says(hold, send=["deductible"], deductible=amounts, reason_code=MET)
    deciding.run_eligibility(hold.claim, by=line.biller, at=noon(days(2)))
    line.check(days(2))
    assert status_of(hold.claim) == "hold"


def test_a_filed_answer_that_names_no_patient_is_refused_and_not_stored_D_X12_2(line: Line) -> None:
    hold = line.held()
    text = text_271(line, hold, "EB*1**30")
    nobody = recounted(text[: at(text, "HL*3")] + "AAA*Y**42*R~\n" + text[at(text, "SE") :])
    before = Snapshot.objects.count()
    with pytest.raises(Refused, match="not stored"):
        deciding.file_answer(hold.claim, nobody, by=line.biller, at=noon(DAY0))
    assert Snapshot.objects.count() == before
