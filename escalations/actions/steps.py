"""The steps of a ticket's life.

Each write commits the change, its timeline line and its audit in one transaction. A row moves by
compare-and-set in :mod:`escalations.actions.moving` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.audit import acting
from accounts.models import User
from accounts.roles import Can
from accounts.steps import Refused, Step, find_step
from escalations.actions.calls import WORK as OF_CALLS
from escalations.actions.calls import unsaid_reason
from escalations.actions.lateness import WORK as OF_LATENESS
from escalations.actions.lateness import breach_reason
from escalations.actions.merging import merge, survivor_of
from escalations.actions.moving import apply, stale
from escalations.actions.notices import tell_of_step
from escalations.actions.retyping import retype
from escalations.actions.timeline import tell
from escalations.clock import breach_of, standing_of
from escalations.domain.policy import TicketType
from escalations.domain.states import TICKET
from escalations.domain.step_facts import read_step
from escalations.models import Ticket
from escalations.policies import policy_of
from escalations.step_work import WORK as COMMON
from escalations.step_work import Doing
from patients.domain.intake import Wrong
from work.once import insert_once

WORK = {**COMMON, **OF_LATENESS, **OF_CALLS, "merge": merge}
_TAKES_CLOCK = ("cancel", "merge")
"""Steps after which nobody would see any more that the ticket was late; ``resolve`` judges for itself."""
_SAYS_ONLY = ("comment", "contact", "call", "acknowledge", "explain", "decline")
"""Steps that leave the ticket itself as it is, so that nobody is too late for them."""


class Invalid(Exception):
    """A step was told something that cannot be used; ``wrong`` names it by field."""

    def __init__(self, wrong: dict[str, Wrong]) -> None:
        super().__init__(", ".join(wrong))
        self.wrong = wrong


def act(
    ticket: Ticket,
    act: str,
    *,
    by: User,
    at: datetime,
    version: int | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Ticket:
    """Take one step and give the ticket as it is then.

    ``facts`` are what the step must be told, as it was sent. ``version`` is the version the person saw,
    when known. Raises :class:`Refused` for what the table or the role does not allow,
    :class:`escalations.actions.moving.Stale` when somebody was first, :class:`Invalid` for facts that cannot
    be used, and :class:`escalations.actions.retyping.Unfit` for a change of type that the rules refuse.
    """
    step = _step(ticket, act, by, version)
    if act == "retype":
        return retype(ticket, facts or {}, by=by, at=at)
    clean, wrong = read_step(act, facts or {}, type_of(ticket))
    if act == "assign" and "user" in clean:
        clean["user"], problem = assignable(clean["user"], by)
        wrong |= {"user": problem} if problem else {}
    if act == "merge" and "into" in clean:
        clean["into"], problem = survivor_of(ticket, clean["into"])
        wrong |= {"into": problem} if problem else {}
    if act == "explain" and "reason" in clean:
        clean["reason"], problem = breach_reason(ticket, clean["reason"])
        wrong |= {"reason": problem} if problem else {}
    if act == "call":
        wrong |= unsaid_reason(ticket, clean, at)
    if wrong:
        raise Invalid(wrong)
    with transaction.atomic(), acting(by, act):
        if act in _TAKES_CLOCK and standing_of(ticket, at) == "breached":
            # No sweep has seen it yet, and none will: the step ends the clock that ran late (K12, K16).
            insert_once([breach_of(ticket, at)])
        change = WORK[act](Doing(ticket, by, at, clean))
        if step.act not in _SAYS_ONLY:
            apply(ticket, step.target, change.columns)
        change.after()
        event = tell(ticket, act, change.title, change.text or clean.get("note", ""), by, at)
        tell_of_step(event, ticket, by=by, at=at, given_to=clean.get("user"))
    ticket.refresh_from_db(from_queryset=Ticket.objects.select_related("assignee", "patient"))
    return ticket


def _step(ticket: Ticket, act: str, by: User, version: int | None) -> Step:
    """The step of the table; who saw an older version is told what happened, not what is not allowed now."""
    behind = version is not None and version != ticket.version
    try:
        step = find_step(TICKET, act, ticket.status, by, owner=ticket.belongs_to(by), thing="ticket")
    except Refused as refused:
        if behind and refused.code == "state":
            raise stale(ticket, version) from refused
        raise
    if behind and act not in _SAYS_ONLY:
        raise stale(ticket, version)
    return step


def type_of(ticket: Ticket) -> TicketType:
    """The ticket's type as its own version of the policy has it (R-ALL-3)."""
    found = policy_of(ticket.policy_version).type(ticket.type)
    if found is None:
        raise LookupError(f"Policy version {ticket.policy_version_id} lacks the type of ticket {ticket.pk}.")
    return found


def assignable(named: str, by: User) -> tuple[User | None, Wrong | None]:
    """Whom a ticket may be given to, by username or id; what is wrong where there is nobody."""
    people = User.objects.filter(company_id=by.company_id, is_active=True)
    found = people.filter(username=named).first()
    if found is None and named.isascii() and named.isdigit() and len(named) <= 18:
        found = people.filter(pk=int(named)).first()
    if found is None:
        return None, Wrong("not_found", "There is nobody of that name here.")
    if not found.may(Can.WORK_TICKETS):
        return None, Wrong("role", f"{found} is {found.role} and does not work on tickets.")
    return found, None
