"""A file as a table: what spreadsheets write is understood, what is hostile is refused in words, nothing fails."""

from __future__ import annotations

import time
from datetime import datetime

import pytest

from patients.domain import import_sheet, import_table
from patients.domain.import_columns import KINDS, PATIENTS, PAYERS, chosen, match
from patients.domain.import_table import read_table
from patients.domain.intake import Wrong
from tests.imports import people, replaced, with_part, workbook


def _read(data: bytes) -> tuple[tuple[str, ...], list[tuple[int, tuple[str, ...]]]]:
    heads, lines = read_table(data)
    return heads, [(line.number, line.cells) for line in lines]


def _sentence(data: bytes) -> str:
    with pytest.raises(Wrong) as refused:
        _read(data)
    return refused.value.sentence


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_table_is_read_in_every_way_a_spreadsheet_writes_text(separator: str, encoding: str) -> None:
    text = "\r\n".join(separator.join(row) for row in (["Last name", "City"], ["Núñez", "Peoría"])) + "\r\n"
    assert _read(text.encode(encoding)) == (("Last name", "City"), [(2, ("Núñez", "Peoría"))])


def test_rows_keep_the_number_a_spreadsheet_shows_beside_them() -> None:
    data = b'Last name,City\r\n\r\n"Nowak","Oak\nPark"\r\n,,,\r\nSample,Peoria,,,\r\n'
    assert _read(data)[1] == [(3, ("Nowak", "Oak\nPark")), (5, ("Sample", "Peoria"))]


def test_a_line_that_names_the_separator_is_not_the_first_row() -> None:
    assert _read(b"sep=;\r\nLast name;City\r\nNowak;Oak, Park\r\n") == (
        ("Last name", "City"),
        [(3, ("Nowak", "Oak, Park"))],
    )


def test_a_workbooks_cells_are_read_as_they_would_be_typed() -> None:
    data = workbook(
        ["Acct #", "DOB", "Phone", "ZIP", "Seen"],
        ["A-1", datetime(1971, 3, 14), 3125550147, 60601.0, True],
        [None, None, None, None, None],
        [123456789012345678, "3/14/1971", "312-555-0147", 2134, 1.5],
    )
    assert _read(data) == (
        ("Acct #", "DOB", "Phone", "ZIP", "Seen"),
        [
            (2, ("A-1", "1971-03-14", "3125550147", "60601", "true")),
            (4, ("1.23E+17", "3/14/1971", "312-555-0147", "2134", "1.5")),
        ],
    )


HOSTILE = {
    "nothing": (b"", "empty"),
    "only spaces": (b" \r\n \r\n", "empty"),
    "only separators": (b",,,\r\n,,\r\n", "no row"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "old Excel"),
    "a PDF": (b"%PDF-1.7 ...", "PDF"),
    "a page that calls itself xls": (b"<html><table><tr><td>Nowak</td></tr></table></html>", "web page"),
    "a claim file": (b"ISA*00*          *00*", "X12"),
    "bytes of nothing": (b"\x81\x8d\x8f\x90\x9d" * 40, "neither a table"),
    "a ZIP": (with_part(b"", "patients.csv", b"Last name"), "packed"),
    "a broken workbook": (workbook(["Last name"])[:400], "damaged"),
    "a workbook of nonsense": (
        with_part(with_part(b"", "xl/workbook.xml", b"<a/>"), "[Content_Types].xml", b"<a/>"),
        "damaged",
    ),
    "macros": (with_part(workbook(["Last name"]), "xl/vbaProject.bin", b"x"), "macros"),
    "too wide": (("a," * 300 + "a\r\n").encode(), "columns"),
    "a cell without its end": (b'Last name,City\r\n"Nowak,Peoria\r\nSample,Peoria\r\n', "quotation mark"),
    "a cell of 10 MB": (b"Last name,City\r\nNowak," + b"x" * 10_000_000, "far too long"),
    "an empty workbook": (workbook(), "no row"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_table_is_refused_and_named(name: str) -> None:
    data, said = HOSTILE[name]
    assert said in _sentence(data)


def test_one_row_too_many_is_refused_and_the_last_that_fits_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert import_table.MOST_ROWS == 100_000
    row = b"Nowak,1\r\n"
    assert len(_read(b"Last name,City\r\n" + row * 100_000)[1]) == 100_000
    assert "more than 100,000 rows" in _sentence(b"Last name,City\r\n" + row * 100_001)
    monkeypatch.setattr(import_table, "MOST_LINE", 50)
    assert "below row 50" in _sentence(b"Last name\r\nNowak\r\n" + b"\r\n" * 60)


def test_a_file_that_is_too_large_is_not_looked_into() -> None:
    assert "larger than 20 MB" in _sentence(b"x" * (import_table.MOST_BYTES + 1))


def test_a_workbook_that_becomes_huge_is_refused_before_it_is_unpacked() -> None:
    bomb = with_part(workbook(["Last name"]), "xl/media/zeros", b"\0" * (import_sheet.MOST_UNPACKED + 1))
    assert len(bomb) < 1_000_000
    began = time.perf_counter()
    assert "too large" in _sentence(bomb)
    assert time.perf_counter() - began < 0.5


def test_a_workbook_with_xml_entities_is_refused() -> None:
    sheet = (
        b'<!DOCTYPE s [<!ENTITY a "aaaa">]><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/'
        b'2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>%s</t></is></c></row></sheetData>'
        b"</worksheet>"
    )
    sound = workbook(["Last name"])
    path = "xl/worksheets/sheet1.xml"
    assert "damaged" in _sentence(replaced(sound, path, sheet % b"&a;&a;"))
    plain = sheet.replace(b'<!DOCTYPE s [<!ENTITY a "aaaa">]>', b"")
    assert _read(replaced(sound, path, plain % b"Last name"))[0] == ("Last name",)


def test_a_workbook_with_a_cell_in_the_last_corner_ends_soon() -> None:
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="999999999"><c r="A999999999"><v>1</v></c></row>'
        b"</sheetData></worksheet>"
    )
    began = time.perf_counter()
    assert "below row 200,000" in _sentence(replaced(workbook([]), "xl/worksheets/sheet1.xml", sheet))
    assert time.perf_counter() - began < 5


def test_a_formula_of_a_workbook_counts_as_what_it_shows() -> None:
    assert _read(workbook(["Last name", "City"], ["Nowak", "=1+1"]))[1] == [(2, ("Nowak",))]


# --- which column is which ------------------------------------------------------------------------------


def test_columns_are_found_by_the_names_people_give_them() -> None:
    heads = ["PATIENT LAST NAME", "First_Name", "Birth-Date", "Gender", "Acct #", "Zip Code", "Notes"]
    found = match(KINDS[PATIENTS], heads)
    assert found.columns == {
        "last_name": 0, "first_name": 1, "date_of_birth": 2, "sex": 3, "account_number": 4, "zip": 5,
    }  # fmt: skip
    assert found.is_sure


def test_a_missing_column_and_two_of_one_name_are_left_to_a_person() -> None:
    found = match(KINDS[PATIENTS], ["Last name", "DOB", "Date of birth", "Phone"])
    assert (found.missing, found.twice) == (["first_name", "date_of_birth"], ["date_of_birth"])
    assert "date_of_birth" not in found.columns and not found.is_sure
    assert match(KINDS[PAYERS], ["Payer", "Payer ID"]).is_sure


def test_what_a_person_says_of_columns_is_read_without_trust() -> None:
    said = {
        "last_name": "0",
        "first_name": "0",
        "date_of_birth": "99",
        "sex": "-1",
        "zip": "١",
        "city": "1e9",
    }
    found = chosen(KINDS[PATIENTS], said, 5)
    assert found.columns == {"last_name": 0, "first_name": 0}
    assert (found.missing, found.twice) == (["date_of_birth"], ["last_name", "first_name"])


def test_no_two_fields_answer_to_the_same_name() -> None:
    for kind in KINDS.values():
        for column in kind.columns:
            for name in (column.name, column.label, *column.also):
                assert match(kind, [name]).columns == {column.name: 0}, name


def test_the_template_is_taken_as_it_is() -> None:
    from patients.domain.import_rows import Reading, template_rows

    for kind in KINDS.values():
        rows = [",".join(column.label for column in kind.columns), *map(",".join, template_rows(kind))]
        heads, lines = read_table(people(*rows[1:], heads=rows[0]))
        found = match(kind, heads)
        assert found.is_sure and len(found.columns) == len(kind.columns)
        reading = Reading(kind, found.columns, len(heads), datetime(2026, 5, 20).date())
        assert [reading.read(line).wrong for line in lines] == [{}]
