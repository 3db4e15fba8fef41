"""The pages of teams and shifts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import team_actions as actions
from accounts.access import SignedIn, needs
from accounts.models import Shift, Team, User
from accounts.roles import Can
from accounts.shifts import WEEKDAYS, Unreadable, minutes_of, read_day, write_day
from accounts.steps import Refused
from accounts.team_forms import TeamForm, WeekForm, week_initial
from accounts.team_screen import TeamsScreen, history_of, last_change, moves_of, people_to_plan, said_hours

SECTION = {"section": "settings", "page": "teams"}


@require_safe
@needs(Can.PLAN_SHIFTS)
def teams(request: SignedIn) -> HttpResponse:
    """Every team with its people and their week."""
    screen = TeamsScreen(request.user, now=timezone.now())
    return render(request, "accounts/teams.html", {**SECTION, "screen": screen})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.PLAN_SHIFTS)
def team_new(request: SignedIn) -> HttpResponse:
    """Add a team."""
    return _team(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.PLAN_SHIFTS)
def team_edit(request: SignedIn, key: int) -> HttpResponse:
    """Rename a team, say who leads it and who is in it; of two at once the second is told."""
    rows = Team.objects.visible_to(request.user).select_related("lead")
    return _team(request, get_object_or_404(rows, pk=key))


def _team(request: SignedIn, team: Team | None) -> HttpResponse:
    people, seen = people_to_plan(request.user), actions.seen_of_team(team)
    if request.method != "POST":
        return _show_team(
            request, team, TeamForm(people, team, initial={**_known(team, people), "seen": seen})
        )
    _refuse_strangers(request, people)
    form = TeamForm(people, team, request.POST)
    if not form.is_valid():
        return _show_team(request, team, form, status=400)
    said, by_key = form.cleaned_data, {str(one.pk): one for one in people}
    lead, members = by_key.get(said["lead"]), [by_key[key] for key in said["members"]]
    facts: dict[str, Any] = {"by": request.user, "at": timezone.now(), "seen": said["seen"]}
    try:
        saved = actions.save_team(team, name=said["name"], lead=lead, members=members, **facts)
    except actions.Unfit as unfit:
        form.take(unfit.wrong)
        return _show_team(request, team, form, status=400)
    except Refused:
        assert team is not None  # nobody is too late for a team that is new
        form.saw(seen)
        conflict = _team_conflict(request, team, form, people)
        return _show_team(request, team, form, status=409, conflict=conflict)
    messages.success(request, f"{saved.name} is saved.")
    return redirect("teams:list")


def _known(team: Team | None, people: list[User]) -> dict[str, Any]:
    """What the form of a team begins with."""
    if team is None:
        return {}
    members = [str(one.pk) for one in people if one.team_id == team.pk]
    return {"name": team.name, "lead": str(team.lead_id or ""), "members": members}


def _refuse_strangers(request: SignedIn, people: list[User]) -> None:
    """An id that is nobody's of this company is not there (404), whatever it is elsewhere."""
    sent = [*request.POST.getlist("members"), request.POST.get("lead", "")]
    numbers = {int(one) for one in sent if one.isascii() and one.isdigit() and len(one) < 19}
    if numbers - {one.pk for one in people}:
        raise Http404


def _show_team(
    request: SignedIn, team: Team | None, form: TeamForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {**SECTION, "team": team, "form": form, **more}
    if team is not None and status != 409:
        context["last"] = _zoned(request, _team_history(team))
    context["empty"] = team is not None and not User.objects.filter(team=team).exists()
    return render(request, "accounts/teams_team.html", context, status=status)


def _team_history(team: Team) -> dict[str, Any] | None:
    return last_change(history_of(Team).filter(pgh_obj_id=team.pk), moves_of(team))


def _team_conflict(
    request: SignedIn, team: Team | None, form: TeamForm, people: list[User]
) -> dict[str, Any]:
    """What is saved now beside what was typed."""
    assert team is not None
    names = {str(one.pk): str(one) for one in people}
    now, typed = _known(team, people), form.cleaned_data
    in_it = [", ".join(names[key] for key in one["members"]) for one in (now, typed)]
    rows = [
        ("Name", now["name"], typed["name"]),
        ("Led by", names.get(now["lead"], ""), names.get(typed["lead"], "")),
        ("Who is in it", in_it[0], in_it[1]),
    ]
    changes = [{"field": field, "theirs": theirs, "yours": yours} for field, theirs, yours in rows]
    return {**(_zoned(request, _team_history(team)) or {}), "changes": changes}


@require_POST
@needs(Can.PLAN_SHIFTS)
def team_remove(request: SignedIn, key: int) -> HttpResponse:
    """Take away a team that nobody is in."""
    team = get_object_or_404(Team.objects.visible_to(request.user), pk=key)
    try:
        actions.remove_team(team, by=request.user, at=timezone.now())
    except Refused as refused:
        people = people_to_plan(request.user)
        form = TeamForm(people, team, initial={**_known(team, people), "seen": actions.seen_of_team(team)})
        return _show_team(request, team, form, status=409, refused=refused.sentence)
    messages.success(request, f"{team.name} is gone.")
    return redirect("teams:list")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.PLAN_SHIFTS)
def shifts(request: SignedIn, key: int) -> HttpResponse:
    """One person's week; of two who plan it at once the second is told."""
    person = get_object_or_404(
        User.objects.filter(company_id=request.user.company_id).select_related("team"), pk=key
    )
    week = actions.week_of(Shift.objects.filter(user=person))
    seen = actions.seen_of_week(week)
    if request.method != "POST":
        return _show_week(request, person, WeekForm(initial={**week_initial(week), "seen": seen}), week)
    return _save_week(request, person, WeekForm(request.POST), week, seen)


def _save_week(
    request: SignedIn, person: User, form: WeekForm, week: actions.Week, seen: str
) -> HttpResponse:
    """Keep the week; or show it again with what is wrong, who was first, or Monday copied."""
    if request.POST.get("do") == "copy":
        return _show_week(request, person, form.copied(), week, copied=True)
    if not form.is_valid():
        return _show_week(request, person, form, week, status=400)
    try:
        actions.save_week(
            person, form.typed, by=request.user, at=timezone.now(), seen=form.data.get("seen", "")
        )
    except actions.Unfit as unfit:
        form.take(unfit.wrong)
        return _show_week(request, person, form, week, status=400)
    except Refused:
        form.saw(seen)
        return _show_week(request, person, form, week, status=409, conflict=_week_conflict(form, week))
    messages.success(request, f"The shifts of {person} are saved.")
    return redirect("teams:list")


def _week_conflict(form: WeekForm, week: actions.Week) -> list[dict[str, str]]:
    """What is saved now beside what was typed, day by day."""
    rows = [(WEEKDAYS[day], write_day(week[day]), _as_written(form.typed[day], day)) for day in range(7)]
    return [
        {"field": day, "theirs": theirs, "yours": yours} for day, theirs, yours in rows if theirs or yours
    ]


def _as_written(typed: str, day: int) -> str:
    """What was typed, in the one writing, so that only what differs stands out."""
    try:
        return write_day(read_day(typed, WEEKDAYS[day]))
    except Unreadable:
        return typed


def _show_week(
    request: SignedIn, person: User, form: WeekForm, week: actions.Week, *, status: int = 200, **more: Any
) -> HttpResponse:
    last = last_change(history_of(Shift).filter(user_id=person.pk))
    context = {**SECTION, "person": person, "form": form, "last": _zoned(request, last), **more}
    context["total"] = said_hours(sum(minutes_of(times) for times in week.values()))
    context["company_zone"] = request.user.company.time_zone
    return render(request, "accounts/teams_shifts.html", context, status=status)


def _zoned(request: SignedIn, last: dict[str, Any] | None) -> dict[str, Any] | None:
    if last is None:
        return None
    local = last["at"].astimezone(request.user.company.zone)
    return {**last, "when": f"{local.day} {local:%B %Y, %H:%M}"}
