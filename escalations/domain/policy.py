"""What the policy data says: types, turnarounds, questions, rules and wait reasons. Pure.

:meth:`Policy.from_json` reads ``policy/policy.json`` or a stored version and refuses, naming the place,
what could not be worked with later. Everything here is frozen, so one parsed policy serves all threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from escalations.domain.answers import READERS
from escalations.domain.conditions import Condition, wrong_with
from escalations.domain.turnaround import Turnaround, TurnaroundError, describe

STRENGTHS = ("BLOCK", "REQUIRE", "ACK", "GUIDE", "SUGGEST", "FIELD", "ACTION")
REFUSING = frozenset({"BLOCK", "REQUIRE", "ACK"})
"""The strengths that keep a ticket from being filed."""
CHANNELS = ("phone", "email")
CALLERS = ("patient", "provider", "insurance_representative", "other")
FACTS = {"channel": "choice", "caller": "choice", "patient": "choice", "note": "text"}
"""What every filing has besides its answers, and may be named in conditions and needs."""
BESIDE = ("", "promise")
"""Where a rule may stand that is beside no question: nowhere in particular, or at the promise."""


class PolicyError(ValueError):
    """Policy data that cannot be worked with; the text names the place and says what is wrong."""


@dataclass(frozen=True)
class Question:
    """One question of a type. ``choices`` are (key, label); ``when`` says if it is asked at all."""

    key: str
    label: str
    kind: str
    choices: tuple[tuple[str, str], ...] = ()
    when: Condition | None = None
    hint: str = ""


@dataclass(frozen=True)
class Rule:
    """One guard rail. ``needs`` must be answered; ``refuse`` refuses when it holds.

    ``field`` is the question or fact it stands beside. ``deflect`` marks a rule that turns the caller
    away without a ticket, which is logged (R-ITEM-3). ``instead_unset`` is said while a value that
    ``instead`` names in braces has not been set.
    """

    id: str
    strength: str
    message: str
    instead: str = ""
    field: str = ""
    needs: tuple[str, ...] = ()
    when: Condition | None = None
    refuse: Condition | None = None
    deflect: bool = False
    instead_unset: str = ""


@dataclass(frozen=True)
class WaitReason:
    """Why a ticket may wait; ``words`` are those by which a reason typed in words is recognised.

    ``stops_clock`` is the type's answer to K9; waiting for an insurer never stops it for the types of K10.
    """

    key: str
    label: str
    words: tuple[str, ...]
    stops_clock: bool


@dataclass(frozen=True)
class TicketType:
    """One escalation type with everything that is particular to it."""

    key: str
    name: str
    urgency: str
    purpose: str
    turnarounds: tuple[tuple[str, Turnaround], ...]
    questions: tuple[Question, ...]
    rules: tuple[Rule, ...]
    waits: tuple[WaitReason, ...]
    outcomes: tuple[str, ...]

    def turnaround(self, channel: str) -> Turnaround:
        """The turnaround by this channel, else the one for any; the first one while no channel is known."""
        rows = dict(self.turnarounds)
        return rows.get(channel) or rows.get("any") or self.turnarounds[0][1]

    def needed(self) -> frozenset[str]:
        """The questions some rule always insists on."""
        return frozenset(
            key
            for rule in self.rules
            if rule.when is None and rule.strength in REFUSING
            for key in rule.needs
        )

    def label(self, key: str) -> str:
        """The words of a question or fact."""
        return next((q.label for q in self.questions if q.key == key), key.capitalize())

    def wait_reason(self, said: str) -> WaitReason | None:
        """The reason by its key, its label, or the first whose words are in what was said (K9)."""
        plain = said.strip().casefold()
        exact = (w for w in self.waits if plain in (w.key.casefold(), w.label.casefold()))
        spoken = (w for w in self.waits if any(word in plain for word in w.words))
        return next(exact, None) or next(spoken, None)


@dataclass(frozen=True)
class Policy:
    """A whole version of the policy."""

    types: tuple[TicketType, ...]
    reopen: Turnaround
    warnings: Mapping[str, Turnaround] = field(hash=False)
    grace_minutes: int = 15
    backdating_days: int = 30
    backdating_days_supervisor: int = 365

    def type(self, key: str) -> TicketType | None:
        """The type of this key."""
        return next((one for one in self.types if one.key == key), None)

    @classmethod
    def from_json(cls, data: Any) -> Policy:
        """Read the policy data; raises :class:`PolicyError`."""
        try:
            return _policy(cls, data)
        except (KeyError, TypeError, AttributeError) as missing:
            raise PolicyError(
                f"The policy has something missing or of the wrong kind: {missing!r}."
            ) from missing
        except TurnaroundError as wrong:
            raise PolicyError(f"The policy has a turnaround that cannot be: {wrong.message}") from wrong


def _policy(cls: type[Policy], data: dict[str, Any]) -> Policy:
    shared = tuple(_rule(row) for row in data["every_type"]["rules"])
    reasons = {row["key"]: row for row in data["wait_reasons"]}
    types = tuple(_type(row, shared, reasons) for row in data["types"])
    _once("type", (one.key for one in types))
    limits = data["limits"]
    return cls(
        types=types,
        reopen=_turnaround(data["reopen"]),
        warnings={unit: Turnaround(None, number, unit) for unit, number in data["warn_before"].items()},
        grace_minutes=_whole(limits["immediate_grace_minutes"]),
        backdating_days=_whole(limits["backdating_days"]),
        backdating_days_supervisor=_whole(limits["backdating_days_supervisor"]),
    )


def _type(row: dict[str, Any], shared: tuple[Rule, ...], reasons: dict[str, Any]) -> TicketType:
    questions = tuple(_question(one) for one in row["questions"])
    found = TicketType(
        key=row["key"],
        name=row["name"],
        urgency=row["urgency"],
        purpose=row["purpose"],
        turnarounds=tuple((one["channel"], _turnaround(one)) for one in row["turnarounds"]),
        questions=questions,
        rules=shared + tuple(_rule(one) for one in row["rules"]),
        waits=tuple(_wait(reasons[key], stops) for key, stops in row["waits"].items()),
        outcomes=tuple(row["outcomes"]),
    )
    _check_type(found)
    return found


def _question(row: dict[str, Any]) -> Question:
    choices = tuple((one["key"], one["label"]) for one in row.get("choices", []))
    if row["kind"] not in READERS:
        raise PolicyError(f"Question {row['key']}: the kind is one of {', '.join(READERS)}.")
    if row["kind"] in ("choice", "choices") and not choices:
        raise PolicyError(f"Question {row['key']}: a {row['kind']} has nothing to choose from.")
    return Question(row["key"], row["label"], row["kind"], choices, row.get("when"), row.get("hint", ""))


def _rule(row: dict[str, Any]) -> Rule:
    if row["strength"] not in STRENGTHS:
        raise PolicyError(f"Rule {row['id']}: the strength is one of {', '.join(STRENGTHS)}.")
    known = set(Rule.__dataclass_fields__)
    unknown = set(row) - known
    if unknown:
        raise PolicyError(f"Rule {row['id']}: {sorted(unknown)[0]} is nothing a rule has.")
    return Rule(**{**row, "needs": tuple(row.get("needs", ()))})


def _wait(row: dict[str, Any], stops: bool) -> WaitReason:
    return WaitReason(
        row["key"], row["label"], tuple(word.casefold() for word in row["words"]), stops is True
    )


def _turnaround(row: dict[str, Any]) -> Turnaround:
    return Turnaround(row["min"], row["max"], row["unit"])


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise PolicyError("The limits of the policy are whole numbers.")
    return value


def _check_type(found: TicketType) -> None:
    _once(f"question of {found.key}", (q.key for q in found.questions))
    _once(f"rule of {found.key}", (rule.id for rule in found.rules))
    if found.urgency not in ("normal", "urgent") or not found.turnarounds:
        raise PolicyError(f"Type {found.key}: needs an urgency (normal or urgent) and a turnaround.")
    kinds = {**FACTS, **{q.key: q.kind for q in found.questions}}
    for name, condition in _conditions(found):
        wrong = wrong_with(condition, kinds) if condition is not None else ""
        if wrong:
            raise PolicyError(f"{name} of {found.key}: {wrong}.")
    for rule in found.rules:
        strangers = [key for key in (*rule.needs, rule.field) if key not in {*kinds, *BESIDE}]
        if strangers:
            raise PolicyError(f"Rule {rule.id} of {found.key} names {strangers[0]}, which nobody is asked.")


def _conditions(found: TicketType) -> Iterable[tuple[str, Condition | None]]:
    for question in found.questions:
        yield f"Question {question.key}", question.when
    for rule in found.rules:
        yield f"Rule {rule.id}", rule.when
        yield f"Rule {rule.id}", rule.refuse


def _once(what: str, keys: Iterable[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise PolicyError(f"The {what} “{key}” stands twice.")
        seen.add(key)


def turnaround_rows(found: TicketType) -> list[dict[str, Any]]:
    """The turnarounds of a type as the API writes them, with the label in words (K4)."""
    return [
        {"channel": channel, "min": t.min, "max": t.max, "unit": t.unit, "label": describe(t)}
        for channel, t in found.turnarounds
    ]
