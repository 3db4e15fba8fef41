"""The Hold for Deductible page: its lines, its filters as chips and links, its order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.http import urlencode

from deductibles import queries
from deductibles.hold_filters import NAMES, ORDERINGS, REASONS, RELEASE_FIRST, matching, read_filters
from deductibles.models import DeductibleSettings, Hold, settings_in_force
from patients.models import Payer

_LABELS = {
    "claim": "Claim number",
    "kind": "Kind",
    "queued": "Queued claim",
    "queueable": "Can be queued",
    "clearable": "Can be cleared",
    "reason": "Queued reason",
    "payer": "Payer",
    "q": "Search",
    "release_before": "Release date before",
}
_SORTS = (
    ("claim_number", "Claim number", ""),
    ("patient", "Patient", ""),
    ("payer", "Payer", ""),
    ("started_on", "Monitoring started", ""),
    ("days_remaining", "Days remaining on hold", ""),
    ("release_on", "Release date", ""),
    ("annual", "Annual", "num"),
    ("remaining", "Remaining", "num"),
    ("", "Last check", ""),
    ("next_check_on", "Next check", ""),
    ("", "Queued claim", ""),
    ("", "Queued reason", ""),
)
_ICONS = {"Deductible met": "circle-check", "Time elapsed": "clock", "Manually queued": "user"}


@dataclass(frozen=True)
class Line:
    """One line of the page (D-PAGE-2)."""

    hold: Hold
    days: int | None
    elapsed: int
    queueable: bool
    clearable: bool
    reason: str
    icon: str


class HoldScreen:
    """Everything the page shows that its filters decide."""

    def __init__(self, user: Any, given: Mapping[str, str], *, today: date) -> None:
        self.user, self.today = user, today
        self.typed = {name: str(given.get(name, "")).strip()[:100] for name in NAMES}
        self.wanted, self.wrong = read_filters(_storable(self.typed))
        asked = given.get("ordering", "")
        self.ordering = asked if asked in ORDERINGS else RELEASE_FIRST
        self.settings: DeductibleSettings = settings_in_force(user.company.pk)

    @property
    def rows(self) -> Any:
        """The lines that match, in no order yet."""
        return matching(self.user, self.wanted)

    def lines(self, holds: list[Hold]) -> list[Line]:
        """What the template shows of each hold."""
        return [self._line(row) for row in holds]

    def _line(self, row: Hold) -> Line:
        days = row.days_remaining(self.today)
        reason = row.reason
        return Line(
            hold=row,
            days=days,
            elapsed=min(max((self.today - row.started_on).days, 0), 365),
            queueable=queries.is_queueable(row),
            clearable=queries.is_clearable(row),
            reason=reason,
            icon=_ICONS.get(reason, "circle-question-mark"),
        )

    @property
    def payers(self) -> list[Payer]:
        """Payers to filter by."""
        return list(Payer.objects.visible_to(self.user).order_by("name", "pk")[:200])

    reasons = REASONS

    @property
    def chips(self) -> list[dict[str, str]]:
        """The filters in force, each with the address without it."""
        return [
            {"label": _LABELS[name], "value": self._said(name), "remove": self.address(**{name: ""})}
            for name in NAMES
            if name in self.wanted
        ]

    def _said(self, name: str) -> str:
        value = self.wanted[name]
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, date):
            return f"{value:%-d %B %Y}"
        if name == "payer":
            payer = Payer.objects.visible_to(self.user).filter(pk=value).first()
            return payer.name if payer else "unknown"
        return str(value)

    @property
    def heads(self) -> list[dict[str, Any]]:
        """The columns' heads; those that sort are links, the one in force says which way."""
        return [self._head(name, label, look) for name, label, look in _SORTS]

    def _head(self, name: str, label: str, look: str) -> dict[str, Any]:
        if not name:
            return {"label": label, "class": look, "href": "", "sort": ""}
        down = self.ordering == name
        sort = {name: "ascending", f"-{name}": "descending"}.get(self.ordering, "")
        href = self.address(ordering=f"-{name}" if down else name)
        return {"label": label, "class": look, "href": href, "sort": sort}

    def address(self, **changes: str) -> str:
        """This page with other filters, from its first line."""
        order = "" if self.ordering == RELEASE_FIRST else self.ordering
        kept = {**{name: self.typed[name] for name in self.wanted}, "ordering": order, **changes}
        return f"?{urlencode({name: value for name, value in kept.items() if value})}"

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The filters in force as fields of the bulk form."""
        kept = [(name, self.typed[name]) for name in self.wanted]
        return [*kept, ("ordering", self.ordering)]


def _storable(typed: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in typed.items() if value}


def screen_of(user: Any, data: QueryDict, *, today: date) -> HoldScreen:
    """The screen for an address or for what the bulk form carries of it."""
    return HoldScreen(user, {name: data.get(name, "") for name in (*NAMES, "ordering")}, today=today)
