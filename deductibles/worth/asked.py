"""What the ledger is asked for: a period and filters, all of them in the address and shown as chips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.urls import reverse

from accounts.models import User
from deductibles.models import DeductibleSettings
from deductibles.models.worth import REASONS
from patients.domain.intake import Wrong
from patients.models import Payer
from tables.asked import OverAPeriod, given_of
from tables.face import Chip, Menu, address_with
from tables.periods import Period, Periods, month_of

WORDS = {"m": "met", "e": "elapsed", "h": "by-hand", "u": "unknown"}
"""A reason's letter as an address and the API have it."""
LETTERS = {word: letter for letter, word in WORDS.items()}
NAMED = dict(REASONS)
FILTERS = {"payer": "Payer", "reason": "Reason", "settings": "Settings when held"}
NAMES = ("period", "from", "to", *FILTERS)


PERIODS = Periods(
    {
        "last-3-months": ("Last 3 months", lambda today: Period(month_of(today, 2), today)),
        "last-12-months": ("Last 12 months", lambda today: Period(month_of(today, 11), today)),
        "last-24-months": ("Last 24 months", lambda today: Period(month_of(today, 23), today)),
        "this-year": ("This year", lambda today: Period(date(today.year, 1, 1), today)),
        "last-year": (
            "Last year",
            lambda today: Period(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
        ),
    },
    "last-12-months",
    3660,
    "The ledger shows ten years at most. Choose a shorter period.",
)


@dataclass
class Asked(OverAPeriod):
    """A question to the ledger by one person on one day; ``wrong`` is what was not understood, by field."""

    periods_offered = PERIODS
    user: User
    today: date
    page: str
    given: dict[str, str]
    wrong: dict[str, Wrong] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.wrong |= {name: Wrong(*fault) for name, fault in self.chosen_period.wrong.items()}
        self.payer = self._known("payer", {str(key) for key in self.payers})
        self.reason = self._known("reason", set(LETTERS))
        self.settings = self._known("settings", {str(number) for number in self.versions.values()})

    def _known(self, name: str, words: set[str]) -> str:
        said = self.given.get(name, "")
        if said and said not in words:
            here = {"payer": "There is no such payer here.", "settings": "There are no such settings here."}
            told = here.get(name, f"A reason is one of: {', '.join(LETTERS)}.")
            self.wrong[name] = Wrong("choice", told)
            return ""
        return said

    @cached_property
    def payers(self) -> dict[int, str]:
        """The company's payers by name, to choose one."""
        rows = Payer.objects.visible_to(self.user).order_by("name", "pk")
        return dict(rows.values_list("pk", "name"))

    @cached_property
    def versions(self) -> dict[int, int]:
        """The company's settings: key and version, the newest first."""
        rows = DeductibleSettings.objects.visible_to(self.user).order_by("-version")
        return dict(rows.values_list("pk", "version"))

    @property
    def chosen(self) -> dict[str, Any]:
        """The filters as the statements of the ledger take them."""
        found: dict[str, Any] = {"from": self.period.first, "to": self.period.last}
        if self.payer:
            found["payer"] = int(self.payer)
        if self.reason:
            found["reason"] = LETTERS[self.reason]
        if self.settings:
            found["settings"] = next(key for key, no in self.versions.items() if str(no) == self.settings)
        return found

    @property
    def filters(self) -> dict[str, str]:
        """The filters that were understood, as an address has them."""
        return {name: getattr(self, name) for name in FILTERS}

    def claims(self, **wanted: str) -> str:
        """The list of the claims behind a figure, with the filters in force."""
        kept = {**self.period.dates, **self.filters}
        return address_with(reverse("deductibles:worth_claims"), kept, wanted)

    def claims_of_month(self, month: date) -> str:
        """The claims behind a month's figure, as far as it lies in the period."""
        ends = month_of(month, -1) - timedelta(days=1)
        return self.claims(**Period(max(month, self.period.first), min(ends, self.period.last)).dates)

    def said(self, name: str) -> str:
        """A filter's value in words."""
        if name == "payer":
            return self.payers[int(self.payer)]
        return NAMED[LETTERS[self.reason]] if name == "reason" else f"version {self.settings}"

    @property
    def chips(self) -> list[Chip]:
        """The filters in force, each with the address without it."""
        return [
            Chip(label, self.said(name), self.address(**{name: ""}))
            for name, label in FILTERS.items()
            if getattr(self, name)
        ]

    def options(self, name: str) -> list[tuple[str, str]]:
        """What a filter offers: value and words."""
        if name == "payer":
            return [(str(key), words) for key, words in self.payers.items()]
        if name == "reason":
            return [(word, NAMED[letter]) for word, letter in LETTERS.items()]
        return [(str(number), f"version {number}") for number in self.versions.values()]

    @property
    def menus(self) -> list[Menu]:
        """The filters that are not in force, as choices."""
        return [
            self.menu(name, label, self.options(name))
            for name, label in FILTERS.items()
            if not getattr(self, name) and self.options(name)
        ]


def read_asked(user: User, data: Mapping[str, str], *, page: str, today: date) -> Asked:
    """Read a question from an address or a form."""
    return Asked(user, today, page, given_of(data, NAMES))
