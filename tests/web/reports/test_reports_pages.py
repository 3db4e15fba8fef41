"""What is around the numbers of a report: its period, its filters, its files, and who may see it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from accounts.models import Team, User
from escalations.domain.reports import length_words
from escalations.models import Deflection
from escalations.policies import policy_in_force
from patients.models import Patient
from tables.models import Export
from tests.web.reports.life import NOW, Diary
from tests.web.reports.shown import taken

PageAs = Callable[[User], Client]
KEYS = ("attainment", "ageing", "times", "hands", "overrides", "misfilings", "late", "turned-away")


def test_a_day_belongs_to_the_period_from_midnight_to_midnight_in_the_companys_zone(
    desk: Diary, chief: Client, cast: dict[str, User]
) -> None:
    Deflection.objects.all()._raw_delete(Deflection.objects.db)
    version = policy_in_force(cast["ana"].company, at=NOW)
    for at in ("2026-11-02T05:59:59", "2026-11-02T06:00:00", "2026-11-03T05:59:59", "2026-11-03T06:00:00"):
        Deflection.objects.create(
            company=cast["ana"].company, rule="R-X-9", told="Nothing", by=cast["ana"],
            at=datetime.fromisoformat(at).replace(tzinfo=UTC), policy_version=version,
        )  # fmt: skip
    said = taken(chief, "turned-away", "by-rule", **{"from": "2026-11-02", "to": "2026-11-02"})
    assert said == {"R-X-9": ["2", "2 of 2"]}


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"from": "2026-02-30"}, "The first day is a date such as 2026-05-20."),
        ({"from": "2026-05-20", "to": "soon"}, "The last day is a date such as 2026-05-20."),
        ({"from": "2026-05-20", "to": "2026-05-19"}, "The period ends before it begins."),
        ({"from": "2020-05-20", "to": "2026-05-19"}, "A report covers two years at most."),
        ({"from": "９９９９-01-01"}, "The first day is a date"),
        ({"period": "forever"}, "A period is one of: this-week"),
        ({"type": "no-such-type"}, "There is no such type of ticket."),
        ({"channel": "pigeon\x00"}, "The channel is phone or email."),
        ({"team": "9" * 30}, "There is no such team here."),
        ({"team": "-1"}, "There is no such team here."),
        ({"person": "nobody <b>"}, "There is no such person here."),
    ],
)
def test_a_filter_that_is_not_understood_is_said_and_left_out(
    asked: dict[str, str], sentence: str, cast: dict[str, User], chief: Client
) -> None:
    for page in ("/reports/", "/reports/attainment/"):
        answer = chief.get(page, asked)
        assert answer.status_code == 400 and sentence in answer.content.decode()
    answer = chief.post("/reports/late/export/", {"table": "by-reason", **asked})
    assert answer.status_code == 400 and sentence in answer.content.decode()
    assert not Export.objects.exists(), "nothing was taken away"


def test_dates_that_were_typed_stay_in_their_fields(cast: dict[str, User], chief: Client) -> None:
    page = chief.get("/reports/late/", {"from": "2026-05-20", "to": "2026-05-19"}).content.decode()
    assert 'name="from" value="2026-05-20"' in page and 'name="to" value="2026-05-19"' in page


def test_another_companys_people_and_teams_are_not_there(
    desk: Diary, chief: Client, cast: dict[str, User], page_as: PageAs
) -> None:
    foreign = Team.objects.create(company=cast["otto"].company, name="Theirs")
    for asked in ({"team": str(foreign.pk)}, {"person": str(cast["otto"].pk)}, {"person": "otto"}):
        answer = chief.get("/reports/attainment/", asked)
        assert answer.status_code == 400 and "Theirs" not in answer.content.decode()


@pytest.mark.parametrize("key", ["", *(f"{key}/" for key in KEYS)])
def test_a_desk_where_nothing_happened_says_so_and_shows_nothing_of_another(
    key: str, cast: dict[str, User], page_as: PageAs
) -> None:
    oona = User.objects.create(username="oona", company=cast["otto"].company, role="supervisor")
    page = page_as(oona).get(f"/reports/{key}").content.decode()
    values = re.findall(r'readout-value">([^<]*)<', page)
    assert values and set(values) <= {"0", "–", "too few"}, values
    assert "Ana Example" not in page
    assert "None" not in re.sub(r"<[^>]+>", "", page).replace("None of", "")


def test_filters_come_along_from_report_to_report_and_leave_by_their_chip(desk: Diary, chief: Client) -> None:
    page = chief.get("/reports/attainment/?type=refund&period=last-4-weeks").content.decode()
    assert 'href="/reports/times/?period=last-4-weeks&amp;type=refund"' in page
    assert 'href="/reports/attainment/?period=last-4-weeks"' in page, "the chip without its filter"
    assert "26 October to 20 November 2026" in page


def test_a_file_is_written_down_and_runs_nothing_in_a_spreadsheet(
    desk: Diary, chief: Client, cast: dict[str, User]
) -> None:
    User.objects.filter(username="eve").update(first_name="=2+5", last_name="")
    answer = chief.post("/reports/attainment/export/", {"table": "by-person", "channel": "phone"})
    assert "\r\n'=2+5," in answer.content.decode("utf-8-sig")
    assert "attachment" in answer["Content-Disposition"] and answer["Cache-Control"] == "no-store"
    written = Export.objects.latest("pk")
    assert (written.table, written.by) == ("report-attainment", cast["sue"])
    assert written.query == "table=by-person&channel=phone" and written.rows > 1


def test_a_table_that_the_report_has_not_is_refused_in_a_sentence(
    cast: dict[str, User], chief: Client
) -> None:
    answer = chief.post("/reports/late/export/", {"table": "by-weather"})
    assert answer.status_code == 400 and "The report has no such table." in answer.content.decode()


def test_agents_and_billers_do_not_see_reports(cast: dict[str, User], page_as: PageAs) -> None:
    for name in ("ana", "ben", "adam"):
        assert page_as(cast[name]).get("/reports/").status_code == 403
        assert page_as(cast[name]).post("/reports/late/export/").status_code == 403


def test_no_patient_is_named_in_a_report(desk: Diary, chief: Client) -> None:
    names = {one for row in Patient.objects.values_list("last_name", "account_number") for one in row}
    for key in KEYS:
        page = chief.get(f"/reports/{key}/").content.decode()
        assert not [name for name in names if re.search(rf"\b{re.escape(name)}\b", page)], key


def test_lengths_on_the_page_are_said_in_words(desk: Diary, chief: Client) -> None:
    page = chief.get("/reports/hands/").content.decode()
    row = next(iter(taken(chief, "hands", "by-person").values()))
    assert length_words(timedelta(hours=float(row[0]))).split()[0] in page
