"""The patient form: its fields' labels and widgets; the rules live in the intake."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from patients.domain import intake
from patients.models import SEXES, Patient


class PatientForm(forms.Form):
    """What a person types about a patient; each field is read by the same reader as the API's."""

    first_name = forms.CharField(required=False)
    last_name = forms.CharField(required=False)
    date_of_birth = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"placeholder": "1971-03-14", "inputmode": "numeric"})
    )
    sex = forms.ChoiceField(required=False, choices=SEXES, initial="U")
    account_number = forms.CharField(required=False)
    phone = forms.CharField(required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    email = forms.CharField(required=False, widget=forms.TextInput(attrs={"type": "email"}))
    line1 = forms.CharField(required=False, label="Address line 1")
    line2 = forms.CharField(required=False, label="Address line 2")
    city = forms.CharField(required=False)
    state = forms.CharField(required=False, widget=forms.TextInput(attrs={"maxlength": 2}))
    zip = forms.CharField(required=False, label="ZIP")

    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        typed = {name: self.data.get(self.add_prefix(name), "") for name in self.fields}
        clean, wrong = intake.read_all(intake.patient_readers(timezone.localdate()), typed)
        self.errors.clear()
        for name, problem in wrong.items():
            self.add_error(name, forms.ValidationError(problem.sentence, code=problem.code))
        return clean


def form_of(patient: Patient) -> PatientForm:
    """The form filled with what is known of a patient."""
    known = {name: getattr(patient, name) for name in PatientForm.base_fields}
    return PatientForm(initial={**known, "date_of_birth": patient.date_of_birth.isoformat()})
