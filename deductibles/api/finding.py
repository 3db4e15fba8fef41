"""``claims/{id}/find-insurance/``: which coverages AR Boost knows of the claim's patient (D-HOLD-1)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from accounts.roles import Can
from api.endpoints import find_row
from api.idempotency import once_after
from api.permissions import SignedIn
from api.serializers import StrictSerializer
from deductibles.actions import finding
from deductibles.api.bodies import tried
from deductibles.api.shapes import money
from deductibles.domain.line_words import deductible_type
from deductibles.found_screen import Found, found_of
from deductibles.models import Claim, Finding
from patients import reading
from patients.models import Door, Payer


class FoundPayer(serializers.Serializer):
    id = serializers.CharField(allow_null=True, help_text="One of ours, or null when none is certain.")
    name = serializers.CharField()
    payer_id = serializers.CharField()


class FoundDeductible(serializers.Serializer):
    type = serializers.CharField(allow_null=True)
    annual = serializers.CharField(allow_null=True)
    remaining = serializers.CharField(allow_null=True)
    usable = serializers.BooleanField()
    flags = serializers.ListField(child=serializers.CharField())


class Candidate(serializers.Serializer):
    """A coverage as ``PATCH claims/{id}/`` takes it, and what AR Boost says of its deductible."""

    rank = serializers.ChoiceField(choices=["primary", "secondary", "tertiary"])
    payer = FoundPayer()
    member_id = serializers.CharField()
    group_number = serializers.CharField(allow_blank=True)
    relationship = serializers.ChoiceField(choices=["self", "spouse", "child", "other"])
    active = serializers.BooleanField(allow_null=True)
    deductible = FoundDeductible()


class FindingShown(serializers.Serializer):
    outcome = serializers.ChoiceField(choices=["answered", "unavailable"])
    detail = serializers.CharField(allow_blank=True)
    candidates = Candidate(many=True)


class ClaimFindInsurance(GenericAPIView):
    """Ask AR Boost's Insurance Finder about the claim's patient; the claim itself is not changed."""

    serializer_class = StrictSerializer
    queryset = Claim.objects.none()
    writes = Can.WORK_CLAIMS

    @extend_schema(request=None, responses={200: FindingShown})
    def post(self, request: SignedIn, key: str) -> Response:
        rows = Claim.objects.visible_to(request.user).select_related("patient__company")
        claim = find_row(rows, key)
        StrictSerializer(data=request.data).is_valid(raise_exception=True)

        def work() -> Response:
            at = timezone.now()
            reading.note(request.user, claim.patient, Door.CLAIM, at)
            found = tried(lambda: finding.find_for_claim(claim, by=request.user, at=at))
            return Response(finding_json(found, list(Payer.objects.visible_to(request.user))))

        return once_after(request, work)


def finding_json(row: Finding, payers: list[Payer]) -> dict[str, Any]:
    """What was found; without an answer no candidates, and the sentence that says why."""
    ranked = zip(row.candidates, found_of(row, payers, today=row.as_of), strict=True)
    return {
        "outcome": row.outcome,
        "detail": row.detail,
        "candidates": [_candidate(said["rank"], one) for said, one in ranked],
    }


def _candidate(rank: str, one: Found) -> dict[str, Any]:
    proven = one.proven
    return {
        "rank": rank,
        "payer": {
            "id": str(one.payer.pk) if one.payer else None,
            "name": one.payer_name,
            "payer_id": one.payer_id,
        },
        "member_id": one.member_id,
        "group_number": one.group_number,
        "relationship": one.relationship,
        "active": proven.reading.get("active"),
        "deductible": {
            "type": deductible_type(proven.reading) if proven.usable else None,
            "annual": money(proven.annual),
            "remaining": money(proven.remaining),
            "usable": proven.usable,
            "flags": list(proven.flags),
        },
    }
