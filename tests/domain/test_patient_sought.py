"""What somebody who looks for a patient may have typed."""

from datetime import date

import pytest

from patients.domain.sought import read_sought

TODAY = date(2026, 5, 20)
BORN = date(1971, 3, 14)


@pytest.mark.parametrize(
    "typed",
    [
        "1971-03-14",
        "1971-3-14",
        "3/14/1971",
        "03/14/1971",
        "03-14-1971",
        "3.14.1971",
        "3/14/71",
        "14 March 1971",
        "14 mar 1971",
        "March 14, 1971",
        "Mar. 14 1971",
    ],
)
def test_a_date_of_birth_is_read_in_the_usual_writings(typed):
    assert read_sought(typed, TODAY).born_on == BORN


@pytest.mark.parametrize("typed", ["1971-02-30", "13/14/1971", "31/31/31", "0000-01-01", "14 Maple 1971"])
def test_what_is_no_date_is_not_taken_for_one(typed):
    assert read_sought(typed, TODAY).born_on is None


def test_a_year_of_two_digits_is_never_in_the_future():
    assert read_sought("1/2/26", TODAY).born_on == date(2026, 1, 2)
    assert read_sought("1/2/27", TODAY).born_on == date(1927, 1, 2)


def test_a_name_beside_a_date_stays_a_name():
    sought = read_sought("Nowak, Casimir 3/14/1971", TODAY)
    assert sought.words == ("Nowak", "Casimir")
    assert sought.born_on == BORN


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("(312) 555-0147", "3125550147"),
        ("+1 312.555.0147", "3125550147"),
        ("312-555-0147 x 22", "3125550147"),
        ("555-0147", "5550147"),
        ("tel:3125550147", "3125550147"),
        ("555-014", ""),
        ("E-20431", ""),
        ("1234567890123456", ""),
        ("٣١٢٥٥٥٠١٤٧", ""),
    ],
)
def test_a_phone_number_is_read_from_its_end_in_any_writing(typed, digits):
    assert read_sought(typed, TODAY).digits == digits


@pytest.mark.parametrize("typed", ["E-20431", "20431", "c-1001", "A-000123", "004-118"])
def test_one_word_with_a_digit_could_be_a_number(typed):
    sought = read_sought(typed, TODAY)
    assert sought.could_be_number
    assert sought.words == ()


def test_only_five_words_each_once_and_a_hundred_letters_count():
    assert read_sought("a b c d e f g " * 100, TODAY).words == ("a", "b", "c", "d", "e")
    assert len(read_sought("x" * 10_000, TODAY).whole) == 100


@pytest.mark.parametrize("typed", ["\x00", "\ud800", "   ", "\x00\ud800 \n"])
def test_what_no_database_can_hold_is_left_out(typed):
    sought = read_sought(typed, TODAY)
    assert sought.whole == ""
    assert sought.words == ()
