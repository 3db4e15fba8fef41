"""``runs/``: all background work of the company that this person may see, in pages, newest first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from accounts.models import User
from accounts.roles import Can
from api.permissions import SignedIn
from api.serializers import DayField, StrictSerializer, read_query
from config.runs.looking import Look, Row
from config.runs.screen import Turned
from config.runs.table import asked_of, day_of
from deductibles.keyset import Forged
from work.background.kinds import STATES, kinds
from work.models import Run

ROWS, MOST = 100, 500
_AGE = "Give a day between 2000-01-01 and 9998-12-31."


def _kinds() -> list[str]:
    return list(kinds())


class WorkQuery(StrictSerializer):
    """The filters of the page; the days are the company's, both are included."""

    kind = serializers.ChoiceField(choices=[], required=False)
    state = serializers.ChoiceField(choices=list(STATES), required=False)
    trouble = serializers.ChoiceField(choices=["yes"], required=False)
    since = DayField(required=False)
    until = DayField(required=False)

    def get_fields(self) -> dict[str, Any]:
        """The kinds are known once every room has told of its own."""
        return {**super().get_fields(), "kind": serializers.ChoiceField(choices=_kinds(), required=False)}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse days of another age, of which nothing is known."""
        wrong: dict[str, Any] = {
            name: [_AGE] for name in ("since", "until") if name in attrs and not day_of(f"{attrs[name]}")
        }
        if wrong:
            raise serializers.ValidationError(wrong)
        return attrs


class ProgressShown(serializers.Serializer):
    """How far it has come; ``whole`` is null while that is not known."""

    done = serializers.IntegerField()
    whole = serializers.IntegerField(allow_null=True)
    words = serializers.CharField()


class WorkShown(serializers.Serializer):
    """One piece of background work. ``result`` is what came of it, ``trouble`` what went wrong, and
    ``standing_still`` since when nobody works on it and what to do; each is empty where there is nothing to
    say. ``page`` is the address of its own page, null for whoever may not open it."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=[])
    kind_label = serializers.CharField()
    what = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=list(STATES))
    state_label = serializers.CharField()
    progress = ProgressShown(allow_null=True)
    asked_at = serializers.DateTimeField()
    began_at = serializers.DateTimeField(allow_null=True)
    seen_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    started_by = serializers.CharField(allow_blank=True)
    result = serializers.CharField(allow_blank=True)
    trouble = serializers.CharField(allow_blank=True)
    standing_still = serializers.CharField(allow_blank=True)
    page = serializers.CharField(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        """The kinds are known once every room has told of its own."""
        return {**super().get_fields(), "kind": serializers.ChoiceField(choices=_kinds())}


class WorkList(GenericAPIView):
    """What runs and ran in the background: nights, imports, back-tests, forecasts, changes over open tickets,
    recounts, files of the company."""

    listed = True
    serializer_class = WorkShown
    queryset = Run.objects.none()
    reads = Can.READ_NIGHTS

    @extend_schema(parameters=[WorkQuery])
    def get(self, request: SignedIn) -> Response:
        asked = {name: str(value) for name, value in read_query(request, WorkQuery).items()}
        # A kind that this person may not see is not left out of the question: there is nothing of it.
        question = replace(asked_of(request.user, asked), kind=asked.get("kind", ""))
        look = Look(request.user, question, timezone.now())
        try:
            turned = Turned(look, request.query_params.get("cursor", ""), _size(request), down=True)
        except Forged as problem:
            raise NotFound(str(problem)) from problem
        return Response(
            {
                "next": _address(request, turned.next),
                "previous": _address(request, turned.previous),
                "results": [row_json(row, request.user) for row in turned.rows],
            }
        )


def row_json(row: Row, user: User) -> dict[str, Any]:
    """One piece as the API tells it."""
    piece, told = row.piece, row.told
    progress = told.progress
    return {
        "id": piece.name,
        "kind": piece.kind,
        "kind_label": row.kind.label,
        "what": told.what,
        "detail": told.detail,
        "state": piece.state,
        "state_label": row.state,
        "progress": progress and {"done": progress.done, "whole": progress.whole, "words": progress.words},
        "asked_at": _moment(piece.at, user),
        "began_at": _moment(piece.began, user),
        "seen_at": _moment(row.seen, user),
        "finished_at": _moment(piece.ended, user),
        "started_by": piece.who,
        "result": told.result,
        "trouble": told.trouble,
        "standing_still": row.life.whole,
        "page": told.url or None,
    }


def _moment(at: datetime | None, user: User) -> str | None:
    return at.astimezone(user.company.zone).isoformat() if at else None


def _address(request: Request, cursor: str) -> str | None:
    return str(replace_query_param(request.build_absolute_uri(), "cursor", cursor)) if cursor else None


def _size(request: Request) -> int:
    said = request.query_params.get("page_size", "")
    return min(max(int(said), 1), MOST) if said.isascii() and said.isdigit() and len(said) <= 6 else ROWS
