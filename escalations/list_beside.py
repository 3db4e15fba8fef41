"""What columns of the list show that is not the ticket's own: read in the list's one statement, if shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from escalations.domain import lengths
from escalations.domain import turnaround as engine
from escalations.models import Breach, Pause, Ticket, TicketCycle, Watcher
from escalations.policies import calendar_of, policy_of


def beside(rows: QuerySet[Ticket], keys: Iterable[str]) -> QuerySet[Ticket]:
    """The tickets with what these columns need of other tables, each as ``beside_`` and its column."""
    wanted = {name: make() for key in keys if key in _BESIDE for name, make in _BESIDE[key].items()}
    return rows.annotate(**{f"beside_{name}": value for name, value in wanted.items()})


def _outcome() -> Any:
    cycles = TicketCycle.objects.filter(ticket=OuterRef("pk"), ended_at__isnull=False).order_by("-number")
    return Subquery(cycles.values("outcome")[:1])


def _reason() -> Any:
    """The newest breach's reason; null where there was none, empty while nobody has said it."""
    return Subquery(Breach.objects.filter(ticket=OuterRef("pk")).order_by("-cycle").values("reason")[:1])


def _watchers() -> Any:
    rows = Watcher.objects.filter(ticket=OuterRef("pk")).order_by().values("ticket")
    return Coalesce(Subquery(rows.annotate(many=Count("pk")).values("many")), 0)


def _cycle() -> Any:
    rows = TicketCycle.objects.filter(ticket=OuterRef("pk"), number=OuterRef("cycle"))
    return Subquery(rows.values(row=JSONObject(unit="unit", since="clock_from", until="ended_at"))[:1])


def _pauses() -> Any:
    rows = Pause.objects.filter(ticket=OuterRef("pk"), stops_clock=True, ended_at__isnull=False)
    return ArraySubquery(
        rows.order_by("started_at").values(row=JSONObject(since="started_at", until="ended_at"))
    )


_BESIDE: dict[str, dict[str, Callable[[], Any]]] = {
    "outcome": {"outcome": _outcome},
    "late": {"reason": _reason},
    "team": {"team": lambda: F("assignee__team__name")},
    "watchers": {"watchers": _watchers},
    "noted": {"noted": lambda: F("written__noted_at")},
    "updated": {"updated": lambda: F("written__updated_at")},
    "closed_in": {"cycle": _cycle, "pauses": _pauses},
}


def late_words(ticket: Any) -> str:
    """Why a ticket was late as it is said; empty for one that never was."""
    reason = getattr(ticket, "beside_reason", None)
    if reason is None:
        return ""
    return policy_of(ticket.policy_version).late_words(reason) if reason else "Not said yet"


def closed_in(ticket: Any) -> str:
    """How long the cycle took that the resolution ended, in the unit its turnaround counts in (K2–K9)."""
    cycle = getattr(ticket, "beside_cycle", None)
    if ticket.status != "resolved" or not cycle or not cycle["until"]:
        return ""
    stops = [engine.Pause(_moment(one["since"]), _moment(one["until"])) for one in ticket.beside_pauses]
    since, until = _moment(cycle["since"]), _moment(cycle["until"])
    calendar = calendar_of(ticket.calendar_version)
    return lengths.said(cycle["unit"], lengths.length(cycle["unit"], since, until, calendar, stops))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
