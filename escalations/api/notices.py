"""What a person was told, by API: the list, and marking as read."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.roles import Can
from api.idempotency import once
from api.permissions import SignedIn
from api.serializers import StrictSerializer, read_query
from escalations import actions
from escalations.domain.notices import KINDS
from escalations.inbox.queries import notices_of, unread_count
from escalations.inbox.screen import NoticePages
from escalations.models import Notification
from escalations.serializers import Raw

MOST_IDS = 500


class NoticeQuery(StrictSerializer):
    """The filter of the list."""

    unread = serializers.BooleanField(
        required=False, help_text="true: only what is not read; false: only what is"
    )


class NoticeAnswer(serializers.Serializer):
    """One thing the person was told; ``words`` name the ticket by its number alone."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=[(one.key, one.label) for one in KINDS])
    words = serializers.CharField()
    ticket = serializers.CharField(allow_null=True, help_text="The ticket's number.")
    at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class NoticePageAnswer(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = NoticeAnswer(many=True)


class ReadBody(StrictSerializer):
    """Either the ids, or ``all``."""

    ids = Raw(help_text=f"A list of ids of notifications, {MOST_IDS} at most.")
    all = Raw(help_text="true: everything that is not read yet.")


class ReadAnswer(serializers.Serializer):
    marked = serializers.IntegerField(help_text="How many had not been read.")
    unread = serializers.IntegerField(help_text="How many are not read now; counted up to 100.")


class NotificationsView(APIView):
    """What the person of this key was told, newest first."""

    reads = Can.READ_TICKETS

    @extend_schema(operation_id="v1_notifications_list", parameters=[NoticeQuery], responses=NoticePageAnswer)
    def get(self, request: SignedIn) -> Response:
        given = read_query(request, NoticeQuery)
        rows = notices_of(request.user)
        if "unread" in given:
            rows = rows.filter(read_at__isnull=given["unread"])
        pages = NoticePages()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([_json(row, request) for row in page or []])


class NotificationsReadView(APIView):
    """Mark notifications as read: some, or all."""

    writes = Can.READ_TICKETS

    @extend_schema(operation_id="v1_notifications_read", request=ReadBody, responses=ReadAnswer)
    def post(self, request: SignedIn) -> Response:
        form = ReadBody(data=request.data)
        form.is_valid(raise_exception=True)
        keys = _keys(form.validated_data)
        return once(request, lambda: _mark(request, keys))


def _mark(request: SignedIn, keys: set[int] | None) -> Response:
    if keys is not None and notices_of(request.user).filter(pk__in=keys).count() != len(keys):
        raise Http404
    marked = actions.mark_read(request.user, keys, at=timezone.now())
    return Response({"marked": marked, "unread": unread_count(request.user)})


def _json(row: Notification, request: SignedIn) -> dict[str, Any]:
    zone = request.user.company.zone
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "words": row.words,
        "ticket": row.ticket.number if row.ticket else None,
        "at": row.at.astimezone(zone).isoformat(),
        "read_at": row.read_at.astimezone(zone).isoformat() if row.read_at else None,
    }


def _keys(said: dict[str, Any]) -> set[int] | None:
    """The ids that are meant; ``None`` for all. Exactly one of the two must be said."""
    ids, everything = said.get("ids"), said.get("all")
    if everything is not None and not isinstance(everything, bool):
        raise _wrong("all", "type", "All is true or false.")
    if (ids is None) != bool(everything):
        raise _wrong("ids", "required", "Send either ids, or all as true.")
    if everything:
        return None
    if not isinstance(ids, list) or not ids:
        raise _wrong("ids", "type", "Ids must be a list of one or more ids of notifications.")
    if len(ids) > MOST_IDS:
        raise _wrong("ids", "too_many", f"At most {MOST_IDS} ids at one time. Nothing was changed.")
    return {_id(item) for item in ids}


def _id(item: Any) -> int:
    plain = str(item) if isinstance(item, str | int) and not isinstance(item, bool) else ""
    if not plain.isascii() or not plain.isdigit() or len(plain) > 18:
        raise _wrong("ids", "unknown", "One of these is no id of a notification.")
    return int(plain)


def _wrong(name: str, code: str, sentence: str) -> ValidationError:
    return ValidationError({name: [ErrorDetail(sentence, code)]})
