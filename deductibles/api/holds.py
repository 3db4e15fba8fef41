"""``holds/``: the lines of the Hold for Deductible page, and what is done to many of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from accounts.roles import Can
from api.endpoints import find_row
from api.idempotency import once
from api.permissions import SignedIn
from api.serializers import StrictSerializer, read_query
from deductibles.actions import holds
from deductibles.api.bodies import as_fields, read_object
from deductibles.api.shapes import hold_json
from deductibles.hold_filters import CODES, NAMES, ORDERINGS, REASONS, RELEASE_FIRST, matching, read_filters
from deductibles.keyset import Forged, Page, page_of
from deductibles.models import Claim, Hold
from patients.models import Payer

FIRST_SIZE, MOST_ROWS = 100, 500


class HoldQuery(StrictSerializer):
    """The filters of the page, and the order; ``claim`` is an id or a number."""

    claim = serializers.CharField(required=False)
    kind = serializers.CharField(required=False, help_text="automatic or manual")
    queued = serializers.CharField(required=False, help_text="true or false")
    queueable = serializers.CharField(required=False, help_text="true or false")
    clearable = serializers.CharField(required=False, help_text="true or false")
    reason = serializers.CharField(required=False, help_text=f"one of: {', '.join((*REASONS, *CODES))}")
    payer = serializers.CharField(required=False)
    q = serializers.CharField(required=False)
    release_before = serializers.CharField(required=False, help_text="a date")
    ordering = serializers.ChoiceField(choices=list(ORDERINGS), required=False)


class HoldShown(serializers.Serializer):
    """One line; money as decimal strings, null for unknown."""

    id = serializers.CharField()
    claim = serializers.CharField()
    claim_number = serializers.CharField()
    patient = serializers.CharField(help_text="the patient's id")
    patient_name = serializers.CharField()
    payer = serializers.CharField(allow_null=True, help_text="the payer's id")
    payer_name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Hold.Kind.choices)
    started_on = serializers.DateField()
    release_on = serializers.DateField(allow_null=True)
    days_remaining = serializers.IntegerField(allow_null=True)
    next_check_on = serializers.DateField(allow_null=True)
    annual = serializers.CharField(allow_null=True)
    remaining = serializers.CharField(allow_null=True)
    queued = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)
    reason_code = serializers.CharField(allow_blank=True)
    clearable = serializers.BooleanField()
    queueable = serializers.BooleanField()


class HoldList(GenericAPIView):
    """Held claims, and released ones that are not cleared (D-PAGE-1, D-PAGE-2)."""

    listed = True
    serializer_class = HoldShown
    queryset = Hold.objects.none()
    reads = Can.READ_CLAIMS

    @extend_schema(parameters=[HoldQuery])
    def get(self, request: SignedIn) -> Response:
        asked = read_query(request, HoldQuery)
        order = ORDERINGS[asked.pop("ordering", RELEASE_FIRST)]
        rows = matching(request.user, _read(asked, request.user))
        try:
            page = page_of(rows, order, request.query_params.get("cursor", ""), _size(request))
        except Forged as problem:
            raise Http404 from problem
        today = timezone.localdate(timezone=request.user.company.zone)
        results = [hold_json(row, today) for row in page.rows]
        return Response({**_links(request, page), "results": results})


def _read(asked: dict[str, Any], user: Any) -> dict[str, Any]:
    """The filters as they are meant; an id that is not there, or another company's, is 404."""
    wanted, wrong = read_filters(asked)
    if wrong:
        raise as_fields({name: [(problem.code, problem.sentence)] for name, problem in wrong.items()})
    for name, model in (("claim", Claim), ("payer", Payer)):
        if isinstance(wanted.get(name), int):
            find_row(model.objects.visible_to(user), str(wanted[name]))
    return wanted


def _size(request: SignedIn) -> int:
    typed = request.query_params.get("page_size", "")
    if not typed.isascii() or not typed.isdigit() or len(typed) > 6:
        return FIRST_SIZE
    return max(1, min(int(typed), MOST_ROWS))


def _links(request: SignedIn, page: Page) -> dict[str, str | None]:
    def link(cursor: str | None) -> str | None:
        if cursor is None:
            return None
        query = {**request.query_params.dict(), "cursor": cursor}
        return request.build_absolute_uri(f"{request.path}?{urlencode(query)}")

    return {"next": link(page.next), "previous": link(page.previous)}


class BulkBody(serializers.Serializer):
    """Either ``ids`` of lines, or the ``filter`` that matches them; at most 5,000."""

    ids = serializers.ListField(child=serializers.CharField(), required=False)
    filter = serializers.DictField(required=False)
    expected_count = serializers.IntegerField(required=False, help_text="409 when the count differs")


class SkippedShown(serializers.Serializer):
    id = serializers.CharField()
    claim = serializers.CharField()
    why = serializers.CharField()


class DoneShown(serializers.Serializer):
    done = serializers.IntegerField()
    skipped = SkippedShown(many=True)


class HoldBulk(GenericAPIView):
    """Queue many lines at once; those that changed meanwhile come back by number (D-PAGE-6)."""

    serializer_class = BulkBody
    queryset = Hold.objects.none()
    writes = Can.WORK_CLAIMS
    act = staticmethod(holds.queue_holds)

    @extend_schema(request=BulkBody, responses={200: DoneShown})
    def post(self, request: SignedIn) -> Response:
        body = read_object(request.data, ("ids", "filter", "expected_count"))
        ids, expected = chosen(body, request.user)

        def work() -> Response:
            try:
                done = self.act(
                    request.user.company, ids, by=request.user, at=timezone.now(), expected_count=expected
                )
            except Hold.DoesNotExist as missing:
                raise Http404 from missing
            return Response(done_json(done))

        return once(request, work)


class HoldUnqueue(HoldBulk):
    """Take queued claims back onto hold, until the submission run has written them."""

    act = staticmethod(holds.unqueue_holds)


class HoldClear(HoldBulk):
    """Clear lines off the page; the claims' status stays as it is (D-CLR-1…4)."""

    act = staticmethod(holds.clear_holds)


def done_json(done: holds.Done) -> dict[str, Any]:
    """How many were done, and which were not and why."""
    skipped = [{"id": str(row.id), "claim": row.claim, "why": row.why} for row in done.skipped]
    return {"done": done.done, "skipped": skipped}


def chosen(body: dict[str, Any], user: Any) -> tuple[list[int], int | None]:
    """The lines a bulk body means, and how many its sender expects; 5,001 refuse all (D-PAGE-5)."""
    expected = body.get("expected_count")
    if expected is not None and (type(expected) is not int or not 0 <= expected <= 10**9):
        raise _wrong("expected_count", "number", "Expected count must be a whole number.")
    if (body.get("ids") is None) == (body.get("filter") is None):
        raise _wrong("ids", "required", "Send either ids or filter.")
    found = _ids(body["ids"]) if body.get("ids") is not None else _matching(body["filter"], user)
    if len(found) > holds.AT_MOST:
        name = "ids" if body.get("ids") is not None else "filter"
        sentence = f"At most {holds.AT_MOST:,} claims at one time. Nothing was changed; choose fewer."
        raise _wrong(name, "too_many", sentence)
    return found, expected


def _ids(value: Any) -> list[int]:
    if not isinstance(value, list) or not value:
        raise _wrong("ids", "type", "Ids must be a list of one or more ids of lines.")
    found = set()
    for item in value:
        plain = str(item) if isinstance(item, str | int) and not isinstance(item, bool) else ""
        if not plain.isascii() or not plain.isdigit() or len(plain) > 18:
            raise _wrong("ids", "unknown", "One of these ids is no id of a line.")
        found.add(int(plain))
    return sorted(found)


def _matching(value: Any, user: Any) -> list[int]:
    if not isinstance(value, dict):
        raise _wrong("filter", "type", "Filter must be an object, with the filters of the list.")
    wanted = _read(read_object(value, NAMES), user)
    rows = matching(user, wanted).order_by("id")
    return list(rows.values_list("pk", flat=True)[: holds.AT_MOST + 1])


def _wrong(name: str, code: str, sentence: str) -> ValidationError:
    return ValidationError({name: [ErrorDetail(sentence, code)]})
