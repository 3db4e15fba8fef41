"""``acknowledgements/``: what came back about claims, and taking a file in."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import BaseParser
from rest_framework.response import Response

from accounts.roles import Can
from api.idempotency import once
from api.parsers import StrictJSONParser
from api.permissions import SignedIn
from api.serializers import StrictSerializer, read_query
from deductibles.actions import acknowledging
from deductibles.api.bodies import read_object, tried
from deductibles.arrivals_screen import MOST_SHOWN
from deductibles.domain.acknowledging import STANDINGS
from deductibles.models import Acknowledgement, Arrival, Payment

BY_API = "api.txt"


class X12Parser(BaseParser):
    """The file itself as the body, in UTF-8 (or plain ASCII, as X12 is)."""

    media_type = "text/plain"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> dict[str, str]:
        return {"x12": stream.read(acknowledging.MOST_TEXT + 1).decode("utf-8", "replace")}


class VerdictShown(serializers.Serializer):
    """One answer. ``claim`` is its number, null when it is about a whole file or about nothing of ours."""

    kind = serializers.CharField()
    about = serializers.CharField()
    claim = serializers.CharField(allow_null=True)
    sequence = serializers.IntegerField()
    submission = serializers.CharField(allow_null=True)
    word = serializers.ChoiceField(choices=["accepted", "rejected", "noted"])
    codes = serializers.CharField(allow_blank=True)
    sentence = serializers.CharField()
    payer_reference = serializers.CharField(allow_blank=True)
    standing = serializers.ChoiceField(choices=list(STANDINGS))


class PaymentShown(serializers.Serializer):
    """What was paid for one claim; money as decimal strings, ``why_not`` says why it is not posted."""

    about = serializers.CharField()
    claim = serializers.CharField(allow_null=True)
    charged = serializers.CharField(allow_null=True)
    paid = serializers.CharField()
    deductible = serializers.CharField(allow_null=True)
    allowed = serializers.CharField(allow_null=True)
    patient_owes = serializers.CharField(allow_null=True)
    paid_on = serializers.DateField(allow_null=True)
    posted = serializers.BooleanField()
    why_not = serializers.CharField(allow_blank=True)


class ArrivalListed(serializers.Serializer):
    """One file that came back, as the list shows it."""

    id = serializers.CharField()
    name = serializers.CharField()
    kinds = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=Arrival.State.choices)
    detail = serializers.CharField(allow_blank=True)
    arrived_at = serializers.DateTimeField()


class ArrivalShown(ArrivalListed):
    """One file with the first 500 of its answers and payments."""

    answers = VerdictShown(many=True)
    payments = PaymentShown(many=True)


class ArrivalBody(serializers.Serializer):
    x12 = serializers.CharField(help_text="The text of a 999, 277CA, TA1 or 835; or send it as text/plain.")
    name = serializers.CharField(required=False, max_length=120)


class ArrivalQuery(StrictSerializer):
    state = serializers.ChoiceField(choices=Arrival.State.choices, required=False)


class Acknowledgements(GenericAPIView):
    """Files that came back, newest first; a file that is sent again is taken in once (D-SUB-3, D-SUB-4)."""

    listed = True
    serializer_class = ArrivalListed
    queryset = Arrival.objects.none()
    reads = Can.READ_CLAIMS
    writes = Can.WORK_CLAIMS
    parser_classes = [StrictJSONParser, X12Parser]

    @extend_schema(parameters=[ArrivalQuery])
    def get(self, request: SignedIn) -> Response:
        asked = read_query(request, ArrivalQuery)
        rows = Arrival.objects.visible_to(request.user).filter(**asked)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response([_json(row, request) for row in page or []])

    @extend_schema(request=ArrivalBody, responses={201: ArrivalShown, 200: ArrivalShown})
    def post(self, request: SignedIn) -> Response:
        body = read_object(request.data, ("x12", "name"))
        name = body.get("name")
        name = name if isinstance(name, str) and name.strip() else BY_API

        def work() -> Response:
            text, by = body.get("x12"), request.user
            row, done = tried(lambda: acknowledging.file_arrival(text, name, by=by, at=timezone.now()))
            found = _whole(Arrival.objects.filter(pk=row.pk)).get()
            said = {
                "answers": [_verdict(one) for one in found.answers_shown],
                "payments": [_payment(one) for one in found.payments_shown],
            }
            return Response({**_json(found, request), **said}, status=201 if done else 200)

        return once(request, work)


def _whole(rows: Any) -> Any:
    answers = Acknowledgement.objects.select_related("claim").order_by("pk")[:MOST_SHOWN]
    payments = Payment.objects.select_related("claim").order_by("pk")[:MOST_SHOWN]
    return rows.prefetch_related(
        Prefetch("acknowledgements", answers, to_attr="answers_shown"),
        Prefetch("payments", payments, to_attr="payments_shown"),
    )


def _json(row: Any, request: SignedIn) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "name": row.name,
        "kinds": row.kinds,
        "state": row.state,
        "detail": row.detail,
        "arrived_at": timezone.localtime(row.arrived_at, request.user.company.zone).isoformat(),
    }


def _verdict(one: Acknowledgement) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "about": one.number,
        "claim": one.claim.number if one.claim else None,
        "sequence": one.sequence,
        "submission": str(one.submission_id) if one.submission_id else None,
        **{name: getattr(one, name) for name in ("word", "codes", "sentence", "payer_reference", "standing")},
    }


def _payment(one: Payment) -> dict[str, Any]:
    amounts = ("charged", "paid", "deductible", "allowed", "patient_owes")
    return {
        "about": one.number,
        "claim": one.claim.number if one.claim else None,
        **{name: None if (amount := getattr(one, name)) is None else str(amount) for name in amounts},
        "paid_on": one.paid_on.isoformat() if one.paid_on else None,
        "posted": one.posted_at is not None,
        "why_not": one.why_not,
    }
