"""What the ledger is asked for: a period and filters, all of them in the address and shown as chips."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
from tables.face import Chip, Menu, Option, address_with

FIRST_YEAR, LAST_YEAR = 2000, 2099
LONGEST = 3660
"""A report covers so many days at most: ten years."""
USUAL = "last-12-months"
WORDS = {"m": "met", "e": "elapsed", "h": "by-hand", "u": "unknown"}
"""A reason's letter as an address and the API have it."""
LETTERS = {word: letter for letter, word in WORDS.items()}
NAMED = dict(REASONS)
FILTERS = {"payer": "Payer", "reason": "Reason", "settings": "Settings when held"}
NAMES = ("period", "from", "to", *FILTERS)


def month_of(on: date, back: int = 0) -> date:
    """The first day of the month, so many months before that of ``on``."""
    months = on.year * 12 + on.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


PRESETS: dict[str, tuple[str, Callable[[date], tuple[date, date]]]] = {
    "last-3-months": ("Last 3 months", lambda today: (month_of(today, 2), today)),
    "last-12-months": ("Last 12 months", lambda today: (month_of(today, 11), today)),
    "last-24-months": ("Last 24 months", lambda today: (month_of(today, 23), today)),
    "this-year": ("This year", lambda today: (date(today.year, 1, 1), today)),
    "last-year": ("Last year", lambda today: (date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))),
}


@dataclass
class Asked:
    """A question to the ledger by one person on one day; ``wrong`` is what was not understood, by field."""

    user: User
    today: date
    page: str
    given: dict[str, str]
    wrong: dict[str, Wrong] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.preset, self.first, self.last = self._period()
        self.payer = self._known("payer", {str(key) for key in self.payers})
        self.reason = self._known("reason", set(LETTERS))
        self.settings = self._known("settings", {str(number) for number in self.versions.values()})

    def _period(self) -> tuple[str, date, date]:
        named = self.given.get("period", "")
        usual = (USUAL, *PRESETS[USUAL][1](self.today))
        if named in PRESETS:
            return (named, *PRESETS[named][1](self.today))
        if named:
            self.wrong["period"] = Wrong("choice", f"A period is one of: {', '.join(PRESETS)}.")
            return usual
        if not (self.given.get("from") or self.given.get("to")):
            return usual
        first, last = self._date("from"), self._date("to")
        if first is None or last is None:
            return usual
        if last < first:
            self.wrong["to"] = Wrong("range", "The period ends before it begins. Choose a later last day.")
            return usual
        if (last - first).days >= LONGEST:
            self.wrong["to"] = Wrong("range", "The ledger shows ten years at most. Choose a shorter period.")
            return usual
        return "", first, last

    def _date(self, name: str) -> date | None:
        said = self.given.get(name, "")
        if not said and name == "to":
            return self.today
        try:
            found = date.fromisoformat(said) if len(said) == 10 and said.isascii() else None
        except ValueError:
            found = None
        if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
            end = "first" if name == "from" else "last"
            self.wrong[name] = Wrong("date", f"The {end} day is a date such as 2026-05-20.")
            return None
        return found

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
        found: dict[str, Any] = {"from": self.first, "to": self.last}
        if self.payer:
            found["payer"] = int(self.payer)
        if self.reason:
            found["reason"] = LETTERS[self.reason]
        if self.settings:
            found["settings"] = next(key for key, no in self.versions.items() if str(no) == self.settings)
        return found

    @property
    def words(self) -> str:
        """The period as it is said."""
        first, last = self.first, self.last
        if first.year == last.year:
            return f"{first.day} {first:%B} to {last.day} {last:%B %Y}"
        return f"{first.day} {first:%B %Y} to {last.day} {last:%B %Y}"

    @property
    def dates(self) -> dict[str, str]:
        """The period as two dates, for an address that must mean the same tomorrow."""
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}

    @property
    def state(self) -> dict[str, str]:
        """What the address says that was understood."""
        period = self.dates if not self.preset else {}
        if self.preset not in ("", USUAL):
            period = {"period": self.preset}
        kept = {name: getattr(self, name) for name in FILTERS}
        return {name: value for name, value in {**period, **kept}.items() if value}

    def address(self, page: str = "", **changes: str) -> str:
        """The report with some filters changed."""
        return address_with(page or self.page, self.state, changes)

    def claims(self, **wanted: str) -> str:
        """The list of the claims behind a figure, with the filters in force."""
        kept = {name: getattr(self, name) for name in FILTERS}
        return address_with(reverse("deductibles:worth_claims"), {**self.dates, **kept}, wanted)

    def claims_of_month(self, month: date) -> str:
        """The claims behind a month's figure, as far as it lies in the period."""
        ends = month_of(month, -1) - timedelta(days=1)
        first, last = max(month, self.first), min(ends, self.last)
        return self.claims(**{"from": first.isoformat(), "to": last.isoformat()})

    @property
    def periods(self) -> list[Option]:
        """The periods that have a name."""
        return [
            Option(words, self.address(**{"period": key, "from": "", "to": ""}), key == self.preset)
            for key, (words, _) in PRESETS.items()
        ]

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

    @property
    def about(self) -> str:
        """The filters in force in words, for the line above the heading and for paper."""
        return "".join(f" · {chip.value}" for chip in self.chips)

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
            Menu(
                name,
                label,
                [Option(words, self.address(**{name: value})) for value, words in self.options(name)],
            )
            for name, label in FILTERS.items()
            if not getattr(self, name) and self.options(name)
        ]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The filters as fields of a form."""
        return list(self.state.items())

    @property
    def kept_undated(self) -> list[tuple[str, str]]:
        """The same without the period, for the form that chooses one."""
        return [(name, value) for name, value in self.state.items() if name not in ("period", "from", "to")]


def read_asked(user: User, data: Mapping[str, str], *, page: str, today: date) -> Asked:
    """Read a question from an address or a form."""
    return Asked(user, today, page, {name: plain(data.get(name, "")) for name in NAMES})


def plain(value: str) -> str:
    """A filter as an address may repeat it."""
    return value.replace("\x00", "").encode(errors="ignore").decode().strip()[:100]
