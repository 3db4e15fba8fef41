"""Whether a ticket may be filed: a type's questions and guard rails put to what was said. Pure.

The one home of every BLOCK, REQUIRE and ACK, so that form, API and every later path refuse alike.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from escalations.domain.answers import read_answer
from escalations.domain.conditions import holds, is_answered
from escalations.domain.policy import REFUSING, Question, Rule, TicketType
from patients.domain.intake import Wrong


@dataclass(frozen=True)
class Finding:
    """What one rule says of a filing: its words, and the question or fact it stands beside.

    ``missing`` tells an answer that is only not given yet from one that refuses.
    """

    rule: str
    strength: str
    message: str
    instead: str
    field: str
    deflect: bool = False
    missing: bool = False

    @property
    def refuses(self) -> bool:
        """Whether the ticket cannot be filed while this stands."""
        return self.strength in REFUSING

    def as_problem(self) -> dict[str, str]:
        """The shape in which the API tells it."""
        return {
            "rule": self.rule,
            "strength": self.strength,
            "message": self.message,
            "instead": self.instead,
            "field": self.field,
        }


@dataclass(frozen=True)
class Intake:
    """The outcome: normalised answers, values that cannot be read by field, and what the rules say."""

    answers: dict[str, Any]
    asked: tuple[Question, ...]
    wrong: dict[str, Wrong] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """What keeps the ticket from being filed; only what turns the caller away, when something does."""
        refusing = tuple(finding for finding in self.findings if finding.refuses)
        if any(finding.deflect for finding in refusing):
            return tuple(finding for finding in refusing if finding.strength == "BLOCK")
        return refusing

    @property
    def deflection(self) -> Finding | None:
        """The rule by which the caller is told where to write instead (R-ITEM-3)."""
        return next((finding for finding in self.refusals if finding.deflect), None)

    @property
    def may_be_filed(self) -> bool:
        """Whether nothing stands against filing."""
        return not self.wrong and not self.refusals


def evaluate(
    ticket_type: TicketType,
    facts: Mapping[str, Any],
    answers: Mapping[str, Any],
    acknowledged: Collection[str],
    *,
    today: date,
    values: Mapping[str, str] | None = None,
    unreadable: Collection[str] = (),
) -> Intake:
    """Put a type's questions and rules to a filing.

    ``facts`` has ``channel``, ``caller``, ``patient`` and ``note``, empty or absent when not said.
    ``values`` are what the admin has set and messages may name in braces. ``unreadable`` are the facts
    that were given but could not be read, so that nobody is told they are missing. Answers to questions
    this filing is not asked are left out; names that are no question of the type are refused.
    """
    kept, asked, wrong = _read(ticket_type, facts, answers, today)
    known = {**facts, **kept}
    findings: list[Finding] = []
    for rule in ticket_type.rules:
        if holds(rule.when, known, today):
            given = {*wrong, *unreadable}
            findings += _findings(ticket_type, rule, known, given, acknowledged, values or {}, today)
    return Intake(kept, asked, wrong, tuple(findings))


def _read(
    ticket_type: TicketType, facts: Mapping[str, Any], answers: Mapping[str, Any], today: date
) -> tuple[dict[str, Any], tuple[Question, ...], dict[str, Wrong]]:
    """Read the answers in the order of the questions: an earlier one decides if a later one is asked."""
    kept: dict[str, Any] = {}
    asked: list[Question] = []
    wrong: dict[str, Wrong] = {}
    for question in ticket_type.questions:
        if not holds(question.when, {**facts, **kept}, today):
            continue
        asked.append(question)
        try:
            value = read_answer(question, answers.get(question.key))
        except Wrong as problem:
            wrong[question.key] = problem
            continue
        if is_answered(value):
            kept[question.key] = value
    for name in sorted(set(answers) - {question.key for question in ticket_type.questions})[:20]:
        known = ", ".join(question.key for question in ticket_type.questions)
        wrong[_safe(name)] = Wrong("unknown", f"{ticket_type.name} does not ask this. It asks: {known}.")
    return kept, tuple(asked), wrong


def _findings(
    ticket_type: TicketType,
    rule: Rule,
    known: Mapping[str, Any],
    given: Collection[str],
    acknowledged: Collection[str],
    values: Mapping[str, str],
    today: date,
) -> list[Finding]:
    if rule.strength == "ACK":
        return [] if rule.id in acknowledged else [_finding(rule, values)]
    if rule.strength not in REFUSING:
        return [_finding(rule, values)]
    missing = [key for key in rule.needs if not is_answered(known.get(key)) and key not in given]
    found = [_missing(rule, key, ticket_type.label(key)) for key in missing]
    if _refuses(rule, known, today):
        found.append(_finding(rule, values))
    return found


def _refuses(rule: Rule, known: Mapping[str, Any], today: date) -> bool:
    if rule.refuse is not None:
        return holds(rule.refuse, known, today)
    return not rule.needs


def _finding(rule: Rule, values: Mapping[str, str]) -> Finding:
    return Finding(rule.id, rule.strength, rule.message, _instead(rule, values), rule.field, rule.deflect)


def _missing(rule: Rule, key: str, label: str) -> Finding:
    """An unanswered question is a REQUIRE, also when it stands behind a BLOCK."""
    said = f"“{label}” has no answer yet."
    return Finding(rule.id, "REQUIRE", said, "Ask, and answer it before filing.", key, missing=True)


def _instead(rule: Rule, values: Mapping[str, str]) -> str:
    text = rule.instead
    for name, value in values.items():
        if f"{{{name}}}" in text:
            if not value:
                return rule.instead_unset
            text = text.replace(f"{{{name}}}", value)
    return text


def _safe(name: Any) -> str:
    text = str(name)
    return text[:40] if text.isidentifier() and text.isascii() else "unknown_field"
