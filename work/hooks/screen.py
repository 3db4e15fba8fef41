"""The pages of webhooks in words: how each does, what went there, what a person can do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from accounts.models import User
from work.hooks import deliveries, probe
from work.hooks.actions import DISARMED
from work.hooks.domain import states
from work.hooks.domain.catalogue import EVENTS, body_of
from work.hooks.forms import LogForm
from work.hooks.models import HookAttempt, HookDelivery, HookEndpoint
from work.hooks.sending import UNREADABLE, may_leave

ROWS = 50
MOST_COUNTED = 1000
_STANDINGS = {
    states.WAITING: "paused",
    states.DELIVERED: "on_track",
    states.FAILED: "breached",
    states.WITHDRAWN: "closed",
}


class EndpointLine:
    """One endpoint: how it does, in a word and a sentence."""

    def __init__(self, row: HookEndpoint) -> None:
        self.row, self.health = row, row.health

    @property
    def name(self) -> str:
        """What people call it."""
        return self.row.description or self.row.address

    @property
    def standing(self) -> tuple[str, str]:
        """A standing and its words."""
        row = self.row
        if row.removed_at:
            return "closed", "Removed"
        if not row.enabled:
            return ("paused", "Off") if row.off_by_id else ("breached", "Switched itself off")
        if self.health.failing_since:
            return "breached", "Failing"
        return ("on_track", "Works") if self.health.answered_at else ("none_stated", "Nothing sent yet")

    @property
    def events(self) -> list[Any]:
        """The events it is told of."""
        return [EVENTS[key] for key in self.row.subscribed if key in EVENTS]


class DeliveryLine:
    """One delivery of the log."""

    def __init__(self, row: HookDelivery, now: datetime) -> None:
        self.row, self.now = row, now

    @property
    def standing(self) -> tuple[str, str]:
        """A standing and its words."""
        row = self.row
        if row.status == states.WAITING and row.leased_until and row.leased_until > self.now:
            return "in_window", "Under way"
        if row.status == states.WAITING and row.tries:
            return "due_soon", "Is tried again"
        return _STANDINGS[row.status], states.LABELS[row.status]

    @property
    def number(self) -> str:
        """The ticket or claim it tells of."""
        return str(self.row.data.get("number", ""))

    @property
    def why(self) -> str:
        """What the newest attempt was answered, or why it failed."""
        return deliveries.why(self.row)


class EndpointScreen(EndpointLine):
    """One endpoint with its log."""

    def __init__(self, row: HookEndpoint, now: datetime, asked: Mapping[str, str]) -> None:
        super().__init__(row)
        self.now, self.asked = now, asked
        self.filters = LogForm(dict(asked))

    @property
    def steps(self) -> list[probe.Step]:
        """The steps of the newest test."""
        return probe.steps_of(self.health.test)

    @property
    def verdict(self) -> str:
        """How the newest test ended."""
        failed = next((step for step in self.steps if step.state == probe.FAILED), None)
        return f"It ends here: {failed.name}." if failed else "Every step went well."

    @property
    def test_is_old(self) -> bool:
        """Whether the endpoint was changed since it was tested."""
        return bool(self.health.tested_at and self.row.changed_at > self.health.tested_at)

    @property
    def two_secrets(self) -> bool:
        """Whether the secret of before still signs."""
        return bool(self.row.earlier_until and self.row.earlier_until > self.now)

    @property
    def unreadable(self) -> str:
        """Said when the secret cannot be opened any more, as the log tells."""
        return UNREADABLE if self.health.failure == UNREADABLE and self.health.failing_since else ""

    @cached_property
    def disarmed(self) -> str:
        """Said where nothing leaves at all."""
        return "" if may_leave(self.row.company, self.now) else DISARMED

    @cached_property
    def waiting(self) -> str:
        """How many deliveries wait; empty when none does."""
        return self._count(states.WAITING)

    @cached_property
    def failed(self) -> str:
        """How many were given up; empty when none was."""
        return self._count(states.FAILED)

    def _count(self, status: str) -> str:
        rows = HookDelivery.objects.filter(endpoint=self.row, status=status)
        found = rows.order_by("-id")[: MOST_COUNTED + 1].count()
        return f"more than {MOST_COUNTED:,}" if found > MOST_COUNTED else (f"{found:,}" if found else "")

    @cached_property
    def _page(self) -> list[HookDelivery]:
        mine = HookDelivery.objects.filter(endpoint=self.row)
        rows = deliveries.looked_for(mine, self.filters.known, self.row.company.zone)
        before = self.asked.get("before", "")
        if before.isascii() and before.isdecimal() and len(before) < 18:
            rows = rows.filter(pk__lt=int(before))
        return list(deliveries.with_newest_attempt(rows).order_by("-id")[: ROWS + 1])

    @property
    def is_filtered(self) -> bool:
        """Whether only a part of the log is shown."""
        return bool(self.filters.known) or bool(self.asked.get("before"))

    @property
    def log(self) -> list[DeliveryLine]:
        """The deliveries shown, the newest first."""
        return [DeliveryLine(row, self.now) for row in self._page[:ROWS]]

    @property
    def older(self) -> str:
        """The address of the page behind this one; empty when this is the last."""
        if len(self._page) <= ROWS:
            return ""
        kept = {name: self.asked[name] for name in self.filters.fields if self.asked.get(name)}
        return f"?{urlencode({**kept, 'before': self._page[ROWS - 1].pk})}#log"


class DeliveryScreen(DeliveryLine):
    """One delivery: what was sent, and every attempt."""

    @property
    def body(self) -> str:
        """The body in lines; what is sent has the same content without spaces."""
        row = self.row
        return json.dumps(json.loads(body_of(row.event_type, row.occurred_at, row.data)), indent=2)

    @cached_property
    def attempts(self) -> list[HookAttempt]:
        """The newest hundred attempts, the newest first."""
        return list(self.row.log.order_by("-number")[:100])

    @property
    def under_way(self) -> bool:
        """Whether an attempt is being made at this moment."""
        return bool(self.row.leased_until and self.row.leased_until > self.now)

    @property
    def may_send(self) -> bool:
        """Whether a person can have it sent now."""
        usable = self.row.endpoint.enabled and not self.under_way
        return usable and self.row.status != states.WITHDRAWN


def lines_of(user: User) -> list[EndpointLine]:
    """Every endpoint of the person's company, the newest last; those removed after the others."""
    rows = HookEndpoint.objects.visible_to(user).select_related("health").order_by("pk")
    return [EndpointLine(row) for row in rows]
