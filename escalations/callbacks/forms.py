"""The form of one call: how it ended, and whether the ticket ends with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from escalations.callbacks.attempts import Calls
from escalations.domain.callbacks import LONGEST_NOTE, LONGEST_REASON, OUTCOMES, REFUSED
from escalations.queries import steps_of
from patients.domain.intake import Wrong

STAYS = ("", "Leave it running")


class CallForm(forms.Form):
    """What is said of a call; the step says what is wrong with it."""

    data: Any
    outcome = forms.CharField(
        required=False, label="How did it end?", widget=forms.RadioSelect(choices=OUTCOMES)
    )
    note = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 2, "maxlength": LONGEST_NOTE})
    )
    reason = forms.CharField(
        required=False,
        label="Why all the same?",
        widget=forms.TextInput(attrs={"maxlength": LONGEST_REASON, "autocomplete": "off"}),
    )
    resolution = forms.CharField(
        required=False, label="Is the ticket done?", widget=forms.RadioSelect(choices=[STAYS])
    )
    use_required_attribute = False

    def __init__(self, calls: Calls, *args: Any, **options: Any) -> None:
        self.calls = calls
        answered = (
            str(calls.ticket.answers.get("refused_reason", "")) if REFUSED in calls.clock.guards else ""
        )
        options["initial"] = {"reason": answered, "resolution": "", **options.get("initial", {})}
        super().__init__(*args, **options)
        self.may_resolve = _may_resolve(calls)
        kind = calls.type
        outcomes = kind.outcomes if kind and self.may_resolve else ()
        widget: Any = self.fields["resolution"].widget
        widget.choices = [STAYS, *((one, one) for one in outcomes)]
        if not calls.clock.guards:
            del self.fields["reason"]

    @property
    def facts(self) -> dict[str, str]:
        """What was said of the call, as it was sent."""
        return {name: self.data.get(name, "") for name in ("outcome", "note", "reason")}

    @property
    def said_resolution(self) -> str:
        """How the ticket ends, as it was sent; nothing for who may not resolve it."""
        return str(self.data.get("resolution", "")) if self.may_resolve else ""

    def take(self, wrong: Mapping[str, Wrong]) -> None:
        """Put each sentence beside its field."""
        self.full_clean()
        self._errors = forms.utils.ErrorDict()  # the step has the better words
        for name, problem in wrong.items():
            self.add_error(name if name in self.fields else None, problem.sentence)


def _may_resolve(calls: Calls) -> bool:
    """Whether the ticket may end with this call: one's own, or one that nobody has."""
    acts = {step.act for step in steps_of(calls.ticket, calls.user)}
    return "resolve" in acts or (calls.ticket.assignee_id is None and "take" in acts)
