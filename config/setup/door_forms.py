"""The two forms at the door: the set-up code, and the company with its first admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from accounts.company_actions import read_zone
from accounts.company_views import CompanyForm
from accounts.forms import SeenForm
from accounts.models import User
from accounts.people_actions import Said
from accounts.people_forms import InviteForm
from accounts.roles import Role
from accounts.steps import Unfit
from config.setup.opening import Opening

KEY_LENGTH = 50
NO_KEY = "Use small letters, digits and dashes, two or more: acme-billing."
_OFF = {"autocomplete": "off"}
_NEW = {"autocomplete": "new-password"}


def key_wrong(key: str) -> str:
    """What is wrong with a company's short name; empty for a good one."""
    return "" if key == slugify(key) and 1 < len(key) <= KEY_LENGTH else NO_KEY


class CodeForm(forms.Form):
    """The set-up code, as somebody types or pastes it."""

    use_required_attribute = False
    code = forms.CharField(
        max_length=200,
        label="Set-up code",
        widget=forms.TextInput(attrs={**_OFF, "class": "setup-code", "spellcheck": "false"}),
        error_messages={"required": "Type the set-up code.", "max_length": "A set-up code is much shorter."},
    )


class OpeningForm(SeenForm):
    """The company, its zone, and the person who is its first admin, each by the rules of its own page."""

    name = CompanyForm.base_fields["name"]
    key = forms.CharField(
        required=False,
        max_length=KEY_LENGTH,
        label="Short name",
        widget=forms.TextInput(attrs={**_OFF, "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"max_length": NO_KEY},
    )
    time_zone = CompanyForm.base_fields["time_zone"]
    first_name = InviteForm.base_fields["first_name"]
    last_name = InviteForm.base_fields["last_name"]
    username = InviteForm.base_fields["username"]
    email = InviteForm.base_fields["email"]
    password1 = forms.CharField(
        max_length=2000,
        strip=False,
        label="Password",
        widget=forms.PasswordInput(attrs=_NEW),
        error_messages={"required": "Choose a password."},
    )
    password2 = forms.CharField(
        required=False, max_length=2000, strip=False, widget=forms.PasswordInput(attrs=_NEW)
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["username"].error_messages["required"] = "Choose the name you sign in with."

    def clean_key(self) -> str:
        """The short name as typed; left empty, it is made of the name."""
        typed, name = str(self.cleaned_data["key"]).strip(), self.cleaned_data.get("name", "")
        if not typed and not name:
            return ""  # the name is missing, and says so
        key = typed or slugify(name)[:KEY_LENGTH].strip("-")
        if wrong := key_wrong(key):
            raise ValidationError(wrong if typed else f"The name makes no short name. {wrong}")
        return key

    def clean_time_zone(self) -> str:
        """A zone there is."""
        try:
            return read_zone(self.cleaned_data["time_zone"])
        except Unfit as unfit:
            raise ValidationError(unfit.wrong["time_zone"]) from None

    def clean_username(self) -> str:
        """One spelling, as for everybody who is invited."""
        return str(self.cleaned_data["username"]).lower()

    def clean(self) -> dict[str, Any]:
        """The password by the rules of all passwords, typed twice alike."""
        said = super().clean() or {}
        password = said.get("password1")
        if not password:
            return said
        names = ("username", "first_name", "last_name", "email")
        person = User(role=Role.ADMIN, **{name: said.get(name, "") for name in names})
        try:
            validate_password(password, person)
        except ValidationError as wrong:
            self.add_error("password1", wrong)
        if password != said.get("password2"):
            self.add_error("password2", "Type the same password twice.")
        return said

    @property
    def said(self) -> Opening:
        """What a valid form says."""
        known = self.cleaned_data
        return Opening(
            key=known["key"],
            name=known["name"],
            zone=known["time_zone"],
            username=known["username"],
            admin=Said(known["first_name"], known["last_name"], known["email"], Role.ADMIN),
        )
