"""The form of a connection: what was typed, also the secret while the page comes back, sealed."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import InvalidToken
from django import forms

from accounts.models import User
from accounts.secrets import sealer
from deductibles.domain import sftp
from deductibles.forms.settings import PlainForm
from patients.domain.intake import Wrong

KEPT_SECONDS = 1800
"""How long a typed token outlives pages that come back with something to mend."""


class Unshown(forms.Textarea):
    """A field for several lines that never shows what was typed into it."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context(name, "", attrs)


ACCOUNT = ("key", "host_key", "compared", "outbox", "inbox")
"""What only an account of SFTP has."""


class ConnectionForm(PlainForm):
    """Where the vendor is, and the token or key it knows us by, which is never shown."""

    address = forms.CharField(
        required=False, label="Address", widget=forms.TextInput(attrs={"inputmode": "url"})
    )
    token = forms.CharField(
        required=False,
        label="Token",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "spellcheck": "false"}),
    )
    remove = forms.BooleanField(required=False, label="Remove the token that is kept")
    key = forms.CharField(
        required=False,
        label="Private key",
        widget=Unshown(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )
    host_key = forms.CharField(
        required=False,
        label="Host key of the server",
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"}),
    )
    compared = forms.BooleanField(required=False, label="I compared the fingerprint")
    outbox = forms.CharField(required=False, label="Folder for claims")
    inbox = forms.CharField(required=False, label="Folder for acknowledgements")
    account = forms.CharField(required=False, label="Account")
    notes = forms.CharField(required=False, label="Notes")
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, account: str, accounts: bool = False, **options: Any) -> None:
        """``accounts``: whether the vendor may also be an account of SFTP."""
        super().__init__(*args, **options)
        self.user, self.accounts = user, accounts
        self.fields["account"].label = account
        if accounts:
            self.fields["token"].label = "Token or password"
            self.fields["remove"].label = "Remove the token, key or password that is kept"
        for name in () if accounts else ACCOUNT:
            del self.fields[name]

    def body(self) -> dict[str, Any]:
        """What was typed, with a token that was typed on the page before this one."""
        body = self.typed()
        if not (body["token"] or body.get("key") or body["remove"]):
            kept = self._unsealed()
            body["key" if "\n" in kept else "token"] = kept
        return body

    @property
    def is_account(self) -> bool:
        """Whether the fields of an account are of use to what the address says."""
        return self.accounts and sftp.is_sftp(str(self["address"].value() or ""))

    @property
    def fingerprint(self) -> str:
        """What to compare: the fingerprint of the host key that stands in the form, if it is one."""
        try:
            typed = sftp.read_host_key(self["host_key"].value())
        except Wrong:
            return ""
        return str(sftp.host_key(typed)) if typed else ""

    def show_host_key(self, pinned: str) -> None:
        """Put a key that was seen into the form, to be compared: it is trusted by nobody yet."""
        kept = {name: value for name, value in self.data.items() if name != "compared"}
        self.data = {**kept, "host_key": pinned}

    @property
    def sealed_token(self) -> str:
        """The typed token for the page that comes back: Holdline alone opens it, for this person."""
        body = self.body() if self.is_bound else {}
        token = body.get("key") or body.get("token") or ""
        return self._sealer.encrypt(token.encode("utf-8", "replace")).decode() if token else ""

    def _unsealed(self) -> str:
        try:
            kept = str(self.data.get("sealed_token", "")).encode("ascii", "replace")
            return self._sealer.decrypt(kept, ttl=KEPT_SECONDS).decode() if kept else ""
        except (InvalidToken, ValueError):
            return ""

    @property
    def _sealer(self) -> Any:
        return sealer(f"typed token of person {self.user.pk}")

    @property
    def sealed_kind(self) -> str:
        """The field the sealed secret was typed into."""
        return "key" if self.is_bound and self.body().get("key") else "token"
