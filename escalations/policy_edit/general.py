"""The forms beside the types: what holds in general, and the questions of "Which ticket?"."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from escalations.actions.policy_drafts import SEVERAL, seen_part
from escalations.domain.policy_fields import plain
from escalations.domain.policy_general import (
    LIMITS,
    NAMES,
    NONE,
    WARNINGS,
    fork_shown,
    general_shown,
    read_fork,
    read_general,
)
from escalations.domain.policy_parts import Part
from escalations.domain.policy_typed import Edited
from escalations.policy_edit.asked import said_in
from escalations.policy_edit.desk import Desk
from escalations.policy_edit.types import UNIT_OPTIONS


class PlainForm(ABC):
    """What both share: named fields, as saved or as typed."""

    part: Part
    needed: tuple[str, ...] = ()
    after = ""
    shown: Mapping[str, str]

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

    def __init__(self, desk: Desk) -> None:
        self.shown = general_shown(desk.data)
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
    def reasons(self) -> list[dict[str, dict[str, str]]]:
        """The reasons to wait, and an empty row."""
        count = len(self.desk.data["wait_reasons"]) + 1
        return [
            {
                "label": self.field(f"reason.{n}.label", f"Reason {n + 1}"),
                "words": self.field(f"reason.{n}.words", f"Words of reason {n + 1}"),
            }
            for n in range(count)
        ]


class ForkForm(PlainForm):
    """One question of "Which ticket?" with its answers; ``key`` is empty for a new one."""

    part: Part = ("general", "which_ticket")
    needed = ("label", "hint")

    def __init__(self, desk: Desk, key: str) -> None:
        self.forks: list[dict[str, Any]] = desk.data.get("which_ticket", [])
        self.key = key
        self.row: Mapping[str, Any] = next((one for one in self.forks if one["key"] == key), {})
        self.shown = fork_shown(self.row)
        super().__init__(desk)
        self.after = reverse("policy:which")

    def read(self, act: str = "") -> Edited:
        """All questions, with this one as it would be, or without it."""
        if act == "remove" and self.key:
            return Edited({"which_ticket": [one for one in self.forks if one["key"] != self.key]})
        targets = {key for key, _ in self.targets if key}
        done = read_fork(self.forks, self.key, self.said, targets)
        self.faults = done.faults
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
        asks = [
            (f"ask:{one['key']}", f"asks: {one['label']}") for one in self.forks if one["key"] != self.key
        ]
        types = [(f"type:{row['key']}", row["name"]) for row in self.desk.data["types"]]
        return [("", "Choose…"), *types, *asks, (NONE, "no ticket; say what to do instead")]

    @property
    def ways(self) -> list[dict[str, dict[str, str]]]:
        """The answers, and an empty row."""
        count = len(self.row.get("ways", [])) + 1
        labels = {"label": "Answer", "to": "Leads to", "say": "Why, or what to do instead"}
        return [
            {name: self.field(f"way.{n}.{name}", f"{words} {n + 1}") for name, words in labels.items()}
            for n in range(count)
        ]


def forks_of(desk: Desk) -> list[dict[str, Any]]:
    """The questions of "Which ticket?" for their list."""
    names = {row["key"]: row["name"] for row in desk.data["types"]}
    labels = {row["key"]: row["label"] for row in desk.data.get("which_ticket", [])}
    return [
        {
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
