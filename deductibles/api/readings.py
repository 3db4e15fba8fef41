"""``POST benefit-readings/``: read a 271 and say what it says; nothing is saved."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from accounts.roles import Can
from api.permissions import SignedIn
from api.serializers import DayField, StrictSerializer
from deductibles.x12 import eligibility

LONGEST_271 = 1_000_000
"""Characters of a 271 that may be read at one time; real answers have a few thousand."""


class X12Field(serializers.CharField):
    """The text of an X12 file, kept to the letter: spaces and line ends are part of it."""

    default_error_messages = {
        "invalid": "Send the X12 file as one JSON text.",
        "required": "The X12 file is missing. Send its text as x12_271.",
        "null": "The X12 file is missing. Send its text as x12_271.",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, max_length=LONGEST_271, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class ReadingBody(StrictSerializer):
    """``trace`` chooses among several transactions; ``as_of`` is the company's today unless given."""

    x12_271 = X12Field(allow_blank=True)
    trace = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=50)
    as_of = DayField(required=False, allow_null=True)


class AmountsShown(serializers.Serializer):
    annual = serializers.CharField(allow_null=True)
    remaining = serializers.CharField(allow_null=True)


class ReadingShown(serializers.Serializer):
    """A reading as every endpoint shows it; money as decimal strings, null for unknown."""

    usable = serializers.BooleanField()
    envelope_valid = serializers.BooleanField()
    active = serializers.BooleanField(allow_null=True)
    individual = AmountsShown()
    family = AmountsShown()
    out_of_network = AmountsShown()
    effective_remaining = serializers.CharField(allow_null=True)
    flags = serializers.ListField(child=serializers.CharField())
    rejects = serializers.ListField(child=serializers.DictField())
    trail = serializers.ListField(child=serializers.DictField())


class BenefitReadings(GenericAPIView):
    """Read an eligibility answer without keeping it (D-X12-1…12)."""

    serializer_class = ReadingBody
    reads = writes = Can.READ_CLAIMS

    @extend_schema(request=ReadingBody, responses={200: ReadingShown})
    def post(self, request: SignedIn) -> Response:
        body = ReadingBody(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        company = request.user.company
        today = timezone.localdate(timezone=company.zone)
        reading = eligibility.read(
            given["x12_271"],
            trace=given.get("trace") or None,
            as_of=given.get("as_of") or today,
            ambulance=company.is_ambulance,
        )
        return Response(reading.as_json())
