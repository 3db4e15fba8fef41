"""The rows of the board: what is read for them in two statements, and what each row says and offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User
from escalations.clock import standing_of
from escalations.domain.states import RUNNING
from escalations.models import Alert, Breach, Pause, Proposal, Ticket
from escalations.policies import calendar_of, policy_of
from escalations.queries import filtered, steps_of, tickets_of
from escalations.screens import gap_words, short_words, standing_words
from escalations.triage.axis import AxisPicture, picture_of
from escalations.triage.bands import BANDS, Bounds, parts_of
from tables.face import counting

CAP = 50
"""How many tickets of a band the board shows; its count goes further, and its list has them all."""
PLAIN = ("take", "start", "resume", "acknowledge")
"""Acts of one key: nothing has to be told."""
ASKING = ("assign", "wait", "resolve", "explain", "cancel", "comment", "decline")
OFFERED = (*PLAIN, *ASKING)
_LABELS = {"explain": "Why late?", "acknowledge": "I see to it", "comment": "Add note"}


@dataclass(frozen=True)
class Proposed:
    """A ticket that a rule proposes beside this one, with the form that files it linked."""

    rule: str
    name: str
    url: str


@dataclass
class BoardRow:
    """One ticket on the board. ``acts`` are the acts this person may take now, with their labels."""

    ticket: Ticket
    standing: str
    words: str
    picture: AxisPicture
    due_words: str
    acts: dict[str, str]
    why: str = ""
    alarmed: bool = False
    proposals: list[Proposed] = field(default_factory=list)
    done: str = ""

    @property
    def url(self) -> str:
        """The ticket's own page."""
        return reverse("escalations:ticket", args=[self.ticket.number])

    @property
    def next_act(self) -> str:
        """The act that is due: what nobody sees to, why it was late, who has it, the next of its life."""
        assigned = self.ticket.assignee_id is not None
        ahead = [
            ("take", self.standing == "immediate" and self.ticket.taken_at is None),
            ("acknowledge", True),
            ("explain", True),
            ("assign", not assigned),
            ("resume", True),
            ("start", True),
            ("resolve", True),
        ]
        return next((act for act, due in ahead if due and act in self.acts), "")

    @property
    def next_label(self) -> str:
        """The act that is due, as its button says it."""
        return self.acts.get(self.next_act, "")

    @property
    def asks(self) -> bool:
        """Whether that act must be told something first."""
        return self.next_act in ASKING


def told(rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Tickets with what a row of the board needs beside them, in the same statement."""
    alerts = Alert.objects.filter(ticket=OuterRef("pk"), cycle=OuterRef("cycle"), acknowledged_at=None)
    breach = Breach.objects.filter(ticket=OuterRef("pk")).order_by("-cycle")
    waits = Pause.objects.filter(ticket=OuterRef("pk"), ended_at=None)
    proposals = Proposal.objects.filter(ticket=OuterRef("pk"), decision="").order_by("id")
    return rows.annotate(
        alarmed=Exists(alerts),
        late_reason=Subquery(breach.values("reason")[:1]),
        waits_for=Subquery(waits.values("words")[:1]),
        waits_since=Subquery(waits.values("started_at")[:1]),
        proposes=ArraySubquery(proposals.values(row=JSONObject(rule="rule", type="type"))),
    )


@dataclass(frozen=True)
class Found:
    """What stands in one band: how many, counted no further than a cap, and the first rows."""

    count: int = 0
    tickets: Sequence[Ticket] = ()


def read_board(user: User, wanted: dict[str, Any], bounds: Bounds) -> dict[str, Found]:
    """The bands of the board for these filters, whatever the number of tickets in two statements."""
    rows = filtered(Ticket.objects.visible_to(user), wanted, now=bounds.now)
    parts = [(band.key, part) for band in BANDS for part in parts_of(band.key, bounds)]
    first = [_first_of(rows.filter(part), place) for place, (_, part) in enumerate(parts)]
    keys = list(first[0].union(*first[1:], all=True))
    tickets = told(tickets_of(user)).in_bulk([key for key, _, _ in keys])
    counts = {place: count for _, place, count in keys}
    found = {}
    for band in BANDS:
        own = [place for place, (key, _) in enumerate(parts) if key == band.key]
        here = [tickets[key] for key, place, _ in keys if place in own and key in tickets]
        shown = sorted(here, key=lambda one: (one.due_order, one.pk))[:CAP]
        found[band.key] = Found(sum(counts.get(place, 0) for place in own), shown)
    return found


def _first_of(rows: QuerySet[Ticket], place: int) -> Any:
    """The first of a part of a band; where there is a date, ``due_order`` is the same moment."""
    first = counting(rows.order_by("due_at", "due_order", "id"), found=rows).annotate(part=Value(place))
    return first.values_list("pk", "part", "found")[:CAP]


def rows_of(tickets: Iterable[Ticket], user: User, now: datetime) -> list[BoardRow]:
    """The tickets as rows, without a query; they were read as :func:`told`."""
    return [row_of(ticket, user, now) for ticket in tickets]


def row_of(ticket: Ticket, user: User, now: datetime) -> BoardRow:
    """One ticket as a row, without a query; it was read as :func:`told`."""
    known: Any = ticket
    standing = standing_of(ticket, now)
    row = BoardRow(
        ticket=ticket,
        standing=standing,
        words=_words(ticket, standing, now),
        picture=picture_of(ticket.received_at, ticket.expected_from, ticket.late_from, now),
        due_words=_due_words(ticket, standing, now),
        acts=_acts(ticket, user),
        alarmed=known.alarmed and ticket.status in RUNNING,
        proposals=[_proposed(ticket, one) for one in known.proposes] if ticket.status in RUNNING else [],
    )
    if known.late_reason:
        row.why = policy_of(ticket.policy_version).late_words(known.late_reason)
    return row


def _acts(ticket: Ticket, user: User) -> dict[str, str]:
    known: Any = ticket
    found = {step.act: step.label for step in steps_of(ticket, user) if step.act in OFFERED}
    if not known.alarmed:
        found.pop("acknowledge", None)
    if known.late_reason != "":
        found.pop("explain", None)
    if not known.proposes:
        found.pop("decline", None)
    return {act: _LABELS.get(act, label) for act, label in found.items()}


def _words(ticket: Ticket, standing: str, now: datetime) -> str:
    """The words beside the dial: an immediate ticket says how long is left, a paused one since when."""
    if standing == "immediate":
        left = (ticket.late_from or ticket.received_at) - now
        if ticket.taken_at is not None:
            return "Taken in time"
        return f"{gap_words(left)} left"
    since = getattr(ticket, "waits_since", None)
    if standing == "paused" and since is not None:
        return f"Paused for {gap_words(now - since)}"
    return standing_words(ticket, standing, now)


def _due_words(ticket: Ticket, standing: str, now: datetime) -> str:
    calendar = calendar_of(ticket.calendar_version)
    waits = getattr(ticket, "waits_for", None)
    if ticket.status == "waiting" and waits:
        return waits
    if ticket.due_at is None or ticket.unit == "immediate":
        return f"filed {gap_words(now - ticket.received_at)} ago"
    local, today = ticket.due_at.astimezone(calendar.tz), now.astimezone(calendar.tz).date()
    if local.date() == today:
        return f"{'was due' if standing == 'breached' else 'due'} today, {local:%H:%M}"
    said = short_words(ticket.due_at, calendar, now)
    return f"was due {said}" if standing == "breached" else f"due {said}"


def _proposed(ticket: Ticket, row: dict[str, str]) -> Proposed:
    kind = policy_of(ticket.policy_version).type(row["type"])
    address = urlencode({"follows": ticket.number, "rule": row["rule"]})
    return Proposed(
        row["rule"], kind.name if kind else row["type"], f"{reverse('escalations:new')}?{address}"
    )
