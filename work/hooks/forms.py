"""The forms of a webhook: where it leads and what it is told of; which part of its log is shown."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from accounts.forms import SeenForm, only_seen
from work.hooks.actions import Said
from work.hooks.domain import states
from work.hooks.domain.catalogue import CLAIMS, EVENTS, TICKETS, Event
from work.hooks.models import HookEndpoint

_OFF = {"autocomplete": "off", "spellcheck": "false"}


def _boxes(label: str, events: tuple[Event, ...]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        required=False,
        label=label,
        choices=[(event.key, f"{event.key}: {event.comes}") for event in events],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose from the events that stand here."},
    )


class EndpointForm(SeenForm):
    """Where a webhook leads and what it is told of; ``seen`` is the version that was read."""

    address = forms.CharField(
        max_length=500,
        label="Address",
        widget=forms.TextInput(attrs={**_OFF, "inputmode": "url"}),
        error_messages={
            "required": "The address is missing. Type it as https://receiver.example/holdline.",
            "max_length": "Type the address without spaces, in plain letters, at most 500 long.",
        },
    )
    description = forms.CharField(
        required=False,
        max_length=120,
        label="What is it for?",
        validators=[only_seen],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    tickets = _boxes("Tickets", TICKETS)
    claims = _boxes("Claims", CLAIMS)

    @property
    def said(self) -> Said:
        """What a valid form says."""
        known = self.cleaned_data
        return Said(known["address"], known["description"], [*known["tickets"], *known["claims"]])

    def take(self, wrong: dict[str, str]) -> None:
        """Put each sentence beside its field; what is wrong with the events stands at the first of them."""
        super().take({"tickets" if name == "events" else name: said for name, said in wrong.items()})


def typed_of(row: HookEndpoint) -> dict[str, Any]:
    """What the form shows of an endpoint as it is kept."""
    chosen = set(row.subscribed)
    return {
        "address": row.address,
        "description": row.description,
        "tickets": [event.key for event in TICKETS if event.key in chosen],
        "claims": [event.key for event in CLAIMS if event.key in chosen],
        "seen": str(row.version),
    }


class LogForm(forms.Form):
    """Which deliveries are shown; what cannot be read counts as not said."""

    use_required_attribute = False
    status = forms.ChoiceField(required=False, label="Outcome", choices=[("", "All"), *states.LABELS.items()])
    event = forms.ChoiceField(
        required=False, label="Event", choices=[("", "All"), *((key, key) for key in EVENTS)]
    )
    since = forms.DateField(required=False, label="Since", widget=forms.DateInput(attrs={"type": "date"}))
    number = forms.CharField(
        required=False, max_length=24, label="Ticket or claim", widget=forms.TextInput(attrs=_OFF)
    )

    @property
    def known(self) -> dict[str, Any]:
        """What was said and can be read."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}


class SinceForm(forms.Form):
    """From which day on what was given up is sent again."""

    use_required_attribute = False
    since = forms.DateField(
        label="Since",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": "Say from which day on.",
            "invalid": "This is no date. Type it as 2026-05-20.",
        },
    )

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, auto_id="id_replay_%s", **options)


def begins(day: date, zone: ZoneInfo) -> datetime:
    """The moment a day begins in the company's zone."""
    return datetime.combine(day, time(0), zone)
