"""Holidays brought into the calendar's form as a file: all of them or none, and nothing saved by that."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from escalations.domain.holidays_table import holidays_in
from escalations.models import CalendarVersion
from patients.domain.intake import Wrong
from tests.imports import people, workbook
from tests.web.test_calendar_page import HERE, form_of

HEADS = "Date,Holiday"


@pytest.mark.django_db
def test_holidays_of_a_file_stand_in_the_form_and_are_saved_only_by_saving(page_as: Any, adam: User) -> None:
    admin: Client = page_as(adam)
    data = people("05/22/2028,Founders' Day", "2028-12-31,Inventory", heads=HEADS)
    sent: dict[str, Any] = {**form_of(admin.get(HERE)), "do": "bring"}
    versions = CalendarVersion.objects.count()
    answer = admin.post(HERE, {**sent, "table": SimpleUploadedFile("days.csv", data)})
    assert answer.status_code == 200
    shown = form_of(answer)
    assert {"2028-05-22", "2028-12-31"} <= set(shown["on"]) and "Inventory" in shown["name"]
    assert CalendarVersion.objects.count() == versions
    refused = admin.post(
        HERE, {**sent, "mon": ["07:30-09:00"], "table": SimpleUploadedFile("days.csv", b"%PDF-1.7")}
    )
    assert refused.status_code == 400 and "This is a PDF." in refused.content.decode()
    assert "07:30-09:00" in form_of(refused)["mon"]
    assert admin.post(HERE, sent).status_code == 400


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (people("Closed,May", heads="What,When"), "Name one column Date"),
        (people("44123,Founders' Day", "2028-05-22,", heads=HEADS), "Row 2: Date is a spreadsheet's number"),
        (people("2028-05-22,A", "5/22/2028,B", heads=HEADS), "Row 3: Date stands in row 2 already."),
        (people("1950-05-22,A", heads=HEADS), "Row 2: Date is not between 1991 and 2099."),
        (people(heads=HEADS), "no row with a holiday"),
        (
            people(*(f"20{20 + n // 300}-{1 + n % 12:02}-{1 + n % 28:02},A" for n in range(9)), heads=HEADS),
            "",
        ),
    ],
)
def test_a_file_of_holidays_is_read_whole_or_refused_by_row(data: bytes, said: str) -> None:
    if not said:
        assert len(holidays_in(data)) == 9
        return
    with pytest.raises(Wrong) as refused:
        holidays_in(data)
    assert said in refused.value.sentence


def test_a_workbook_of_holidays_is_read_like_a_csv() -> None:
    data = workbook(
        ["Holiday", "Date"], ["Founders' Day", datetime(2028, 5, 22)], ["Inventory", "12/31/2028"]
    )
    assert holidays_in(data) == {date(2028, 5, 22): "Founders' Day", date(2028, 12, 31): "Inventory"}
