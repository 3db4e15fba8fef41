"""What each step must be told, read for form and API alike. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from escalations.domain.answers import LONGEST_TEXT, long_text
from escalations.domain.callbacks import LONGEST_NOTE, LONGEST_REASON, outcome
from escalations.domain.policy import TicketType, WaitReason
from patients.domain.intake import Reader, Wrong, text

COMMENT_ALIASES = ("text", "comment")
"""Other names under which a comment's words may come; they are kept as the note."""


def read_step(
    act: str, facts: Mapping[str, Any], ticket_type: TicketType
) -> tuple[dict[str, Any], dict[str, Wrong]]:
    """Read what a step was told: the clean facts, and what is wrong by field.

    ``wait`` gives the :class:`WaitReason` and the words in which it was said; ``assign`` gives ``user`` as
    it was sent, for only the database knows people.
    """
    given = _one_name(act, dict(facts))
    wanted: dict[str, Reader] = {"note": _note(act), **_wanted(act, ticket_type)}
    clean: dict[str, Any] = {}
    wrong = {
        _safe(name): Wrong("unknown", f"“{act}” does not take this. It takes: {', '.join(wanted)}.")
        for name in sorted(set(given) - set(wanted))[:20]
    }
    for name, read in wanted.items():
        try:
            clean[name] = read(given.get(name))
        except Wrong as problem:
            wrong[name] = problem
    return clean, wrong


def _one_name(act: str, facts: dict[str, Any]) -> dict[str, Any]:
    for alias in COMMENT_ALIASES if act == "comment" else ():
        if alias in facts and "note" not in facts:
            facts["note"] = facts.pop(alias)
    return facts


def _note(act: str) -> Reader:
    read = long_text("The note", LONGEST_TEXT)

    def needed(value: Any) -> str:
        found = read(value)
        if not found:
            raise Wrong("required", "Write what happened, in a line or two.")
        return found

    return needed if act in ("comment", "contact") else read


def wait_reason(ticket_type: TicketType) -> Callable[[Any], WaitReason]:
    """A reader of a reason to wait that the type allows, by its key or in words (K9)."""
    listed = "; ".join(f"{reason.key} ({reason.label.lower()})" for reason in ticket_type.waits)

    def read(value: Any) -> WaitReason:
        said = text("The reason", 200, required=True)(value)
        found = ticket_type.wait_reason(said)
        if found is None:
            raise Wrong("choice", f"{ticket_type.name} may wait for these reasons: {listed}.")
        return found

    return read


def _wait(ticket_type: TicketType) -> dict[str, Reader]:
    return {"reason": wait_reason(ticket_type)}


def _resolve(ticket_type: TicketType) -> dict[str, Reader]:
    return {"outcome": text("The outcome", 120, required=True)}


def _why(ticket_type: TicketType) -> dict[str, Reader]:
    return {"reason": text("The reason", 200)}


def _assign(ticket_type: TicketType) -> dict[str, Reader]:
    return {"user": _user}


def _user(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str) or len(str(value)) > 150:
        raise Wrong("type", "Say who, by username.")
    return text("The person", 150, required=True)(str(value))


def _dismiss(ticket_type: TicketType) -> dict[str, Reader]:
    return {
        "word": text("The word", 80, required=True),
        "reason": text("The reason", 300, required=True),
    }


def _merge(ticket_type: TicketType) -> dict[str, Reader]:
    return {"into": text("The ticket that goes on", 24, required=True)}


def _explain(ticket_type: TicketType) -> dict[str, Reader]:
    return {"reason": text("The reason", 80, required=True)}


def _call(ticket_type: TicketType) -> dict[str, Reader]:
    """How a try to call the patient ended; the reason is asked where a guard was gone past (R-DNC-2)."""
    return {
        "outcome": outcome,
        "note": long_text("The note", LONGEST_NOTE),
        "reason": text("The reason", LONGEST_REASON),
    }


def _decline(ticket_type: TicketType) -> dict[str, Reader]:
    return {
        "rule": text("The rule", 24, required=True),
        "reason": text("The reason", 300, required=True),
    }


_WANTED: dict[str, Callable[[TicketType], dict[str, Reader]]] = {
    "wait": _wait,
    "resolve": _resolve,
    "reopen": _why,
    "cancel": _why,
    "assign": _assign,
    "dismiss": _dismiss,
    "merge": _merge,
    "explain": _explain,
    "decline": _decline,
    "call": _call,
}


def _wanted(act: str, ticket_type: TicketType) -> dict[str, Reader]:
    readers = _WANTED.get(act)
    return readers(ticket_type) if readers else {}


def _safe(name: Any) -> str:
    plain = str(name)
    return plain[:40] if plain.isidentifier() and plain.isascii() else "unknown_field"
