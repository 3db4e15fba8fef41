"""The preview of a settings change is what the night then does, and what decisions then say (D-CONF-10)."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deductibles.actions import holding, holds
from deductibles.actions.settings import look_ahead
from deductibles.domain import hold, states
from deductibles.models import Claim, DeductibleSettings, Hold, Snapshot, settings_in_force
from deductibles.previews import Effect, night_that_reads
from patients.models import Payer
from tests.claim_line import SETTINGS, Line, days, noon
from tests.factories import PayerFactory
from work.models import Run

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
AT = noon(days(1))
ANY = "2000-01-01"
OFF = {"automatic": False, "max_days": None}


def effect(line: Line, **changes: Any) -> Effect:
    return look_ahead(line.company, {**SETTINGS, **changes}, at=AT).effect


def amounts(remaining: str, annual: str = "1500.00") -> list[dict[str, str]]:
    return [{"from": ANY, "annual": annual, "remaining": remaining}]


@pytest.fixture
def many(line: Line) -> Line:
    """Holds of every sort: by what remains, by payer, by age, near the deadline, by hand, with days over."""
    line.settings(manual=True, manual_days=40)
    strict = PayerFactory(company=line.company, name="Strict Plan", dollar_threshold=Decimal("50.00"))
    short = PayerFactory(company=line.company, name="Short Plan", filing_limit_days=60)
    quick = PayerFactory(company=line.company, name="Quick Plan", max_days=3)
    own = line.payer
    for payer in (own, strict, short, quick):
        line.payer = payer
        for remaining in ("150.00", "450.00", "1500.00"):
            line.held(remaining=remaining)
        line.held(remaining="900.00", served=days(-30))
        by_hand = line.enter(line.member(), served=days(-20))
        holds.hold_by_hand(by_hand, by=line.biller, at=noon(days(0)), confirmed=True)
    line.payer = own
    return line


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"dollar_threshold": "500.00"},
        {"dollar_threshold": "500.00", "max_days": 1},
        {"max_days": 1},
        {"max_days": 365, "guard_days": 40},
        {"guard_days": 29},
        {"guard_days": 0},
        {"manual": True, "manual_days": 1},
        {"manual": True, "manual_days": 365, "guard_days": 45},
        {**OFF, "dollar_threshold": "500.00"},
        {**OFF, "manual": True, "manual_days": 1},
    ],
    ids=lambda changes: " ".join(f"{name}={value}" for name, value in changes.items()) or "unchanged",
)
def test_saved_and_run_the_night_releases_what_the_preview_said_payer_by_payer(
    many: Line, changes: dict[str, Any]
) -> None:
    expected = effect(many, **changes)
    many.settings(day=days(1), **changes)
    run = many.check(expected.night)
    left = Hold.objects.filter(queued_at=AT).select_related("payer")
    assert run.released + run.timed_out == expected.released_tonight
    assert run.released == expected.met
    assert Counter(row.payer.name for row in left) == {
        row.payer: row.released_tonight for row in expected.payers if row.released_tonight
    }


def test_what_leaves_anyway_and_what_stays_because_of_it_are_told_apart(many: Line) -> None:
    """A looser limit keeps claims that would have left."""
    many.settings(day=days(1), max_days=1)
    found = effect(many, max_days=30, manual=True, manual_days=40)
    assert found.stays > 0
    assert found.later > 0
    assert found.released_tonight == found.anyway


def test_the_days_of_the_chart_are_all_that_is_held(many: Line) -> None:
    found = effect(many, max_days=1)
    assert sum(stay + leave for stay, leave in found.days.values()) == found.held == 20
    assert sum(leave for _, leave in found.days.values()) == found.released_tonight > 0
    assert found.released_dollars == Decimal("850.00") * found.released_tonight


def test_a_stored_met_code_counts_as_proof_D_CHK_8(line: Line) -> None:
    row = line.held()
    kept = Snapshot.objects.get(pk=row.snapshot_id)
    kept.pk, kept.says_met, kept.may_release, kept.reason_code = None, True, False, hold.MET
    kept.save(force_insert=True)
    Hold.objects.filter(pk=row.pk).update(snapshot=kept)
    expected = effect(line)
    run = line.check(expected.night)
    assert (run.released, expected.met) == (1, 1)


def test_last_years_proof_releases_nothing(line: Line) -> None:
    row = line.held(remaining="150.00")
    old = Snapshot.objects.get(pk=row.snapshot_id)
    old.pk, old.proven_until = None, days(0)
    old.save(force_insert=True)
    Hold.objects.filter(pk=row.pk).update(snapshot=old)
    assert effect(line, dollar_threshold="500.00").released_tonight == 0


def _decided(line: Line, claim: Claim, settings: DeductibleSettings) -> bool:
    """The rule itself, for one claim."""
    rows = Snapshot.objects.filter(claim=claim, coverage__rank="primary", coverage__ended_at=None)
    newest = rows.select_related("coverage__payer").order_by("-pk").first()
    if newest is None:
        return False
    payer = newest.coverage.payer
    facts = holding.facts_of(claim, payer, newest, days(1), holding.past_of(claim))
    return hold.decide(facts, hold.rules_for(settings, payer)).hold


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"dollar_threshold": "50.00"},
        {"dollar_threshold": "0.00", "monitor_above": "0.00"},
        {"monitor_above": "100.00"},
        {"guard_days": 0},
        {"max_days": 1, "dollar_threshold": "0.00"},
        {"max_days": 365, "guard_days": 0, "dollar_threshold": "0.00", "monitor_above": "0.00"},
    ],
    ids=str,
)
def test_newly_held_are_those_that_the_rule_would_hold_and_did_not(
    line: Line, changes: dict[str, Any]
) -> None:
    """Both ways of saying the rule, in SQL and in ``domain/hold.py``, agree claim by claim."""
    own = line.payer
    kinds = [
        own,
        PayerFactory(company=line.company, name="Never", never_hold=True),
        PayerFactory(company=line.company, name="Medicaid", kind="medicaid"),
        PayerFactory(
            company=line.company, name="Own", dollar_threshold=Decimal("10"), monitor_above=Decimal("80")
        ),
        PayerFactory(company=line.company, name="Short", filing_limit_days=30),
    ]
    for payer in kinds:
        line.payer = payer
        for remaining, annual in (("90.00", "1500.00"), ("90.00", "120.00"), ("0.00", "1500.00")):
            line.complete(line.member(amounts=amounts(remaining, annual)))
        line.complete(line.member(amounts=amounts("90.00")), served=days(-12))
        line.complete(line.member(outcome="unavailable"))
        line.enter(line.member(amounts=amounts("90.00")))
    line.payer = own
    current = settings_in_force(line.company.pk)
    ahead = look_ahead(line.company, {**SETTINGS, **changes}, at=AT)
    waiting = Claim.objects.filter(company=line.company, status__in=(states.DRAFT, states.QUEUED))
    expected = [
        claim.number
        for claim in waiting
        if _decided(line, claim, ahead.proposed) and not _decided(line, claim, current)
    ]
    assert ahead.effect.newly_held == len(expected)
    assert bool(expected) == (changes not in ({}, {"monitor_above": "100.00"}, {"guard_days": 0}))


def test_a_claim_that_was_released_before_is_not_counted_as_newly_held(line: Line) -> None:
    row = line.held(remaining="150.00")
    line.settings(dollar_threshold="200.00")
    line.check(days(1))
    assert Claim.objects.get(pk=row.claim_id).status == states.QUEUED
    assert effect(line, dollar_threshold="10.00").newly_held == 0


def test_another_companys_claims_are_not_looked_at(line: Line, cast: Any) -> None:
    line.held(remaining="150.00")
    other = look_ahead(cast["olga"].company, {**SETTINGS, "max_days": 1}, at=AT).effect
    assert (other.held, other.released_tonight, other.payers) == (0, 0, [])


def test_tonight_is_the_first_night_that_has_not_read_its_settings(line: Line) -> None:
    assert night_that_reads(line.company, AT) == days(1)
    run = line.check(days(1))
    assert night_that_reads(line.company, AT) == days(2)
    Run.objects.filter(pk=run.pk).update(state=Run.State.FAILED)
    assert night_that_reads(line.company, AT) == days(1)


def test_it_takes_the_same_statements_for_one_hold_and_for_many(line: Line) -> None:
    taken = []
    for _ in range(2):
        for _ in range(4):
            line.held()
        with CaptureQueriesContext(connection) as made:
            effect(line, max_days=1)
        taken.append(len(made))
    assert taken[0] == taken[1] <= 9, "three of them let the database use every processor"


def test_conflicts_are_said_of_the_companys_own_payers_that_can_be_held(line: Line) -> None:
    Payer.objects.filter(pk=line.payer.pk).update(filing_limit_days=30)
    PayerFactory(company=line.company, name="Medicaid", kind="medicaid", filing_limit_days=20)
    found = look_ahead(line.company, SETTINGS, at=AT).conflicts
    assert [row.code for row in found if row.field == "max_days"] == ["beyond_filing_limit"]
    assert "Medicaid" not in found[0].sentence
