"""The policy in words, for the guide: when a question is asked, when a rule holds, how strong it is. Pure.

Conditions are read as the policy's files write them, so that a list is called by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from escalations.domain.policy import Policy, Question, Rule, TicketType

STRENGTH_WORDS = {
    "BLOCK": "Cannot be filed",
    "REQUIRE": "Needed",
    "ACK": "Must be ticked",
    "GUIDE": "Good to know",
    "SUGGEST": "Suggests",
    "FIELD": "May stay empty",
    "ACTION": "Done for you",
}
"""What each strength means to whoever files a ticket."""

_KINDS = {
    "choice": "one of",
    "choices": "any of",
    "yes_no": "yes or no",
    "text": "in words",
    "money": "an amount in dollars",
    "number": "a number",
    "date": "a date",
    "moment": "a date and time",
    "phone": "a phone number",
    "email": "an email address",
    "fax": "a fax number",
    "file": "a file",
    "ticket": "the number of a ticket",
}
_FACTS = {
    "type": "the type",
    "channel": "the channel",
    "caller": "the caller",
    "patient": "the patient",
    "note": "the note",
    "said": "what is written",
    "unresolved": "the number of contacts without a result",
}


class Named(Protocol):
    """Where the words of a condition come from."""

    def subject(self, key: str) -> str:
        """A question or a fact."""

    def value(self, key: str, value: Any) -> str:
        """An answer."""

    def list_label(self, key: str) -> str:
        """A list."""


@dataclass(frozen=True)
class Names:
    """Where names are looked up: the policy, and the type whose questions are meant."""

    policy: Policy
    type: TicketType | None = None

    def subject(self, key: str) -> str:
        """A question in quotation marks, or a fact by its plain name."""
        question = self._question(key)
        return quoted(question.label) if question else _FACTS.get(key, key.replace("_", " "))

    def value(self, key: str, value: Any) -> str:
        """An answer as it is chosen; a type by its name."""
        if key in ("type", "open_types"):
            found = self.policy.type(value)
            return found.name if found else str(value)
        question = self._question(key)
        labels = dict(question.choices) if question else {}
        return quoted(labels[value]) if value in labels else str(value).replace("_", " ")

    def list_label(self, key: str) -> str:
        """A list by its label, in quotation marks."""
        found = self.policy.lists.get(key)
        return quoted(found.label if found else key)

    def _question(self, key: str) -> Question | None:
        return self.type.question(key) if self.type else None


def quoted(words: str) -> str:
    """In quotation marks; those inside become single ones."""
    return f"“{words.replace('“', '‘').replace('”', '’')}”"


def kind_words(question: Question) -> str:
    """What kind of answer is wanted, with what there is to choose: "one of: Adding, Modifying"."""
    words = _KINDS.get(question.kind, question.kind)
    if not question.choices:
        return words
    return f"{words}: {'; '.join(label for _, label in question.choices)}"


def strength_words(rule: Rule, policy: Policy) -> str:
    """How strong a rule is, in words; a suggestion names what it suggests."""
    found = policy.type(rule.suggest) if rule.suggest else None
    return f"Suggests {found.name}" if found else STRENGTH_WORDS[rule.strength]


def condition_words(condition: Any, names: Named, *, holds: bool = True) -> str:
    """The condition as the second half of "when …"; empty for none. ``holds`` False: when it does not."""
    if not condition:
        return ""
    if "not" in condition:
        return condition_words(condition["not"], names, holds=not holds)
    for joined in ("all", "any"):
        if joined in condition:
            parts = [condition_words(part, names, holds=holds) for part in condition[joined]]
            return " and ".join(parts) if (joined == "all") is holds else _either(parts)
    (test, operand), *_ = ((name, value) for name, value in condition.items() if name != "of")
    special = _special(condition["of"], test, operand, names, holds)
    return special or _TESTS[test](names, condition["of"], operand, holds)


def either(words: list[str]) -> str:
    """Alternatives as they are said: "A, B or C"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _either(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"either {' or '.join(parts)}"


def _special(of: str, test: str, operand: Any, names: Named, holds: bool) -> str:
    """Facts of the patient, of the hour and of linked tickets read better in sentences of their own."""
    _, _, linked = of.partition(".")
    shape = _SENTENCES.get((linked or of, test))
    if shape is None:
        return ""
    yes = holds is operand if isinstance(operand, bool) else holds
    what = names.subject(of.partition(".")[0]) if linked else names.value(of, operand)
    return shape[0 if yes else 1].format(what=what, number=operand)


_SENTENCES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("refused", "has"): ("the patient has refused {what}", "the patient has not refused {what}"),
    ("open_types", "has"): (
        "a ticket “{what}” of this patient is open",
        "no ticket “{what}” of this patient is open",
    ),
    ("compassionate_care", "is"): (
        "the patient is marked with an application for Compassionate Care",
        "the patient is not marked with an application for Compassionate Care",
    ),
    ("due_when_closed", "is"): ("it falls due outside opening hours", "it falls due in opening hours"),
    ("unresolved", "at_least"): (
        "{number} or more contacts of the patient are without a result",
        "fewer than {number} contacts of the patient are without a result",
    ),
    ("late", "is"): ("the ticket of {what} is late", "the ticket of {what} is not late"),
    ("business_days", "at_least"): (
        "the ticket of {what} was sent {number} or more business days ago",
        "the ticket of {what} was sent fewer than {number} business days ago",
    ),
}


def _in(names: Named, of: str, operand: Any, holds: bool) -> str:
    listed = either([names.value(of, one) for one in operand]) if operand else "on an empty list"
    return f"{names.subject(of)} {'is' if holds else 'is not'} {listed}"


def _in_list(names: Named, of: str, operand: Any, holds: bool) -> str:
    return f"{names.subject(of)} {'is' if holds else 'is not'} on the list {names.list_label(operand)}"


def _has(names: Named, of: str, operand: Any, holds: bool) -> str:
    return f"{names.subject(of)} {'has' if holds else 'does not have'} {names.value(of, operand)}"


def _answered(names: Named, of: str, operand: Any, holds: bool) -> str:
    return f"{names.subject(of)} has {'an answer' if operand is holds else 'no answer yet'}"


def _is(names: Named, of: str, operand: Any, holds: bool) -> str:
    said = "yes" if operand else "no"
    return f"{names.subject(of)} is {'' if holds else 'not '}answered with {said}"


def _at_least(names: Named, of: str, operand: Any, holds: bool) -> str:
    return f"{names.subject(of)} is {f'{operand} or more' if holds else f'less than {operand}'}"


def _less_than(names: Named, of: str, operand: Any, holds: bool) -> str:
    return _at_least(names, of, operand, not holds)


def _older(unit: str) -> Callable[[Named, str, Any, bool], str]:
    def said(names: Named, of: str, operand: Any, holds: bool) -> str:
        ago = f"more than {operand} {unit} back" if holds else f"{operand} {unit} back or less"
        return f"{names.subject(of)} lies {ago}"

    return said


def _says(names: Named, of: str, operand: Any, holds: bool) -> str:
    listed = either([quoted(one) for one in operand])
    return f"{names.subject(of)} {'says' if holds else 'does not say'} {listed}"


def _says_list(names: Named, of: str, operand: Any, holds: bool) -> str:
    return f"{names.subject(of)} has {'a' if holds else 'no'} word of the list {names.list_label(operand)}"


_TESTS: Mapping[str, Callable[[Named, str, Any, bool], str]] = {
    "in": _in,
    "in_list": _in_list,
    "has": _has,
    "answered": _answered,
    "is": _is,
    "at_least": _at_least,
    "less_than": _less_than,
    "older_than_days": _older("calendar days"),
    "older_than_business_days": _older("business days"),
    "says": _says,
    "says_list": _says_list,
}
