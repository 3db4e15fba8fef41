"""What an act of the board must be told: small forms, defaulted so that Enter confirms, for one or many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from escalations.domain.policy import Policy, TicketType, WaitReason
from escalations.models import Ticket
from escalations.policies import policy_of
from escalations.triage.rows import PLAIN, Proposed
from patients.domain.intake import Wrong

_MOST_COUNTED = 99
_TITLES = {
    "take": "Take {}",
    "start": "Start {}",
    "resume": "Resume {}",
    "acknowledge": "See to {}",
    "assign": "Assign {}",
    "wait": "Let {} wait",
    "resolve": "Resolve {}",
    "explain": "Why was {} late?",
    "cancel": "Cancel {}",
    "comment": "Add a note to {}",
    "decline": "Set the proposal on {} aside",
}
_SENDS = {
    "take": "Take",
    "start": "Start",
    "resume": "Resume",
    "acknowledge": "I see to it",
    "assign": "Assign",
    "wait": "Wait",
    "resolve": "Resolve",
    "explain": "Keep the reason",
    "cancel": "Cancel",
    "comment": "Add note",
    "decline": "Set aside",
}
Kinds = Sequence[tuple[Policy, TicketType]]


@dataclass(frozen=True)
class Field:
    """One field: ``kind`` is text, area, select or hidden; ``options`` are (value, words)."""

    name: str
    label: str
    kind: str
    value: str = ""
    options: Sequence[tuple[str, str]] = ()
    most: int = 200
    hint: str = ""
    error: str = ""


@dataclass(frozen=True)
class Ask:
    """The form of an act; ``stray`` is what is wrong with what no field of it asks."""

    act: str
    title: str
    send: str
    fields: Sequence[Field]
    stray: Sequence[str] = ()

    @property
    def problems(self) -> list[dict[str, str]]:
        """What is wrong, each with its field where it has one."""
        shown = [one for one in self.fields if one.error and one.kind != "hidden"]
        own = [{"message": one.error, "href": f"#{self.act}-{one.name}"} for one in shown]
        return own + [{"message": sentence, "href": ""} for sentence in self.stray]


def ask_of(
    act: str,
    what: str,
    kinds: Kinds,
    people: Sequence[User],
    *,
    proposals: Sequence[Proposed] = (),
    assignee: int | None = None,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, Wrong] | None = None,
) -> Ask:
    """The form of an act on ``what`` ("E-1003", "12 tickets"), with what was typed and what is wrong."""
    said, problems = typed or {}, wrong or {}
    fields = [
        Field(
            one.name, one.label, one.kind, said.get(one.name, one.value), one.options, one.most, one.hint,
            problems[one.name].sentence if one.name in problems else "",
        )
        for one in _fields(act, kinds, people, proposals, assignee)
    ]  # fmt: skip
    asked = {one.name for one in fields if one.kind != "hidden"}
    stray = [problem.sentence for name, problem in problems.items() if name not in asked]
    return Ask(act, _TITLES[act].format(what), _SENDS[act], fields, stray)


def kinds_of(tickets: Iterable[Ticket]) -> list[tuple[Policy, TicketType]]:
    """The types of these tickets, each as its own version of the policy has it (R-ALL-3)."""
    found: dict[tuple[int, str], tuple[Policy, TicketType]] = {}
    for ticket in tickets:
        policy = policy_of(ticket.policy_version)
        kind = policy.type(ticket.type)
        if kind is not None:
            found.setdefault((ticket.policy_version_id, ticket.type), (policy, kind))
    return list(found.values())


def _fields(
    act: str, kinds: Kinds, people: Sequence[Any], proposals: Sequence[Proposed], assignee: int | None
) -> list[Field]:
    note = Field("note", "Note", "area", most=10_000, hint="if it matters")
    if act in PLAIN:
        return []
    if act == "assign":
        free_first = sorted(people, key=lambda one: (one.load, str(one)))
        others = [one for one in free_first if one.pk != assignee]
        options = [(one.username, f"{one}, {_load(one.load)}") for one in others]
        return [Field("user", "To", "select", options[0][0] if options else "", options), note]
    if act == "wait":
        options = _waits(kinds)
        return [Field("reason", "For what", "select", options[0][0] if options else "", options), note]
    if act == "resolve":
        outcomes = _outcomes(kinds)
        first = outcomes[0] if outcomes else ""
        return [Field("outcome", "Outcome", "text", first, [(one, one) for one in outcomes], 120), note]
    if act == "explain":
        options = _late(kinds)
        return [Field("reason", "Because", "select", options[0][0] if options else "", options), note]
    if act == "decline":
        rules = [(one.rule, f"{one.rule}: {one.name}") for one in proposals]
        rule = Field(
            "rule",
            "Proposal",
            "select" if len(rules) > 1 else "hidden",
            rules[0][0] if rules else "",
            rules,
            24,
        )
        return [rule, Field("reason", "Why not", "text", most=300)]
    if act == "comment":
        return [Field("note", "What happened, or what is to be done", "area", most=10_000)]
    return [Field("reason", "Why", "text", most=200), note]


def _load(count: int) -> str:
    return f"{'99+' if count > _MOST_COUNTED else count} running"


def _waits(kinds: Kinds) -> list[tuple[str, str]]:
    """The reasons that every one of the types allows, else those of any; each says what the clock does."""
    rows = [{one.key: one for one in kind.waits} for _, kind in kinds]
    shared = [key for key in (rows[0] if rows else {}) if all(key in row for row in rows)]
    keys = shared or list(dict.fromkeys(key for row in rows for key in row))
    return [(key, _wait_words([row[key] for row in rows if key in row])) for key in keys]


def _wait_words(reasons: Sequence[WaitReason]) -> str:
    stops = {one.stops_clock for one in reasons}
    clock = "stands still" if stops == {True} else "keeps running" if stops == {False} else "as the type says"
    return f"{reasons[0].label}: the clock {clock}"


def _outcomes(kinds: Kinds) -> list[str]:
    rows = [kind.outcomes for _, kind in kinds]
    shared = [one for one in (rows[0] if rows else ()) if all(one in row for row in rows)]
    return shared or list(dict.fromkeys(one for row in rows for one in row))


def _late(kinds: Kinds) -> list[tuple[str, str]]:
    return [(one.key, one.label) for one in kinds[0][0].late_reasons] if kinds else []
