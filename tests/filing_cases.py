"""For every rule that refuses, of every type: a good filing with one thing changed, so that the rule speaks up.

The changes are those of the tests of the rules; here they become rows and bodies. Dates are moved from the day of
those tests to today.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from accounts.models import User
from escalations import actions
from escalations.domain.policy import REFUSING
from escalations.filing import read_filing
from escalations.models import Ticket
from patients.models import CONTACT_FLAGS, Patient, PatientMark
from tests.domain import test_rules_a_to_m as first_half
from tests.domain import test_rules_p_to_z as second_half
from tests.domain.desk import FACTS, NOW, good, policy_without, type_of
from tests.factories import PatientFactory

TYPES = [one.key for one in policy_without().types]
ABOUT_THE_CALL = ("channel", "caller", "patient")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UPDATE = "E-1003"
"""The number under which the tests of the rules link a ticket that there is not."""


@dataclass(frozen=True)
class Violation:
    """What is changed of a good filing of ``type`` so that ``rule`` refuses it.

    ``facts`` are of the call or of the patient; ``ticks`` are the rules ticked off, when not those of the good
    filing; ``linked`` says that the ticket an answer names has to be there.
    """

    rule: str
    part: str
    type: str
    answers: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    ticks: list[str] | None = None
    linked: bool = False

    def __str__(self) -> str:
        said = ",".join(f"{name}={value}" for name, value in {**self.answers, **self.facts}.items())
        return " ".join(filter(None, (self.rule, self.part, self.type, said[:60])))

    @property
    def strength(self) -> str:
        """How strong the clause is."""
        rules = type_of(self.type).rules
        return next(rule.strength for rule in rules if (rule.id, rule.part) == (self.rule, self.part))

    @property
    def of_the_call(self) -> bool:
        """Whether it is the channel, the caller, the patient or the note that stands against it."""
        return bool(set(self.facts) & {*ABOUT_THE_CALL, "note"})


BILL = [
    Violation("R-ITEM-2", "", "itemized-bill", {"recipient": "insurer"}),
    Violation("R-ITEM-2", "", "itemized-bill", {"recipient": None}),
    Violation("R-ITEM-3", "", "itemized-bill", facts={"caller": "insurance_representative"}),
    Violation("R-ITEM-4", "", "itemized-bill", {"account_status": "neither"}),
    Violation("R-ITEM-4", "", "itemized-bill", {"account_status": None}),
]
_CALL = [
    Violation("R-ALL-1", "", key, facts={name: None if name == "patient" else ""})
    for key, name in zip(TYPES, 7 * ABOUT_THE_CALL, strict=False)
]
"""The rule is the same for every type: of each type one of the three is left out."""
_RULES = [
    Violation(
        one.rule,
        one.part,
        one.type,
        one.answers,
        one.facts,
        one.ticks,
        linked=_UPDATE in map(str, one.answers.values()),
    )
    for one in (*first_half.REFUSALS, *second_half.REFUSALS)
]
VIOLATIONS: list[Violation] = [*_CALL, *BILL, *_RULES]
ONE_A_CLAUSE = list({(one.type, one.rule, one.part): one for one in reversed(VIOLATIONS)}.values())[::-1]
"""The first violation of every clause."""

ALLOWED = [
    Violation("", "", key, answers)
    for key, answers in {
        "appeal": {"raised_by": "provider"},
        "callback-ptp-pte": {"waited": 200},
        "do-not-contact": {"channels": ["mail"]},
        "executive-keywords": {"words": "Will go to the BBB"},
        "itemized-bill-ptp": {"recipient": "provider"},
        "itemized-bill": {"recipient": "provider"},
        "insurance-update": {"coverage": "medicaid"},
        "medical-records": {"requested_by": "insurance"},
        "missing-payment": {"transaction_id": "TX-99121"},
        "onc-callback": {"field_of": "organ_health"},
        "patient-callback": {"window": "On Friday from 9 to 11"},
        "patient-sos": {"reasons": ["complaint"]},
        "refund": {"amount": "121.00"},
        "requisition-form": {"delivery_email": "nora@mail.example"},
        "synergen": {"correct_balance": "250.00"},
        "supervisor": {"transfer_reason": "red_flag"},
        "spay-error": {"sent_to": "312-555-0147"},
        "stop-claim": {"reason": "progyny"},
        "wo-code-error": {"code": "WO78"},
        "zbal": {"scenario": "courtesy_exception", "rd_note": "Approved on 12 May."},
    }.items()
]
"""Of each type a change that no rule refuses: what is tried to see that it is the rule that refuses."""


def refusing_clauses() -> Iterator[tuple[str, str, str]]:
    """Every BLOCK, REQUIRE and ACK of the shipped policy: type, rule and part."""
    for kind in policy_without().types:
        for rule in kind.rules:
            if rule.strength in REFUSING:
                yield kind.key, rule.id, rule.part


def mark(patient: Patient, facts: dict[str, Any], by: User) -> None:
    """Make true of the patient what the facts say: refused ways of contact, an application for Compassionate
    Care."""
    if facts.get("refused"):
        flags = {CONTACT_FLAGS[channel]: True for channel in facts["refused"]}
        Patient.objects.filter(pk=patient.pk).update(**flags)
    if facts.get("compassionate_care"):
        PatientMark.objects.create(
            company=patient.company,
            patient=patient,
            kind=PatientMark.Kind.COMPASSIONATE_CARE,
            reason="Applied in May.",
            set_at=datetime.now(UTC),
            set_by=by,
        )


def good_body(key: str, patient: Patient, **facts: Any) -> dict[str, Any]:
    """What the API is sent to file a good ticket of this type."""
    base = good(key)
    return {
        "type": key,
        "channel": facts.get("channel", FACTS["channel"]),
        "caller": facts.get("caller", FACTS["caller"]),
        "patient": str(patient.pk),
        "note": facts.get("note", ""),
        "answers": {name: today(value) for name, value in base["answers"].items()},
        "acknowledged": base["acknowledged"],
    }


def bad_body(one: Violation, patient: Patient, by: User) -> dict[str, Any]:
    """The same with what the rule refuses; what it needs beside it is put there."""
    body = good_body(one.type, patient, **{name: one.facts[name] for name in ("note",) if name in one.facts})
    body |= {name: one.facts[name] for name in ABOUT_THE_CALL if name in one.facts}
    answers = {**body["answers"], **{name: today(value) for name, value in one.answers.items()}}
    if one.linked:
        update = file_good("insurance-update", patient, by)
        answers = {name: update.number if value == _UPDATE else value for name, value in answers.items()}
    body["answers"] = {name: value for name, value in answers.items() if value is not None}
    return body if one.ticks is None else {**body, "acknowledged": one.ticks}


def file_good(key: str, patient: Patient, by: User, **facts: Any) -> Ticket:
    """A good ticket of this type that was filed."""
    at = datetime.now(UTC)
    filing = read_filing(by, good_body(key, patient, **facts), at=at)
    assert filing.may_be_filed, (filing.wrong, filing.intake.refusals)
    return actions.file_ticket(filing, by=by, at=at)


def somebody(by: User) -> Patient:
    """A patient nobody knows anything of yet, with a telephone number of their own."""
    return PatientFactory(company=by.company)


def today(value: Any) -> Any:
    """A date of the tests of the rules as it would be today; anything else as it is."""
    if not (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    return (date.fromisoformat(value) + (datetime.now(UTC).date() - NOW.date())).isoformat()
