"""Whether a ticket may be filed: a type's questions and guard rails put to what was said. Pure.

The one home of every BLOCK, REQUIRE and ACK, so that form, API, draft, change of type and import refuse
alike.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from datetime import date, datetime
from typing import Any

from escalations.domain.answers import LONGEST_TEXT, read_answer
from escalations.domain.calendar import BusinessCalendar
from escalations.domain.conditions import Day, holds, is_answered
from escalations.domain.keywords import Heard, hear, once
from escalations.domain.policy import REFUSING, Question, Rule, TicketType
from patients.domain.intake import Wrong

_FREE_TEXT = "text"


@dataclass(frozen=True)
class Finding:
    """What one rule says of a filing: its words, and the question or fact it stands beside.

    ``missing`` tells an answer that is only not given yet from one that refuses. ``suggest`` is the type that
    fits better, ``prefill`` its answers as far as they are known. ``heard`` are the words a watch heard.
    """

    rule: str
    strength: str
    message: str
    instead: str
    field: str
    deflect: bool = False
    missing: bool = False
    override: bool = False
    suggest: str = ""
    prefill: Mapping[str, Any] = made(default_factory=dict, hash=False)
    heard: tuple[Heard, ...] = ()

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
    """The outcome: normalised answers, values that cannot be read by field, and what the rules say.

    ``overridden`` are the findings that would refuse, were it not for a supervisor's override. ``effects``
    are the rules of strength ACTION that the system carries out when the ticket is filed.
    """

    answers: dict[str, Any]
    asked: tuple[Question, ...]
    wrong: dict[str, Wrong] = made(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    overridden: tuple[Finding, ...] = ()
    effects: tuple[Rule, ...] = ()
    prefilled: Mapping[str, Any] = made(default_factory=dict, hash=False)

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
    def suggestions(self) -> tuple[Finding, ...]:
        """The findings that offer another type."""
        return tuple(finding for finding in self.findings if finding.suggest)

    @property
    def heard(self) -> tuple[Heard, ...]:
        """The keywords heard, each once (R-EXEC-1)."""
        return once(one for finding in self.findings if finding.suggest for one in finding.heard)

    @property
    def may_be_filed(self) -> bool:
        """Whether nothing stands against filing."""
        return not self.wrong and not self.refusals


@dataclass(frozen=True)
class Asking:
    """Around a filing: the moment in the company's zone, the calendar, and what messages may name in braces.

    ``values`` are the company's name and the addresses the admin has set. ``unreadable`` are the facts that
    were given but could not be read, so that nobody is told they are missing. ``overridden`` are the rules
    a supervisor overrides. ``links`` resolves the number of a linked ticket to what is known of it
    (``LINKED``), or raises :class:`Wrong`; ``files`` gives back the ids of a file answer that may be used,
    or raises.
    """

    now: datetime
    calendar: BusinessCalendar | None = None
    values: Mapping[str, str] = made(default_factory=dict)
    unreadable: Collection[str] = ()
    overridden: Collection[str] = ()
    links: Callable[[Question, str], Mapping[str, Any]] | None = None
    files: Callable[[Question, list[str]], list[str]] | None = None
    prefill: Callable[[Question, Mapping[str, Any]], Any] | None = None

    @property
    def day(self) -> Day:
        """The date conditions are asked on."""
        return Day(self.now.date(), self.calendar)


def evaluate(
    ticket_type: TicketType,
    facts: Mapping[str, Any],
    answers: Mapping[str, Any],
    acknowledged: Collection[str],
    asking: Asking,
) -> Intake:
    """Put a type's questions and rules to a filing.

    ``facts`` are those of :data:`escalations.domain.policy.FACTS`, empty or absent when not said; ``type``
    and ``said`` are found here. Answers to questions this filing is not asked are left out; names that are no
    question of the type are refused.
    """
    known: dict[str, Any] = {**facts, "type": ticket_type.key}
    known["said"] = said_in(ticket_type, facts, answers)
    answers = dict(answers)
    prefilled: dict[str, Any] = {}
    kept, asked, wrong = _read(ticket_type, known, answers, asking, prefilled)
    findings: list[Finding] = []
    overridden: list[Finding] = []
    effects: list[Rule] = []
    for rule in ticket_type.rules:
        if not holds(rule.when, known, asking.day):
            continue
        if rule.effect:
            effects.append(rule)
        found = _findings(ticket_type, rule, known, {*wrong, *asking.unreadable}, acknowledged, asking)
        lifted = rule.override and rule.id in asking.overridden
        overridden += [one for one in found if lifted and one.refuses]
        findings += [one for one in found if not (lifted and one.refuses)]
    return Intake(kept, asked, wrong, tuple(findings), tuple(overridden), tuple(effects), prefilled)


def said_in(ticket_type: TicketType | None, facts: Mapping[str, Any], answers: Mapping[str, Any]) -> str:
    """Everything that was written in free text: the note, and every answer in words, a line each
    (R-EXEC-1)."""
    return "\n".join(text for _, text in said_by_field(ticket_type, facts, answers))


def said_by_field(
    ticket_type: TicketType | None, facts: Mapping[str, Any], answers: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """What was written, with the name of the field it stands in; of each no more than is ever kept."""
    parts = [("note", facts.get("note"))]
    if ticket_type is not None:
        parts += [(one.key, answers.get(one.key)) for one in ticket_type.questions if one.kind == _FREE_TEXT]
    return [(name, one[:LONGEST_TEXT]) for name, one in parts if isinstance(one, str) and one]


def _read(
    ticket_type: TicketType,
    known: dict[str, Any],
    answers: dict[str, Any],
    asking: Asking,
    prefilled: dict[str, Any],
) -> tuple[dict[str, Any], tuple[Question, ...], dict[str, Wrong]]:
    """Read the answers in the order of the questions: an earlier one decides if a later one is asked.

    ``known`` grows by every answer, and by what is known of a linked ticket; ``prefilled`` by what is
    offered.
    """
    kept: dict[str, Any] = {}
    asked: list[Question] = []
    wrong: dict[str, Wrong] = {}
    for question in ticket_type.questions:
        if not holds(question.when, known, asking.day):
            continue
        asked.append(question)
        if question.key not in answers and asking.prefill is not None:
            offered = asking.prefill(question, known)
            if is_answered(offered):
                answers[question.key] = prefilled[question.key] = offered
        try:
            value, about = _one_answer(question, answers.get(question.key), asking)
        except Wrong as problem:
            wrong[question.key] = problem
            continue
        if is_answered(value):
            kept[question.key] = known[question.key] = value
            known.update(about)
    for name in sorted(set(answers) - {question.key for question in ticket_type.questions}, key=str)[:20]:
        listed = ", ".join(question.key for question in ticket_type.questions)
        wrong[_safe(name)] = Wrong("unknown", f"{ticket_type.name} does not ask this. It asks: {listed}.")
    return kept, tuple(asked), wrong


def _one_answer(question: Question, given: Any, asking: Asking) -> tuple[Any, dict[str, Any]]:
    """The answer, its default where none was given, and what is known of a ticket it names."""
    value = read_answer(question, given, asking.now)
    if not is_answered(value) and question.default is not None:
        value = read_answer(question, default_of(question, asking.now.date()), asking.now)
    if not is_answered(value):
        return value, {}
    if question.kind == "ticket" and asking.links is not None:
        facts = asking.links(question, value)
        return value, {f"{question.key}.{name}": fact for name, fact in facts.items()}
    if question.kind == "file" and asking.files is not None:
        return asking.files(question, value), {}
    return value, {}


def default_of(question: Question, today: date) -> Any:
    """The answer where none is given: a literal, or today's date."""
    return today.isoformat() if question.default == "today" else question.default


def _findings(
    ticket_type: TicketType,
    rule: Rule,
    known: Mapping[str, Any],
    given: Collection[str],
    acknowledged: Collection[str],
    asking: Asking,
) -> list[Finding]:
    heard = hear(known["said"], rule.watch) if rule.watch else ()
    if rule.watch and not heard:
        return []
    found = _finding(rule, known, asking.values, heard)
    if rule.strength == "ACK":
        return [] if rule.id in acknowledged else [found]
    if rule.strength not in REFUSING:
        return [] if rule.after_business_days else [found]
    missing = [key for key in rule.needs if not is_answered(known.get(key)) and key not in given]
    told = [_missing(rule, key, ticket_type.label(key)) for key in missing]
    return [*told, found] if _refuses(rule, known, asking.day) else told


def _refuses(rule: Rule, known: Mapping[str, Any], day: Day) -> bool:
    if rule.refuse is not None:
        return holds(rule.refuse, known, day)
    return not rule.needs


def _finding(
    rule: Rule, known: Mapping[str, Any], values: Mapping[str, str], heard: tuple[Heard, ...]
) -> Finding:
    return Finding(
        rule=rule.id,
        strength=rule.strength,
        message=filled(rule.message, values),
        instead=_instead(rule, values),
        field=rule.field,
        deflect=rule.deflect,
        override=rule.override,
        suggest=rule.suggest,
        prefill=carried(rule.carry, {**known, "heard": ", ".join(one.word for one in once(heard))}),
        heard=heard,
    )


def carried(carry: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """The answers a suggestion brings along: literals, and under ``=name`` what was answered here."""
    found = {
        key: known.get(source[1:]) if isinstance(source, str) and source.startswith("=") else source
        for key, source in carry.items()
    }
    return {key: value for key, value in found.items() if is_answered(value)}


def _missing(rule: Rule, key: str, label: str) -> Finding:
    """An unanswered question is a REQUIRE, also when it stands behind a BLOCK."""
    said = f"“{label}” has no answer yet."
    return Finding(
        rule.id,
        "REQUIRE",
        said,
        "Ask, and answer it before filing.",
        key,
        missing=True,
        override=rule.override,
    )


def _instead(rule: Rule, values: Mapping[str, str]) -> str:
    """What to do instead; ``instead_unset`` while a value it names in braces has not been set."""
    unset = any(f"{{{name}}}" in rule.instead and not value for name, value in values.items())
    return filled(rule.instead_unset if unset and rule.instead_unset else rule.instead, values)


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with what stands in braces put in: the company's name, addresses."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _safe(name: Any) -> str:
    text = str(name)
    return text[:40] if text.isidentifier() and text.isascii() else "unknown_field"
