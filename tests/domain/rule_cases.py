"""A row of a table of rules: a good filing, changed, and what one clause then does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from escalations.domain.intake import Finding, Intake, filled
from escalations.domain.policy import REFUSING, Rule
from tests.domain.desk import VALUES, ask, type_of


@dataclass(frozen=True)
class RuleCase:
    """A good filing of ``type``, changed, and what the clause ``part`` of ``rule`` then does.

    ``does`` is one of: refuses, tells, acts, or the type that is offered. ``ticks`` are the rules ticked off, when
    they are not those of the good filing; ``linked`` are the facts of any ticket an answer names.
    """

    rule: str
    type: str
    does: str
    answers: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    ticks: list[str] | None = None
    part: str = ""
    linked: dict[str, Any] | None = None

    def __str__(self) -> str:
        said = ",".join(f"{name}={value}" for name, value in {**self.answers, **self.facts}.items())
        return " ".join(filter(None, (self.rule, self.part, self.type, self.does, said)))

    def found(self, without: str = "", overridden: tuple[str, ...] = ()) -> Intake:
        """What is found when it is filed."""
        return ask(
            self.type,
            self.answers,
            self.facts,
            self.ticks,
            without=without,
            overridden=overridden,
            linked=self.linked,
        )

    @property
    def clause(self) -> Rule:
        """The clause in the data."""
        return next(one for one in type_of(self.type).rules if (one.id, one.part) == (self.rule, self.part))

    def spoken(self, found: Intake) -> list[Finding]:
        """The findings of this very clause: its own words, or one of its needs without an answer."""
        own = filled(self.clause.message, VALUES)
        mine = (one for one in found.findings if one.rule == self.rule)
        return [one for one in mine if one.message == own or (one.missing and one.field in self.clause.needs)]

    def happens(self, found: Intake) -> bool:
        """Whether the clause does what is expected of it."""
        spoken = self.spoken(found)
        if self.does == "refuses":
            return any(one.refuses for one in spoken)
        if self.does == "acts":
            return found.may_be_filed and self.clause in found.effects
        if self.does == "tells":
            return found.may_be_filed and any(not one.suggest for one in spoken)
        return any(one.suggest == self.does for one in spoken if not one.missing)


def incomplete_words(rule: Rule) -> list[str]:
    """What the words of a clause lack: whole sentences, what to do instead, and a place where they stand."""
    lacking = []
    for name in ("message", "instead"):
        words = getattr(rule, name)
        if words and not (words[0].isupper() and words.endswith(".")):
            lacking.append(f"{name} is no sentence")
    if rule.strength in REFUSING or rule.suggest:
        lacking += [name for name in ("instead", "field") if not getattr(rule, name)]
    return lacking
