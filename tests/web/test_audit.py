"""The audit: acts looked up by person, number, word and date, readings, files, and nothing of others."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection

from accounts.audit import acting
from config.audit import search
from deductibles.models import Claim, Hold
from patients.models import Patient, PatientReading
from tables.models import Export
from tests.api.test_holds import hold_many

pytestmark = pytest.mark.django_db

URL = "/settings/audit/"


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())


@pytest.fixture
def held(acme: Any, ben: Any) -> list[Hold]:
    """Two held claims that Ben queued and Holdline looked at, each in an act of its own."""
    rows = hold_many(acme, 2)
    with acting(ben, "queue", reason="the payer said so"):
        Hold.objects.filter(pk=rows[0].pk).update(queued_at=datetime.now(UTC))
        Claim.objects.filter(pk=rows[0].claim_id).update(status="queued")
    with acting(None, "nightly check", company=acme.pk):
        Hold.objects.filter(pk=rows[1].pk).update(why=["looked at"])
    return rows


def lines(answer: Any) -> list[str]:
    rows = re.findall(r"<tr>(.*?)</tr>", answer.content.decode(), re.S)[1:]
    return [" ".join(re.sub(r"<[^>]+>", " ", unescape(row)).split()) for row in rows]


def test_an_act_of_a_person_stands_with_who_why_and_what_it_touched(page_as, adam, held):
    answer = page_as(adam).get(URL)
    assert answer.status_code == 200
    found = [line for line in lines(answer) if "Queued for submission" in line]
    assert len(found) == 1
    assert "ben" in found[0] and "the payer said so" in found[0] and held[0].claim.number in found[0]
    assert "hold changed: 1" in found[0]
    assert not [line for line in lines(answer) if "Nightly check" in line]


def test_holdlines_own_acts_stand_under_their_tab(page_as, adam, held):
    found = lines(page_as(adam).get(f"{URL}?show=holdline"))
    assert [line for line in found if "Nightly check Holdline" in line and held[1].claim.number in line]
    assert not [line for line in found if "Queued" in line]


def test_a_sweep_that_names_no_company_is_told_to_those_it_touched(page_as, adam, bo, held, cast):
    bo.role = "admin"
    bo.save()
    with acting(None, "warn"):
        Hold.objects.filter(pk=held[0].pk).update(why=["swept"])
    assert [line for line in lines(page_as(adam).get(f"{URL}?show=holdline")) if "Warn" in line]
    assert not [line for line in lines(page_as(bo).get(f"{URL}?show=holdline")) if "Warn" in line]


class TestLookingUp:
    def test_by_a_claims_number_shows_everybody_who_touched_it(self, page_as, adam, held):
        client = page_as(adam)
        today = datetime.now(UTC)
        typed = {"since": f"{today - timedelta(2):%Y-%m-%d}", "until": f"{today + timedelta(1):%Y-%m-%d}"}
        answer = client.post(URL, typed | {"about": held[1].claim.number.lower()})
        assert answer.status_code == 302
        found = lines(client.get(answer.url))
        assert [line for line in found if "Nightly check" in line]
        assert not [line for line in found if "Queued" in line]

    def test_by_a_patients_account_number_which_stands_in_no_address(self, page_as, adam, ben, held):
        patient = held[0].claim.patient
        Patient.objects.filter(pk=patient.pk).update(account_number="ACC-77-1")
        client = page_as(adam)
        answer = client.post(URL, {"about": "ACC-77-1"})
        assert answer.status_code == 302 and "ACC" not in answer.url
        assert [line for line in lines(client.get(answer.url)) if "Queued for submission" in line]

    def test_by_person_and_word(self, page_as, adam, ana, ben, held):
        client = page_as(adam)
        assert [line for line in lines(client.get(f"{URL}?person={ben.pk}&word=QUE")) if "Queued" in line]
        assert not lines(client.get(f"{URL}?person={ben.pk}&word=zebra"))
        assert not lines(client.get(f"{URL}?person={ana.pk}&word=que"))

    def test_by_date(self, page_as, adam, held):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE pghistory_context SET created_at = created_at - interval '40 days'")
        client = page_as(adam)
        assert not lines(client.get(URL))
        past = datetime.now(UTC) - timedelta(50)
        assert lines(client.get(f"{URL}?since={past:%Y-%m-%d}&until={datetime.now(UTC):%Y-%m-%d}"))

    def test_goes_on_to_older_acts_and_shows_each_once(self, page_as, adam, ben, held):
        for number in range(30):
            with acting(ben, f"act {number:02}"):
                Hold.objects.filter(pk=held[0].pk).update(why=[str(number)])
        with connection.cursor() as cursor:  # here all is one transaction, and so one moment
            cursor.execute(
                "UPDATE pghistory_context SET created_at = created_at - interval '1 second'"
                " * (100 - substr(metadata ->> 'act', 5)::int) WHERE metadata ->> 'act' LIKE 'act __'"
            )
        client = page_as(adam)
        first = client.get(URL)
        older = re.search(r'href="(\?[^"]*before=[^"]*)" rel="next"', first.content.decode())
        assert older
        both = lines(first) + lines(client.get(URL + unescape(older[1])))
        acts = [re.search(r"Act (\d\d)", line) for line in both]
        assert [act[1] for act in acts if act] == [f"{number:02}" for number in reversed(range(30))]

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"since": "2026-11-31"}, "Enter a valid date"),
            ({"since": "2026-05-02", "until": "2026-05-01"}, "Turn the two dates round"),
            ({"since": "2020-05-02", "until": "2026-05-01"}, "At most 366 days"),
            ({"about": "C-999999"}, "Nothing in your company has this number"),
            ({"about": "patient-99999999999999999"}, "Nothing in your company has this number"),
            ({"person": "999999"}, "Nobody of your company"),
            ({"word": "x" * 60}, "at most 40 characters"),
            ({"show": "readings"}, "Say whose readings"),
            ({"show": "readings", "about": "C-1"}, "Readings are kept by patient"),
        ],
    )
    def test_in_a_way_that_cannot_be_says_why_and_keeps_what_was_typed(
        self, page_as, adam, held, typed, said
    ):
        for ask in (page_as(adam).post, page_as(adam).get):
            answer = ask(URL, typed)
            assert answer.status_code in (200, 400) and said in words(answer)
            for name, value in typed.items():
                assert name in ("show", "person") or value in answer.content.decode()

    def test_with_a_forged_page_begins_with_the_first(self, page_as, adam, held):
        for forged in ("x", "2026-01-01~x", "2026-11-30T00:00:00~00000000-0000-0000-0000-000000000000", "~"):
            assert page_as(adam).get(f"{URL}?before={forged}").status_code == 200

    def test_for_a_word_says_how_far_back_it_looked(self, page_as, adam, held, monkeypatch):
        monkeypatch.setattr(search, "MOST_LOOKED", 1)
        assert "Not looked through to the end" in words(page_as(adam).get(f"{URL}?word=zebra"))


class TestOneAct:
    def path(self, name: str) -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM pghistory_context WHERE metadata ->> 'act' = %s", [name])
            return f"{URL}{cursor.fetchone()[0]}/"

    def test_tells_every_column_before_and_after(self, page_as, adam, held):
        said = words(page_as(adam).get(self.path("queue")))
        assert "Claim changed C-1 " in said and "Hold changed C-1" in said
        assert re.search(r"Status Held\w* .*?Queued|Status .{0,60}Queue", said)
        assert "the payer said so" in said

    def test_never_tells_what_stands_in_a_patients_row(self, page_as, adam, ben, held):
        patient = held[0].claim.patient
        with acting(ben, "change patient"):
            Patient.objects.filter(pk=patient.pk).update(last_name="Quillfeather", date_of_birth="1944-02-03")
        said = words(page_as(adam).get(self.path("change patient")))
        assert "Last name changed" in said and "Date of birth changed" in said
        assert "Quillfeather" not in said and "1944" not in said

    def test_of_another_company_is_not_there(self, page_as, bo, held):
        bo.role = "admin"
        bo.save()
        assert page_as(bo).get(self.path("queue")).status_code == 404


def test_numbers_of_another_company_are_unknown(page_as, bo, held):
    bo.role = "admin"
    bo.save()
    for number in (held[0].claim.number, f"patient-{held[0].claim.patient_id}"):
        answer = page_as(bo).get(f"{URL}?about={number}")
        assert answer.status_code == 400 and "Nothing in your company has this number" in words(answer)


def test_readings_of_a_patient_tell_who_looked(page_as, adam, ben, held):
    now = datetime.now(UTC)
    patient = held[0].claim.patient
    PatientReading.objects.create(
        company=ben.company, patient=patient, user=ben, door="page", at=now, minute=now.replace(second=0)
    )
    client = page_as(adam)
    found = lines(client.get(f"{URL}?show=readings&about=patient-{patient.pk}"))
    assert len(found) == 1 and "ben" in found[0] and f"Read patient {patient.pk}" in found[0]
    assert len(lines(client.get(f"{URL}?show=readings&person={ben.pk}"))) == 1


def test_a_file_is_taken_whole_and_written_down_first(page_as, adam, held):
    client = page_as(adam)
    answer = client.post(f"{URL}export/", {"show": "people", "word": "queue"})
    text = b"".join(answer.streaming_content).decode()
    assert "Queued for submission" in text and held[0].claim.number in text and "Nightly" not in text
    taken = Export.objects.get(table="audit")
    assert taken.rows == text.count("\r\n") - 1 and taken.searched and taken.by == adam
    assert "Took audit as a file" in words(client.get(f"{URL}?show=files"))
