"""``holding/forecast/``: releases and cash of the next thirty days, with the error earlier forecasts had."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from accounts.roles import Can
from api.permissions import SignedIn
from api.serializers import StrictSerializer, read_query
from deductibles.models import Forecast
from deductibles.worth.forecast_screen import MEASURING, NONE, SHORT, SHOWN, ForecastScreen
from deductibles.worth.kept import sums_of
from patients.models import Payer

QUANTILES = ("p05", "p50", "p90", "p95")


class Counts(serializers.Serializer):
    """Claims: as often more as less than ``p50``; one day in ten has more than ``p90``."""

    p05 = serializers.IntegerField()
    p50 = serializers.IntegerField()
    p90 = serializers.IntegerField()
    p95 = serializers.IntegerField()


class Amounts(serializers.Serializer):
    """Dollars, likewise."""

    p05 = serializers.CharField()
    p50 = serializers.CharField()
    p90 = serializers.CharField()
    p95 = serializers.CharField()


class ForecastDay(serializers.Serializer):
    """One day. ``cash`` is null where too little was ever paid to say."""

    on = serializers.DateField()
    released = Counts()
    billed = Amounts()
    cash = Amounts(allow_null=True)


class ForecastSums(serializers.Serializer):
    """The thirty days together."""

    released = Counts()
    billed = Amounts()
    cash = Amounts(allow_null=True)


class Fared(serializers.Serializer):
    """How earlier forecasts fared: shares of the days compared, and how far off P50 a day was on average."""

    days = serializers.IntegerField()
    at_most_p90 = serializers.FloatField()
    within_band = serializers.FloatField()
    off = serializers.FloatField()
    mean = serializers.FloatField()


class ForecastError(serializers.Serializer):
    forecasts = serializers.IntegerField()
    released = Fared(allow_null=True)
    billed = Fared(allow_null=True)
    cash = Fared(allow_null=True)


class ForecastShown(serializers.Serializer):
    """``days``, ``sums`` and ``error`` are null unless the state is ``shown``; ``why_not`` says why."""

    state = serializers.ChoiceField(choices=[NONE, SHORT, MEASURING, SHOWN])
    why_not = serializers.CharField(allow_blank=True)
    payer = serializers.CharField(allow_null=True)
    made_on = serializers.DateField(allow_null=True)
    held = serializers.IntegerField(allow_null=True)
    days = ForecastDay(many=True, allow_null=True)
    sums = ForecastSums(allow_null=True)
    error = ForecastError(allow_null=True)
    basis = serializers.ListField(child=serializers.CharField())


class ForecastQuery(StrictSerializer):
    payer = serializers.IntegerField(required=False, min_value=1, max_value=2**62)


class HoldingForecast(GenericAPIView):
    """The newest forecast whose error is known, of the company or of one payer.

    It is about the claims that were held at the end of ``made_on``; for cash also about those released and
    not paid that day. An estimate, made of the company's own history.
    """

    serializer_class = ForecastShown
    queryset = Forecast.objects.none()
    reads = Can.READ_CLAIMS

    @extend_schema(parameters=[ForecastQuery])
    def get(self, request: SignedIn) -> Response:
        payer = read_query(request, ForecastQuery).get("payer")
        if payer is not None and not Payer.objects.visible_to(request.user).filter(pk=payer).exists():
            raise Http404
        today = timezone.localdate(timezone=request.user.company.zone)
        screen = ForecastScreen(request.user, {"payer": str(payer or "")}, today=today)
        return Response(forecast_json(screen))


def forecast_json(screen: ForecastScreen) -> dict[str, Any]:
    """What is shown, in numbers; nothing but words without a known error."""
    row, shown = screen.row, screen.state == SHOWN
    return {
        "state": screen.state,
        "why_not": "" if shown else screen.why_not,
        "payer": str(screen.payer.pk) if screen.payer else None,
        "made_on": row.made_on.isoformat() if row else None,
        "held": row.held if row and shown else None,
        "days": [
            {
                "on": day.on.isoformat(),
                "released": _counts(day.claims),
                "billed": _amounts(day.dollars),
                "cash": _amounts(day.cash),
            }
            for day in screen.days
        ]
        if shown
        else None,
        "sums": _sums(row) if row and shown else None,
        "error": _error(row.error) if row and shown else None,
        "basis": screen.basis,
    }


def _sums(row: Forecast) -> dict[str, Any]:
    return {
        "released": _counts(sums_of(row, "claims") or ()),
        "billed": _amounts(sums_of(row, "dollars")),
        "cash": _amounts(sums_of(row, "cash")),
    }


def _counts(quantiles: Any) -> dict[str, int]:
    return {name: round(one) for name, one in zip(QUANTILES, quantiles, strict=True)}


def _amounts(quantiles: Any) -> dict[str, str] | None:
    if quantiles is None:
        return None
    return {name: f"{one:.2f}" for name, one in zip(QUANTILES, quantiles, strict=True)}


def _error(error: dict[str, Any]) -> dict[str, Any]:
    return {
        "forecasts": error["forecasts"],
        "released": _fared(error["claims"]),
        "billed": _fared(error["dollars"]),
        "cash": _fared(error["cash"]),
    }


def _fared(one: dict[str, Any] | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "days": one["days"],
        "at_most_p90": one["under"],
        "within_band": one["inside"],
        "off": one["off"],
        "mean": one["mean"],
    }
