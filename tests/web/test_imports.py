"""Settings, Import: a table is brought, looked at, mended, imported, and nothing of it twice."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import Any

import pghistory.models
import pytest
from django.test import Client

from accounts.models import User
from patients.imports import running
from patients.models import Import, Patient, Payer
from tables.models import Export
from tests.factories import PatientFactory, PayerFactory
from tests.imports import HEADS, many, people, upload, workbook

pytestmark = pytest.mark.django_db
HERE = "/settings/import/patients/"


@pytest.fixture
def biller(page_as: Any, ben: User) -> Client:
    client: Client = page_as(ben)
    return client


def brought(client: Client, data: bytes, *, where: str = HERE, name: str = "people.csv") -> str:
    """The address of a file that was taken in."""
    answer = client.post(where, upload(data, name))
    assert answer.status_code == 302, text_of(answer)
    return str(answer["Location"])


def text_of(answer: Any) -> str:
    """What a page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_a_file_is_looked_at_whole_and_then_its_good_rows_are_imported(biller: Client, ben: User) -> None:
    acme = ben.company
    PatientFactory(
        company=acme, first_name="Ada", last_name="Same", account_number="A-1", date_of_birth="1971-03-14"
    )
    PatientFactory(
        company=acme, first_name="Bea", last_name="Other", account_number="A-2", phone="3125550100"
    )
    twin = PatientFactory(
        company=acme, first_name="Zoë", last_name="O’Twin", account_number="", date_of_birth="1980-01-01"
    )
    page = brought(
        biller,
        people(
            "Same,Ada,3/14/1971,F,A-1,,60601",
            "Other,Bea,1980-01-01,F,A-2,312-555-0199,60601",
            "OTwin,Zoe,1980-01-01,F,A-3,,",
            "New,Robin,1990-05-05,female,A-4,312-555-0147,60601",
            "Wrong,Kim,44123,F,1.23E+11,,2134",
            "New,Again,1990-05-05,F,A-4,,",
        ),
    )
    said = text_of(biller.get(page))
    for words in (
        "6 rows looked at. Nothing is imported yet.",
        "1 new to be added", "1 the same", "1 different", "1 perhaps here", "2 wrong",
        "was rounded by a spreadsheet", "a spreadsheet's number of a day", "lost the zero", "in the file twice",
        "Different: Phone",
    ):  # fmt: skip
        assert words in said, words
    assert f"/patients/{twin.pk}/" in biller.get(page).content.decode()
    assert Patient.objects.count() == 3
    refused = biller.post(page, {"do": "whole"})
    assert refused.status_code == 409 and "Some rows are wrong." in text_of(refused)
    assert biller.post(page, {"do": "good"}).status_code == 302
    added = Patient.objects.get(account_number="A-4")
    assert (added.first_name, added.sex, added.phone, added.company) == ("Robin", "F", "3125550147", acme)
    assert Patient.objects.count() == 4
    assert Patient.objects.get(account_number="A-2").phone == "3125550100"
    assert "1 patient added." in text_of(biller.get(page))
    act = pghistory.models.Context.objects.get(metadata__act="import patients")
    assert act.metadata["who"] == "ben"


def test_wrong_rows_are_taken_mended_and_brought_again(biller: Client, ben: User) -> None:
    page = brought(
        biller, people("Nowak,Casimir,1971-03-14,M,=1+1,312-555-0147,2134", *["Fine,Ada,1971-03-14,F,A-9,,"])
    )
    taken = biller.post(f"{page}wrong/")
    lines = list(csv.reader(io.StringIO(b"".join(taken.streaming_content).decode("utf-8-sig"))))
    assert lines[0] == [*HEADS.split(","), "What is wrong"]
    assert lines[1][:7] == ["Nowak", "Casimir", "1971-03-14", "M", "'=1+1", "312-555-0147", "2134"]
    assert "Row 2:" in lines[1][7] and "is a formula" in lines[1][7] and "lost the zero" in lines[1][7]
    assert len(lines) == 2
    assert "people" not in taken["Content-Disposition"]
    assert Export.objects.get().rows == 1
    lines[1][4], lines[1][6] = "A-8", "02134"
    written = io.StringIO()
    csv.writer(written).writerows(lines)
    again = brought(biller, written.getvalue().encode())
    assert "Not read: What is wrong." in text_of(biller.get(again))
    biller.post(again, {"do": "whole"})
    assert Patient.objects.get().zip == "02134"


def test_the_same_file_twice_imports_nothing_new(biller: Client, page_as: Any, sue: User, bo: User) -> None:
    page = brought(biller, many(3))
    biller.post(page, {"do": "whole"})
    assert Patient.objects.count() == 3
    colleague = page_as(sue)
    assert brought(colleague, many(3), name="renamed.csv") == page
    assert "brought before" in text_of(colleague.get(page))
    assert colleague.post(page, {"do": "good"}).status_code == 409
    assert Patient.objects.count() == 3
    other = page_as(bo)
    theirs = brought(other, many(3))
    assert theirs != page
    other.post(theirs, {"do": "whole"})
    assert Patient.objects.filter(company=bo.company).count() == 3


def test_another_companys_patients_and_payers_are_nobody_here(biller: Client, olga: User) -> None:
    PatientFactory(
        company=olga.company,
        first_name="Zoe",
        last_name="Twin",
        account_number="",
        date_of_birth="1980-01-01",
    )
    PayerFactory(company=olga.company, name="Southline", payer_id="SL1")
    page = brought(biller, people("Twin,Zoe,1980-01-01,F,,,"))
    assert "1 new to be added" in text_of(biller.get(page))
    payers = brought(biller, people("Southline,SL1", heads="Name,Payer id"), where="/settings/import/payers/")
    assert "1 new to be added" in text_of(biller.get(payers))


def test_the_same_rows_in_another_file_are_known(biller: Client) -> None:
    biller.post(brought(biller, many(3)), {"do": "whole"})
    rows = [line.split(",") for line in many(4).decode().splitlines()]
    page = brought(biller, workbook(*rows), name="people.xlsx")
    said = text_of(biller.get(page))
    assert "1 new to be added" in said and "3 the same" in said
    biller.post(page, {"do": "whole"})
    assert Patient.objects.count() == 4


def test_columns_that_were_not_found_are_named_by_a_person(biller: Client) -> None:
    data = people("Nowak,Casimir,1971-03-14,x", heads="Customer,Given,DOB,Remark")
    page = brought(biller, data)
    said = text_of(biller.get(page))
    assert "No column is named for last name." in said and "No column is named for first name." in said
    missing = biller.post(page, {"do": "columns", "last_name": "0", "date_of_birth": "2"})
    assert missing.status_code == 400 and "Say which column is: First name." in text_of(missing)
    assert '<option value="0" selected>Customer' in missing.content.decode()
    named = {"do": "columns", "last_name": "0", "first_name": "1", "date_of_birth": "2"}
    assert biller.post(page, named).status_code == 302
    assert "1 row looked at." in text_of(biller.get(page))
    biller.post(page, {"do": "whole"})
    assert str(Patient.objects.get()) == "Casimir Nowak"


def test_two_columns_of_one_name_are_decided_by_a_person(biller: Client) -> None:
    page = brought(biller, people("Nowak,Casimir,1971-03-14,1971-03-15", heads="Last,First,DOB,Birth date"))
    assert "Two columns are named for date of birth." in text_of(biller.get(page))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "This is a PDF."),
        (b'Last name,First name,DOB\r\n"Nowak', "quotation mark"),
        (b"\x00" * 50, "No column"),
        (b"Last name,First name,DOB\r\n", "no rows"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why_and_nothing_is_imported(
    biller: Client, data: bytes, said: str
) -> None:
    answer = biller.post(HERE, upload(data), follow=True)
    assert answer.status_code in (200, 400)
    assert said in text_of(answer)
    assert not Patient.objects.exists()


def test_without_a_file_and_with_an_unknown_button_nothing_is_done(biller: Client) -> None:
    nothing = biller.post(HERE)
    assert nothing.status_code == 400 and "Choose a file" in text_of(nothing)
    page = brought(biller, many(1))
    assert biller.post(page, {"do": "everything"}).status_code == 400
    assert biller.post(page, {"do": "throw"}).status_code == 302
    assert biller.get(page).status_code == 404
    assert not Patient.objects.exists()
    assert brought(biller, many(1)) != page, "what was thrown away can be brought anew"


def test_an_admin_imports_payers_and_no_patients(page_as: Any, adam: User) -> None:
    admin = page_as(adam)
    PayerFactory(company=adam.company, name="Northline Blue", payer_id="NB1", kind="commercial")
    heads = ["Payer", "Payer ID", "Type", "Timely filing limit", "Dollar threshold"]
    data = workbook(
        heads,
        ["Northline Blue", "NB1", "Medicaid", 180, None],
        ["Southline", "SL1", "Medicare Advantage", 365, 250.5],
    )
    page = brought(admin, data, where="/settings/import/payers/", name="payers.xlsx")
    assert "Different: Kind" in text_of(admin.get(page))
    admin.post(page, {"do": "whole"})
    new = Payer.objects.get(payer_id="SL1")
    assert (new.kind, new.filing_limit_days, str(new.dollar_threshold)) == (
        "medicare_advantage",
        365,
        "250.50",
    )
    assert Payer.objects.get(payer_id="NB1").kind == "commercial"
    listed = text_of(admin.get("/settings/import/"))
    assert "payers.xlsx" in listed and "Patients CSV" not in listed
    assert admin.get(HERE).status_code == 403


def test_a_large_file_is_left_to_a_worker_and_the_page_can_be_left(
    biller: Client, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(running, "AT_ONCE", 10)
    page = brought(biller, many(3))
    waiting = biller.get(page)
    assert (
        "Every row is being looked at." in text_of(waiting)
        and 'hx-trigger="every 3s"' in waiting.content.decode()
    )
    row = Import.objects.get()
    running.work_on(row.pk, at=row.brought_at)
    biller.post(page, {"do": "good"})
    assert "0 of 1 parts" in text_of(biller.get(page))
    running.catch_up(at=row.brought_at)
    assert "3 patients added." in text_of(biller.get(page))


def test_the_template_can_be_filled_in_and_brought(biller: Client) -> None:
    template = biller.get(f"{HERE}template/").content
    page = brought(biller, template)
    assert "1 row looked at." in text_of(biller.get(page))
