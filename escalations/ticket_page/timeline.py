"""The timeline of a ticket's page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from escalations.models import Ticket, TicketEvent
from escalations.policies import calendar_of
from escalations.screens import short_words

_ICONS = {
    "file": "phone",
    "take": "user",
    "start": "play",
    "wait": "circle-pause",
    "resume": "play",
    "resolve": "circle-check",
    "reopen": "rotate-ccw",
    "assign": "user-check",
    "cancel": "ban",
    "comment": "message-square",
    "contact": "phone-incoming",
    "call": "phone-outgoing",
    "retype": "shuffle",
    "dismiss": "flag-off",
    "link": "link",
    "unlink": "unlink",
    "draft": "file-pen",
    "attach": "paperclip",
    "breach": "clock-alert",
    "merge": "merge",
    "acknowledge": "eye",
    "explain": "message-square-warning",
    "decline": "x",
    "reclock": "calendar-clock",
}
_OTHER = "circle-dot"


@dataclass(frozen=True)
class Event:
    """One line of the timeline."""

    icon: str
    title: str
    text: str
    when: str
    who: str


def who_changed(news: Sequence[Event], ticket: Ticket) -> str:
    """Who changed a ticket while somebody looked at it; empty when nobody did."""
    people = list(dict.fromkeys(one.who for one in news))
    if not people:
        return ""
    who = people[0] if len(people) == 1 else f"{', '.join(people[:-1])} and {people[-1]}"
    return f"{who} changed {ticket.number} while you looked at it."


def lines_of(events: Iterable[TicketEvent], ticket: Ticket, now: datetime) -> list[Event]:
    """The events as they are shown, in the order given."""
    calendar = calendar_of(ticket.calendar_version)
    by_mail = ticket.channel == "email"
    return [
        Event(
            icon="mail" if one.act == "file" and by_mail else _ICONS.get(one.act, _OTHER),
            title=one.title,
            text=one.text,
            when=short_words(one.at, calendar, now),
            who=str(one.by or "Holdline"),
        )
        for one in events
    ]
