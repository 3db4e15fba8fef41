"""The first page of the escalation rules: the types, the draft, and what was published lately."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from escalations.domain.policy_difference import differences, said_turnaround
from escalations.domain.policy_parts import brought_together
from escalations.policy_edit.desk import EVERY, Desk
from escalations.policy_edit.history import Past, newest

SHOWN = 6


@dataclass(frozen=True)
class Line:
    """One type in the list."""

    key: str
    name: str
    phone: str
    email: str
    questions: int
    rules: int
    off: bool
    changed: bool


class Overview:
    """The page, in few queries."""

    every = EVERY

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @cached_property
    def types(self) -> list[Line]:
        """The types in the order in which they are offered."""
        return [
            Line(
                row["key"], row["name"], said_turnaround(row, "phone"), said_turnaround(row, "email"),
                len(row["questions"]), len(row["rules"]), bool(row.get("off")),
                ("types", row["key"]) in self.desk.changed,
            )
            for row in self.desk.data["types"]
        ]  # fmt: skip

    @property
    def every_changed(self) -> bool:
        """Whether the draft changes the rules of every type."""
        return ("general", "every_type") in self.desk.changed

    @property
    def every_rules(self) -> int:
        """How many rules hold for every ticket."""
        return len(self.desk.data["every_type"]["rules"])

    @cached_property
    def changes(self) -> int:
        """How many things the draft says otherwise than what is in force."""
        draft = self.desk.draft
        return len(differences(self.desk.version.data, draft.data)) if draft else 0

    @property
    def is_overtaken(self) -> bool:
        """Whether a version was published since the draft was begun."""
        draft = self.desk.draft
        return draft is not None and draft.base_id != self.desk.version.pk

    @cached_property
    def meanwhile(self) -> list[str]:
        """What was published since the draft was begun, in words."""
        draft = self.desk.draft
        if draft is None or not self.is_overtaken:
            return []
        return [f"{one.place}: {one.words}" for one in differences(draft.base.data, self.desk.version.data)]

    @cached_property
    def both(self) -> list[str]:
        """What the draft and the newer version both changed: bringing it up to date keeps the draft's."""
        draft = self.desk.draft
        if draft is None or not self.is_overtaken:
            return []
        _, found = brought_together(draft.base.data, draft.data, self.desk.version.data)
        names = {row["key"]: row["name"] for row in self.desk.data["types"]}
        return [names.get(key, key.replace("_", " ")) for _, key in found]

    @cached_property
    def history(self) -> list[Past]:
        """The newest versions."""
        return newest(self.desk.company, SHOWN)
