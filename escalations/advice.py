"""What the desk says of a filing before it is filed. Writes nothing.

The promise, the keywords heard, what stands against it, what fits better, what the patient was in touch
about, and how old its dates are.

:func:`advise` reads what was said; :func:`advice_of` takes a filing that was read already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from accounts.models import User
from escalations.contacts import Repeat, facts_of, repeats_of, same_type
from escalations.domain.ages import Age, ages
from escalations.domain.answers import LONGEST_TEXT, long_text
from escalations.domain.conditions import Day
from escalations.domain.intake import Asking, Finding, Intake, evaluate, filled, said_by_field
from escalations.domain.keywords import Heard, once
from escalations.domain.policy import TicketType
from escalations.filing import Filing, Promise, promise_of, read_filing
from escalations.filing_parts import sent_on
from escalations.models import PolicyVersion, Ticket
from patients.domain.intake import Wrong

REPEATED = "R-X-7"
KEYWORDS = "R-EXEC-1"
NOTE, TEXT = "note", "text"
MOST_DUPLICATES = 3
_SHARED = "Those of others with the same telephone number are counted."
_MOST_HEARD = 50
"""Of answers that are listened to while no type is known, and so nobody knows which are free text."""
_WARNINGS = ("GUIDE", "FIELD", "SUGGEST")


@dataclass(frozen=True)
class Suggestion:
    """Another ticket that fits better, one to file ``beside`` this one, or an open ``ticket`` to add to.

    ``why`` and ``instead`` are the words of the rule, ``prefill`` the answers as far as they are known.
    """

    type: str
    rule: str
    why: str
    instead: str = ""
    prefill: Mapping[str, Any] = field(default_factory=dict, hash=False)
    ticket: str = ""
    beside: bool = False


@dataclass(frozen=True)
class Word:
    """A keyword that was heard (R-EXEC-1), and the field it stands in; ``dismissed`` with a reason."""

    heard: Heard
    field: str
    dismissed: bool = False


@dataclass(frozen=True)
class Advice:
    """Everything there is to say of a filing now.

    ``problems`` keep it from being filed, or warn of what this filing in particular says; ``guides`` hold
    for every ticket of the type. ``wrong`` are values that cannot be read, by field. ``repeats`` are the
    tickets of the patient and of whoever shares the telephone number.
    """

    filing: Filing
    promise: Promise | None
    heard: tuple[Word, ...]
    problems: tuple[Finding, ...]
    guides: tuple[Finding, ...]
    suggestions: tuple[Suggestion, ...]
    repeats: tuple[Repeat, ...]
    ages: tuple[Age, ...]
    wrong: Mapping[str, Wrong]

    @property
    def running(self) -> tuple[Repeat, ...]:
        """The earlier contacts that are still without an answer."""
        return tuple(one for one in self.repeats if not one.over)


def advise(
    user: User,
    said: Mapping[str, Any],
    *,
    at: datetime,
    policy_version: PolicyVersion | None = None,
    ticket: Ticket | None = None,
) -> Advice:
    """What is to be said of what ``user`` has been told so far.

    The names of ``said`` are those of a filing, and ``text``: more that was said, listened to like the note.
    """
    texts, wrong = _texts(said)
    whole = {**said, NOTE: "\n".join(text for _, text in texts)} if not wrong else dict(said)
    filing = read_filing(user, whole, at=at, policy_version=policy_version, ticket=ticket)
    return advice_of(filing, user, said.get("answers"), at=at, ticket=ticket, texts=texts, wrong=wrong)


def advice_of(
    filing: Filing,
    user: User,
    answers: Any,
    *,
    at: datetime,
    ticket: Ticket | None = None,
    texts: Iterable[tuple[str, str]] = (),
    wrong: Mapping[str, Wrong] | None = None,
) -> Advice:
    """The advice on a filing that was read already; ``answers`` are those it was read from, as sent.

    ``texts`` are the parts the filing's note was put together from, each with its name; ``wrong`` is what
    could not be read of them.
    """
    parts = [*(texts or [(NOTE, filing.note)]), *_answers_in_words(filing, answers)]
    parts = [(name, text) for name, text in parts if text]
    repeats = _repeats(filing, user, ticket, at)
    intake = filing.intake if filing.type else _of_any_type(filing, user, parts, None, at)
    known = {finding.suggest for finding in intake.suggestions}
    counted = _of_any_type(filing, user, (), repeats, at).suggestions if repeats else ()
    shared = [replace(one, message=f"{one.message} {_SHARED}") for one in counted if one.suggest not in known]
    words = _words(intake, filing, parts)
    promise = promise_of(filing) if intake.deflection is None else None
    static = _static(filing)
    told = [
        one for one in intake.findings if not one.refuses and not one.suggest and one.strength in _WARNINGS
    ]
    return Advice(
        filing=filing,
        promise=promise,
        heard=words,
        problems=(*intake.refusals, *(one for one in told if _name(one) not in static)),
        guides=tuple(one for one in told if _name(one) in static and one.strength == "GUIDE"),
        suggestions=_suggestions(filing, (*intake.suggestions, *shared), words, repeats),
        repeats=repeats,
        ages=_ages(filing, user, at),
        wrong=_unreadable(filing, wrong or {}),
    )


def _texts(said: Mapping[str, Any]) -> tuple[list[tuple[str, str]], dict[str, Wrong]]:
    """The note and the text, each by its name; together they are no longer than a note may be."""
    found: list[tuple[str, str]] = []
    wrong: dict[str, Wrong] = {}
    for name in (NOTE, TEXT):
        try:
            found.append((name, long_text(f"The {name}", LONGEST_TEXT)(said.get(name))))
        except Wrong as problem:
            wrong[name] = problem
    found = [(name, text) for name, text in found if text]
    if not wrong and len("\n".join(text for _, text in found)) > LONGEST_TEXT:
        said_so = f"The text and the note together are longer than {LONGEST_TEXT:,} characters. Shorten them."
        wrong[TEXT] = Wrong("too_long", said_so)
    return found, wrong


def _unreadable(filing: Filing, wrong: Mapping[str, Wrong]) -> dict[str, Wrong]:
    """What was given and cannot be read; what is only not said yet is no mistake before filing."""
    return {name: one for name, one in {**filing.all_wrong, **wrong}.items() if one.code != "required"}


def _answers_in_words(filing: Filing, answers: Any) -> list[tuple[str, str]]:
    """The free text of the answers; while no type is known, every answer in words."""
    if not isinstance(answers, Mapping):
        return []
    if filing.type is not None:
        return said_by_field(filing.type, {}, answers)
    words = [(str(name)[:40], text[:LONGEST_TEXT]) for name, text in answers.items() if isinstance(text, str)]
    return words[:_MOST_HEARD]


def _repeats(filing: Filing, user: User, ticket: Ticket | None, at: datetime) -> tuple[Repeat, ...]:
    if filing.patient is None:
        return ()
    found = repeats_of(filing.patient, user, now=at)
    return tuple(one for one in found if ticket is None or one.ticket.pk != ticket.pk)


def _of_any_type(
    filing: Filing,
    user: User,
    parts: Iterable[tuple[str, str]],
    repeats: tuple[Repeat, ...] | None,
    at: datetime,
) -> Intake:
    """What the rules of every type say, of a filing without a type too.

    ``repeats`` count as contacts, where they are given (R-X-7).
    """
    facts = {
        "channel": filing.channel,
        "caller": filing.caller,
        "patient": filing.patient,
        "note": "\n".join(text for _, text in parts),
        **facts_of(filing.patient, filing.contacts),
    }
    if repeats is not None:
        facts["unresolved"] = sum(1 + getattr(one.ticket, "calls", 0) for one in repeats if not one.over)
    now = at.astimezone(user.company.zone)
    asking = Asking(now, filing.calendar, filing.values, unreadable=set(filing.wrong))
    return evaluate(_any_type(filing), facts, {}, filing.acknowledged, asking)


def _any_type(filing: Filing) -> TicketType:
    """A type that asks nothing and has the rules that all types have."""
    first, *others = filing.policy.types
    everywhere = {id(rule) for rule in first.rules}
    for one in others:
        everywhere &= {id(rule) for rule in one.rules}
    rules = tuple(rule for rule in first.rules if id(rule) in everywhere)
    key = filing.type.key if filing.type else ""
    return replace(first, key=key, questions=(), rules=rules)


def _words(intake: Intake, filing: Filing, parts: list[tuple[str, str]]) -> tuple[Word, ...]:
    """Each keyword once, with the field it stands in: what was heard knows its place in all that was said."""
    places: list[tuple[int, str]] = []
    start = 0
    for name, text in parts:
        places.append((start, name))
        start += len(text) + 1
    dismissed = {one.word.casefold() for one in filing.dismissals}
    return tuple(
        Word(one, _place(places, one.start), one.word.casefold() in dismissed) for one in once(intake.heard)
    )


def _place(places: list[tuple[int, str]], start: int) -> str:
    return next((name for begin, name in reversed(places) if begin <= start), "")


def _name(finding: Finding) -> tuple[str, str]:
    return finding.rule, finding.message


def _static(filing: Filing) -> set[tuple[str, str]]:
    """The rules that say the same of every ticket of the type, by id and words."""
    kind = filing.type or _any_type(filing)
    plain = (rule for rule in kind.rules if rule.when is None and not rule.watch)
    return {(rule.id, filled(rule.message, filing.values)) for rule in plain}


def _suggestions(
    filing: Filing, findings: Iterable[Finding], words: tuple[Word, ...], repeats: tuple[Repeat, ...]
) -> tuple[Suggestion, ...]:
    """What the rules suggest, and an open ticket of the same type first (R-X-7)."""
    beside = {rule.id for rule in filing.type.rules if rule.beside} if filing.type else set()
    settled = bool(words) and all(one.dismissed for one in words)
    offered = [
        Suggestion(
            type=one.suggest,
            rule=one.rule,
            why=one.message,
            instead=one.instead,
            prefill=one.prefill,
            beside=one.rule in beside,
        )
        for one in findings
        if not (one.rule == KEYWORDS and settled)
    ]
    return (*_duplicates(filing, repeats), *offered)


def _duplicates(filing: Filing, repeats: tuple[Repeat, ...]) -> list[Suggestion]:
    """Tickets of this type that run for this patient: the same request once more is added to one of them."""
    if filing.type is None:
        return []
    kind = filing.type
    found = same_type(repeats, kind.key)[:MOST_DUPLICATES]
    return [
        Suggestion(
            type=kind.key,
            rule=REPEATED,
            why=f"{one.ticket.number} is open for the same patient and type, {kind.name}: add to it instead.",
            instead=f"Add what is new to {one.ticket.number}, and file no second ticket.",
            ticket=one.ticket.number,
        )
        for one in found
    ]


def _ages(filing: Filing, user: User, at: datetime) -> tuple[Age, ...]:
    """How long ago the dates that were answered are, and when linked requests were sent."""
    if filing.type is None:
        return ()
    answers = filing.intake.answers
    dates = {
        one.key: date.fromisoformat(answers[one.key])
        for one in filing.intake.asked
        if one.kind == "date" and one.key in answers
    }
    dates |= {question: sent_on(ticket, filing.calendar) for question, ticket in filing.links.items()}
    return ages(filing.type, dates, Day(at.astimezone(user.company.zone).date(), filing.calendar))
