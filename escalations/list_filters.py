"""The panel of all filters: one form, whose fields are drawn from what the reader of filters understands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from escalations.domain.states import STATUSES
from escalations.domain.turnaround import STANDINGS
from escalations.filters import ME, MOMENTS, NOBODY, SEVERAL, URGENCIES, FilterReader
from escalations.models import CALLERS, CHANNELS
from escalations.queries import ANY, NOT_SAID
from escalations.triage.bands import BANDS

_MOST_SAID = 2
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class FilterField:
    """One filter as a field: ``boxes`` for several values, ``select`` for one, ``date``."""

    name: str
    label: str
    kind: str
    pairs: Pairs
    value: str = ""

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        """The choices with whether each is chosen; a value that is no longer on offer stays chosen."""
        chosen = self.value.split(",") if self.kind == "boxes" else [self.value]
        known = {value for value, _ in self.pairs}
        strangers = [(value, value.replace("_", " ")) for value in chosen if value and value not in known]
        return [(value, words, value in chosen) for value, words in [*self.pairs, *strangers]]

    @property
    def kind_of_input(self) -> str:
        """A field for a date, or for text where the address has a moment."""
        return "text" if len(self.value) > 10 else "date"


def said_values(field: FilterField, value: str) -> str:
    """A value in the words of its choices: the first ones, and how many more."""
    known = dict(field.pairs)
    words = [known.get(one, one.replace("_", " ")) for one in value.split(",")]
    more = len(words) - _MOST_SAID
    return ", ".join(words[:_MOST_SAID]) + (f" and {more} more" if more > 0 else "")


class FilterPanel:
    """Every filter with its choices and what is chosen."""

    template = "escalations/list_filters.html"

    def __init__(self, reader: FilterReader, given: Mapping[str, str], labels: Mapping[str, str]) -> None:
        self.reader, self.given, self.labels = reader, given, labels

    @cached_property
    def by_name(self) -> dict[str, FilterField]:
        """The fields by the names they have in addresses; a patient is chosen on their page, not here."""
        return {name: self._field(name, pairs) for name, pairs in self._pairs().items()}

    def _field(self, name: str, pairs: Pairs) -> FilterField:
        kind = "boxes" if name in SEVERAL else "date" if name in MOMENTS else "select"
        return FilterField(name, self.labels[name], kind, pairs, self.given.get(name, ""))

    @property
    def boxes(self) -> list[FilterField]:
        """The filters that take several values."""
        return [self.by_name[name] for name in ("standing", "status", "type")]

    @property
    def selects(self) -> list[FilterField]:
        """The filters that take one of a few values."""
        return [field for field in self.by_name.values() if field.kind == "select"]

    @property
    def dates(self) -> list[FilterField]:
        """The two ends of each range of dates."""
        return [self.by_name[name] for name in MOMENTS]

    def _pairs(self) -> dict[str, Pairs]:
        reader = self.reader
        people = [(one.username, one.name) for one in reader.people]
        workers = [(one.username, one.name) for one in reader.people if one.works]
        return {
            "standing": _words(STANDINGS),
            "status": _words(STATUSES),
            "type": [(one.key, one.name) for one in reader.policy.types],
            "assignee": [(ME, "Mine"), (NOBODY, "Nobody’s"), *workers],
            "team": [(str(key), name) for key, name in reader.teams],
            "filed_by": [(ME, "Me"), *people],
            "channel": list(CHANNELS),
            "caller": list(CALLERS),
            "urgency": _words(URGENCIES),
            "band": [(band.key, band.label) for band in BANDS],
            "breached": [("yes", "Yes"), ("no", "No")],
            "late_reason": [(NOT_SAID, "Not said yet"), *reader.reasons],
            "waiting_for": [(ANY, "Anything"), *reader.waits],
            "overridden": [(ANY, "Any rule"), *((rule, rule) for rule in reader.rules)],
            "proposal": [("yes", "Yes")],
            "watched": [(ME, "Yes")],
            **{name: [] for name in MOMENTS},
        }


def _words(values: Iterable[str]) -> Pairs:
    return [(value, value.replace("_", " ").capitalize()) for value in values]
