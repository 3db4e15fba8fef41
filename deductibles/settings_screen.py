"""The Deductible Monitoring page: what is in force, what changed before, what a change would do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import QueryDict

from deductibles.actions.settings import Preview
from deductibles.domain.money import dollars
from deductibles.forms.settings import SettingsForm, settings_shown
from deductibles.models import DeductibleSettings, settings_in_force
from patients.models import Payer

SHOWN_CHANGES = 6
_WORDS = {
    "automatic": "Automated deductible monitoring",
    "max_days": "Maximum days",
    "dollar_threshold": "Dollar threshold",
    "monitor_above": "Annual amounts",
    "manual": "Manual holds queued automatically",
    "manual_days": "Manual days",
    "guard_days": "Guard days",
}


class SettingsScreen:
    """What the page shows beside its form."""

    def __init__(self, company: Any) -> None:
        self.company = company
        self.row = settings_in_force(company.pk)
        self.preview: Preview | None = None

    @property
    def in_force(self) -> str:
        """The settings in force as one sentence."""
        row = self.row
        if not row.automatic:
            return "No claim is held automatically: monitoring is off."
        return (
            f"Held while more than {dollars(row.dollar_threshold)} remains of an annual deductible of "
            f"{dollars(row.monitor_above)} or more, {row.max_days} days at most."
        )

    @property
    def days_advice(self) -> str:
        """D-CONF-4: the advice about the shortest timely filing limit, with the company's own."""
        payers = Payer.objects.filter(company=self.company).exclude(filing_limit_days=None)
        shortest = payers.order_by("filing_limit_days").first()
        advice = "From 1 to 365. Keep it well inside your shortest timely filing limit."
        if shortest is None:
            return advice
        return f"{advice} Yours is {shortest.name}, {shortest.filing_limit_days} days."

    def differences(self, form: SettingsForm) -> dict[str, str]:
        """What was, for every field that was changed and not saved yet."""
        if not form.is_bound:
            return {}
        shown, typed = settings_shown(self.row), form.typed()
        return {name: _word(shown[name]) for name in _WORDS if not _same(typed[name], shown[name])}

    def conflict(self, form: SettingsForm, sentence: str) -> dict[str, Any]:
        """Who saved other settings meanwhile, and where they differ from what was typed."""
        shown, typed = settings_shown(self.row), form.typed()
        changes = [
            {"field": _WORDS[name], "theirs": _word(shown[name]), "yours": _word(typed[name])}
            for name in _WORDS
            if not _same(typed[name], shown[name])
        ]
        when = f"{self.row.created_at.astimezone(self.company.zone):%A %-d %B, %H:%M}"
        return {"who": _who(self.row), "when": when, "changes": changes, "sentence": sentence}

    def posted(self, data: QueryDict) -> QueryDict:
        """What was typed; *put back* gives one field its value in force again."""
        shown, name = settings_shown(self.row), data.get("put_back", "")
        if name not in _WORDS:
            return data
        data = data.copy()
        value = shown[name]
        if isinstance(value, bool):
            data.pop(name, None)
            if value:
                data[name] = "on"
        else:
            data[name] = str(value)
        return data

    def note(self, changed: int) -> str:
        """What stands beside Save."""
        effect = "takes effect at tonight’s run, 03:00 UTC"
        if not changed:
            return effect.capitalize().replace("utc", "UTC")
        return f"{changed} change{'s' if changed > 1 else ''} · {effect}"

    @property
    def changes(self) -> list[dict[str, Any]]:
        """Earlier changes, newest first: what, when and who (D-CONF-11)."""
        rows = DeductibleSettings.objects.filter(company=self.company).order_by("-version")
        found = list(rows.prefetch_related("events__pgh_context")[: SHOWN_CHANGES + 1])
        pairs = zip(found, [*found[1:], None], strict=False)
        return [self._change(row, before) for row, before in pairs][:SHOWN_CHANGES]

    def _change(self, row: DeductibleSettings, before: DeductibleSettings | None) -> dict[str, Any]:
        first, *others = _lines(row, before) or [f"Version {row.version}, saved again unchanged"]
        when = row.created_at.astimezone(self.company.zone)
        return {"title": first, "lines": others, "when": _when(when), "who": _who(row)}


def _lines(row: DeductibleSettings, before: DeductibleSettings | None) -> list[str]:
    now = settings_shown(row)
    if before is None:
        return [f"Version {row.version}"]
    was = settings_shown(before)
    return [
        f"{_WORDS[name]} {_word(was[name])} → {_word(now[name])}" for name in _WORDS if now[name] != was[name]
    ]


def _who(row: DeductibleSettings) -> str:
    """Who saved a version, from the audit."""
    history: Any = row
    contexts = [event.pgh_context for event in history.events.all() if event.pgh_context]
    return str(contexts[0].metadata.get("who", "")) if contexts else ""


def _same(typed: Any, shown: Any) -> bool:
    if isinstance(shown, bool):
        return bool(typed) == shown
    plain = str(typed).replace("$", "").replace(",", "")
    return plain == shown or (plain.isdecimal() and f"{plain}.00" == shown)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) or "none"


def _when(moment: datetime) -> str:
    return f"{moment:%a %-d %B %Y}"
