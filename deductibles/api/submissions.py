"""``submissions/``: the 837P files that were written, and their bytes."""

from __future__ import annotations

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from accounts.roles import Can
from api.endpoints import find_row
from api.idempotency import once
from api.permissions import SignedIn
from api.serializers import StrictSerializer, read_query
from deductibles.actions import unclear
from deductibles.api.bodies import read_object, tried
from deductibles.api.shapes import submission_json
from deductibles.downloads import attachment
from deductibles.models import Submission, SubmissionFile, SubmissionItem


class SubmittedClaim(serializers.Serializer):
    id = serializers.CharField()
    number = serializers.CharField()
    sequence = serializers.IntegerField()


class SubmissionShown(serializers.Serializer):
    """One batch with the claims in it."""

    id = serializers.CharField()
    filename = serializers.CharField()
    state = serializers.ChoiceField(choices=Submission.State.choices)
    control_number = serializers.IntegerField()
    claims_count = serializers.IntegerField()
    accepted = serializers.IntegerField()
    rejected = serializers.IntegerField()
    claims = SubmittedClaim(many=True)
    detail = serializers.CharField(allow_blank=True)
    written_at = serializers.DateTimeField()
    handed_over_at = serializers.DateTimeField(allow_null=True)
    run = serializers.CharField()


class SubmissionQuery(StrictSerializer):
    state = serializers.ChoiceField(choices=Submission.State.choices, required=False)


class SubmissionList(GenericAPIView):
    """Every 837P that was written, newest first."""

    listed = True
    serializer_class = SubmissionShown
    queryset = Submission.objects.none()
    reads = Can.READ_CLAIMS

    @extend_schema(parameters=[SubmissionQuery])
    def get(self, request: SignedIn) -> Response:
        asked = read_query(request, SubmissionQuery)
        items = SubmissionItem.objects.select_related("claim").order_by("pk")
        rows = Submission.objects.visible_to(request.user).filter(**asked)
        page = self.paginate_queryset(rows.prefetch_related(Prefetch("items", items)))
        zone = request.user.company.zone
        return self.get_paginated_response([submission_json(row, zone) for row in page or []])


class SubmissionStep(serializers.Serializer):
    act = serializers.ChoiceField(choices=[unclear.ARRIVED, unclear.AGAIN])


class SubmissionSteps(GenericAPIView):
    """What a person found out about a file of unclear hand-over: it arrived, or it never did (D-SUB-2)."""

    queryset = Submission.objects.none()
    serializer_class = SubmissionStep
    writes = Can.WORK_CLAIMS

    @extend_schema(request=SubmissionStep, responses={200: SubmissionShown})
    def post(self, request: SignedIn, key: str) -> Response:
        row = find_row(Submission.objects.visible_to(request.user), key)
        act = read_object(request.data, ("act",)).get("act")

        def work() -> Response:
            act_named = act if isinstance(act, str) else ""
            settled = tried(lambda: unclear.settle(row, act_named, by=request.user, at=timezone.now()))
            items = SubmissionItem.objects.select_related("claim").order_by("pk")
            shown = Submission.objects.prefetch_related(Prefetch("items", items)).get(pk=settled.pk)
            return Response(submission_json(shown, request.user.company.zone))

        return once(request, work)


class SubmissionFileView(GenericAPIView):
    """The bytes of one 837P, as they were or will be handed over."""

    queryset = Submission.objects.none()
    serializer_class = SubmissionShown
    reads = Can.READ_CLAIMS

    @extend_schema(responses={(200, "text/plain"): OpenApiTypes.STR})
    def get(self, request: SignedIn, key: str) -> HttpResponse:
        read_query(request, StrictSerializer)
        return file_answer(find_row(Submission.objects.visible_to(request.user), key))


def file_answer(submission: Submission) -> HttpResponse:
    """An 837P as an attachment of plain text."""
    return attachment(get_object_or_404(SubmissionFile, submission=submission).content, submission.filename)
