"""The bands of the board: which ticket stands in which, in SQL, each in the first that fits.

The conditions exclude each other, so that a band's list, its count and what is done to all of it are the same
tickets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from escalations.domain.states import RUNNING
from escalations.models import Pause
from escalations.policies import policy_in_force, policy_of
from escalations.queries import on_the_way, opened, standing_is, warned


@dataclass(frozen=True)
class Band:
    """One band: ``state`` is the standing whose dial it carries, ``note`` how its tickets are ordered."""

    key: str
    label: str
    state: str
    note: str


BANDS = (
    Band("immediate", "Immediate", "immediate", "oldest first"),
    Band("breached", "Breached", "breached", "longest late first"),
    Band("due_today", "Due today", "due_soon", "nearest due first"),
    Band("in_window", "In window", "in_window", "may be answered any day now"),
    Band("due_soon", "Due soon", "due_soon", "nearest due first"),
    Band("unassigned", "Unassigned", "none_stated", "nobody has them yet"),
    Band("waiting", "Waiting too long", "paused", ""),
)
BY_KEY = {band.key: band for band in BANDS}


@dataclass(frozen=True)
class Bounds:
    """The moments that part the bands: now, the end of the company's day, and since when waiting is long."""

    now: datetime
    tomorrow: datetime
    long_since: datetime


def bounds_of(user: Any, waiting_days: int, now: datetime) -> Bounds:
    """The bounds at ``now`` on the company's clock; a wait of more than ``waiting_days`` calendar days is
    long."""
    zone = user.company.zone
    tomorrow = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(0), zone)
    return Bounds(now, tomorrow, now - timedelta(days=waiting_days))


def band_of(key: str, user: Any, now: datetime) -> Q:
    """The condition of a band for one person at ``now``; asks the policy in force for its limit."""
    policy = policy_of(policy_in_force(user.company, at=now))
    return band_is(key, bounds_of(user, policy.waiting_days, now))


def band_is(key: str, bounds: Bounds) -> Q:
    """The condition under which a ticket stands in this band."""
    found = Q()
    for part in parts_of(key, bounds):
        found |= part
    return found


def parts_of(key: str, bounds: Bounds) -> tuple[Q, ...]:
    """The same in parts that have no ticket in common, each one that a partial index of the running tickets
    answers alone."""
    return tuple(Q(status__in=RUNNING) & part for part in _PARTS[key](bounds))


_AT_ONCE = Q(unit="immediate")


def _immediate(bounds: Bounds) -> tuple[Q, ...]:
    """What cannot wait: immediate and not late, or urgent without a date (K7, K8)."""
    return (
        standing_is("immediate", bounds.now),
        Q(urgency="urgent", due_at=None, paused_at=None) & ~_AT_ONCE,
    )


def _late(bounds: Bounds) -> tuple[Q, ...]:
    """Late and going, late before it was paused, immediate and taken late or not at all (K3, K7, K9)."""
    return (
        Q(paused_at=None, due_at__lt=bounds.now) & ~_AT_ONCE,
        Q(paused_at__isnull=False, paused_at__gt=F("late_from")) & ~_AT_ONCE,
        _AT_ONCE & (Q(taken_at=None, late_from__lt=bounds.now) | Q(taken_at__gt=F("late_from"))),
    )


def _due_today(bounds: Bounds) -> tuple[Q, ...]:
    return (on_the_way(bounds.now) & Q(due_at__lt=bounds.tomorrow),)


def _later(bounds: Bounds) -> Q:
    """Running towards a date after today."""
    return on_the_way(bounds.now) & Q(due_at__gte=bounds.tomorrow)


def _in_window(bounds: Bounds) -> tuple[Q, ...]:
    return (_later(bounds) & ~warned(bounds.now) & opened(bounds.now),)


def _due_soon(bounds: Bounds) -> tuple[Q, ...]:
    return (_later(bounds) & warned(bounds.now),)


def _calm(bounds: Bounds) -> tuple[Q, ...]:
    """What no clock presses: on track, paused in time, or without a date and not urgent."""
    undated = Q(due_at=None) & ~_AT_ONCE & (Q(urgency="normal") | Q(paused_at__isnull=False))
    return (
        _later(bounds) & ~warned(bounds.now) & ~opened(bounds.now),
        standing_is("paused", bounds.now),
        undated,
    )


def _unassigned(bounds: Bounds) -> tuple[Q, ...]:
    return tuple(Q(assignee=None) & part for part in _calm(bounds))


def _waiting(bounds: Bounds) -> tuple[Q, ...]:
    waits = Pause.objects.filter(ticket=OuterRef("pk"), ended_at=None, started_at__lt=bounds.long_since)
    return tuple(Q(assignee__isnull=False) & Q(Exists(waits)) & part for part in _calm(bounds))


_PARTS: dict[str, Callable[[Bounds], tuple[Q, ...]]] = {
    "immediate": _immediate,
    "breached": _late,
    "due_today": _due_today,
    "in_window": _in_window,
    "due_soon": _due_soon,
    "unassigned": _unassigned,
    "waiting": _waiting,
}
