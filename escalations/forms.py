"""The filing form: labels and widgets for what a type asks; every rule lives in the filing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import User
from escalations.domain.policy import Policy, Question, TicketType
from escalations.domain.turnaround import describe
from escalations.models import CALLERS, CHANNELS
from escalations.moments import read_moment
from patients.domain.intake import Wrong

ANSWER = "answer_"
OVERRIDE, DISMISS = "override_", "dismiss_"
"""Prefixes of the fields in which a supervisor says why a rule is overridden, an agent why a word is not
meant."""
OFFERED = "offered"
"""The questions that were filled in once: what is empty there now was emptied by hand."""
_PLAIN = ("type", "channel", "caller", "patient", "note", "follows")
_INPUT = {
    "money": "text",
    "number": "number",
    "date": "date",
    "phone": "tel",
    "fax": "tel",
    "email": "email",
    "ticket": "text",
    "moment": "datetime-local",
}
_KEYPAD = {"money": "decimal", "number": "numeric", "ticket": "numeric"}
_SEVERAL = ("choices", "file")
_LOOKS_FOR_SOMEBODY = ("find", "other_patient", "add_patient")
"""Buttons after which the next thing to do is in the patient's field."""
_YES_NO = [("yes", "Yes"), ("no", "No")]


class TypeSelect(forms.Select):
    """The types as options that carry what a search over them needs: other words, purpose, turnaround."""

    def __init__(self, policy: Policy, chosen: TicketType | None = None) -> None:
        offered = [one for one in policy.types if not one.off or one == chosen]
        super().__init__(choices=[("", "Choose…"), *((one.key, one.name) for one in offered)])
        self.types = {one.key: one for one in policy.types}

    def create_option(self, name: str, value: Any, *rest: Any, **more: Any) -> dict[str, Any]:
        """An option with its data attributes."""
        option = super().create_option(name, value, *rest, **more)
        found = self.types.get(str(value))
        if found is not None:
            told = {describe(turnaround): channel for channel, turnaround in reversed(found.turnarounds)}
            words = [f"{said} by {by}" if by != "any" else said for said, by in reversed(told.items())]
            option["attrs"] |= {
                "data-also": "|".join(found.also),
                "data-purpose": found.purpose,
                "data-turnaround": ", ".join(words),
            }
        return option


class FilingForm(forms.Form):
    """What a ticket is filed with, as widgets; :func:`show_wrong` puts what the filing found beside them."""

    caller = forms.CharField(
        required=False, label="Who is asking?", widget=forms.RadioSelect(choices=CALLERS)
    )
    channel = forms.CharField(required=False, label="Channel", widget=forms.RadioSelect(choices=CHANNELS))
    type = forms.CharField(label="Type", required=False)
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

    def __init__(
        self, policy: Policy, chosen: TicketType | None, data: Any = None, *, first: str = "", **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.fields["type"].widget = TypeSelect(policy, chosen)
        if data and data.get("do") in _LOOKS_FOR_SOMEBODY:
            first = "patient_q"
        self._begin_in(first or "caller")
        for question in chosen.questions if chosen else ():
            self.fields[ANSWER + question.key] = _field(question)

    def _begin_in(self, name: str) -> None:
        """The field the cursor is in when the page opens."""
        self.fields[name].widget.attrs["autofocus"] = True

    def show_wrong(self, wrong: Mapping[str, Wrong]) -> None:
        """Put what cannot be used beside its field; what has no field of its own stands above the form."""
        self.full_clean()
        self._errors = forms.utils.ErrorDict()  # the widgets' own checks: the filing has the better words
        for name, problem in wrong.items():
            field = name.replace("answers.", ANSWER, 1)
            field = "patient_q" if field == "patient" else field
            self.add_error(field if field in self.fields else None, problem.sentence)


class NewPatientForm(forms.Form):
    """The few facts by which a patient is added while a ticket is filed."""

    first_name = forms.CharField(required=False, label="First name")
    last_name = forms.CharField(required=False, label="Last name")
    date_of_birth = forms.CharField(
        required=False, label="Date of birth", widget=forms.TextInput(attrs={"type": "date"})
    )
    phone = forms.CharField(required=False, label="Phone", widget=forms.TextInput(attrs={"type": "tel"}))
    account_number = forms.CharField(required=False, label="Account number")

    use_required_attribute = False

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="new")
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"

    @property
    def typed(self) -> dict[str, str]:
        """What was typed, by field."""
        return {name: self.data.get(self.add_prefix(name), "") for name in self.fields}

    def show_wrong(self, wrong: Mapping[str, Wrong]) -> None:
        """Put what cannot be used beside its field."""
        self.full_clean()
        self._errors = forms.utils.ErrorDict()
        for name, problem in wrong.items():
            self.add_error(name if name in self.fields else None, problem.sentence)


def _field(question: Question) -> forms.Field:
    choices = list(question.choices) or _YES_NO
    if question.kind == "choices":
        widget: forms.Widget = forms.CheckboxSelectMultiple(choices=choices)
        return forms.Field(required=False, label=question.label, widget=widget, help_text=question.hint)
    if question.kind == "file":
        hidden = forms.MultipleHiddenInput()
        made = forms.Field(required=False, label=question.label, widget=hidden, help_text=question.hint)
        made.stand_in = f"id_upload_{question.key}"  # type: ignore[attr-defined]  # where it is mended
        return made
    if question.kind in ("choice", "yes_no"):
        widget = forms.RadioSelect(choices=choices)
    elif question.kind == "text":
        widget = forms.Textarea(attrs={"rows": 2, "maxlength": 500})
    else:
        attrs = {"type": _INPUT[question.kind], "autocomplete": "off"}
        if question.kind in _KEYPAD:
            attrs["inputmode"] = _KEYPAD[question.kind]
        widget = forms.TextInput(attrs=attrs)
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
        if any(data.getlist(ANSWER + question.key)) or question.key in data.getlist(OFFERED)
    }
    said["overrides"] = [
        {"rule": rule, "reason": why} for rule, why in _reasons(data, OVERRIDE, _overridable(chosen))
    ]
    words = [one.label for one in policy.lists["executive_keywords"].items] if policy.lists else []
    said["dismissals"] = [{"word": word, "reason": why} for word, why in _reasons(data, DISMISS, words)]
    return said


def _reasons(data: QueryDict, prefix: str, names: Iterable[str]) -> list[tuple[str, str]]:
    """Which of these were given a reason, by their own field."""
    given = ((name, data.get(prefix + name, "").strip()) for name in dict.fromkeys(names))
    return [(name, reason) for name, reason in given if reason]


def _overridable(chosen: TicketType | None) -> list[str]:
    return [rule.id for rule in chosen.rules if rule.override] if chosen else []


def _answer(data: QueryDict, question: Question) -> Any:
    name = ANSWER + question.key
    return data.getlist(name) if question.kind in _SEVERAL else data.get(name, "")


def _local(typed: str, user: User) -> str:
    """The moment typed into a local date and time field, with the offset of the company's zone."""
    try:
        return read_moment(typed.strip(), user.company.zone).isoformat() if typed.strip() else ""
    except Wrong:
        return typed  # the filing says what is wrong with it
