"""The forms of passkeys and security keys: django-allauth's, which take anything a browser may send."""

from __future__ import annotations

import unicodedata
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as allauth_forms
from django import forms
from django.core.exceptions import ValidationError

from accounts import passkeys
from accounts.forms import HIDDEN, only_seen

LONGEST_NAME = 60


class KeyField(forms.JSONField):
    """What the browser says about a key, as JSON: an object of ordinary size, or it was not recognised."""

    def __init__(self) -> None:
        words = {"required": passkeys.NOT_KNOWN, "invalid": passkeys.NOT_KNOWN}
        super().__init__(widget=forms.HiddenInput, error_messages=words)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > passkeys.LONGEST:
            raise ValidationError(passkeys.NOT_KNOWN)
        try:
            said = super().to_python(value)
        except RecursionError as error:
            raise ValidationError(passkeys.NOT_KNOWN) from error
        if said is not None and not isinstance(said, dict):
            raise ValidationError(passkeys.NOT_KNOWN)
        return said


class AddKeyForm(allauth_forms.AddWebAuthnForm):
    """A new key. Its name never refuses it: by then the device has made it."""

    name = forms.CharField(
        required=False, label="What do you call it?", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    credential = KeyField()
    passwordless = forms.BooleanField(required=False, label="Sign in with it alone, without the password")

    def clean_name(self) -> str:
        seen = "".join(one for one in self.cleaned_data["name"] if unicodedata.category(one) not in HIDDEN)
        self.cleaned_data["name"] = seen[:LONGEST_NAME].strip()
        return str(super().clean_name())

    def clean(self) -> dict[str, Any]:
        if self.user.pk and passkeys.count_of(self.user) >= passkeys.MOST:
            raise ValidationError(passkeys.FULL, code="full")
        with passkeys.told():
            said: dict[str, Any] = super().clean()
            if said.get("credential"):
                alone = bool(said.get("passwordless"))
                said["credential"] = passkeys.lean(said["credential"], alone=alone)
        return said


class _Recognised(forms.Form):
    """Whatever is wrong with the key that answers, it is told in one sentence."""

    def clean_credential(self) -> Authenticator:
        with passkeys.told():
            found: Authenticator = super().clean_credential()  # type: ignore[misc]
        return found


class SignInForm(_Recognised, allauth_forms.LoginWebAuthnForm):
    """Signing in by a passkey alone."""

    credential = KeyField()


class SecondFactorForm(_Recognised, allauth_forms.AuthenticateWebAuthnForm):
    """A key asked for after the password."""

    credential = KeyField()


class AgainForm(_Recognised, allauth_forms.ReauthenticateWebAuthnForm):
    """A key that shows it is still the same person."""

    credential = KeyField()


class NameForm(allauth_forms.EditWebAuthnForm):
    """Another name for a key."""

    use_required_attribute = False
    name = forms.CharField(
        max_length=LONGEST_NAME,
        label="Name",
        validators=[only_seen],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter a name you will know it by."},
    )
