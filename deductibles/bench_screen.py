"""The test bench for claims: would one of these amounts be held, and why, under these settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from accounts.models import User
from deductibles.domain import days, filing, hold, money
from deductibles.models.settings import settings_in_force
from patients.domain.intake import Wrong, day, whole
from patients.models import Payer

_YES = ("yes", "on", "1")


def _amount(label: str) -> Callable[[Any], Decimal | None]:
    def read(value: Any) -> Decimal | None:
        if value in (None, ""):
            return None
        try:
            return money.parse(value)
        except money.NotMoney as wrong:
            raise Wrong("money", f"{label}: {wrong}") from None

    return read


@dataclass(frozen=True)
class Field:
    """One field: what it is called, its hint, and how it is read."""

    name: str
    label: str
    hint: str
    read: Callable[[Any], Any]
    kind: str = "text"
    ours: str = ""
    """The setting that stands here while nothing is typed."""


FIELDS = (
    Field("served", "Date of service", "", day("Date of service"), "date"),
    Field("completed", "Completed on", "empty for today", day("Completed on", required=False), "date"),
    Field("annual", "Annual deductible", "empty for unknown", _amount("Annual deductible")),
    Field("remaining", "Remaining", "empty for unknown", _amount("Remaining")),
)
_DAYS, _THRESHOLD, _ABOVE = (
    "Maximum number of days that a claim will be held",
    "Dollar threshold",
    "Monitor claims for annual deductible amounts greater than",
)
RULES = (
    Field("max_days", _DAYS, "", whole("Days", 1, 365), "number", "max_days"),
    Field("threshold", _THRESHOLD, "", _amount(_THRESHOLD), "text", "dollar_threshold"),
    Field("above", _ABOVE, "", _amount("Monitor amount"), "text", "monitor_above"),
)


class ClaimBench:
    """What was typed, and what comes of it. Nothing is saved."""

    def __init__(self, user: User, typed: Mapping[str, str], now: datetime) -> None:
        self.user, self.today = user, now.astimezone(user.company.zone).date()
        names = [one.name for one in (*FIELDS, *RULES)]
        self.typed = {name: typed.get(name, "").strip()[:40] for name in (*names, "payer")}
        self.off = typed.get("off") in _YES
        self.asked = "served" in typed
        self.wrong: dict[str, str] = {}
        self.clean: dict[str, Any] = {}
        self.decision = self._decide() if self.asked else None

    @cached_property
    def payers(self) -> list[Payer]:
        """Every payer by name."""
        return list(Payer.objects.visible_to(self.user).order_by("name"))

    @cached_property
    def settings(self) -> Any:
        """The settings in force."""
        return settings_in_force(self.user.company_id)

    def _decide(self) -> hold.Decision | None:
        for one in (*FIELDS, *RULES):
            try:
                self.clean[one.name] = one.read(self.typed[one.name])
            except Wrong as wrong:
                self.wrong[one.name] = wrong.sentence
        payer = next((one for one in self.payers if str(one.pk) == self.typed["payer"]), None)
        if self.typed["payer"] and payer is None:
            self.wrong["payer"] = "Choose a payer of the list, or none."
        rules = None if self.wrong else self._rules(payer)
        if rules and rules.max_days is None and not self.off:
            self.wrong["max_days"] = "No number of days is in force yet. Type one to try."
        return hold.decide(self._facts(payer), rules) if rules and not self.wrong else None

    def _facts(self, payer: Payer | None) -> hold.Facts:
        annual, remaining = self.clean["annual"], self.clean["remaining"]
        return hold.Facts(
            today=self.clean["completed"] or self.today,
            usable=remaining is not None,
            may_hold=True,
            annual=annual,
            remaining=remaining,
            payer_name=payer.name if payer else "no payer",
            never_hold=bool(payer and payer.is_never_held),
            deadline_on=filing.deadline(self.clean["served"], payer.filing_limit_days if payer else None),
        )

    def _rules(self, payer: Payer | None) -> hold.Rules:
        """The rules in force with the payer's own, and over both what is tried here."""
        rules = hold.rules_for(self.settings, payer)
        typed = {one.ours: self.clean[one.name] for one in RULES if self.clean[one.name] is not None}
        origins = {**rules.origins, **dict.fromkeys(typed, "tried here")}
        return replace(rules, automatic=not self.off, origins=origins, **typed)

    @property
    def fields(self) -> list[dict[str, Any]]:
        """The claim's own fields as typed."""
        return [self._shown(one) for one in FIELDS]

    @property
    def rules(self) -> list[dict[str, Any]]:
        """The fields of settings that can be tried; each says what is in force."""
        return [self._shown(one) for one in RULES]

    def _shown(self, one: Field) -> dict[str, Any]:
        ours = getattr(self.settings, one.ours) if one.ours else None
        now = "none" if ours is None else money.dollars(ours) if isinstance(ours, Decimal) else f"{ours} days"
        return {
            "name": one.name,
            "label": one.label,
            "hint": f"in force: {now}" if one.ours else one.hint,
            "kind": one.kind,
            "value": self.typed[one.name],
            "wrong": self.wrong.get(one.name),
        }

    @property
    def problems(self) -> list[dict[str, str]]:
        """What is wrong, each with its field."""
        return [{"message": said, "href": f"#{name}"} for name, said in self.wrong.items()]

    @property
    def released(self) -> str:
        """The date a hold would end, in words."""
        on: date | None = self.decision.release_on if self.decision else None
        return days.spoken(on, self.today.year) if on else ""
