"""The bodies and answers of the escalation endpoints, for checking names and for the schema.

What the values mean is read by :mod:`escalations.filing`, :mod:`escalations.filters` and
:mod:`escalations.domain.step_facts`, which form and API share.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from api.serializers import StrictSerializer
from escalations.domain.policy import CALLERS, CHANNELS
from escalations.domain.states import STATUSES, TICKET
from escalations.domain.turnaround import STANDINGS, UNITS


@extend_schema_field(OpenApiTypes.ANY)
class Raw(serializers.Field):
    """A value handed on as it was sent: its own reader says what is wrong with it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "allow_null": True, **options})

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class PreviewBody(StrictSerializer):
    """Either a turnaround of its own, or a type and channel of the policy."""

    received_at = Raw(required=True)
    min = Raw()
    max = Raw()
    unit = Raw(help_text=", ".join(UNITS))
    calendar = Raw()
    pauses = Raw(help_text="[[from, to], …]")
    type = Raw()
    channel = Raw(help_text=", ".join(CHANNELS))


class FilingBody(StrictSerializer):
    """What a ticket is filed with."""

    type = Raw()
    channel = Raw(help_text=", ".join(CHANNELS))
    caller = Raw(help_text=", ".join(CALLERS))
    patient = Raw(help_text="The patient's id.")
    answers = Raw(help_text="An object: a question's key and its answer.")
    note = Raw()
    acknowledged = Raw(help_text="A list of rule ids.")
    received_at = Raw(help_text="When the request came in, if earlier (K18).")
    draft = Raw(help_text="false: a ticket is filed complete.")


@extend_schema_serializer(component_name="TicketStep")
class StepBody(serializers.Serializer):
    """A step and what it must be told; which names, depends on the act."""

    act = serializers.ChoiceField(choices=sorted({step.act for step in TICKET}))
    version = serializers.IntegerField(required=False, help_text="The version that was seen; stale is 409.")
    reason = serializers.CharField(required=False, help_text="wait, reopen, cancel")
    outcome = serializers.CharField(required=False, help_text="resolve")
    note = serializers.CharField(required=False, help_text="any act; a comment's words")
    user = serializers.CharField(required=False, help_text="assign: a username or id")


class TicketQuery(StrictSerializer):
    """The filters of the list."""

    type = serializers.CharField(required=False)
    status = serializers.ChoiceField(choices=STATUSES, required=False)
    standing = serializers.ChoiceField(choices=STANDINGS, required=False)
    assignee = serializers.CharField(required=False, help_text="username, id, me or none")
    patient = serializers.CharField(required=False)
    q = serializers.CharField(required=False, max_length=100)
    received_after = serializers.CharField(required=False)
    due_before = serializers.CharField(required=False)
    ordering = serializers.CharField(required=False)


class LedgerLineAnswer(serializers.Serializer):
    date = serializers.DateField()
    counted = serializers.CharField()
    why = serializers.CharField()


class PreviewAnswer(serializers.Serializer):
    expected_from = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    promise = serializers.CharField()
    ledger = LedgerLineAnswer(many=True)


class LedgerAnswer(serializers.Serializer):
    ledger = LedgerLineAnswer(many=True)


class TicketAnswer(serializers.Serializer):
    id = serializers.CharField()
    number = serializers.CharField()
    type = serializers.CharField()
    type_name = serializers.CharField()
    status = serializers.ChoiceField(choices=STATUSES)
    standing = serializers.ChoiceField(choices=STANDINGS)
    urgency = serializers.ChoiceField(choices=["normal", "urgent"])
    channel = serializers.ChoiceField(choices=CHANNELS)
    caller = serializers.ChoiceField(choices=CALLERS)
    received_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    expected_from = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    promise = serializers.CharField()
    assignee = serializers.CharField(allow_null=True)
    filed_by = serializers.CharField()
    patient = serializers.CharField()
    answers = serializers.DictField()
    note = serializers.CharField()
    acknowledged = serializers.ListField(child=serializers.CharField())
    policy_version = serializers.IntegerField()
    cycle = serializers.IntegerField()
    version = serializers.IntegerField()
    steps = serializers.ListField(child=serializers.CharField())


class TicketPageAnswer(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = TicketAnswer(many=True)


class TypeAnswer(serializers.Serializer):
    key = serializers.CharField()
    name = serializers.CharField()
    urgency = serializers.ChoiceField(choices=["normal", "urgent"])
    turnarounds = serializers.ListField(child=serializers.DictField())
    questions = serializers.ListField(child=serializers.DictField())
    rules = serializers.ListField(child=serializers.DictField())
    wait_reasons = serializers.ListField(child=serializers.DictField())
    outcomes = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField()
