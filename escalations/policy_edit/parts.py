"""The forms of one question and of one rule, as saved or as typed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from escalations.domain.condition_rows import FACT_WORDS, subjects_of
from escalations.domain.policy import BESIDE
from escalations.domain.policy_fields import DEFAULT, QUESTION, RULE, Field, plain
from escalations.domain.policy_filled import sources_of
from escalations.domain.policy_names import DataNames
from escalations.domain.policy_typed import (
    MOST_OPTIONS,
    Edited,
    QuestionTyped,
    RuleTyped,
    name_of,
    question_shown,
    read_question,
    read_rule,
    rule_shown,
    subjects_before,
    type_of,
)
from escalations.policy_edit.asked import Torn, question_in, question_moved, rule_in, rule_moved
from escalations.policy_edit.desk import EVERY, Desk
from escalations.policy_edit.filled import FilledRows
from escalations.policy_edit.rows import ConditionRows
from escalations.policy_edit.types import Input

Options = list[tuple[str, str]]


class PartForm(ABC):
    """What both forms share. ``name`` is empty for a question or rule that is new."""

    what = ""
    fields: tuple[Field, ...] = ()
    shown: Any
    current: Any
    row: Mapping[str, Any]

    def __init__(self, desk: Desk, key: str, kind: Mapping[str, Any], name: str) -> None:
        self.desk, self.key, self.kind, self.name = desk, key, kind, name
        self.faults: Mapping[str, str] = {}
        self.seen = desk.seen(key)
        self.adding = ""
        self.names = DataNames(desk.data, kind)

    @property
    def after(self) -> str:
        """Where one is after saving: among its neighbours."""
        return f"{reverse('policy:type', args=[self.key])}#{self.what}s"

    def as_part(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """What is kept of the type in the draft."""
        return {"rules": row["rules"]} if self.key == EVERY else dict(row)

    @property
    def inputs(self) -> list[Input]:
        """The plain fields."""
        return [
            Input(one, self.current.said.get(one.name, ""), self.faults.get(one.name, ""))
            for one in self.fields
        ]

    @property
    def by_name(self) -> dict[str, Input]:
        """The plain fields by name."""
        return {one.field.name: one for one in self.inputs}

    @property
    def problems(self) -> list[dict[str, str]]:
        """Everything that is wrong, linked to its field."""
        return [
            {"message": words, "href": f"#{name if name.startswith('carry.') else name.replace('.', '-')}"}
            for name, words in self.faults.items()
        ]

    @abstractmethod
    def conditions(self, name: str, typed: Any) -> ConditionRows:
        """One condition of the form."""

    @abstractmethod
    def take(self, data: QueryDict, act: str, which: str, place: str) -> bool:
        """Read what was typed; whether the button only moved rows."""

    @abstractmethod
    def read(self) -> Edited:
        """The type as it would be."""

    def differences(self) -> list[dict[str, str]]:
        """What is saved now beside what was typed, by field."""
        theirs, yours = self.shown.said, self.current.said
        rows = [
            {"field": one.label, "theirs": theirs.get(one.name, ""), "yours": yours.get(one.name, "")}
            for one in self.fields
        ]
        rows += [
            {"field": label, "theirs": self._said(name, self.shown), "yours": self._said(name, self.current)}
            for name, label in self.others
        ]
        return [row for row in rows if plain(row["theirs"]) != plain(row["yours"])]

    others: tuple[tuple[str, str], ...] = ()

    def _said(self, name: str, typed: Any) -> str:
        value = getattr(typed, name)
        if name in ("when", "refuse"):
            return self.conditions(name, typed).said
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, tuple):
            return "; ".join(one if isinstance(one, str) else one[1] for one in value)
        return str(value)


class QuestionForm(PartForm):
    """The form of a question."""

    what, fields = "question", (*QUESTION, DEFAULT)
    others = (
        ("required", "Must be answered"),
        ("options", "Answers"),
        ("choices_from", "List"),
        ("when", "Asked when"),
    )
    most = MOST_OPTIONS

    def __init__(self, desk: Desk, key: str, kind: Mapping[str, Any], name: str) -> None:
        super().__init__(desk, key, kind, name)
        self.row = next((one for one in kind["questions"] if one["key"] == name), {})
        self.shown: QuestionTyped = question_shown(kind, self.row, desk.data)
        self.current: QuestionTyped = self.shown

    def take(self, data: QueryDict, act: str, which: str, place: str) -> bool:
        """Read what was typed; whether the button only moved rows."""
        self.current = question_in(data)
        self.adding = which if act == "add" else ""
        found = question_moved(self.current, act, which, place)
        self.current = found or self.current
        return found is not None

    def read(self) -> Edited:
        """The type as it would be."""
        done = read_question(self.kind, self.name, self.current, self.desk.data)
        self.faults = done.faults
        return done

    @property
    def title(self) -> str:
        """What the page is called."""
        return self.row.get("label", "") or "New question"

    @property
    def when(self) -> ConditionRows:
        """When the question is asked."""
        return self.conditions("when", self.current)

    def conditions(self, name: str, typed: Any) -> ConditionRows:
        """When it is asked, by the questions before it."""
        subjects = subjects_before(self.kind, self.row, self.desk.data)
        adding = self.adding == name
        return ConditionRows(name, typed.when, subjects, self.names, self.faults, adding=adding)

    @property
    def options(self) -> list[dict[str, Any]]:
        """The answers to choose, and an empty row."""
        rows = [*self.current.options, *([("", "")] if len(self.current.options) < MOST_OPTIONS else [])]
        return [
            {"number": n, "key": key, "label": label, "wrong": self.faults.get(f"options.{n}", "")}
            for n, (key, label) in enumerate(rows)
        ]

    @property
    def has_options(self) -> str:
        """Whether answers are offered, may be, or something is wrong with them."""
        typed = self.current
        chosen = (
            typed.said.get("kind", "") in ("", "choice", "choices") or typed.options or typed.choices_from
        )
        return "yes" if chosen or any(name.startswith("options") for name in self.faults) else ""

    @property
    def has_seldom(self) -> str:
        """Whether something stands in the fields that are folded away."""
        seldom = ("suffix", "prefill", "default", "of_type")
        return "yes" if any(self.current.said.get(one) or one in self.faults for one in seldom) else ""

    @property
    def lists(self) -> Options:
        """The lists that answers may come from."""
        lists = self.desk.data["lists"].items()
        return [("", "no list"), *sorted(((key, row["label"]) for key, row in lists), key=lambda one: one[1])]

    @property
    def types(self) -> Options:
        """The types a named ticket may have."""
        return [("", "any type"), *((row["key"], row["name"]) for row in self.desk.data["types"])]


class RuleForm(PartForm):
    """The form of a rule."""

    what, fields = "rule", RULE
    others = (("needs", "Needs"), ("when", "Applies when"), ("refuse", "Refuses when"))

    def __init__(self, desk: Desk, key: str, kind: Mapping[str, Any], name: str) -> None:
        super().__init__(desk, key, kind, name)
        self.row = next((one for one in kind["rules"] if name_of(one) == name), {})
        self.shown: RuleTyped = rule_shown(kind, self.row, desk.data)
        self.current: RuleTyped = self.shown

    def take(self, data: QueryDict, act: str, which: str, place: str) -> bool:
        """Read what was typed; whether the button only moved rows."""
        self.current = rule_in(data)
        self.adding = which if act == "add" else ""
        if any(name.startswith("carry.") and name not in data for name in self.shown.said):
            raise Torn
        found = rule_moved(self.current, act, which, place)
        self.current = found or self.current
        return found is not None

    def read(self) -> Edited:
        """The type as it would be."""
        done = read_rule(self.kind, self.name, self.current, self.desk.data)
        self.faults = done.faults
        return done

    @property
    def title(self) -> str:
        """What the page is called."""
        return f"Rule {self.name}" if self.name else "New rule"

    @property
    def when(self) -> ConditionRows:
        """When the rule applies."""
        return self.conditions("when", self.current)

    @property
    def refuse(self) -> ConditionRows:
        """When the rule refuses."""
        return self.conditions("refuse", self.current)

    def conditions(self, name: str, typed: Any) -> ConditionRows:
        """One of its two conditions."""
        subjects = subjects_of(self.desk.data, self.kind["questions"])
        typed_rows, adding = getattr(typed, name), self.adding == name
        return ConditionRows(name, typed_rows, subjects, self.names, self.faults, adding=adding)

    @property
    def needs(self) -> list[dict[str, Any]]:
        """The questions and facts it may insist on."""
        facts = [("channel", FACT_WORDS["channel"]), ("caller", FACT_WORDS["caller"])]
        facts += [("patient", FACT_WORDS["patient"]), ("note", FACT_WORDS["note"])]
        asked = [(row["key"], row["label"]) for row in self.kind["questions"]]
        known = {key for key, _ in (*asked, *facts)}
        others = [(key, key) for key in self.current.needs if key not in known]
        return [
            {"key": key, "label": label, "on": key in self.current.needs}
            for key, label in (*asked, *facts, *others)
        ]

    @property
    def places(self) -> Options:
        """Where it may stand."""
        asked = [(row["key"], row["label"]) for row in self.kind["questions"]]
        beside = [(one, "The promise") for one in BESIDE if one]
        return [("", "nothing in particular"), *asked, *FACT_WORDS.items(), *beside]

    @property
    def types(self) -> Options:
        """The types it may suggest."""
        return [("", "no other type"), *((row["key"], row["name"]) for row in self.desk.data["types"])]

    @property
    def lists(self) -> Options:
        """The lists it may listen for."""
        rows = self.desk.data["lists"].items()
        return [("", "no words"), *((key, row["label"]) for key, row in rows)]

    @property
    def has_seldom(self) -> str:
        """Whether something stands in the fields that are folded away."""
        seldom = ("override", "deflect", "beside", "after_business_days", "instead_unset")
        return "yes" if any(self.current.said.get(one) or one in self.faults for one in seldom) else ""

    @property
    def carried(self) -> FilledRows | None:
        """What its suggestion fills in; ``None`` until it suggests a type and is saved."""
        target = type_of(self.desk.data, self.row.get("suggest", ""))
        if target is None:
            return None
        said, faults = self.current.said, self.faults
        return FilledRows("carry", said, target, self.desk.data, faults, sources_of(self.kind))

    def differences(self) -> list[dict[str, str]]:
        """What is saved now beside what was typed, also of what is filled in."""
        theirs, yours = (
            FilledRows("carry", one.said, None, self.desk.data, {}).words
            for one in (self.shown, self.current)
        )
        rows = super().differences()
        return rows + ([{"field": "Fills in", "theirs": theirs, "yours": yours}] if theirs != yours else [])
