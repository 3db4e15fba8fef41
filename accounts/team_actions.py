"""What changes about teams and shifts. Each write is told what was seen, so that of two people the second is
told; the history names who did it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.audit import acting
from accounts.models import Company, Shift, Team, User
from accounts.roles import Can
from accounts.shifts import WEEKDAYS as WEEKDAY_NAMES
from accounts.shifts import Times, Unreadable, read_day
from accounts.steps import Refused, Unfit, digest_of

Week = dict[int, tuple[Times, ...]]


def seen_of_team(team: Team | None) -> str:
    """What a form about this team has seen: its name, its lead and who is in it."""
    if team is None or team.pk is None:
        return "new"
    members = sorted(User.objects.filter(team=team).values_list("pk", flat=True))
    return digest_of([team.name, team.lead_id, members])


def seen_of_week(week: Mapping[int, Iterable[Times]]) -> str:
    """What a form about a person's shifts has seen."""
    return digest_of([[day, sorted(times)] for day, times in sorted(week.items()) if times])


def week_of(shifts: Iterable[Shift]) -> Week:
    """One person's shifts by weekday."""
    found: Week = dict.fromkeys(range(7), ())
    for one in shifts:
        found[one.weekday] = (*found[one.weekday], (one.starts, one.ends))
    return {day: tuple(sorted(times)) for day, times in found.items()}


def save_team(
    team: Team | None,
    *,
    name: str,
    lead: User | None,
    members: Collection[User],
    by: User,
    at: datetime,
    seen: str | None = None,
) -> Team:
    """Add a team, or change it: its name, who leads it, who is in it. Nobody is in two teams.

    Unfit for a lead who does not work on tickets or was let go, for a newcomer who was let go, and for a name
    that another team has; Refused ("stale") when somebody changed the team since ``seen``.
    """
    with transaction.atomic(), acting(by, "change team" if team else "add team"):
        company = Company.objects.select_for_update(no_key=True).get(pk=by.company_id)
        kept = Team.objects.get(pk=team.pk) if team else Team(company=company)
        if team and seen is not None and seen != seen_of_team(kept):
            raise Refused("Somebody else changed this team meanwhile. Compare, then decide.", "stale")
        _refuse_unfit(kept, name, lead, members)
        kept.name, kept.lead = name, lead
        _saved(kept)
        people = User.objects.filter(company=company)
        keys = {person.pk for person in members}
        people.filter(team=kept).exclude(pk__in=keys).update(team=None)
        people.filter(pk__in=keys).exclude(team=kept).update(team=kept)
        return kept


def _refuse_unfit(team: Team, name: str, lead: User | None, members: Collection[User]) -> None:
    wrong: dict[str, str] = {}
    others = Team.objects.filter(company_id=team.company_id).exclude(pk=team.pk)
    if others.filter(name__iexact=name).exists():
        wrong["name"] = "There is a team of this name. Choose another name."
    if lead is not None and not lead.is_active:
        wrong["lead"] = f"{lead} is disabled and cannot lead. Choose somebody who is here."
    elif lead is not None and not lead.may(Can.WORK_TICKETS):
        wrong["lead"] = f"{lead} is {lead.role} and does not work on tickets, so cannot lead a team."
    gone = [str(one) for one in members if not one.is_active and one.team_id != team.pk]
    if gone:
        wrong["members"] = f"Disabled people join no team: {', '.join(gone)}."
    if wrong:
        raise Unfit(wrong)


def _saved(team: Team) -> None:
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError as error:
        raise Unfit({"name": "There is a team of this name. Choose another name."}) from error


def remove_team(team: Team, *, by: User, at: datetime) -> None:
    """Take away a team that nobody is in any more; Refused while somebody is."""
    with transaction.atomic(), acting(by, "remove team"):
        Company.objects.select_for_update(no_key=True).get(pk=by.company_id)
        count = User.objects.filter(team=team).count()
        if count:
            who = "One person is" if count == 1 else f"{count} people are"
            raise Refused(f"{who} in {team.name}. Move them to another team first.")
        Team.objects.filter(pk=team.pk).delete()


def read_week(typed: Mapping[int, str]) -> Week:
    """Read a week as it was typed; Unfit names every day that cannot be read, as ``day_0`` to ``day_6``."""
    week: Week = {}
    wrong: dict[str, str] = {}
    for day, name in enumerate(WEEKDAY_NAMES):
        try:
            week[day] = read_day(typed.get(day, ""), name)
        except Unreadable as problem:
            wrong[f"day_{day}"] = problem.sentence
    if wrong:
        raise Unfit(wrong)
    return week


def save_week(
    person: User, typed: Mapping[int, str], *, by: User, at: datetime, seen: str | None = None
) -> Week:
    """Put these shifts in place of the person's week; only what differs is written.

    Unfit for what cannot be read, Refused ("stale") when somebody changed the week since ``seen``.
    """
    week = read_week(typed)
    with transaction.atomic(), acting(by, "plan shifts"):
        User.objects.select_for_update(no_key=True).get(pk=person.pk)
        rows = list(Shift.objects.filter(user=person))
        if seen is not None and seen != seen_of_week(week_of(rows)):
            raise Refused("Somebody else changed these shifts meanwhile. Compare, then decide.", "stale")
        wanted = {(day, *times) for day, stretches in week.items() for times in stretches}
        known = {(row.weekday, row.starts, row.ends): row for row in rows}
        Shift.objects.filter(pk__in=[row.pk for key, row in known.items() if key not in wanted]).delete()
        Shift.objects.bulk_create(
            Shift(company_id=person.company_id, user=person, weekday=day, starts=start, ends=end)
            for day, start, end in sorted(wanted - known.keys())
        )
    return week
