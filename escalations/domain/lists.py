"""Changing a list of the policy: what its rows say, and which entries the rules depend on (R-X-8). Pure.

Keys of entries never change: answers of tickets and conditions of rules name them. A new entry gets a key
from its label.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from escalations.domain.keywords import LONGEST_WORD
from escalations.domain.policy import Item
from patients.domain.intake import Wrong, email, text

ADDRESSES = "addresses"
"""The list whose entries hold a value: where callers are told to write."""
COMPANY = "company"
"""What rules say for the company's own name; no address may be called so."""
MOST_ENTRIES, MOST_ALSO = 200, 50
LONGEST_KEY = 40
LONGEST_ALSO = MOST_ALSO * (LONGEST_WORD + 2)


@dataclass(frozen=True)
class Typed:
    """A row as it was typed; ``key`` is empty for a new entry, ``also`` has commas between its words."""

    key: str = ""
    label: str = ""
    also: str = ""
    value: str = ""

    @property
    def is_blank(self) -> bool:
        """A row nobody wrote anything into."""
        return not (self.key or self.label.strip() or self.also.strip() or self.value.strip())

    @classmethod
    def of(cls, item: Item) -> Typed:
        """An entry as the form shows it."""
        return cls(item.key, item.label, ", ".join(item.also), item.value)


@dataclass
class Entries:
    """The entries read, and what cannot be used: by the number of its row and the name of its field."""

    items: list[Item] = field(default_factory=list)
    wrong: dict[tuple[int, str], Wrong] = field(default_factory=dict)


def read_rows(key: str, rows: Sequence[Typed], known: Collection[str], reserved: Collection[str]) -> Entries:
    """Read the rows of a list in their order; rows without anything in them are left out.

    ``known`` are the keys its entries have, ``reserved`` those a new entry must not get.
    """
    found = Entries()
    taken = {row.key for row in rows if row.key in known}
    said: dict[str, str] = {}
    for number, row in enumerate(rows):
        if row.is_blank:
            continue
        label = _read(found, number, "label", lambda row=row: _word(row.label, "The entry"))
        also = _read(found, number, "also", lambda row=row, label=label: _also(row.also, label or ""))
        value = _read(found, number, "value", lambda row=row: email(row.value) if key == ADDRESSES else "")
        if label is None:
            continue
        own = row.key if row.key in known else new_key(label, {*taken, *known, *reserved, COMPANY})
        taken.add(own)
        item = Item(own, label, also or (), value or "")
        _refuse_twice(found, number, item, said)
        found.items.append(item)
    if len(found.items) > MOST_ENTRIES:
        found.wrong[0, "label"] = Wrong("too_many", f"A list has at most {MOST_ENTRIES} entries.")
    return found


def _read(found: Entries, number: int, name: str, read: Any) -> Any:
    try:
        return read()
    except Wrong as wrong:
        found.wrong[number, name] = wrong
        return None


def _word(typed: str, what: str) -> str:
    """A word that can be listened for: one line with a letter or a digit in it."""
    plain: str = text(what, LONGEST_WORD, required=True)(typed)
    if not any(letter.isalnum() for letter in plain):
        raise Wrong("word", f"{what} needs a letter or a digit.")
    return plain


def _also(typed: str, label: str) -> tuple[str, ...]:
    if len(typed) > LONGEST_ALSO:
        raise Wrong("too_long", f"These are more than {MOST_ALSO} other words. Keep those that are said.")
    words = [_word(word, "Each of the other words") for word in typed.split(",") if word.strip()]
    once = {word.casefold(): word for word in reversed(words) if word.casefold() != label.casefold()}
    if len(once) > MOST_ALSO:
        raise Wrong("too_many", f"These are more than {MOST_ALSO} other words. Keep those that are said.")
    return tuple(reversed(once.values()))


def _refuse_twice(found: Entries, number: int, item: Item, said: dict[str, str]) -> None:
    """The same words cannot stand for two entries."""
    for form in (item.label, *item.also):
        other = said.setdefault(form.casefold(), item.key)
        if other != item.key:
            name = "label" if form == item.label else "also"
            found.wrong[number, name] = Wrong("twice", f"“{form}” stands in two entries. Keep it in one.")


def new_key(label: str, taken: Collection[str]) -> str:
    """A key for a new entry, such as ``invalid_case``, with a number behind it where that is taken."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[: LONGEST_KEY - 4].strip("_") or "entry"
    slug = slug if slug[0].isalpha() else f"n_{slug}"
    found, count = slug, 1
    while found in taken:
        count += 1
        found = f"{slug}_{count}"
    return found


def as_data(item: Item) -> dict[str, Any]:
    """An entry as the policy's data writes it."""
    row: dict[str, Any] = {"key": item.key, "label": item.label}
    if item.also:
        row["also"] = list(item.also)
    return row | ({"value": item.value} if item.value else {})


# --- what depends on a list ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Chosen:
    """A question that is answered from a list. ``others`` are the keys it offers besides."""

    type: Mapping[str, Any]
    question: Mapping[str, Any]
    others: tuple[str, ...]

    @property
    def name(self) -> str:
        """The question in words."""
        return f"“{self.question['label']}” of {self.type['name']}"


def chosen_from(data: Mapping[str, Any], key: str) -> list[Chosen]:
    """The questions whose answers come from the list."""
    return [
        Chosen(kind, question, tuple(one["key"] for one in question.get("choices", [])))
        for kind in data["types"]
        for question in kind["questions"]
        if question.get("choices_from") == key
    ]


def is_heard(data: Mapping[str, Any], key: str) -> bool:
    """Whether the list's words are listened for in what is written."""
    return any(rule.get("watch") == key for rule, _ in _rules(data)) or _is_named(data, key, "says_list")


def is_matched(data: Mapping[str, Any], key: str) -> bool:
    """Whether other ways to say an entry matter: its words are heard, or compared with an answer."""
    return is_heard(data, key) or _is_named(data, key, "in_list")


def _is_named(data: Mapping[str, Any], key: str, test: str) -> bool:
    questions = [question for kind in data["types"] for question in kind["questions"]]
    rows = [*questions, *(rule for rule, _ in _rules(data))]
    return any(_names(row.get(name), key, test) for row in rows for name in ("when", "refuse"))


def _names(condition: Any, key: str, test: str) -> bool:
    if isinstance(condition, list):
        return any(_names(part, key, test) for part in condition)
    if not isinstance(condition, dict):
        return False
    parts = (condition.get(joined) for joined in ("all", "any", "not"))
    return condition.get(test) == key or any(_names(part, key, test) for part in parts)


def uses_of(data: Mapping[str, Any], key: str) -> dict[str, str]:
    """Which entries of the list something depends on, and what, in words: they cannot be removed."""
    uses: dict[str, str] = {}
    for chosen in chosen_from(data, key):
        for entry, where in (*_in_conditions(chosen), *_filled_in(chosen, data)):
            uses.setdefault(entry, where)
    if key == ADDRESSES:
        for entry, where in _spoken(data):
            uses.setdefault(entry, where)
    return uses


def _rules(data: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Every rule with its name in words."""
    for rule in data["every_type"]["rules"]:
        yield rule, f"rule {rule['id']}"
    for kind in data["types"]:
        for rule in kind["rules"]:
            yield rule, f"rule {rule['id']} of {kind['name']}"


def _in_conditions(chosen: Chosen) -> Iterator[tuple[str, str]]:
    own = chosen.question["key"]
    for rule in chosen.type["rules"]:
        for name in ("when", "refuse"):
            for entry in _named(rule.get(name), own):
                yield entry, f"rule {rule['id']} of {chosen.type['name']} depends on it"
    for question in chosen.type["questions"]:
        for entry in _named(question.get("when"), own):
            yield entry, f"“{question['label']}” of {chosen.type['name']} is asked because of it"


def _named(condition: Any, own: str) -> Iterator[str]:
    """The answers to the question that the condition names."""
    if isinstance(condition, list):
        for part in condition:
            yield from _named(part, own)
    elif isinstance(condition, dict):
        if condition.get("of") == own:
            yield from _words_of(condition.get("in"))
            yield from _words_of(condition.get("has"))
        for joined in ("all", "any", "not"):
            yield from _named(condition.get(joined), own)


def _words_of(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str)]


def _filled_in(chosen: Chosen, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The answers that suggestions, “Which ticket?” and the question itself fill in."""
    own, kind = chosen.question["key"], chosen.type["key"]
    for entry in _words_of(chosen.question.get("default")):
        yield entry, f"{chosen.name} starts with it"
    for rule, name in _rules(data):
        if rule.get("suggest") == kind:
            for entry in _words_of(rule.get("carry", {}).get(own)):
                yield entry, f"{name} fills it in"
    for fork in data.get("which_ticket", []):
        for way in fork["ways"]:
            if way.get("type") == kind:
                for entry in _words_of(way.get("prefill", {}).get(own)):
                    yield entry, "“Which ticket?” fills it in"


def _spoken(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The addresses that rules say by their name in braces."""
    for rule, name in _rules(data):
        for entry in re.findall(r"\{(\w+)\}", f"{rule['message']} {rule.get('instead', '')}"):
            yield entry, f"{name} says it"
