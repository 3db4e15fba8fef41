"""The forms of an account: inviting somebody, changing them, and the reason of an act."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.validators import ASCIIUsernameValidator

from accounts.forms import SeenForm, only_seen
from accounts.people_actions import Said
from accounts.roles import Role

ABOUT = {
    Role.AGENT: "files and works on tickets during calls",
    Role.BILLER: "works on claims and holds",
    Role.SUPERVISOR: "directs tickets, reads claims, sees reports",
    Role.ADMIN: "changes settings and people; sees no patient",
}
PLAIN = "Use letters without accents, digits and . - _ + @ only."
_OFF = {"autocomplete": "off"}


class PersonForm(SeenForm):
    """Name, mail address and role."""

    first_name = forms.CharField(
        max_length=60,
        validators=[only_seen],
        widget=forms.TextInput(attrs=_OFF),
        error_messages={"required": "Enter the first name, as colleagues know it."},
    )
    last_name = forms.CharField(
        max_length=60,
        validators=[only_seen],
        widget=forms.TextInput(attrs=_OFF),
        error_messages={"required": "Enter the last name."},
    )
    email = forms.EmailField(
        required=False,
        max_length=254,
        label="Mail address",
        widget=forms.EmailInput(attrs=_OFF),
        error_messages={"invalid": "This is no mail address. It looks like name@example.com."},
    )
    role = forms.ChoiceField(
        choices=[(role.value, f"{role.value.capitalize()}: {about}") for role, about in ABOUT.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a role.", "invalid_choice": "Choose one of the four roles."},
    )

    @property
    def said(self) -> Said:
        """What a valid form says."""
        known = self.cleaned_data
        return Said(known["first_name"], known["last_name"], known["email"], known["role"])


class InviteForm(PersonForm):
    """The same, and the name to sign in with."""

    username = forms.CharField(
        max_length=40,
        min_length=2,
        validators=[ASCIIUsernameValidator(message=PLAIN)],
        widget=forms.TextInput(attrs={**_OFF, "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={
            "required": "Enter the name they sign in with.",
            "min_length": "Use two letters or more.",
        },
    )
    field_order = ("first_name", "last_name", "username", "email", "role")

    def clean_username(self) -> str:
        """One spelling: names that differ in capitals alone would be mistaken for each other."""
        return str(self.cleaned_data["username"]).lower()


class ReasonForm(forms.Form):
    """Why somebody is disabled or loses their second factor: it is read later by who asks."""

    use_required_attribute = False
    reason = forms.CharField(
        max_length=180,
        validators=[only_seen],
        widget=forms.TextInput(attrs=_OFF),
        error_messages={"required": "Say why in a few words, for whoever asks later."},
    )

    def __init__(self, data: Any = None, *, act: str) -> None:
        super().__init__(data, auto_id=f"id_{act}_%s")
