"""What the page of teams and shifts shows: who is in which team, when everybody works, who is here now."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts.models import Shift, Team, User
from accounts.roles import Can, roles_that_may
from accounts.shifts import END, WEEKDAYS, Stretch, Times, joined, minutes_of, shift_of, write_clock


def people_to_plan(user: User, planned: Container[int] | None = None) -> list[User]:
    """Everybody of the company who works on tickets, is in a team or has shifts; those let go stand last.

    ``planned`` are the ids of those who have shifts, where they are known already.
    """
    if planned is None:
        planned = set(Shift.objects.visible_to(user).values_list("user_id", flat=True).distinct())
    rows = User.objects.filter(company_id=user.company_id).select_related("team")
    roles = {role.value for role in roles_that_may(Can.WORK_TICKETS)}
    found = [
        one
        for one in rows.order_by("first_name", "last_name", "pk")
        if one.team_id or one.pk in planned or (one.is_active and one.role in roles)
    ]
    return sorted(found, key=lambda one: not one.is_active)


def said_times(times: Iterable[Times]) -> list[str]:
    """Stretches as the grid shows them."""
    return [f"{write_clock(start)}–{write_clock(end)}" for start, end in times]


def said_hours(minutes: int) -> str:
    """Minutes as hours: "37.5 h"."""
    return f"{minutes / 60:g} h" if minutes else ""


@dataclass(frozen=True)
class Day:
    """One cell of the grid."""

    name: str
    stretches: list[str]
    today: bool


@dataclass(frozen=True)
class Line:
    """One person's week."""

    person: User
    days: list[Day]
    total: str
    until: str
    """Until when they are on shift now; empty when they are not."""


@dataclass(frozen=True)
class Group:
    """A team with its people; ``team`` is ``None`` for those in no team."""

    team: Team | None
    lines: list[Line]

    @property
    def lead_gone(self) -> bool:
        """Whether the team's lead was let go, or works on tickets no more."""
        lead = self.team.lead if self.team else None
        return lead is not None and not lead.may(Can.WORK_TICKETS)


class TeamsScreen:
    """The whole page, in three queries beside who is asking."""

    weekdays = tuple((name[:3], name) for name in WEEKDAYS)

    def __init__(self, user: User, *, now: datetime) -> None:
        self.user, self.now = user, now
        self.zone = user.company.zone
        self.today = now.astimezone(self.zone).weekday()

    @cached_property
    def _shifts(self) -> dict[int, list[Stretch]]:
        found: dict[int, list[Stretch]] = {}
        rows = Shift.objects.visible_to(self.user).order_by("weekday", "starts")
        for one in rows:
            stretch = Stretch(one.user_id, one.weekday, one.starts, one.ends)
            found.setdefault(one.user_id, []).append(stretch)
        return found

    @cached_property
    def _people(self) -> list[User]:
        return people_to_plan(self.user, self._shifts)

    @cached_property
    def groups(self) -> list[Group]:
        """Every team by name, then those in none."""
        teams = Team.objects.visible_to(self.user).select_related("lead").order_by("name")
        lines = [self._line(person) for person in self._people]
        found = [Group(team, [one for one in lines if one.person.team_id == team.pk]) for team in teams]
        without = [one for one in lines if one.person.team_id is None]
        return [*found, Group(None, without)] if without else found

    @property
    def anybody(self) -> bool:
        """Whether anybody's shifts are known."""
        return bool(self._shifts)

    @property
    def here(self) -> list[Line]:
        """Who is on shift now."""
        return [line for group in self.groups for line in group.lines if line.until]

    @property
    def now_words(self) -> str:
        """The moment, by the company's clock."""
        return f"{self.now.astimezone(self.zone):%H:%M}"

    @property
    def covered(self) -> list[Day]:
        """When somebody who still works here is on shift, by weekday."""
        active = {one.pk for one in self._people if one.is_active}
        by_day: list[list[Times]] = [[] for _ in WEEKDAYS]
        for person, stretches in self._shifts.items():
            for one in stretches if person in active else ():
                by_day[one.weekday].append((one.starts, one.ends))
        return [self._day(day, joined(times)) for day, times in enumerate(by_day)]

    def _day(self, day: int, times: Iterable[Times]) -> Day:
        return Day(WEEKDAYS[day], said_times(times), day == self.today)

    def _line(self, person: User) -> Line:
        stretches = self._shifts.get(person.pk, [])
        times: list[list[Times]] = [
            [(s.starts, s.ends) for s in stretches if s.weekday == day] for day in range(7)
        ]
        now = shift_of(person.pk, stretches, self.now, self.zone) if person.is_active else None
        until = "midnight" if now and now.ends == END else write_clock(now.ends) if now else ""
        total = said_hours(sum(minutes_of(one) for one in times))
        return Line(person, [self._day(day, one) for day, one in enumerate(times)], total, until)


def history_of(model: Any) -> QuerySet[Any]:
    """All that is kept of a model's rows: what was added, changed and deleted stands in one table."""
    (kept,) = set(model.pgh_event_models.values())
    return kept.objects.all()  # type: ignore[no-any-return]


def moves_of(team: Team) -> QuerySet[Any]:
    """Who came into the team or left it; a new role, or somebody let go, is no move."""
    rows = history_of(User).filter(company_id=team.company_id)
    earlier = rows.filter(pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id"))
    before = Subquery(earlier.order_by("-pgh_id").values("team_id")[:1])
    here, there = Q(team_id=team.pk), Q(before=team.pk)
    came, left = here & (~there | Q(before=None)), there & (~here | Q(team_id=None))
    return rows.annotate(before=before).filter(came | left)


def last_change(*histories: Any) -> dict[str, Any] | None:
    """Who changed it last and when, from the newest row of these histories; ``None`` if nobody did."""
    newest = [rows.select_related("pgh_context").order_by("-pgh_id").first() for rows in histories]
    found = max((one for one in newest if one), key=lambda one: one.pgh_created_at, default=None)
    if found is None:
        return None
    context = found.pgh_context.metadata if found.pgh_context else {}
    person = User.objects.filter(pk=context.get("user") or 0).first()
    return {"who": str(person or context.get("who", "Holdline")), "at": found.pgh_created_at}
