"""``deductible-settings/`` and ``billing-provider/``: read, preview, save."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from accounts.roles import Can
from api.idempotency import once, once_after
from api.permissions import SignedIn
from api.serializers import StrictSerializer, read_query
from deductibles.actions import settings
from deductibles.api.bodies import as_fields, read_object, tried
from deductibles.api.shapes import provider_json, settings_json
from deductibles.domain.intake import PROVIDER
from deductibles.models import BillingProvider, DeductibleSettings, provider_in_force, settings_in_force
from patients.domain.intake import read_all, whole

FIELDS = (
    "automatic",
    "max_days",
    "dollar_threshold",
    "monitor_above",
    "manual",
    "manual_days",
    "guard_days",
    "version",
)


class SettingsBody(serializers.Serializer):
    """Deductible Monitoring; days may be null while their switch is off, ``version`` may be left out."""

    automatic = serializers.BooleanField()
    max_days = serializers.IntegerField(allow_null=True)
    dollar_threshold = serializers.CharField()
    monitor_above = serializers.CharField()
    manual = serializers.BooleanField()
    manual_days = serializers.IntegerField(allow_null=True)
    guard_days = serializers.IntegerField()
    version = serializers.IntegerField(required=False)


_OPTIONAL = ("version", "guard_days")
"""``guard_days`` has a default, 14; the others have none, so that nothing is switched off by silence."""


def _whole(data: Any) -> dict[str, Any]:
    """All settings at once: one that is left out must not silently become its default."""
    body = read_object(data, FIELDS)
    missing = [name for name in FIELDS if name not in body and name not in _OPTIONAL]
    if missing:
        said = "This setting is missing. Send all of them; only version and guard_days may be left out."
        raise as_fields({name: [("required", said)] for name in missing})
    return body


class DeductibleSettingsView(GenericAPIView):
    """The settings in force; PUT saves a new version (D-CONF-2…9), a stale one is 409."""

    serializer_class = SettingsBody
    queryset = DeductibleSettings.objects.none()
    reads = writes = Can.SETTINGS

    def get(self, request: SignedIn) -> Response:
        read_query(request, StrictSerializer)
        return Response(settings_json(settings_in_force(request.user.company_id)))

    def put(self, request: SignedIn) -> Response:
        body = _whole(request.data)

        def work() -> Response:
            user = request.user
            row = tried(lambda: settings.save_settings(user.company, body, by=user, at=timezone.now()))
            return Response(settings_json(row))

        return once_after(request, work)


class PreviewShown(serializers.Serializer):
    released_tonight = serializers.IntegerField()
    newly_held = serializers.IntegerField()
    by_payer = serializers.ListField(child=serializers.DictField())


class SettingsPreview(GenericAPIView):
    """What saving these settings would do (D-CONF-10); saves nothing."""

    serializer_class = SettingsBody
    queryset = DeductibleSettings.objects.none()
    writes = Can.SETTINGS

    @extend_schema(request=SettingsBody, responses={200: PreviewShown})
    def post(self, request: SignedIn) -> Response:
        body = _whole(request.data)
        found = tried(lambda: settings.preview_settings(request.user.company, body, at=timezone.now()))
        return Response(asdict(found))


class BillingProviderBody(serializers.Serializer):
    """As whom the company bills (D-SUB-0)."""

    name = serializers.CharField()
    npi = serializers.CharField()
    tax_id = serializers.CharField()
    taxonomy = serializers.CharField()
    line1 = serializers.CharField()
    line2 = serializers.CharField(required=False)
    city = serializers.CharField()
    state = serializers.CharField()
    zip = serializers.CharField()
    contact_name = serializers.CharField()
    contact_phone = serializers.CharField()
    submitter_id = serializers.CharField()
    submitter_name = serializers.CharField()
    receiver_id = serializers.CharField()
    receiver_name = serializers.CharField()
    version = serializers.IntegerField(required=False)


def _version(body: dict[str, Any]) -> int | None:
    """Take the version out of a body; it may be left out."""
    clean, wrong = read_all({"version": whole("Version", 0, 999_999)}, {"version": body.pop("version", None)})
    if wrong:
        raise as_fields({name: [(problem.code, problem.sentence)] for name, problem in wrong.items()})
    found: int | None = clean["version"]
    return found


class BillingProviderView(GenericAPIView):
    """The billing provider in force; PUT saves a new version (D-SUB-0), a stale one is 409."""

    serializer_class = BillingProviderBody
    queryset = BillingProvider.objects.none()
    reads = writes = Can.SETTINGS

    def get(self, request: SignedIn) -> Response:
        read_query(request, StrictSerializer)
        return Response(provider_json(provider_in_force(request.user.company_id)))

    def put(self, request: SignedIn) -> Response:
        body = read_object(request.data, (*PROVIDER, "version"))
        version = _version(body)

        def work() -> Response:
            user, at = request.user, timezone.now()
            save = partial(settings.save_provider, user.company, body, by=user, at=at, version=version)
            return Response(provider_json(tried(save)))

        return once(request, work)
