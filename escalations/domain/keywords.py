"""Hearing words in free text: whole words, whatever their case, also in the plural (R-EXEC-1). Pure.

What is heard is told, never judged: a word after "no" or "not" is marked as such and shown all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

LONGEST_WORD = 80
"""Of a word or phrase that is listened for, in characters."""
_APOSTROPHES = "'’"
_NEGATION = re.compile(
    rf"(?<!\w)(?:no|not|never|without|neither|nor|none|cannot|(?:is|are|was|were|do|does|did|has|have|had|"
    rf"wo|would|ca|could|should)n[{_APOSTROPHES}]?t)(?!\w)[^.!?;:\n]{{0,32}}\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Watched:
    """A word that is listened for: what it is called, and every way it may be said."""

    word: str
    also: tuple[str, ...] = ()

    @property
    def forms(self) -> tuple[str, ...]:
        """The word itself and its other ways."""
        return (self.word, *self.also)


@dataclass(frozen=True)
class Heard:
    """A watched word in a text: ``found`` as it was typed, from ``start`` to ``end``.

    ``negated`` says that a "no" or "not" stands shortly before it in the same sentence.
    """

    word: str
    found: str
    start: int
    end: int
    negated: bool = False


def hear(text: str, words: Sequence[Watched]) -> tuple[Heard, ...]:
    """Every place at which a watched word stands in the text, in the order of the text."""
    if not text or not words:
        return ()
    pattern, names = _pattern(tuple(words))
    return tuple(
        Heard(names[found.lastgroup or ""], found[0], *found.span(), _is_negated(text, found.start()))
        for found in pattern.finditer(text)
    )


def says(text: str, words: Iterable[str]) -> bool:
    """Whether any of the words stands in the text."""
    return bool(hear(text, [Watched(word) for word in words]))


def once(heard: Iterable[Heard]) -> tuple[Heard, ...]:
    """The first place of each word; one said without a "no" comes before one said with it."""
    found: dict[str, Heard] = {}
    for one in heard:
        known = found.get(one.word)
        if known is None or (known.negated and not one.negated):
            found[one.word] = one
    return tuple(found.values())


def _is_negated(text: str, start: int) -> bool:
    return bool(_NEGATION.search(text, max(0, start - 48), start))


@lru_cache(maxsize=256)
def _pattern(words: tuple[Watched, ...]) -> tuple[re.Pattern[str], dict[str, str]]:
    """One expression for all words, longer ones first, each in a group that names its word."""
    names = {f"w{index}": watched.word for index, watched in enumerate(words)}
    forms = [(form, f"w{index}") for index, watched in enumerate(words) for form in watched.forms]
    forms.sort(key=lambda pair: -len(pair[0]))
    groups: dict[str, int] = {}
    parts = []
    for form, name in forms:
        groups[name] = groups.get(name, 0) + 1
        group = f"{name}_{groups[name]}"
        names[group] = names[name]
        parts.append(f"(?P<{group}>{_expression(form)})")
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE), names


def _expression(form: str) -> str:
    """A form as an expression: any space or hyphen between its words, the last word also in the plural."""
    pieces = [re.escape(piece) for piece in re.split(r"[\s-]+", form.strip()) if piece]
    pieces[-1] = _or_plural(pieces[-1], form)
    return r"[\s-]+".join(pieces)


def _or_plural(last: str, form: str) -> str:
    if re.search(r"[^aeiou\W]y$", form, re.IGNORECASE):
        return rf"{last[:-1]}(?:y|ies)"
    if re.search(r"(?:s|x|z|ch|sh)$", form, re.IGNORECASE):
        return rf"{last}(?:es)?"
    return rf"{last}s?" if form[-1:].isalpha() else last
