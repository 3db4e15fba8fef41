"""The escalation endpoints: preview, types, tickets, their ledger and their steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.roles import Can
from api.errors import RuleProblems
from api.errors import answer as error_answer
from api.idempotency import once
from api.permissions import SIGNED_IN, SignedIn
from api.serializers import StrictSerializer, read_query
from escalations import actions, serializers, shapes
from escalations.filing import Filing, read_filing
from escalations.filters import read_filters
from escalations.models import Ticket
from escalations.pages import TicketPages
from escalations.policies import policy_in_force, policy_of
from escalations.preview import read_preview
from escalations.queries import filtered, ledger_lines, ordered, tickets_of
from patients import reading
from patients.domain.intake import Wrong
from patients.models import Door

_MOST_FACTS = 20


class PreviewView(APIView):
    """When something received at a moment is expected and due, in words and day by day."""

    writes = SIGNED_IN

    @extend_schema(request=serializers.PreviewBody, responses=serializers.PreviewAnswer)
    def post(self, request: SignedIn) -> Response:
        preview, wrong = read_preview(
            request.user, _body(request, serializers.PreviewBody), at=timezone.now()
        )
        if preview is None:
            raise _invalid(wrong)
        return Response(shapes.preview_json(preview.due, preview.promise, preview.ledger, preview.calendar))


class TypesView(APIView):
    """The escalation types of the policy in force."""

    reads = SIGNED_IN

    @extend_schema(responses=serializers.TypeAnswer(many=True))
    def get(self, request: SignedIn) -> Response:
        read_query(request, StrictSerializer)
        version = policy_in_force(request.user.company, at=timezone.now())
        return Response([shapes.type_json(one, version.number) for one in policy_of(version).types])


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
            raise _invalid(wrong)
        pages = TicketPages(wanted["ordering"])
        rows = ordered(filtered(tickets_of(request.user), wanted, now=now), wanted["ordering"])
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(
            [shapes.ticket_json(row, request.user, now) for row in page or []]
        )

    @extend_schema(request=serializers.FilingBody, responses={201: serializers.TicketAnswer})
    def post(self, request: SignedIn) -> Response:
        said = _body(request, serializers.FilingBody)
        if said.pop("draft", None) not in (None, False):
            raise _invalid(
                {"draft": Wrong("draft", "A ticket is filed complete. Leave draft out, or false.")}
            )
        return once(request, lambda: _file(request, said))


class TicketView(APIView):
    """One ticket."""

    reads = Can.READ_TICKETS

    @extend_schema(responses=serializers.TicketAnswer)
    def get(self, request: SignedIn, key: str) -> Response:
        read_query(request, StrictSerializer)
        ticket, now = _ticket(request, key), timezone.now()
        if ticket.patient is not None:
            reading.note(request.user, ticket.patient, Door.TICKET, now)
        return Response(shapes.ticket_json(ticket, request.user, now))


class LedgerView(APIView):
    """Why the ticket is due when it is, day by day (K19)."""

    reads = Can.READ_TICKETS

    @extend_schema(responses=serializers.LedgerAnswer)
    def get(self, request: SignedIn, key: str) -> Response:
        read_query(request, StrictSerializer)
        lines = ledger_lines(_ticket(request, key), now=timezone.now())
        return Response({"ledger": shapes.ledger_json(lines)})


class StepsView(APIView):
    """Take a step; the answer is the ticket as it is then."""

    writes = Can.WORK_TICKETS

    @extend_schema(request=serializers.StepBody, responses=serializers.TicketAnswer)
    def post(self, request: SignedIn, key: str) -> Response:
        ticket = _ticket(request, key)
        act, version, facts = _step(request.data)

        def work() -> Response:
            try:
                moved = actions.act(
                    ticket, act, by=request.user, at=timezone.now(), version=version, facts=facts
                )
            except actions.Invalid as invalid:
                raise _invalid(invalid.wrong) from None
            return Response(shapes.ticket_json(moved, request.user, timezone.now()))

        return once(request, work)


def _file(request: SignedIn, said: dict[str, Any]) -> Response:
    """File, or answer with everything that stands against it; a caller turned away is logged (R-ITEM-3)."""
    at = timezone.now()
    filing = read_filing(request.user, said, at=at)
    if filing.may_be_filed:
        ticket = actions.file_ticket(filing, by=request.user, at=at)
        return Response(shapes.ticket_json(ticket, request.user, at), status=201)
    refusal = _refusal(filing)
    if filing.intake.deflection is None:
        raise refusal
    actions.log_deflection(filing, by=request.user, at=at)
    answer = error_answer(refusal, {})
    if answer is None:
        raise refusal
    return answer


def _refusal(filing: Filing) -> Exception:
    wrong = filing.all_wrong
    _not_found(wrong)
    if not filing.intake.refusals:
        return _invalid(wrong)
    fields = {name: [{"code": one.code, "message": one.sentence}] for name, one in wrong.items()}
    return RuleProblems([finding.as_problem() for finding in filing.intake.refusals], fields)


def _invalid(wrong: Mapping[str, Wrong]) -> ValidationError:
    _not_found(wrong)
    return ValidationError({name: [ErrorDetail(one.sentence, one.code)] for name, one in wrong.items()})


def _not_found(wrong: Mapping[str, Wrong]) -> None:
    """A row that is not there, or another company's, is 404 wherever its id was given."""
    if any(one.code == "not_found" for one in wrong.values()):
        raise Http404


def _body(request: SignedIn, kind: type[StrictSerializer]) -> dict[str, Any]:
    form = kind(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def _step(data: Any) -> tuple[str, int | None, dict[str, Any]]:
    if not isinstance(data, dict) or len(data) > _MOST_FACTS:
        raise ValidationError({"act": ["Send an object with the act and what it must be told."]})
    facts = dict(data)
    act, version = facts.pop("act", None), facts.pop("version", None)
    if not isinstance(act, str) or not act or len(act) > 40:
        raise ValidationError({"act": ["Say which step to take, like start or comment."]})
    if version is not None and (type(version) is not int or not 0 < version < 2**31):
        raise ValidationError({"version": ["The version is the whole number that was read with the ticket."]})
    return act, version, facts


def _ticket(request: SignedIn, key: str) -> Ticket:
    """The ticket by its opaque id or its number, or 404."""
    rows = tickets_of(request.user)
    if key.isascii() and key.isdigit() and len(key) <= 18:
        found = rows.filter(pk=int(key)).first()
    else:
        found = rows.filter(number=key).first() if key.isascii() and key.isprintable() else None
    if found is None:
        raise Http404
    return found
