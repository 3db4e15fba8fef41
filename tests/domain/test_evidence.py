"""What one answer proves: unreadable amounts, unclear coverage and outlived plan years prove nothing."""

from __future__ import annotations

from datetime import date

import pytest

from deductibles.domain import evidence
from deductibles.domain.evidence import Asked
from deductibles.domain.hold import MET
from deductibles.gateways.arboost_answers import answer_of
from tests.domain.eligibility_answer import ACTIVE, ANNUAL, PAT, TODAY, answer, file_of

ASKED = Asked("CLM-1", TODAY, PAT)
INACTIVE = "EB*6**30**EXAMPLE PPO"
NOTHING_LEFT = "EB*C*IND*30***29*0*****Y"


class _Question:
    reference, trace = "HLD-1", "CLM-1"


def weighed(**raw):
    """AR Boost's answer as JSON, read and weighed."""
    raw = {"reference": "HLD-1", "trace": "CLM-1", "outcome": "answered", **raw}
    return evidence.weigh(answer_of(_Question(), raw), ASKED)


@pytest.mark.parametrize("remaining", ["5000", 5000.0, 4800, "4,800.00", "-1.00", "1e3", True, ["0.00"], {}])
def test_amounts_nobody_can_read_came_and_prove_nothing_D_CHK_8(remaining):
    found = weighed(reason_code=MET, deductible={"annual": "5000.00", "remaining": remaining})
    assert (found.amounts_came, found.says_met, found.may_release) == (True, False, False)
    assert evidence.AMOUNTS_UNREAD in found.flags


@pytest.mark.parametrize(
    "deductible", [None, {}, {"annual": None, "remaining": ""}, {"remaining": "99999.00"}]
)
def test_without_any_amount_the_code_says_met_D_CHK_8(deductible):
    found = weighed(reason_code=MET, deductible=deductible)
    assert (found.says_met, found.flags) == (True, ())


def test_amounts_for_days_nobody_can_read_are_not_used():
    amounts = {"annual": "1500.00", "remaining": "0.00", "period": "this year"}
    found = weighed(deductible=amounts)
    assert (found.usable, found.may_release) == (False, False)


@pytest.mark.parametrize(("beside", "releases"), [("0.00", True), ("0", False), (0, False), (4800.0, False)])
def test_an_unreadable_amount_beside_a_271_releases_nothing_D_X12_9(beside, releases):
    text = file_of(answer(ACTIVE, ANNUAL, NOTHING_LEFT))
    found = weighed(x12_271=text, deductible={"annual": "1500.00", "remaining": beside})
    assert (found.remaining, found.may_release) == (0, releases)


@pytest.mark.parametrize("benefits", [[ACTIVE, INACTIVE], [], [INACTIVE]])
def test_a_code_beside_a_271_without_clearly_active_coverage_does_not_say_met(benefits):
    found = weighed(x12_271=file_of(answer(*benefits)), reason_code=MET)
    assert (found.sound, found.says_met, found.may_release) == (False, False, False)


def test_a_code_beside_an_active_271_without_amounts_says_met_D_CHK_8():
    assert weighed(x12_271=file_of(answer(ACTIVE)), reason_code=MET).says_met


@pytest.mark.parametrize(
    ("dates", "until"),
    [
        ("DTP*346*D8*20260101", date(2026, 12, 31)),
        ("DTP*307*RD8*20260101-20261231", date(2026, 12, 31)),
        ("DTP*307*RD8*20260701-20270630", date(2027, 6, 30)),
        ("DTP*307*RD8*20200101-20301231", date(2026, 12, 31)),
        ("DTP*307*RD8*20260101-20270102", date(2026, 12, 31)),
        ("DTP*347*D8*20271231", date(2026, 12, 31)),
        ("DTP*307*RD8*20240101-20261001", date(2026, 10, 1)),
    ],
)
def test_an_answer_proves_nothing_after_its_plan_year(dates, until):
    text = file_of(answer(ACTIVE, ANNUAL, NOTHING_LEFT, coverage=[dates]))
    found = evidence.of_text(text, ASKED)
    assert (found.usable, found.proven_until) == (True, until)


@pytest.mark.parametrize(
    ("period", "until"),
    [
        (None, date(2026, 12, 31)),
        ("2026-07-01/2027-06-30", date(2027, 6, 30)),
        ("2020-01-01/2030-12-31", date(2026, 12, 31)),
    ],
)
def test_amounts_alone_prove_nothing_after_their_plan_year(period, until):
    found = weighed(deductible={"annual": "1500.00", "remaining": "0.00", "period": period})
    assert (found.may_release, found.proven_until) == (True, until)


def test_an_answer_says_whether_it_names_the_patient():
    assert evidence.of_text(file_of(answer(ACTIVE)), ASKED).identity_matches is True
    nobody = file_of(answer(levels=["AAA*Y**42*R"], coverage=[]))
    assert evidence.of_text(nobody, Asked(None, TODAY, PAT)).identity_matches is None
