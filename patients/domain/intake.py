"""Reading what people type about a patient or payer: one home for form, API and import. Pure.

Each reader takes the raw value and gives the clean one, or raises :class:`Wrong` with a code and a
sentence that says what is wrong and what to type instead. Values are never echoed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from patients.domain.zones import NAMES

_STATES = """
    AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC
    ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY PR VI GU AS MP AA AE AP
"""
STATES = frozenset(_STATES.split())
_EMAIL = re.compile(r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}$")
_OLDEST = 130


class Wrong(ValueError):
    """A value that cannot be used: ``code`` for programs, ``sentence`` for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


Reader = Callable[[Any], Any]


def text(label: str, longest: int, *, required: bool = False) -> Reader:
    """A reader of one line of text without control characters."""

    def read(value: Any) -> str:
        if value is None:
            value = ""
        if not isinstance(value, str):
            raise Wrong("type", f"{label} must be text.")
        if any(unicodedata.category(letter) in {"Cc", "Cs", "Cn"} for letter in value):
            raise Wrong("characters", f"{label} has a character in it that cannot be printed. Type it again.")
        clean = " ".join(value.split())
        if required and not clean:
            raise Wrong("required", f"{label} is missing. Type it.")
        if len(clean) > longest:
            raise Wrong("too_long", f"{label} is longer than {longest} characters. Shorten it.")
        return clean

    return read


def person_name(label: str) -> Reader:
    """A reader of a first or last name: letters are needed, digits and angle brackets are not."""
    line = text(label, 60, required=True)

    def read(value: Any) -> str:
        name = line(value)
        if not any(letter.isalpha() for letter in name):
            raise Wrong("name", f"{label} needs at least one letter.")
        if re.search(r"[<>{}\[\]\\|*~^:=;$%#@0-9]", name):
            raise Wrong(
                "name", f"{label} may have letters, spaces, hyphens, apostrophes and full stops only."
            )
        return name

    return read


def day(label: str, *, required: bool = True) -> Reader:
    """A reader of a date typed as 2026-05-20 or 05/20/2026, between 1890 and 2100."""

    def read(value: Any) -> date | None:
        if value in (None, ""):
            if required:
                raise Wrong("required", f"{label} is missing. Type it as 2026-05-20.")
            return None
        if type(value) is date:
            return value
        found = _date_of(value.strip()) if isinstance(value, str) else None
        if found is None or not 1890 <= found.year <= 2100:
            raise Wrong("date", f"{label} is not a date that exists. Type it as 2026-05-20 or 05/20/2026.")
        return found

    return read


def _date_of(value: str) -> date | None:
    iso = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", value)
    american = re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", value)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if american:
            return date(int(american[3]), int(american[1]), int(american[2]))
    except ValueError:
        return None
    return None


def born(today: date) -> Reader:
    """A reader of a date of birth: not in the future, not over 130 years ago."""
    plain = day("Date of birth")

    def read(value: Any) -> date:
        found: date = plain(value)
        if found > today:
            raise Wrong("future", "Date of birth is in the future. Check the year.")
        if found.year < today.year - _OLDEST:
            raise Wrong("too_old", f"Date of birth is more than {_OLDEST} years ago. Check the year.")
        return found

    return read


def one_of(label: str, allowed: tuple[str, ...], default: str | None = None) -> Reader:
    """A reader of one of a few words."""

    def read(value: Any) -> str:
        if value in (None, "") and default is not None:
            return default
        if not isinstance(value, str) or value not in allowed:
            raise Wrong("choice", f"{label} must be one of: {', '.join(allowed)}.")
        return value

    return read


def phone(value: Any) -> str:
    """Ten digits of a North American number, with or without +1 and punctuation; kept as digits."""
    line = text("Phone", 24)(value)
    if not line:
        return ""
    digits = re.sub(r"[\s().+-]", "", line)
    if not re.fullmatch(r"1?[2-9][0-9]{9}", digits) or not digits.isascii():
        raise Wrong("phone", "Phone needs ten digits, like 312-555-0147.")
    return digits[-10:]


def email(value: Any) -> str:
    """An address with one @ and a domain; empty is allowed."""
    line = text("Email", 254)(value)
    if line and not _EMAIL.match(line):
        raise Wrong("email", "Email is not an address. It looks like name@example.com.")
    return line


def state(value: Any) -> str:
    """A two-letter US state; empty is allowed."""
    line = text("State", 20)(value).upper()
    if line and line not in STATES:
        raise Wrong("state", "State is not a two-letter US state, like IL.")
    return line


def time_zone(value: Any) -> str:
    """One of the zones a patient may be in; empty means what the state says."""
    line = text("Time zone", 40)(value)
    if line and line not in NAMES:
        raise Wrong("zone", f"Time zone must be empty (as the state says) or one of: {', '.join(NAMES)}.")
    return line


def zip_code(value: Any) -> str:
    """Five or nine digits; empty is allowed."""
    line = text("ZIP", 20)(value)
    if line and not re.fullmatch(r"[0-9]{5}(-?[0-9]{4})?", line):
        raise Wrong("zip", "ZIP needs five or nine digits, like 60601 or 60601-1234.")
    return line


def whole(label: str, low: int, high: int) -> Reader:
    """A reader of a whole number or nothing."""

    def read(value: Any) -> int | None:
        if value in (None, ""):
            return None
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise Wrong("number", f"{label} must be a whole number from {low} to {high}.")
        if not re.fullmatch(r"[0-9]{1,6}", str(value).strip()) or not low <= int(value) <= high:
            raise Wrong("number", f"{label} must be a whole number from {low} to {high}.")
        return int(value)

    return read


def yes_no(label: str) -> Reader:
    """A reader of true or false; nothing means false."""

    def read(value: Any) -> bool:
        if value in (None, "", False, "false"):
            return False
        if value in (True, "true", "on"):
            return True
        raise Wrong("choice", f"{label} must be true or false.")

    return read


def patient_readers(today: date) -> dict[str, Reader]:
    """The reader of every field of a patient."""
    return {
        "first_name": person_name("First name"),
        "last_name": person_name("Last name"),
        "date_of_birth": born(today),
        "sex": one_of("Sex", ("F", "M", "U"), "U"),
        "account_number": text("Account number", 40),
        "phone": phone,
        "email": email,
        "line1": text("Address line 1", 55),
        "line2": text("Address line 2", 55),
        "city": text("City", 30),
        "state": state,
        "zip": zip_code,
        "time_zone": time_zone,
    }


def read_all(
    readers: dict[str, Reader], values: dict[str, Any], *, only_given: bool = False
) -> tuple[dict[str, Any], dict[str, Wrong]]:
    """Read every field at once: the clean values, and what is wrong by field."""
    clean: dict[str, Any] = {}
    wrong: dict[str, Wrong] = {}
    for name, read in readers.items():
        if only_given and name not in values:
            continue
        try:
            clean[name] = read(values.get(name))
        except Wrong as problem:
            wrong[name] = problem
    return clean, wrong


def amount(label: str) -> Reader:
    """A reader of dollars and cents, or nothing: ``1,000.50`` and ``$1,000.50`` are understood."""

    def read(value: Any) -> Decimal | None:
        if value in (None, ""):
            return None
        plain = value.strip() if isinstance(value, str) else str(value)
        shape = r"\$?([0-9]{1,8}|[0-9]{1,3}(,[0-9]{3}){1,2})(\.[0-9]{1,2})?"
        if isinstance(value, bool) or not re.fullmatch(shape, plain) or not plain.isascii():
            raise Wrong("money", f"{label} must be dollars and cents, like 1,000.50, and not negative.")
        return Decimal(plain.replace("$", "").replace(",", "")).quantize(Decimal("0.01"))

    return read


def checked(today: date) -> Reader:
    """A reader of the day on which somebody looked something up, or nothing: not a day that is to come."""
    plain = day("Checked on", required=False)

    def read(value: Any) -> date | None:
        found: date | None = plain(value)
        if found is not None and found > today:
            raise Wrong("future", "Checked on is in the future. Check the year.")
        return found

    return read


def payer_readers(today: date | None = None) -> dict[str, Reader]:
    """The reader of every field of a payer; empty overrides mean the company's own setting.

    Without ``today`` no day counts as being in the future.
    """
    kinds = ("commercial", "medicare_advantage", "medicare", "medicaid", "workers_comp", "auto")
    return {
        "name": text("Name", 60, required=True),
        "payer_id": text("Payer id", 20, required=True),
        "kind": one_of("Kind", kinds, "commercial"),
        "never_hold": yes_no("Never hold"),
        "filing_limit_days": whole("Filing limit", 1, 3650),
        "filing_limit_source": text("Source of the filing limit", 120),
        "filing_limit_checked_on": checked(today or date.max),
        "network": one_of("Network", ("in", "out"), "in"),
        "max_days": whole("Maximum days", 1, 365),
        "dollar_threshold": amount("Dollar threshold"),
        "monitor_above": amount("Monitor above"),
    }
