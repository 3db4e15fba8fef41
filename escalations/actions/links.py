"""Linking tickets by hand: caused by, duplicate of, follows; written on both, and ended by who made it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import acting
from accounts.models import User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from escalations.actions.steps import Invalid
from escalations.actions.timeline import tell
from escalations.models import LinkKind, Ticket, TicketLink
from patients.domain.intake import Wrong
from work.once import insert_once

BY_HAND = (LinkKind.CAUSED_BY, LinkKind.DUPLICATE_OF, LinkKind.FOLLOWS)
"""What a person may say of two tickets; ``names`` comes from an answer and goes with it."""
_FROM_HERE = {"caused_by": "Caused by {}", "duplicate_of": "Duplicate of {}", "follows": "Follows {}"}
_FROM_THERE = {
    "caused_by": "Caused {}",
    "duplicate_of": "{} is a duplicate of this",
    "follows": "Followed by {}",
}


def link_tickets(ticket: Ticket, kind: object, number: object, *, by: User, at: datetime) -> TicketLink:
    """Say that ``ticket`` is caused by, a duplicate of, or follows the ticket of this number.

    The other may be of any patient and any status but a draft. Raises :class:`Invalid` for what cannot be
    linked, and Refused for the role and for a link that is there already, also said from the other side.
    """
    if not by.may(Can.WORK_TICKETS):
        raise Refused(refusal(Can.WORK_TICKETS), "role")
    chosen, other = _read(ticket, kind, number)
    with transaction.atomic(), acting(by, "link"):
        # Two people who link the same two tickets stand in line here, whichever side each says it from.
        first, second = sorted([ticket, other], key=lambda one: one.pk)
        for one in (first, second):
            Ticket.objects.select_for_update(no_key=True).only("pk").get(pk=one.pk)
        if TicketLink.objects.filter(ticket=other, other=ticket, kind=chosen).exists():
            raise Refused(f"{other.number} says so of {ticket.number} already. Both cannot be.")
        link = TicketLink(company_id=ticket.company_id, ticket=ticket, other=other, kind=chosen, at=at, by=by)
        if not insert_once([link]):
            raise Refused(f"{ticket.number} and {other.number} are linked like this already.")
        tell(ticket, "link", _FROM_HERE[chosen].format(other.number), other.type_name, by, at)
        tell(other, "link", _FROM_THERE[chosen].format(ticket.number), ticket.type_name, by, at)
    return link


def _read(ticket: Ticket, kind: object, number: object) -> tuple[LinkKind, Ticket]:
    wrong: dict[str, Wrong] = {}
    chosen = next((one for one in BY_HAND if one.value == kind), None)
    if chosen is None:
        wrong["kind"] = Wrong("choice", "Say how they belong together: caused_by, duplicate_of or follows.")
    other = _other(ticket, number)
    if isinstance(other, Wrong):
        wrong["ticket"] = other
    if wrong or chosen is None or isinstance(other, Wrong):
        raise Invalid(wrong)
    return chosen, other


def _other(ticket: Ticket, number: object) -> Ticket | Wrong:
    plain = number.strip() if isinstance(number, str) else ""
    if not plain or not plain.isascii() or not plain.isprintable() or len(plain) > 24:
        return Wrong("required", "Name the other ticket by its number, like E-1003.")
    rows = Ticket.objects.filter(company_id=ticket.company_id).select_related("calendar_version")
    found = rows.filter(number__iexact=plain).first()
    if found is None and plain.isdigit():
        found = rows.filter(number=f"E-{plain}").first()
    if found is None:
        return Wrong("unknown", "There is no ticket of that number here.")
    if found.pk == ticket.pk:
        return Wrong("choice", "A ticket is not linked to itself. Name another one.")
    if "draft" in (found.status, ticket.status):
        return Wrong("choice", "A draft is not linked before it is filed.")
    return found


def unlink(ticket: Ticket, key: int, *, by: User, at: datetime) -> None:
    """End a link of this ticket, from either side: by who made it, or a supervisor.

    Refused for anybody else, for what an answer or a merge says, and when it is not there any more.
    """
    if not by.may(Can.WORK_TICKETS):
        raise Refused(refusal(Can.WORK_TICKETS), "role")
    with transaction.atomic(), acting(by, "unlink"):
        rows = TicketLink.objects.select_for_update(of=("self",)).select_related("ticket", "other", "by")
        link = rows.filter(pk=key, company_id=ticket.company_id).first()
        if link is None or ticket.pk not in (link.ticket_id, link.other_id):
            raise Refused("This link is not there any more.")
        _check(link, by)
        link.delete()
        here = _FROM_HERE[link.kind].format(link.other.number)
        there = _FROM_THERE[link.kind].format(link.ticket.number)
        tell(link.ticket, "unlink", f"No longer: {here}", "", by, at)
        tell(link.other, "unlink", f"No longer: {there}", "", by, at)


def _check(link: TicketLink, by: User) -> None:
    if link.kind not in BY_HAND:
        raise Refused("An answer names this ticket. Change the answer, and the link goes with it.")
    if link.kind == LinkKind.DUPLICATE_OF and link.ticket.status == "merged":
        raise Refused(f"{link.ticket.number} was merged into {link.other.number}. That stays as it is.")
    if link.by_id != by.pk and not by.may(Can.DIRECT_TICKETS):
        raise Refused(f"{link.by or 'Holdline'} made this link. They, or a supervisor, may end it.", "role")
