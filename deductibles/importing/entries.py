"""One claim of a brought file: its rows, what is wrong with each, and what was found out about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from deductibles.domain.claim_table import KIND, NUMBER_READER, OF_THE_CLAIM, UNFIT, UNFIT_WORDS
from patients.domain.import_rows import plain_value
from patients.domain.import_table import Line
from patients.domain.intake import Wrong
from patients.imports.sealing import NEW, WRONG, Found
from patients.models import Patient, Payer

ANOTHER = "Another row of this claim is wrong, so none of it can be imported."
APART = (
    "This claim number stands further up already, with other rows between. Put the rows of a claim one below "
    "the other, or take the second claim out."
)
_OTHER_DAY = (
    "Date of service differs from the first row of this claim. A claim has one date of service: give the "
    "lines of another day a claim number of their own."
)
_DAYS = "Date of service covers several days. A claim has one date of service: make one claim a day of it."
_SPREAD = " to "
"""Between the first and the last day of a charge, as the reader of 837P files writes it."""


@dataclass
class Entry:
    """A claim as its rows say it. ``patient`` and ``payers`` (by rank) are rows of ours, or new ones that are
    not saved; ``clean`` is what the rules of claim entry read."""

    lines: list[Line]
    cells: list[dict[str, str]]
    number: str = ""
    wrong: list[dict[str, str]] = field(default_factory=list)
    patient: Patient | None = None
    person: dict[str, Any] = field(default_factory=dict)
    payers: dict[str, Payer] = field(default_factory=dict)
    clean: dict[str, Any] = field(default_factory=dict)
    here: Any = None
    fields: list[str] = field(default_factory=list)

    @property
    def first(self) -> dict[str, str]:
        """The cells of its first row, where what is the claim's stands."""
        return self.cells[0]

    @property
    def is_wrong(self) -> bool:
        """Whether anything of it is wrong."""
        return any(self.wrong)

    def blame(self, column: str, sentence: str, row: int = 0) -> None:
        """Say what is wrong with a cell; what was said of it first stays."""
        self.wrong[min(row, len(self.wrong) - 1)].setdefault(column, sentence)

    def found(self, standing: str) -> list[Found]:
        """Its rows as they are kept; of a claim that is wrong every row says so."""
        if self.is_wrong:
            standing = WRONG
        head = self.lines[0].number
        key, name = (self.here.pk, self.here.number) if self.here is not None else (None, "")
        return [
            Found(
                line.number,
                list(line.cells),
                standing,
                wrong or ({"": ANOTHER} if standing == WRONG else {}),
                key if standing != NEW else None,
                self.fields,
                head,
                name,
            )
            for line, wrong in zip(self.lines, self.wrong, strict=True)
        ]


class Cells:
    """Reads lines into cells by column, and puts the rows of each claim together."""

    def __init__(self, columns: dict[str, int], width: int) -> None:
        self._places = [(column, columns[column.name]) for column in KIND.columns if column.name in columns]
        self._width = width
        self._met: set[str] = set()

    def entries(self, lines: Sequence[Line], *, again: bool) -> list[Entry]:
        """The claims of a batch. A number that came before, not just above, is wrong; ``again``: that was
        looked for already."""
        found: list[Entry] = []
        last = ("", "")
        for line in lines:
            cells, wrong = self._read(line)
            said = cells.get("claim_number", "")
            group = (said, cells.get(UNFIT, ""))
            if found and (not said or group == last):
                found[-1].lines.append(line)
                found[-1].cells.append(cells)
                found[-1].wrong.append(wrong)
                continue
            found.append(Entry([line], [cells], said, [wrong]))
            last = group
        for entry in found:
            self._judge(entry, again=again)
        return found

    def _read(self, line: Line) -> tuple[dict[str, str], dict[str, str]]:
        cells: dict[str, str] = {}
        wrong: dict[str, str] = {}
        if len(line.cells) > self._width:
            wrong[""] = "This row has more cells than the first row has names. Look for a comma in a value."
        for column, place in self._places:
            cell = line.cells[place] if place < len(line.cells) else ""
            if not cell:
                continue
            try:
                cells[column.name] = plain_value(column, cell)
            except Wrong as problem:
                wrong[column.name] = problem.sentence
        return cells, wrong

    def _judge(self, entry: Entry, *, again: bool) -> None:
        """What the rows say of each other, and the words of an X12 file that it cannot be taken."""
        if unfit := entry.first.get(UNFIT):
            entry.blame(UNFIT, UNFIT_WORDS.get(unfit, "This column is for what cannot be taken. Empty it."))
        if "claim_number" not in entry.wrong[0]:
            try:
                entry.number = NUMBER_READER(entry.first.get("claim_number", ""))
            except Wrong as problem:
                entry.blame("claim_number", problem.sentence)
        if not again and entry.number:
            if entry.number in self._met and entry.first.get(UNFIT) != "double":
                entry.blame("claim_number", APART)
            self._met.add(entry.number)
        if _SPREAD in entry.first.get("date_of_service", ""):
            entry.blame("date_of_service", _DAYS)
        for row, cells in enumerate(entry.cells[1:], 1):
            self._compare(entry, row, cells)

    def _compare(self, entry: Entry, row: int, cells: dict[str, str]) -> None:
        head = entry.lines[0].number
        for name in OF_THE_CLAIM:
            said = cells.get(name, "")
            if not said or said == entry.first.get(name, "") or name in ("claim_number", UNFIT):
                continue
            sentence = (
                _OTHER_DAY
                if name == "date_of_service"
                else f"{KIND.label(name)} differs from the first row of this claim, row {head}."
            )
            entry.blame(name, sentence, row)
