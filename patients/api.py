"""``patients/`` and ``payers/``: create, list, read, change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.roles import Can
from api.endpoints import Endpoint, find_row
from api.idempotency import once
from api.pages import CursorPages
from api.permissions import SignedIn
from api.serializers import StrictSerializer, read_query
from patients import actions, reading
from patients.banners import Banner, banners_of
from patients.domain import intake
from patients.domain.zones import NAMES
from patients.models import Door, Patient, Payer, PayerKind
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
    time_zone = serializers.CharField(
        required=False, allow_blank=True, help_text=f"{', '.join(NAMES)}; empty: as the state says."
    )
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
    filing_limit_source = serializers.CharField(required=False, allow_blank=True, max_length=120)
    filing_limit_checked_on = serializers.DateField(required=False, allow_null=True)
    network = serializers.ChoiceField(choices=["in", "out"], required=False)
    max_days = serializers.IntegerField(required=False, allow_null=True)
    dollar_threshold = serializers.DecimalField(10, 2, required=False, allow_null=True)
    monitor_above = serializers.DecimalField(10, 2, required=False, allow_null=True)


class PatientQuery(StrictSerializer):
    q = serializers.CharField(required=False, allow_blank=True, max_length=100)


def patient_json(patient: Patient, banners: Sequence[Banner] | None = None) -> dict[str, Any]:
    """The one shape of a patient in answers; a list hands in the banners it has read for all its rows."""
    names = (
        "first_name",
        "last_name",
        "sex",
        "account_number",
        "phone",
        "email",
        "address",
        "time_zone",
        "do_not_contact",
    )
    shown = {name: getattr(patient, name) for name in names}
    told = banners_of([patient]).get(patient.pk, []) if banners is None else banners
    titles = [banner.title for banner in told]
    born_on = patient.date_of_birth.isoformat()
    return {"id": str(patient.pk), "date_of_birth": born_on, "banners": titles, **shown}


def payer_json(payer: Payer) -> dict[str, Any]:
    """The one shape of a payer in answers."""
    names = ["name", "payer_id", "kind", "never_hold", "network", "max_days"]
    names += ["filing_limit_days", "filing_limit_source"]
    money = {name: getattr(payer, name) for name in ("dollar_threshold", "monitor_above")}
    shown = {name: None if value is None else f"{value:.2f}" for name, value in money.items()}
    checked = payer.filing_limit_checked_on
    shown["filing_limit_checked_on"] = checked.isoformat() if checked else None
    return {"id": str(payer.pk), **{name: getattr(payer, name) for name in names}, **shown}


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
    address = {} if data.get("address") is None else data["address"]
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


def read_payer(data: Any, *, only_given: bool = False) -> dict[str, Any]:
    """Read a payer body by the same readers as every other door."""
    known = set(PayerSerializer().fields) - {"id"}
    if not isinstance(data, dict):
        raise ValidationError({"non_field_errors": ["Send one JSON object."]})
    unknown = set(data) - known
    if unknown:
        raise ValidationError({_safe(name): [_detail("unknown", "Unknown field.")] for name in unknown})
    clean, wrong = intake.read_all(intake.payer_readers(timezone.localdate()), data, only_given=only_given)
    _refuse(wrong)
    return clean


class Kind:
    """What a patient's and a payer's endpoints differ in."""

    queryset: Any
    read: Any
    shown: Any
    create: Any
    change: Any


class Rows(Kind, Endpoint):
    """Create rows and list them, a page at a time."""

    listed = True

    def found(self, request: SignedIn) -> Any:
        """The rows the query string asks for."""
        read_query(request, StrictSerializer)
        return self.queryset.model.objects.visible_to(request.user)

    def get(self, request: SignedIn) -> Response:
        page = self.page_of(self.found(request))
        return self.get_paginated_response(self.shown_all(request, page))

    def shown_all(self, request: SignedIn, page: list[Any]) -> list[dict[str, Any]]:
        """A page of rows as the answer has them."""
        return [self.shown(row) for row in page]

    def post(self, request: SignedIn) -> Response:
        clean = self.read(request.data)

        def work() -> Response:
            row = _done(lambda: self.create(clean, by=request.user, at=timezone.now()))
            return Response(self.shown(row), status=201)

        return once(request, work)


class Row(Kind, Endpoint):
    """Read and change one row."""

    def get(self, request: SignedIn, key: str) -> Response:
        read_query(request, StrictSerializer)
        return Response(self.shown(self.row_of(request, key)))

    def patch(self, request: SignedIn, key: str) -> Response:
        row = self.row_of(request, key)
        clean = self.read(request.data, only_given=True)

        def work() -> Response:
            _done(lambda: self.change(row, clean, by=request.user, at=timezone.now()))
            return Response(self.shown(row))

        return once(request, work)

    def row_of(self, request: SignedIn, key: str) -> Any:
        """The row asked for, of the user's company, or 404."""
        return find_row(self.queryset.model.objects.visible_to(request.user), key)


class Patients(Kind):
    """Patients."""

    serializer_class: Any = PatientSerializer
    queryset: Any = Patient.objects.none()
    reads, writes = Can.READ_PATIENTS, Can.WRITE_PATIENTS
    read, shown = staticmethod(read_patient), staticmethod(patient_json)
    create, change = staticmethod(actions.create_patient), staticmethod(actions.change_patient)


class Payers(Kind):
    """Payers."""

    serializer_class: Any = PayerSerializer
    queryset: Any = Payer.objects.none()
    reads, writes = Can.READ_PAYERS, Can.WRITE_PAYERS
    read, shown = staticmethod(read_payer), staticmethod(payer_json)
    create, change = staticmethod(actions.create_payer), staticmethod(actions.change_payer)


class PatientPages(CursorPages):
    """Pages of patients: newest first, or of a search the best match first."""

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> tuple[str, ...]:
        return ("place",) if "place" in queryset.query.annotations else ("-id",)


@extend_schema_view(get=extend_schema(parameters=[PatientQuery]))
class PatientList(Patients, Rows):
    """Create and list patients."""

    pagination_class = PatientPages

    def found(self, request: SignedIn) -> Any:
        return find_patients(request.user, read_query(request, PatientQuery).get("q", ""))

    def shown_all(self, request: SignedIn, page: list[Any]) -> list[dict[str, Any]]:
        reading.note_search(request.user, len(page), Door.API, timezone.now())
        banners = banners_of(page)
        return [patient_json(row, banners.get(row.pk, [])) for row in page]


class PatientDetail(Patients, Row):
    """Read and change one patient."""

    def row_of(self, request: SignedIn, key: str) -> Any:
        patient = super().row_of(request, key)
        reading.note(request.user, patient, Door.API, timezone.now())
        return patient


class PayerList(Payers, Rows):
    """Create and list payers."""


class PayerDetail(Payers, Row):
    """Read and change one payer."""
