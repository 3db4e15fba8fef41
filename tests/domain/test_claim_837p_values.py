"""How typed text becomes what an X12 element may hold."""

from decimal import Decimal

import pytest

from deductibles.x12 import claim_values as values


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("  Zoë   Núñez ", "Zoe Nunez"),
        ("O’Brien", "O'Brien"),
        ("Straße", "Strasse"),
        ("Łódź", "Lodz"),
        ("Smith—Jones", "Smith-Jones"),
        ("Ward 4:B*2~^", "Ward 4 B 2"),
        ("line\r\nbreak\ttab", "line break tab"),
        ("：＊～＾", ""),
        ("½ mile", "1/2 mile"),
        ("soft\u00adhyphen\u200b", "softhyphen"),
        (None, ""),
    ],
)
def test_text_is_respelled(typed, written):
    assert values.clean_text(typed) == written
    assert values.unwritable(written) == ""


def test_what_has_no_plain_spelling_is_found_once_and_in_order():
    assert values.unwritable("a李b山李") == "李山"


@pytest.mark.parametrize("npi", ["1234567893", "1245319599"])
def test_an_npi_ends_in_its_check_digit(npi):
    assert values.is_npi(npi)


def test_an_npi_with_two_digits_swapped_is_not_one():
    assert not values.is_npi("1243567893")


@pytest.mark.parametrize("digit", range(10))
def test_one_check_digit_in_ten_is_right(digit):
    assert values.is_npi(f"123456789{digit}") == (digit == 3)


@pytest.mark.parametrize("text", ["", "123456789", "12345678933", "١٢٣٤٥٦٧٨٩٣", "123456789O", "0234567893"])
def test_what_is_no_npi(text):
    assert not values.is_npi(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("850.00", "850"),
        ("850.50", "850.5"),
        ("0.00", "0"),
        ("-0", "0"),
        ("0E+5", "0"),
        ("1E+3", "1000"),
        ("100", "100"),
        ("0.05", "0.05"),
    ],
)
def test_numbers_have_no_exponent_and_no_trailing_zeros(value, text):
    assert values.number_text(Decimal(value)) == text


@pytest.mark.parametrize(
    "code", ["R55", "I10", "S72.001A", "S72001A", "U07.1", "C7A.00", "W19.XXXA", "Z3A.20"]
)
def test_icd_10_codes_are_known_by_shape(code):
    assert values.is_diagnosis(code)


@pytest.mark.parametrize("code", ["", "R5", "55R", "R55.", "R55.12345", "R55..1", "780.2", "r55", "R55\n"])
def test_what_is_no_icd_10_code(code):
    assert not values.is_diagnosis(code)


@pytest.mark.parametrize(
    ("code", "known"),
    [
        ("A0427", True),
        ("99284", True),
        ("0042T", True),
        ("A042", False),
        ("AA427", False),
        ("99284\n", False),
    ],
)
def test_procedure_codes_are_known_by_shape(code, known):
    assert values.is_procedure(code) is known


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("PO Box 12", True),
        ("p. o. box 12", True),
        ("Post Office Box 1", True),
        ("Lockbox 4", True),
        ("12 Boxwood Lane", False),
        ("1 Poplar Box Road", False),
    ],
)
def test_post_office_boxes_are_known(line, known):
    assert values.is_post_office_box(line) is known
