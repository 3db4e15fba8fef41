"""The page of the rates by which the worth of holding is counted."""

from __future__ import annotations

from typing import Any

from django import forms

from deductibles.domain.rates import LABELS, MOST, percent
from deductibles.forms.settings import PlainForm
from deductibles.models import HoldingRates


class RatesForm(PlainForm):
    """The three rates in per cent, and where the first was measured."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, label in LABELS.items():
            shown = {"inputmode": "decimal"} if name in MOST else {"maxlength": "200"}
            shown = {"placeholder": "2026-05-31", "inputmode": "numeric"} if name == "measured_to" else shown
            self.fields[name] = forms.CharField(
                required=False, label=label, widget=forms.TextInput(attrs=shown)
            )


def rates_shown(row: HoldingRates) -> dict[str, str]:
    """A version of the rates as the form shows it."""
    shares = {name: percent(getattr(row, name)) for name in MOST}
    measured = row.measured_to.isoformat() if row.measured_to else ""
    return {**shares, "source": row.source, "measured_to": measured}
