"""Tickets by API: the list, filing, one ticket with its ledger, its steps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.roles import Can
from api.errors import answer as error_answer
from api.idempotency import once
from api.permissions import SignedIn
from api.serializers import StrictSerializer, read_query
from escalations import actions, serializers, shapes
from escalations.api import drafts
from escalations.api.asking import (
    body,
    checked,
    filing_in,
    invalid,
    refusal,
    step_in,
    ticket_at,
    yes_or_no,
)
from escalations.filing import Filing, read_filing
from escalations.filters import read_filters
from escalations.models import Ticket
from escalations.pages import TicketPages
from escalations.queries import filtered, ledger_lines, ordered, tickets_of
from patients import reading
from patients.models import Door


class TicketsView(APIView):
    """List tickets and file them."""

    reads, writes = Can.READ_TICKETS, Can.WORK_TICKETS

    @extend_schema(
        operation_id="v1_escalations_list",
        parameters=[serializers.TicketQuery],
        responses=serializers.TicketPageAnswer,
    )
    def get(self, request: SignedIn) -> Response:
        now = timezone.now()
        given = read_query(request, serializers.TicketQuery)
        wanted, wrong = read_filters(request.user, given, now=now)
        if wrong:
            raise invalid(wrong)
        pages = TicketPages(wanted["ordering"])
        rows = ordered(tickets_of(request.user), wanted["ordering"])
        page = pages.paginate_queryset(
            shapes.told(rows), request, view=self, among=filtered(rows, wanted, now=now)
        )
        return pages.get_paginated_response(
            [shapes.ticket_json(row, request.user, now) for row in page or []]
        )

    @extend_schema(request=serializers.FilingBody, responses={201: serializers.TicketAnswer})
    def post(self, request: SignedIn) -> Response:
        said = filing_in(body(request, serializers.FilingBody))
        if yes_or_no("draft", said.pop("draft", None)):
            return once(request, lambda: _keep(request, said))
        return once(request, lambda: _file(request, said))


class TicketView(APIView):
    """One ticket."""

    reads = Can.READ_TICKETS

    @extend_schema(responses=serializers.TicketAnswer)
    def get(self, request: SignedIn, key: str) -> Response:
        read_query(request, StrictSerializer)
        ticket, now = ticket_at(request, key), timezone.now()
        if ticket.patient is not None:
            reading.note(request.user, ticket.patient, Door.TICKET, now)
        return Response(_whole(ticket, request, now))


class LedgerView(APIView):
    """Why the ticket is due when it is, day by day (K19)."""

    reads = Can.READ_TICKETS

    @extend_schema(responses=serializers.LedgerAnswer)
    def get(self, request: SignedIn, key: str) -> Response:
        read_query(request, StrictSerializer)
        ticket = ticket_at(request, key)
        lines = [] if ticket.status == "draft" else ledger_lines(ticket, now=timezone.now())
        return Response({"ledger": shapes.ledger_json(lines)})


class StepsView(APIView):
    """Take a step; the answer is the ticket as it is then."""

    writes = Can.WORK_TICKETS

    @extend_schema(request=serializers.StepBody, responses=serializers.TicketAnswer)
    def post(self, request: SignedIn, key: str) -> Response:
        ticket = ticket_at(request, key)
        act, version, facts = step_in(request.data)
        if act == "file":
            said = filing_in(checked(facts, serializers.DraftFilingBody))
            return once(request, lambda: _file_draft(request, ticket, version, said))
        return once(request, lambda: _step(request, ticket, act, version, facts))


def _file(request: SignedIn, said: dict[str, Any]) -> Response:
    at = timezone.now()
    filing = read_filing(request.user, said, at=at)
    if not filing.may_be_filed:
        return _refused(request, filing, at)
    ticket = actions.file_ticket(filing, by=request.user, at=at)
    return Response(_filed(ticket, filing, request, at), status=201)


def _file_draft(request: SignedIn, draft: Ticket, version: int | None, said: dict[str, Any]) -> Response:
    """A draft becomes a ticket once every rule lets it."""
    at = timezone.now()
    filing = drafts.read_draft(draft, said, by=request.user, at=at, version=version)
    if not filing.may_be_filed:
        return _refused(request, filing, at)
    ticket = actions.file_ticket(filing, by=request.user, at=at, draft=draft)
    return Response(_filed(ticket, filing, request, at))


def _refused(request: SignedIn, filing: Filing, at: datetime) -> Response:
    """Everything that stands against a filing; a caller who is turned away is logged (R-ITEM-3)."""
    refused = refusal(filing)
    if filing.intake.deflection is None:
        raise refused
    actions.log_deflection(filing, by=request.user, at=at)
    answer = error_answer(refused, {})
    if answer is None:
        raise refused
    return answer


def _keep(request: SignedIn, said: dict[str, Any]) -> Response:
    """Keep what is complete or not as a draft; only what cannot be read is refused."""
    at = timezone.now()
    filing = read_filing(request.user, said, at=at)
    unreadable = {name: one for name, one in filing.all_wrong.items() if one.code != "required"}
    if filing.type is None or unreadable:
        raise invalid(filing.all_wrong if filing.type is None else unreadable)
    ticket = drafts.keep(filing, said, by=request.user, at=at)
    return Response(_filed(ticket, filing, request, at), status=201)


def _step(
    request: SignedIn, ticket: Ticket, act: str, version: int | None, facts: dict[str, Any]
) -> Response:
    try:
        moved = actions.act(ticket, act, by=request.user, at=timezone.now(), version=version, facts=facts)
    except actions.Invalid as wrong:
        raise invalid(wrong.wrong) from None
    except actions.Unfit as unfit:
        raise refusal(unfit.filing) from None
    told = shapes.told(tickets_of(request.user)).get(pk=moved.pk)
    return Response(_whole(told, request, timezone.now()))


def _filed(ticket: Ticket, filing: Filing, request: SignedIn, at: datetime) -> dict[str, Any]:
    """The ticket just filed or kept; only what came with it costs another query."""
    files = any(one.kind == "file" and one.key in filing.intake.answers for one in filing.intake.asked)
    if filing.overrides or filing.links or filing.follows or files:
        ticket = shapes.told(tickets_of(request.user)).get(pk=ticket.pk)
    found = shapes.ticket_json(ticket, request.user, at)
    if ticket.status == "draft":
        found["problems"] = [shapes.problem_json(one) for one in filing.intake.refusals]
    return found


def _whole(ticket: Ticket, request: SignedIn, now: datetime) -> dict[str, Any]:
    """One ticket; a draft with what still stands against filing it."""
    found = shapes.ticket_json(ticket, request.user, now)
    if ticket.status == "draft":
        filing = read_filing(
            request.user, drafts.said_of(ticket, {}, request.user, now), at=now, ticket=ticket
        )
        found["problems"] = [shapes.problem_json(one) for one in filing.intake.refusals]
    return found
