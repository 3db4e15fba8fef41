"""What the rules propose beside a ticket that was filed: R-EXEC-4, R-X-2, and R-INS-3 once its days have
passed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User
from escalations.contacts import Contacts, contacts_of, facts_of
from escalations.domain.conditions import Day
from escalations.domain.intake import filled
from escalations.domain.policy import Rule, TicketType
from escalations.domain.states import OVER
from escalations.filing import values_of
from escalations.models import Ticket
from escalations.policies import calendar_for, calendar_of, policy_of
from escalations.proposing import proposing_rules


@dataclass(frozen=True)
class FollowUp:
    """A ticket that a rule proposes beside this one.

    One that follows from a keyword is not declined: the word is set aside instead (R-EXEC-1).
    """

    rule: str
    type: str
    type_name: str
    why: str
    url: str
    may_decline: bool = True


def follow_ups(
    ticket: Ticket,
    user: User,
    *,
    now: datetime,
    contacts: Contacts | None = None,
    decided: Collection[str] = (),
) -> list[FollowUp]:
    """What the rules propose beside a filed ticket that runs.

    One that runs for the patient already is not proposed again, nor what was ``decided``, by rule. Costs one
    query, none where the patient's ``contacts`` are known.
    """
    policy = policy_of(ticket.policy_version)
    kind = policy.type(ticket.type)
    if kind is None or ticket.status in (*OVER, "draft"):
        return []
    if not undecided_words(ticket) and not any(rule.beside for rule in kind.rules):
        return []
    contacts = contacts_of(ticket.patient, user) if contacts is None else contacts
    calendar = calendar_of(calendar_for(ticket))
    day = Day(now.astimezone(calendar.tz).date(), calendar)
    due = proposing_rules(ticket, kind, facts_of(ticket.patient, contacts), contacts.types, day)
    values = values_of(policy, user.company)
    found: dict[str, FollowUp] = {}
    for rule in (one for one in kind.rules if one.watch and one.suggest and undecided_words(ticket)):
        found[rule.suggest] = _follow_up(ticket, rule, policy.type(rule.suggest), values)
    for rule in (one for one in due if one.id not in decided):
        found.setdefault(rule.suggest, _follow_up(ticket, rule, policy.type(rule.suggest), values))
    return list(found.values())


def undecided_words(ticket: Ticket) -> list[str]:
    """The keywords heard in a ticket of which nobody has said yet what to make of them (R-EXEC-1)."""
    return [one["word"] for one in ticket.keywords if not one.get("decision")]


def _follow_up(ticket: Ticket, rule: Rule, kind: TicketType | None, values: Mapping[str, str]) -> FollowUp:
    address = urlencode({"follows": ticket.number, "rule": rule.id})
    name = kind.name if kind else rule.suggest
    url = f"{reverse('escalations:new')}?{address}"
    why = filled(rule.message, values)
    return FollowUp(rule.id, rule.suggest, name, why, url, may_decline=not rule.watch)
