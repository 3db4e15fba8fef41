"""``holding/back-tests/``: try other numbers on past claims, and read what came out."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from accounts.roles import Can
from accounts.steps import Refused
from api.endpoints import find_row
from api.idempotency import once, once_after
from api.permissions import SignedIn
from api.serializers import DayField, StrictSerializer, read_query
from deductibles.actions import back_testing
from deductibles.api.bodies import read_object, tried
from deductibles.domain.back_terms import FIELDS
from deductibles.models import BackTest
from deductibles.worth import back_running
from deductibles.worth.back_shape import back_test_json

CANCEL = "cancel"


class BackTestBody(serializers.Serializer):
    """Numbers to try, and the claims to try them on, by the days between which they were decided.

    ``payer`` looks at the claims of one payer alone. ``own_payer`` is tried with the three ``own_`` numbers,
    of which null means the company's as tried.
    """

    from_on = DayField()
    until_on = DayField()
    payer = serializers.CharField(required=False, allow_null=True)
    max_days = serializers.IntegerField()
    dollar_threshold = serializers.CharField()
    monitor_above = serializers.CharField()
    own_payer = serializers.CharField(required=False, allow_null=True)
    own_max_days = serializers.IntegerField(required=False, allow_null=True)
    own_dollar_threshold = serializers.CharField(required=False, allow_null=True)
    own_monitor_above = serializers.CharField(required=False, allow_null=True)


class SideShown(serializers.Serializer):
    """What became of the claims under one set of numbers: ``outcomes`` in claims, ``billed`` in dollars."""

    outcomes = serializers.DictField(child=serializers.IntegerField())
    billed = serializers.DictField(child=serializers.CharField())
    median_days_held = serializers.FloatField(allow_null=True)
    within_guard = serializers.IntegerField()
    after_deadline = serializers.IntegerField()


class ResultShown(serializers.Serializer):
    """What came out. Dollars are text; ``gain`` is an estimate on paid claims that are known under both, its
    ``range`` 90 % by bootstrap, null where there is not enough history."""

    claims = serializers.IntegerField()
    in_force = SideShown()
    tried = SideShown()
    compared = serializers.IntegerField()
    same_day = serializers.IntegerField()
    earlier = serializers.DictField()
    later = serializers.DictField()
    not_known = serializers.DictField(child=serializers.IntegerField())
    still_held = serializers.IntegerField()
    gain = serializers.DictField()
    agrees_with_what_happened = serializers.DictField(child=serializers.IntegerField())
    sentences = serializers.ListField(child=serializers.CharField())


class BackTestShown(BackTestBody):
    """One back-test; ``result`` is null until it is done, ``done`` of about ``claims`` were looked at."""

    id = serializers.CharField()
    state = serializers.ChoiceField(choices=BackTest.State.choices)
    in_force = serializers.DictField()
    seen_until = serializers.DateField()
    claims = serializers.IntegerField()
    done = serializers.IntegerField()
    note = serializers.CharField(allow_blank=True)
    by = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    result = ResultShown(allow_null=True)


class BackTestQuery(StrictSerializer):
    state = serializers.ChoiceField(choices=BackTest.State.choices, required=False)


def _rows(request: SignedIn) -> Any:
    return BackTest.objects.visible_to(request.user).select_related("by", "company")


class BackTestList(GenericAPIView):
    """Try other numbers: 200 with what came out of a small history, 202 while a large one is worked on.

    The same question while it is being answered gives the back-test that is there.
    """

    listed = True
    serializer_class = BackTestShown
    queryset = BackTest.objects.none()
    reads = writes = Can.TRY_SETTINGS

    @extend_schema(parameters=[BackTestQuery])
    def get(self, request: SignedIn) -> Response:
        asked = read_query(request, BackTestQuery)
        page = self.paginate_queryset(_rows(request).filter(**asked))
        return self.get_paginated_response([back_test_json(row) for row in page or []])

    @extend_schema(request=BackTestBody, responses={200: BackTestShown, 202: BackTestShown})
    def post(self, request: SignedIn) -> Response:
        body = read_object(request.data, FIELDS)

        def work() -> Response:
            user, at = request.user, timezone.now()
            row, _ = tried(lambda: back_testing.begin(user.company, body, by=user, at=at))
            back_running.go_on(row, at=at)
            ended = row.state not in back_testing.UNDER_WAY
            return Response(back_test_json(row), status=200 if ended else 202)

        return once_after(request, work)


class BackTestDetail(GenericAPIView):
    """One back-test: how far it has come, or what came out."""

    serializer_class = BackTestShown
    queryset = BackTest.objects.none()
    reads = Can.TRY_SETTINGS

    def get(self, request: SignedIn, key: str) -> Response:
        read_query(request, StrictSerializer)
        return Response(back_test_json(find_row(_rows(request), key)))


class BackTestStep(serializers.Serializer):
    act = serializers.ChoiceField(choices=[CANCEL])


class BackTestSteps(GenericAPIView):
    """Cancel a back-test that waits or is under way; 409 once it is over."""

    serializer_class = BackTestStep
    queryset = BackTest.objects.none()
    writes = Can.TRY_SETTINGS

    @extend_schema(request=BackTestStep, responses={200: BackTestShown})
    def post(self, request: SignedIn, key: str) -> Response:
        row = find_row(_rows(request), key)
        act = read_object(request.data, ("act",)).get("act")

        def work() -> Response:
            if act != CANCEL:
                raise Refused("There is no such act. Known: cancel.", "unknown")
            back_testing.cancel(row, by=request.user, at=timezone.now())
            return Response(back_test_json(_rows(request).get(pk=row.pk)))

        return once(request, work)
