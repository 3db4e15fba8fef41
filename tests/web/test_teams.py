"""Teams and shifts: who leads, who belongs, when everybody works; planned by supervisors and admins."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pghistory.models
import pytest
import time_machine

from accounts.audit import acting
from accounts.models import Shift, Team, User
from accounts.shifts import END
from accounts.team_actions import save_team, save_week

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 20, 12, 0, tzinfo=ZoneInfo("America/Chicago")).astimezone(UTC)
"""A Wednesday."""
LIST, NEW = "/settings/teams/", "/settings/teams/new/"


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def hidden(answer: Any, name: str = "seen") -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())
    assert found
    return found[1]


@pytest.fixture
def days(ana: User, sue: User) -> Team:
    return save_team(None, name="Days", lead=sue, members=[ana], by=sue, at=NOON)


def path(team: Team) -> str:
    return f"/settings/teams/{team.pk}/"


def week_path(person: User) -> str:
    return f"/settings/teams/people/{person.pk}/"


def team_form(answer: Any, **said: Any) -> dict[str, Any]:
    return {"seen": hidden(answer), "name": "Days", "lead": "", "members": [], **said}


def test_a_team_is_added_with_its_lead_and_people(ana: User, sue: User, page_as: Any) -> None:
    client = page_as(sue)
    said = team_form(client.get(NEW), name=" Evenings ", lead=str(sue.pk), members=[str(ana.pk)])
    assert client.post(NEW, said).url == LIST
    team = Team.objects.get()
    ana.refresh_from_db()
    assert (team.name, team.lead, ana.team) == ("Evenings", sue, team)
    assert "Evenings 1 Led by Sue Example" in words(client.get(LIST))


def test_an_admin_plans_too(adam: User, page_as: Any) -> None:
    client = page_as(adam)
    assert client.post(NEW, team_form(client.get(NEW))).status_code == 302
    assert Team.objects.get().name == "Days"


def test_who_is_ticked_leaves_the_other_team_and_who_is_not_leaves_this_one(
    days: Team, ana: User, sue: User, page_as: Any
) -> None:
    evenings = save_team(None, name="Evenings", lead=None, members=[], by=sue, at=NOON)
    client = page_as(sue)
    form = client.get(path(evenings))
    assert "Ana Example (agent), now in Days" in words(form)
    client.post(path(evenings), team_form(form, name="Evenings", members=[str(ana.pk)]))
    ana.refresh_from_db()
    assert ana.team == evenings
    client.post(path(evenings), team_form(client.get(path(evenings)), name="Evenings"))
    ana.refresh_from_db()
    assert ana.team is None


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"name": ""}, "Give the team a name."),
        ({"name": "x" * 61}, "at most 60 characters"),
        ({"name": "Da\u202eys"}, "Use letters, digits and spaces."),
        ({"name": "a\x00b"}, "Null characters are not allowed."),
        ({"name": "dAYS"}, "There is a team of this name."),
        ({"lead": "nobody"}, "Choose somebody of the list."),
        ({"members": ["nobody"]}, "Choose people of the list."),
    ],
)
def test_what_is_wrong_with_a_team_stands_beside_its_field_and_what_was_typed_is_kept(
    days: Team, ana: User, sue: User, page_as: Any, said: dict[str, Any], sentence: str
) -> None:
    client = page_as(sue)
    body = team_form(client.get(NEW), **{"name": "Kept name", "members": [str(ana.pk)], **said})
    answer = client.post(NEW, body)
    assert answer.status_code == 400
    assert sentence in words(answer)
    if "name" not in said:
        assert 'value="Kept name"' in answer.content.decode()
    assert Team.objects.count() == 1


def test_only_who_works_on_tickets_leads(days: Team, ana: User, ben: User, sue: User, page_as: Any) -> None:
    User.objects.filter(pk=ben.pk).update(team=days)
    client = page_as(sue)
    answer = client.post(path(days), team_form(client.get(path(days)), lead=str(ben.pk)))
    assert answer.status_code == 400 and "does not work on tickets" in words(answer)
    User.objects.filter(pk=ana.pk).update(is_active=False)
    answer = client.post(path(days), team_form(client.get(path(days)), lead=str(ana.pk)))
    assert answer.status_code == 400 and "is disabled and cannot lead" in words(answer)
    days.refresh_from_db()
    assert days.lead == sue


def test_disabled_people_join_no_team_and_are_shown_so(
    days: Team, ana: User, sue: User, page_as: Any
) -> None:
    User.objects.filter(pk=ana.pk).update(is_active=False)
    client = page_as(sue)
    assert "Ana Example : plan the week disabled" in words(client.get(LIST))
    answer = client.post(NEW, team_form(client.get(NEW), name="Late", members=[str(ana.pk)]))
    assert answer.status_code == 400 and "Disabled people join no team: Ana Example." in words(answer)
    client.post(path(days), team_form(client.get(path(days)), name="Renamed", members=[str(ana.pk)]))
    assert Team.objects.get().name == "Renamed"


def test_a_lead_who_was_let_go_is_pointed_out(days: Team, sue: User, adam: User, page_as: Any) -> None:
    User.objects.filter(pk=sue.pk).update(is_active=False)
    assert "Sue Example leads it and is disabled: choose somebody else." in words(page_as(adam).get(LIST))


def test_of_two_supervisors_the_second_is_told_who_changed_what(
    days: Team, ana: User, sue: User, adam: User, page_as: Any
) -> None:
    first, second = page_as(adam), page_as(sue)
    form = second.get(path(days))
    first.post(path(days), team_form(first.get(path(days)), name="Early", lead=str(sue.pk)))
    answer = second.post(path(days), team_form(form, name="Mornings", members=[str(ana.pk)]))
    assert answer.status_code == 409
    said = words(answer)
    assert "Adam Example" in said and "Early" in said and "Mornings" in said
    assert 'value="Mornings"' in answer.content.decode()
    assert Team.objects.get().name == "Early"
    again = second.post(path(days), team_form(answer, name="Mornings", members=[str(ana.pk)]))
    assert again.status_code == 302 and Team.objects.get().name == "Mornings"


@pytest.mark.django_db(transaction=True)  # the history tells the moments of transactions
def test_the_last_to_change_a_team_is_who_renamed_it_or_moved_somebody_in_or_out(
    days: Team, ana: User, sue: User, adam: User, page_as: Any
) -> None:
    client, moved = page_as(sue), {"lead": sue, "at": NOON}

    def last() -> str:
        found = re.search(r"Last changed by (\w+ \w+),", words(client.get(path(days))))
        return found[1] if found else ""

    assert last() == "Sue Example"
    save_team(days, name="Days", members=[], by=adam, **moved)
    assert last() == "Adam Example", "somebody left it"
    save_team(days, name="Early", members=[], by=sue, **moved)
    assert last() == "Sue Example", "it was renamed"
    save_team(days, name="Early", members=[ana], by=adam, **moved)
    assert last() == "Adam Example", "somebody came into it"
    with acting(sue, "change role"):
        User.objects.filter(pk=ana.pk).update(role="supervisor")
    assert last() == "Adam Example", "a new role is no change of the team"
    save_team(None, name="Nights", members=[ana], by=sue, **moved)
    assert last() == "Sue Example", "who was taken into another team left this one"


def test_the_last_to_change_a_week_is_also_who_emptied_it(
    ana: User, sue: User, adam: User, page_as: Any
) -> None:
    save_week(ana, {0: "09:00-12:00"}, by=sue, at=NOON)
    save_week(ana, {}, by=adam, at=NOON)
    assert "Last changed by Adam Example," in words(page_as(sue).get(week_path(ana)))


def test_a_team_with_people_stays_and_an_empty_one_may_go(
    days: Team, ana: User, sue: User, page_as: Any
) -> None:
    client = page_as(sue)
    answer = client.post(f"{path(days)}remove/")
    assert answer.status_code == 409 and "One person is in Days." in words(answer)
    client.post(path(days), team_form(client.get(path(days))))
    assert client.post(f"{path(days)}remove/").status_code == 302
    assert not Team.objects.exists()


def test_other_companys_people_and_teams_are_not_there(
    days: Team, ana: User, otto: User, olga: User, sue: User, page_as: Any
) -> None:
    theirs = Team.objects.create(company=otto.company, name="Theirs", lead=None)
    client = page_as(sue)
    for address in (path(theirs), week_path(otto)):
        assert client.get(address).status_code == client.post(address).status_code == 404
    form = client.get(path(days))
    for said in ({"members": [str(otto.pk)]}, {"lead": str(otto.pk)}):
        assert client.post(path(days), team_form(form, **said)).status_code == 404
    assert "Theirs" not in words(client.get(LIST)) and "Otto" not in words(client.get(LIST))
    assert "Days" not in words(page_as(olga).get(LIST))


def test_a_week_is_typed_a_field_a_day(ana: User, sue: User, page_as: Any) -> None:
    client = page_as(sue)
    said = {
        "seen": hidden(client.get(week_path(ana))),
        "day_0": "9-13, 14:00 – 18:00",
        "day_2": "08:00-12:00",
        "day_5": "22:00-24:00",
    }
    assert client.post(week_path(ana), said).url == LIST
    kept = Shift.objects.filter(user=ana).order_by("weekday", "starts")
    assert [(one.weekday, one.starts, one.ends) for one in kept] == [
        (0, time(9), time(13)),
        (0, time(14), time(18)),
        (2, time(8), time(12)),
        (5, time(22), END),
    ]
    shown = words(client.get(LIST))
    assert "09:00–13:00 14:00–18:00" in shown and "22:00–24:00" in shown and "14 h" in shown
    form = client.get(week_path(ana)).content.decode()
    assert 'value="09:00-13:00, 14:00-18:00"' in form and 'value="22:00-24:00"' in form


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("nonsense", "Monday cannot be read. Type when work starts and ends, as in 09:00-13:00."),
        ("09:00-13:00, 12:00-15:00", "overlaps 09:00-13:00"),
        ("18:00-09:00", "A shift past midnight is typed in two days"),
        ("09:00-09:00", "is no time at all"),
        ("<script>", "cannot be read"),
        ("a\x00b", "Null characters are not allowed."),
        ("9" * 300, "at most 200 characters"),
    ],
)
def test_what_is_no_week_is_refused_and_everything_typed_is_kept(
    ana: User, sue: User, page_as: Any, typed: str, sentence: str
) -> None:
    client = page_as(sue)
    said = {"seen": hidden(client.get(week_path(ana))), "day_0": typed, "day_3": "10:00-11:30"}
    answer = client.post(week_path(ana), said)
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert 'value="10:00-11:30"' in answer.content.decode()
    assert "<script>" not in re.sub(r"<script type=\"module\"", "", answer.content.decode())
    assert not Shift.objects.exists()


def test_every_day_that_cannot_be_read_is_named_at_once(ana: User, sue: User, page_as: Any) -> None:
    client = page_as(sue)
    said = {"seen": hidden(client.get(week_path(ana))), "day_1": "x", "day_4": "y"}
    answer = words(client.post(week_path(ana), said))
    assert "Tuesday cannot be read" in answer and "Friday cannot be read" in answer


def test_monday_is_copied_to_friday_without_saving(ana: User, sue: User, page_as: Any) -> None:
    client = page_as(sue)
    said = {"seen": hidden(client.get(week_path(ana))), "day_0": "09:00-17:00", "day_5": "10:00-11:00"}
    answer = client.post(week_path(ana), {**said, "do": "copy"})
    page = answer.content.decode()
    assert page.count('value="09:00-17:00"') == 5 and 'value="10:00-11:00"' in page
    assert "Nothing is saved yet" in words(answer) and not Shift.objects.exists()
    assert hidden(answer) == said["seen"]


def test_of_two_who_plan_one_week_the_second_is_told(ana: User, sue: User, adam: User, page_as: Any) -> None:
    first, second = page_as(adam), page_as(sue)
    form = second.get(week_path(ana))
    first.post(week_path(ana), {"seen": hidden(first.get(week_path(ana))), "day_0": "09:00-12:00"})
    answer = second.post(week_path(ana), {"seen": hidden(form), "day_0": "10:00-14:00"})
    assert answer.status_code == 409
    assert "Adam Example changed this" in words(answer)
    assert "09:00-12:00" in words(answer) and 'value="10:00-14:00"' in answer.content.decode()
    assert Shift.objects.get().starts == time(9)
    assert second.post(week_path(ana), {"seen": hidden(answer), "day_0": "10:00-14:00"}).status_code == 302
    assert Shift.objects.get().starts == time(10)


def test_a_form_that_did_not_see_anything_overwrites_nothing(ana: User, sue: User, page_as: Any) -> None:
    save_week(ana, {0: "09:00-12:00"}, by=sue, at=NOON)
    assert page_as(sue).post(week_path(ana), {"day_0": ""}).status_code == 409
    assert Shift.objects.exists()


def test_the_page_says_who_is_on_shift_now(ana: User, sue: User, page_as: Any) -> None:
    assert "No shifts are planned yet" in words(page_as(sue).get(LIST))
    save_week(ana, {2: "09:00-13:00"}, by=sue, at=NOON)
    assert "12:00 On shift: Ana Example until 13:00 ." in words(page_as(sue).get(LIST))
    save_week(ana, {2: "13:00-14:00"}, by=sue, at=NOON)
    assert "Nobody is on shift." in words(page_as(sue).get(LIST))


def test_the_history_tells_who_planned_moved_and_removed(
    days: Team, ana: User, sue: User, adam: User
) -> None:
    """Shifts, teams and who is in them are kept with the person behind each change."""
    save_week(ana, {0: "09:00-12:00"}, by=adam, at=NOON)
    save_week(ana, {0: "09:00-12:00", 1: "09:00-10:00"}, by=adam, at=NOON)
    save_week(ana, {}, by=adam, at=NOON)
    told = pghistory.models.Events.objects.order_by("pgh_id")

    def acts(model: str) -> list[tuple[str, str, str]]:
        rows = told.filter(pgh_model=model)
        return [(one.pgh_label, one.pgh_context["who"], one.pgh_context["act"]) for one in rows]

    planned = ("adam", "plan shifts")
    assert acts("accounts.ShiftEvent") == [
        ("insert", *planned), ("insert", *planned), ("delete", *planned), ("delete", *planned),
    ]  # fmt: skip
    assert acts("accounts.TeamEvent") == [("insert", "sue", "add team")]
    assert acts("accounts.UserHistory") == [("update", "sue", "add team")]
