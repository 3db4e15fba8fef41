"""What belongs to one ticket by API: its timeline, and the tickets linked to it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.roles import Can
from accounts.steps import Refused
from api.idempotency import once
from api.pages import CursorPages
from api.permissions import SignedIn
from api.serializers import StrictSerializer, read_query
from escalations import actions
from escalations.actions.links import BY_HAND
from escalations.api.asking import body, ticket_at
from escalations.events import event_facts
from escalations.models import LinkKind, Ticket, TicketLink
from escalations.policies import calendar_of
from escalations.serializers import Raw
from patients import reading
from patients.models import Door

_MOST = 200


class EventAnswer(serializers.Serializer):
    id = serializers.CharField()
    act = serializers.CharField()
    at = serializers.DateTimeField()
    by = serializers.CharField(allow_null=True, help_text="A username; null: Holdline itself.")
    title = serializers.CharField()
    text = serializers.CharField()
    version = serializers.IntegerField(
        allow_null=True, help_text="The version the ticket had when the line was written."
    )


class EventPageAnswer(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = EventAnswer(many=True)


class EventQuery(StrictSerializer):
    """Pages of the timeline."""

    cursor = serializers.CharField(required=False)
    page_size = serializers.CharField(required=False)


class LinkBody(StrictSerializer):
    """How this ticket belongs to another."""

    kind = Raw(help_text=", ".join(one.value for one in BY_HAND))
    ticket = Raw(help_text="The other ticket's number.")


class LinkAnswer(serializers.Serializer):
    """One link, said from ``ticket``: it is caused by, a duplicate of, follows or names ``other``."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=LinkKind.choices)
    ticket = serializers.CharField()
    other = serializers.CharField()
    at = serializers.DateTimeField()
    by = serializers.CharField(allow_null=True)


class LinksAnswer(serializers.Serializer):
    links = LinkAnswer(many=True)


class EventsView(APIView):
    """The timeline of a ticket, newest first."""

    reads = Can.READ_TICKETS

    @extend_schema(parameters=[EventQuery], responses=EventPageAnswer)
    def get(self, request: SignedIn, key: str) -> Response:
        read_query(request, EventQuery)
        ticket = ticket_at(request, key)
        if ticket.patient is not None:
            reading.note(request.user, ticket.patient, Door.TICKET, timezone.now())
        pages = CursorPages()
        rows = pages.paginate_queryset(ticket.events.select_related("by"), request, view=self)
        return pages.get_paginated_response([event_facts(row, ticket) for row in rows or []])


class LinksView(APIView):
    """The tickets linked to one, said from either side; link another."""

    reads, writes = Can.READ_TICKETS, Can.WORK_TICKETS

    @extend_schema(responses=LinksAnswer)
    def get(self, request: SignedIn, key: str) -> Response:
        read_query(request, StrictSerializer)
        ticket = ticket_at(request, key)
        rows = TicketLink.objects.filter(Q(ticket=ticket) | Q(other=ticket), company_id=ticket.company_id)
        rows = rows.select_related("ticket", "other", "by").order_by("id")[:_MOST]
        return Response({"links": [_link_json(row, ticket) for row in rows]})

    @extend_schema(request=LinkBody, responses={201: LinkAnswer})
    def post(self, request: SignedIn, key: str) -> Response:
        ticket, said = ticket_at(request, key), body(request, LinkBody)
        return once(request, lambda: _link(request, ticket, said))


class LinkView(APIView):
    """One link: end it, as who made it or as a supervisor."""

    writes = Can.WORK_TICKETS

    @extend_schema(responses={204: None})
    def delete(self, request: SignedIn, key: str, link: str) -> Response:
        ticket = ticket_at(request, key)
        if not (link.isascii() and link.isdigit() and len(link) <= 18):
            raise Refused("This link is not there any more.")
        actions.unlink(ticket, int(link), by=request.user, at=timezone.now())
        return Response(status=204)


def _link(request: SignedIn, ticket: Ticket, said: dict[str, Any]) -> Response:
    kind, other = said.get("kind"), said.get("ticket")
    try:
        made = actions.link_tickets(ticket, kind, other, by=request.user, at=timezone.now())
    except actions.Invalid as invalid:
        raise ValidationError(
            {name: [ErrorDetail(one.sentence, one.code)] for name, one in invalid.wrong.items()}
        ) from None
    return Response(_link_json(made, ticket), status=201)


def _link_json(link: TicketLink, ticket: Ticket) -> dict[str, Any]:
    calendar = calendar_of(ticket.calendar_version)
    return {
        "id": str(link.pk),
        "kind": link.kind,
        "ticket": link.ticket.number,
        "other": link.other.number,
        "at": link.at.astimezone(calendar.tz).isoformat(),
        "by": link.by.username if link.by else None,
    }
