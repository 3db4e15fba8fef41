"""The form of a back-test: which claims, and which numbers to try on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms

from deductibles.domain.back_terms import FIELDS, NUMBERS
from deductibles.forms.settings import PlainForm
from deductibles.models import BackTest, DeductibleSettings
from patients.models import Payer

EVERY_PAYER = "Every payer"
NO_PAYER = "No payer"


def _text(label: str, mode: str, placeholder: str = "") -> forms.CharField:
    shown = {"inputmode": mode, **({"placeholder": placeholder} if placeholder else {})}
    return forms.CharField(required=False, label=label, widget=forms.TextInput(attrs=shown))


class BackTestForm(PlainForm):
    """What is typed stays as it was typed; :mod:`deductibles.domain.back_terms` reads it."""

    from_on = _text("First day", "numeric", "2026-01-01")
    until_on = _text("Last day", "numeric", "2026-06-30")
    payer = forms.ChoiceField(required=False, label="Claims of")
    max_days = _text("Maximum days", "numeric")
    dollar_threshold = _text("Dollar threshold", "decimal")
    monitor_above = _text("Annual amounts from", "decimal")
    own_payer = forms.ChoiceField(required=False, label="Payer")
    own_max_days = _text("Its maximum days", "numeric")
    own_dollar_threshold = _text("Its dollar threshold", "decimal")
    own_monitor_above = _text("Its annual amounts from", "decimal")

    def __init__(self, data: Any = None, *, payers: Sequence[Payer], initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        named = [(str(payer.pk), payer.name) for payer in payers]
        for name, nobody in (("payer", EVERY_PAYER), ("own_payer", NO_PAYER)):
            field: Any = self.fields[name]
            field.choices = [("", nobody), *named]

    @property
    def has_own(self) -> bool:
        """Whether something of one payer's own numbers was typed, so that they are shown open."""
        shown = self.typed() if self.is_bound else self.initial
        return any(shown.get(name) for name in ("own_payer", *(f"own_{each}" for each in NUMBERS)))

    def body(self) -> dict[str, Any]:
        """What was typed, as the API takes it: an empty field is null."""
        return {name: value or None for name, value in self.typed().items()}


def first_shown(settings: DeductibleSettings, today: date) -> dict[str, str]:
    """The numbers in force, and the year before today."""
    shown = {name: _shown(getattr(settings, name)) for name in NUMBERS}
    return {"from_on": f"{today - timedelta(days=365)}", "until_on": f"{today - timedelta(days=1)}", **shown}


def shown_again(row: BackTest) -> dict[str, str]:
    """What was typed of an earlier back-test."""
    own = row.terms["own"] or {}
    shown: dict[str, Any] = {
        "from_on": row.from_on,
        "until_on": row.until_on,
        "payer": row.payer_id,
        "own_payer": row.own_payer_id,
        **{name: row.terms["proposed"][name] for name in NUMBERS},
        **{f"own_{name}": own.get(name) for name in NUMBERS},
    }
    return {name: _shown(shown[name]) for name in FIELDS}


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
