"""Rows of what is filled in: a question of the type that is led to, and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from escalations.domain.policy_filled import options_of

Data = Mapping[str, Any]


class FilledRows:
    """The rows below ``prefix`` as they are shown; ``sources`` are what may be taken over, if any."""

    def __init__(
        self,
        prefix: str,
        said: Mapping[str, str],
        target: Data | None,
        data: Data,
        faults: Mapping[str, str],
        sources: Mapping[str, str] | None = None,
    ) -> None:
        self.prefix, self.said, self.data, self.faults = prefix, said, data, faults
        self.asked = {row["key"]: row for row in (target or {}).get("questions", [])}
        self.sources = list((sources or {}).items())

    @property
    def questions(self) -> list[tuple[str, str]]:
        """The questions that may be filled in."""
        return [(key, row["label"]) for key, row in self.asked.items()]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each row with its fields, what is wrong with it, and the answers its question offers."""
        found = []
        for number in range(self._count):
            place = f"{self.prefix}.{number}"
            key, source, value = (self.said.get(f"{place}.{name}", "") for name in ("key", "from", "value"))
            wrong = self.faults.get(f"{place}.value", "") or self.faults.get(f"{place}.key", "")
            offers = "; ".join(options_of(self.asked.get(key, {}), self.data).values())
            found.append(
                {"place": place, "number": number + 1, "key": key, "from": source, "value": value,
                 "wrong": wrong, "offers": offers}
            )  # fmt: skip
        return found

    @property
    def _count(self) -> int:
        names = [name for name in self.said if name.startswith(f"{self.prefix}.") and name.endswith(".key")]
        return min(len(names), 40)

    @property
    def is_used(self) -> str:
        """Whether anything is filled in, or wrong, so that the rows are not folded away."""
        return "yes" if any(row["key"] or row["value"] or row["wrong"] for row in self.rows) else ""

    @property
    def words(self) -> str:
        """The rows in one line, as two people's are compared."""
        said = [f"{row['key']}: {row['value'] or row['from']}" for row in self.rows if row["key"]]
        return "; ".join(said)
