"""What a filing form starts with: a draft, the same caller once more, a ticket it comes out of, another type.

Addresses carry numbers of tickets and ids, never words: what was said is read from the rows (I8).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import QueryDict

from accounts.models import User
from escalations.domain.conditions import is_answered
from escalations.domain.intake import carried, default_of
from escalations.domain.keywords import hear, once
from escalations.domain.policy import Question, TicketType
from escalations.filing import Filing
from escalations.forms import ANSWER
from escalations.models import FilingDraft, Ticket
from escalations.policies import policy_of
from escalations.queries import tickets_of
from patients.domain.intake import Wrong

_NOT_KEPT = {"csrfmiddlewaretoken", "do", "key", "draft_ticket", "in", "touched"}
_KEY = re.compile(r"[A-Za-z0-9_-]{8,32}")
_SAME_CALLER = ("channel", "caller")


def new_key() -> str:
    """The name of one form: two tabs have two."""
    return secrets.token_urlsafe(16)


def key_in(data: QueryDict) -> str:
    """The form's own name as it was sent back, or nothing that could be one."""
    key = data.get("key", "")
    return key if _KEY.fullmatch(key) else ""


def kept_of(data: QueryDict) -> dict[str, list[str]]:
    """The fields of a form that are worth keeping, as they were typed; empty for an untouched form."""
    kept = {
        name: [value.replace("\x00", "") for value in values]
        for name, values in data.lists()
        if name not in _NOT_KEPT and any(values) and not name.startswith("upload_")
    }
    return {
        name: [one.encode("utf-8", "replace").decode() for one in values] for name, values in kept.items()
    }


def typed_from(said: Mapping[str, list[str]]) -> QueryDict:
    """A form's fields as they were kept."""
    data = QueryDict(mutable=True)
    for name, values in said.items():
        data.setlist(name, list(values))
    return data


@dataclass(frozen=True)
class Start:
    """How a form begins: its fields, its name, and the kept draft it goes on with.

    ``unkept`` says why files that came with it were not taken, by question.
    """

    data: QueryDict
    key: str
    ticket: Ticket | None = None
    unkept: Mapping[str, Wrong] = field(default_factory=dict)


def start_of(user: User, asked: QueryDict) -> Start:
    """Read an address of the filing page; what it names and is not there is left out."""
    asked = _without_nul(asked)
    if kept := _draft_of(user, asked):
        return kept
    data = asked.copy()
    for name in ("resume", "draft", "again", "rule"):
        data.pop(name, None)
    if again := asked.get("again", ""):
        data.update(_same_caller(user, str(again)))
    if follows := asked.get("follows", ""):
        data.pop("follows")
        data.update(_following(user, str(follows), asked.get("rule", "")))
    return Start(data, new_key())


def _without_nul(asked: QueryDict) -> QueryDict:
    """What PostgreSQL can be asked for: no text of it holds a NUL."""
    data = asked.copy()
    for name in [one for one in data if "\x00" in one or any("\x00" in value for value in data.getlist(one))]:
        del data[name]
    return data


def _draft_of(user: User, asked: QueryDict) -> Start | None:
    rows = FilingDraft.objects.visible_to(user).select_related("ticket")
    if asked.get("draft"):
        row = rows.filter(ticket__number=asked["draft"][:24], ticket__status="draft").first()
    else:
        row = rows.filter(user=user, key=asked["resume"][:32]).first() if asked.get("resume") else None
    if row is None:
        return None
    return Start(typed_from(row.said), row.key if row.user_id == user.pk else new_key(), row.ticket)


def _ticket(user: User, number: str) -> Ticket | None:
    return tickets_of(user).filter(number=number[:24]).first() if number.isascii() else None


def _same_caller(user: User, number: str) -> dict[str, str]:
    """The same patient, caller and channel once more (Shift+N)."""
    ticket = _ticket(user, number)
    if ticket is None or ticket.patient_id is None:
        return {}
    return {"patient": str(ticket.patient_id), **{name: getattr(ticket, name) for name in _SAME_CALLER}}


def _following(user: User, number: str, rule_id: str) -> dict[str, str]:
    """The ticket that a rule proposes beside this one, with what it carries over."""
    ticket = _ticket(user, number)
    if ticket is None:
        return {}
    found = {"follows": ticket.number, **_same_caller(user, number)}
    kind = policy_of(ticket.policy_version).type(ticket.type)
    rule = next((one for one in kind.rules if one.id == rule_id and one.suggest), None) if kind else None
    if rule is None:
        return found
    heard = ", ".join(dict.fromkeys(one["word"] for one in ticket.keywords))
    brought = carried(rule.carry, {**ticket.answers, "heard": heard})
    return {**found, "type": rule.suggest, **fields_of(brought)}


def fields_of(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as fields of the form; one with several values takes its first."""
    return {ANSWER + key: as_typed(value) for key, value in answers.items()}


def as_typed(value: Any) -> str:
    """An answer as it would be typed."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return as_typed(value[0]) if value else ""
    return str(value)


def switched(filing: Filing, data: QueryDict, rule_id: str, type_key: str) -> QueryDict:
    """The form after a suggestion was taken: another type, its answers as far as they are known here."""
    found = next(
        (one for one in filing.intake.suggestions if one.rule == rule_id and one.suggest == type_key), None
    )
    if found is None:
        return data
    fresh = data.copy()
    fresh["type"] = found.suggest
    for key, value in found.prefill.items():
        fresh.setlist(
            ANSWER + key, [as_typed(one) for one in (value if isinstance(value, list) else [value])]
        )
    return fresh


def void_after_change(data: QueryDict, chosen: TicketType | None, wrong: Mapping[str, Any]) -> list[str]:
    """After a change of type: the answers of the type before that mean nothing to this one."""
    changed = chosen is not None and data.get("type_was", "") not in ("", chosen.key)
    return [name for name in wrong if ANSWER + name in data] if changed else []


Prefill = Callable[[Filing, Question, Mapping[str, Any]], Any]


def offered(user: User, at: datetime) -> Prefill:
    """How a page fills a question that nothing was typed to, by the policy's ``prefill`` and ``default``."""
    local = at.astimezone(user.company.zone)

    def fill(filing: Filing, question: Question, known: Mapping[str, Any]) -> str | None:
        patient, running = filing.patient, filing.contacts.running
        ways: dict[str, Callable[[], Any]] = {
            "heard": lambda: _heard(filing, known),
            "unresolved": lambda: filing.contacts.unresolved or None,
            "patient_phone": lambda: patient.phone if patient else None,
            "patient_email": lambda: patient.email if patient else None,
            "today": lambda: local.date().isoformat(),
            "now": lambda: f"{local:%Y-%m-%dT%H:%M}",
            "open_tickets": lambda: next(
                (one.number for one in running if question.of_type in ("", one.type)), None
            ),
        }
        way = ways.get(question.prefill)
        found = way() if way else default_of(question, local.date())
        return as_typed(found) if is_answered(found) else None

    return fill


def _heard(filing: Filing, known: Mapping[str, Any]) -> str:
    """The executive keywords in everything written, each once."""
    words = filing.policy.lists.get("executive_keywords")
    return ", ".join(one.word for one in once(hear(known.get("said", ""), words.watched))) if words else ""
