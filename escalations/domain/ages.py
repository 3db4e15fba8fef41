"""How long ago a date was, in the days a rule counts: the arithmetic an agent would do by hand. Pure.

For every date a filing says, and every limit of its type's rules that looks at it (R-INS-4, R-SUP-4,
R-SUP-8, R-SUP-9): the days that have passed, and when the limit is over. The date itself is day 0 (K2); a
limit of 180 days is over once more than 180 have passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from escalations.domain.calendar import BusinessCalendar
from escalations.domain.conditions import Condition, Day
from escalations.domain.due import compute
from escalations.domain.policy import TicketType
from escalations.domain.promise import day_words, local_date
from escalations.domain.refusals import TimeRuleError
from escalations.domain.units import Turnaround

CALENDAR_DAY, BUSINESS_DAY = "calendar_day", "business_day"
_UNITS = {"older_than_days": CALENDAR_DAY, "older_than_business_days": BUSINESS_DAY}
_WORDS = {CALENDAR_DAY: "calendar day", BUSINESS_DAY: "business day"}


@dataclass(frozen=True)
class Limit:
    """How many days of a unit the rules let pass since the date that answers a question."""

    question: str
    days: int
    unit: str


@dataclass(frozen=True)
class Age:
    """How long ago ``since`` was: ``passed`` days of the limit's unit, 0 for a date ahead.

    ``ends_on`` is the date with which the limit ends, ``None`` where the calendar does not reach. ``over`` is
    what the rules go by. ``words`` say all of it in a sentence.
    """

    question: str
    since: date
    unit: str
    limit: int
    passed: int
    over: bool
    ends_on: date | None
    words: str


def ages(ticket_type: TicketType, dates: Mapping[str, date], day: Day) -> tuple[Age, ...]:
    """The age of each date that a limit of the type's rules looks at, in the order of the questions.

    ``dates`` are the dates that answer questions; those of linked tickets count from when they were sent.
    """
    order = [question.key for question in ticket_type.questions]
    wanted = sorted(limits_of(ticket_type), key=lambda limit: (order.index(limit.question), limit.days))
    return tuple(age(limit, dates[limit.question], day) for limit in wanted if limit.question in dates)


def limits_of(ticket_type: TicketType) -> tuple[Limit, ...]:
    """Every limit in days that the rules of a type put to a question, each once."""
    asked = {question.key for question in ticket_type.questions}
    found = (
        limit
        for rule in ticket_type.rules
        for condition in (rule.when, rule.refuse)
        for limit in _limits(condition)
    )
    return tuple(dict.fromkeys(limit for limit in found if limit.question in asked))


def _limits(condition: Condition | None) -> Iterator[Limit]:
    """The limits in a condition; of a linked ticket “at least 46 business days” is a limit of 45."""
    if condition is None:
        return
    for part in _parts(condition):
        yield from _limits(part)
    named = str(condition.get("of", ""))
    for test, unit in _UNITS.items():
        if test in condition:
            yield Limit(named, condition[test], unit)
    linked, _, fact = named.rpartition(".")
    if fact == "business_days" and "at_least" in condition:
        yield Limit(linked, condition["at_least"] - 1, BUSINESS_DAY)


def _parts(condition: Condition) -> Iterable[Any]:
    alone = [condition["not"]] if "not" in condition else []
    return [*condition.get("all", ()), *condition.get("any", ()), *alone]


def age(limit: Limit, since: date, day: Day) -> Age:
    """How old a date is on ``day``, against one limit."""
    if limit.unit == BUSINESS_DAY:
        passed, ends_on = day.business_days_since(since), _business_end(day.calendar, since, limit.days)
    else:
        passed, ends_on = max(0, (day.on - since).days), _calendar_end(since, limit.days)
    over = passed > limit.days
    words = _words(limit, since, day.on, passed, ends_on)
    return Age(limit.question, since, limit.unit, limit.days, passed, over, ends_on, words)


def _calendar_end(since: date, days: int) -> date | None:
    try:
        return since + timedelta(days=days)
    except OverflowError:
        return None


def _business_end(calendar: BusinessCalendar | None, since: date, days: int) -> date | None:
    """The business date with which the limit ends, as a turnaround of so many business days ends (K2)."""
    if calendar is None or days < 1:
        return None
    noon = datetime.combine(since, time(12), calendar.tz)
    try:
        due_at = compute(Turnaround(None, days, "business_day"), noon, calendar).due_at
    except TimeRuleError:
        return None
    return local_date(due_at, calendar) if due_at else None


def _words(limit: Limit, since: date, today: date, passed: int, ends_on: date | None) -> str:
    said, unit = day_words(since, today.year), _WORDS[limit.unit]
    if since > today:
        return f"{said} lies ahead: nothing has passed yet."
    if passed > limit.days and ends_on is None:
        return f"{said}: more than {limit.days} {unit}s ago."
    ago = "today" if since == today else f"{passed:,} {unit}{'' if passed == 1 else 's'} ago"
    return f"{said}: {ago}, {_judged(limit, passed, today, ends_on)}."


def _judged(limit: Limit, passed: int, today: date, ends_on: date | None) -> str:
    if ends_on is None:
        return f"{limit.days} are not over"
    if passed > limit.days:
        return f"{limit.days} were over on {day_words(ends_on, today.year)}"
    if ends_on < today:  # a weekend after the last business day
        return f"no more than {limit.days}"
    when = "today" if ends_on == today else f"on {day_words(ends_on, today.year)}"
    return f"{limit.days} are not over (they end {when})"
