"""Rows of a table: read as page and API read, with a spreadsheet's damage and doubles named."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patients.domain.import_columns import KINDS, PATIENTS, PAYERS
from patients.domain.import_rows import Reading, Row
from patients.domain.import_table import Line

TODAY = date(2026, 5, 20)
GOOD = {
    "last_name": "Nowak",
    "first_name": "Casimir",
    "date_of_birth": "1971-03-14",
    "account_number": "A-1",
    "phone": "312-555-0147",
    "zip": "60601",
    "sex": "F",
}


def _reading(kind: str = PATIENTS, names: tuple[str, ...] = tuple(GOOD)) -> Reading:
    return Reading(KINDS[kind], {name: place for place, name in enumerate(names)}, len(names), TODAY)


def _read(**changed: str) -> Row:
    return _reading().read(Line(2, tuple({**GOOD, **changed}.values())))


def test_a_good_row_has_what_the_form_would_have_made_of_it() -> None:
    row = _read(sex="female", date_of_birth="3/14/1971 0:00", phone="+1 (312) 555-0147")
    assert row.wrong == {}
    assert (row.clean["sex"], row.clean["phone"]) == ("F", "3125550147")
    assert row.clean["date_of_birth"] == date(1971, 3, 14)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("account_number", "1.23E+11", "was rounded by a spreadsheet"),
        ("phone", "3.13E+09", "was rounded by a spreadsheet"),
        ("date_of_birth", "44,123", "a spreadsheet's number of a day"),
        ("date_of_birth", "44123", "a spreadsheet's number of a day"),
        ("date_of_birth", "3/14/71", "a year of two digits"),
        ("date_of_birth", "2026-05-21", "in the future"),
        ("date_of_birth", "1971-02-30", "not a date that exists"),
        ("zip", "2134", "lost the zero at its beginning"),
        ("zip", "21341234", "lost the zero at its beginning"),
        ("account_number", "=A1&B1", "is a formula"),
        ("account_number", "#N/A", "a spreadsheet's error"),
        ("phone", "########", "a spreadsheet's error"),
        ("last_name", "", "is missing"),
        ("last_name", "No\x00wak", "cannot be printed"),
        ("first_name", "\ud800", "cannot be printed"),
        ("account_number", "x" * 41, "longer than 40"),
        ("sex", "sometimes", "must be one of"),
    ],
)
def test_what_cannot_be_used_is_said_by_column_and_never_repeated(field: str, value: str, said: str) -> None:
    row = _read(**{field: value})
    assert list(row.wrong) == [field]
    assert said in row.wrong[field]
    if value and value not in ("1.23E+11", "44,123", "#N/A"):  # the examples in the sentences themselves
        assert value not in row.wrong[field]


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("zip", '="02134"', "02134"),
        ("account_number", "'-A1", "-A1"),
        ("account_number", "1E5", "1E5"),
        ("last_name", "'t Hooft", "'t Hooft"),
    ],
)
def test_what_a_spreadsheet_needed_to_keep_a_value_is_taken_off(field: str, value: str, kept: str) -> None:
    row = _read(**{field: value})
    assert (row.wrong, row.clean[field]) == ({}, kept)


def test_all_that_is_wrong_with_a_row_is_said_at_once() -> None:
    assert set(_read(last_name="", zip="1", phone="12").wrong) == {"last_name", "zip", "phone"}


def test_a_row_with_more_cells_than_names_is_wrong_as_a_whole() -> None:
    row = _reading().read(Line(2, (*GOOD.values(), "Chicago")))
    assert "more cells" in row.wrong[""]


def test_a_row_that_ends_early_has_nothing_there() -> None:
    row = _reading().read(Line(2, tuple(GOOD.values())[:3]))
    assert row.wrong == {} and row.said == {"last_name", "first_name", "date_of_birth"}


def test_doubles_are_told_by_the_row_they_repeat() -> None:
    reading = _reading()
    rows = [
        reading.read(Line(number, tuple({**GOOD, **changed}.values())))
        for number, changed in enumerate(
            [
                {},
                {"last_name": "Other"},
                {"account_number": ""},
                {"account_number": "", "last_name": "NOWÁK"},
                {"account_number": "A-2"},
            ],
            2,
        )
    ]
    assert [row.wrong for row in rows] == [
        {},
        {"account_number": "Row 2 has this account number already. Take one of the two out."},
        {},
        {"": "Row 4 has this name and date of birth already. Take one of the two out."},
        {},
    ]


def test_a_payer_is_read_in_the_words_of_its_page() -> None:
    names = ("name", "payer_id", "kind", "network", "never_hold", "dollar_threshold")
    cells = ("Northline Blue", "NB001", "Medicare Advantage", "Out of network", "Yes", "$1,000.50")
    row = _reading(PAYERS, names).read(Line(2, cells))
    assert row.wrong == {}
    assert (row.clean["kind"], row.clean["network"], row.clean["never_hold"]) == (
        "medicare_advantage",
        "out",
        True,
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=9))
def test_no_row_makes_reading_fail(cells: list[str]) -> None:
    for kind in KINDS:
        names = tuple(column.name for column in KINDS[kind].columns)[:7]
        row = _reading(kind, names).read(Line(2, tuple(cells)))
        assert all(sentence.endswith(".") for sentence in row.wrong.values())
