"""What is said before anything is filed: a preview of a turnaround, the types, the advice."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.roles import Can
from api.permissions import SIGNED_IN, SignedIn
from api.serializers import StrictSerializer, read_query
from escalations import serializers, shapes
from escalations.advice import advise
from escalations.api.asking import body, filing_in, invalid, problems_with
from escalations.policies import policy_in_force, policy_of
from escalations.preview import read_preview
from patients import reading
from patients.models import Door


class PreviewView(APIView):
    """When something received at a moment is expected and due, in words and day by day."""

    writes = SIGNED_IN

    @extend_schema(request=serializers.PreviewBody, responses=serializers.PreviewAnswer)
    def post(self, request: SignedIn) -> Response:
        preview, wrong = read_preview(request.user, body(request, serializers.PreviewBody), at=timezone.now())
        if preview is None:
            raise invalid(wrong)
        return Response(shapes.preview_json(preview.due, preview.promise, preview.ledger, preview.calendar))


class TypesView(APIView):
    """The escalation types of the policy in force."""

    reads = SIGNED_IN

    @extend_schema(responses=serializers.TypeAnswer(many=True))
    def get(self, request: SignedIn) -> Response:
        read_query(request, StrictSerializer)
        version = policy_in_force(request.user.company, at=timezone.now())
        return Response([shapes.type_json(one, version.number) for one in policy_of(version).offered])


class AdviceView(APIView):
    """What the desk says of a filing so far; saves nothing but that its patient was read."""

    writes = Can.WORK_TICKETS

    @extend_schema(
        operation_id="v1_escalations_advice",
        request=serializers.AdviceBody,
        responses=serializers.AdviceAnswer,
    )
    def post(self, request: SignedIn) -> Response:
        at = timezone.now()
        said = filing_in(body(request, serializers.AdviceBody))
        advice = advise(request.user, said, at=at)
        if advice.wrong:
            raise problems_with(advice.wrong, tuple(one for one in advice.problems if one.refuses))
        if advice.filing.patient is not None:
            reading.note(request.user, advice.filing.patient, Door.API, at)
        return Response(shapes.advice_json(advice, at))
