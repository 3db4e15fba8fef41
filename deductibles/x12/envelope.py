"""The X12 envelope: delimiters, counts and control numbers of one interchange (D-X12-1).

Pure: text in, tuples out, no clock and no input or output. Every X12 reader of the house starts here,
so a cut or altered file is refused once, in one place, before anyone looks at an amount.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import NamedTuple

ISA_LENGTH = 106
MOST_SEGMENTS = 500_000
LARGEST = 32_000_000
"""Characters above which a text is refused unread; a full day of answers is far smaller."""

_SEPARATOR_AT = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
_separators = itemgetter(*_SEPARATOR_AT)


class EnvelopeError(ValueError):
    """The text is not one whole X12 interchange. The message is a sentence a person can read."""


class Delimiters(NamedTuple):
    """The four marks a file is written with, taken from fixed places of its ISA segment.

    `repetition` is empty when the file declares none (ISA11 holds a letter, as older versions do).
    """

    element: str
    repetition: str
    component: str
    terminator: str

    def repeated(self, value: str) -> list[str]:
        """The repetitions of one element, e.g. the service types of EB03."""
        return value.split(self.repetition) if self.repetition else [value]


class Segment(list):
    """One segment: its elements, the id first, so that index 3 is element 03.

    `number` is its place in the file, counted from 1 (the ISA); `raw` is its text without terminator.
    """

    __slots__ = ("number", "raw")

    def __init__(self, raw: str, number: int, separator: str):
        super().__init__(raw.split(separator))
        self.raw = raw
        self.number = number

    def get(self, index: int) -> str:
        """Element `index`, or "" when the segment ends before it."""
        return self[index] if index < len(self) else ""


@dataclass(frozen=True)
class Transaction:
    """One ST … SE of an interchange, its segment count and control number already checked.

    `raws` are its segments as text (ST and SE included), `tags` the first three characters of each, and
    `number` the place of its ST in the file, counted from 1.
    """

    kind: str
    control: str
    version: str
    group: str
    number: int
    raws: list[str]
    tags: list[str]
    delimiters: Delimiters

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The segments split into elements; split on first use, readers in a hurry use `raws`."""
        separator = self.delimiters.element
        return tuple(Segment(raw, number, separator) for number, raw in enumerate(self.raws, self.number))


@dataclass(frozen=True)
class Interchange:
    """One ISA … IEA whose counts and control numbers agree; ``notices`` are its TA1 segments as text."""

    delimiters: Delimiters
    sender: str
    receiver: str
    control: str
    transactions: tuple[Transaction, ...]
    notices: tuple[str, ...] = ()


def parse(text: str | bytes) -> Interchange:
    """Read one interchange and check its envelope (D-X12-1).

    Checked: ISA layout, SE01 and SE02, GE01 and GE02, IEA01 and IEA02, and the last terminator, without
    which the file was cut. Raises `EnvelopeError` and nothing else, whatever the text or bytes hold.
    """
    clean = _cleaned(text)
    marks = delimiters_of(clean)
    return _Walk(_split(clean, marks), marks).interchange()


def delimiters_of(text: str) -> Delimiters:
    """The delimiters of a text that begins with an ISA segment.

    Raises `EnvelopeError` when the ISA is not laid out in its fixed 106 characters.
    """
    if not text.startswith("ISA") or len(text) < ISA_LENGTH:
        raise EnvelopeError("This is not an X12 file: it does not begin with a whole ISA segment.")
    element, repetition, component, terminator = text[3], text[82], text[104], text[105]
    if _separators(text) != (element,) * 16 or text.count(element, 0, ISA_LENGTH) != 16:
        raise EnvelopeError("The ISA segment is not laid out in its fixed positions.")
    if repetition.isalnum() or repetition == " ":
        repetition = ""
    marks = (element, repetition, component, terminator)
    if not _can_be_told_apart(marks):
        raise EnvelopeError("The ISA segment names delimiters that cannot be told apart.")
    return Delimiters(*marks)


@lru_cache(maxsize=64)
def _can_be_told_apart(marks: tuple[str, ...]) -> bool:
    return len(set(marks)) == 4 and not any(mark.isalnum() or mark == " " for mark in marks)


def _cleaned(text: str | bytes) -> str:
    """The text without leading blanks or byte order mark, and with nothing in it a database refuses."""
    if isinstance(text, (bytes, bytearray, memoryview)):
        text = bytes(text).decode("utf-8", "replace")
    if not isinstance(text, str):
        raise EnvelopeError("This is not an X12 file: it is not text.")
    if len(text) > LARGEST:
        raise EnvelopeError("This file is too large to be one X12 answer.")
    if "\0" in text:
        raise EnvelopeError("The file contains NUL characters, which X12 does not allow.")
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text.lstrip("\ufeff \t\r\n")


def _split(text: str, marks: Delimiters) -> list[str]:
    """The segments as text. Line ends after a terminator are decoration, unless they are the terminator."""
    terminator = marks.terminator
    if terminator not in "\r\n":
        text = text.replace("\r", "").replace("\n", "")
    elif terminator == "\r":
        text = text.replace("\n", "")
    if text.count(terminator) > MOST_SEGMENTS:
        raise EnvelopeError(f"The file has more than {MOST_SEGMENTS:,} segments, which no answer has.")
    raws = text.split(terminator)
    if raws.pop().strip():
        raise EnvelopeError("The file is cut: its last segment has no terminator.")
    while raws and not raws[-1].strip():
        raws.pop()
    return raws


class _Walk:
    """One pass over the control segments, each of which must stand exactly where the standard has it."""

    def __init__(self, raws: list[str], marks: Delimiters):
        self.raws = raws
        self.marks = marks
        self.tags = [raw[:3] for raw in raws]
        self.at = 0

    def interchange(self) -> Interchange:
        isa = self._take("ISA", 17)
        while self._is_next("TA1"):
            self.at += 1
        notices = tuple(self.raws[1 : self.at])
        groups: list[list[Transaction]] = []
        while self._is_next("GS" + self.marks.element):
            groups.append(self._group())
        iea = self._take("IEA", 3)
        self._agree("IEA01, the number of groups,", iea[1], len(groups))
        self._same("IEA02", iea[2], "ISA13", isa[13])
        if self.at != len(self.raws):
            raise EnvelopeError(f"Segment {self.at + 1} stands after the end of the interchange (IEA).")
        transactions = tuple(transaction for group in groups for transaction in group)
        return Interchange(self.marks, isa[6].strip(), isa[8].strip(), isa[13], transactions, notices)

    def _group(self) -> list[Transaction]:
        gs = self._take("GS", 9)
        found = []
        while self._is_next("ST" + self.marks.element):
            found.append(self._transaction(gs))
        ge = self._take("GE", 3)
        self._agree("GE01, the number of transactions,", ge[1], len(found))
        self._same("GE02", ge[2], "GS06", gs[6])
        return found

    def _transaction(self, gs: list[str]) -> Transaction:
        start = self.at
        st = self._take("ST", 3)
        try:
            self.at = self.tags.index("SE" + self.marks.element, start)
        except ValueError:
            raise EnvelopeError(f"The transaction that starts at segment {start + 1} has no end (SE).")
        se = self._take("SE", 3)
        self._agree("SE01, the number of segments,", se[1], self.at - start)
        self._same("SE02", se[2], "ST02", st[2])
        version = st[3] if len(st) > 3 else gs[8]
        span = slice(start, self.at)
        return Transaction(
            st[1], st[2], version, gs[1], start + 1, self.raws[span], self.tags[span], self.marks
        )

    def _is_next(self, tag: str) -> bool:
        return self.at < len(self.tags) and self.tags[self.at] == tag

    def _take(self, tag: str, length: int) -> list[str]:
        """The elements of the next segment, which must be a `tag` with at least `length` elements."""
        if self.at >= len(self.raws):
            raise EnvelopeError(f"The file is cut: it ends where {tag} was expected.")
        elements = self.raws[self.at].split(self.marks.element)
        self.at += 1
        if elements[0] != tag:
            raise EnvelopeError(f"Segment {self.at} is not {tag}, which was expected there.")
        if len(elements) < length:
            raise EnvelopeError(f"Segment {self.at} ({tag}) has too few elements.")
        return elements

    def _agree(self, what: str, said: str, counted: int) -> None:
        if not (said.isascii() and said.isdigit() and len(said) <= 10 and int(said) == counted):
            raise EnvelopeError(f"{what} disagrees with the file: {counted} counted up to segment {self.at}.")

    def _same(self, closing: str, said: str, opening: str, meant: str) -> None:
        if not said or said != meant:
            raise EnvelopeError(f"{closing} and {opening} disagree at segment {self.at}.")
