"""The filing guard: no claim is held into its timely filing deadline (deductibles.md section 5). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class ReleaseDate:
    """The date a hold ends by time, and whether the guard rather than the days set it."""

    on: date
    by_guard: bool
    sentence: str


def deadline(date_of_service: date, limit_days: int | None) -> date | None:
    """The timely filing deadline: date of service plus the payer's limit in days; None without a limit."""
    return None if limit_days is None else date_of_service + timedelta(days=limit_days)


def guard_on(deadline_on: date | None, guard_days: int) -> date | None:
    """The last date a claim may still be held: the deadline less the guard days."""
    return None if deadline_on is None else deadline_on - timedelta(days=guard_days)


def inside_guard(deadline_on: date | None, guard_days: int, today: date) -> bool:
    """Say whether ``today`` is already too close to the deadline to hold at all."""
    last = guard_on(deadline_on, guard_days)
    return last is not None and today >= last


def release_date(held_on: date, max_days: int, deadline_on: date | None, guard_days: int) -> ReleaseDate:
    """The earlier of the days used up (D-CHK-4) and the filing guard."""
    by_days = held_on + timedelta(days=max_days)
    last = guard_on(deadline_on, guard_days)
    if deadline_on is not None and last is not None and last < by_days:
        return ReleaseDate(last, True, _guarded(deadline_on, guard_days))
    days = "1 day" if max_days == 1 else f"{max_days} days"
    return ReleaseDate(by_days, False, f"Held at most {days} from {held_on:%-d %B %Y}.")


def kept_date(kept: date, deadline_on: date | None, guard_days: int) -> ReleaseDate:
    """The date a hold keeps while its switch is off (D-CONF-3), or the guard's where that comes first."""
    last = guard_on(deadline_on, guard_days)
    if deadline_on is not None and last is not None and last <= kept:
        return ReleaseDate(last, True, _guarded(deadline_on, guard_days))
    return ReleaseDate(kept, False, f"Held until {kept:%-d %B %Y}.")


def _guarded(deadline_on: date, guard_days: int) -> str:
    days = "1 day" if guard_days == 1 else f"{guard_days} days"
    return (
        f"Filing guard: the claim must be filed by {deadline_on:%-d %B %Y}, so it is released {days} before."
    )
