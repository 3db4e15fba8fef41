"""The API's doors for files: ``multipart/form-data`` with one field ``file``."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.roles import Can
from api.idempotency import key_of, once
from api.parsers import StrictJSONParser
from api.permissions import SignedIn
from api.schema import Refusal
from api.serializers import StrictSerializer, read_query
from escalations import actions, files_answer
from escalations.files import MOST_BYTES, Upload, megabytes, read_upload
from escalations.files_kinds import SUFFIXES
from escalations.files_shown import find_file, find_ticket
from escalations.models import Attachment
from patients.domain.intake import Wrong

_HOW = "Send one file as multipart/form-data, in the field file."


class TooLarge(APIException):
    """413: the file is larger than one may be."""

    status_code = 413
    default_code = "too_large"


class AttachmentBody(StrictSerializer):
    """One file."""

    file = serializers.FileField(
        allow_empty_file=True,
        error_messages=dict.fromkeys(("required", "invalid", "null", "no_name"), _HOW),
    )


class AttachmentAnswer(serializers.Serializer):
    """A file that is kept; its id stands in the answers of a filing, and in its address."""

    id = serializers.CharField()
    filename = serializers.CharField()
    kind = serializers.ChoiceField(choices=list(SUFFIXES))
    size = serializers.IntegerField()
    sha256 = serializers.CharField()


_UPLOAD = {
    "request": {"multipart/form-data": AttachmentBody},
    "responses": {
        201: AttachmentAnswer,
        413: OpenApiResponse(Refusal, description=f"The file is larger than {megabytes(MOST_BYTES)}."),
        415: OpenApiResponse(Refusal, description="The body is no multipart/form-data."),
    },
}
_BYTES: dict[Any, Any] = {(200, kind): OpenApiTypes.BINARY for kind in SUFFIXES}


class AttachmentsView(APIView):
    """Upload a file for a ticket that is not filed yet. It waits a week for its ticket."""

    writes = Can.WORK_TICKETS
    parser_classes = [MultiPartParser, StrictJSONParser]

    @extend_schema(**_UPLOAD)  # type: ignore[arg-type]
    def post(self, request: SignedIn) -> Response:
        key_of(request)
        file = _file_in(request)

        def work() -> Response:
            return _answer(lambda: actions.upload(file, by=request.user, at=timezone.now()))

        return once(request, work, said=_said(file))


class AttachmentView(APIView):
    """One file, as it came."""

    reads = Can.READ_TICKETS

    @extend_schema(responses=_BYTES)
    def get(self, request: SignedIn, key: str) -> HttpResponse:
        read_query(request, StrictSerializer)
        return files_answer.whole(find_file(request.user, key, at=timezone.now()))


class TicketAttachmentsView(APIView):
    """Add a file to a ticket."""

    writes = Can.WORK_TICKETS
    parser_classes = [MultiPartParser, StrictJSONParser]

    @extend_schema(**_UPLOAD)  # type: ignore[arg-type]
    def post(self, request: SignedIn, key: str) -> Response:
        ticket = find_ticket(request.user, key)
        key_of(request)
        file = _file_in(request)

        def work() -> Response:
            return _answer(lambda: actions.attach_to(ticket, [file], by=request.user, at=timezone.now())[0])

        return once(request, work, said=_said(file))


def _file_in(request: SignedIn) -> Upload:
    """The one file of the request; everything that is wrong with it or beside it is said under ``file``."""
    form = AttachmentBody(data=request.data)
    form.is_valid(raise_exception=True)
    if len(request.FILES.getlist("file")) > 1:
        raise ValidationError({"file": [ErrorDetail(_HOW, "too_many")]})
    try:
        return read_upload(form.validated_data["file"])
    except Wrong as wrong:
        raise _refusal(wrong) from None


def _answer(write: Any) -> Response:
    try:
        kept: Attachment = write()
    except Wrong as wrong:
        raise _refusal(wrong) from None
    shown = {
        "id": kept.name,
        **{name: getattr(kept, name) for name in ("filename", "kind", "size", "sha256")},
    }
    return Response(shown, status=201)


def _refusal(wrong: Wrong) -> APIException:
    if wrong.code == "too_large":
        return TooLarge(wrong.sentence)
    return ValidationError({"file": [ErrorDetail(wrong.sentence, wrong.code)]})


def _said(file: Upload) -> dict[str, str]:
    """What tells this upload from another one under the same Idempotency-Key."""
    return {"file": file.sha256, "filename": file.filename}
