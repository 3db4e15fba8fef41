"""``claims/``: entering, reading and changing claims, their steps, their eligibility."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from accounts.roles import Can
from accounts.steps import Refused, find_step
from api.endpoints import find_row
from api.idempotency import once, once_after
from api.permissions import SignedIn
from api.serializers import StrictSerializer, read_query
from deductibles import bills, queries
from deductibles.actions import claims, cob, deciding, holds, meanwhile, moves, pinning, posting
from deductibles.api.bodies import as_problems, problem_json, read_object, tried
from deductibles.api.paging import page_json
from deductibles.api.readings import ReadingShown, X12Field
from deductibles.api.shapes import claim_json, event_json, hold_json, snapshot_json
from deductibles.domain.states import CLAIM, STATUS_LABELS
from deductibles.models import Claim, Coverage
from patients import reading
from patients.models import Door, Patient

FIELDS = (
    "patient",
    "date_of_service",
    "place_of_service",
    "coverages",
    "diagnoses",
    "charges",
    "ambulance",
    "provider",
)


class ChargeBody(serializers.Serializer):
    code = serializers.CharField()
    modifiers = serializers.ListField(child=serializers.CharField(), required=False)
    units = serializers.CharField(default="1")
    amount = serializers.CharField(help_text="Dollars for all units.")
    diagnosis_pointers = serializers.ListField(child=serializers.IntegerField(), required=False)


class CoverageBody(serializers.Serializer):
    rank = serializers.ChoiceField(choices=["primary", "secondary", "tertiary"])
    payer = serializers.CharField()
    member_id = serializers.CharField()
    group_number = serializers.CharField(required=False)
    relationship = serializers.ChoiceField(choices=["self", "spouse", "child", "other"], required=False)
    subscriber = serializers.DictField(required=False, allow_null=True)


class ClaimBody(serializers.Serializer):
    """A claim as it is written; the intake reads it, everything wrong at once."""

    patient = serializers.CharField()
    date_of_service = serializers.DateField()
    place_of_service = serializers.CharField()
    coverages = CoverageBody(many=True)
    diagnoses = serializers.ListField(child=serializers.CharField())
    charges = ChargeBody(many=True)
    ambulance = serializers.DictField(required=False, allow_null=True)
    provider = serializers.CharField(required=False, allow_null=True)


class ClaimShown(ClaimBody):
    id = serializers.CharField()
    number = serializers.CharField()
    status = serializers.ChoiceField(choices=list(STATUS_LABELS))
    status_label = serializers.CharField()
    problems = serializers.ListField(
        child=serializers.DictField(), required=False, help_text="What its 837P would lack; not in lists."
    )
    total = serializers.CharField()
    version = serializers.IntegerField()
    pin = serializers.DictField(
        allow_null=True, help_text="The line of the primary payer's answers that is followed (D-CLM-4)."
    )
    steps = serializers.ListField(child=serializers.CharField())


class ClaimQuery(StrictSerializer):
    """Filters of the claim list: status, patient id, the beginning of the claim number."""

    status = serializers.ChoiceField(choices=list(STATUS_LABELS), required=False)
    patient = serializers.RegexField(r"^[0-9]{1,18}$", required=False)
    q = serializers.CharField(required=False, max_length=20)


def with_parts(rows: QuerySet[Claim]) -> QuerySet[Claim]:
    """Claims with what their answers show, in three queries however many there are."""
    coverages = Coverage.objects.filter(ended_at=None).select_related("payer")
    return rows.select_related("patient", "provider").prefetch_related(
        Prefetch("coverages", coverages), "charges"
    )


def shown(claim: Claim, user: Any) -> dict[str, Any]:
    """One claim as the detail shows it: with what its 837P would lack, and the hold it is in."""
    row = with_parts(Claim.objects.visible_to(user)).get(pk=claim.pk)
    problems = bills.problems_of(row) if row.status == "draft" else ()
    hold = row.holds.filter(cleared_at=None).select_related("claim__patient", "payer").order_by("-pk").first()
    return {
        **claim_json(row, user),
        "problems": [problem_json(item.field, item.code, item.message) for item in problems],
        "hold": hold_json(hold, timezone.localdate(timezone=user.company.zone)) if hold else None,
    }


class ClaimList(GenericAPIView):
    """Enter a claim; list claims."""

    listed = True
    serializer_class = ClaimShown
    queryset = Claim.objects.none()
    reads, writes = Can.READ_CLAIMS, Can.WORK_CLAIMS

    @extend_schema(parameters=[ClaimQuery])
    def get(self, request: SignedIn) -> Response:
        asked = read_query(request, ClaimQuery)
        rows = with_parts(Claim.objects.visible_to(request.user))
        if "patient" in asked:
            find_row(Patient.objects.visible_to(request.user), asked["patient"])
        if "q" in asked:
            rows = rows.filter(number__istartswith=asked.pop("q"))
        page = self.paginate_queryset(rows.filter(**asked))
        return self.get_paginated_response([claim_json(row, request.user) for row in page or []])

    @extend_schema(request=ClaimBody, responses={201: ClaimShown})
    def post(self, request: SignedIn) -> Response:
        body = read_object(request.data, FIELDS)

        def work() -> Response:
            claim = tried(lambda: claims.create_claim(body, by=request.user, at=timezone.now()))
            return Response(shown(claim, request.user), status=201)

        return once(request, work)


class ClaimDetail(GenericAPIView):
    """Read a claim; change a draft."""

    serializer_class = ClaimShown
    queryset = Claim.objects.none()
    reads, writes = Can.READ_CLAIMS, Can.WORK_CLAIMS

    def get(self, request: SignedIn, key: str) -> Response:
        read_query(request, StrictSerializer)
        claim = find_row(Claim.objects.visible_to(request.user).select_related("patient"), key)
        reading.note(request.user, claim.patient, Door.CLAIM, timezone.now())
        return Response(shown(claim, request.user))

    @extend_schema(request=ClaimBody)
    def patch(self, request: SignedIn, key: str) -> Response:
        claim = find_row(Claim.objects.visible_to(request.user), key)
        body = read_object(request.data, (*FIELDS, "version"))

        def work() -> Response:
            changed = tried(lambda: claims.edit_claim(claim, body, by=request.user, at=timezone.now()))
            return Response(shown(changed, request.user))

        return once(request, work)


class AuditEvent(serializers.Serializer):
    at = serializers.DateTimeField()
    who = serializers.CharField(allow_blank=True)
    act = serializers.CharField(allow_blank=True)
    what = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    run = serializers.IntegerField(allow_null=True)
    changes = serializers.DictField()
    settings = serializers.CharField(allow_blank=True, help_text="The settings in force, when they changed.")


class ClaimAudit(GenericAPIView):
    """Every event of a claim, newest first, by pages (D-CLM-3)."""

    serializer_class = AuditEvent
    queryset = Claim.objects.none()
    reads = Can.READ_CLAIMS

    @extend_schema(responses={200: AuditEvent(many=True)})
    def get(self, request: SignedIn, key: str) -> Response:
        read_query(request, StrictSerializer)
        claim = find_row(Claim.objects.visible_to(request.user), key)
        zone = request.user.company.zone
        page = page_json(request, queries.audit(claim))
        return Response({**page, "results": [event_json(event, zone) for event in page["results"]]})


Act = Callable[[Claim, dict[str, Any], Any, datetime], Any]


def _complete(claim: Claim, body: dict[str, Any], by: Any, at: datetime) -> None:
    try:
        deciding.complete(claim, by=by, at=at)
    except moves.Invalid as lacking:
        raise as_problems(lacking.fields) from lacking


def _hold(claim: Claim, body: dict[str, Any], by: Any, at: datetime) -> None:
    confirmed = body.get("confirmed", False)
    if not isinstance(confirmed, bool):
        raise moves.Invalid({"confirmed": [("type", "Confirmed must be true or false.")]})
    try:
        holds.hold_by_hand(claim, by=by, at=at, confirmed=confirmed)
    except moves.Invalid as lacking:
        raise as_problems(lacking.fields) from lacking


_PAYER = ("payer", "member_id", "group_number", "relationship", "subscriber")
STEPS: dict[str, tuple[tuple[str, ...], Act]] = {
    "complete": ((), _complete),
    "hold": (("confirmed",), _hold),
    "queue": ((), lambda claim, body, by, at: holds.queue(claim, by=by, at=at)),
    "unqueue": ((), lambda claim, body, by, at: holds.unqueue(claim, by=by, at=at)),
    "change_payer": (_PAYER, lambda claim, body, by, at: deciding.change_payer(claim, body, by=by, at=at)),
    "void": ((), lambda claim, body, by, at: claims.void(claim, by=by, at=at)),
    "pin": (
        ("line", "answer", "reason"),
        lambda claim, body, by, at: pinning.pin(
            claim,
            body.get("line"),
            answer=body.get("answer"),
            reason=body.get("reason", ""),
            by=by,
            at=at,
        ),
    ),
    "correct": ((), lambda claim, body, by, at: posting.correct(claim, by=by, at=at)),
    "post_payment": (
        posting.FIELDS,
        lambda claim, body, by, at: posting.post_by_hand(claim, body, by=by, at=at),
    ),
    "unpin": ((), lambda claim, body, by, at: pinning.unpin(claim, by=by, at=at)),
    "cover": (("rank", *_PAYER), lambda claim, body, by, at: cob.cover(claim, body, by=by, at=at)),
    "end_coverage": (
        ("rank",),
        lambda claim, body, by, at: cob.end_coverage(claim, body.get("rank"), by=by, at=at),
    ),
    "make_primary": (
        ("rank",),
        lambda claim, body, by, at: cob.make_primary(claim, body.get("rank"), by=by, at=at),
    ),
}
"""What a person does to a claim: the fields each act takes beside ``act``, and the action behind it."""


class StepBody(serializers.Serializer):
    act = serializers.ChoiceField(choices=list(STEPS))
    version = serializers.IntegerField(
        required=False, help_text="Any act: the version that was read; another one in force is 409."
    )
    confirmed = serializers.BooleanField(required=False, help_text="hold: also inside the filing guard")
    payer = serializers.CharField(required=False, help_text="change_payer")
    member_id = serializers.CharField(required=False, help_text="change_payer")
    group_number = serializers.CharField(required=False, help_text="change_payer")
    relationship = serializers.CharField(required=False, help_text="change_payer")
    subscriber = serializers.DictField(required=False, help_text="change_payer, cover")
    rank = serializers.ChoiceField(
        choices=["secondary", "tertiary"], required=False, help_text="cover, end_coverage, make_primary"
    )
    line = serializers.IntegerField(
        required=False, help_text="pin: number of the line in the newest answer's trail"
    )
    answer = serializers.CharField(required=False, help_text="pin: the answer looked at; a newer one is 409")
    reason = serializers.CharField(required=False, help_text="pin: why, for the audit")
    paid = serializers.CharField(required=False, help_text="post_payment: dollars")
    deductible = serializers.CharField(
        required=False, help_text="post_payment: applied to the deductible; leave out what nobody knows"
    )
    allowed = serializers.CharField(required=False, help_text="post_payment")
    paid_on = serializers.DateField(required=False, help_text="post_payment")
    note = serializers.CharField(required=False, help_text="post_payment")


class ClaimSteps(GenericAPIView):
    """Move a claim along, change its coverages, pin the line of an answer that counts (D-CLM-4)."""

    serializer_class = StepBody
    queryset = Claim.objects.none()
    writes = Can.WORK_CLAIMS

    @extend_schema(request=StepBody, responses={200: ClaimShown})
    def post(self, request: SignedIn, key: str) -> Response:
        claim = find_row(Claim.objects.visible_to(request.user), key)
        body, act = _step(request, claim)

        def work() -> Response:
            tried(lambda: meanwhile.refuse_stale(claim, body.pop("version", None)))
            tried(lambda: act(claim, body, request.user, timezone.now()))
            return Response(shown(claim, request.user))

        return once_after(request, work)


def _step(request: SignedIn, claim: Claim) -> tuple[dict[str, Any], Act]:
    data = request.data
    name = data.get("act") if isinstance(data, dict) else None
    if not isinstance(name, str) or name not in STEPS:
        read_object(data, (*(data if isinstance(data, dict) else ()), "act"))
        return _refuse_act(name, claim, request.user)
    fields, act = STEPS[name]
    return read_object(data, ("act", "version", *fields)), act


def _refuse_act(name: Any, claim: Claim, user: Any) -> Any:
    """Acts only Holdline itself does are refused by role, all others are unknown."""
    if isinstance(name, str) and any(step.act == name for step in CLAIM):
        find_step(CLAIM, name, claim.status, user, thing="claim")
    raise Refused(
        f"This is not something one does to a claim. Send act as one of: {', '.join(STEPS)}.", "unknown"
    )


class EligibilityBody(StrictSerializer):
    x12_271 = X12Field(required=False, help_text="An answer obtained elsewhere; leave out to ask AR Boost.")


class EligibilityShown(serializers.Serializer):
    reading = ReadingShown()
    decision = serializers.DictField()


class ClaimEligibility(GenericAPIView):
    """Ask AR Boost about the primary coverage, or file an answer obtained elsewhere (D-X12-2)."""

    serializer_class = EligibilityBody
    queryset = Claim.objects.none()
    writes = Can.WORK_CLAIMS

    @extend_schema(request=EligibilityBody, responses={200: EligibilityShown})
    def post(self, request: SignedIn, key: str) -> Response:
        claim = find_row(Claim.objects.visible_to(request.user), key)
        body = EligibilityBody(data=request.data)
        body.is_valid(raise_exception=True)

        def work() -> Response:
            at, text = timezone.now(), body.validated_data.get("x12_271")
            if text is None:
                outcome = tried(lambda: deciding.run_eligibility(claim, by=request.user, at=at))
            else:
                outcome = tried(lambda: deciding.file_answer(claim, text, by=request.user, at=at))
            return Response(outcome_json(outcome))

        return once_after(request, work)


def outcome_json(outcome: deciding.Outcome) -> dict[str, Any]:
    """``{reading, decision}``: what was read, and what follows from it."""
    decision = outcome.decision.as_json() if outcome.decision else None
    if decision and outcome.hold and outcome.hold.release_on:
        decision["release_on"] = outcome.hold.release_on.isoformat()
    return {
        "reading": snapshot_json(outcome.snapshot) if outcome.snapshot else None,
        "decision": decision,
        "claim": {
            "id": str(outcome.claim.pk),
            "status": outcome.claim.status,
            "status_label": outcome.claim.status_label,
        },
    }
