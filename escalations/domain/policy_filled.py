"""Answers that a policy gives by itself: a question's default, and what a suggestion fills in. Pure.

A person types them as they read them, "A transfer nobody answered" or "yes"; the data keeps keys and plain
values. What is taken over from the ticket at hand is kept as ``=name``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from escalations.domain.answers import READERS, read_answer
from escalations.domain.condition_rows import FACT_WORDS
from escalations.domain.explain import quoted
from escalations.domain.policy import FACTS, Question
from escalations.domain.policy_fields import Faults, plain
from patients.domain.intake import Wrong

Data = Mapping[str, Any]
TODAY = "today"
MOST_FILLED = 20
_NEVER = ("file", "ticket", "moment")
"""Kinds of answers that nobody knows beforehand."""
HERE = {"heard": "the keywords that were heard"} | {
    key: words[:1].lower() + words[1:] for key, words in FACT_WORDS.items() if key in ("unresolved", "note")
}
"""What may be taken over besides answers."""


def options_of(question: Data, data: Data) -> dict[str, str]:
    """What a question offers to choose: labels by key."""
    listed = data.get("lists", {}).get(question.get("choices_from"), {}).get("items", [])
    return {one["key"]: one["label"] for one in (*listed, *question.get("choices", []))}


def answer_shown(question: Data, value: Any, data: Data) -> str:
    """An answer of the data as a person types it."""
    options = options_of(question, data)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(options.get(str(one), str(one)) for one in value)
    return options.get(str(value), str(value))


def read_typed(question: Data, typed: str, data: Data, *, today: bool = False) -> Any:
    """The answer that was typed, ``None`` for nothing; raises Wrong. ``today``: that word may stand for a
    date."""
    said = plain(typed)
    if not said:
        return None
    label, kind = question.get("label", ""), question.get("kind", "")
    if kind in _NEVER or kind not in READERS:
        raise Wrong("kind", f"{quoted(label)} cannot be answered beforehand. Leave this empty.")
    if today and kind == "date" and said.casefold() == TODAY:
        return TODAY
    options = options_of(question, data)
    if kind in ("choice", "choices"):
        return _chosen(label, [one.strip() for one in said.split(";") if one.strip()], options, kind)
    return read_answer(_as_question(question, options), said)


def _chosen(label: str, words: Sequence[str], options: Mapping[str, str], kind: str) -> Any:
    known = {said.casefold(): key for key, words_of in options.items() for said in (key, words_of)}
    strangers = [one for one in words if one.casefold() not in known]
    if strangers:
        offered = "; ".join(options.values())
        raise Wrong("choice", f"{quoted(label)} does not offer “{strangers[0][:40]}”. It offers: {offered}.")
    if kind == "choice" and len(words) != 1:
        raise Wrong("choice", f"{quoted(label)} takes one answer. Name one.")
    chosen = [known[one.casefold()] for one in words]
    return chosen[0] if kind == "choice" else list(dict.fromkeys(chosen))


def _as_question(question: Data, options: Mapping[str, str]) -> Question:
    return Question(
        question.get("key", ""), question.get("label", ""), question["kind"], tuple(options.items())
    )


def wrong_answer(question: Data, value: Any, data: Data) -> bool:
    """Whether a value of the data is no answer to the question."""
    if question.get("kind") not in READERS:
        return False  # told of the question itself
    if question["kind"] == "date" and value == TODAY:
        return False
    try:
        return read_answer(_as_question(question, options_of(question, data)), value) is None
    except Wrong:
        return True


# --- rows: a question, and what it is filled with -----------------------------------------------------


def filled_shown(filled: Data, target: Data | None, data: Data, prefix: str) -> dict[str, str]:
    """The rows of what is filled in: ``carry.0.key``, ``carry.0.from`` and ``carry.0.value``, one empty."""
    questions = {row["key"]: row for row in (target or {}).get("questions", [])}
    shown: dict[str, str] = {}
    for number, (key, value) in enumerate([*filled.items(), ("", None)]):
        taken = value[1:] if isinstance(value, str) and value.startswith("=") else ""
        shown[f"{prefix}.{number}.key"] = key
        shown[f"{prefix}.{number}.from"] = taken
        shown[f"{prefix}.{number}.value"] = "" if taken else answer_shown(questions.get(key, {}), value, data)
    return shown


def read_filled(
    filled: Data,
    target: Data | None,
    said: Mapping[str, str],
    data: Data,
    prefix: str,
    sources: Mapping[str, str],
    faults: Faults,
) -> dict[str, Any]:
    """What is filled in as it was typed; a row without a question is taken out, an untouched one stays."""
    shown = filled_shown(filled, target, data, prefix)
    questions = {row["key"]: row for row in (target or {}).get("questions", [])}
    found: dict[str, Any] = {}
    for number, old in enumerate([*filled, ""]):
        names = [f"{prefix}.{number}.{name}" for name in ("key", "from", "value")]
        key, source, value = (plain(said.get(name, "")) for name in names)
        if old and [key, source, value] == [plain(shown[name]) for name in names]:
            found[old] = filled[old]
        elif key or (not old and (source or value)):
            try:
                found[key] = _filled_with(questions.get(key), source, value, data, sources)
            except Wrong as wrong:
                faults[names[2]] = wrong.sentence
    if len(found) > MOST_FILLED:
        faults[f"{prefix}.0.key"] = f"Fill in at most {MOST_FILLED} answers."
    return found


def _filled_with(
    question: Data | None, source: str, value: str, data: Data, sources: Mapping[str, str]
) -> Any:
    if question is None:
        raise Wrong("key", "Choose the question that is filled in.")
    if source and value:
        raise Wrong("value", "Take the answer over, or type one: not both.")
    if source:
        if source not in sources:
            raise Wrong("from", "Choose what is taken over from those offered.")
        return f"={source}"
    found = read_typed(question, value, data)
    if found is None:
        raise Wrong("value", f"Say what {quoted(question['label'])} is filled with.")
    return found


def sources_of(kind: Data) -> dict[str, str]:
    """What may be taken over from a ticket of this type, in words."""
    return {row["key"]: f"the answer to {quoted(row['label'])}" for row in kind.get("questions", [])} | HERE


def wrong_filled(filled: Data, target: Data, data: Data, kind: Data | None = None) -> list[str]:
    """What is wrong with it, each the end of a sentence; ``kind`` is the type whose answers may be taken
    over."""
    questions = {row["key"]: row for row in target["questions"]}
    known = {row["key"] for row in (kind or {}).get("questions", [])} | {*FACTS, *HERE}
    found = []
    for key, value in filled.items():
        if key not in questions:
            found.append(f"fills in “{key}”, which {target['name']} does not ask.")
        elif isinstance(value, str) and value.startswith("="):
            if kind is None or value[1:] not in known:
                found.append(f"takes over “{value[1:]}”, which nobody is asked.")
        elif wrong_answer(questions[key], value, data):
            label = quoted(questions[key]["label"])
            found.append(f"fills in {label} with what is no answer to it: “{str(value)[:40]}”.")
    return found
