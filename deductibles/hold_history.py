"""What was asked about one line of the Hold page and what came back, newest first: what a line opens to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.utils import timezone

from deductibles.domain import days
from deductibles.models import Hold, Question, Snapshot

MOST = 40


@dataclass(frozen=True)
class Check:
    """One question: when, how, what was answered, and the amounts; None is unknown."""

    on: str
    time: str
    how: str
    who: str
    outcome: str
    detail: str
    annual: Any
    remaining: Any
    used: bool


class HoldHistory:
    """The checks of one hold about its coverage, and why it waits or was released."""

    def __init__(self, hold: Hold, today: date, zone: Any) -> None:
        self.hold, self.today, self.zone = hold, today, zone

    @cached_property
    def checks(self) -> list[Check]:
        """Answers about the coverage, and questions of nights that nobody answered yet."""
        kept = Snapshot.objects.filter(claim=self.hold.claim_id, coverage=self.hold.coverage_id)
        rows = list(kept.defer("x12_271", "reading").order_by("-pk")[:MOST])
        silent = Question.objects.filter(hold=self.hold, answered_at=None, asked_at__isnull=False)
        found = [(row.asked_at, self._answered(row)) for row in rows]
        open_ones = silent.order_by("-for_date")[:MOST]
        found += [(row.asked_at, self._silent(row)) for row in open_ones if row.asked_at]
        return [check for _, check in sorted(found, key=lambda pair: pair[0], reverse=True)]

    def _answered(self, row: Snapshot) -> Check:
        by_night = row.source == Snapshot.Source.NIGHTLY
        return Check(
            *self._moment(row.asked_at),
            how=row.get_source_display(),
            who="" if by_night else row.asked_by or "",
            outcome=row.outcome,
            detail=row.detail or (f"Reason code: {row.reason_code}" if row.reason_code else ""),
            annual=row.annual,
            remaining=row.remaining,
            used=row.pk == self.hold.snapshot_id,
        )

    def _silent(self, row: Question) -> Check:
        on, time = self._moment(row.asked_at) if row.asked_at else ("", "")
        detail = f"For {days.plain(row.for_date, self.today.year)}; asked again the next night."
        return Check(on, time, "AR Boost, nightly check", "", "no answer yet", detail, None, None, used=False)

    def _moment(self, at: datetime) -> tuple[str, str]:
        local = timezone.localtime(at, self.zone)
        return days.weekday(local.date(), self.today.year), f"{local:%H:%M}"

    @property
    def next_check(self) -> str:
        """When the payer is asked next; empty when nobody will be."""
        row = self.hold
        if not row.active or row.kind == Hold.Kind.MANUAL or row.next_check_on is None:
            return ""
        return days.weekday(row.next_check_on, self.today.year)

    @property
    def nobody_asks(self) -> bool:
        """Whether it is held by hand: then the biller checks, and AR Boost is never asked (D-MAN-3)."""
        return self.hold.kind == Hold.Kind.MANUAL

    @property
    def why(self) -> list[str]:
        """Why it waits, or why it was released, in sentences."""
        return [str(line) for line in (self.hold.release_why or self.hold.why or [])]
