"""The columns of a table of tickets: what every ticket has, and a column for each question of the policy.

Pure but for the policy that is handed in; the questions are the company's own.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date

from escalations.domain.policy import CALLERS, Policy, Question
from patients.domain.import_columns import DAY, NUMBER, TEXT, Column, Kind
from patients.domain.intake import Reader

TICKETS = "tickets"
ANSWER = "answer_"
OPEN, RESOLVED = "open", "resolved"
_HOLDS = {"phone": NUMBER, "fax": NUMBER, "number": NUMBER, "date": DAY}
_CALLERS = {caller.replace("_", " "): caller for caller in CALLERS} | {
    "insurer": "insurance_representative", "insurance": "insurance_representative", "payer":
    "insurance_representative",
}  # fmt: skip
_CHANNELS = {"telephone": "phone", "call": "phone", "phone call": "phone", "e-mail": "email", "mail": "email"}
_STATUSES = {
    "new": OPEN, "started": OPEN, "in progress": OPEN, "waiting": OPEN, "pending": OPEN, "running": OPEN,
    "closed": RESOLVED, "done": RESOLVED, "solved": RESOLVED, "completed": RESOLVED,
}  # fmt: skip


def _general(types: dict[str, str]) -> list[Column]:
    return [
        Column("number", "Their number", ("ticket number", "ticket", "ticket no", "case number", "reference"),
               True, NUMBER, example="INC-4711"),
        Column("type", "Type", ("ticket type", "escalation type"), True, words=types,
               example="itemized-bill"),
        Column("channel", "Channel", ("how it came in",), words=_CHANNELS, example="phone"),
        Column("caller", "Caller", ("caller kind", "who called"), words=_CALLERS, example="patient"),
        Column("account_number", "Account number", ("account", "acct", "mrn", "patient account"),
               holds=NUMBER, example="A-1001"),
        Column("last_name", "Patient last name", ("last name", "surname"), example="Sample"),
        Column("first_name", "Patient first name", ("first name", "given name"), example="Robin"),
        Column("date_of_birth", "Patient date of birth", ("dob", "birth date"), holds=DAY,
               example="1971-03-14"),
        Column("received_at", "Received at", ("received", "opened at", "created at", "opened"), True,
               example="2026-05-04 10:15"),
        Column("status", "Status", ("state",), words=_STATUSES, example=RESOLVED),
        Column("resolved_at", "Resolved at", ("resolved", "closed at", "closed"), example="2026-05-08 16:40"),
        Column("outcome", "Outcome", ("result", "resolution"), example="Itemized bill sent"),
        Column("resolution_note", "Note on the outcome", ("resolution note",)),
        Column("assignee", "Assignee", ("assigned to", "owner"), example=""),
        Column("note", "Note", ("description", "text", "comment"), example="Wants it by post."),
        Column("acknowledged", "Acknowledged", ("acknowledged rules",)),
    ]  # fmt: skip


def kind_for(policy: Policy) -> Kind:
    """The table of tickets under this policy."""
    general = _general(type_words(policy))
    taken = {_plain(name) for column in general for name in (column.name, column.label, *column.also)}
    return Kind(TICKETS, "ticket", (*general, *_answers(policy, taken)), _no_readers)


def type_words(policy: Policy) -> dict[str, str]:
    """The types by their names, as people write them."""
    return {one.name.casefold(): one.key for one in policy.types}


def _answers(policy: Policy, taken: set[str]) -> Iterator[Column]:
    """A column for each question; its own name and its words are understood where nothing else has them."""
    asked: dict[str, list[Question]] = {}
    for one in policy.types:
        for question in one.questions:
            asked.setdefault(question.key, []).append(question)
    names = {key: {key, *(one.label for one in rows)} for key, rows in asked.items()}
    used = Counter(_plain(name) for several in names.values() for name in {_plain(one) for one in several})
    examples = {"recipient": "patient", "account_status": "paid"}
    for key, rows in asked.items():
        also = [one for one in sorted(names[key]) if used[_plain(one)] == 1 and _plain(one) not in taken]
        holds = _HOLDS.get(rows[0].kind, TEXT)
        yield Column(
            f"{ANSWER}{key}", f"Answer: {key}", tuple(also), holds=holds, example=examples.get(key, "")
        )


def _no_readers(today: date) -> dict[str, Reader]:
    """Rows are read together, by the rules of filing."""
    return {}


def _plain(name: str) -> str:
    bare = unicodedata.normalize("NFKD", name).casefold().replace("#", "number")
    return "".join(letter for letter in bare if letter.isalnum())
