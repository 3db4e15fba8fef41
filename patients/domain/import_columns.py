"""Which columns a table of patients or payers may have, and which of a file's columns they are. Pure.

A file is matched by the names in its first row, in whatever words people write them; a person may
say otherwise.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from patients.domain.intake import Reader, patient_readers, payer_readers

PATIENTS, PAYERS = "patients", "payers"
DAY, NUMBER, TEXT = "day", "number", "text"
"""What a column holds, for telling what a spreadsheet did to it; nobody calculates with such a number."""
_YES = {"yes": "true", "y": "true", "1": "true", "no": "false", "n": "false", "0": "false"}


@dataclass(frozen=True)
class Column:
    """One field of a table: ``also`` are other names, ``words`` other ways to write its values."""

    name: str
    label: str
    also: tuple[str, ...] = ()
    required: bool = False
    holds: str = TEXT
    words: Mapping[str, str] = field(default_factory=dict)
    example: str = ""


@dataclass(frozen=True)
class Kind:
    """What can be imported: its columns and the readers that the form and the API use too.

    ``group`` is the column by which rows that stand one below the other are one thing, as the charge lines of
    a claim are; empty where each row is one of its own.
    """

    key: str
    one: str
    columns: tuple[Column, ...]
    readers: Callable[[date], dict[str, Reader]]
    group: str = ""

    @property
    def counted(self) -> str:
        """What the numbers of an import count: rows, or what several rows are together."""
        return self.one if self.group else "row"

    @property
    def by_name(self) -> dict[str, Column]:
        """The columns by their names."""
        return {column.name: column for column in self.columns}

    @property
    def required(self) -> list[Column]:
        """The columns no table can do without."""
        return [column for column in self.columns if column.required]

    def label(self, name: str) -> str:
        """A field's name for people."""
        return next((column.label for column in self.columns if column.name == name), name)


_SEXES = {"f": "F", "female": "F", "w": "F", "woman": "F", "m": "M", "male": "M", "man": "M", "u": "U"}
_SEXES |= {"unknown": "U", "x": "U", "other": "U"}
PAYER_WORDS = {
    "commercial": "commercial",
    "medicare advantage": "medicare_advantage",
    "medicare": "medicare",
    "medicaid": "medicaid",
    "workers compensation": "workers_comp",
    "workers' compensation": "workers_comp",
    "workers comp": "workers_comp",
    "auto": "auto",
}
"""How people write the kinds of payers."""
_NETWORKS = {"in network": "in", "in-network": "in", "out of network": "out", "out-of-network": "out"}

_PATIENT_COLUMNS = (
    Column(
        "last_name", "Last name", ("surname", "family name", "lname", "last", "patient last name"), True,
        example="Sample",
    ),
    Column(
        "first_name", "First name", ("given name", "fname", "first", "patient first name"), True,
        example="Robin",
    ),
    Column(
        "date_of_birth", "Date of birth",
        ("dob", "birth date", "birthdate", "birthday", "born", "born on", "patient dob",
         "patient date of birth"),
        True, DAY, example="1971-03-14",
    ),
    Column("sex", "Sex", ("gender",), words=_SEXES, example="F"),
    Column(
        "account_number", "Account number",
        ("account", "account no", "account #", "acct", "acct no", "acct #", "acct number", "patient account",
         "patient account number", "patient id", "patient number", "mrn"),
        holds=NUMBER, example="A-1001",
    ),
    Column(
        "phone", "Phone",
        ("telephone", "phone number", "telephone number", "mobile", "cell", "cell phone", "home phone",
         "tel"),
        holds=NUMBER, example="312-555-0147",
    ),
    Column("email", "Email", ("e-mail", "email address", "mail"), example="robin@example.com"),
    Column(
        "line1", "Address line 1", ("address", "address 1", "address1", "street", "street address", "line 1"),
        example="12 Sample Street",
    ),
    Column("line2", "Address line 2", ("address 2", "address2", "line 2", "apartment", "unit", "suite")),
    Column("city", "City", ("town",), example="Chicago"),
    Column("state", "State", ("st", "province"), example="IL"),
    Column("zip", "ZIP", ("zip code", "zipcode", "postal code", "postcode"), holds=NUMBER, example="60601"),
    Column("time_zone", "Time zone", ("timezone", "zone")),
)  # fmt: skip
_PAYER_COLUMNS = (
    Column("name", "Name", ("payer", "payer name", "insurance", "insurance name", "insurer", "plan"), True,
           example="Sample Health Plan"),
    Column("payer_id", "Payer id", ("payer number", "payer no", "electronic payer id", "edi payer id", "id"),
           True, NUMBER, example="SHP01"),
    Column("kind", "Kind", ("type", "payer type", "payer kind", "class"), words=PAYER_WORDS,
           example="commercial"),
    Column("network", "Network", ("in network", "network status"), words=_NETWORKS, example="in"),
    Column("never_hold", "Never hold", ("do not hold", "no hold"), words=_YES, example="no"),
    Column("filing_limit_days", "Filing limit",
           ("filing limit days", "timely filing", "timely filing limit", "timely filing days"),
           example="180"),
    Column("filing_limit_source", "Source of the filing limit", ("filing limit source", "source")),
    Column("filing_limit_checked_on", "Checked on", ("filing limit checked on", "checked"), holds=DAY),
    Column("max_days", "Maximum days", ("max days", "maximum days held")),
    Column("dollar_threshold", "Dollar threshold", ("threshold",)),
    Column("monitor_above", "Monitor above", ("monitor claims above",)),
)  # fmt: skip

KINDS = {
    PATIENTS: Kind(PATIENTS, "patient", _PATIENT_COLUMNS, patient_readers),
    PAYERS: Kind(PAYERS, "payer", _PAYER_COLUMNS, payer_readers),
}


@dataclass(frozen=True)
class Matching:
    """Which column of the file each field is (counted from 0), and what a person must decide.

    ``missing`` are required fields without a column; ``twice`` fields that two columns are named for.
    """

    columns: dict[str, int]
    missing: list[str]
    twice: list[str]

    @property
    def is_sure(self) -> bool:
        """Whether nothing needs to be decided before rows are read."""
        return not self.missing and not self.twice


def match(kind: Kind, heads: Sequence[str]) -> Matching:
    """Match by name. Of two columns named for one field neither is taken: a person says which."""
    known = {_plain(name): column for column in kind.columns for name in _names_of(column)}
    found: dict[str, list[int]] = {}
    for index, head in enumerate(heads):
        column = known.get(_plain(head))
        if column is not None:
            found.setdefault(column.name, []).append(index)
    columns = {name: places[0] for name, places in found.items() if len(places) == 1}
    twice = [name for name, places in found.items() if len(places) > 1]
    return Matching(columns, [column.name for column in kind.required if column.name not in columns], twice)


def chosen(kind: Kind, said: Mapping[str, str], count: int) -> Matching:
    """What a person says each field's column is: a number below ``count``; anything else is none."""
    columns: dict[str, int] = {}
    for column in kind.columns:
        typed = said.get(column.name, "")
        if typed.isascii() and typed.isdigit() and len(typed) < 5 and int(typed) < count:
            columns[column.name] = int(typed)
    places = list(columns.values())
    twice = [name for name, place in columns.items() if places.count(place) > 1]
    return Matching(columns, [column.name for column in kind.required if column.name not in columns], twice)


def _names_of(column: Column) -> tuple[str, ...]:
    return (column.name, column.label, *column.also)


def _plain(name: str) -> str:
    """A name as it is compared: letters and digits, whatever the case, accents and what stands between."""
    bare = unicodedata.normalize("NFKD", name).casefold().replace("#", "number")
    return "".join(letter for letter in bare if letter.isalnum())
