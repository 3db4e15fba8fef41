"""The form of a type: its times, waits and outcomes, with its questions and rules as lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from escalations.domain.explain import STRENGTH_WORDS
from escalations.domain.policy_fields import TYPE, Field, plain
from escalations.domain.policy_names import DataNames
from escalations.domain.policy_typed import (
    CHANNELS,
    RUNS,
    STANDS,
    Edited,
    name_of,
    read_type,
    required_of,
    type_shown,
    without_question,
)
from escalations.domain.units import UNITS
from escalations.policy_edit.asked import always_sent, moved, said_in
from escalations.policy_edit.desk import EVERY, Desk

UNIT_WORDS = {"immediate": "at once", "none": "no time stated"}
UNIT_OPTIONS = [("", "–"), *((unit, UNIT_WORDS.get(unit, unit.replace("_", " ") + "s")) for unit in UNITS)]
_NEAR_WORDS = {"type": "type", "say": "when it is that one"}
_CHANNEL_WORDS = {"any": "By any channel", "phone": "By phone", "email": "By email"}


@dataclass(frozen=True)
class Input:
    """One field as the page shows it."""

    field: Field
    value: str
    wrong: str = ""

    @property
    def options(self) -> list[tuple[str, str]]:
        """What may be chosen, in words."""
        return [
            (one, CHOICE_WORDS.get(one, one.replace("_", " ").capitalize())) for one in self.field.options
        ]


CHOICE_WORDS = {
    **STRENGTH_WORDS,
    "yes_no": "Yes or no",
    "choice": "One of several answers",
    "choices": "Any of several answers",
    "text": "Words",
    "money": "An amount of money",
    "number": "A number",
    "date": "A date",
    "moment": "A date and time",
    "phone": "A phone number",
    "email": "An email address",
    "fax": "A fax number",
    "file": "Files",
    "ticket": "A ticket",
    "refuse_contact": "Keep the ways of contact that are refused",
    "do_not_say": "Show what must not be said until the ticket is over",
    "compassionate_care": "Mark an application for Compassionate Care",
    "alarm": "Sound the supervisors’ alarm",
    "heard": "the keywords that were heard",
    "unresolved": "the number of contacts without a result",
    "patient_phone": "the patient’s phone number",
    "patient_email": "the patient’s email address",
    "today": "today’s date",
    "now": "the time of now",
    "open_tickets": "the patient’s open ticket of that type",
}


class TypeForm:
    """The page of a type, as saved or as typed."""

    saved = "Kept in the draft."

    def __init__(
        self, desk: Desk, key: str, kind: Mapping[str, Any], said: Mapping[str, str] | None = None
    ) -> None:
        self.desk, self.key, self.kind = desk, key, kind
        self.is_every = key == EVERY
        self.shown = {} if self.is_every else type_shown(kind, desk.data)
        self.said = self.shown if said is None else dict(said)
        self.faults: Mapping[str, str] = {}
        self.seen = desk.seen(key)

    def typed(self, data: QueryDict) -> dict[str, str]:
        """What the form was told."""
        near = [name for name in self.shown if name.startswith("near.")]
        return said_in(data, [] if self.is_every else [*always_sent(TYPE), "article", *near])

    def read(self, act: str, which: str, place: str) -> Edited:
        """The type as it would be after a press of the button."""
        if self.is_every:
            done = Edited({**self.kind})
        else:
            done = read_type(self.kind, self.said, self.desk.data)
        self.faults = done.faults
        rows = {"questions": "questions", "rules": "rules"}.get(which)
        if rows and act in ("up", "down", "remove"):
            done.row = self._rearranged(done.row, rows, act, place)
        return done

    def _rearranged(self, row: dict[str, Any], rows: str, act: str, name: str) -> dict[str, Any]:
        names = [one["key"] if rows == "questions" else name_of(one) for one in row[rows]]
        if name not in names:
            return row
        if rows == "questions" and act == "remove":
            return without_question(row, name)
        found = moved(row[rows], act, str(names.index(name)))
        return row if found is None else {**row, rows: found}

    def as_part(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """What is kept of it in the draft."""
        return {"rules": row["rules"]} if self.is_every else dict(row)

    @property
    def after(self) -> str:
        """Where one is after saving."""
        return reverse("policy:type", args=[self.key])

    def differences(self) -> list[dict[str, str]]:
        """What is saved now beside what was typed, by field."""
        names = {one.name: one.label for one in TYPE} | {
            f"{name}.{channel}": f"{words}: {label}"
            for channel, words in _CHANNEL_WORDS.items()
            for name, label in (("min", "from"), ("max", "to"), ("unit", "unit"))
        }
        names |= {f"wait.{one['key']}": one["label"] for one in self.desk.data["wait_reasons"]}
        names |= {"article": "Article"}
        names |= {
            name: f"Similar type {int(name.split('.')[1]) + 1}: {_NEAR_WORDS[name.split('.')[2]]}"
            for name in self.shown
            if name.startswith("near.")
        }
        return [
            {"field": label, "theirs": self.shown.get(name, ""), "yours": self.said.get(name, "")}
            for name, label in names.items()
            if plain(self.shown.get(name, "")) != plain(self.said.get(name, ""))
        ]

    # What the page shows

    @property
    def inputs(self) -> list[Input]:
        """The plain fields."""
        return [Input(one, self.said.get(one.name, ""), self.faults.get(one.name, "")) for one in TYPE]

    @property
    def times(self) -> list[dict[str, Any]]:
        """The turnarounds, a row for each channel."""
        names = ("min", "max", "unit")
        return [
            {
                "channel": channel,
                "words": _CHANNEL_WORDS[channel],
                **{name: self.said.get(f"{name}.{channel}", "") for name in names},
                "wrong": next((w for n in names if (w := self.faults.get(f"{n}.{channel}", ""))), ""),
            }
            for channel in CHANNELS
        ]

    @property
    def neighbours(self) -> list[dict[str, Any]]:
        """The types it is easily taken for, and an empty row."""
        count = len(self.kind.get("neighbours", [])) + 1
        return [
            {
                "number": number + 1,
                **{
                    name: {
                        "name": f"near.{number}.{name}",
                        "value": self.said.get(f"near.{number}.{name}", ""),
                        "wrong": self.faults.get(f"near.{number}.{name}", ""),
                    }
                    for name in _NEAR_WORDS
                },
            }
            for number in range(count)
        ]

    @property
    def other_types(self) -> list[tuple[str, str]]:
        """The types it may be taken for."""
        return [(row["key"], row["name"]) for row in self.desk.data["types"] if row["key"] != self.key]

    @property
    def articles(self) -> list[tuple[str, str]]:
        """The articles its guidance may name."""
        return [(row["key"], row["title"]) for row in self.desk.data.get("articles", [])]

    units = UNIT_OPTIONS
    wait_options = [
        ("", "not allowed"),
        (RUNS, "allowed, the clock runs on"),
        (STANDS, "allowed, the clock stands still"),
    ]

    @property
    def waits(self) -> list[dict[str, str]]:
        """The reasons a ticket may wait for."""
        reasons = self.desk.data["wait_reasons"]
        return [
            {"key": one["key"], "label": one["label"], "value": self.said.get(f"wait.{one['key']}", "")}
            for one in reasons
        ]

    @property
    def questions(self) -> list[dict[str, Any]]:
        """The questions in their order."""
        names, required = DataNames(self.desk.data, self.kind), required_of(self.kind)
        return [
            {
                "key": row["key"],
                "label": row["label"],
                "kind": CHOICE_WORDS.get(row["kind"], row["kind"]),
                "required": row["key"] in required,
                "when": names.condition(row.get("when")),
                "options": list(names.options(row["key"]).values()),
                "url": "" if self.is_every else reverse("policy:question", args=[self.key, row["key"]]),
            }
            for row in self.kind["questions"]
        ]

    @property
    def rules(self) -> list[dict[str, Any]]:
        """The rules in their order."""
        names = DataNames(self.desk.data, self.kind)
        return [
            {
                "name": name_of(row),
                "strength": STRENGTH_WORDS.get(row["strength"], row["strength"]),
                "look": row["strength"].lower(),
                "message": row["message"],
                "when": names.condition(row.get("when")),
                "url": reverse("policy:rule", args=[self.key, name_of(row)]),
            }
            for row in self.kind["rules"]
        ]

    @property
    def problems(self) -> list[dict[str, str]]:
        """Everything that is wrong, linked to its field."""
        return [
            {"message": words, "href": f"#{name if name.startswith('near.') else name.replace('.', '-')}"}
            for name, words in self.faults.items()
        ]
