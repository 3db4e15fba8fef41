"""Reports of what people did to many lines of the Hold page, and until when a queueing can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from django.db.models import QuerySet

from accounts.models import User
from accounts.roles import Can
from deductibles.domain import days
from deductibles.models import HoldAct
from deductibles.nights import AT_UTC

MOST_SHOWN = 500


def acts_of(user: User) -> QuerySet[HoldAct]:
    """Acts of the user's company, newest first."""
    rows: QuerySet[HoldAct] = HoldAct.objects.visible_to(user).select_related("by")
    return rows.order_by("-id")


def queueing(act: HoldAct | None, user: User, now: datetime) -> Report | None:
    """The report of a person's newest act, while that can be taken back; None once the night came."""
    report = Report(act, user, now) if act is not None else None
    return report if report is not None and report.may_undo else None


def last_night(now: datetime) -> datetime:
    """When the newest submission run was due: about 03:00 UTC, every night."""
    today = datetime.combine(now.astimezone(UTC).date(), AT_UTC, UTC)
    return today if today <= now else today - timedelta(days=1)


@dataclass(frozen=True)
class Report:
    """One act as its page and the line above the list tell it."""

    act: HoldAct
    user: User
    now: datetime

    @property
    def title(self) -> str:
        """How many claims, and what became of them."""
        done = "1 claim" if self.act.done == 1 else f"{self.act.done:,} claims"
        return f"{done} {self.act.get_act_display()}"

    @property
    def moment(self) -> str:
        """When, in the company's zone."""
        local = self.act.at.astimezone(self.user.company.zone)
        return f"{days.spoken(local.date(), self.now.year)}, {local:%H:%M}"

    @property
    def who(self) -> str:
        """Who did it."""
        return self.act.by.get_full_name() or self.act.by.get_username()

    @property
    def may_undo(self) -> bool:
        """Whether the person may take it back, as far as the clock says; each line is asked again then."""
        queued = self.act.act == HoldAct.Act.QUEUE and self.act.done > 0 and self.act.undone_at is None
        return queued and self.act.at > last_night(self.now) and self.user.may(Can.WORK_CLAIMS)

    @cached_property
    def skipped(self) -> list[dict[str, str]]:
        """The lines that were left as they were, each with its reason."""
        rows: list[dict[str, str]] = self.act.skipped[:MOST_SHOWN]
        return rows

    @property
    def more(self) -> int:
        """How many of those are not shown."""
        return max(0, len(self.act.skipped) - MOST_SHOWN)
