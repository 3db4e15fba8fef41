"""What can be imported, and who looks after it: patients and payers here, more by the rooms that own them.

A room registers its :class:`Handler` when the application starts; this room knows nothing of claims or
tickets. What a kind does with rows is a :class:`Desk`: it looks at a batch, and adds what is new of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from accounts.models import Company, User
from accounts.roles import Can
from patients.domain.import_columns import Kind
from patients.domain.import_table import Line
from patients.imports.sealing import Found
from patients.models import Import

TABLE, X12 = "table", "x12"
"""How a file is laid out: rows of a table, or claims of an X12 file."""

Lines = Iterator[Line]


class Desk(ABC):
    """Looks at the rows of one file, a batch after the other, and adds what is new of them.

    A desk lives as long as one look at the whole file, or one part that is added: what it remembers of
    earlier batches names doubles.
    """

    def __init__(self, row: Import, kind: Kind, at: datetime, width: int) -> None:
        self.row, self.kind, self.at, self.width = row, kind, at, width
        self.company: Company = row.company
        self.aside: Iterator[int] = iter(())

    @property
    def today(self) -> date:
        """The company's date."""
        return self.at.astimezone(self.company.zone).date()

    @abstractmethod
    def look(self, lines: Sequence[Line], *, again: bool = False) -> list[Found]:
        """What each row is, in as many statements as for one. ``again``: rows that were found new before, so
        that doubles in the file were named already."""

    @abstractmethod
    def add(self, found: Sequence[Found]) -> dict[int, int]:
        """Add what was found new by the last look; the keys of what is there by line. In a transaction."""

    def finish(self, may_go_on: Callable[[], bool]) -> bool:
        """What is left to do once every row is in, outside any transaction; whether it came to its end."""
        return True

    def numbers(self, count: int) -> list[int]:
        """Numbers for what is added: those set aside before the transaction, then new ones."""
        found = list(islice(self.aside, count))
        allot, lacking = handler_of(self.row).allot, count - len(found)
        if allot is not None and lacking:
            first = allot(self.company, lacking)
            found += range(first, first + lacking)
        return found

    def is_told(self, found: Found) -> bool:
        """Whether a row counts: of rows that are one thing together the first one."""
        return found.head in (0, found.line)


@dataclass(frozen=True)
class Option:
    """Something a person may tick for a file."""

    key: str
    label: str
    hint: str = ""


@dataclass(frozen=True)
class Handler:
    """What a room tells about a kind of its own.

    ``kind_of`` gives the columns, which may be the company's own. ``url_of`` is where a row that is here
    already is to be seen, from its key and name. ``count`` and ``taken`` are all rows of a company as a file
    has them. ``x12`` reads the rows of an X12 file, and ``unread`` names what else stands
    there. ``allot`` gives the first of so many numbers, and locks the company's counter until its transaction
    ends. ``accept`` are the endings a browser offers.
    """

    key: str
    needs: Can
    kind_of: Callable[[Company], Kind]
    desk: Callable[[Import, Kind, datetime, int], Desk]
    url_of: Callable[[int, str], str]
    count: Callable[[User], int]
    taken: Callable[[User, Kind], Iterable[Sequence[str]]]
    x12: Callable[[bytes, Kind], tuple[tuple[str, ...], Lines]] | None = None
    unread: Callable[[bytes], list[str]] | None = None
    allot: Callable[[Company, int], int] | None = None
    options: tuple[Option, ...] = ()
    accept: str = ".csv,.txt,.tsv,.xlsx"
    says: str = "CSV, or the first sheet of an Excel workbook (.xlsx); up to 100,000 rows"
    hint: str = "the first row names the columns"
    twins: bool = False
    about: str = ""

    def chosen(self, said: Collection[str]) -> list[str]:
        """The options that were ticked, of those there are."""
        return [one.key for one in self.options if one.key in said]


_HANDLERS: dict[str, Handler] = {}


def register(handler: Handler) -> Handler:
    """Make a kind known; a room does so once, when the application starts."""
    _HANDLERS[handler.key] = handler
    return handler


def handlers() -> Mapping[str, Handler]:
    """Every kind that can be imported, by its key."""
    return _HANDLERS


def handler_of(row: Import) -> Handler:
    """Who looks after this file."""
    return _HANDLERS[row.kind]


def kind_of(row: Import) -> Kind:
    """The columns of this file's kind."""
    return handler_of(row).kind_of(row.company)


def is_x12(data: bytes) -> bool:
    """Whether a file begins as X12 files do, in whatever encoding."""
    return data[:64].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"ISA")


def moment_words(moment: datetime | None, company: Company) -> str:
    """A moment as a file has it: by the company's clock, with its offset."""
    return moment.astimezone(company.zone).isoformat(" ", "seconds") if moment else ""


def text_words(value: Any) -> str:
    """A value as a file has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)
