"""One step of many tickets: ``escalations/bulk/``, by their ids or by the filter that matches them."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.roles import Can
from api.idempotency import once
from api.permissions import SignedIn
from escalations import actions, serializers
from escalations.api.asking import invalid
from escalations.domain.bulk import AT_MOST
from escalations.filters import NAMES, read_filters
from escalations.models import Ticket
from escalations.queries import filtered
from patients.domain.intake import Wrong

_ABOUT = ("act", "ids", "filter", "versions", "expected_count")
_FACTS = ("reason", "outcome", "note", "user")


class BulkView(APIView):
    """Take one step of many tickets; those that cannot take it come back with why."""

    writes = Can.WORK_TICKETS

    @extend_schema(request=serializers.TicketBulkBody, responses={200: serializers.BulkAnswer})
    def post(self, request: SignedIn) -> Response:
        body = _object(request.data)
        ids, versions = _chosen(body, request.user)
        expected = _expected(body.get("expected_count"))
        facts = {name: body[name] for name in _FACTS if name in body}

        def work() -> Response:
            try:
                done = actions.act_on_many(
                    ids, body["act"], by=request.user, at=timezone.now(), facts=facts, versions=versions,
                    expected_count=expected,
                )  # fmt: skip
            except actions.Invalid as wrong:
                raise invalid(wrong.wrong) from None
            except Ticket.DoesNotExist as missing:
                raise Http404 from missing
            skipped = [{"id": str(one.id), "number": one.number, "why": one.why} for one in done.skipped]
            return Response({"done": done.done, "skipped": skipped})

        return once(request, work)


def _object(data: Any) -> dict[str, Any]:
    """The body as an object of known names, with an act."""
    if not isinstance(data, dict):
        raise _wrong("non_field_errors", "type", "Send one JSON object.")
    known = (*_ABOUT, *_FACTS)
    unknown = [str(name) for name in data if name not in known]
    if unknown:
        sentence = ErrorDetail(f"Unknown field. Known: {', '.join(known)}.", "unknown")
        names = [name[:40] if name.isidentifier() else "unknown_field" for name in unknown[:20]]
        raise ValidationError({name: [sentence] for name in names})
    if not isinstance(data.get("act"), str) or not 0 < len(data["act"]) <= 40:
        raise _wrong("act", "required", "Say which step to take, like take or assign.")
    return dict(data)


def _chosen(body: dict[str, Any], user: Any) -> tuple[list[int], dict[int, int]]:
    """The tickets a body means, and the versions that were seen of them; 5,001 refuse all."""
    if (body.get("ids") is None) == (body.get("filter") is None):
        raise _wrong("ids", "required", "Send either ids or filter.")
    name = "ids" if body.get("ids") is not None else "filter"
    found = _ids(body["ids"]) if name == "ids" else _matching(body["filter"], user)
    if len(found) > AT_MOST:
        sentence = f"At most {AT_MOST:,} tickets at one time. Nothing was changed; choose fewer."
        raise _wrong(name, "too_many", sentence)
    return found, _versions(body.get("versions"))


def _ids(value: Any) -> list[int]:
    if not isinstance(value, list) or not value:
        raise _wrong("ids", "type", "Ids must be a list of one or more ids of tickets.")
    return sorted({_id("ids", item) for item in value})


def _id(name: str, item: Any) -> int:
    plain = str(item) if isinstance(item, str | int) and not isinstance(item, bool) else ""
    if not plain.isascii() or not plain.isdigit() or len(plain) > 18:
        raise _wrong(name, "unknown", "One of these ids is no id of a ticket.")
    return int(plain)


def _versions(value: Any) -> dict[int, int]:
    if value is None:
        return {}
    if not isinstance(value, dict) or any(type(one) is not int for one in value.values()):
        raise _wrong("versions", "type", "Versions must be an object: a ticket's id and the version seen.")
    return {_id("versions", key): version for key, version in value.items()}


def _matching(value: Any, user: Any) -> list[int]:
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise _wrong("filter", "type", "Filter must be an object, with the filters of the list as text.")
    names = [name for name in NAMES if name != "ordering"]
    unknown = [name for name in value if name not in names]
    if unknown:
        raise _wrong("filter", "unknown", f"There is no such filter. The filters are: {', '.join(names)}.")
    wanted, wrong = read_filters(user, value, now=timezone.now())
    if wrong:
        raise invalid(wrong)
    rows = filtered(Ticket.objects.visible_to(user), wanted, now=timezone.now()).order_by("id")
    return list(rows.values_list("pk", flat=True)[: AT_MOST + 1])


def _expected(value: Any) -> int | None:
    if value is not None and (type(value) is not int or not 0 <= value <= 10**9):
        raise invalid({"expected_count": Wrong("number", "Expected count must be a whole number.")})
    return value


def _wrong(name: str, code: str, sentence: str) -> ValidationError:
    return ValidationError({name: [ErrorDetail(sentence, code)]})
