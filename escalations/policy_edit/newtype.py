"""The form of a new type: a name, and the type it is begun as a copy of."""

from __future__ import annotations

import copy
from typing import Any

from django.http import QueryDict

from escalations.domain.lists import new_key
from escalations.policy_edit.desk import EVERY, Desk
from patients.domain.intake import Wrong, text

_NAME = text("The name", 80, required=True)


class NewType:
    """What was typed; ``row`` is the type it makes, ``None`` while something stands against it."""

    def __init__(self, desk: Desk, data: QueryDict | None) -> None:
        self.desk = desk
        self.name = (data.get("name", "") if data else "")[:400]
        self.like = (data.get("like", "") if data else "")[:80]
        self.faults: dict[str, str] = {}
        self.row: dict[str, Any] | None = self._made() if data is not None else None

    def _made(self) -> dict[str, Any] | None:
        known = {row["key"]: row for row in self.desk.data["types"]}
        name = ""
        try:
            name = _NAME(self.name)
        except Wrong as wrong:
            self.faults["name"] = wrong.sentence
        if name.casefold() in {row["name"].casefold() for row in known.values()}:
            self.faults["name"] = f"There is a type called {name} already. Give it another name."
        if self.like not in known:
            self.faults["like"] = "Choose the type it is begun as a copy of."
        if self.faults:
            return None
        key = new_key(name, {one.replace("-", "_") for one in (*known, EVERY)}).replace("_", "-")
        row = copy.deepcopy(known[self.like])
        return row | {"key": key, "name": name, "off": True}

    @property
    def types(self) -> list[tuple[str, str]]:
        """What it may be a copy of."""
        return [(row["key"], row["name"]) for row in self.desk.data["types"]]

    @property
    def problems(self) -> list[dict[str, str]]:
        """What stands against it, linked to its field."""
        return [{"message": words, "href": f"#{name}"} for name, words in self.faults.items()]
