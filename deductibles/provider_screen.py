"""The Billing provider page: what is in force, what cannot happen without it, and every version before."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.utils import timezone

from deductibles.domain import days, states
from deductibles.forms.settings import PROVIDER_FIELDS, ProviderForm, provider_shown
from deductibles.models import BillingProvider, Claim, provider_in_force
from deductibles.versions import Version, who_saved

SHOWN_CHANGES = 12
MOST_COUNTED = 1_000


class ProviderScreen:
    """What the page shows beside its form."""

    def __init__(self, company: Any) -> None:
        self.company = company
        self.row = provider_in_force(company.pk)
        self.put_back: BillingProvider | None = None

    @property
    def version(self) -> int:
        """The version in force, 0 before the first."""
        return self.row.version if self.row else 0

    def initial(self, version: str) -> dict[str, Any]:
        """The values in force, or those of an earlier version, to be looked at and saved."""
        if version.isascii() and version.isdigit() and len(version) < 10 and int(version) != self.version:
            rows = BillingProvider.objects.filter(company=self.company, version=int(version))
            self.put_back = rows.first()
        return {**provider_shown(self.put_back or self.row), "version": str(self.version)}

    @property
    def note(self) -> str:
        """What stands beside Save."""
        if self.put_back is not None:
            return f"Version {self.put_back.version} put back, not saved yet"
        if self.row is None:
            return "Nothing is saved yet"
        return f"Version {self.row.version}, saved {self._when(self.row.created_at)}"

    @cached_property
    def waiting(self) -> list[str]:
        """What stands still while there is no billing provider, in sentences; empty once there is one."""
        if self.row is not None:
            return []
        drafts, queued = self._count(states.DRAFT), self._count(states.QUEUED)
        return [
            "No claim can be completed: its final review names the billing provider as missing."
            + (f" {drafts} in draft." if drafts else ""),
            "No claim is newly held, for only a completed claim is decided.",
            "The nightly submission writes no file."
            + (f" {queued} wait in the queue until it can." if queued else ""),
        ]

    def _count(self, status: str) -> str:
        rows = Claim.objects.filter(company=self.company, status=status).values("pk")[: MOST_COUNTED + 1]
        count = len(rows)
        if not count:
            return ""
        return f"{MOST_COUNTED:,}+ claims" if count > MOST_COUNTED else f"{count:,} claim{'s' * (count > 1)}"

    def conflict(self, form: ProviderForm, sentence: str) -> dict[str, Any]:
        """Who saved another provider meanwhile, and where it differs from what was typed."""
        assert self.row is not None
        shown, typed = provider_shown(self.row), form.typed()
        changes = [
            {"field": label, "theirs": shown[name] or "none", "yours": typed[name] or "none"}
            for name, label in PROVIDER_FIELDS.items()
            if typed[name] != shown[name]
        ]
        when = self._when(self.row.created_at)
        return {"who": who_saved(self.row), "when": when, "changes": changes, "sentence": sentence}

    @cached_property
    def changes(self) -> list[Version]:
        """Every version, newest first: what changed, when and by whom."""
        rows = BillingProvider.objects.filter(company=self.company).order_by("-version")
        found = list(rows.prefetch_related("events__pgh_context")[: SHOWN_CHANGES + 1])
        pairs = zip(found, [*found[1:], None], strict=False)
        return [self._change(row, before) for row, before in pairs][:SHOWN_CHANGES]

    def _change(self, row: BillingProvider, before: BillingProvider | None) -> Version:
        lines = _lines(row, before) or ["Saved again unchanged"]
        return Version(
            number=row.version,
            title=lines[0],
            lines=lines[1:],
            when=self._when(row.created_at),
            who=who_saved(row),
            in_force=row.version == self.version,
        )

    def _when(self, at: Any) -> str:
        zone = self.company.zone
        local, year = at.astimezone(zone), timezone.now().astimezone(zone).year
        return f"{days.weekday(local.date(), year)}, {local:%H:%M}"


def _lines(row: BillingProvider, before: BillingProvider | None) -> list[str]:
    if before is None:
        return [f"{row.name} entered", f"NPI {row.npi}"]
    was, now = provider_shown(before), provider_shown(row)
    return [
        f"{label} {was[name] or 'none'} → {now[name] or 'none'}"
        for name, label in PROVIDER_FIELDS.items()
        if was[name] != now[name]
    ]
