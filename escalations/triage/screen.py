"""The board: its bands, its filters, its counts, and the due load beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.access import SignedIn
from accounts.models import User
from accounts.roles import Can
from escalations.domain import turnaround as engine
from escalations.filters import read_filters
from escalations.list_table import cells_of
from escalations.models import CHANNELS, Ticket
from escalations.policies import calendar_beside, calendar_of, policy_in_force, policy_of
from escalations.queries import filtered, people_for_tickets, tickets_of
from escalations.screens import row_of as list_row
from escalations.triage.axis import marks
from escalations.triage.bands import BANDS, Band, Bounds, band_is, bounds_of
from escalations.triage.load import Load, load_of
from escalations.triage.rows import CAP, BoardRow, Found, read_board, rows_of
from tables.face import Menu, address_with, capped
from tables.listing import Listing, Source, register
from tables.screen import ListPage
from tables.shape import Column, Table

NAMES = ("team", "assignee", "type", "channel")
BOARD = Table(
    "board",
    "Board",
    (
        Column("number", "Number", locked=True, heads=True),
        Column("type", "Type"),
        Column("patient", "Patient"),
        Column("standing", "Standing"),
        Column("due", "Due"),
        Column("assignee", "Assignee"),
        Column("next", "Next", exported=False),
    ),
)


def _filters(user: User, given: Mapping[str, str], now: datetime) -> dict[str, str]:
    """The filters that the board understands, as they were given."""
    _, wrong = read_filters(user, {name: given.get(name, "") for name in NAMES}, now=now)
    return {name: given[name] for name in NAMES if given.get(name) and name not in wrong}


def _source(user: User, given: Mapping[str, str], now: datetime, most: int) -> Source:
    """Every ticket of every band, band by band, for a file."""
    wanted, _ = read_filters(user, {name: given.get(name, "") for name in NAMES}, now=now)
    policy = policy_of(policy_in_force(user.company, at=now))
    bounds = bounds_of(user, policy.waiting_days, now)
    rows = filtered(Ticket.objects.visible_to(user), wanted, now=now)
    ids: list[int] = []
    for band in BANDS:
        here = rows.filter(band_is(band.key, bounds)).order_by("due_order", "id")
        ids += here.values_list("pk", flat=True)[: most - len(ids)] if len(ids) < most else []

    def read(keys: Sequence[int]) -> dict[int, Any]:
        return {ticket.pk: list_row(ticket, user, now) for ticket in tickets_of(user).filter(pk__in=keys)}

    def cell(row: Any, key: str) -> str:
        return cells_of(row, [BOARD.by_key()[key]])[0].text

    return Source(ids, read, cell)


LISTING = register(Listing(BOARD, Can.DIRECT_TICKETS, "triage:board", _filters, _source))


@dataclass(frozen=True)
class ShownBand:
    """One band as it is drawn; ``href`` leads to the list of all of it."""

    band: Band
    count: int
    rows: list[BoardRow]
    href: str
    note: str

    @property
    def words(self) -> str:
        """How many, in words."""
        return capped(self.count)

    @property
    def more(self) -> bool:
        """Whether more stand in the band than are shown."""
        return self.count > CAP


class BoardScreen(ListPage):
    """Everything the board's template shows."""

    names = NAMES
    labels = {"team": "Team", "assignee": "Person", "type": "Type", "channel": "Channel"}

    def __init__(self, request: SignedIn, *, now: datetime) -> None:
        super().__init__(request, LISTING)
        self.now = now
        self.wanted, self.wrong = read_filters(self.user, self.given, now=now)
        self.version = policy_in_force(self.user.company, at=now)
        self.policy = policy_of(self.version)

    @property
    def state(self) -> dict[str, str]:
        """What the address says, without an order: every band has its own."""
        return {name: value for name, value in super().state.items() if name != "ordering"}

    def in_force(self, name: str) -> bool:
        """Whether this filter was understood."""
        return super().in_force(name) and name not in self.wrong

    @cached_property
    def _bounds(self) -> Bounds:
        return bounds_of(self.user, self.policy.waiting_days, self.now)

    @cached_property
    def _found(self) -> dict[str, Found]:
        wanted = {name: value for name, value in self.wanted.items() if name != "ordering"}
        return read_board(self.user, wanted, self._bounds)

    def standing(self, rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
        """Those of these tickets that stand in a band, shown or past the first rows."""
        somewhere = Q()
        for band in BANDS:
            somewhere |= band_is(band.key, self._bounds)
        return filtered(rows, self.wanted, now=self.now).filter(somewhere)

    @cached_property
    def bands(self) -> list[ShownBand]:
        """The bands that have tickets."""
        return [
            ShownBand(
                band,
                self._found[band.key].count,
                rows_of(self._found[band.key].tickets, self.user, self.now),
                self._list_of(band),
                band.note or f"for more than {self.policy.waiting_days} days",
            )
            for band in BANDS
            if self._found[band.key].count
        ]

    def _list_of(self, band: Band) -> str:
        filters = {name: value for name, value in self.state.items() if name in NAMES}
        return address_with(reverse("escalations:list"), {"band": band.key, **filters}, {})

    @property
    def readouts(self) -> list[dict[str, Any]]:
        """How many stand in each band; each leads there."""
        return [
            {
                "value": capped(self._found[band.key].count),
                "what": band.label,
                "state": band.state,
                "href": f"#band-{band.key}" if self._found[band.key].count else "",
            }
            for band in BANDS
        ]

    @property
    def matches(self) -> str:
        """How many stand on the board, in words."""
        whole = sum(found.count for found in self._found.values())
        return f"{whole:,} on the board"

    @property
    def title(self) -> str:
        """The company's date."""
        local = self.now.astimezone(self.user.company.zone)
        return f"{local:%A} {local.day} {local:%B}"

    @property
    def lead(self) -> str:
        """What presses, in a sentence."""
        late, today = self._found["breached"].count, self._found["due_today"].count
        short = self.load.short_today
        pressing = f"{_are(late, 'late')} and {_are(today, 'due before the day ends', first=False)}."
        pace = f" At the pace of the last ten days, today closes {short:,} short." if short else ""
        return pressing + pace

    @cached_property
    def load(self) -> Load:
        """The due load of those the filters name."""
        return load_of(self.user, self.wanted, self.calendar, self.now)

    @cached_property
    def calendar(self) -> engine.BusinessCalendar:
        """The company's calendar in force."""
        return calendar_of(calendar_beside(self.version, at=self.now))

    @property
    def whose(self) -> str:
        """Whose load is drawn: everybody's, a team's, a person's."""
        names = [self.said(name) for name in ("team", "assignee") if self.in_force(name)]
        return ", ".join(names) or "everybody"

    @property
    def axis(self) -> list[tuple[float, str]]:
        """The words over the shared axis."""
        return marks()

    @property
    def zone_words(self) -> str:
        """The zone of all times of the page, and when it was read."""
        local = self.now.astimezone(self.calendar.tz)
        return f"{engine.zone_words(self.calendar, self.now)} · as of {local:%H:%M}"

    @property
    def offered(self) -> list[Menu]:
        """Every filter the board offers; teams only where there are some."""
        teams = [self.choices("team", self._teams)] if self._teams else []
        return [
            *teams,
            self.choices("assignee", self._people),
            self.choices("type", [(one.key, one.name) for one in self.policy.types]),
            self.choices("channel", CHANNELS),
        ]

    @cached_property
    def _workers(self) -> list[User]:
        return list(people_for_tickets(self.user).select_related("team"))

    @property
    def _people(self) -> list[tuple[str, str]]:
        named = [(person.username, str(person)) for person in self._workers]
        return [("me", "Mine"), ("none", "Nobody’s"), *named]

    @property
    def _teams(self) -> list[tuple[str, str]]:
        teams = {one.team.pk: one.team for one in self._workers if one.team is not None}
        return [(str(key), team.name) for key, team in sorted(teams.items(), key=lambda row: row[1].name)]

    def said(self, name: str) -> str:
        """A filter's value as its chip words it."""
        known = {
            "team": self._teams,
            "assignee": self._people,
            "type": [(one.key, one.name) for one in self.policy.types],
            "channel": CHANNELS,
        }
        return dict(known[name]).get(self.given[name], self.given[name])


def _are(count: int, what: str, *, first: bool = True) -> str:
    """How many tickets are something: "One ticket is late", "5 tickets are late"."""
    is_are = "is" if count < 2 else "are"
    if not first:
        return f"{'none' if count == 0 else capped(count)} {is_are} {what}"
    number = {0: "No ticket", 1: "One ticket"}.get(count, f"{capped(count)} tickets")
    return f"{number} {is_are} {what}"
