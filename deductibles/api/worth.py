"""``holding/ledger/``: what holding brought, claim by claim, and added up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from accounts.roles import Can
from api.permissions import SignedIn
from api.serializers import DayField, StrictSerializer, read_query
from deductibles.models import HoldOutcome, rates_in_force
from deductibles.worth.asked import LETTERS, WORDS, Asked, read_asked
from deductibles.worth.claims import WORTHS, joined, narrowed
from deductibles.worth.figures import Figure, figures_of


class LedgerQuery(StrictSerializer):
    """The period by the date of payment, ten years at most, and the filters of the report."""

    to = DayField(required=False)
    payer = serializers.IntegerField(required=False, min_value=1)
    reason = serializers.ChoiceField(choices=sorted(LETTERS), required=False)
    settings = serializers.IntegerField(required=False, min_value=1)

    def get_fields(self) -> dict[str, Any]:
        """``from`` is no name that a class may give."""
        return {"from": DayField(required=False), **super().get_fields()}


class ClaimsQuery(LedgerQuery):
    """The same, and whether holding brought something."""

    worth = serializers.ChoiceField(choices=sorted(WORTHS), required=False)


class OutcomeShown(serializers.Serializer):
    """One claim that was held, released, and paid or denied for time; null is not known, never zero."""

    claim = serializers.CharField()
    number = serializers.CharField()
    payer = serializers.CharField(allow_null=True)
    kind = serializers.ChoiceField(choices=HoldOutcome._meta.get_field("kind").choices or [])
    reason = serializers.ChoiceField(choices=sorted(LETTERS))
    settings_version = serializers.IntegerField(allow_null=True)
    held_on = serializers.DateField()
    released_on = serializers.DateField()
    paid_on = serializers.DateField()
    days = serializers.IntegerField()
    remaining_at_hold = serializers.CharField(allow_null=True)
    remaining_at_release = serializers.CharField(allow_null=True)
    allowed = serializers.CharField(allow_null=True)
    deductible = serializers.CharField(allow_null=True)
    paid = serializers.CharField()
    co_insurance = serializers.CharField(allow_null=True)
    denied_for_time = serializers.CharField()
    gain = serializers.CharField(allow_null=True)
    missing = serializers.ListField(child=serializers.CharField())


class RatesShown(serializers.Serializer):
    """The rates in force, as shares of one; version 0 are the usual ones."""

    version = serializers.IntegerField()
    collected = serializers.CharField()
    co_insurance = serializers.CharField()
    money = serializers.CharField()
    measured_to = serializers.DateField(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        """``source`` is a name that every field has already."""
        return {**super().get_fields(), "source": serializers.CharField(allow_blank=True)}


class FigureShown(serializers.Serializer):
    """So many claims taken together; ``gain`` is that of the ``known`` ones."""

    claims = serializers.IntegerField()
    known = serializers.IntegerField()
    gain = serializers.CharField()
    losses = serializers.IntegerField()
    loss = serializers.CharField()
    denied_for_time = serializers.IntegerField()
    lost = serializers.CharField()
    days = serializers.IntegerField()
    paid = serializers.CharField()


class GroupShown(FigureShown):
    """One group; ``key`` is a payer's id, a month's first day, a reason, or a version of the settings."""

    key = serializers.CharField(allow_null=True)


class SummaryShown(serializers.Serializer):
    """The whole of a period, and each way of dividing it."""

    to = serializers.DateField()
    rates = RatesShown()
    whole = FigureShown()
    by_payer = GroupShown(many=True)
    by_month = GroupShown(many=True)
    by_reason = GroupShown(many=True)
    by_settings = GroupShown(many=True)
    missing = serializers.DictField(child=serializers.IntegerField())

    def get_fields(self) -> dict[str, Any]:
        """``from`` is no name that a class may give."""
        return {"from": serializers.DateField(), **super().get_fields()}


def _asked(request: SignedIn, given: dict[str, Any]) -> Asked:
    """The question as the page reads it; what the page would leave out is refused here."""
    today = timezone.localdate(timezone=request.user.company.zone)
    said = {name: str(value) for name, value in given.items()}
    asked = read_asked(request.user, said, page="", today=today)
    if asked.wrong:
        told = {name: [ErrorDetail(one.sentence, one.code)] for name, one in asked.wrong.items()}
        raise ValidationError(told)
    return asked


class LedgerList(GenericAPIView):
    """The claims behind the ledger, newest line first, each with what holding it brought (an estimate)."""

    listed = True
    serializer_class = OutcomeShown
    queryset = HoldOutcome.objects.none()
    reads = Can.READ_CLAIMS

    @extend_schema(parameters=[ClaimsQuery])
    def get(self, request: SignedIn) -> Response:
        given = read_query(request, ClaimsQuery)
        worth = given.pop("worth", "")
        asked = _asked(request, given)
        chosen: dict[str, str] = {name: str(given[name]) for name in ("payer", "settings") if name in given}
        chosen |= {"reason": asked.reason, "worth": worth}
        if "from" in given or "to" in given:
            chosen |= asked.period.dates
        page = self.paginate_queryset(joined(narrowed(request.user, chosen)))
        return self.get_paginated_response([outcome_json(row) for row in page or []])


class LedgerSummary(GenericAPIView):
    """What holding brought in a period, added up; without dates the last twelve months."""

    serializer_class = SummaryShown
    queryset = HoldOutcome.objects.none()
    reads = Can.READ_CLAIMS

    @extend_schema(parameters=[LedgerQuery], responses=SummaryShown)
    def get(self, request: SignedIn) -> Response:
        asked = _asked(request, read_query(request, LedgerQuery))
        company_id = request.user.company.pk
        row = rates_in_force(company_id)
        found = figures_of(company_id, row.rates, asked.chosen)
        versions = asked.versions
        return Response(
            {
                **asked.period.dates,
                "rates": {
                    "version": row.version,
                    **{name: str(getattr(row, name)) for name in ("collected", "co_insurance", "money")},
                    "source": row.source,
                    "measured_to": row.measured_to,
                },
                "whole": figure_json(found.whole),
                "by_payer": [_group(str(key) if key else None, one) for key, one in found.payer.items()],
                "by_month": [_group(key.isoformat(), found.month[key]) for key in sorted(found.month)],
                "by_reason": [_group(WORDS[key], one) for key, one in found.reason.items()],
                "by_settings": [
                    _group(str(versions[key]) if key else None, one) for key, one in found.settings.items()
                ],
                "missing": found.missing,
            }
        )


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def outcome_json(row: Any) -> dict[str, Any]:
    """One line; expects ``worth`` annotated."""
    amounts = ("remaining_at_hold", "remaining_at_release", "allowed", "deductible", "paid")
    return {
        "claim": str(row.claim_id),
        "number": row.claim.number,
        "payer": row.payer_id and str(row.payer_id),
        "kind": row.kind,
        "reason": WORDS[row.reason],
        "settings_version": row.settings.version if row.settings else None,
        "held_on": row.held_on,
        "released_on": row.released_on,
        "paid_on": row.heard_on,
        "days": row.days,
        **{name: _money(getattr(row, name)) for name in amounts},
        "co_insurance": None if row.co_insurance is None else f"{row.co_insurance:.4f}",
        "denied_for_time": _money(row.lost),
        "gain": _money(row.worth),
        "missing": [name for name in row.missing.split(",") if name],
    }


def figure_json(one: Figure) -> dict[str, Any]:
    """So many claims taken together."""
    return {
        "claims": one.claims,
        "known": one.known,
        "gain": _money(one.gain),
        "losses": one.losses,
        "loss": _money(one.loss),
        "denied_for_time": one.late,
        "lost": _money(one.lost),
        "days": one.days,
        "paid": _money(one.paid),
    }


def _group(key: str | None, one: Figure) -> dict[str, Any]:
    return {"key": key, **figure_json(one)}
