"""The tickets that belong to one: linked by hand, by an answer or a rule, merged into it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from accounts.roles import Can
from escalations.domain.states import STATUSES
from escalations.models import LinkKind, Ticket
from escalations.ticket_page.reading import Facts

SAID_FROM_THERE = {
    "caused_by": "Caused",
    "duplicate_of": "Has the duplicate",
    "follows": "Followed by",
    "names": "Named by",
}
KINDS = [(one.value, str(one.label)) for one in (LinkKind.CAUSED_BY, LinkKind.DUPLICATE_OF, LinkKind.FOLLOWS)]
"""What a person may say of two tickets."""


@dataclass(frozen=True)
class Linked:
    """One linked ticket as it is said from here; ``key`` is set where this person may take the link away."""

    how: str
    number: str
    name: str
    status: str
    key: int | None


def linked_of(links: Iterable[Facts], ticket: Ticket, user: User) -> list[Linked]:
    """The links from this ticket, then those to it."""
    ordered = sorted(links, key=lambda one: (one["of"] != ticket.pk, one["id"]))
    return [_linked(one, ticket, user) for one in ordered]


def _linked(one: Facts, ticket: Ticket, user: User) -> Linked:
    here = one["of"] == ticket.pk
    other = one["other"] if here else one["ticket"]
    how = LinkKind(one["kind"]).label if here else SAID_FROM_THERE[one["kind"]]
    status = other["status"] if other["status"] in STATUSES else ""
    return Linked(
        how, other["number"], other["type_name"], status, one["id"] if _may_end(one, user) else None
    )


def _may_end(one: Facts, user: User) -> bool:
    by_hand = one["kind"] in dict(KINDS)
    merged = one["kind"] == LinkKind.DUPLICATE_OF and one["ticket"]["status"] == "merged"
    mine = one["by"] == user.pk and user.may(Can.WORK_TICKETS)
    return by_hand and not merged and (mine or user.may(Can.DIRECT_TICKETS))
