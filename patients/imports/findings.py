"""What was found in a table, in numbers and sentences: by column and row, never what stands there (I8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from patients.domain.import_columns import Kind
from patients.domain.import_rows import DOUBLE
from patients.imports.sealing import DIFFERENT, NEW, SAME, TWIN, WRONG, Found

MOST_TOLD = 40
"""Problems, differing rows and twins that a page lists; the numbers count all of them."""
_FIRST = 6
_NAMES = {NEW: "new", SAME: "same", DIFFERENT: "different", TWIN: "twins", WRONG: "wrong"}


class Findings:
    """Adds up what the batches of one table were found to be."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._standings: Counter[str] = Counter()
        self._problems: dict[tuple[str, str], dict[str, Any]] = {}
        self._different: list[dict[str, Any]] = []
        self._twins: list[dict[str, Any]] = []

    def take(self, found: Sequence[Found]) -> None:
        """One batch more."""
        for one in found:
            for field, sentence in one.wrong.items():
                self._note(field, sentence, one.line)
            if one.head not in (0, one.line):
                continue
            self._standings[one.standing] += 1
            if one.standing == DIFFERENT and len(self._different) < MOST_TOLD:
                names = [self._kind.label(name) for name in one.fields]
                self._different.append({"line": one.line, "key": one.key, "name": one.name, "fields": names})
            if one.standing == TWIN and len(self._twins) < MOST_TOLD:
                self._twins.append({"line": one.line, "key": one.key})

    def _note(self, field: str, sentence: str, line: int) -> None:
        shown = "Stands in the file twice." if sentence.endswith(DOUBLE) else sentence
        problem = self._problems.setdefault(
            (field, shown),
            {"column": self._kind.label(field) if field else "", "sentence": shown, "count": 0, "lines": []},
        )
        problem["count"] += 1
        if len(problem["lines"]) < _FIRST:
            problem["lines"].append(line)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows there are, or things of several rows, and of each standing."""
        return {
            "rows": self._standings.total(),
            **{name: self._standings[key] for key, name in _NAMES.items()},
        }

    @property
    def told(self) -> dict[str, Any]:
        """What a page lists: problems, the most frequent first; rows that differ; twins."""
        problems = sorted(self._problems.values(), key=lambda one: -one["count"])
        return {
            "problems": problems[:MOST_TOLD],
            "more_problems": max(0, len(problems) - MOST_TOLD),
            "different": self._different,
            "twins": self._twins,
        }
