"""What somebody who looks for a patient may have typed: names, a date of birth, a phone number. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

LONGEST = 100
MOST_WORDS = 5
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATES = (
    (re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"), (1, 2, 3)),
    (re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})"), (4, 1, 3)),
    (re.compile(rf"([0-9]{{1,2}})\s+{_MONTH},?\s+([0-9]{{4}})"), (3, 2, 1)),
    (re.compile(rf"{_MONTH}\s+([0-9]{{1,2}}),?\s+([0-9]{{4}})"), (3, 1, 2)),
)


@dataclass(frozen=True)
class Sought:
    """What was typed, read in every way it can be meant.

    ``whole`` is one line without characters a database cannot hold; ``words`` are names, without the
    date; ``digits`` the end of a phone number, seven to ten of them, or empty.
    """

    whole: str
    words: tuple[str, ...]
    born_on: date | None
    digits: str

    @property
    def could_be_number(self) -> bool:
        """Whether it may be an account, ticket or claim number: one word with a digit in it."""
        return " " not in self.whole and any(letter.isdigit() for letter in self.whole)


def read_sought(typed: str, today: date) -> Sought:
    """Read what was typed; years of two digits are of the hundred years up to ``today``."""
    clean = typed.replace("\x00", " ").encode("utf-8", "ignore").decode()[:LONGEST]
    whole = " ".join(clean.split())
    born_on, rest = _date_in(whole, today)
    words = [word for word in re.split(r"[\s,;]+", rest) if _could_be_name(word)]
    return Sought(whole, tuple(dict.fromkeys(words))[:MOST_WORDS], born_on, _phone_end(whole))


def _could_be_name(word: str) -> bool:
    """Whether there is a letter in it and, as in every name that is kept, no digit."""
    return any(letter.isalpha() for letter in word) and not any(letter.isdigit() for letter in word)


def _phone_end(text: str) -> str:
    """The last ten digits of what looks like a phone number; an extension after ``x`` is left out."""
    number = re.split(r"\s*(?:x|ext\.?)\s*[0-9]+$", text, flags=re.IGNORECASE)[0]
    digits = re.sub(r"[^0-9]", "", number)
    looks_like_one = re.fullmatch(r"(?:tel:?)?[0-9\s()./+-]+", number, re.IGNORECASE)
    return digits[-10:] if looks_like_one and 7 <= len(digits) <= 15 else ""


def _date_in(text: str, today: date) -> tuple[date | None, str]:
    """The date in the text and the text around it, or no date and the whole text."""
    for pattern, order in _DATES:
        found = re.search(rf"(?<![^\s,;])(?:{pattern.pattern})(?![^\s,;])", text, re.IGNORECASE)
        day = _day_of([found[group] for group in order], today) if found else None
        if found and day:
            return day, f"{text[: found.start()]} {text[found.end() :]}"
    return None, text


def _day_of(parts: list[str], today: date) -> date | None:
    year, month, day = parts
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    try:
        return date(_full_year(int(year), len(year), today), number, int(day))
    except ValueError:
        return None


def _full_year(year: int, digits: int, today: date) -> int:
    if digits == 4:
        return year
    century = today.year // 100 * 100
    return century + year if century + year <= today.year else century - 100 + year
