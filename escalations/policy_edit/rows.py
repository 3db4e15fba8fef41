"""The rows of a condition as the page shows them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from escalations.domain.condition_rows import MOST_ROWS, TESTS, Row, Subject
from escalations.domain.condition_rows import Typed as Rows
from escalations.domain.policy_names import DataNames

TEST_OPTIONS = list(TESTS.items())


class ConditionRows:
    """One condition with its rows; an empty one at the end where there is none, or another was asked for."""

    tests = TEST_OPTIONS

    def __init__(
        self,
        name: str,
        typed: Rows,
        subjects: Mapping[str, Subject],
        names: DataNames,
        faults: Mapping[str, str],
        *,
        adding: bool = False,
    ) -> None:
        self.name, self.typed, self.names, self.faults = name, typed, names, faults
        self.subjects = list(subjects.values())
        self.known = subjects
        self.adding = adding

    @property
    def joined(self) -> str:
        """Whether all rows must hold, or any."""
        return self.typed.joined

    @property
    def may_stand_together(self) -> bool:
        """Whether there are so many rows that it matters which of them stand together."""
        return len(self.typed.rows) + self.adding > 2

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What the form shows."""
        more = (self.adding or not self.typed.rows) and len(self.typed.rows) < MOST_ROWS
        shown = [*self.typed.rows, *([Row()] if more else [])]
        return [
            {
                "number": number,
                "typed": row,
                "words": self._words(row) if row.is_kept else "",
                "answers": self._answers(row),
                "wrong": self.faults.get(f"{self.name}.{number}", ""),
            }
            for number, row in enumerate(shown)
        ]

    def _words(self, row: Row) -> str:
        """A row that is kept, in words."""
        try:
            return self.names.condition(json.loads(row.value))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return "a condition that cannot be read"

    def _answers(self, row: Row) -> str:
        """What the question of the row offers, to be typed from."""
        subject = self.known.get(row.of)
        return "; ".join(subject.choices.values()) if subject else ""

    @property
    def said(self) -> str:
        """The rows in one line, as two people's are compared."""
        parts = [self._words(row) if row.is_kept else self._plain(row) for row in self.typed.rows]
        return (" and " if self.joined == "all" else " or ").join(parts)

    def _plain(self, row: Row) -> str:
        turned = "not: " if row.turned else ""
        return f"{turned}{self._subject(row.of)} {TESTS.get(row.test, '')} {row.value}"

    def _subject(self, key: str) -> str:
        found = self.known.get(key)
        return found.label if found else key
