"""Ids that stand inside other columns, written anew, and what is different in the new company. Pure.

Every function is called twice for a row: first with keys that only note what is asked for, then with keys
that know the answers; so what thousands of ids are now is one question.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode

_ID = re.compile(r"[0-9]{1,18}", re.ASCII)
_FILE_NAME = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
_FACTS = {
    "event": "escalations.TicketEvent",
    "bulk": "escalations.TicketEvent",
    "alarm": "escalations.Ticket",
    "warning": "escalations.Ticket",
    "breach": "escalations.Ticket",
    "proposal": "escalations.Proposal",
    "reclocking": "escalations.Reclocking",
}
"""Of what a notice's fact names the number, by the word it begins with."""
_BEFORE = "before"
_IN_QUERY = {"assignee": "accounts.User", "payer": "patients.Payer"}
_TOLD = ("user", "who", "act", "reason", "run", "company")
"""What a context of the history says; anything else of it stays behind."""
LONGEST_NOTE = 300


class Keys(Protocol):
    """What became of ids and names; None for what did not come along."""

    def new(self, model: str, old: int) -> int | None: ...

    def name(self, old: str) -> str | None: ...


def _id_of(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    return int(value) if _ID.fullmatch(str(value)) else None


def _new(value: Any, model: str, keys: Keys) -> Any:
    """The new id, in the type of the old; None for what is no id, or of nothing that came along."""
    old = _id_of(value)
    found = keys.new(model, old) if old is not None else None
    return str(found) if found is not None and isinstance(value, str) else found


def ids(model: str) -> Callable[[Any, Keys], Any]:
    """A list of ids of one table."""

    def rewrite(value: Any, keys: Keys) -> Any:
        found = [_new(one, model, keys) for one in value or ()]
        return [one for one in found if one is not None]

    return rewrite


def skipped(value: Any, keys: Keys) -> Any:
    """What an act left alone: ``{id, claim, why}`` each, the id of a hold."""
    return [
        {**one, "id": _new(one.get("id"), "deductibles.Hold", keys)} if isinstance(one, dict) else one
        for one in value or ()
    ]


def file_name(value: Any, keys: Keys) -> Any:
    """The random name of an attachment, which is the only one of its kind anywhere."""
    return keys.name(value) if isinstance(value, str) and _FILE_NAME.fullmatch(value) else value


def file_names(value: Any, keys: Keys) -> Any:
    """Names of attachments among answers, wherever they stand."""
    if isinstance(value, dict):
        return {key: file_names(one, keys) for key, one in value.items()}
    if isinstance(value, list):
        return [file_names(one, keys) for one in value]
    found = file_name(value, keys)
    return value if found is None else found


def typed(value: Any, keys: Keys) -> Any:
    """The fields of a form that was kept: the patient by id, attachments by name."""
    said = file_names(value, keys)
    if isinstance(said, dict) and isinstance(said.get("patient"), list):
        said["patient"] = [
            one if not one else _new(one, "patients.Patient", keys) or "" for one in said["patient"]
        ]
    return said


def fact(value: Any, keys: Keys) -> Any:
    """The key of what somebody was told: ``breach:117:1:20261130T235723`` names ticket 117."""
    word, _, rest = str(value).partition(":")
    number, sign, more = rest.partition(":")
    model = _FACTS.get(word)
    found = _new(number, model, keys) if model else None
    if found is not None:
        return f"{word}:{found}{sign}{more}"
    # What did not come along is told once all the same, and is mistaken for nothing else.
    return value if word == _BEFORE else f"{_BEFORE}:{value}"[:80]


def query(value: Any, keys: Keys) -> Any:
    """The filters of a list, as an address has them; one for whoever did not come along goes."""
    pairs = parse_qsl(str(value or ""), keep_blank_values=True)
    if not any(name in _IN_QUERY for name, _ in pairs):
        return value
    found = [(name, _new(one, _IN_QUERY[name], keys) if name in _IN_QUERY and _id_of(one) else one)
             for name, one in pairs]  # fmt: skip
    return urlencode([(name, one) for name, one in found if one is not None])


def context(value: Any, keys: Keys) -> Any:
    """Who did what, why, in which run and for which company: its own, or it is not said."""
    if not isinstance(value, dict):
        return {}
    facts = {name: value[name] for name in _TOLD if name in value}
    for name, model in (("user", "accounts.User"), ("run", "work.Run"), ("company", "accounts.Company")):
        if facts.get(name) is not None:
            facts[name] = _new(facts[name], model, keys)
    return facts


# --- what is different in the new company ------------------------------------------------------------


def without_rights(row: dict[str, Any]) -> dict[str, Any]:
    """A person comes with a role and nothing that Django would let them do besides."""
    return {**row, "is_staff": False, "is_superuser": False}


def not_connected(row: dict[str, Any]) -> dict[str, Any]:
    """A connection comes without its secret, and so without its address: nobody is asked without signing in.

    Where it led stands in the notes, for whoever enters both again.
    """
    led = f"Before the move: {row['address']}" if row.get("address") else ""
    notes = ". ".join(part for part in (led, row.get("notes") or "") if part)
    return {**row, "address": "", "secret": "", "secret_set_at": None, "secret_set_by_id": None,
            "from_environment": False, "notes": notes[:LONGEST_NOTE]}  # fmt: skip


def stopped_run(row: dict[str, Any]) -> dict[str, Any]:
    """A version still being put over tickets comes stopped: an admin goes on with it or undoes it."""
    under_way = row.get("state") == "working"
    return {**row, "state": "stopped" if under_way else row.get("state"), "people": {}}


def ended_job(row: dict[str, Any]) -> dict[str, Any]:
    """A job that was under way comes as one that did not come to its end."""
    if row.get("state") != "running":
        return row
    note = "It was under way when the company was taken out."
    return {**row, "state": "failed", "note": note, "finished_at": row.get("seen_at")}


def switched_off(row: dict[str, Any]) -> dict[str, Any]:
    """A webhook comes switched off: its secret stayed behind."""
    why = row.get("off_why") or "It came with the company's file, without its secret."
    return {
        **row,
        "enabled": False,
        "secret": "",
        "earlier_secret": "",
        "earlier_until": None,
        "off_why": why,
    }


def finished_import(row: dict[str, Any]) -> dict[str, Any]:
    """An import of a table comes as what became of it; the table itself is sealed and stayed behind."""
    over = {**row, "sealed": None, "heads": None, "filename": "",
            "emptied_at": row.get("emptied_at") or row.get("brought_at")}  # fmt: skip
    if row.get("state") in ("done", "refused"):
        return over
    note = "The table did not come along with the company. Throw this away and bring it again."
    return {**over, "state": "refused", "note": note, "finished_at": row.get("brought_at")}
