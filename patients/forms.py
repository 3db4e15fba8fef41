"""The patient's and the payer's forms: labels and widgets; the rules live in the intake."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils import timezone

from patients.domain import intake
from patients.domain.zones import ZONES
from patients.models import SEXES, Channel, Patient, Payer, PayerKind


class ReadForm(forms.Form):
    """A form whose fields are read by the same readers as the API's, all at once.

    ``version`` is that of the row when the form was shown; ``None`` when it did not arrive.
    """

    data: Any
    version = forms.CharField(required=False, widget=forms.HiddenInput)
    readers: Callable[..., dict[str, intake.Reader]]
    """The reader of every field; each form says its own."""
    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        typed = {name: self.data.get(self.add_prefix(name), "") for name in self.fields}
        clean, wrong = intake.read_all(self.readers(), typed)
        self.errors.clear()
        self.take(wrong)
        return clean

    def take(self, wrong: dict[str, intake.Wrong]) -> None:
        """Put each sentence beside the field it is about."""
        for name, problem in wrong.items():
            known = name if name in self.fields else None
            self.add_error(known, forms.ValidationError(problem.sentence, code=problem.code))

    def read_version(self) -> int | None:
        """The version the person saw."""
        sent = self.data.get("version", "")
        return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None

    def seen(self, version: int) -> None:
        """From now on the form is about this version, whatever was sent."""
        self.data = self.data.copy()
        self.data["version"] = str(version)


class PatientForm(ReadForm):
    """What a person types about a patient."""

    first_name = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    last_name = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    date_of_birth = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"placeholder": "1971-03-14", "autocomplete": "off"})
    )
    sex = forms.ChoiceField(required=False, choices=[(key, word.capitalize()) for key, word in SEXES])
    account_number = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    phone = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"})
    )
    email = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"type": "email", "autocomplete": "off"})
    )
    line1 = forms.CharField(required=False, label="Address line 1")
    line2 = forms.CharField(required=False, label="Address line 2")
    city = forms.CharField(required=False)
    state = forms.CharField(required=False, widget=forms.TextInput(attrs={"maxlength": 2}))
    zip = forms.CharField(required=False, label="ZIP")
    time_zone = forms.ChoiceField(
        required=False, choices=[("", "As the state says"), *((key, word) for key, word in ZONES)]
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        options["initial"] = {"sex": "U", **options.get("initial", {})}
        super().__init__(*args, **options)

    def readers(self) -> dict[str, intake.Reader]:
        return intake.patient_readers(timezone.localdate())


def patient_form_of(patient: Patient) -> PatientForm:
    """The form filled with what is known of a patient."""
    known = {name: getattr(patient, name) for name in PatientForm.base_fields}
    return PatientForm(initial={**known, "date_of_birth": patient.date_of_birth.isoformat()})


def _number(suffix: str = "numeric") -> forms.CharField:
    return forms.CharField(required=False, widget=forms.TextInput(attrs={"inputmode": suffix}))


class PayerForm(ReadForm):
    """A payer with its overrides; an empty override means the company's own setting."""

    name = forms.CharField(required=False)
    payer_id = forms.CharField(
        required=False, label="Payer id", help_text="As the clearinghouse knows the payer."
    )
    kind = forms.ChoiceField(
        required=False,
        choices=PayerKind.choices,
        help_text="Medicare, Medicaid, workers’ compensation and auto are never held.",
    )
    network = forms.ChoiceField(
        required=False, choices=[("in", "In network"), ("out", "Out of network")], widget=forms.RadioSelect
    )
    never_hold = forms.BooleanField(required=False, label="Never hold this payer’s claims")
    filing_limit_days = _number()
    filing_limit_source = forms.CharField(
        required=False,
        label="Where the limit stands",
        widget=forms.TextInput(attrs={"maxlength": 120, "placeholder": "Provider manual 2026, page 41"}),
    )
    filing_limit_checked_on = forms.CharField(
        required=False, label="Checked on", widget=forms.TextInput(attrs={"type": "date"})
    )
    max_days = _number()
    dollar_threshold = _number("decimal")
    monitor_above = _number("decimal")

    def __init__(self, *args: Any, **options: Any) -> None:
        options["initial"] = {"network": "in", **options.get("initial", {})}
        super().__init__(*args, **options)
        self.fields["filing_limit_days"].label = "Timely filing limit"
        self.fields["max_days"].label = "Maximum number of days that a claim will be held"
        self.fields["dollar_threshold"].label = "Dollar threshold"
        self.fields["monitor_above"].label = "Monitor claims for annual deductible amounts greater than"

    def readers(self) -> dict[str, intake.Reader]:
        return intake.payer_readers(timezone.localdate())


def payer_form_of(payer: Payer) -> PayerForm:
    """The form filled with what is known of a payer."""
    known = {name: getattr(payer, name) for name in PayerForm.base_fields}
    empty = {name: "" for name, value in known.items() if value is None}
    if payer.filing_limit_checked_on:
        empty["filing_limit_checked_on"] = payer.filing_limit_checked_on.isoformat()
    return PayerForm(initial={**known, **empty})


class WishForm(forms.Form):
    """Something recorded of a patient, or lifted, and why; the action says what is wrong with it."""

    data: Any
    reason = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"maxlength": 300, "autocomplete": "off"})
    )
    use_required_attribute = False

    def take(self, wrong: dict[str, intake.Wrong]) -> None:
        """Put each sentence beside its field."""
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data: dict[str, Any] = {}
        for name, problem in wrong.items():
            self.add_error(name, forms.ValidationError(problem.sentence, code=problem.code))


class ContactForm(WishForm):
    """Which channels a patient refuses, or allows again, and why (R-DNC-1, R-DNC-3)."""

    channels = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    field_order = ("channels", "reason")

    def __init__(self, *args: Any, offered: list[str], **options: Any) -> None:
        super().__init__(*args, **options)
        channels: Any = self.fields["channels"]
        channels.choices = [(name, Channel(name).label) for name in offered]

    def typed(self) -> tuple[list[str], str]:
        """The channels and the reason as they were sent."""
        return self.data.getlist("channels"), self.data.get("reason", "")


class MarkForm(WishForm):
    """What a patient is marked with, or not any more, and why (R-STOP-2)."""

    kind = forms.CharField(required=False, label="Mark", widget=forms.HiddenInput)

    def typed(self) -> tuple[str, str]:
        """The kind of mark and the reason as they were sent."""
        return self.data.get("kind", ""), self.data.get("reason", "")
