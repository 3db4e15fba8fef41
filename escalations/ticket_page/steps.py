"""The steps on a ticket's page: which stand where, and what each asks before it is taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from escalations.domain.policy import TicketType
from escalations.models import Ticket
from escalations.policies import policy_of
from escalations.ticket_page.companions import Companion
from patients.domain.intake import Wrong

SIMPLE = ("take", "start", "resume", "acknowledge")
"""Steps taken by one button."""
HEAD = ("take", "start", "resume", "wait", "assign", "reopen", "resolve")
"""Steps that stand as buttons beside the title; the chief one comes last."""
MENU = ("merge", "retype", "cancel")
"""Steps that stand in the menu: they change what the ticket is."""
BESIDE = ("explain",)
"""Steps that ask in a dialog, opened from where they belong."""
INTO_OTHER = "into_number"
"""The field for a ticket that is not on the list of those to merge into."""
_KEYS = {
    "take": "t", "start": "s", "wait": "w", "resume": "w", "resolve": "r", "reopen": "o", "assign": "a",
    "merge": "m", "retype": "y",
}  # fmt: skip
_SENDS = {"explain": "Keep the reason", "merge": "Merge", "cancel": "Cancel the ticket"}
_TITLES = {
    "explain": "Why was {number} late?",
    "wait": "Let {number} wait",
    "assign": "Give {number} to somebody",
    "merge": "Merge {number}",
}


@dataclass(frozen=True)
class Button:
    """A step as it is offered; ``asks`` when it opens a form first, ``page`` when it has its own page."""

    act: str
    label: str
    asks: bool
    key: str
    variant: str
    page: bool = False


@dataclass(frozen=True)
class Option:
    """One answer to choose, with what it brings."""

    value: str
    label: str
    note: str = ""
    chosen: bool = False


@dataclass(frozen=True)
class Field:
    """One field of a step's form. ``kind``: text, area, choices (one is chosen), select."""

    id: str
    name: str
    label: str
    kind: str = "text"
    value: str = ""
    options: tuple[Option, ...] = ()
    hint: str = ""
    wrong: str = ""
    most: int = 200
    listed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """What a step asks: ``says`` tells what will be, before anything is sent."""

    act: str
    label: str
    title: str
    send: str
    says: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Known:
    """What the forms are made from: the ticket, its type, and what only some steps need."""

    ticket: Ticket
    type: TicketType
    people: Iterable[Any] = ()
    companions: Iterable[Companion] = ()
    says: Mapping[str, str] = field(default_factory=dict)


def buttons(acts: Mapping[str, str]) -> tuple[list[Button], list[Button]]:
    """The steps beside the title and those of the menu, from the acts a person may take and their labels.

    A menu of one step is not worth opening: it stands quietly before the others.
    """
    head = [act for act in HEAD if act in acts]
    menu = [act for act in MENU if act in acts]
    chief = head[-1] if head and head[-1] == "resolve" else (head[0] if head else "")
    head.sort(key=lambda act: act == chief)
    made = [_button(act, acts[act], "primary" if act == chief else "plain") for act in head]
    if len(menu) == 1:
        return [_button(menu[0], acts[menu[0]], "quiet"), *made], []
    return made, [_button(act, acts[act], "quiet") for act in menu]


def _button(act: str, label: str, variant: str) -> Button:
    return Button(act, label, act not in SIMPLE, _KEYS.get(act, ""), variant, page=act == "retype")


def form_of(
    act: str,
    label: str,
    known: Known,
    typed: Mapping[str, Any] | None = None,
    wrong: Mapping[str, Wrong] = {},
) -> Form:
    """What a step asks, with what was typed into it and what is wrong with that."""
    asks = _ASKS.get(act, _why)
    said = typed or {}
    told = {name: one.sentence for name, one in wrong.items()}
    fields = [*asks(act, known, said, told), _note(act, said, told)]
    title = _TITLES.get(act, f"{label} {{number}}").format(number=known.ticket.number)
    return Form(act, label, title, _SENDS.get(act, label), known.says.get(act, ""), tuple(fields))


Said = Mapping[str, Any]
Told = Mapping[str, str]


def _text(act: str, name: str, label: str, said: Said, told: Told, **more: Any) -> Field:
    value = str(said.get(name) or "")
    return Field(f"{act}-{name}", name, label, **{"value": value, "wrong": told.get(name, ""), **more})


def _note(act: str, said: Said, told: Told) -> Field:
    return _text(act, "note", "Note", said, told, kind="area", hint="if it matters", most=10_000)


def _why(act: str, known: Known, said: Said, told: Told) -> list[Field]:
    return [_text(act, "reason", "Why", said, told)]


def _wait(act: str, known: Known, said: Said, told: Told) -> list[Field]:
    """The reasons the type allows; each says whether the clock stops (K9, K10)."""
    chosen = said.get("reason") or (known.type.waits[0].key if len(known.type.waits) == 1 else "")
    options = tuple(
        Option(
            one.key,
            one.label,
            "the clock stands still until it is resumed" if one.stops_clock else "the clock keeps running",
            chosen == one.key,
        )
        for one in known.type.waits
    )
    return [_text(act, "reason", "What does it wait for?", said, told, kind="choices", options=options)]


def _resolve(act: str, known: Known, said: Said, told: Told) -> list[Field]:
    outcomes = known.type.outcomes
    value = str(said["outcome"]) if "outcome" in said else (outcomes[0] if outcomes else "")
    outcome = _text(act, "outcome", "Outcome", said, told, value=value, listed=outcomes, most=120)
    return [outcome]


def _assign(act: str, known: Known, said: Said, told: Told) -> list[Field]:
    """People by name, each with how many running tickets they have."""
    options = tuple(
        Option(one.username, f"{one} ({one.role}), {one.load} open", "", said.get("user") == one.username)
        for one in known.people
    )
    return [_text(act, "user", "To", said, told, kind="select", options=options)]


def _merge(act: str, known: Known, said: Said, told: Told) -> list[Field]:
    """The patient's other running tickets to choose from, and a number for one that is not listed (K16)."""
    number = str(said.get(INTO_OTHER) or "")
    into = said.get("into") or ""
    options = tuple(
        Option(one.number, f"{one.number}, {one.name}", one.says, not number and into == one.number)
        for one in known.companions
    )
    listed = bool(options)
    value = number or ("" if any(one.chosen for one in options) else str(into))
    other = _text(
        act,
        INTO_OTHER if listed else "into",
        "Or another by its number" if listed else "The ticket that goes on, by its number",
        said,
        {} if listed else told,
        value=value,
        most=24,
    )
    if not listed:
        return [other]
    choose = _text(act, "into", "Which ticket goes on?", said, told, kind="choices", options=options)
    return [choose, other]


def _explain(act: str, known: Known, said: Said, told: Told) -> list[Field]:
    """The reasons of the policy (R-X-8)."""
    options = tuple(
        Option(one.key, one.label, "", said.get("reason") == one.key)
        for one in policy_of(known.ticket.policy_version).late_reasons
    )
    return [_text(act, "reason", "What kept it?", said, told, kind="choices", options=options)]


_ASKS = {
    "wait": _wait,
    "resolve": _resolve,
    "assign": _assign,
    "merge": _merge,
    "explain": _explain,
}


def facts_in(act: str, facts: dict[str, str]) -> dict[str, str]:
    """What a form sent, in the names of the step: a number that was typed wins over a choice on the list."""
    if act != "merge" or INTO_OTHER not in facts:
        return facts
    said = {name: value for name, value in facts.items() if name != INTO_OTHER}
    return {**said, "into": facts[INTO_OTHER].strip() or facts.get("into", "")}
