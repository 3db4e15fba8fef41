"""Settings pages: deductible monitoring, the billing provider, and starting a night."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from deductibles.actions.moves import Invalid
from deductibles.models import BillingProvider, DeductibleSettings
from patients.domain.intake import day, one_of, read_all, whole

PROVIDER_FIELDS: dict[str, str] = {
    "name": "Name",
    "npi": "NPI",
    "tax_id": "Tax id",
    "taxonomy": "Taxonomy",
    "line1": "Address line 1",
    "line2": "Address line 2",
    "city": "City",
    "state": "State",
    "zip": "ZIP",
    "contact_name": "Contact's name",
    "contact_phone": "Contact's phone",
    "submitter_id": "Submitter id",
    "submitter_name": "Submitter's name",
    "receiver_id": "Receiver id",
    "receiver_name": "Receiver's name",
}


class PlainForm(forms.Form):
    """A form whose values the intake reads: it only carries what was typed and what is wrong with it."""

    use_required_attribute = False

    def typed(self) -> dict[str, Any]:
        """What was typed, by field; boxes as booleans."""
        return {name: self._one(name, field) for name, field in self.fields.items()}

    def _one(self, name: str, field: forms.Field) -> Any:
        if isinstance(field, forms.BooleanField):
            return bool(self.data.get(name))
        return str(self.data.get(name, "")).strip()

    def take(self, wrong: Mapping[str, Iterable[tuple[str, str]]]) -> None:
        """Put each sentence beside the field it is about, or at the top when there is none."""
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data: dict[str, Any] = {}
        for name, problems in wrong.items():
            for code, sentence in problems:
                known = name if name in self.fields else None
                self.add_error(known, forms.ValidationError(sentence, code=code))


def _number() -> forms.CharField:
    return forms.CharField(required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"}))


class SettingsForm(PlainForm):
    """Deductible Monitoring, with the labels billers know (D-CONF-2…8)."""

    automatic = forms.BooleanField(required=False, label="Automated deductible monitoring")
    max_days = _number()
    dollar_threshold = _number()
    monitor_above = _number()
    manual = forms.BooleanField(
        required=False,
        label="Automatically queue claims manually placed in Suspended - Hold for Deductible status.",
    )
    manual_days = _number()
    guard_days = _number()
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    labels = {
        "max_days": "Maximum number of days that a claim will be held",
        "dollar_threshold": "Dollar threshold",
        "monitor_above": "Monitor claims for annual deductible amounts greater than",
        "manual_days": "Days a manual hold lasts",
        "guard_days": "Days before the timely filing deadline",
    }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, label in self.labels.items():
            self.fields[name].label = label

    def body(self) -> dict[str, Any]:
        """What was typed as the body of ``PUT deductible-settings/``: an empty number of days is null."""
        body = self.typed()
        for name in ("max_days", "manual_days"):
            body[name] = body[name] or None
        version = body.pop("version")
        return {**body, "version": version} if version else body


def settings_shown(row: DeductibleSettings) -> dict[str, Any]:
    """The settings in force as the form shows them."""
    days = ("max_days", "manual_days", "guard_days")
    shown = {name: "" if getattr(row, name) is None else str(getattr(row, name)) for name in days}
    money = {name: f"{getattr(row, name):.2f}" for name in ("dollar_threshold", "monitor_above")}
    switches = {"automatic": row.automatic, "manual": row.manual}
    return {**switches, **shown, **money, "version": str(row.version)}


class ProviderForm(PlainForm):
    """As whom the company bills and with whom it exchanges files (D-SUB-0)."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, label in PROVIDER_FIELDS.items():
            self.fields[name] = forms.CharField(required=False, label=label)

    def body(self) -> dict[str, Any]:
        """What was typed as the body of ``PUT billing-provider/``, without its version."""
        return {name: value for name, value in self.typed().items() if name != "version"}

    def version_read(self) -> int | None:
        """The version the form was read from, so that of two at once the second is told; raises Invalid."""
        clean, wrong = read_all({"version": whole("Version", 0, 999_999)}, self.typed())
        if wrong:
            raise Invalid.of(wrong)
        found: int | None = clean["version"]
        return found


def provider_shown(row: BillingProvider | None) -> dict[str, Any]:
    """A version of the provider as the form shows it; empty before there is one."""
    return {name: getattr(row, name) for name in PROVIDER_FIELDS} if row else {}


class NightForm(PlainForm):
    """Which night to run, and for which date."""

    kind = forms.ChoiceField(
        choices=[("check", "Deductible check"), ("submission", "Submission")],
        widget=forms.RadioSelect,
        initial="check",
        required=False,
        label="Run",
    )
    target_date = forms.CharField(
        required=False,
        label="Target date",
        widget=forms.TextInput(attrs={"placeholder": "2026-05-20", "inputmode": "numeric"}),
    )

    def read(self) -> tuple[dict[str, Any], dict[str, list[tuple[str, str]]]]:
        """The kind and the date (None for tonight), and what is wrong by field."""
        readers = {
            "kind": one_of("Run", ("check", "submission")),
            "target_date": day("Target date", required=False),
        }
        clean, wrong = read_all(readers, self.typed())
        return clean, {name: [(problem.code, problem.sentence)] for name, problem in wrong.items()}
