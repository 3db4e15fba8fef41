"""What open tickets need of a policy, and which of it another policy takes away (K13). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from escalations.domain.explain import quoted
from escalations.domain.policy_problem import Problem


@dataclass(frozen=True)
class Needed:
    """How many open tickets need what: types by key, and by (type, …) their waits and outcomes.

    ``names`` are the names of the types as their tickets have them.
    """

    types: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    waits: Mapping[tuple[str, str], int] = field(default_factory=dict)
    outcomes: Mapping[tuple[str, str], int] = field(default_factory=dict)


def taken_away(data: Mapping[str, Any], needed: Needed) -> list[Problem]:
    """What this policy lacks that open tickets need, each with how many do."""
    kinds = {row["key"]: row for row in data["types"]}
    reasons = {row["key"]: row["label"] for row in data["wait_reasons"]}
    found = []
    for key, count in needed.types.items():
        if key not in kinds:
            said = f"{needed.names.get(key, key)} is gone, and {_open(count)} of it. Switch it off instead."
            found.append(Problem(said, key, count=count))
    for (key, reason), count in needed.waits.items():
        if key in kinds and reason not in kinds[key]["waits"]:
            gone = f"{kinds[key]['name']} no longer allows {quoted(reasons.get(reason, reason))}"
            said = f"{gone}, and {_open(count)} waiting for that."
            found.append(Problem(said, key, count=count))
    for (key, outcome), count in needed.outcomes.items():
        if key in kinds and outcome not in kinds[key]["outcomes"]:
            gone = f"{kinds[key]['name']} no longer has the outcome {quoted(outcome)}"
            said = f"{gone}, and {_open(count)} reopened after it."
            found.append(Problem(said, key, count=count))
    return found


def _open(count: int) -> str:
    return "1 open ticket is" if count == 1 else f"{count:,} open tickets are"
