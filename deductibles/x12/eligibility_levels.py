"""From the segments of one 271 to its levels: payer, receiver, subscriber, dependent.

Nothing is judged here. A level knows its own name, trace, coverage dates and rejects, and its benefits
(the EB loops that can matter for a deductible: EB01 = C, a status 1–8, or R for another payer).
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import lru_cache

from deductibles.x12.eligibility_reading import Identity, Reject, kind_of_reject
from deductibles.x12.envelope import Transaction

_ELEMENTS = 15
_OTHER_MARKS = re.compile("[^a-z0-9]+")
_BLANK = [""] * _ELEMENTS
_LETTERS = {"20": "A", "21": "B", "22": "C", "23": "D"}


class Benefit:
    """One EB loop. `elements` is padded, so EB12 is always `elements[12]`; `dates` are its DTP segments.

    `limits` are the III segments that narrow it, `notes` its MSG texts, `rejected` says that an AAA in the
    loop rejects it (D-X12-3), `primary` holds the NM1 of another payer named as primary in it (D-X12-9).
    """

    dates: list[list[str]] | None = None
    limits: list[str] | None = None
    notes: list[str] | None = None
    rejected = False
    primary: list[str] | None = None

    def __init__(self, number: int, raw: str, separator: str):
        elements = raw.split(separator)
        if len(elements) < _ELEMENTS:
            elements += _BLANK[len(elements) :]
        self.number = number
        self.raw = raw
        self.elements = elements
        self.kind = elements[1]

    @property
    def bounded(self) -> bool:
        """Whether an III segment narrows it to some circumstance (D-X12-4)."""
        return self.limits is not None


class Level:
    """One HL of the answer: letter A payer, B receiver, C subscriber, D dependent, "" unknown.

    Its benefits: `deductibles` are the EB*C loops, `states` those telling status or another payer, both
    for the health plan or ambulance; `asides` are the EB*C of other service types, number and text only.
    """

    __slots__ = (
        "letter",
        "above",
        "name",
        "birth",
        "traces",
        "rejects",
        "dates",
        "deductibles",
        "states",
        "asides",
    )

    def __init__(self, letter: str, above: "Level | None" = None):
        self.letter = letter
        self.above = above
        self.name: list[str] = []
        self.birth = ""
        self.traces: list[str] = []
        self.rejects: list[Reject] = []
        self.dates: list[list[str]] = []
        self.deductibles: list[Benefit] = []
        self.states: list[Benefit] = []
        self.asides: list[tuple[int, str]] = []

    @property
    def echoed(self) -> list[str]:
        """The traces the answer gives for this person, the subscriber's for a dependent without any."""
        if self.traces or self.letter != "D" or self.above is None:
            return self.traces
        return self.above.traces

    @property
    def coverage_dates(self) -> list[list[str]]:
        """The DTP segments of the coverage, the subscriber's for a dependent without any (D-X12-4)."""
        if self.dates or self.letter != "D" or self.above is None:
            return self.dates
        return self.above.dates

    def lineage(self) -> list["Level"]:
        """The levels from the payer down to this one."""
        line: list[Level] = []
        level: Level | None = self
        while level is not None:
            line.append(level)
            level = level.above
        return line[::-1]

    def is_about(self, person: Identity) -> bool:
        """Whether member id, birth date and name are this person's (D-X12-2).

        Case, spaces, accents and punctuation do not count; anything missing is no match.
        """
        return (
            _plain(person.member_id) in self._member_ids()
            and self.birth == person.birth_date.isoformat().replace("-", "")
            and _plain(person.last_name) == _plain(_element(self.name, 3)) != ""
            and _plain(person.first_name) in self._first_names()
        )

    def _member_ids(self) -> set[str]:
        ids = {_plain(_element(self.name, 9))}
        if self.letter == "D" and self.above is not None:
            ids.add(_plain(_element(self.above.name, 9)))
        return ids - {""}

    def _first_names(self) -> set[str]:
        first, middle = _plain(_element(self.name, 4)), _plain(_element(self.name, 5))
        return {first, first + middle} - {""}


class Answer:
    """One 271 as levels. `reference` is BHT03, `answered_on` the date of BHT04 when it is a date.

    `every_line` keeps the deductible lines of other service types whole instead of setting them aside: a
    person may pin one of them (D-CLM-4).
    """

    def __init__(self, transaction: Transaction, *, every_line: bool = False):
        self.repeated = transaction.delimiters.repeated
        self.reference = ""
        self.answered_on: date | None = None
        self.levels = [Level("A")]
        self.separator = transaction.delimiters.element
        self._level = self.levels[0]
        self._in_benefits = False
        self._benefit: Benefit | None = None
        self._every_line = every_line
        self._scan(transaction)

    @property
    def patients(self) -> list[Level]:
        """The people the answer is about (D-X12-5).

        A dependent is the patient; a subscriber only without dependents, or when everyone has a trace.
        """
        dependents = [level for level in self.levels if level.letter == "D"]
        parents = {id(level.above) for level in dependents}
        untraced = {id(level.above) for level in dependents if not level.traces}
        return [
            level
            for level in self.levels
            if level.letter == "D"
            or level.letter == "C"
            and (id(level) not in parents or level.traces and id(level) not in untraced)
        ]

    @property
    def echoes(self) -> bool:
        """Whether any level carries a trace."""
        return any(level.traces for level in self.levels)

    def _scan(self, transaction: Transaction) -> None:
        """Meet every segment once, in a loop kept lean: a payer sends hundreds that do not matter.

        After an EB that cannot matter, what belongs to it is passed over. A deductible line in which
        neither 30 nor 59 is written anywhere cannot be for the health plan or ambulance: it is set aside.
        """
        acts, full, quiet, mattering = _marks(self.separator)
        eligibility, deductible = "EB" + self.separator, "C" + self.separator
        wanted = full
        number, every_line = transaction.number, self._every_line
        for tag, raw in zip(transaction.tags, transaction.raws, strict=True):
            if tag in wanted:
                if tag != eligibility:
                    acts[tag](self, raw)
                    wanted = wanted if self._in_benefits else full
                else:
                    if wanted is full:
                        wanted, self._in_benefits, self._benefit = quiet, True, None
                    kind = raw[3:5]
                    if kind in mattering:
                        if "30" in raw or "59" in raw or kind != deductible or every_line:
                            wanted = full if self._eligibility(number, raw) else quiet
                        else:
                            self._level.asides.append((number, raw))
            number += 1

    def _eligibility(self, number: int, raw: str) -> bool:
        """Keep an EB loop, unless it tells the status of some other service."""
        services = _element(raw.split(self.separator, 4), 3)
        deductible = raw[3] == "C"
        if services and "30" not in services and "59" not in services and not deductible:
            return False
        self._benefit = Benefit(number, raw, self.separator)
        kept = self._level.deductibles if deductible else self._level.states
        kept.append(self._benefit)
        return True

    def _header(self, raw: str) -> None:
        elements = raw.split(self.separator)
        self.reference = _element(elements, 3).strip()
        self.answered_on = day(_element(elements, 4))

    def _hierarchy(self, raw: str) -> None:
        letter = _LETTERS.get(_element(raw.split(self.separator), 3), "")
        self._level = Level(letter, self._nearest_above(letter))
        self.levels.append(self._level)
        self._in_benefits, self._benefit = False, None

    def _nearest_above(self, letter: str) -> Level | None:
        """The level this one hangs under, by order in the file: HL parent numbers are often wrong."""
        level: Level | None = self._level if self._level.letter else self._level.above
        while letter and level is not None and level.letter >= letter:
            level = level.above
        return level

    def _name(self, raw: str) -> None:
        elements = raw.split(self.separator)
        if not self._in_benefits:
            self._level.name = self._level.name or elements
        elif self._benefit is not None and _element(elements, 1) == "PRP":
            self._benefit.primary = elements

    def _birth(self, raw: str) -> None:
        if not self._in_benefits:
            self._level.birth = _element(raw.split(self.separator), 2)

    def _trace(self, raw: str) -> None:
        elements = raw.split(self.separator)
        if _element(elements, 1) == "2" and _element(elements, 2).strip():
            self._level.traces.append(elements[2].strip())

    def _date(self, raw: str) -> None:
        if not self._in_benefits:
            self._level.dates.append(raw.split(self.separator))
        elif self._benefit is not None:
            if self._benefit.dates is None:
                self._benefit.dates = []
            self._benefit.dates.append(raw.split(self.separator))

    def _reject(self, raw: str) -> None:
        elements = raw.split(self.separator)
        stage = "2110" if self._in_benefits else "2100" if self._level.name else "2000"
        code, follow_up = _element(elements, 3), _element(elements, 4)
        reject = Reject(stage + (self._level.letter or "A"), code, follow_up, kind_of_reject(code))
        self._level.rejects.append(reject)
        if self._benefit is not None:
            self._benefit.rejected = True

    def _bound(self, raw: str) -> None:
        if self._benefit is not None:
            said = " ".join(part for part in raw.split(self.separator)[1:] if part)
            if self._benefit.limits is None:
                self._benefit.limits = []
            self._benefit.limits.append(said)

    def _message(self, raw: str) -> None:
        if self._benefit is not None:
            said = _element(raw.split(self.separator), 1)
            if self._benefit.notes is None:
                self._benefit.notes = []
            self._benefit.notes.append(said)


Act = Callable[[Answer, str], None]


@lru_cache(maxsize=64)
def _marks(separator: str) -> tuple[dict[str, Act], frozenset[str], frozenset[str], frozenset[str]]:
    """How segments that matter begin, for one element separator.

    What to do with a segment by its first three characters, EB apart; the beginnings that matter always;
    those that matter after an EB that does not; and how an EB01 that matters is written.
    """
    acts: dict[str, Act] = {
        "BHT": Answer._header,
        "HL" + separator: Answer._hierarchy,
        "NM1": Answer._name,
        "DMG": Answer._birth,
        "TRN": Answer._trace,
        "DTP": Answer._date,
        "AAA": Answer._reject,
        "III": Answer._bound,
        "MSG": Answer._message,
    }
    quiet = frozenset(("EB" + separator, "HL" + separator, "TRN", "AAA"))
    kinds = frozenset(f"{kind}{end}" for kind in "C12345678R" for end in (separator, ""))
    return acts, quiet | acts.keys(), quiet, kinds


@lru_cache(maxsize=4096)
def day(text: str) -> date | None:
    """A date written CCYYMMDD, or `None` when it is anything else."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _element(elements: list[str], index: int) -> str:
    return elements[index] if index < len(elements) else ""


def _plain(text: str) -> str:
    """Letters and digits only, without accents or case, to compare what two systems typed."""
    if text.isascii():
        return text.lower() if text.isalnum() else _OTHER_MARKS.sub("", text.lower())
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(mark for mark in decomposed if mark.isalnum())
