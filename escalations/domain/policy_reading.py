"""Reading the policy data: what could not be worked with later is refused here, naming the place. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from escalations.domain.answers import READERS
from escalations.domain.conditions import Condition, wrong_with
from escalations.domain.keywords import Watched
from escalations.domain.ladder import RUNGS, SHIPPED, Rung
from escalations.domain.policy import (
    BESIDE,
    EFFECTS,
    FACTS,
    LINKED,
    PREFILLS,
    STRENGTHS,
    Article,
    Fork,
    Item,
    Listing,
    Neighbour,
    Policy,
    PolicyError,
    Question,
    Rule,
    Term,
    TicketType,
    WaitReason,
    Way,
)
from escalations.domain.policy_off import without_ways_to_off
from escalations.domain.turnaround import Turnaround, TurnaroundError

Lists = Mapping[str, Listing]
_OF_LIST = {"in_list": "in", "says_list": "says"}
_CHOOSE = ("choice", "choices")


def read_policy(data: Any) -> Policy:
    """A whole policy from its data; raises :class:`PolicyError`."""
    try:
        return _policy(data)
    except (KeyError, TypeError, AttributeError) as missing:
        raise PolicyError(f"The policy has something missing or of the wrong kind: {missing!r}.") from missing
    except TurnaroundError as wrong:
        raise PolicyError(f"The policy has a turnaround that cannot be: {wrong.message}") from wrong


def _policy(data: dict[str, Any]) -> Policy:
    lists = {key: _listing(key, row) for key, row in data.get("lists", {}).items()}
    shared = [_rule(row, lists) for row in data["every_type"]["rules"]]
    reasons = {row["key"]: row for row in data["wait_reasons"]}
    types = tuple(_type(row, shared, reasons, lists) for row in data["types"])
    _once("type", (one.key for one in types))
    limits = data["limits"]
    policy = Policy(
        types=types,
        reopen=_turnaround(data["reopen"]),
        warnings={unit: Turnaround(None, number, unit) for unit, number in data["warn_before"].items()},
        grace_minutes=_whole(limits["immediate_grace_minutes"]),
        backdating_days=_whole(limits["backdating_days"]),
        backdating_days_supervisor=_whole(limits["backdating_days_supervisor"]),
        waiting_days=_whole(limits.get("waiting_days", Policy.waiting_days)),
        ladder=_ladder(data.get("ladder")),
        lists=lists,
        which=tuple(_fork(row) for row in data.get("which_ticket", [])),
        articles=tuple(Article(**row) for row in data.get("articles", [])),
        glossary=tuple(Term(**row) for row in data.get("glossary", [])),
    )
    _check_names(policy)
    _check_ways(policy)
    return without_ways_to_off(policy)


def _ladder(rows: Any) -> tuple[Rung, ...]:
    """Who is told one after the other; a policy that says nothing has the shipped ladder (K15)."""
    if rows is None:
        return SHIPPED
    found = tuple(Rung(row["who"], _whole(row["after_staffed_hours"])) for row in rows)
    _once("rung of the ladder", (one.who for one in found))
    if not found or any(one.who not in RUNGS for one in found):
        raise PolicyError(f"The ladder has one or more of these rungs: {', '.join(RUNGS)}.")
    return found


# Lists


def _listing(key: str, row: dict[str, Any]) -> Listing:
    for one in row["items"]:
        _only_known(f"The list {key}", one, Item)
    items = tuple(
        Item(_text(one["key"]), _text(one["label"]), tuple(one.get("also", ())), one.get("value", ""))
        for one in row["items"]
    )
    _once(f"entry of the list {key}", (one.key for one in items))
    return Listing(key, row["label"], row.get("about", ""), items, row.get("own", False) is True)


def _listed(lists: Lists, key: str, place: str) -> Listing:
    if key not in lists:
        raise PolicyError(f"{place} names the list “{key}”, which there is not.")
    return lists[key]


def _expanded(condition: Any, lists: Lists, place: str) -> Any:
    """A condition with the words of the lists it names written out."""
    if isinstance(condition, list):
        return [_expanded(part, lists, place) for part in condition]
    if not isinstance(condition, dict):
        return condition
    found: dict[str, Any] = {}
    for name, operand in condition.items():
        if name in _OF_LIST:
            words = _listed(lists, operand, place).watched
            found[_OF_LIST[name]] = [form for one in words for form in one.forms]
        else:
            found[name] = _expanded(operand, lists, place) if isinstance(operand, dict | list) else operand
    return found


# Types


def _type(row: dict[str, Any], shared: list[Rule], reasons: dict[str, Any], lists: Lists) -> TicketType:
    _only_known(f"Type {row['key']}", row, TicketType, extra=("neighbours",))
    found = TicketType(
        key=_text(row["key"]),
        name=_text(row["name"]),
        urgency=row["urgency"],
        purpose=_text(row["purpose"]),
        turnarounds=tuple((one["channel"], _turnaround(one)) for one in row["turnarounds"]),
        questions=tuple(_question(one, lists) for one in row["questions"]),
        rules=(*shared, *(_rule(one, lists) for one in row["rules"])),
        waits=tuple(_wait(reasons[key], stops) for key, stops in row["waits"].items()),
        outcomes=tuple(_text(one) for one in row["outcomes"]),
        also=tuple(_text(one) for one in row.get("also", ())),
        guide=tuple(_text(one) for one in row.get("guide", ())),
        neighbours=tuple(Neighbour(**one) for one in row.get("neighbours", ())),
        article=row.get("article", ""),
        off=row.get("off", False) is True,
    )
    _check_type(found)
    return found


def _question(row: dict[str, Any], lists: Lists) -> Question:
    place = f"Question {row['key']}"
    _only_known(place, row, Question, extra=("choices_from",))
    choices: tuple[tuple[str, str], ...] = ()
    if "choices_from" in row:
        choices = tuple((one.key, one.label) for one in _listed(lists, row["choices_from"], place).items)
    choices += tuple((_text(one["key"]), _text(one["label"])) for one in row.get("choices", []))
    if row["kind"] not in READERS:
        raise PolicyError(f"{place}: the kind is one of {', '.join(READERS)}.")
    if row["kind"] in _CHOOSE and not choices:
        raise PolicyError(f"{place}: a {row['kind']} has nothing to choose from.")
    if row.get("prefill", "") not in ("", *PREFILLS):
        raise PolicyError(f"{place}: it can be filled with {', '.join(PREFILLS)}.")
    _once(f"choice of the question {row['key']}", (key for key, _ in choices))
    plain = {name: row[name] for name in ("hint", "default", "prefill", "of_type", "suffix") if name in row}
    when = _expanded(row.get("when"), lists, place)
    return Question(_text(row["key"]), _text(row["label"]), row["kind"], choices, when, **plain)


def _rule(row: dict[str, Any], lists: Lists) -> Rule:
    place = f"Rule {row['id']}"
    _only_known(place, row, Rule)
    if row["strength"] not in STRENGTHS:
        raise PolicyError(f"{place}: the strength is one of {', '.join(STRENGTHS)}.")
    if row.get("effect", "") not in ("", *EFFECTS) or (row.get("effect") and row["strength"] != "ACTION"):
        raise PolicyError(f"{place}: an ACTION alone has an effect, one of {', '.join(EFFECTS)}.")
    conditions = {name: _expanded(row.get(name), lists, place) for name in ("when", "refuse")}
    watch: tuple[Watched, ...] = _listed(lists, row["watch"], place).watched if row.get("watch") else ()
    return Rule(**{**row, **conditions, "watch": watch, "needs": tuple(row.get("needs", ()))})


def _wait(row: dict[str, Any], stops: bool) -> WaitReason:
    return WaitReason(
        row["key"], row["label"], tuple(word.casefold() for word in row["words"]), stops is True
    )


def _turnaround(row: dict[str, Any]) -> Turnaround:
    return Turnaround(row["min"], row["max"], row["unit"])


def _fork(row: dict[str, Any]) -> Fork:
    ways = tuple(Way(**one) for one in row["ways"])
    return Fork(_text(row["key"]), _text(row["label"]), row.get("hint", ""), ways)


# What must fit together


def _check_type(found: TicketType) -> None:
    _once(f"question of {found.key}", (q.key for q in found.questions))
    _once(f"question or fact of {found.key}", (*FACTS, *(q.key for q in found.questions)))
    _once(f"rule of {found.key}", (f"{rule.id} {rule.part}".strip() for rule in found.rules))
    _once(f"tick of {found.key}", (rule.id for rule in found.rules if rule.strength == "ACK"))
    if found.urgency not in ("normal", "urgent") or not found.turnarounds:
        raise PolicyError(f"Type {found.key}: needs an urgency (normal or urgent) and a turnaround.")
    kinds = _kinds(found)
    for name, condition in _conditions(found):
        wrong = wrong_with(condition, kinds) if condition is not None else ""
        if wrong:
            raise PolicyError(f"{name} of {found.key}: {wrong}.")
    for rule in found.rules:
        strangers = [key for key in (*rule.needs, rule.field) if key not in {*kinds, *BESIDE}]
        if strangers:
            raise PolicyError(f"Rule {rule.id} of {found.key} names {strangers[0]}, which nobody is asked.")
    _check_order(found)


def _kinds(found: TicketType) -> dict[str, str]:
    kinds = {**FACTS, **{q.key: q.kind for q in found.questions}}
    linked = (q.key for q in found.questions if q.kind == "ticket")
    return kinds | {f"{key}.{name}": kind for key in linked for name, kind in LINKED.items()}


def _check_order(found: TicketType) -> None:
    """A question may depend only on those before it: whether it is asked is then never a circle."""
    before = set(FACTS)
    for question in found.questions:
        later = [name for name in _named_in(question.when) if name.partition(".")[0] not in before]
        if later:
            raise PolicyError(
                f"Question {question.key} of {found.key} depends on “{later[0]}”, which is asked after it."
            )
        before.add(question.key)


def _named_in(condition: Any) -> Iterable[str]:
    if isinstance(condition, list):
        for part in condition:
            yield from _named_in(part)
    elif isinstance(condition, dict):
        if "of" in condition:
            yield condition["of"]
        for name in ("all", "any", "not"):
            yield from _named_in(condition.get(name))


def _conditions(found: TicketType) -> Iterable[tuple[str, Condition | None]]:
    for question in found.questions:
        yield f"Question {question.key}", question.when
    for rule in found.rules:
        yield f"Rule {rule.id}", rule.when
        yield f"Rule {rule.id}", rule.refuse


def _check_names(policy: Policy) -> None:
    """Types, articles and answers that are named elsewhere must be there."""
    keys = {one.key: one for one in policy.types}
    articles = {one.key for one in policy.articles}
    for found in policy.types:
        named = [q.of_type for q in found.questions if q.of_type]
        named += [one.type for one in found.neighbours]
        for key in named:
            if key not in keys:
                raise PolicyError(f"Type {found.key} names the type “{key}”, which there is not.")
        if found.article and found.article not in articles:
            raise PolicyError(f"Type {found.key} names the article “{found.article}”, which there is not.")
        for rule in found.rules:
            _check_suggestion(f"Rule {rule.id} of {found.key}", rule.suggest, rule.carry, keys)


def _check_suggestion(
    place: str, type_key: str, answers: Mapping[str, Any], keys: Mapping[str, TicketType]
) -> None:
    if not type_key:
        return
    if type_key not in keys:
        raise PolicyError(f"{place} suggests the type “{type_key}”, which there is not.")
    strangers = [name for name in answers if keys[type_key].question(name) is None]
    if strangers:
        raise PolicyError(f"{place} fills “{strangers[0]}”, which {keys[type_key].name} does not ask.")


def _check_ways(policy: Policy) -> None:
    """Every way leads on, no way leads in a circle, and each ends in a type or in what to do instead
    (R-X-9)."""
    forks = {fork.key: fork for fork in policy.which}
    _once("question of Which ticket", (fork.key for fork in policy.which))
    for fork in policy.which:
        for way in fork.ways:
            place = f"“{way.label}” of Which ticket"
            if sum(map(bool, (way.ask, way.type, way.none))) != 1:
                raise PolicyError(f"{place} leads to one of: a question, a type, no ticket.")
            if way.ask and way.ask not in forks:
                raise PolicyError(f"{place} leads to the question “{way.ask}”, which there is not.")
            _check_suggestion(place, way.type, way.prefill, {one.key: one for one in policy.types})
    if policy.which:
        _walk(policy.which[0].key, forks, ())


def _walk(key: str, forks: Mapping[str, Fork], passed: tuple[str, ...]) -> None:
    if key in passed:
        raise PolicyError(f"Which ticket: the question “{key}” leads back to itself.")
    for way in forks[key].ways:
        if way.ask:
            _walk(way.ask, forks, (*passed, key))


def _only_known(place: str, row: dict[str, Any], kind: Any, *, extra: tuple[str, ...] = ()) -> None:
    unknown = set(row) - set(kind.__dataclass_fields__) - set(extra)
    if unknown:
        raise PolicyError(f"{place}: “{sorted(unknown)[0]}” is nothing that is known here.")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise PolicyError(f"Where words belong stands {value!r}. Write it in quotation marks.")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise PolicyError("The limits of the policy are whole numbers.")
    return value


def _once(what: str, keys: Iterable[str]) -> None:
    for key, count in Counter(keys).items():
        if count > 1:
            raise PolicyError(f"The {what} “{key}” stands twice.")
