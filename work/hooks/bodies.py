"""What programs say about webhooks: bodies and query strings, with unknown names and wrong kinds refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from accounts.forms import only_seen
from api.serializers import DayField, StrictSerializer
from work.hooks.domain import states
from work.hooks.domain.address import LONGEST
from work.hooks.domain.catalogue import EVENTS

TRY, REPLAY = "test", "replay"
ACTS = (TRY, "rotate", "end-earlier", "on", "off", REPLAY)
_MOST_EVENTS = 100


def read(data: Any, kind: type[StrictSerializer]) -> dict[str, Any]:
    """A body with every value read, or a 400 that names all that is wrong."""
    form = kind(data=data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def _one_of(values: Iterable[str], **options: Any) -> serializers.ChoiceField:
    """A choice; what was sent is not repeated in the refusal."""
    choices = list(values)
    said = f"It is one of: {', '.join(choices)}."
    return serializers.ChoiceField(choices=choices, error_messages={"invalid_choice": said}, **options)


def _version() -> serializers.IntegerField:
    return serializers.IntegerField(
        required=False, min_value=1, help_text="The version that was read; another one in force is 409."
    )


class EventsField(serializers.ListField):
    """Events by their types, each at least once."""

    child = serializers.ChoiceField(
        choices=list(EVENTS),
        error_messages={"invalid_choice": "This is no event. GET webhook-events/ lists them."},
    )

    def to_internal_value(self, data: Any) -> Any:
        """Refuse a long list at once, rather than each of its lines."""
        if isinstance(data, list) and len(data) > _MOST_EVENTS:
            raise ValidationError([ErrorDetail(f"At most {_MOST_EVENTS} events at one time.", "too_many")])
        return super().to_internal_value(data)


class WebhookBody(StrictSerializer):
    """A webhook to be added."""

    address = serializers.CharField(
        allow_blank=True, max_length=LONGEST, help_text="A public address; it begins with https://."
    )
    description = serializers.CharField(
        required=False, allow_blank=True, max_length=120, validators=[only_seen]
    )
    events = EventsField(help_text="The types it is told of, from webhook-events/.")


class WebhookChange(StrictSerializer):
    """What is to be another of a webhook."""

    address = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST)
    description = serializers.CharField(
        required=False, allow_blank=True, max_length=120, validators=[only_seen]
    )
    events = EventsField(required=False)
    version = _version()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a change of nothing."""
        if not attrs.keys() - {"version"}:
            said = "Say what is to be another: address, description or events."
            raise ValidationError(said, "required")
        return attrs


class WebhookStep(StrictSerializer):
    """One act."""

    act = _one_of(ACTS)
    version = _version()
    since = DayField(required=False, help_text="replay: the day in the company's zone from which on.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for the day where it is needed, and for nothing where it is not."""
        if attrs["act"] == REPLAY and "since" not in attrs:
            raise ValidationError({"since": ErrorDetail("Say from which day on.", "required")})
        if attrs["act"] != REPLAY and "since" in attrs:
            raise ValidationError({"since": ErrorDetail(f"This belongs to {REPLAY} alone.", "unknown")})
        return attrs


class VersionQuery(StrictSerializer):
    """Which webhook was read before this was decided."""

    version = _version()


class WebhookQuery(StrictSerializer):
    """Which webhooks are listed."""

    removed = serializers.BooleanField(
        required=False, help_text="true: those that were removed, and no others"
    )


class DeliveryQuery(StrictSerializer):
    """The filters of a log, as on its page."""

    status = _one_of(states.LABELS, required=False)
    event = _one_of(EVENTS, required=False)
    since = DayField(required=False, help_text="A day in the company's zone.")
    number = serializers.CharField(
        required=False, max_length=24, help_text="The number of a ticket or a claim."
    )
