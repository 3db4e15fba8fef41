"""The demo's business calendar: the half days before Christmas and New Year, put in by the admin."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

from accounts.models import Company, User
from escalations.actions import reclocking
from escalations.domain.calendar_edit import NamedCalendar
from escalations.policies import calendar_in_force, named_calendar_of

_HALF = ((time(9), time(13)),)
_EVES = ((12, 24, "Christmas Eve"), (12, 31, "New Year's Eve"))


def add_half_days(company: Company, *, by: User, at: datetime) -> None:
    """Change the calendar as the page does, before any ticket runs; eves on closed days stay closed."""
    named = named_calendar_of(calendar_in_force(company, at=at))
    eves = {date(at.year + ahead, month, day): name for ahead in (0, 1) for month, day, name in _EVES}
    names = {on: name for on, name in eves.items() if named.rules.is_business(on)}
    if not names:
        return
    rules = replace(named.rules, exceptions=dict.fromkeys(names, _HALF))
    calendar = NamedCalendar(rules, names)
    token = reclocking.preview(company, calendar, at=at).token
    reclocking.change_calendar(company, calendar, token=token, by=by, at=at)
