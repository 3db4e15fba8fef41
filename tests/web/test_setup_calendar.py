"""The two steps of the calendar: hours and holidays, by the same rules and the same act as its own page."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import SetUpMark, User
from escalations.calendars import lists
from escalations.models import CalendarVersion
from escalations.policies import calendar_in_force, named_calendar_of
from patients.models import Patient
from tests.setting_up import now, opened, words
from tests.tickets import filed

pytestmark = pytest.mark.django_db
HOURS, HOLIDAYS = "/settings/setup/hours/", "/settings/setup/holidays/"
WEEK = {"mon": "9-18", "tue": "9-18", "wed": "9-18", "thu": "9-18", "fri": "9-18", "sat": "", "sun": ""}
ZONE = {"zone": "America/Denver"}
YEAR = timezone.now().year


@pytest.fixture
def nora(db: None) -> User:
    return opened()


@pytest.fixture
def client(nora: User, page_as: Any) -> Client:
    found: Client = page_as(nora)
    return found


def calendar(user: User) -> Any:
    return named_calendar_of(calendar_in_force(user.company, at=now()))


def holidays(user: User, year: int) -> set[str]:
    return {on.isoformat() for on in calendar(user).rules.holidays if on.year == year}


def form(
    region: str, keep: list[str] | None = None, own: list[tuple[str, str]] | None = None, **more: Any
) -> Any:
    """The form of the holidays, every holiday of the list ticked unless said otherwise."""
    names = [one.name for one in offered(region)] if keep is None else keep
    rows = own or []
    return {
        "list": region, "shown": region, "keep": names, "on": [on for on, _ in rows],
        "name": [name for _, name in rows], "do": "save", **more,
    }  # fmt: skip


def offered(region: str) -> Any:
    from escalations.calendars.choosing import Chosen
    from escalations.calendars.choosing import offered as found

    return found(Chosen(region), YEAR)


class TestHours:
    def test_what_it_begins_with_is_offered(self, client: Client) -> None:
        page = client.get(HOURS)
        assert page.content.decode().count('value="09:00–18:00"') == 5
        said = words(page)
        assert "The guide that Holdline was made by names no hours." in said and "is told: by " in said

    def test_they_are_saved_as_people_write_them_and_the_step_is_done(
        self, nora: User, client: Client
    ) -> None:
        sent = {**WEEK, **ZONE, "mon": "8 am to 5 pm", "sat": "09:00-12:00, 13:00-15:00", "do": "save"}
        assert client.post(HOURS, sent).url == HOURS
        rules = calendar(nora).rules
        assert [len(day) for day in rules.hours] == [1, 1, 1, 1, 1, 2, 0]
        assert f"{rules.hours[0][0][0]:%H:%M}–{rules.hours[0][0][1]:%H:%M}" == "08:00–17:00"
        assert SetUpMark.objects.get(step="hours").state == "kept"
        assert CalendarVersion.objects.filter(company=nora.company).count() == 2
        assert len(rules.holidays) > 100, "the holidays stay"

    def test_one_who_is_led_goes_on_to_the_next_step(self, client: Client) -> None:
        client.post("/settings/setup/steps/", {"step": "company", "do": "keep"})
        assert client.post(HOURS, {**WEEK, **ZONE, "do": "save"}).url == HOLIDAYS

    def test_the_same_hours_make_no_version(self, nora: User, client: Client) -> None:
        client.post(HOURS, {**WEEK, **ZONE, "do": "save"})
        assert CalendarVersion.objects.filter(company=nora.company).count() == 1
        assert SetUpMark.objects.get(step="hours").state == "kept"

    def test_a_usual_week_is_only_filled_in(self, nora: User, client: Client) -> None:
        page = client.post(HOURS, {**WEEK, **ZONE, "do": "always"})
        assert page.status_code == 200 and page.content.decode().count('value="00:00–24:00"') == 7
        assert "Filled in, not saved yet" in words(page)
        assert not SetUpMark.objects.filter(step="hours").exists()
        assert (
            client.post(HOURS, {**dict.fromkeys(WEEK, "00:00–24:00"), **ZONE, "do": "save"}).status_code
            == 302
        )
        assert all(calendar(nora).rules.hours)

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"mon": "25:00–26:00"}, "Monday: “25:00” is not a time of day"),
            ({"sat": "13:00-12:00"}, "Saturday: 13:00-12:00 must end after it starts."),
            ({"tue": "9-12, 11-15"}, "overlaps"),
            ({"mon": "\x00"}, "Monday:"),
            ({"mon": "x" * 5000}, "Monday:"),
            ({"mon": "<script>alert(1)</script>"}, "Monday:"),
            (dict.fromkeys(WEEK, ""), "at least one weekday"),
            ({"zone": ""}, "not a time zone"),
            ({"zone": "Mars/Base"}, "not a time zone"),
            ({"zone": "../../etc/passwd"}, "not a time zone"),
        ],
    )
    def test_what_cannot_be_is_said_and_kept(
        self, nora: User, client: Client, typed: dict[str, str], said: str
    ) -> None:
        answer = client.post(HOURS, {**WEEK, **ZONE, **typed, "do": "save"})
        assert answer.status_code == 400 and said in words(answer)
        assert "<script>alert" not in answer.content.decode()
        assert CalendarVersion.objects.filter(company=nora.company).count() == 1
        assert not SetUpMark.objects.filter(step="hours").exists()

    def test_nothing_at_all_is_said_to_be_wrong(self, client: Client) -> None:
        assert client.post(HOURS, {}).status_code == 400

    def test_where_tickets_run_and_would_move_the_calendars_own_page_shows_it_first(
        self, adam: User, ana: User, patient: Patient, page_as: Any
    ) -> None:
        """K14: no running clock is moved unseen."""
        ticket = filed("supervisor", ana, patient, now())
        version = CalendarVersion.objects.get(company=adam.company, superseded_at=None)
        sent = {**dict.fromkeys(WEEK, ""), "sun": "10-11", "zone": version.data["zone"], "do": "save"}
        answer = page_as(adam).post(HOURS, sent)
        assert answer.status_code == 409 and "Tickets are running" in words(answer)
        assert (
            'href="/settings/calendar/"' in answer.content.decode()
            and 'value="10-11"' in answer.content.decode()
        )
        due = ticket.due_at
        ticket.refresh_from_db()
        assert ticket.due_at == due
        assert CalendarVersion.objects.filter(company=adam.company).count() == 1


class TestHolidays:
    def test_the_federal_days_of_this_year_and_the_next_are_offered(self, client: Client) -> None:
        said = words(client.get(HOLIDAYS))
        assert f"Closed on {YEAR} {YEAR + 1}" in said and "Thanksgiving Day" in said
        page = client.get(HOLIDAYS).content.decode().partition("<main")[2]
        assert page.partition("</main>")[0].count(" checked") == len(offered("federal"))

    def test_a_state_is_shown_first_and_saved_then(self, nora: User, client: Client) -> None:
        shown = client.post(HOLIDAYS, {**form("IL"), "shown": "federal", "keep": []})
        assert shown.status_code == 200 and "Casimir Pulaski Day" in words(shown)
        assert "Shown, not saved yet" in words(shown)
        assert CalendarVersion.objects.filter(company=nora.company).count() == 1
        assert client.post(HOLIDAYS, form("IL")).status_code == 302
        days = holidays(nora, YEAR)
        assert days == {on.isoformat() for on in lists.listed("IL", str(YEAR))}
        assert holidays(nora, YEAR + 10) == {on.isoformat() for on in lists.listed("IL", str(YEAR + 10))}

    def test_a_country_is_not_taken_for_a_state(self, nora: User, client: Client) -> None:
        client.post(HOLIDAYS, form("@CA"))
        assert f"{YEAR}-07-01" in holidays(nora, YEAR), "Canada Day"
        assert "Canada Day" in words(client.get("/settings/setup/summary/"))
        client.post(HOLIDAYS, form("CA"))
        assert f"{YEAR}-07-01" not in holidays(nora, YEAR)

    def test_what_is_left_out_is_left_out_of_every_year(self, nora: User, client: Client) -> None:
        keep = [one.name for one in offered("federal") if one.name != "Columbus Day"]
        client.post(HOLIDAYS, form("federal", keep))
        for year in range(YEAR, YEAR + 11):
            assert len(holidays(nora, year)) == len(lists.listed("federal", str(year))) - 1
        page = client.get(HOLIDAYS).content.decode()
        assert 'value="Columbus Day">' in page and 'value="Labor Day" checked>' in page

    def test_an_observed_day_goes_with_its_holiday(self, nora: User, client: Client) -> None:
        keep = [one.name for one in offered("federal") if one.name != "Independence Day"]
        client.post(HOLIDAYS, form("federal", keep))
        for year in range(YEAR, YEAR + 11):
            names = lists.listed("federal", str(year))
            gone = {on.isoformat() for on, name in names.items() if name.startswith("Independence Day")}
            assert not gone & holidays(nora, year)

    def test_days_of_ones_own_are_kept_with_their_names_and_shown_again(
        self, nora: User, client: Client
    ) -> None:
        own = [(f"{YEAR + 1}-11-26", "Day after Thanksgiving"), ("", "")]
        client.post(HOLIDAYS, form("federal", own=own))
        assert calendar(nora).names[date(YEAR + 1, 11, 26)] == "Day after Thanksgiving"
        page = client.get(HOLIDAYS).content.decode()
        assert f'value="{YEAR + 1}-11-26"' in page and 'value="Day after Thanksgiving"' in page
        client.post(HOLIDAYS, form("federal"))
        assert f"{YEAR + 1}-11-26" not in holidays(nora, YEAR + 1), "taken out again"

    def test_another_list_takes_the_days_of_the_one_before_away(self, nora: User, client: Client) -> None:
        client.post(HOLIDAYS, form("IL"))
        assert client.get(HOLIDAYS).content.decode().count('value="Casimir Pulaski Day" checked') == 1
        client.post(HOLIDAYS, form("federal"))
        assert holidays(nora, YEAR) == {on.isoformat() for on in lists.listed("federal", str(YEAR))}

    def test_no_list_leaves_ones_own_days_alone(self, nora: User, client: Client) -> None:
        client.post(HOLIDAYS, form("none", [], [(f"{YEAR + 1}-05-05", "Ours")]))
        assert holidays(nora, YEAR + 1) == {f"{YEAR + 1}-05-05"} and not holidays(nora, YEAR)
        assert "Without a list every weekday that is open counts" in words(client.get(HOLIDAYS))

    def test_what_is_over_stays_and_exceptions_do(self, nora: User, client: Client) -> None:
        from escalations.policies import put_in_force

        before = holidays(nora, YEAR - 1)
        version = CalendarVersion.objects.get(company=nora.company)
        half = {**version.data, "exceptions": [{"date": f"{YEAR}-12-24", "hours": [["09:00", "13:00"]]}]}
        put_in_force(CalendarVersion, nora.company, half, by=nora, at=now())
        client.post(HOLIDAYS, form("none", []))
        assert holidays(nora, YEAR - 1) == before
        assert date(YEAR, 12, 24) in calendar(nora).rules.exceptions

    def test_a_day_of_the_list_may_be_called_otherwise(self, nora: User, client: Client) -> None:
        client.post(HOLIDAYS, form("federal", own=[(f"{YEAR + 1}-12-25", "Winter feast")]))
        assert calendar(nora).names[date(YEAR + 1, 12, 25)] == "Winter feast"

    @pytest.mark.parametrize(
        ("own", "said"),
        [
            (("2027-02-30", "x"), "Your day 1: There is no 2027-02-30 in the calendar."),
            (("", "Nameless"), "Your day 1: Give the date."),
            (("soon", ""), "is not a date"),
            (("1066-10-14", ""), "Give a date between"),
            (("2027-05-05", "x" * 61), "at most 60"),
            (("2027-05-05", "a\x00b"), "cannot be written"),
            (("<script>alert(1)</script>", ""), "is not a date"),
        ],
    )
    def test_a_day_that_cannot_be_is_said_and_kept(
        self, nora: User, client: Client, own: tuple[str, str], said: str
    ) -> None:
        answer = client.post(HOLIDAYS, form("federal", own=[own]))
        assert answer.status_code == 400 and said in words(answer)
        assert "<script>alert" not in answer.content.decode()
        assert CalendarVersion.objects.filter(company=nora.company).count() == 1

    def test_a_day_that_stands_twice_is_said(self, client: Client) -> None:
        twice = [("2027-05-05", "A"), ("2027-05-05", "B")]
        assert "given as a holiday twice" in words(client.post(HOLIDAYS, form("federal", own=twice)))

    @pytest.mark.parametrize(
        "sent",
        [
            {},
            {"list": "federal"},
            {"list": "no such", "shown": "no such", "do": "save"},
            {"list": "@ZZ", "shown": "@ZZ", "do": "save"},
            {"list": "federal", "shown": "federal", "on": ["2027-01-02"], "name": [], "do": "save"},
            {"list": "federal", "shown": "federal", "on": ["x"] * 101, "name": ["x"] * 101, "do": "save"},
            {"list": "\x00" * 9000, "shown": "\x00", "do": "show"},
        ],
    )
    def test_a_form_that_is_none_changes_nothing(
        self, nora: User, client: Client, sent: dict[str, Any]
    ) -> None:
        answer = client.post(HOLIDAYS, sent)
        assert answer.status_code == 400 and "The holidays were not saved" in words(answer)
        assert CalendarVersion.objects.filter(company=nora.company).count() == 1

    def test_every_list_can_be_read(self) -> None:
        for _, choices in lists.groups():
            for key in choices:
                assert all(name and len(name) <= 60 for name in lists.listed(key, str(YEAR)).values()), key
