"""What somebody can be told of a ticket, by which ways, and when a mail must wait. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

APP, MAIL = "app", "mail"
WAYS = (APP, MAIL)


@dataclass(frozen=True)
class Kind:
    """One kind of notice: how it is called on the page of choices, and by which ways it comes unless one
    chose otherwise."""

    key: str
    label: str
    about: str
    ways: tuple[str, ...] = (APP,)


KINDS = (
    Kind("alarm", "Immediate ticket", "A Patient SOS or another ticket that cannot wait was filed.", WAYS),
    Kind("breach", "Ticket is late", "A ticket of yours, or of your team, ran past its due time.", WAYS),
    Kind("warning", "Ticket is due soon", "The warning before a ticket of yours is due.", WAYS),
    Kind("assigned", "Ticket given to you", "Somebody assigned a ticket to you.", WAYS),
    Kind("mentioned", "You are named in a note", "Somebody wrote @ and your name on a ticket.", WAYS),
    Kind("watched", "A ticket you watch", "Something happened to a ticket you watch."),
    Kind("reopened", "Ticket reopened", "A ticket that was yours came back."),
    Kind("proposed", "A further ticket is proposed", "A rule proposes another ticket beside one of yours."),
)
BY_KEY = {kind.key: kind for kind in KINDS}


def ways_of(kind: str, chosen: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """By which of :data:`WAYS` a kind is told, given what the person chose."""
    said = chosen.get(kind)
    return tuple(way for way in WAYS if way in (BY_KEY[kind].ways if said is None else said))


def mail_at(now: datetime, quiet_from: time | None, quiet_until: time | None, zone: ZoneInfo) -> datetime:
    """When a mail may go that is due ``now``: at once, or at the end of the quiet hours it falls into.

    Quiet hours are wall times ``[quiet_from, quiet_until)`` of ``zone`` and may run past midnight; equal
    times are no quiet hours.
    """
    if quiet_from is None or quiet_until is None or quiet_from == quiet_until:
        return now
    local = now.astimezone(zone)
    clock = local.time().replace(tzinfo=None)
    overnight = quiet_from > quiet_until
    quiet = (clock >= quiet_from or clock < quiet_until) if overnight else quiet_from <= clock < quiet_until
    if not quiet:
        return now
    ends_on = local.date() + timedelta(days=1 if overnight and clock >= quiet_from else 0)
    return max(now, datetime.combine(ends_on, quiet_until, zone).astimezone(now.tzinfo))
