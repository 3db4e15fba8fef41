"""The forms beside the types: what holds in general, and the questions of "Which ticket?"."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from escalations.actions.policy_drafts import SEVERAL, seen_part
from escalations.domain.ladder import ASSIGNEE, LEAD, SUPERVISOR
from escalations.domain.policy_fields import plain
from escalations.domain.policy_forks import MOST_WAYS, fork_shown, in_order, read_fork, targets_of
from escalations.domain.policy_general import (
    LIMITS,
    NAMES,
    WARNINGS,
    general_shown,
    read_general,
    without_waits,
)
from escalations.domain.policy_names_typed import NAMES as TITLED
from escalations.domain.policy_names_typed import read_titles, titles_shown
from escalations.domain.policy_order import places_shown, read_places
from escalations.domain.policy_parts import ORDER, Part
from escalations.domain.policy_typed import Edited, type_of
from escalations.policy_edit.asked import said_in
from escalations.policy_edit.desk import Desk
from escalations.policy_edit.filled import FilledRows
from escalations.policy_edit.types import UNIT_OPTIONS


class PlainForm(ABC):
    """What both share: named fields, as saved or as typed."""

    part: Part
    needed: tuple[str, ...] = ()
    after = ""
    shown: Mapping[str, str]
    follow: Callable[[dict[str, Any]], None] | None = None
    """What the rest of the policy does after it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.faults: Mapping[str, str] = {}
        self.said: Mapping[str, str] = self.shown
        self.seen = seen_part(desk.data, self.part)

    def take(self, data: QueryDict) -> None:
        """Read what was typed."""
        self.said = said_in(data, self.needed)

    @abstractmethod
    def read(self, act: str = "") -> Edited:
        """The part as it would be after this button."""

    def as_part(self, row: Mapping[str, Any]) -> Any:
        """What is kept of it in the draft."""
        return dict(row)

    def differences(self) -> list[dict[str, str]]:
        """What is saved now beside what was typed, by field."""
        return [
            {"field": self.label(name), "theirs": was, "yours": self.said.get(name, "")}
            for name, was in self.shown.items()
            if plain(was) != plain(self.said.get(name, ""))
        ]

    def label(self, name: str) -> str:
        """A field in words."""
        return name.replace(".", " ").replace("_", " ").capitalize()

    @property
    def problems(self) -> list[dict[str, str]]:
        """Everything that is wrong, linked to its field."""
        return [{"message": words, "href": f"#{name}"} for name, words in self.faults.items()]

    def field(self, name: str, label: str, suffix: str = "") -> dict[str, str]:
        """One field as the page shows it."""
        wrong = self.faults.get(name, "")
        return {
            "name": name,
            "label": label,
            "suffix": suffix,
            "value": self.said.get(name, ""),
            "wrong": wrong,
        }


class GeneralForm(PlainForm):
    """Limits, the reopen target, warnings and the reasons a ticket may wait for."""

    part: Part = (SEVERAL, " ".join(NAMES))
    needed = ("reopen.max", *(key for key, _, _ in LIMITS))
    units = [one for one in UNIT_OPTIONS if one[0] not in ("", "immediate", "none")]
    people = (
        ("", "nobody"),
        (ASSIGNEE, "whoever has the ticket"),
        (LEAD, "the lead of the team"),
        (SUPERVISOR, "the supervisors"),
    )
    follow = staticmethod(without_waits)

    def __init__(self, desk: Desk) -> None:
        self.shown = general_shown(desk.data)
        own = range(len(desk.data["wait_reasons"]))
        reasons = [f"reason.{n}.{name}" for n in own for name in ("label", "words")]
        rungs = [name for name in self.shown if name.startswith("rung.")]
        self.needed = (*self.needed, *(f"warn.{unit}" for unit, _ in WARNINGS), *reasons, *rungs)
        super().__init__(desk)
        self.after = reverse("policy:overview")

    def read(self, act: str = "") -> Edited:
        """The general parts as they would be."""
        done = read_general(self.desk.data, self.said)
        self.faults = done.faults
        return done

    @property
    def limits(self) -> list[dict[str, str]]:
        """The limits."""
        return [self.field(key, label, suffix) for key, label, suffix in LIMITS]

    @property
    def warnings(self) -> list[dict[str, str]]:
        """How long before it is due a ticket is warned about, by unit."""
        return [self.field(f"warn.{unit}", f"Counted in {words}", words) for unit, words in WARNINGS]

    @property
    def reopen(self) -> dict[str, dict[str, str]]:
        """The reopen target."""
        labels = {"min": "From", "max": "To", "unit": "Unit"}
        return {name: self.field(f"reopen.{name}", label) for name, label in labels.items()}

    @property
    def rungs(self) -> list[dict[str, dict[str, str]]]:
        """Who is told one after the other, and how much later than the one before."""
        count = sum(name.endswith(".who") for name in self.shown)
        return [
            {
                "who": self.field(f"rung.{n}.who", f"{n + 1}. told"),
                "hours": self.field(f"rung.{n}.hours", "After", "staffed hours"),
            }
            for n in range(count)
        ]

    @property
    def reasons(self) -> list[dict[str, Any]]:
        """The reasons to wait, and an empty row."""
        count = len(self.desk.data["wait_reasons"]) + 1
        return [
            {
                "gone": f"reason.{n}.gone" if n < count - 1 else "",
                "is_gone": self.said.get(f"reason.{n}.gone") == "yes",
                "label": self.field(f"reason.{n}.label", f"Reason {n + 1}"),
                "words": self.field(f"reason.{n}.words", f"Words of reason {n + 1}"),
            }
            for n in range(count)
        ]


class ForkForm(PlainForm):
    """One question of "Which ticket?" with its answers; ``key`` is empty for a new one."""

    part: Part = ("general", "which_ticket")

    def __init__(self, desk: Desk, key: str) -> None:
        self.forks: list[dict[str, Any]] = desk.data.get("which_ticket", [])
        self.key = key
        self.row: Mapping[str, Any] = next((one for one in self.forks if one["key"] == key), {})
        self.shown = fork_shown(self.row, desk.data)
        super().__init__(desk)
        own = range(len(self.row.get("ways", [])))
        names = [f"way.{n}.{name}" for n in own for name in ("label", "to", "say", "rule")]
        self.needed = ("label", "hint", *names, *(name for name in self.shown if ".fill." in name))
        self.after = reverse("policy:which")

    def read(self, act: str = "") -> Edited:
        """All questions, with this one as it would be, with an answer moved, or without it."""
        act, _, place = act.partition(":ways:")
        if act == "remove" and self.key:
            return Edited({"which_ticket": [one for one in self.forks if one["key"] != self.key]})
        done = read_fork(self.desk.data, self.key, self.said)
        self.faults = done.faults
        if act in ("up", "down") and self.key and not done.faults:
            row = next(one for one in done.row["which_ticket"] if one["key"] == self.key)
            row["ways"] = in_order(row["ways"], number_of(place), act)
            self.after = reverse("policy:fork", args=[self.key])
        return done

    def as_part(self, row: Mapping[str, Any]) -> Any:
        """What is kept of it in the draft."""
        return row["which_ticket"]

    @property
    def title(self) -> str:
        """What the page is called."""
        return str(self.row.get("label", "")) or "New question"

    @property
    def targets(self) -> list[tuple[str, str]]:
        """What an answer may lead to."""
        return [("", "Choose…"), *targets_of(self.desk.data, self.key).items()]

    @property
    def ways(self) -> list[dict[str, Any]]:
        """The answers, and an empty row while there may be more."""
        ways = self.row.get("ways", [])
        ways = [*ways, {}] if len(ways) < MOST_WAYS else ways
        labels = {"label": "Answer", "to": "Leads to", "say": "Why, or what to do instead", "rule": "Rule"}
        return [
            {
                "number": n,
                "is_new": not way,
                "fills": self._fills(way, n),
                **{name: self.field(f"way.{n}.{name}", f"{words} {n + 1}") for name, words in labels.items()},
            }
            for n, way in enumerate(ways)
        ]

    def _fills(self, way: Mapping[str, Any], number: int) -> FilledRows | None:
        """What an answer that leads to a type fills in of its questions."""
        target = type_of(self.desk.data, way.get("type", ""))
        if target is None:
            return None
        return FilledRows(f"way.{number}.fill", self.said, target, self.desk.data, self.faults)


def number_of(said: str) -> int:
    """A whole number that a button names; -1 for anything else."""
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 4 else -1


class OrderForm(PlainForm):
    """In which order the types are offered."""

    part: Part = ORDER

    def __init__(self, desk: Desk) -> None:
        self.keys = [row["key"] for row in desk.data["types"]]
        self.shown = places_shown(self.keys)
        self.needed = tuple(self.shown)
        super().__init__(desk)
        self.after = reverse("policy:order")

    def read(self, act: str = "") -> Edited:
        """The keys in their new order; a button moves one of them by one place more."""
        faults: dict[str, str] = {}
        keys = read_places(self.keys, self.said, faults)
        self.faults = faults
        act, _, key = act.partition(":types:")
        if key in keys:
            rows = in_order([{"key": one} for one in keys], keys.index(key), act)
            keys = [one["key"] for one in rows]
        return Edited({"order": keys}, faults)

    def as_part(self, row: Mapping[str, Any]) -> Any:
        """What is kept of it in the draft."""
        return row["order"]

    def label(self, name: str) -> str:
        """A field in words."""
        return f"Place of {self._names[name.removeprefix('place.')]}"

    @property
    def _names(self) -> dict[str, str]:
        return {row["key"]: row["name"] for row in self.desk.data["types"]}

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The types with their places."""
        return [
            {"key": key, "type": name, **self.field(f"place.{key}", f"Place of {name}")}
            for key, name in self._names.items()
        ]


class NamesForm(PlainForm):
    """What lists and articles are called, which there are, and new ones."""

    part: Part = (SEVERAL, " ".join(TITLED))

    def __init__(self, desk: Desk) -> None:
        self.shown = titles_shown(desk.data)
        self.needed = tuple(self.shown)
        super().__init__(desk)
        self.after = reverse("policy:names")

    def read(self, act: str = "") -> Edited:
        """Lists and articles as they would be."""
        done = read_titles(self.desk.data, self.said)
        self.faults = done.faults
        return done

    @property
    def lists(self) -> list[dict[str, Any]]:
        """The lists by their names."""
        rows = sorted(self.desk.data["lists"].items(), key=lambda one: one[1]["label"].casefold())
        return [
            {
                "title": row["label"],
                "gone": f"list.{key}.gone",
                "is_gone": self.said.get(f"list.{key}.gone") == "yes",
                "label": self.field(f"list.{key}.label", "Name"),
                "about": self.field(f"list.{key}.about", "What it is for"),
            }
            for key, row in rows
        ]

    @property
    def articles(self) -> list[dict[str, Any]]:
        """The articles in their order."""
        return [
            {
                "title": row["title"],
                "gone": f"article.{row['key']}.gone",
                "is_gone": self.said.get(f"article.{row['key']}.gone") == "yes",
                "label": self.field(f"article.{row['key']}.title", "Title"),
            }
            for row in self.desk.data.get("articles", [])
        ]

    @property
    def new(self) -> dict[str, dict[str, str]]:
        """The rows of new ones."""
        return {
            "label": self.field("list.label", "Name of a new list"),
            "about": self.field("list.about", "What it is for"),
            "title": self.field("article.title", "Title of a new article"),
        }


class ForksForm(PlainForm):
    """The order of the questions: the first is asked first, the others where an answer leads to them."""

    part: Part = ("general", "which_ticket")
    shown: Mapping[str, str] = {}

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.forks: list[dict[str, Any]] = desk.data.get("which_ticket", [])
        self.after = reverse("policy:which")

    def read(self, act: str = "") -> Edited:
        """All questions with one of them moved by one place."""
        act, _, key = act.partition(":forks:")
        place = next((n for n, one in enumerate(self.forks) if one["key"] == key), -1)
        return Edited({"which_ticket": in_order(self.forks, place, act)})

    def as_part(self, row: Mapping[str, Any]) -> Any:
        """What is kept of it in the draft."""
        return row["which_ticket"]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The questions with where their answers lead."""
        return forks_of(self.desk)


def forks_of(desk: Desk) -> list[dict[str, Any]]:
    """The questions of "Which ticket?" for their list."""
    names = {row["key"]: row["name"] for row in desk.data["types"]}
    labels = {row["key"]: row["label"] for row in desk.data.get("which_ticket", [])}
    return [
        {
            "key": row["key"],
            "label": row["label"],
            "url": reverse("policy:fork", args=[row["key"]]),
            "ways": [(way["label"], _end(way, names, labels)) for way in row["ways"]],
        }
        for row in desk.data.get("which_ticket", [])
    ]


def _end(way: Mapping[str, Any], names: Mapping[str, str], labels: Mapping[str, str]) -> str:
    if way.get("type"):
        return names.get(way["type"], way["type"])
    return f"asks: {labels.get(way['ask'], way['ask'])}" if way.get("ask") else "no ticket"
