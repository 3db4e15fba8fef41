"""What stands against publishing a policy, each in words with its place (K13). Pure.

A policy that contradicts itself is refused: a question that depends on a later one or on itself, a name of
something that is not there, a turnaround of zero, a required question that can never be asked, a rule that
refuses every ticket.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from escalations.domain.answers import READERS
from escalations.domain.conditions import holds
from escalations.domain.explain import quoted
from escalations.domain.policy import CHANNELS, FACTS, PolicyError
from escalations.domain.policy_filled import wrong_answer, wrong_filled
from escalations.domain.policy_names import kinds_of, lists_named, subjects_named, wrong_in
from escalations.domain.policy_possible import DAY, Cases
from escalations.domain.policy_problem import Problem
from escalations.domain.policy_reading import read_policy
from escalations.domain.policy_rule_checks import check_rules
from escalations.domain.policy_typed import required_of
from escalations.domain.turnaround import Turnaround, TurnaroundError

Data = Mapping[str, Any]
NEVER_PAUSED = ("appeal", "insurance-update", "medical-records", "stop-claim")
"""The types whose clock no wait for the insurer stops (K10)."""
_INSURER = "insurer"


def problems(data: Data) -> list[Problem]:
    """Everything that stands against publishing this policy by itself."""
    found = [problem for kind in data["types"] for problem in _of_type(kind, data)]
    found += check_rules({"key": "", "questions": [], "rules": data["every_type"]["rules"]}, data)
    found += _of_ways(data)
    found += [
        Problem(f"There are two types of the key “{key}”.", key)
        for key in _twice(row["key"] for row in data["types"])
    ]
    if not data["types"]:
        found.append(Problem("A policy has at least one type.", what="whole"))
    return found or _as_a_whole(data)


def _as_a_whole(data: Data) -> list[Problem]:
    """What the reading of a policy refuses besides."""
    try:
        read_policy(data)
    except (PolicyError, RecursionError) as wrong:
        return [Problem(str(wrong), what="whole")]
    return []


def _twice(keys: Iterable[str]) -> list[str]:
    return [key for key, count in Counter(keys).items() if count > 1]


def _of_type(kind: Data, data: Data) -> Iterator[Problem]:
    key, name = kind["key"], kind["name"]
    yield from (Problem(words, key) for words in _turnarounds(kind))
    if not kind["outcomes"]:
        yield Problem(f"{name} has no outcome: nobody could resolve a ticket of it.", key)
    known = {row["key"]: row["label"] for row in data["wait_reasons"]}
    for reason, stops in kind["waits"].items():
        if reason not in known:
            yield Problem(f"{name} allows waiting for “{reason}”, which is no reason there is.", key)
        elif reason == _INSURER and stops and key in NEVER_PAUSED:
            yield Problem(f"{name}: waiting for the insurer never stops its clock (K10).", key)
    types = {row["key"] for row in data["types"]}
    for near in kind.get("neighbours", []):
        if near["type"] not in types:
            yield Problem(f"{name} is told apart from “{near['type']}”, a type there is not.", key)
    article = kind.get("article", "")
    if article and article not in {row["key"] for row in data.get("articles", [])}:
        yield Problem(f"{name} names the article “{article}”, which there is not.", key)
    asked = list(_questions(kind, data))
    yield from asked
    yield from check_rules(kind, data, sound=not asked)


def _turnarounds(kind: Data) -> Iterator[str]:
    name, rows = kind["name"], kind["turnarounds"]
    for channel in _twice(row["channel"] for row in rows):
        yield f"{name} states two turnarounds for {channel}."
    for row in rows:
        try:
            Turnaround(row["min"], row["max"], row["unit"])
        except TurnaroundError as wrong:
            where = "" if row["channel"] == "any" else f" by {row['channel']}"
            yield f"{name} has a turnaround{where} that cannot be. {wrong.message}"
    said = {row["channel"] for row in rows}
    for channel in CHANNELS:
        if not said & {"any", channel}:
            yield f"{name} does not say how long it takes by {channel}."


def _questions(kind: Data, data: Data) -> Iterator[Problem]:
    name, rows = kind["name"], kind["questions"]
    keys = [row["key"] for row in rows]
    for key in _twice([*keys, *FACTS]):
        yield _asked(kind, key, f"{name} has “{key}” twice among its questions and facts.")
    kinds, lists = kinds_of(kind), data.get("lists", {})
    labels = {row["key"]: quoted(row["label"]) for row in rows}
    types = {row["key"] for row in data["types"]}
    broken = set()
    for row in rows:
        words = quoted(row["label"])
        if row["kind"] not in READERS:
            yield _asked(kind, row["key"], f"{name}: {words} is of a kind there is not, “{row['kind']}”.")
        if row.get("choices_from", "") not in ("", *lists):
            yield _asked(kind, row["key"], f"{name}: {words} takes its answers from a list there is not.")
        elif row["kind"] in ("choice", "choices") and not Cases(kind, data).options(row["key"]):
            yield _asked(kind, row["key"], f"{name}: {words} offers nothing to choose.")
        elif row.get("default") is not None and wrong_answer(row, row["default"], data):
            yield _asked(kind, row["key"], f"{name}: {words} is taken to be what is no answer to it.")
        if row.get("of_type") and row["of_type"] not in types:
            yield _asked(kind, row["key"], f"{name}: {words} names a ticket of a type there is not.")
        wrong = _wrong_when(row, kinds, labels, lists)
        if wrong:
            broken.add(row["key"])
            yield _asked(kind, row["key"], f"{name}: {words} {wrong}")
    if not broken and not _twice(keys):
        yield from _never_asked(kind, data)


def _asked(kind: Data, key: str, words: str) -> Problem:
    return Problem(words, kind["key"], "question", key)


def _wrong_when(
    row: Data, kinds: Mapping[str, str], labels: Mapping[str, str], lists: Mapping[str, Any]
) -> str:
    """What is wrong with when a question is asked, as the end of a sentence."""
    keys = list(labels)
    when = row.get("when")
    if when is None:
        return ""
    named = [one.partition(".")[0] for one in subjects_named(when)]
    missing = next((one for one in named if one not in kinds and one not in keys), "")
    if missing:
        return f"is asked because of “{missing}”, which nobody is asked."
    gone = next((one for one in lists_named(when) if one not in lists), "")
    if gone:
        return f"looks at the list “{gone}”, which there is not."
    place = keys.index(row["key"])
    if row["key"] in named:
        return "depends on itself, so it can never be asked."
    later = next((one for one in named if one in keys and keys.index(one) > place), "")
    if later:
        return (
            f"depends on {labels[later]}, which is asked after it. Move it below, or take the condition out."
        )
    return f"has a condition that cannot be read: {wrong}." if (wrong := wrong_in(when, kinds, lists)) else ""


def _never_asked(kind: Data, data: Data) -> Iterator[Problem]:
    cases, required = Cases(kind, data), required_of(kind)
    for row in kind["questions"]:
        when = cases.whens[row["key"]]
        found = cases.of([when]) if when is not None else None
        if found is not None and not any(holds(when, known, DAY) for known in found):
            must = "is required and" if row["key"] in required else "is there but"
            why = "can never be asked: nothing fulfils its condition."
            yield _asked(kind, row["key"], f"{kind['name']}: {quoted(row['label'])} {must} {why}")


def _of_ways(data: Data) -> Iterator[Problem]:
    """“Which ticket?”: every way leads somewhere, none in a circle (R-X-9)."""
    forks = {row["key"]: row for row in data.get("which_ticket", [])}
    types = {row["key"]: row for row in data["types"]}
    for fork in forks.values():
        for way in fork["ways"]:
            place = f"“Which ticket?”, the answer {quoted(way['label'])}"
            if sum(bool(way.get(one)) for one in ("ask", "type", "none")) != 1:
                yield Problem(
                    f"{place} leads to more than one thing, or to none.", what="which", name=fork["key"]
                )
            elif way.get("ask") and way["ask"] not in forks:
                yield Problem(
                    f"{place} leads to a question there is not, “{way['ask']}”.",
                    what="which",
                    name=fork["key"],
                )
            elif way.get("type") and way["type"] not in types:
                yield Problem(
                    f"{place} leads to a type there is not, “{way['type']}”.", what="which", name=fork["key"]
                )
            elif way.get("type"):
                wrong = wrong_filled(way.get("prefill", {}), types[way["type"]], data)
                yield from (Problem(f"{place} {words}", what="which", name=fork["key"]) for words in wrong)
    circle = _circle(forks)
    if circle:
        said = f"“Which ticket?” leads from {quoted(forks[circle]['label'])} back to it."
        yield Problem(said, what="which", name=circle)


def _circle(forks: Mapping[str, Data]) -> str:
    """A question that leads back to itself, or an empty text."""
    for start in forks:
        seen, todo = set(), [start]
        while todo:
            for way in forks[todo.pop()]["ways"]:
                ask = way.get("ask", "")
                if ask == start:
                    return start
                if ask in forks and ask not in seen:
                    seen.add(ask)
                    todo.append(ask)
    return ""
