"""``nightly-runs/``: start a night, and read how nights went."""

from __future__ import annotations

from datetime import date
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
from api.serializers import DayField, StrictSerializer, read_query
from deductibles import starting
from deductibles.api.bodies import as_fields, read_object
from deductibles.api.shapes import run_json
from patients.domain.intake import day, one_of, read_all
from work.models import Run


class RunBody(serializers.Serializer):
    kind = serializers.ChoiceField(choices=Run.Kind.choices)
    target_date = DayField(required=False, allow_null=True)


class RunShown(RunBody):
    """One night's run; ``failures`` lists what was set aside."""

    id = serializers.CharField()
    state = serializers.ChoiceField(choices=Run.State.choices)
    due = serializers.IntegerField()
    asked = serializers.IntegerField()
    answered = serializers.IntegerField()
    released = serializers.IntegerField()
    timed_out = serializers.IntegerField()
    submitted = serializers.IntegerField()
    failures = serializers.ListField(child=serializers.DictField())


class RunQuery(StrictSerializer):
    kind = serializers.ChoiceField(choices=Run.Kind.choices, required=False)
    state = serializers.ChoiceField(choices=Run.State.choices, required=False)


class RunList(GenericAPIView):
    """Start a night; the same night again answers the same run (D-CHK-6).

    A small one is run to its end before the answer, 200; of a large one the answer is 202, and its row says
    how far it has come.
    """

    listed = True
    serializer_class = RunShown
    queryset = Run.objects.none()
    reads, writes = Can.READ_NIGHTS, Can.START_NIGHTS

    @extend_schema(parameters=[RunQuery])
    def get(self, request: SignedIn) -> Response:
        asked = read_query(request, RunQuery)
        page = self.paginate_queryset(Run.objects.visible_to(request.user).filter(**asked))
        return self.get_paginated_response([run_json(row) for row in page or []])

    @extend_schema(request=RunBody, responses={200: RunShown, 202: RunShown})
    def post(self, request: SignedIn) -> Response:
        kind, target = _read(request.data)

        def work() -> Response:
            company, at = request.user.company, timezone.now()
            run = starting.start(company, kind, target, by=request.user, at=at)
            ended = run.state in (Run.State.DONE, Run.State.FAILED)
            return Response(run_json(run), status=200 if ended else 202)

        return once_after(request, work)


class RunDetail(GenericAPIView):
    """How one night went."""

    serializer_class = RunShown
    queryset = Run.objects.none()
    reads = Can.READ_NIGHTS

    def get(self, request: SignedIn, key: str) -> Response:
        read_query(request, StrictSerializer)
        return Response(run_json(find_row(Run.objects.visible_to(request.user), key)))


def _read(data: Any) -> tuple[str, date | None]:
    readers = {
        "kind": one_of("Kind", tuple(Run.Kind.values)),
        "target_date": day("Target date", required=False),
    }
    clean, wrong = read_all(readers, read_object(data, readers))
    if wrong:
        raise as_fields({name: [(problem.code, problem.sentence)] for name, problem in wrong.items()})
    return clean["kind"], clean["target_date"]
