"""The form of a connection: what was typed, also the token while the page comes back, sealed."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import InvalidToken
from django import forms

from accounts.models import User
from accounts.secrets import sealer
from deductibles.forms.settings import PlainForm

KEPT_SECONDS = 1800
"""How long a typed token outlives pages that come back with something to mend."""


class ConnectionForm(PlainForm):
    """Where the vendor is, and the token it knows us by; the token is never shown."""

    address = forms.CharField(
        required=False, label="Address", widget=forms.TextInput(attrs={"inputmode": "url"})
    )
    token = forms.CharField(
        required=False,
        label="Token",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "spellcheck": "false"}),
    )
    remove = forms.BooleanField(required=False, label="Remove the token that is kept")
    account = forms.CharField(required=False, label="Account")
    notes = forms.CharField(required=False, label="Notes")
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, account: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user
        self.fields["account"].label = account

    def body(self) -> dict[str, Any]:
        """What was typed, with a token that was typed on the page before this one."""
        body = self.typed()
        body["token"] = body["token"] or ("" if body["remove"] else self._unsealed())
        return body

    @property
    def sealed_token(self) -> str:
        """The typed token for the page that comes back: Holdline alone opens it, for this person."""
        token = self.body()["token"] if self.is_bound else ""
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
