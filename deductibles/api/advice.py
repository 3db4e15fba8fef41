"""``claims/{id}/advice/``: hold on or bill now, with the numbers it was worked out from."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from accounts.roles import Can
from api.endpoints import find_row
from api.permissions import SignedIn
from api.serializers import StrictSerializer, read_query
from deductibles.api.shapes import day, money
from deductibles.domain.advice import WORDS
from deductibles.models import Claim, Hold
from deductibles.worth.advising import Advised, whose

NOT_HELD = "The claim is not held."


class AdviceShown(serializers.Serializer):
    """``verdict`` is null for a claim that is not held. Dollars and shares are null where nothing is
    advised.

    ``chance`` of being met up to ``release_on``; ``days`` it waits on average; ``if_met`` and ``if_not``
    what each way brings, ``expected`` both by their chance.
    """

    verdict = serializers.ChoiceField(choices=list(WORDS), allow_null=True)
    words = serializers.CharField()
    why = serializers.CharField()
    chance = serializers.FloatField(allow_null=True)
    days = serializers.FloatField(allow_null=True)
    if_met = serializers.CharField(allow_null=True)
    if_not = serializers.CharField(allow_null=True)
    expected = serializers.CharField(allow_null=True)
    remaining = serializers.CharField(allow_null=True)
    allowed = serializers.CharField(allow_null=True)
    release_on = serializers.DateField(allow_null=True)
    filing_deadline_on = serializers.DateField(allow_null=True)
    history = serializers.CharField()
    holds = serializers.IntegerField(allow_null=True)
    met = serializers.IntegerField(allow_null=True)


class ClaimAdvice(GenericAPIView):
    """An estimate made of the company's own history; nothing is done by it."""

    serializer_class = AdviceShown
    queryset = Claim.objects.none()
    reads = Can.READ_CLAIMS

    @extend_schema(responses={200: AdviceShown})
    def get(self, request: SignedIn, key: str) -> Response:
        read_query(request, StrictSerializer)
        claim = find_row(Claim.objects.visible_to(request.user), key)
        rows = Hold.objects.filter(claim=claim, active=True)
        row = rows.select_related("claim", "payer", "settings").first()
        if row is None:
            return Response(
                {**dict.fromkeys(AdviceShown().fields), "words": "", "why": NOT_HELD, "history": ""}
            )
        answers = claim.snapshots.order_by("-pk").defer("x12_271", "reading")
        today = timezone.localdate(timezone=request.user.company.zone)
        return Response(advice_json(Advised(row, list(answers), today=today)))


def advice_json(one: Advised) -> dict[str, Any]:
    """The advice with everything it used."""
    found, told = one.advice, one.advice.chance is not None
    curve = one.curve if told else None
    return {
        "verdict": found.verdict,
        "words": found.words,
        "why": one.said,
        "chance": _share(found.chance),
        "days": _share(found.days),
        "if_met": money(found.if_met),
        "if_not": money(found.if_not),
        "expected": money(found.expected),
        "remaining": money(one.row.remaining),
        "allowed": money(one.allowed.amount) if told and one.allowed else None,
        "release_on": day(one.row.release_on),
        "filing_deadline_on": day(one.deadline),
        "history": whose(curve.key) if curve else "",
        "holds": curve.claims if curve else None,
        "met": curve.met if curve else None,
    }


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
