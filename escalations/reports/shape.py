"""What a report is made of: sections, each a finding in a sentence, a picture, and the table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from escalations.domain.reports import length_words, share
from tables.marks import Chart


@dataclass(frozen=True)
class Cell:
    """One cell: as it is read, and as a file has it. ``href`` is the list of the tickets it counts."""

    text: str
    plain: str = ""
    href: str = ""
    num: bool = True
    note: str = ""

    @property
    def in_file(self) -> str:
        """The cell in a file: numbers without their commas."""
        return self.plain or self.text


@dataclass(frozen=True)
class Head:
    """A column's heading; in a file its ``group`` stands before it. The first of a group ``starts`` it."""

    label: str
    num: bool = True
    group: str = ""
    starts: bool = False

    @property
    def in_file(self) -> str:
        """The heading in a file, where no other stands above it."""
        return f"{self.group}: {self.label.lower()}" if self.group else self.label


@dataclass
class Section:
    """One question answered. ``key`` names its file and its place on the page."""

    key: str
    title: str
    finding: str
    heads: list[Head]
    rows: list[list[Cell]]
    chart: Chart | None = None
    foot: list[Cell] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    wide: bool = False

    @property
    def groups(self) -> list[tuple[str, int]]:
        """The headings above the headings, each with how many columns it spans; empty when there are none."""
        found: list[tuple[str, int]] = []
        for head in self.heads:
            if found and found[-1][0] == head.group:
                found[-1] = (head.group, found[-1][1] + 1)
            else:
                found.append((head.group, 1))
        return found if len(found) > 1 else []


@dataclass
class Readout:
    """One figure above a report."""

    value: str
    what: str
    detail: str = ""
    href: str = ""


@dataclass
class Report:
    """One page. ``dated`` is false for what is true now, whatever the period."""

    finding: str
    sections: list[Section]
    readouts: list[Readout] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    dated: bool = True


def words(text: str, note: str = "") -> Cell:
    """A cell of words."""
    return Cell(text, num=False, note=note)


def count(number: int, href: str = "") -> Cell:
    """A cell with a count; nothing links nowhere."""
    return Cell(f"{number:,}", str(number), href if number else "")


def part(number: int, whole: int) -> Cell:
    """A cell with a share."""
    return Cell(share(number, whole))


def lasting(seconds: float) -> Cell:
    """A cell with a length of elapsed time; in a file it is hours."""
    return Cell(length_words(timedelta(seconds=seconds)), f"{seconds / 3600:.2f}")


def heads(*labels: str, first: str = "") -> list[Head]:
    """A column of words, then columns of numbers."""
    return [Head(first, num=False), *(Head(label) for label in labels)]


def most(rows: Sequence[tuple[Any, int]]) -> tuple[Any, int]:
    """The row with the highest count, the first of several."""
    return max(rows, key=lambda row: row[1])
