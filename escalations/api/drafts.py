"""Drafts by API: kept as the filing page keeps them, so that either goes on with the other's."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import QueryDict

from accounts.models import User
from accounts.steps import find_step
from escalations import actions
from escalations.actions.moving import stale
from escalations.domain.states import TICKET
from escalations.filing import Filing, read_filing
from escalations.forms import ANSWER, DISMISS, OVERRIDE, said_in
from escalations.models import FilingDraft, Ticket
from escalations.policies import policy_in_force, policy_of

_LOCAL = "%Y-%m-%dT%H:%M"


def keep(filing: Filing, said: Mapping[str, Any], *, by: User, at: datetime) -> Ticket:
    """Keep a filing as a draft; ``said`` is what it was read from."""
    key = secrets.token_urlsafe(16)
    return actions.keep_draft(filing, as_form(filing, said, by), by=by, at=at, key=key)


def read_draft(
    draft: Ticket, facts: Mapping[str, Any], *, by: User, at: datetime, version: int | None = None
) -> Filing:
    """A draft as it would be filed now: what was kept, with what is changed by ``facts``.

    Every rule of the policy in force is asked. Raises Refused for a ticket that is no draft any more, for
    a role that may not file it, and for a version that is not the newest.
    """
    find_step(TICKET, "file", draft.status, by, owner=draft.belongs_to(by), thing="ticket")
    if version is not None and version != draft.version:
        raise stale(draft, version)
    return read_filing(by, said_of(draft, facts, by, at), at=at, ticket=draft)


def said_of(draft: Ticket, facts: Mapping[str, Any], by: User, at: datetime) -> dict[str, Any]:
    """What the draft says, in the names of a filing; ``facts`` win, answer by answer.

    What was overridden in the draft counts no more: whoever files it says so again.
    """
    kept = FilingDraft.objects.filter(ticket=draft).first()
    policy = policy_of(policy_in_force(by.company, at=at))
    said = said_in(_fields(kept.said if kept else {}), policy, by)
    said |= {"type": draft.type, "overrides": []}
    if facts.get("type") not in (None, "", draft.type):
        said["answers"] = {}
    answers = facts.get("answers")
    merged = {**said["answers"], **answers} if isinstance(answers, Mapping) else answers
    changes = {name: value for name, value in facts.items() if value is not None}
    return {**said, **changes, "answers": said["answers"] if answers is None else merged}


def as_form(filing: Filing, said: Mapping[str, Any], by: User) -> dict[str, list[str]]:
    """A filing as the fields of the filing page, as they would be typed."""
    plain = {
        "type": filing.type.key if filing.type else "",
        "channel": filing.channel,
        "caller": filing.caller,
        "patient": filing.patient.pk if filing.patient else "",
        "note": filing.note,
        "follows": filing.follows.number if filing.follows else "",
        "received_at": f"{filing.received_at.astimezone(by.company.zone):{_LOCAL}}"
        if said.get("received_at")
        else "",
        "acknowledged": filing.acknowledged,
    }
    kinds = {one.key: one.kind for one in filing.intake.asked}
    answers = {
        ANSWER + key: _local(value, by) if kinds[key] == "moment" else value
        for key, value in filing.intake.answers.items()
    }
    reasons = {OVERRIDE + one.rule: one.reason for one in filing.overrides}
    reasons |= {DISMISS + one.word: one.reason for one in filing.dismissals}
    typed = {name: _typed(value) for name, value in {**plain, **answers, **reasons}.items()}
    return {name: values for name, values in typed.items() if any(values)}


def _local(value: str, by: User) -> str:
    return f"{datetime.fromisoformat(value).astimezone(by.company.zone):{_LOCAL}}"


def _typed(value: Any) -> list[str]:
    """A value as a form sends it: once, or once for each of several."""
    if isinstance(value, list):
        return [str(one) for one in value]
    return [("yes" if value else "no") if isinstance(value, bool) else str(value)]


def _fields(said: Mapping[str, list[str]]) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, values in said.items():
        data.setlist(name, list(values))
    return data
