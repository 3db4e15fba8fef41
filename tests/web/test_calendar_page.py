"""The page of the business calendar: reading it, changing it, what it says before and after, and the way back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Company, User
from escalations.models import CalendarVersion, Reclocking, Ticket
from escalations.policies import calendar_in_force, named_calendar_of
from patients.models import Patient
from tests.factories import PatientFactory
from tests.tickets import filed

pytestmark = pytest.mark.django_db
HERE = "/settings/calendar/"
_FIELD = re.compile(r"<(input|select)\b([^>]*)>")
_ATTR = re.compile(r'([\w-]+)="([^"]*)"')


@pytest.fixture
def patient(acme: Company) -> Patient:
    return PatientFactory(company=acme)


@pytest.fixture
def admin(page_as: Callable[[User], Client], adam: User) -> Client:
    return page_as(adam)


@pytest.fixture
def busy(ana: User, patient: Patient) -> list[Ticket]:
    """Three tickets of today, due in two business days."""
    return [filed("supervisor", ana, patient, timezone.now()) for _ in range(3)]


def form_of(answer: Any) -> dict[str, list[str]]:
    """What a browser would send of the calendar's form, as it was answered."""
    page = answer.content.decode()
    inside = page[page.index('id="calendar-form"') :]
    inside = inside[: inside.index("</form>")]
    sent: dict[str, list[str]] = {}
    for tag, attrs in _FIELD.findall(inside):
        found = dict(_ATTR.findall(attrs))
        if tag == "input" and "name" in found:
            sent.setdefault(found["name"], []).append(
                found.get("value", "").replace("&quot;", '"').replace("&#x27;", "'").replace("&amp;", "&")
            )
    sent["try_unit"], sent["offer_region"] = ["business_day"], ["federal"]
    return sent


def with_row(
    sent: dict[str, list[str]], kind: str, on: str, hours: str = "", name: str = ""
) -> dict[str, Any]:
    """The form with one more row filled in."""
    rows = {"kind": kind, "on": on, "row_hours": hours, "name": name}
    return {**sent, **{key: [*sent[key], value] for key, value in rows.items()}}


def next_open(count: int) -> date:
    """A business date ahead: today is day 0."""
    day = timezone.now().date()
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


class TestReading:
    def test_every_day_of_the_year_has_a_word_not_only_a_colour(self, admin: Client) -> None:
        page = admin.get(f"{HERE}?year=2026").content.decode()
        assert page.count("<caption") == 12
        assert '25<span class="visually-hidden"> Holiday, Memorial Day</span>' in page
        assert '24<span class="visually-hidden"> Closed</span>' in page
        assert '26<span class="visually-hidden"> open, 09:00–18:00</span>' in page
        assert page.count('class="visually-hidden"> ') >= 365
        assert "?year=2025" in page and "?year=2027" in page

    def test_today_is_marked(self, admin: Client) -> None:
        page = admin.get(HERE).content.decode()
        assert len(re.findall(r"is-today[^>]*>\d+<span class=\"visually-hidden\">[^<]*today", page)) == 1

    @pytest.mark.parametrize("year", ["9999", "1", "x", "２０２６", "-2026", "2101"])
    def test_a_year_no_calendar_reaches_shows_this_one(self, admin: Client, year: str) -> None:
        answer = admin.get(HERE, {"year": year})
        assert answer.status_code == 200
        assert f'id="year-title">{timezone.now().year}<' in answer.content.decode()

    def test_a_year_without_holidays_says_what_that_means(self, admin: Client) -> None:
        assert "No holidays in 2060 yet" in admin.get(f"{HERE}?year=2060").content.decode()

    @pytest.mark.parametrize("who", ["ana", "ben", "sue"])
    def test_nobody_but_an_admin_comes_in(self, page_as: Any, cast: dict[str, User], who: str) -> None:
        answer = page_as(cast[who]).get(HERE)
        assert answer.status_code == 403 and "admin" in answer.content.decode()


class TestRefused:
    @pytest.mark.parametrize(
        ("fields", "said", "where"),
        [
            ({"mon": ["25:00–26:00"]}, "Monday: “25:00” is not a time of day", 'id="wrong-mon"'),
            ({"tue": ["09:00-14:00, 13:00-18:00"]}, "13:00–18:00 overlaps 09:00–14:00", 'id="wrong-tue"'),
            ({"wed": ["18:00–09:00"]}, "must end after it starts", 'id="wrong-wed"'),
            ({"zone": ["Mars/Olympus"]}, "is not a time zone", 'id="wrong-zone"'),
            ({day: [""] for day in ("mon", "tue", "wed", "thu", "fri")}, "at least one weekday", "cal-week"),
        ],
    )
    def test_hours_that_cannot_be(
        self, admin: Client, acme: Company, fields: dict[str, list[str]], said: str, where: str
    ) -> None:
        answer = admin.post(HERE, {**form_of(admin.get(HERE)), **fields})
        assert answer.status_code == 400
        page = answer.content.decode()
        assert said in text_of(answer) and where in page and "data-focus" in page
        for name, values in fields.items():
            assert form_of(answer)[name] == values, "what was typed is kept"
        assert CalendarVersion.objects.filter(company=acme).count() == 1

    @pytest.mark.parametrize(
        ("on", "hours", "said"),
        [
            ("2026-02-30", "", "There is no 2026-02-30 in the calendar."),
            ("30.5.2026", "", "“30.5.2026” is not a date"),
            ("", "09:00–13:00", "Give the date."),
            ("2026-11-27", "09:00–25:00", "“25:00” is not a time of day"),
            ("1066-10-14", "", "Give a date between"),
        ],
    )
    def test_dates_that_cannot_be(self, admin: Client, on: str, hours: str, said: str) -> None:
        sent = with_row(form_of(admin.get(f"{HERE}?year=2026")), "exception", on, hours, "Inventory")
        answer = admin.post(HERE, sent)
        assert answer.status_code == 400
        page = answer.content.decode()
        assert said in text_of(answer)
        assert f'value="{on}"' in page and f'value="{hours}"' in page and 'value="Inventory"' in page
        linked = re.findall(r'<a href="#((?:on|hours)-\d+)"', page)
        assert linked and all(f'id="{one}"' in page for one in linked), "the summary leads to the field"

    def test_a_date_twice(self, admin: Client) -> None:
        sent = with_row(form_of(admin.get(f"{HERE}?year=2026")), "holiday", "2026-12-25", "", "Again")
        answer = admin.post(HERE, sent)
        assert answer.status_code == 400 and "2026-12-25 is given as a holiday twice." in text_of(answer)

    @pytest.mark.parametrize("year", ["1700", "2200", "soon", "", "２０２６"])
    def test_a_year_without_a_list(self, admin: Client, year: str) -> None:
        sent = form_of(admin.get(HERE)) | {"offer_year": [year], "do": ["offer"]}
        answer = admin.post(HERE, sent)
        assert answer.status_code == 400
        assert (
            "There is no list of holidays" in text_of(answer)
            and 'id="wrong-offer"' in answer.content.decode()
        )

    @pytest.mark.parametrize(
        "sent",
        [
            {},
            {"zone": "UTC", "kind": ["holiday"], "on": []},
            {"zone": "UTC", "rest": "{"},
            {"zone": "UTC", "rest": '[["holiday", "\\ud800", "", ""]]'},
            {"zone": "UTC", "rest": "[" * 5000},
            {"zone": "UTC", "kind": "birthday", "on": "2026-01-01", "row_hours": "", "name": ""},
        ],
    )
    def test_a_form_that_did_not_arrive_whole(
        self, admin: Client, acme: Company, sent: dict[str, Any]
    ) -> None:
        answer = admin.post(HERE, sent)
        assert answer.status_code == 400 and "did not arrive whole" in text_of(answer)
        assert CalendarVersion.objects.filter(company=acme).count() == 1

    @pytest.mark.parametrize("act", ["preview", "apply", "try", "offer", "year:x", "remove:x", "no such"])
    def test_nothing_typed_breaks_it(self, admin: Client, acme: Company, act: str) -> None:
        good = form_of(admin.get(HERE))
        names = ("zone", "mon", "base", "token", "year", "try_at", "try_max", "offer_year")
        for number, name in enumerate(names):
            bad = ("\x00", "x" * 5000, "<script>alert(1)</script>", "09:00–")[number % 4]
            answer = admin.post(HERE, good | {name: [bad], "do": [act]})
            assert answer.status_code in (200, 400, 409), (name, bad)
            assert "<script>alert" not in answer.content.decode()
        assert CalendarVersion.objects.filter(company=acme).count() == 1


class TestRows:
    def test_the_list_of_a_state_is_added_with_its_names(self, admin: Client) -> None:
        sent = form_of(admin.get(HERE)) | {"offer_region": ["IL"], "offer_year": ["2026"], "do": ["offer"]}
        page = admin.post(HERE, sent).content.decode()
        assert 'value="Casimir Pulaski Day"' in page and 'id="year-title">2026<' in page
        assert page.count('value="2026-12-25"') == 1, "what was there already is not added again"

    def test_rows_are_taken_out_and_years_turned_without_losing_what_was_typed(self, admin: Client) -> None:
        sent = with_row(form_of(admin.get(f"{HERE}?year=2026")), "exception", "2026-11-27", "", "Bridge day")
        other_year = admin.post(HERE, {**sent, "do": ["year:2027"]})
        page = other_year.content.decode()
        assert 'id="year-title">2027<' in page and 'value="2026-11-27"' not in page
        back = admin.post(HERE, {**form_of(other_year), "do": ["year:2026"]})
        assert 'value="Bridge day"' in back.content.decode()
        gone = admin.post(HERE, {**form_of(back), "do": ["remove:0"]})
        assert 'value="2026-01-01"' not in gone.content.decode()
        assert 'value="Bridge day"' in gone.content.decode()

    @pytest.mark.parametrize("act", ["offer", "year:2027", "try", "preview", "apply"])
    def test_what_is_not_saved_yet_is_marked_so_that_leaving_asks(self, admin: Client, act: str) -> None:
        same = form_of(admin.get(HERE))
        assert "data-unsaved" not in admin.get(HERE).content.decode()
        assert "data-unsaved" not in admin.post(HERE, same | {"do": ["preview"]}).content.decode()
        for change in ({"mon": ["07:30–09:00"], "offer_year": ["2031"]}, {"mon": ["no hours"]}):
            assert "data-unsaved" in admin.post(HERE, same | change | {"do": [act]}).content.decode()


class TestChanging:
    def test_it_shows_first_and_does_then(self, admin: Client, acme: Company, busy: list[Ticket]) -> None:
        on = next_open(1)
        sent = with_row(
            form_of(admin.get(f"{HERE}?year={on.year}")), "exception", on.isoformat(), "", "Storm"
        )
        shown = admin.post(HERE, sent)
        assert shown.status_code == 200
        said = text_of(shown)
        assert "3 of 3 running clocks move." in said
        assert f"{on:%a} {on.day} {on:%b} {on.year}: closed (Storm) instead of" in said
        for ticket in busy:
            assert ticket.number in said
            assert ticket.patient is not None and ticket.patient.last_name not in said
        assert CalendarVersion.objects.filter(company=acme).count() == 1, "looking changes nothing"
        done = admin.post(HERE, {**form_of(shown), "do": ["apply"]})
        assert done.status_code == 302
        page = text_of(admin.get(done.url))
        assert "Saved: 3 clocks moved" in page and "3 of 3 clocks moved." in page
        assert "closed (Storm) instead of" in page, "the history says it in words"
        for ticket in busy:
            was = ticket.due_at
            ticket.refresh_from_db()
            assert was is not None and ticket.due_at is not None and ticket.due_at > was

    def test_names_alone_move_nothing_and_are_kept(
        self, admin: Client, acme: Company, busy: list[Ticket]
    ) -> None:
        sent = form_of(admin.get(f"{HERE}?year=2026"))
        sent["name"] = ["Turkey Day" if one == "Thanksgiving Day" else one for one in sent["name"]]
        shown = admin.post(HERE, sent)
        assert "None of the 3 running clocks moves." in text_of(shown)
        assert "Thu 26 Nov 2026: called “Turkey Day”" in text_of(shown)
        admin.post(HERE, {**form_of(shown), "do": ["apply"]})
        named = named_calendar_of(calendar_in_force(acme, at=timezone.now()))
        assert named.names == {date(2026, 11, 26): "Turkey Day"}

    def test_nothing_changed_is_said(self, admin: Client, acme: Company) -> None:
        shown = admin.post(HERE, form_of(admin.get(HERE)))
        assert "This is the calendar in force." in text_of(shown)
        assert "do=apply" not in shown.content.decode()

    def test_apply_without_having_looked_is_refused(
        self, admin: Client, acme: Company, busy: list[Ticket]
    ) -> None:
        sent = with_row(form_of(admin.get(HERE)), "exception", next_open(1).isoformat())
        answer = admin.post(HERE, {**sent, "do": ["apply"]})
        assert answer.status_code == 409
        assert "Look at what would move" in text_of(answer) and "3 of 3 running clocks move." in text_of(
            answer
        )
        assert Reclocking.objects.count() == 0

    def test_another_date_slipped_in_after_looking_is_refused(
        self, admin: Client, acme: Company, busy: list[Ticket]
    ) -> None:
        shown = admin.post(HERE, with_row(form_of(admin.get(HERE)), "exception", next_open(1).isoformat()))
        changed = with_row(form_of(shown), "exception", next_open(2).isoformat())
        assert admin.post(HERE, {**changed, "do": ["apply"]}).status_code == 409
        assert Reclocking.objects.count() == 0

    def test_the_second_of_two_admins_is_told_and_loses_nothing(
        self, admin: Client, acme: Company, page_as: Any, busy: list[Ticket]
    ) -> None:
        eve = User.objects.create(username="eve", first_name="Eve", company=acme, role="admin")
        on, other = next_open(1), next_open(2)
        hers = page_as(eve)
        mine = admin.post(
            HERE, with_row(form_of(admin.get(f"{HERE}?year={on.year}")), "exception", on.isoformat())
        )
        theirs = hers.post(HERE, with_row(form_of(hers.get(HERE)), "exception", other.isoformat()))
        assert hers.post(HERE, {**form_of(theirs), "do": ["apply"]}).status_code == 302
        answer = admin.post(HERE, {**form_of(mine), "do": ["apply"]})
        assert answer.status_code == 409
        said = text_of(answer)
        assert "changed the calendar while you were typing" in said and "eve" in said.casefold()
        assert f'value="{on.isoformat()}"' in answer.content.decode()
        again = admin.post(HERE, form_of(answer))
        assert again.status_code == 200 and "running clocks" in text_of(again)
        assert admin.post(HERE, {**form_of(again), "do": ["apply"]}).status_code == 302

    def test_a_look_costs_few_queries_whatever_moves(
        self, admin: Client, ana: User, patient: Patient
    ) -> None:
        sent = with_row(form_of(admin.get(HERE)), "exception", next_open(1).isoformat())
        costs = []
        for count in (1, 9):
            for _ in range(count):
                filed("supervisor", ana, patient, timezone.now())
            admin.post(HERE, sent)
            with CaptureQueriesContext(connection) as asked:
                admin.post(HERE, sent)
            costs.append(len(asked))
        assert costs[0] == costs[1] <= 12


class TestUndoing:
    @pytest.fixture
    def change(self, admin: Client, busy: list[Ticket]) -> Reclocking:
        sent = with_row(form_of(admin.get(HERE)), "exception", next_open(1).isoformat())
        admin.post(HERE, {**form_of(admin.post(HERE, sent)), "do": ["apply"]})
        return Reclocking.objects.get()

    def test_one_button_with_its_own_preview(
        self, admin: Client, acme: Company, change: Reclocking, busy: list[Ticket]
    ) -> None:
        link = f"{HERE}changes/{change.pk}/undo/"
        assert link in admin.get(HERE).content.decode()
        shown = admin.get(link)
        assert "3 of 3 running clocks move." in text_of(shown)
        token = re.search(r'name="token" value="([^"]+)"', shown.content.decode())
        assert token is not None
        assert admin.post(link, {"token": token[1]}).status_code == 302
        for ticket in busy:
            was = ticket.due_at
            ticket.refresh_from_db()
            assert ticket.due_at == was
        page = text_of(admin.get(HERE))
        assert "Undid the change before" in page and "Undone since" in page
        again = admin.get(link)
        assert again.status_code == 409 and "This change was undone already." in text_of(again)
        assert admin.post(link, {"token": token[1]}).status_code == 409
        assert Reclocking.objects.count() == 2

    def test_without_having_looked_it_is_refused(self, admin: Client, change: Reclocking) -> None:
        answer = admin.post(f"{HERE}changes/{change.pk}/undo/", {"token": "1.2.3.4"})
        assert answer.status_code == 409 and Reclocking.objects.count() == 1

    def test_another_companys_change_is_not_there(self, page_as: Any, olga: User, change: Reclocking) -> None:
        user = User.objects.create(username="oona", company=olga.company, role="admin")
        assert page_as(user).get(f"{HERE}changes/{change.pk}/undo/").status_code == 404


class TestTrying:
    def test_when_something_would_be_due_under_what_is_typed(self, admin: Client, acme: Company) -> None:
        sent = with_row(form_of(admin.get(f"{HERE}?year=2026")), "exception", "2026-05-26", "9-13", "Parade")
        asked = {"try_min": ["3"], "try_max": ["5"], "try_at": ["2026-05-20T10:00"], "do": ["try"]}
        answer = admin.post(HERE, {**sent, **asked})
        said = text_of(answer)
        assert "Expected from Tuesday 26 May, 13:00" in said
        assert "Due Thursday 28 May, 18:00" in said
        assert "Holiday: Memorial Day" in said
        assert CalendarVersion.objects.filter(company=acme).count() == 1

    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("try_max", "", "Say how many business days"),
            ("try_max", "many", "Give a whole number."),
            ("try_min", "9", "The shortest time cannot be longer"),
            ("try_at", "soon", "Give a date and time"),
            ("try_unit", "fortnight", "The unit must be one of"),
        ],
    )
    def test_what_cannot_be_counted_is_said(self, admin: Client, field: str, value: str, said: str) -> None:
        asked = {
            "try_min": ["3"],
            "try_max": ["5"],
            "try_at": ["2026-05-20T10:00"],
            "do": ["try"],
            field: [value],
        }
        answer = admin.post(HERE, {**form_of(admin.get(HERE)), **asked})
        assert answer.status_code == 400 and said in text_of(answer)
        assert 'id="wrong-try"' in answer.content.decode()
