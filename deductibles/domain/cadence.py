"""When a held claim is asked about: every seventh day from its first hold (D-CHK-2…5). Pure.

The grid is anchored to the first hold and never drifts: day 0 is the anchor, questions fall on day 7,
14, 21 …, weekends and holidays included. Nothing asked in between moves it.
"""

from __future__ import annotations

from datetime import date, timedelta

EVERY = 7
LONGEST = 366
"""No hold outlives the longest configurable number of days (365) by more than a missed night or so."""


def is_due(first_held_on: date, target: date) -> bool:
    """Say whether ``target`` lies on the grid (D-CHK-2)."""
    days = (target - first_held_on).days
    return days > 0 and days % EVERY == 0


def newest_missed(first_held_on: date, last_asked_for: date | None, target: date) -> date | None:
    """The newest grid date up to ``target`` that was not asked for yet, or None (D-CHK-5).

    However many nights were missed there is one date to ask for, the newest.
    """
    weeks = (target - first_held_on).days // EVERY
    if weeks < 1:
        return None
    newest = first_held_on + timedelta(days=weeks * EVERY)
    return newest if last_asked_for is None or last_asked_for < newest else None


def next_check_on(first_held_on: date, after: date) -> date:
    """The first grid date later than ``after`` (D-CHK-3)."""
    weeks = max((after - first_held_on).days // EVERY, 0)
    return first_held_on + timedelta(days=(weeks + 1) * EVERY)


def anchors(nights: list[date]) -> list[date]:
    """Every date of a first hold whose grid meets one of these nights, for one indexed selection."""
    weeks = LONGEST // EVERY + 2
    found = {night - timedelta(days=EVERY * week) for night in nights for week in range(1, weeks)}
    return sorted(found)


def days_remaining(release_on: date | None, today: date) -> int | None:
    """Whole days until release, 0 on the day and after it; None without a release date."""
    return None if release_on is None else max((release_on - today).days, 0)
