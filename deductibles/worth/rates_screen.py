"""The page of the rates: what is in force, what stands beside it, and every version before."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.utils import timezone

from deductibles.domain import days
from deductibles.domain.rates import LABELS, MOST
from deductibles.forms.rates import RatesForm, rates_shown
from deductibles.models import HoldingRates, rates_in_force
from deductibles.versions import Version, who_saved

SHOWN_CHANGES = 12


class RatesScreen:
    """What the page shows beside its form."""

    def __init__(self, company: Any) -> None:
        self.company = company
        self.row = rates_in_force(company.pk)
        self.put_back: HoldingRates | None = None

    def initial(self, version: str) -> dict[str, Any]:
        """The rates in force, or those of an earlier version, to be looked at and saved."""
        wanted = version.isascii() and version.isdigit() and len(version) < 7 and int(version)
        if wanted and wanted != self.row.version:
            rows = HoldingRates.objects.filter(company=self.company, version=wanted)
            self.put_back = rows.first()
        return {**rates_shown(self.put_back or self.row), "version": str(self.row.version)}

    @property
    def note(self) -> str:
        """What stands beside Save."""
        if self.put_back is not None:
            return f"Version {self.put_back.version} put back, not saved yet"
        if not self.row.version:
            return "The usual rates; nothing is saved yet"
        return f"Version {self.row.version}, saved {self._when(self.row.created_at)}"

    def conflict(self, form: RatesForm, sentence: str) -> dict[str, Any]:
        """Who saved other rates meanwhile, and where they differ from what was typed."""
        shown, typed = rates_shown(self.row), form.typed()
        changes = [
            {"field": label, "theirs": shown[name] or "none", "yours": typed[name] or "none"}
            for name, label in LABELS.items()
            if typed[name] != shown[name]
        ]
        when = self._when(self.row.created_at) if self.row.version else ""
        return {"who": who_saved(self.row), "when": when, "changes": changes, "sentence": sentence}

    @cached_property
    def changes(self) -> list[Version]:
        """Every version, newest first: what changed, when and by whom."""
        rows = HoldingRates.objects.filter(company=self.company).order_by("-version")
        found = list(rows.prefetch_related("events__pgh_context")[: SHOWN_CHANGES + 1])
        pairs = zip(found, [*found[1:], None], strict=False)
        return [self._change(row, before) for row, before in pairs][:SHOWN_CHANGES]

    def _change(self, row: HoldingRates, before: HoldingRates | None) -> Version:
        lines = _lines(row, before) or ["Saved again unchanged"]
        return Version(
            number=row.version,
            title=lines[0],
            lines=lines[1:],
            when=self._when(row.created_at),
            who=who_saved(row),
            in_force=row.version == self.row.version,
        )

    def _when(self, at: Any) -> str:
        zone = self.company.zone
        local, year = at.astimezone(zone), timezone.now().astimezone(zone).year
        return f"{days.weekday(local.date(), year)}, {local:%H:%M}"


def _lines(row: HoldingRates, before: HoldingRates | None) -> list[str]:
    """What changed; the first version is told against the usual rates."""
    was, now = rates_shown(before or rates_in_force(0)), rates_shown(row)
    units = dict.fromkeys(MOST, "%")
    return [
        f"{label} {was[name] or 'none'}{units.get(name, '')} → {now[name] or 'none'}{units.get(name, '')}"
        for name, label in LABELS.items()
        if was[name] != now[name]
    ]
