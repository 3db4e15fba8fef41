"""What the page of keywords and lists shows: each list with its rows, as saved or as typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import QueryDict

from accounts.models import Company
from escalations.actions.lists import Unusable, seen_of
from escalations.domain.lists import (
    ADDRESSES,
    MOST_ENTRIES,
    Typed,
    chosen_from,
    is_heard,
    is_matched,
    uses_of,
)
from escalations.domain.policy import Listing
from escalations.models import PolicyVersion
from escalations.policies import policy_of

HEARD, CHOSEN, WRITTEN = "Words that are listened for", "Answers, codes and queues", "Where to write"
_FIELDS = ("key", "label", "also", "value")
_PREVIEWED = 6


class Torn(ValueError):
    """A form whose rows did not arrive whole."""


@dataclass(frozen=True)
class Row:
    """A row of a list's form; ``used`` says what depends on the entry, so that it stays."""

    number: int
    typed: Typed
    used: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Box:
    """One list with its form.

    ``matched``: other ways to say an entry make a difference. ``typed`` are the rows as they were sent,
    ``open`` shows the form at once.
    """

    listing: Listing
    seen: str
    uses: Mapping[str, str]
    matched: bool = False
    changed: str = ""
    typed: Sequence[Typed] | None = None
    open: bool = False
    said: Sequence[str] = ()
    wrong: Mapping[tuple[int, str], Any] = field(default_factory=dict)
    stand_in: str = ""

    @property
    def has_values(self) -> bool:
        """Whether its entries are addresses."""
        return self.listing.key == ADDRESSES

    @property
    def has_also(self) -> bool:
        """Whether other ways to say an entry are asked for."""
        return not self.has_values and (self.matched or any(item.also for item in self.listing.items))

    @property
    def saved(self) -> list[Typed]:
        """The rows as they are in force."""
        return [Typed.of(item) for item in self.listing.items]

    @property
    def rows(self) -> list[Row]:
        """What the form shows, with an empty row at the end to write a new entry into."""
        shown = [row for row in (self.saved if self.typed is None else self.typed) if not row.is_blank]
        shown += [Typed()] if len(shown) < MOST_ENTRIES else []
        return [
            Row(number, row, self.uses.get(row.key, ""), self._wrong(row)) for number, row in enumerate(shown)
        ]

    def _wrong(self, row: Typed) -> dict[str, str]:
        """What is wrong with a row, by field; rows are known by where they stood when they were sent."""
        sent = next((n for n, one in enumerate(self.typed or ()) if one is row), -1)
        return {name: wrong.sentence for (number, name), wrong in self.wrong.items() if number == sent}

    @property
    def unsaved(self) -> bool:
        """Whether the form says something else than what is saved."""
        return self.typed is not None and [row for row in self.typed if not row.is_blank] != self.saved

    @property
    def preview(self) -> str:
        """The first few entries in one line."""
        labels = [item.label for item in self.listing.items[:_PREVIEWED]]
        rest = len(self.listing.items) - len(labels)
        return "; ".join(labels) + (f" and {rest} more" if rest else "")

    @property
    def problems(self) -> list[dict[str, str]]:
        """Everything that stands against saving, for the list above the form."""
        found = [{"message": sentence} for sentence in self.said]
        for row in self.rows:
            for name, sentence in row.wrong.items():
                found.append({"message": sentence, "href": f"#{self.listing.key}-{name}-{row.number}"})
        return found


class ListsScreen:
    """Every list of the policy in force."""

    def __init__(self, version: PolicyVersion, company: Company, opened: str = "") -> None:
        self.version, self.company = version, company
        policy = policy_of(version)
        self.boxes = {key: self._box(listing) for key, listing in policy.lists.items()}
        if opened in self.boxes:
            self.boxes[opened].open = True

    @property
    def groups(self) -> list[tuple[str, list[Box]]]:
        """The lists by what they are for, each group by its labels."""
        found: dict[str, list[Box]] = {HEARD: [], CHOSEN: [], WRITTEN: []}
        for box in sorted(self.boxes.values(), key=lambda box: box.listing.label.casefold()):
            found[self._group(box)].append(box)
        return [(name, boxes) for name, boxes in found.items() if boxes]

    def _group(self, box: Box) -> str:
        if box.has_values:
            return WRITTEN
        key, data = box.listing.key, self.version.data
        return HEARD if is_heard(data, key) and not chosen_from(data, key) else CHOSEN

    def _box(self, listing: Listing) -> Box:
        found = Box(listing, seen_of(self.version, listing.key), uses_of(self.version.data, listing.key))
        found.matched = is_matched(self.version.data, listing.key)
        found.changed = self._changed(listing.key)
        found.stand_in = self.company.itemized_bill_address if found.has_values else ""
        return found

    def _changed(self, key: str) -> str:
        """Who changed the list last, and when; empty while it is as shipped."""
        who = self.changed_by(key)
        return f"Changed by {who[0]}, {who[1]}" if who else ""

    def changed_by(self, key: str) -> tuple[str, str] | None:
        """Who changed the list last, and when in words."""
        changed = self.version.data["lists"][key].get("changed")
        if not changed:
            return None
        at = datetime.fromisoformat(changed["at"]).astimezone(self.company.zone)
        return changed["by"], f"{at.day} {at:%B %Y, %H:%M}"

    def show_typed(self, key: str, rows: Sequence[Typed], refused: Unusable | None = None) -> Box:
        """Show a list as it was typed; entries that cannot be removed come back."""
        box = self.boxes[key]
        back = [Typed.of(item) for item in refused.missing] if refused else []
        box.typed, box.open = [*rows, *back], True
        if refused:
            box.said, box.wrong = refused.said, refused.wrong
        return box

    def conflict(self, key: str) -> dict[str, Any]:
        """What is saved now beside what was typed, after somebody else was first."""
        box = self.boxes[key]
        who, when = self.changed_by(key) or ("Somebody", "")
        return {"who": who, "when": when, "changes": _differences(box.saved, box.typed or ()), "box": box}


def _differences(saved: Sequence[Typed], typed: Sequence[Typed]) -> list[dict[str, str]]:
    """The entries that are saved otherwise than they were typed; their order, where that is all."""
    theirs, yours = _by_name(saved), _by_name(typed)
    names = [name for name in {**theirs, **yours} if theirs.get(name) != yours.get(name)]
    if not names and list(theirs) != list(yours):
        both = ["; ".join(row.label for row in rows.values()) for rows in (theirs, yours)]
        return [{"field": "Order", "theirs": both[0], "yours": both[1]}]
    said = {name: [_in_words(rows.get(name)) for rows in (theirs, yours)] for name in names}
    return [
        {"field": (theirs.get(name) or yours[name]).label, "theirs": said[name][0], "yours": said[name][1]}
        for name in names
    ]


def _by_name(rows: Sequence[Typed]) -> dict[str, Typed]:
    return {row.key or f"new {row.label.casefold()}": row for row in rows if not row.is_blank}


def _in_words(row: Typed | None) -> str:
    if row is None:
        return "not in it"
    also = f" ({row.also})" if row.also else ""
    value = f": {row.value}" if row.value else ""
    return f"{row.label}{also}{value}"


def rows_in(data: QueryDict) -> list[Typed]:
    """The rows of a form in their order; :class:`Torn` when not every row brought all its fields."""
    columns = {name: data.getlist(name) for name in _FIELDS if name in data}
    if "value" not in columns:
        columns["value"] = [""] * len(columns.get("label", []))
    if "also" not in columns:
        columns["also"] = [""] * len(columns.get("label", []))
    lengths = {len(columns.get(name, [])) for name in _FIELDS}
    if len(lengths) != 1 or lengths == {0} or max(lengths) > MOST_ENTRIES + 1:
        raise Torn
    return [Typed(*row) for row in zip(*(columns[name] for name in _FIELDS), strict=True)]


def rearranged(rows: Sequence[Typed], act: str) -> list[Typed] | None:
    """The rows after a press of *up*, *down*, *remove* or *add* (``up:3``); ``None`` for any other press."""
    name, _, said = act.partition(":")
    number = int(said) if said.isascii() and said.isdigit() and len(said) <= 3 else -1
    found = list(rows)
    if name == "add":
        return found
    if name not in ("up", "down", "remove") or not 0 <= number < len(found):
        return None
    row = found.pop(number)
    if name != "remove":
        found.insert(max(0, number - 1) if name == "up" else number + 1, row)
    return found
