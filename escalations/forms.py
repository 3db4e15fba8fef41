"""The filing form: labels and widgets for what a type asks; every rule lives in the filing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import User
from escalations.domain.policy import Policy, Question, TicketType
from escalations.models import CALLERS, CHANNELS
from escalations.moments import read_moment
from patients.domain.intake import Wrong

ANSWER = "answer_"
_PLAIN = ("type", "channel", "caller", "patient", "note")
_INPUT = {"money": "text", "number": "number", "date": "date", "phone": "tel", "email": "email"}
_LOOKS_FOR_SOMEBODY = ("find", "other_patient")
"""Buttons after which the next thing to do is in the patient's field."""
_YES_NO = [("yes", "Yes"), ("no", "No")]


class FilingForm(forms.Form):
    """What a ticket is filed with, as widgets; :func:`show_wrong` puts what the filing found beside them."""

    type = forms.CharField(label="Type", required=False)
    caller = forms.CharField(required=False, label="Caller", widget=forms.RadioSelect(choices=CALLERS))
    channel = forms.CharField(required=False, label="Channel", widget=forms.RadioSelect(choices=CHANNELS))
    patient_q = forms.CharField(
        required=False,
        label="Patient",
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": 100, "type": "search"}),
    )
    note = forms.CharField(required=False, label="Note", widget=forms.Textarea(attrs={"rows": 3}))
    received_at = forms.CharField(
        required=False, label="Received", widget=forms.TextInput(attrs={"type": "datetime-local"})
    )

    use_required_attribute = False

    def __init__(self, policy: Policy, chosen: TicketType | None, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        kinds = [("", "Choose…"), *((one.key, one.name) for one in policy.types)]
        self.fields["type"].widget = forms.Select(choices=kinds)
        first = "patient_q" if data and data.get("do") in _LOOKS_FOR_SOMEBODY else "type"
        self.fields[first].widget.attrs["autofocus"] = True
        for question in chosen.questions if chosen else ():
            self.fields[ANSWER + question.key] = _field(question)

    def show_wrong(self, wrong: Mapping[str, Wrong]) -> None:
        """Put what cannot be used beside its field; what has no field of its own stands above the form."""
        self.full_clean()
        self._errors = forms.utils.ErrorDict()  # the widgets' own checks: the filing has the better words
        for name, problem in wrong.items():
            field = name.replace("answers.", ANSWER, 1)
            field = "patient_q" if field == "patient" else field
            self.add_error(field if field in self.fields else None, problem.sentence)


def _field(question: Question) -> forms.Field:
    choices = list(question.choices) or _YES_NO
    if question.kind == "choices":
        widget: forms.Widget = forms.CheckboxSelectMultiple(choices=choices)
        return forms.Field(required=False, label=question.label, widget=widget, help_text=question.hint)
    if question.kind in ("choice", "yes_no"):
        widget = forms.RadioSelect(choices=choices)
    elif question.kind == "text":
        widget = forms.Textarea(attrs={"rows": 2})
    else:
        widget = forms.TextInput(attrs={"type": _INPUT[question.kind]})
    return forms.CharField(required=False, label=question.label, widget=widget, help_text=question.hint)


def said_in(data: QueryDict, policy: Policy, user: User) -> dict[str, Any]:
    """Turn what the form sent into the names and shapes of the API's body."""
    said: dict[str, Any] = {name: data.get(name, "") for name in _PLAIN}
    said["acknowledged"] = data.getlist("acknowledged")
    said["received_at"] = _local(data.get("received_at", ""), user)
    chosen = policy.type(said["type"])
    said["answers"] = {
        question.key: _answer(data, question)
        for question in (chosen.questions if chosen else ())
        if ANSWER + question.key in data
    }
    return said


def _answer(data: QueryDict, question: Question) -> Any:
    name = ANSWER + question.key
    return data.getlist(name) if question.kind == "choices" else data.get(name, "")


def _local(typed: str, user: User) -> str:
    """The moment typed into a local date and time field, with the offset of the company's zone."""
    try:
        return read_moment(typed.strip(), user.company.zone).isoformat() if typed.strip() else ""
    except Wrong:
        return typed  # the filing says what is wrong with it
