"""The form of a company's provider, and the one question of who signs in by it."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.forms import SeenForm, only_seen
from accounts.models import SignInProvider
from accounts.provider_actions import Said
from work.oidc import line, probe
from work.oidc.domain.address import NoAddress, domain_of, read_domains, read_issuer

_OFF = {"autocomplete": "off", "spellcheck": "false"}
LABELS = {
    "name": "What people call it",
    "issuer": "Issuer",
    "client_id": "Client id",
    "domains": "Mail domains",
    "enabled": "Sign-in by the provider",
    "alone": "By the provider alone",
    "second_factor": "Second factor there",
    "admits": "People who are not known yet",
}


class ProviderForm(SeenForm):
    """Everything of a provider; the secret is written and never shown."""

    name = forms.CharField(
        max_length=60,
        label=LABELS["name"],
        validators=[only_seen],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter what people call it, such as Okta or Company account."},
    )
    issuer = forms.CharField(
        max_length=300,
        label=LABELS["issuer"],
        widget=forms.TextInput(attrs={**_OFF, "inputmode": "url"}),
        error_messages={"required": "Enter the issuer. Type it as https://login.example.com."},
    )
    client_id = forms.CharField(
        max_length=255,
        label=LABELS["client_id"],
        validators=[only_seen],
        widget=forms.TextInput(attrs=_OFF),
        error_messages={"required": "Enter the client id that the provider shows for Holdline."},
    )
    secret = forms.CharField(
        required=False,
        max_length=1000,
        label="Client secret",
        strip=True,
        validators=[only_seen],
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "spellcheck": "false"}),
    )
    domains = forms.CharField(
        max_length=3000,
        label=LABELS["domains"],
        widget=forms.TextInput(attrs=_OFF),
        error_messages={
            "required": "Name a mail domain: who types an address of it at sign-in is led to the provider."
        },
    )
    enabled = forms.BooleanField(required=False, label="People sign in by the provider")
    alone = forms.BooleanField(required=False, label="By it alone: no password and no passkey of ours")
    second_factor = forms.BooleanField(required=False, label="It always asks for a second factor")
    admits = forms.ChoiceField(
        required=False,
        label=LABELS["admits"],
        choices=[
            ("", "Stay outside: an admin invites each person first"),
            ("agent", "Come in as agent"),
            ("biller", "Come in as biller"),
            ("supervisor", "Come in as supervisor"),
        ],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of the four."},
    )

    def clean_issuer(self) -> str:
        """The issuer as it is kept."""
        try:
            url = read_issuer(self.cleaned_data["issuer"], line.rules())
        except NoAddress as problem:
            raise forms.ValidationError(str(problem)) from None
        if inside := probe.leads_inside(url):
            raise forms.ValidationError(inside)
        return url

    def clean_domains(self) -> tuple[str, ...]:
        """The domains, each once."""
        try:
            return read_domains(self.cleaned_data["domains"])
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from None

    @property
    def said(self) -> Said:
        """What a valid form says."""
        return Said(**{name: self.cleaned_data[name] for name in (*LABELS, "secret")})


def typed_of(row: SignInProvider | None) -> dict[str, Any]:
    """What the form shows of a provider as it is kept."""
    if row is None:
        return {"enabled": True, "admits": "", "seen": ""}
    shown = {name: getattr(row, name) for name in LABELS if name != "domains"}
    domains = row.domains.order_by("domain").values_list("domain", flat=True)
    return {**shown, "domains": ", ".join(domains), "seen": str(row.version)}


class AddressForm(forms.Form):
    """Whose provider it is: told by the domain of a mail address."""

    use_required_attribute = False
    address = forms.CharField(
        max_length=254,
        label="Your work mail address",
        widget=forms.EmailInput(
            attrs={
                "autocomplete": "email",
                "autocapitalize": "none",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
        error_messages={
            "required": "Type your work mail address, as name@company.example.",
            "max_length": "This is too long for a mail address.",
        },
    )

    def clean_address(self) -> str:
        """Its domain; the address itself is not needed and not kept."""
        domain = domain_of(self.cleaned_data["address"])
        if not domain:
            raise forms.ValidationError("This is no mail address. It looks like name@company.example.")
        return domain
