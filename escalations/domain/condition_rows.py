"""A condition as the rows of a form, "question – test – value", and back again. Pure.

Rows say "all" or "any", each row perhaps turned round. Rows that stand together with the one above are joined
the other way, so that any condition can be written in rows. What was written otherwise is one row that is
kept as it is and shown in words: nothing is lost by opening and saving.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from escalations.domain.conditions import fits, wrong_with
from escalations.domain.policy import CALLERS, CHANNELS, FACTS, LINKED
from patients.domain.intake import Wrong

KEPT, WITH = "kept", "with"
TESTS = {
    "in": "is one of",
    "in_list": "is on the list",
    "has": "includes",
    "answered": "has an answer",
    "is": "is answered with",
    "at_least": "is at least",
    "less_than": "is less than",
    "older_than_days": "lies back more calendar days than",
    "older_than_business_days": "lies back more business days than",
    "says": "says one of the words",
    "says_list": "has a word of the list",
}
"""The tests as the form names them; ``not`` is the twelfth, said by turning a row round."""
FACT_WORDS = {
    "type": "The type",
    "channel": "The channel",
    "caller": "The caller",
    "patient": "The patient",
    "note": "The note",
    "said": "Anything written",
    "refused": "Ways of contact the patient refused",
    "compassionate_care": "The patient is marked with Compassionate Care",
    "unresolved": "Contacts without a result",
    "open_types": "Types of the patient’s open tickets",
    "due_when_closed": "It falls due outside opening hours",
}
_LINKED_WORDS = {"late": "is late", "business_days": "business days since it was sent", "type": "its type"}
_OF_LIST = {"in_list": "in", "says_list": "says"}
MOST_ROWS, _LONGEST = 20, 4000


@dataclass(frozen=True)
class Row:
    """One row as it is typed: ``turned`` is "not" for the opposite, ``together`` is "with" for a row that
    stands together with the one above; of a kept row ``value`` is its data."""

    of: str = ""
    test: str = ""
    value: str = ""
    turned: str = ""
    together: str = ""

    @property
    def is_blank(self) -> bool:
        """A row nobody chose anything in."""
        return not (self.of or self.value.strip())

    @property
    def is_kept(self) -> bool:
        """A row that the form carries along."""
        return self.test == KEPT


@dataclass(frozen=True)
class Typed:
    """A condition as its rows; ``joined`` is "all" or "any"."""

    joined: str = "all"
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Subject:
    """A question or a fact that a row may name; ``choices`` are keys and labels."""

    key: str
    label: str
    kind: str
    choices: Mapping[str, str]


Subjects = Mapping[str, Subject]


def subjects_of(data: Mapping[str, Any], questions: Sequence[Mapping[str, Any]]) -> dict[str, Subject]:
    """What conditions may name: these questions first, then the facts of every filing."""
    found: dict[str, Subject] = {}
    for row in questions:
        found[row["key"]] = Subject(row["key"], row["label"], row["kind"], _choices(data, row))
        if row["kind"] == "ticket":
            for name, kind in LINKED.items():
                key = f"{row['key']}.{name}"
                found[key] = Subject(key, f"{row['label']}: {_LINKED_WORDS[name]}", kind, {})
    types = {row["key"]: row["name"] for row in data["types"]}
    known = {
        "channel": dict.fromkeys(CHANNELS),
        "caller": dict.fromkeys(CALLERS),
        "type": types,
        "open_types": types,
    }
    for key, kind in FACTS.items():
        words = known.get(key, {})
        choices = {one: label or one.replace("_", " ").capitalize() for one, label in words.items()}
        found[key] = Subject(key, FACT_WORDS[key], kind, choices)
    return found


def _choices(data: Mapping[str, Any], question: Mapping[str, Any]) -> dict[str, str]:
    listed = data.get("lists", {}).get(question.get("choices_from"), {}).get("items", [])
    return {one["key"]: one["label"] for one in (*listed, *question.get("choices", []))}


# --- from data to rows ----------------------------------------------------------------------------------


def rows_of(condition: Any, subjects: Subjects, lists: Mapping[str, Any]) -> Typed:
    """The rows of a condition; those that would not come back the same are kept as they are."""
    if condition is None:
        return Typed()
    joined = next((one for one in ("all", "any") if isinstance(condition, dict) and one in condition), "")
    parts = condition[joined] if joined else [condition]
    rows = [row for part in parts for row in _together(part, joined or "all", subjects, lists)]
    typed = Typed(joined or "all", tuple(rows))
    try:
        same = read_rows(typed, subjects, lists) == condition
    except Wrong:
        same = False
    return typed if same else Typed("all", (_kept(condition),))


_OTHER = {"all": "any", "any": "all"}


def _together(part: Any, joined: str, subjects: Subjects, lists: Mapping[str, Any]) -> list[Row]:
    """The row of a part, or the rows of one that joins its own the other way."""
    inner = part.get(_OTHER[joined]) if isinstance(part, dict) and len(part) == 1 else None
    if not isinstance(inner, list) or len(inner) < 2:
        return [_row(part, subjects, lists)]
    first, *others = (_row(one, subjects, lists) for one in inner)
    return [first, *(replace(one, together=WITH) for one in others)]


def _kept(part: Any) -> Row:
    return Row(test=KEPT, value=json.dumps(part, ensure_ascii=False))


def _row(part: Any, subjects: Subjects, lists: Mapping[str, Any]) -> Row:
    leaf, turned = (part["not"], "not") if set(part) == {"not"} else (part, "")
    if "of" not in leaf or leaf["of"] not in subjects:
        return _kept(part)
    test, operand = next((name, value) for name, value in leaf.items() if name != "of")
    row = Row(leaf["of"], test, _shown(subjects[leaf["of"]], test, operand, lists), turned)
    try:
        return row if _read(row, subjects, lists) == part else _kept(part)
    except Wrong:
        return _kept(part)


def _shown(subject: Subject, test: str, operand: Any, lists: Mapping[str, Any]) -> str:
    if test in _OF_LIST:
        return str(lists.get(operand, {}).get("label", operand))
    if isinstance(operand, bool):
        return "yes" if operand else "no"
    if isinstance(operand, list):
        return "; ".join(subject.choices.get(str(one), str(one)) for one in operand)
    return subject.choices.get(operand, operand) if isinstance(operand, str) else str(operand)


# --- from rows to data ----------------------------------------------------------------------------------


def read_rows(typed: Typed, subjects: Subjects, lists: Mapping[str, Any]) -> Any:
    """The condition that the rows say, ``None`` for no row; raises Wrong with the number of the row."""
    groups: list[list[Any]] = []
    for number, row in enumerate(typed.rows):
        if row.is_blank and not row.is_kept:
            continue
        try:
            found = _read(row, subjects, lists)
        except Wrong as wrong:
            raise Wrong(str(number), wrong.sentence) from None
        if row.together == WITH and groups:
            groups[-1].append(found)
        else:
            groups.append([found])
    joined = "any" if typed.joined == "any" else "all"
    parts = [one[0] if len(one) == 1 else {_OTHER[joined]: one} for one in groups]
    if len(parts) > 1:
        return {joined: parts}
    return parts[0] if parts else None


def _read(row: Row, subjects: Subjects, lists: Mapping[str, Any]) -> Any:
    if row.is_kept:
        return _read_kept(row)
    subject = subjects.get(row.of)
    if subject is None:
        raise Wrong("of", "Choose the question that is looked at.")
    if row.test not in TESTS:
        raise Wrong("test", f"Choose what “{subject.label}” is tested for.")
    plain = _OF_LIST.get(row.test, row.test)
    if not fits(plain, subject.kind):
        raise Wrong("test", f"“{TESTS[row.test]}” cannot be asked of “{subject.label}”. Choose another test.")
    leaf = {"of": subject.key, row.test: _operand(row, subject, lists)}
    return {"not": leaf} if row.turned == "not" else leaf


def _read_kept(row: Row) -> Any:
    try:
        found = json.loads(row.value) if len(row.value) <= _LONGEST else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or row.value.count("{") > MOST_ROWS:
        raise Wrong("kept", "A condition that is kept as it is did not arrive whole. Load the page again.")
    return found


def _operand(row: Row, subject: Subject, lists: Mapping[str, Any]) -> Any:
    said = " ".join(row.value.split())
    if row.test in ("answered", "is"):
        if said.casefold() not in ("yes", "no"):
            raise Wrong("value", f"“{subject.label}”: say yes or no.")
        return said.casefold() == "yes"
    if row.test in _OF_LIST:
        named = [key for key, one in lists.items() if said.casefold() in (key, one["label"].casefold())]
        if not named:
            raise Wrong("value", f"“{subject.label}”: there is no list “{_cut(said)}”. Give the name of one.")
        return named[0]
    if row.test in ("in", "has", "says"):
        words = [_answer(one.strip(), subject) for one in said.split(";") if one.strip()]
        if not words:
            raise Wrong("value", f"“{subject.label}”: say what it is compared with.")
        if row.test == "has" and len(words) > 1:
            raise Wrong("value", f"“{subject.label}”: name one answer a row.")
        found: Any = words[0] if row.test == "has" else words
    else:
        if not (said.isascii() and said.isdigit() and len(said) <= 9):
            raise Wrong("value", f"“{subject.label}”: give a whole number.")
        found = int(said)
    wrong = wrong_with({"of": subject.key, row.test: found}, {subject.key: subject.kind})
    if wrong:
        raise Wrong("value", f"“{subject.label}”: that is too large, too long or has no letter in it.")
    return found


def _answer(said: str, subject: Subject) -> str:
    """The key of an answer, by its key or its label; of a question without answers to choose the word."""
    if not subject.choices:
        return said
    for key, label in subject.choices.items():
        if said.casefold() in (key.casefold(), " ".join(label.split()).casefold()):
            return key
    offered = "; ".join(subject.choices.values())
    raise Wrong("value", f"“{subject.label}” does not offer “{_cut(said)}”. It offers: {offered}.")


def _cut(words: str) -> str:
    return f"{words[:40]}…" if len(words) > 40 else words
