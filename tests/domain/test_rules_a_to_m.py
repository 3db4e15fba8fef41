"""The rules of the types from Appeals to Patient Callbacks, each with its negative control.

Every clause has a row in ``CASES``; the same row is put again to a policy without the rule, where it must say
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from escalations.domain.intake import Finding, Intake, filled
from escalations.domain.policy import REFUSING, Rule
from escalations.policies import shipped_policy
from tests.domain.desk import NOW, VALUES, ask, good, refused_by, told_by, type_of

TYPES = (
    "appeal",
    "callback-ptp-pte",
    "do-not-contact",
    "executive-keywords",
    "itemized-bill-ptp",
    "insurance-update",
    "medical-records",
    "missing-payment",
    "onc-callback",
    "patient-callback",
)
CALLBACKS = ("callback-ptp-pte", "onc-callback", "patient-callback")
OVERRIDABLE = {"R-ITEMPTP-1", "R-ITEMPTP-2", "R-ONC-2"}
"""The rules of these types that a supervisor may override with a reason."""
NO_CALLS = {"refused": ["calls"]}
PLACES = ["amd", "synergen_pay", "payment_site"]
WITHOUT_A_TRACE = {"transaction_id": None, "proof": None}


def days_ago(days: int) -> str:
    """The date so many calendar days before the filing."""
    return (NOW.date() - timedelta(days=days)).isoformat()


@dataclass(frozen=True)
class Case:
    """A good filing of ``type``, changed, and what the clause ``part`` of ``rule`` then does.

    ``does`` is one of: refuses, tells, acts, or the type that is suggested. ``ticks`` are the rules ticked off,
    when they are not those of the good filing.
    """

    rule: str
    type: str
    does: str
    answers: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    ticks: list[str] | None = None
    part: str = ""

    def __str__(self) -> str:
        said = ",".join((*self.answers, *self.facts, *(["ticks"] if self.ticks is not None else [])))
        return " ".join(filter(None, (self.rule, self.part, self.type, self.does, said)))

    def found(self, without: str = "", overridden: tuple[str, ...] = ()) -> Intake:
        """What is found when it is filed."""
        return ask(self.type, self.answers, self.facts, self.ticks, without=without, overridden=overridden)

    @property
    def clause(self) -> Rule:
        """The clause in the data."""
        return next(one for one in type_of(self.type).rules if (one.id, one.part) == (self.rule, self.part))

    def spoken(self, found: Intake) -> list[Finding]:
        """The findings of this very clause: its own words, or one of its needs without an answer."""
        own = filled(self.clause.message, VALUES)
        return [
            one
            for one in found.findings
            if one.rule == self.rule
            and (one.message == own or (one.missing and one.field in self.clause.needs))
        ]

    def happens(self, found: Intake) -> bool:
        """Whether the clause does what is expected of it."""
        spoken = self.spoken(found)
        if self.does == "refuses":
            return not found.may_be_filed and self.rule in refused_by(found) and bool(spoken)
        if self.does == "acts":
            return found.may_be_filed and any(self.clause == one for one in found.effects)
        if self.does == "tells":
            return found.may_be_filed and any(not one.suggest for one in spoken)
        return found.may_be_filed and any(one.suggest == self.does for one in spoken)


def callback_cases(key: str) -> list[Case]:
    """A callback to a patient who refused calls (R-DNC-2), the same for each type of callback."""
    reason = {"refused_reason": "Asked for this one call"}
    return [
        Case("R-DNC-2", key, "refuses", facts=NO_CALLS),
        Case("R-DNC-2", key, "refuses", {"refused_reason": "  "}, {"refused": ["calls", "messages", "mail"]}),
        Case("R-DNC-2", key, "tells", reason, NO_CALLS, part="warning"),
    ]


CASES = [
    Case("R-APPEAL-1", "appeal", "refuses", {"raised_by": None}),
    Case("R-APPEAL-2", "appeal", "refuses", ticks=["R-APPEAL-3"]),
    Case("R-APPEAL-3", "appeal", "refuses", ticks=["R-APPEAL-2"]),
    Case("R-APPEAL-4", "appeal", "refuses", {"article_confirmed": None}),
    Case("R-APPEAL-4", "appeal", "refuses", {"article_confirmed": False}),
    Case("R-PTP-1", "callback-ptp-pte", "refuses", {"queue": None}),
    Case("R-PTP-1", "callback-ptp-pte", "refuses", {"waited": None}),
    Case("R-PTP-1", "callback-ptp-pte", "refuses", {"waited": 119}, part="short"),
    Case("R-PTP-1", "callback-ptp-pte", "refuses", {"waited": "0", "short_wait_reason": " "}, part="short"),
    Case("R-PTP-2", "callback-ptp-pte", "refuses", {"number": None}),
    Case("R-PTP-2", "callback-ptp-pte", "tells", {"best_time": None}, part="best time"),
    Case("R-PTP-2", "callback-ptp-pte", "tells", part="board"),
    Case("R-DNC-1", "do-not-contact", "refuses", {"channels": None}),
    Case("R-DNC-1", "do-not-contact", "refuses", {"channels": []}),
    Case("R-DNC-2", "do-not-contact", "acts", {"channels": ["mail"]}),
    Case("R-DNC-3", "do-not-contact", "tells"),
    Case("R-EXEC-2", "executive-keywords", "refuses", {"transfer_at": None}),
    Case("R-EXEC-2", "executive-keywords", "refuses", {"transfer_answered": None}),
    Case("R-EXEC-3", "executive-keywords", "refuses", {"words": None}),
    Case("R-EXEC-4", "executive-keywords", "supervisor", {"transfer_answered": False}),
    Case("R-EXEC-4", "executive-keywords", "supervisor", {"transfer_answered": "no"}),
    Case("R-X-2", "executive-keywords", "supervisor", {"transfer_answered": False}, part="executive"),
    Case("R-ITEM-2", "itemized-bill-ptp", "refuses", {"recipient": None}),
    Case("R-ITEM-2", "itemized-bill-ptp", "refuses", {"recipient": "insurer"}),
    Case("R-ITEM-3", "itemized-bill-ptp", "refuses", facts={"caller": "insurance_representative"}),
    Case("R-ITEMPTP-1", "itemized-bill-ptp", "refuses", {"closed_to_prepay": None}),
    Case("R-ITEMPTP-1", "itemized-bill-ptp", "refuses", {"closed_to_prepay": False}),
    Case("R-ITEMPTP-2", "itemized-bill-ptp", "refuses", {"history_shows": None}),
    Case("R-ITEMPTP-2", "itemized-bill-ptp", "refuses", {"history_shows": "no"}),
    Case("R-ITEMPTP-3", "itemized-bill-ptp", "tells"),
    Case("R-ITEMPTP-3", "itemized-bill-ptp", "tells", {"external_reference": None}, part="reference"),
    *(Case("R-INS-1", "insurance-update", "refuses", {name: None}) for name in ("change", "coverage")),
    *(Case("R-INS-1", "insurance-update", "refuses", {name: " "}) for name in ("payer", "member_id")),
    Case("R-INS-1", "insurance-update", "tells", {"sent_on": None}, part="sent"),
    Case("R-INS-2", "insurance-update", "tells"),
    Case("R-INS-4", "insurance-update", "tells", {"date_of_service": None}),
    Case("R-INS-4", "insurance-update", "supervisor", {"date_of_service": days_ago(181)}, part="late"),
    Case("R-MR-1", "medical-records", "refuses", {"requested_by": None}),
    Case("R-MR-2", "medical-records", "refuses", {"send_by": None}),
    Case("R-MR-2", "medical-records", "refuses", {"destination_email": None}, part="email"),
    Case("R-MR-2", "medical-records", "refuses", {"send_by": "fax"}, part="fax"),
    Case("R-MR-3", "medical-records", "refuses", ticks=[]),
    Case("R-MISS-1", "missing-payment", "refuses", {"looked": None}),
    Case("R-MISS-1", "missing-payment", "refuses", {"looked": PLACES[1:]}, part="AMD"),
    Case("R-MISS-1", "missing-payment", "refuses", {"looked": ["amd", "payment_site"]}, part="Synergen Pay"),
    Case("R-MISS-1", "missing-payment", "refuses", {"looked": PLACES[:2]}, part="payment site"),
    Case("R-MISS-2", "missing-payment", "refuses", WITHOUT_A_TRACE),
    Case("R-MISS-2", "missing-payment", "refuses", {"transaction_id": " \t ", "proof": []}),
    Case("R-X-3", "missing-payment", "refund", {"payment_found": True}),
    Case("R-ONC-1", "onc-callback", "refuses", {"test": None}),
    Case("R-ONC-1", "onc-callback", "refuses", {"field_of": None}),
    Case("R-ONC-1", "onc-callback", "refuses", {"test": "other"}, part="other test"),
    Case("R-ONC-2", "onc-callback", "refuses", {"unanswered": None}),
    Case("R-ONC-2", "onc-callback", "refuses", {"unanswered": False}),
    Case("R-CB-1", "patient-callback", "refuses", {"reason": None}),
    Case("R-CB-2", "patient-callback", "refuses", {"number": None}),
    Case("R-CB-2", "patient-callback", "refuses", {"window": ""}),
    Case("R-CB-2", "patient-callback", "tells", facts={"due_when_closed": True}, part="closed"),
    *(case for key in CALLBACKS for case in callback_cases(key)),
    *(
        Case("R-EXEC-1", key, "executive-keywords", facts={"note": "Her lawyers will write."})
        for key in TYPES
        if key != "executive-keywords"
    ),
]
REFUSALS = [case for case in CASES if case.does == "refuses"]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_clause_does_what_the_paper_says(case: Case) -> None:
    assert case.happens(case.found()), case.found()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_without_its_rule_nothing_of_it_happens(case: Case) -> None:
    found = case.found(without=case.rule)
    assert case.rule not in told_by(found)
    assert case.rule not in {one.id for one in found.effects}
    assert not case.happens(found)


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_only_the_rule_in_question_refuses(case: Case) -> None:
    assert refused_by(case.found()) == {case.rule}
    assert case.found(without=case.rule).may_be_filed


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_an_override_lifts_only_the_rules_that_may_be_overridden(case: Case) -> None:
    assert case.found(overridden=(case.rule,)).may_be_filed is (case.rule in OVERRIDABLE)


def own_rules(key: str) -> list[Rule]:
    """The rules that only this type has, and not every type."""
    shared = {row["id"] for row in shipped_policy()["every_type"]["rules"]}
    return [one for one in type_of(key).rules if one.id not in shared]


@pytest.mark.parametrize("key", TYPES)
def test_every_clause_has_a_case(key: str) -> None:
    covered = {(case.rule, case.part) for case in CASES if case.type == key}
    later = {("R-INS-3", ""), ("R-SUP-4", "")}  # proposed on the running ticket: tests/jobs/test_clocks.py
    assert {(one.id, one.part) for one in own_rules(key)} <= covered | later


@pytest.mark.parametrize("key", TYPES)
def test_every_clause_says_in_full_sentences_what_is_wrong_and_what_to_do_instead(key: str) -> None:
    for rule in own_rules(key):
        assert rule.message[0].isupper() and rule.message.endswith("."), (rule.id, rule.part)
        if rule.strength in REFUSING or rule.suggest:
            assert rule.instead[0].isupper() and rule.instead.endswith("."), (rule.id, rule.part)
            assert rule.field, (rule.id, rule.part)


@pytest.mark.parametrize("channel", ["phone", "email"])
@pytest.mark.parametrize("key", TYPES)
def test_a_good_ticket_of_each_type_may_be_filed(key: str, channel: str) -> None:
    found = ask(key, facts={"channel": channel})
    assert found.may_be_filed, (found.wrong, found.refusals)
    assert not found.suggestions
    assert set(good(key)["answers"]) <= set(found.answers)
