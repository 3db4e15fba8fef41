"""The form for an API token, and what forms of people and teams have in common."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.roles import READS, Can, own_capabilities

LIFETIMES = {"30": timedelta(days=30), "90": timedelta(days=90), "365": timedelta(days=365)}
HIDDEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")


def only_seen(text: str) -> None:
    """Refuse letters nobody sees or that turn the others around: two names must not look alike and differ."""
    if any(unicodedata.category(letter) in HIDDEN for letter in text):
        raise ValidationError("Use letters, digits and spaces.", code="characters")


class SeenForm(forms.Form):
    """A form that says what it has seen, and takes what an action finds wrong beside its field."""

    data: Any
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    use_required_attribute = False

    def take(self, wrong: dict[str, str]) -> None:
        """Put each sentence beside the field it is about."""
        self.full_clean()
        for name, sentence in wrong.items():
            self.add_error(name if name in self.fields else None, sentence)

    def saw(self, seen: str) -> None:
        """From now on the form is about this, whatever was sent."""
        self.data = self.data.copy()
        self.data["seen"] = seen


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

    reach = forms.ChoiceField(
        label="May",
        choices=[("all", "everything you may"), ("read", "only read"), ("some", "only what is ticked")],
        initial="all",
        required=False,
        widget=forms.RadioSelect,
    )
    may_do = forms.MultipleChoiceField(
        label="What it may do", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, role: str, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.own = own_capabilities(role)
        field: Any = self.fields["may_do"]
        field.choices = [(one.value, one.value) for one in self.own]

    def clean(self) -> dict[str, Any]:
        """A token that is to be limited says to what."""
        said = super().clean() or {}
        if said.get("reach") == "some" and not said.get("may_do") and "may_do" not in self.errors:
            self.add_error("may_do", "Tick at least one thing, or choose “everything you may”.")
        return said

    @property
    def limits(self) -> list[Can]:
        """What a valid form limits the token to; nothing for all."""
        reach = self.cleaned_data.get("reach")
        if reach == "read":
            return [one for one in self.own if one in READS]
        return [Can(one) for one in self.cleaned_data["may_do"]] if reach == "some" else []

    def clean_lifetime(self) -> timedelta:
        """Give the time it is good for."""
        return LIFETIMES[self.cleaned_data["lifetime"]]
