"""The form that sets a claim aside."""

from __future__ import annotations

from django import forms

from deductibles.forms.settings import PlainForm


class AsideForm(PlainForm):
    """Until when a claim is out of sight, and why."""

    until_on = forms.CharField(
        required=False, label="Until", widget=forms.TextInput(attrs={"type": "date", "autocomplete": "off"})
    )
    reason = forms.CharField(
        required=False,
        label="Reason",
        widget=forms.TextInput(attrs={"maxlength": 300, "autocomplete": "off"}),
    )
