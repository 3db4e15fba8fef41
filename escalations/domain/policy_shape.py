"""Whether data from outside has the shape of a policy: each sentence names the place (K13). Pure.

Only the shape: names that lead nowhere and conditions that cannot be fulfilled are told by
:mod:`escalations.domain.policy_checks`, for they can be mended in the editor.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from escalations.domain.policy import CHANNELS
from escalations.domain.policy_names import kinds_of, wrong_in

MOST_WRONG = 30
_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_TYPE_KEY = re.compile(r"(?!every-ticket$)[a-z][a-z0-9-]{0,39}")
_RULE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}")

Check = Callable[["_Reader", Any, str], None]


@dataclass
class _Reader:
    """What is wrong so far. ``lists`` are the keys of the lists there are."""

    wrong: list[str] = field(default_factory=list)

    def say(self, place: str, words: str) -> None:
        """Tell something at a place."""
        if len(self.wrong) < MOST_WRONG:
            self.wrong.append(f"{place}: {words}")


def wrong_shape(data: Any) -> list[str]:
    """Everything that is wrong with the shape, at most thirty sentences; none when it is that of a policy."""
    reader = _Reader()
    _WHOLE(reader, data, "The file")
    if not reader.wrong:
        _conditions(reader, data)
    return reader.wrong


# --- kinds of values ----------------------------------------------------------------------------------------


def _text(longest: int, pattern: re.Pattern[str] | None = None, *, empty: bool = False) -> Check:
    def check(reader: _Reader, value: Any, place: str) -> None:
        if not isinstance(value, str):
            reader.say(place, "here words belong. Write them in quotation marks.")
        elif not value.strip() and not empty:
            reader.say(place, "here something has to be said.")
        elif len(value) > longest:
            reader.say(place, f"this is longer than {longest:,} characters.")
        elif any(ord(letter) < 32 and letter not in "\n\t" for letter in value) or "\x7f" in value:
            reader.say(place, "this has a character in it that cannot be kept.")
        elif pattern is not None and not pattern.fullmatch(value):
            reader.say(place, "this is no key: small letters and digits, with - or _ between.")

    return check


def _flag(reader: _Reader, value: Any, place: str) -> None:
    if not isinstance(value, bool):
        reader.say(place, "here true or false belongs.")


def _whole(least: int, most: int, *, none: bool = False) -> Check:
    def check(reader: _Reader, value: Any, place: str) -> None:
        if value is None and none:
            return
        if type(value) is not int or not least <= value <= most:
            reader.say(place, f"here a whole number from {least} to {most:,} belongs.")

    return check


def _one_of(*words: str) -> Check:
    def check(reader: _Reader, value: Any, place: str) -> None:
        if not isinstance(value, str) or value not in words:
            reader.say(place, f"here one of these belongs: {', '.join(words)}.")

    return check


def _several(inner: Check, most: int, named_by: str = "") -> Check:
    def check(reader: _Reader, value: Any, place: str) -> None:
        if not isinstance(value, list):
            reader.say(place, "here a list belongs, an entry a line with - before it.")
            return
        if len(value) > most:
            reader.say(place, f"these are more than {most:,} entries.")
            return
        for number, one in enumerate(value, 1):
            name = one.get(named_by) if named_by and isinstance(one, dict) else None
            inner(reader, one, f"{place} → {name if isinstance(name, str) and len(name) <= 60 else number}")

    return check


def _table(inner: Check, most: int, key: re.Pattern[str] = _KEY) -> Check:
    def check(reader: _Reader, value: Any, place: str) -> None:
        if not isinstance(value, dict):
            reader.say(place, "here names with values belong, as in “name: value”.")
            return
        if len(value) > most:
            reader.say(place, f"these are more than {most:,} entries.")
            return
        for name, one in value.items():
            if not isinstance(name, str) or not key.fullmatch(name):
                reader.say(
                    place, f"“{str(name)[:40]}” is no key: small letters and digits, with - or _ between."
                )
            else:
                inner(reader, one, f"{place} → {name}")

    return check


def _object(needed: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    def check(reader: _Reader, value: Any, place: str) -> None:
        if not isinstance(value, dict):
            reader.say(place, "here names with values belong, as in “name: value”.")
            return
        for name in value:
            if name not in needed and name not in optional:
                reader.say(place, f"“{str(name)[:40]}” is nothing that is known here.")
        for name in needed:
            if name not in value:
                reader.say(place, f"“{name}” is missing.")
        for name, inner in {**needed, **optional}.items():
            if name in value:
                inner(reader, value[name], f"{place} → {name}")

    return check


def _condition(reader: _Reader, value: Any, place: str) -> None:
    """Only that it is an object of few levels; what it says is looked at once the names are known."""
    if not isinstance(value, dict) or _depth(value) > 12:
        reader.say(place, "here a condition belongs, as in {of: …, is: true}, of at most a few levels.")


def _depth(value: Any, level: int = 0) -> int:
    if level > 20 or not isinstance(value, dict | list):
        return level
    inner = value.values() if isinstance(value, dict) else value
    return max((_depth(one, level + 1) for one in inner), default=level)


def _plain(reader: _Reader, value: Any, place: str) -> None:
    """An answer that is filled in."""
    single = isinstance(value, str | bool | int) and len(str(value)) <= 500
    several = isinstance(value, list) and len(value) <= 100 and all(isinstance(one, str) for one in value)
    if not single and not several:
        reader.say(place, "here an answer belongs: words, a number, true or false, or a list of words.")


# --- the shape of a policy ----------------------------------------------------------------------------------

_WORDS = _text(10_000)
_LINE, _SHORT, _MAYBE = _text(600), _text(200), _text(600, empty=True)
_TIMES = {"min": _whole(0, 1_000_000, none=True), "max": _whole(0, 1_000_000, none=True), "unit": _SHORT}
_ITEM = _object(
    {"key": _text(60, _KEY), "label": _SHORT}, {"also": _several(_SHORT, 60), "value": _text(254, empty=True)}
)
_QUESTION = _object(
    {"key": _text(60, _KEY), "label": _SHORT, "kind": _SHORT},
    {
        "hint": _MAYBE, "default": _plain, "prefill": _SHORT, "of_type": _SHORT, "suffix": _SHORT,
        "when": _condition, "choices_from": _SHORT,
        "choices": _several(_object({"key": _text(60, _KEY), "label": _SHORT}, {}), 100, "key"),
    },
)  # fmt: skip
_RULE_SHAPE = _object(
    {"id": _text(60, _RULE), "strength": _SHORT, "message": _LINE},
    {
        "part": _text(60, _RULE), "instead": _MAYBE, "instead_unset": _MAYBE, "field": _SHORT,
        "needs": _several(_SHORT, 60), "when": _condition, "refuse": _condition, "deflect": _flag,
        "override": _flag, "beside": _flag, "suggest": _SHORT, "carry": _table(_plain, 60), "watch": _SHORT,
        "effect": _SHORT, "after_business_days": _whole(0, 9999),
    },
)  # fmt: skip
_RULES = _several(_RULE_SHAPE, 120, "id")
_TYPE = _object(
    {
        "key": _text(40, _TYPE_KEY), "name": _text(80), "urgency": _one_of("normal", "urgent"),
        "purpose": _LINE,
        "turnarounds": _several(_object({"channel": _one_of("any", *CHANNELS), **_TIMES}, {}), 10, "channel"),
        "questions": _several(_QUESTION, 60, "key"), "rules": _RULES, "waits": _table(_flag, 40),
        "outcomes": _several(_text(120), 60),
    },
    {
        "also": _several(_SHORT, 60), "guide": _several(_WORDS, 60), "article": _SHORT, "off": _flag,
        "neighbours": _several(_object({"type": _SHORT, "say": _LINE}, {}), 60, "type"),
    },
)  # fmt: skip
_WAY = _object(
    {"label": _SHORT},
    {
        "ask": _SHORT,
        "type": _SHORT,
        "none": _LINE,
        "why": _LINE,
        "rule": _SHORT,
        "prefill": _table(_plain, 60),
    },
)
_FORK = _object({"key": _SHORT, "label": _SHORT, "ways": _several(_WAY, 60, "label")}, {"hint": _MAYBE})
_REASON = _object({"key": _text(40, _KEY), "label": _SHORT, "words": _several(_SHORT, 60)}, {})
_ARTICLE = _object({"key": _SHORT, "title": _SHORT}, {"text": _text(20_000, empty=True)})
_DAYS = _whole(0, 36_500)
_WHOLE = _object(
    {
        "types": _several(_TYPE, 200, "key"),
        "limits": _object(
            {"immediate_grace_minutes": _DAYS, "backdating_days": _DAYS, "backdating_days_supervisor": _DAYS},
            {"waiting_days": _DAYS},
        ),
        "reopen": _object(_TIMES, {}),
        "warn_before": _table(_whole(1, 10_000), 10),
        "wait_reasons": _several(_REASON, 40, "key"),
        "every_type": _object({"rules": _RULES}, {}),
        "lists": _table(
            _object({"label": _SHORT, "items": _several(_ITEM, 200, "key")}, {"about": _MAYBE}), 100
        ),
    },
    {
        "ladder": _several(_object({"who": _SHORT, "after_staffed_hours": _DAYS}, {}), 10, "who"),
        "which_ticket": _several(_FORK, 60, "key"),
        "articles": _several(_ARTICLE, 100, "key"),
        "glossary": _several(_object({"term": _text(60)}, {"means": _text(400, empty=True)}), 300, "term"),
    },
)  # fmt: skip


def _conditions(reader: _Reader, data: Any) -> None:
    """Conditions that no test can be made of. One that names what is not there is left to the editor."""
    every = {"key": "every ticket", "questions": [], "rules": data["every_type"]["rules"]}
    for kind in [*data["types"], every]:
        kinds = kinds_of(kind)
        for row in (*kind["questions"], *kind["rules"]):
            for name in ("when", "refuse"):
                wrong = wrong_in(row[name], _Any(kinds), _AnyList(data["lists"])) if name in row else ""
                if wrong:
                    reader.say(f"{kind['key']} → {row.get('id') or row['key']} → {name}", f"{wrong}.")


class _Any(dict[str, str]):
    """Every name is known; one there is not is a text."""

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str)

    def __missing__(self, key: str) -> str:
        return "text"


class _AnyList(dict[str, Any]):
    """Every list is there; one there is not is empty."""

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str)
