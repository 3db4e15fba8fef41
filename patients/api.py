"""``patients/`` and ``payers/``: create, list, read, change."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.roles import Can
from api.endpoints import Endpoint
from api.idempotency import once
from api.permissions import SignedIn
from api.serializers import StrictSerializer, read_query
from patients import actions
from patients.domain import intake
from patients.models import Patient, Payer, PayerKind
from patients.queries import find_patients


class AddressSerializer(StrictSerializer):
    line1 = serializers.CharField(required=False, allow_blank=True)
    line2 = serializers.CharField(required=False, allow_blank=True)
    city = serializers.CharField(required=False, allow_blank=True)
    state = serializers.CharField(required=False, allow_blank=True)
    zip = serializers.CharField(required=False, allow_blank=True)


class PatientSerializer(StrictSerializer):
    """A patient as the API shows it; what is written is read by the intake, all fields at once."""

    id = serializers.CharField(read_only=True)
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    date_of_birth = serializers.DateField()
    sex = serializers.ChoiceField(choices=["F", "M", "U"], required=False)
    account_number = serializers.CharField(required=False, allow_blank=True)
    phone = serializers.CharField(required=False, allow_blank=True)
    email = serializers.CharField(required=False, allow_blank=True)
    address = AddressSerializer(required=False)
    do_not_contact = serializers.ListField(child=serializers.CharField(), read_only=True)
    banners = serializers.ListField(child=serializers.CharField(), read_only=True)


class PayerSerializer(StrictSerializer):
    """A payer with its overrides; null means the company's own setting."""

    id = serializers.CharField(read_only=True)
    name = serializers.CharField()
    payer_id = serializers.CharField()
    kind = serializers.ChoiceField(choices=PayerKind.choices, required=False)
    never_hold = serializers.BooleanField(required=False)
    filing_limit_days = serializers.IntegerField(required=False, allow_null=True)
    network = serializers.ChoiceField(choices=["in", "out"], required=False)
    max_days = serializers.IntegerField(required=False, allow_null=True)
    dollar_threshold = serializers.DecimalField(10, 2, required=False, allow_null=True)
    monitor_above = serializers.DecimalField(10, 2, required=False, allow_null=True)


class PatientQuery(StrictSerializer):
    q = serializers.CharField(required=False, allow_blank=True, max_length=100)


def patient_json(patient: Patient) -> dict[str, Any]:
    """The one shape of a patient in answers."""
    names = (
        "first_name",
        "last_name",
        "sex",
        "account_number",
        "phone",
        "email",
        "address",
        "do_not_contact",
    )
    shown = {name: getattr(patient, name) for name in names}
    banners = [f"Do not contact by {channel}." for channel in patient.do_not_contact]
    born_on = patient.date_of_birth.isoformat()
    return {"id": str(patient.pk), "date_of_birth": born_on, "banners": banners, **shown}


def payer_json(payer: Payer) -> dict[str, Any]:
    """The one shape of a payer in answers."""
    names = ["name", "payer_id", "kind", "never_hold", "filing_limit_days", "network", "max_days"]
    money = {name: getattr(payer, name) for name in ("dollar_threshold", "monitor_above")}
    shown = {name: None if value is None else f"{value:.2f}" for name, value in money.items()}
    return {"id": str(payer.pk), **{name: getattr(payer, name) for name in names}, **shown}


def find_row(rows: Any, key: str) -> Any:
    """The row with this id, or 404: also for what is no id at all."""
    if not key.isascii() or not key.isdigit() or len(key) > 18:
        raise Http404
    row = rows.filter(pk=int(key)).first()
    if row is None:
        raise Http404
    return row


def read_patient(data: Any, *, only_given: bool = False) -> dict[str, Any]:
    """Read a patient body; everything wrong is named at once."""
    flat = _flat(data, set(PatientSerializer().fields))
    clean, wrong = intake.read_all(intake.patient_readers(timezone.localdate()), flat, only_given=only_given)
    _refuse(wrong)
    return clean


def _flat(data: Any, known: set[str]) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise ValidationError({"non_field_errors": ["Send one JSON object."]})
    unknown = {name for name in data if name not in known - {"id", "do_not_contact", "banners"}}
    if unknown:
        raise ValidationError({_safe(name): [_detail("unknown", "Unknown field.")] for name in unknown})
    address = data.get("address") or {}
    if not isinstance(address, dict):
        raise ValidationError({"address": ["Send an object with line1, line2, city, state and zip."]})
    parts = {"line1", "line2", "city", "state", "zip"}
    if set(address) - parts:
        raise ValidationError({"address": [_detail("unknown", "Known are line1, line2, city, state, zip.")]})
    return {**{name: value for name, value in data.items() if name != "address"}, **address}


def _safe(name: str) -> str:
    return name[:40] if name.isidentifier() else "unknown_field"


def _detail(code: str, sentence: str) -> serializers.ErrorDetail:
    return serializers.ErrorDetail(sentence, code)


_IN_ADDRESS = {"line1", "line2", "city", "state", "zip"}


def _refuse(wrong: dict[str, intake.Wrong]) -> None:
    if wrong:
        raise ValidationError(
            {
                (f"address.{name}" if name in _IN_ADDRESS else name): [
                    _detail(problem.code, problem.sentence)
                ]
                for name, problem in wrong.items()
            }
        )


def _done(work: Any) -> Any:
    try:
        return work()
    except actions.Invalid as invalid:
        _refuse(invalid.wrong)


class PatientList(Endpoint):
    """Create and list patients."""

    serializer_class = PatientSerializer
    queryset = Patient.objects.none()
    listed = True
    reads, writes = Can.READ_PATIENTS, Can.WRITE_PATIENTS

    @extend_schema(parameters=[PatientQuery])
    def get(self, request: SignedIn) -> Response:
        sought = read_query(request, PatientQuery).get("q", "")
        page = self.page_of(find_patients(request.user, sought))
        return self.get_paginated_response([patient_json(patient) for patient in page])

    def post(self, request: SignedIn) -> Response:
        clean = read_patient(request.data)

        def work() -> Response:
            patient = _done(lambda: actions.create_patient(clean, by=request.user, at=timezone.now()))
            return Response(patient_json(patient), status=201)

        return once(request, work)


class PatientDetail(Endpoint):
    """Read and change one patient."""

    serializer_class = PatientSerializer
    queryset = Patient.objects.none()
    reads, writes = Can.READ_PATIENTS, Can.WRITE_PATIENTS

    def get(self, request: SignedIn, key: str) -> Response:
        read_query(request, StrictSerializer)
        return Response(patient_json(find_row(Patient.objects.visible_to(request.user), key)))

    def patch(self, request: SignedIn, key: str) -> Response:
        patient = find_row(Patient.objects.visible_to(request.user), key)
        clean = read_patient(request.data, only_given=True)

        def work() -> Response:
            _done(lambda: actions.change_patient(patient, clean, by=request.user, at=timezone.now()))
            return Response(patient_json(patient))

        return once(request, work)


class PayerList(Endpoint):
    """Create and list payers."""

    serializer_class = PayerSerializer
    queryset = Payer.objects.none()
    listed = True
    reads, writes = Can.READ_PAYERS, Can.WRITE_PAYERS

    def get(self, request: SignedIn) -> Response:
        read_query(request, StrictSerializer)
        page = self.page_of(Payer.objects.visible_to(request.user))
        return self.get_paginated_response([payer_json(payer) for payer in page])

    def post(self, request: SignedIn) -> Response:
        clean = read_payer(request.data)

        def work() -> Response:
            payer = _done(lambda: actions.create_payer(clean, by=request.user, at=timezone.now()))
            return Response(payer_json(payer), status=201)

        return once(request, work)


class PayerDetail(Endpoint):
    """Read and change one payer."""

    serializer_class = PayerSerializer
    queryset = Payer.objects.none()
    reads, writes = Can.READ_PAYERS, Can.WRITE_PAYERS

    def get(self, request: SignedIn, key: str) -> Response:
        read_query(request, StrictSerializer)
        return Response(payer_json(find_row(Payer.objects.visible_to(request.user), key)))

    def patch(self, request: SignedIn, key: str) -> Response:
        payer = find_row(Payer.objects.visible_to(request.user), key)
        clean = read_payer(request.data, only_given=True)

        def work() -> Response:
            _done(lambda: actions.change_payer(payer, clean, by=request.user, at=timezone.now()))
            return Response(payer_json(payer))

        return once(request, work)


def read_payer(data: Any, *, only_given: bool = False) -> dict[str, Any]:
    """Read a payer body by the same readers as every other door."""
    known = set(PayerSerializer().fields) - {"id"}
    if not isinstance(data, dict):
        raise ValidationError({"non_field_errors": ["Send one JSON object."]})
    unknown = set(data) - known
    if unknown:
        raise ValidationError({_safe(name): [_detail("unknown", "Unknown field.")] for name in unknown})
    clean, wrong = intake.read_all(intake.payer_readers(), data, only_given=only_given)
    _refuse(wrong)
    return clean
