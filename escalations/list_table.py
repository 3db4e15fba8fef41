"""The ticket list as a table: its columns, what stands in them, and what an export takes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from accounts.models import User
from accounts.roles import Can
from escalations.filters import NAMES, NEWEST_FIRST, read_filters
from escalations.list_beside import beside, closed_in, late_words
from escalations.policies import calendar_of
from escalations.queries import filtered, ordered, tickets_of
from escalations.screens import Row, row_of, short_words
from tables.listing import Listing, Source, register
from tables.shape import Cell, Column, Table

BOX = "pick"
"""The column of boxes, for those who may act on the tickets they tick."""
TICKETS = Table(
    "tickets",
    "Tickets",
    (
        Column(BOX, "Select", align="pick", locked=True, exported=False),
        Column("number", "Number", sort="number", locked=True, heads=True),
        Column("type", "Type", card="wide"),
        Column("patient", "Patient"),
        Column("standing", "Standing"),
        Column("window", "Window", sort="due_at", card="wide"),
        Column("due", "Due", default=False),
        Column("received", "Received", sort="received_at", default=False),
        Column("resolved", "Resolved", sort="resolved_at", default=False),
        Column("closed_in", "Closed in", default=False),
        Column("outcome", "Outcome", default=False),
        Column("late", "Late because", default=False),
        Column("assignee", "Assignee"),
        Column("team", "Team", default=False),
        Column("status", "Status"),
        Column("cycle", "Cycle", align="num", default=False),
        Column("watchers", "Watchers", align="num", default=False),
        Column("noted", "Last note", default=False),
        Column("updated", "Updated", sort="updated_at", default=False),
        Column("channel", "Channel", default=False),
        Column("caller", "Caller", default=False),
        Column("filed_by", "Filed by", default=False),
        Column("next", "Next", align="at-end", exported=False),
    ),
)

_STANDING = {"on_track": "On track", "in_window": "In window", "due_soon": "Due soon"}


def _moment(row: Row, moment: datetime | None) -> str:
    return short_words(moment, calendar_of(row.ticket.calendar_version), row.now) if moment else ""


def _beside(row: Row, name: str) -> str:
    """What was read beside the ticket for a column; empty where there is nothing."""
    found = getattr(row.ticket, name, None)
    return "" if found is None else str(found)


_TEXT: dict[str, Callable[[Row], str]] = {
    BOX: lambda row: "",
    "number": lambda row: row.ticket.number,
    "type": lambda row: row.ticket.type_name,
    "patient": lambda row: str(row.ticket.patient or ""),
    "standing": lambda row: _standing(row),
    "window": lambda row: row.due_words,
    "due": lambda row: row.due_words,
    "received": lambda row: _moment(row, row.ticket.received_at),
    "resolved": lambda row: _moment(row, row.ticket.resolved_at),
    "closed_in": lambda row: closed_in(row.ticket),
    "outcome": lambda row: _beside(row, "beside_outcome"),
    "late": lambda row: late_words(row.ticket),
    "team": lambda row: _beside(row, "beside_team"),
    "cycle": lambda row: str(row.ticket.cycle),
    "watchers": lambda row: _beside(row, "beside_watchers"),
    "noted": lambda row: _moment(row, getattr(row.ticket, "beside_noted", None)),
    "updated": lambda row: _moment(row, getattr(row.ticket, "beside_updated", None)),
    "assignee": lambda row: str(row.ticket.assignee or "Unassigned"),
    "status": lambda row: row.ticket.get_status_display().capitalize(),
    "channel": lambda row: row.ticket.get_channel_display(),
    "caller": lambda row: row.ticket.get_caller_display(),
    "filed_by": lambda row: str(row.ticket.filed_by),
    "next": lambda row: row.next_act,
}
_DRAWN = {
    "type": "tables/cells/ticket_type.html",
    "standing": "tables/cells/ticket_standing.html",
    "window": "tables/cells/ticket_window.html",
    "next": "tables/cells/ticket_next.html",
    BOX: "tables/cells/ticket_pick.html",
}
_WRAPS = frozenset({"type", "patient", "outcome", "late", "team"})


def text_of(row: Row, key: str) -> str:
    """What stands in a column of a row, as a file has it."""
    return _TEXT[key](row)


def _standing(row: Row) -> str:
    word = _STANDING.get(row.standing, row.standing.replace("_", " ").capitalize())
    words = row.standing_words or word
    return words[:1].upper() + words[1:]


def cells_of(row: Row, columns: Sequence[Column]) -> list[Cell]:
    """What stands in a row's columns."""
    return [
        Cell(
            column,
            _TEXT[column.key](row),
            href=row.url,
            look="" if column.key in _WRAPS else "nowrap",
            template=_DRAWN.get(column.key, ""),
            value=row if column.key in _DRAWN else None,
        )
        for column in columns
    ]


def _filters(user: User, given: Mapping[str, str], now: datetime) -> dict[str, str]:
    """The filters that the page understands, as they were given."""
    wanted, wrong = read_filters(user, {name: given.get(name, "") for name in NAMES}, now=now)
    fits = {name: given[name] for name in NAMES if given.get(name) and name not in wrong and name != "q"}
    return fits if wanted["ordering"] != NEWEST_FIRST else {k: v for k, v in fits.items() if k != "ordering"}


def _source(user: User, given: Mapping[str, str], now: datetime, most: int) -> Source:
    """The tickets that match, for a file."""
    asked = {name: given.get(name, "") for name in NAMES}
    wanted, _ = read_filters(user, asked, now=now, ordering=NEWEST_FIRST)
    rows = ordered(filtered(tickets_of(user), wanted, now=now), wanted["ordering"])

    def read(ids: Sequence[int]) -> dict[int, Row]:
        tickets = beside(tickets_of(user), [column.key for column in TICKETS.columns])
        return {ticket.pk: row_of(ticket, user, now) for ticket in tickets.filter(pk__in=ids)}

    return Source(list(rows.values_list("pk", flat=True)[:most]), read, text_of)


def _kept_from(user: User) -> tuple[str, ...]:
    return () if user.may(Can.WORK_TICKETS) else (BOX,)


LISTING = register(Listing(TICKETS, Can.READ_TICKETS, "escalations:list", _filters, _source, _kept_from))
