"""The form for an API token."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError

LIFETIMES = {"30": timedelta(days=30), "90": timedelta(days=90), "365": timedelta(days=365)}
_HIDDEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")


def only_seen(text: str) -> None:
    """Refuse letters nobody sees or that turn the others around: two names must not look alike and differ."""
    if any(unicodedata.category(letter) in _HIDDEN for letter in text):
        raise ValidationError("Use letters, digits and spaces.", code="characters")


class TokenForm(forms.Form):
    """What a person says about a new token: what it is for and how long it is good."""

    name = forms.CharField(
        max_length=80,
        label="What is it for?",
        help_text="The program or script that will use it, for example “nightly export”.",
        validators=[only_seen],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    lifetime = forms.ChoiceField(
        label="Good for",
        choices=[("30", "30 days"), ("90", "90 days"), ("365", "365 days")],
        initial="90",
        widget=forms.RadioSelect,
    )

    def clean_lifetime(self) -> timedelta:
        """Give the time it is good for."""
        return LIFETIMES[self.cleaned_data["lifetime"]]
