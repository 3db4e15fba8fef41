"""The shape of every life cycle: one table of steps from which all else is read. Pure.

A table is a tuple of :class:`Step`. The same table feeds the buttons a person sees, the sentence
that refuses a step, the database trigger that refuses an illegal move, the tests and the diagrams
in ``docs/states.md``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from accounts.roles import Can, may, refusal

SYSTEM = "system"
"""The role of Holdline itself: nightly runs and sweeps act under it."""


@dataclass(frozen=True)
class Step:
    """One move: ``act`` takes a row from any status in ``source`` to ``target``.

    ``target`` is ``None`` when the step leaves the status as it is (a comment, an assignment).
    ``by`` is the capability a person needs; ``None`` means only Holdline itself makes the move.
    ``own`` lists the acts' weaker capability that suffices on one's own row.
    """

    act: str
    source: tuple[str, ...]
    target: str | None
    by: Can | None
    label: str
    own: Can | None = None


Table = tuple[Step, ...]


class Refused(Exception):
    """A step that cannot be taken now; ``str()`` is the sentence a person reads.

    ``code`` is ``"state"`` (409: the row is elsewhere in its life), ``"role"`` (403),
    ``"stale"`` (409: somebody else was first) or ``"unknown"`` (400: no such act).
    ``facts`` are what a program is told besides, by name.
    """

    def __init__(self, sentence: str, code: str = "state") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code
        self.facts: dict[str, Any] = {}


class Unfit(Exception):
    """What was typed cannot be kept: ``wrong`` says why, by field."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__("; ".join(wrong))
        self.wrong = dict(wrong)


def digest_of(seen: Any) -> str:
    """A short name of what a form has seen, to tell whether somebody changed it since."""
    return hashlib.sha256(json.dumps(seen, sort_keys=True, default=str).encode()).hexdigest()[:16]


class Person(Protocol):
    """Somebody who may do some things: more than a role, for a token may be made for less."""

    def may(self, capability: Can) -> bool:
        """Say whether they may do it."""
        ...


Who = Person | str
"""Who takes a step: a person, a role's name, or :data:`SYSTEM`."""


def permitted(step: Step, who: Who, *, owner: bool = False) -> bool:
    """Say whether they may take the step, on a row of their own when ``owner``."""
    if who == SYSTEM:
        return True
    if step.by is not None and _may(who, step.by):
        return True
    return owner and step.own is not None and _may(who, step.own)


def _may(who: Who, capability: Can) -> bool:
    return may(who, capability) if isinstance(who, str) else who.may(capability)


def steps_for(table: Table, status: str, who: Who, *, owner: bool = False) -> list[Step]:
    """List the steps they may take from this status, in the table's order."""
    return [step for step in table if status in step.source and permitted(step, who, owner=owner)]


def find_step(
    table: Table, act: str, status: str, who: Who, *, owner: bool = False, thing: str = "row"
) -> Step:
    """Find the step or raise :class:`Refused` with the sentence that says why not."""
    named = [step for step in table if step.act == act]
    if not named:
        known = ", ".join(dict.fromkeys(step.act for step in table))
        raise Refused(f"This is not something one does to a {thing}. It is one of: {known}.", "unknown")
    here = [step for step in named if status in step.source]
    if not any(permitted(step, who, owner=owner) for step in named):
        needed = named[0].by
        sentence = refusal(needed) if needed else f"Only Holdline itself does this to a {thing}."
        raise Refused(sentence, "role")
    if not here:
        allowed = " or ".join(dict.fromkeys(source for step in named for source in step.source))
        raise Refused(f"This {thing} is {status}; “{act}” needs it to be {allowed}.", "state")
    for step in here:
        if permitted(step, who, owner=owner):
            return step
    needed = here[0].by
    raise Refused(refusal(needed) if needed else f"Only Holdline itself does this to a {thing}.", "role")


def moves(table: Table) -> list[tuple[str, str]]:
    """Give every legal (from, to) pair of statuses, sorted, without the steps that stay."""
    pairs = {(source, step.target) for step in table for source in step.source if step.target}
    return sorted((a, b) for a, b in pairs if a != b)


def statuses(table: Table, first: str) -> list[str]:
    """List the statuses of a table in the order a row can meet them, ``first`` first."""
    seen = [first]
    for status in seen:
        reached = (step.target for step in table if status in step.source and step.target)
        seen.extend(target for target in reached if target not in seen)
    return seen


def diagram(title: str, table: Table, first: str) -> str:
    """Print one table as Markdown: a Mermaid state diagram and the list of steps."""
    lines = [f"## {title}", "", "```mermaid", "stateDiagram-v2", f"    [*] --> {first}"]
    lines += [
        f"    {source} --> {step.target}: {step.act}"
        for step in table
        for source in step.source
        if step.target and step.target != source
    ]
    lines += ["```", "", "| act | from | to | who |", "|---|---|---|---|"]
    lines += [
        f"| {step.act} | {', '.join(step.source)} | {step.target or 'stays'} | {_who(step)} |"
        for step in table
    ]
    return "\n".join(lines) + "\n"


def _who(step: Step) -> str:
    who = f"who may {step.by.value}" if step.by else "Holdline itself"
    return f"{who}; on one's own: who may {step.own.value}" if step.own else who


def illegal_move_sql(pairs: Iterable[tuple[str, str]], thing: str) -> str:
    """Write the trigger body that refuses a change of status outside the table.

    The pairs come from :func:`moves`, never from people, so they are written as literals.
    """
    listed = ", ".join(f"('{a}', '{b}')" for a, b in pairs)
    return (
        f"IF NEW.status IS DISTINCT FROM OLD.status AND (OLD.status, NEW.status) NOT IN ({listed}) THEN "  # noqa: S608
        f"RAISE EXCEPTION 'illegal move of a {thing}: % to %', OLD.status, NEW.status "
        "USING ERRCODE = 'HL409'; END IF; RETURN NEW;"
    )
