"""Entering and completing claims: what is refused, what is held, and why (D-HOLD-1…6, D-NEW-2, D-NEW-3)."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from accounts.steps import Refused
from config.sweeping import outbox
from deductibles import queries
from deductibles.actions import claims, deciding
from deductibles.actions.moves import Invalid
from deductibles.models import Claim, Coverage, Hold, Snapshot
from tests import factories
from tests.claim_line import DAY0, Line, days, fresh, noon, status_of

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
X271 = Path(__file__).parent.parent / "data" / "x271"


def test_the_ytd_example_is_held_with_149_75_remaining_and_explained(line: Line) -> None:
    outcome = line.complete("W2000YTD01")
    hold = outcome.hold
    assert (outcome.claim.status, hold.remaining, hold.annual) == (
        "hold",
        Decimal("149.75"),
        Decimal("2000.00"),
    )
    assert hold.release_on == days(30) and hold.next_check_on == days(7)
    used = [row["raw"] for row in outcome.snapshot.reading["trail"] if row["used"]]
    assert any("24*1850.25" in raw for raw in used)
    assert any("$149.75 remaining is more than the threshold of $100.00" in why for why in hold.why)


def test_the_ytd_example_leaves_when_its_days_run_out(line: Line) -> None:
    hold = line.complete("W2000YTD01").hold
    line.check(days(7))
    assert status_of(hold.claim) == "hold"
    line.check(days(30))
    assert (status_of(hold.claim), fresh(hold).reason) == ("queued", "Time elapsed")


def test_the_ytd_example_leaves_when_the_threshold_reaches_it(line: Line) -> None:
    hold = line.complete("W2000YTD01").hold
    line.settings(dollar_threshold="149.75")
    line.check(days(7))
    assert (status_of(hold.claim), fresh(hold).reason) == ("queued", "Deductible met")


def test_a_completed_claim_that_is_met_is_queued(line: Line) -> None:
    met = line.member(amounts=[{"from": "2000-01-01", "annual": "1500.00", "remaining": "100.00"}])
    outcome = line.complete(met)
    assert (outcome.claim.status, outcome.decision.reason, outcome.hold) == ("queued", "met", None)


def test_an_annual_amount_below_the_monitor_amount_is_not_held(line: Line) -> None:
    small = line.member(amounts=[{"from": "2000-01-01", "annual": "249.99", "remaining": "249.99"}])
    assert line.complete(small).claim.status == "queued"


def test_completing_names_everything_the_837p_lacks_at_once(line: Line) -> None:
    claim = line.enter(charges=[], diagnoses=[], ambulance=None)
    with pytest.raises(Invalid) as refused:
        deciding.complete(claim, by=line.biller, at=noon(DAY0))
    assert {"charges", "diagnoses", "ambulance"} <= set(refused.value.fields)
    assert status_of(claim) == "draft" and not Snapshot.objects.exists()


def test_no_usable_answer_queues_the_claim_and_flags_it_D_HOLD_3(line: Line) -> None:
    outcome = line.complete("BADID0072")
    assert outcome.claim.status == "queued" and outcome.claim.deductible_unknown


def test_an_outage_does_not_keep_a_claim_from_being_completed_D_HOLD_3(line: Line) -> None:
    outcome = line.complete(line.member(status=503))
    assert (outcome.claim.status, outcome.claim.deductible_unknown) == ("queued", True)
    assert outcome.snapshot.outcome == "unavailable"


def test_complete_uses_todays_answer_and_does_not_ask_again_D_HOLD_2(line: Line) -> None:
    claim = line.enter()
    deciding.run_eligibility(claim, by=line.biller, at=noon(DAY0))
    claim.refresh_from_db()
    outcome = deciding.complete(claim, by=line.biller, at=noon(DAY0))
    asked = [item for item in line.vendor.requests() if item["path"] == "/v1/eligibility"]
    assert outcome.claim.status == "hold" and len(asked) == 1


def test_yesterdays_answer_is_asked_again_D_HOLD_2(line: Line) -> None:
    claim = line.enter()
    deciding.run_eligibility(claim, by=line.biller, at=noon(DAY0))
    deciding.complete(claim, by=line.biller, at=noon(days(1)))
    asked = [item for item in line.vendor.requests() if item["path"] == "/v1/eligibility"]
    assert len(asked) == 2


def test_a_claim_is_completed_once_D_HOLD_2(line: Line) -> None:
    claim = line.enter()
    deciding.complete(claim, by=line.biller, at=noon(DAY0))
    claim.refresh_from_db()
    with pytest.raises(Refused, match="needs it to be draft"):
        deciding.complete(claim, by=line.biller, at=noon(DAY0))
    assert Hold.objects.count() == 1


def test_the_secondary_payer_is_ignored_D_HOLD_4(line: Line) -> None:
    unmet = line.member()
    met = line.member(amounts=[{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}])
    second = factories.PayerFactory(company=line.company)
    outcome = line.complete(
        coverages=[
            {"rank": "secondary", "payer": second.pk, "member_id": unmet},
            {"rank": "primary", "payer": line.payer.pk, "member_id": met},
        ]
    )
    assert outcome.claim.status == "queued"


def test_a_payer_that_is_never_held_is_queued(line: Line) -> None:
    line.payer.kind = "medicare"
    line.payer.save()
    assert line.complete().decision.reason == "never_hold_payer"


def test_a_payers_own_threshold_comes_first_and_is_named(line: Line) -> None:
    line.payer.dollar_threshold = Decimal("2000.00")
    line.payer.save()
    outcome = line.complete()
    assert outcome.claim.status == "queued"
    assert line.payer.name in outcome.decision.why[0]


def test_a_claim_inside_the_filing_guard_is_never_held(line: Line) -> None:
    outcome = line.complete(served=days(-170))
    assert (outcome.claim.status, outcome.decision.reason) == ("queued", "filing_guard")


def test_the_filing_guard_shortens_a_hold_and_says_so(line: Line) -> None:
    hold = line.complete(served=days(-150)).hold
    assert hold.release_on == days(-150 + 180 - 14)
    line.check(hold.release_on)
    assert fresh(hold).reason_code == "Too Much Time Elapsed"
    assert "Filing guard" in fresh(hold).release_why[0]


def test_completing_registers_with_ar_boost_and_releasing_ends_it_D_NEW_3(line: Line) -> None:
    claim = line.enter()
    deciding.run_eligibility(claim, by=line.biller, at=noon(DAY0))
    outbox.deliver(at=noon(DAY0))
    assert line.vendor.monitored() == {}, "not before it is completed"
    hold = deciding.complete(claim, by=line.biller, at=noon(DAY0)).hold
    outbox.deliver(at=noon(DAY0))
    assert list(line.vendor.monitored()) == [hold.reference]
    line.check(days(30))
    outbox.deliver(at=noon(days(30)))
    assert line.vendor.monitored() == {}


def test_a_new_payer_ends_the_old_entry_and_days_count_from_the_first_hold_D_HOLD_5(line: Line) -> None:
    old = line.held()
    new_payer = factories.PayerFactory(company=line.company)
    data = {"payer": new_payer.pk, "member_id": line.member()}
    outcome = deciding.change_payer(old.claim, data, by=line.biller, at=noon(days(10)))
    assert outcome.claim.status == "hold" and not fresh(old).active
    assert outcome.hold.payer == new_payer
    assert (outcome.hold.release_on, outcome.hold.next_check_on) == (days(30), days(14))
    assert list(queries.holds(line.biller)) == [outcome.hold]


def test_a_new_payer_whose_deductible_is_met_queues_the_claim_D_HOLD_5(line: Line) -> None:
    old = line.held()
    met = line.member(amounts=[{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}])
    data = {"payer": line.payer.pk, "member_id": met}
    assert deciding.change_payer(old.claim, data, by=line.biller, at=noon(days(1))).claim.status == "queued"


def test_eligibility_holds_a_queued_claim_that_was_never_released_D_HOLD_1(line: Line) -> None:
    member = line.member(status=503)
    claim = line.complete(member).claim
    line.vendor.script(member)
    outcome = deciding.run_eligibility(claim, by=line.biller, at=noon(days(1)))
    assert outcome.claim.status == "hold"


def test_a_released_claim_is_never_held_again_by_itself(line: Line) -> None:
    hold = line.held()
    line.check(days(30))
    claim = Claim.objects.get(pk=hold.claim_id)
    outcome = deciding.run_eligibility(claim, by=line.biller, at=noon(days(30)))
    assert (outcome.claim.status, outcome.decision.reason) == ("queued", "released_before")


class TestFiling:
    """D-X12-2: an answer obtained elsewhere."""

    def claim(self, line: Line) -> Claim:
        patient = factories.PatientFactory(
            company=line.company, first_name="Pat", last_name="Sample", date_of_birth="1980-01-01"
        )
        return line.enter("TST000111", patient=patient.pk, served=days(-3))

    def text(self, day: str = "20260519") -> str:
        return (X271 / "ytd_no_remaining.edi").read_text("utf-8").replace("20260915", day)

    def test_the_patients_own_answer_is_read_and_decides(self, line: Line) -> None:
        outcome = deciding.file_answer(self.claim(line), self.text(), by=line.biller, at=noon(DAY0))
        assert outcome.decision.hold and outcome.snapshot.remaining == Decimal("149.75")

    def test_another_patients_answer_is_refused_and_not_stored(self, line: Line) -> None:
        claim = line.enter("TST000111")
        with pytest.raises(Refused, match="not about this patient"):
            deciding.file_answer(claim, self.text(), by=line.biller, at=noon(DAY0))
        assert not Snapshot.objects.exists()

    def test_an_answer_older_than_seven_days_is_shown_and_not_acted_on(self, line: Line) -> None:
        old = self.text("20260512")
        outcome = deciding.file_answer(self.claim(line), old, by=line.biller, at=noon(DAY0))
        assert not outcome.decision.hold and "answer_too_old" in outcome.snapshot.flags

    @pytest.mark.parametrize("text", ["", "no x12", None, 5, "ISA*00*", "\x00", "\ud800", "x" * 1_000_001])
    def test_what_is_no_271_is_refused_with_a_sentence(self, line: Line, text: object) -> None:
        with pytest.raises(Invalid) as refused:
            deciding.file_answer(self.claim(line), text, by=line.biller, at=noon(DAY0))
        assert refused.value.fields["x12_271"][0][1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("patient", "nobody"),
        ("patient", 2**70),
        ("patient", None),
        ("date_of_service", "2026-02-30"),
        ("date_of_service", "2999-01-01"),
        ("place_of_service", "77777"),
        ("coverages", "text"),
        ("coverages", [{"payer": 999999999, "member_id": "X"}]),
        ("coverages", [5]),
        ("diagnoses", {"a": 1}),
        ("diagnoses", ["A\x00"]),
        ("charges", [{"code": "A0427", "units": "NaN", "amount": "1"}]),
        ("charges", [{"code": "A0427", "units": "1", "amount": "1e3"}]),
        ("charges", [{"code": "A0427", "units": "1", "amount": "-5"}]),
        ("charges", [{"code": "A0427", "units": "1", "amount": "1.000,00"}]),
        ("charges", [{"code": "A0427", "units": "1", "amount": "1", "sneaky": 1}]),
        ("charges", [{}] * 51),
        ("ambulance", "by car"),
        ("ambulance", {"miles": "far"}),
        ("ambulance", {"pickup": {"state": "Nowhere"}}),
        ("provider", "12x"),
    ],
)
def test_a_hostile_value_is_refused_with_a_sentence(line: Line, field: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        line.enter(**{field: value})
    assert any(name.startswith(field) for name in refused.value.fields)


def test_another_companys_patient_and_payer_are_not_there(line: Line, other) -> None:
    stranger, payer = factories.PatientFactory(company=other), factories.PayerFactory(company=other)
    with pytest.raises(Invalid) as refused:
        line.enter(patient=stranger.pk, coverages=[{"payer": payer.pk, "member_id": "X1"}])
    assert set(refused.value.fields) == {"patient", "coverages.0.payer"}


def test_claims_are_numbered_in_each_company_by_itself(line: Line) -> None:
    assert [line.enter().number, line.enter().number] == ["C-1001", "C-1002"]


def test_a_draft_is_edited_and_a_stale_version_refused(line: Line) -> None:
    claim = line.enter()
    charges = [{"code": "A0429", "units": "2", "amount": "$1,000.50"}]
    changed = claims.edit_claim(claim, {"charges": charges, "version": 1}, by=line.biller, at=noon(DAY0))
    assert changed.total == Decimal("1000.50")
    with pytest.raises(Refused, match="meanwhile"):
        claims.edit_claim(claim, {"diagnoses": ["I10"], "version": 1}, by=line.biller, at=noon(DAY0))


def test_a_voided_held_claim_leaves_the_page_and_monitoring_ends(line: Line) -> None:
    hold = line.held()
    claims.void(hold.claim, by=line.biller, at=noon(days(1)))
    outbox.deliver(at=noon(days(1)))
    assert status_of(hold.claim) == "void" and not queries.holds(line.biller).exists()
    assert line.vendor.monitored() == {}


def test_an_agent_may_not_touch_claims(line: Line, ana) -> None:
    claim = line.enter()
    with pytest.raises(Refused, match="role"):
        deciding.complete(claim, by=ana, at=noon(DAY0))


def test_the_audit_names_who_held_it_and_the_run_that_released_it_D_CLM_3(line: Line) -> None:
    hold = line.held()
    run = line.check(days(30))
    events = queries.audit(hold.claim)
    acts = {(event["who"], event["act"]) for event in events}
    assert ("ben", "complete") in acts and ("Holdline", "release, time elapsed") in acts
    released = next(event for event in events if event["act"] == "release, time elapsed")
    assert released["run"] == run.pk
    assert events[0]["at"] >= events[-1]["at"]


def test_the_database_refuses_an_illegal_move(line: Line) -> None:
    from django.db import DatabaseError, transaction

    claim = line.enter()
    with pytest.raises(DatabaseError), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(status="paid")
    assert status_of(claim) == "draft"


def test_the_database_refuses_a_coverage_with_another_companys_payer(line: Line, other) -> None:
    from django.db import IntegrityError, transaction

    claim, payer = line.enter(), factories.PayerFactory(company=other)
    with pytest.raises(IntegrityError), transaction.atomic():
        Coverage.objects.filter(claim=claim).update(payer=payer)
        connection.check_constraints()
