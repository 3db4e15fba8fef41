"""``webhooks/``, ``webhook-deliveries/``, ``webhook-events/``: what Settings, Webhooks does, for programs.

A secret is told in the answer to the request that had it made. With an ``Idempotency-Key`` that answer is
kept without it; who repeats the request is told it again for some minutes, and then how to get another one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.response import Response

from accounts.models import User
from accounts.roles import Can
from accounts.steps import Unfit
from api.endpoints import Endpoint, find_row
from api.idempotency import answered, once, once_after
from api.permissions import SignedIn
from api.serializers import StrictSerializer, read_query
from work.hooks import actions, bodies, shapes
from work.hooks.deliveries import looked_for, with_newest_attempt
from work.hooks.domain.catalogue import EVENTS, TEST, sample_of
from work.hooks.forms import begins
from work.hooks.models import HookDelivery, HookEndpoint
from work.hooks.secrets import TOLD_AGAIN, told_again

_MINUTES = int(TOLD_AGAIN.total_seconds() // 60)
_TEST_COMES = "Sent by a test alone. Nobody is subscribed to it, and nothing waits for it."


class WebhookMade(shapes.WebhookShown):
    """A webhook with its secret. In an answer that is given again ``secret`` may be null: then
    ``secret_note`` says how to get one."""

    secret = serializers.CharField(allow_null=True)
    secret_note = serializers.CharField(allow_blank=True)


class WebhookStepped(shapes.WebhookShown):
    """A webhook after an act: rotate tells the ``secret``, replay how many are sent again."""

    secret = serializers.CharField(allow_null=True, required=False)
    secret_note = serializers.CharField(allow_blank=True, required=False)
    replayed = serializers.IntegerField(required=False)


class WebhookRemoved(serializers.Serializer):
    withdrawn = serializers.IntegerField(help_text="How many events waited and will not be sent.")


class Webhooks(Endpoint):
    """The webhooks of the company; add one. Its secret is in the answer, and nowhere else."""

    listed = True
    serializer_class = shapes.WebhookShown
    queryset = HookEndpoint.objects.none()
    reads = writes = Can.SETTINGS

    @extend_schema(parameters=[bodies.WebhookQuery])
    def get(self, request: SignedIn) -> Response:
        asked = read_query(request, bodies.WebhookQuery)
        page = self.page_of(_rows(request).filter(removed_at__isnull=not asked.get("removed", False)))
        zone, now = request.user.company.zone, timezone.now()
        return self.get_paginated_response([shapes.webhook_json(row, zone, now) for row in page])

    @extend_schema(request=bodies.WebhookBody, responses={201: WebhookMade})
    def post(self, request: SignedIn) -> Response:
        given = bodies.read(request.data, bodies.WebhookBody)
        answer = answered(request)
        if answer is None:
            said = actions.Said(given["address"], given.get("description", ""), given["events"])
            fit = _fit(lambda: actions.look_at(said))
            answer = once(request, lambda: _add(request, fit), kept=_without_secret)
        return _telling(request, answer)


class Webhook(Endpoint):
    """One webhook: read it, change it, remove it."""

    serializer_class = shapes.WebhookShown
    queryset = HookEndpoint.objects.none()
    reads = writes = Can.SETTINGS

    def get(self, request: SignedIn, key: str) -> Response:
        read_query(request, StrictSerializer)
        return Response(_shown(request, find_row(_rows(request), key)))

    @extend_schema(request=bodies.WebhookChange)
    def patch(self, request: SignedIn, key: str) -> Response:
        """Change what is named. With ``version`` of what was read, another one in force is 409."""
        row, given = find_row(_rows(request), key), bodies.read(request.data, bodies.WebhookChange)
        answer = answered(request)
        if answer is None:
            fit = _fit(lambda: actions.look_at(_with(row, given)))
            version = str(given.get("version", row.version))
            answer = once(request, lambda: _change(request, row, fit, version))
        return answer

    @extend_schema(parameters=[bodies.VersionQuery], responses={200: WebhookRemoved})
    def delete(self, request: SignedIn, key: str) -> Response:
        """Forget it and its secret, and withdraw what waits; its deliveries can still be read."""
        row, asked = find_row(_rows(request), key), read_query(request, bodies.VersionQuery)

        def work() -> Response:
            by, at = request.user, timezone.now()
            return Response({"withdrawn": actions.remove(row, by=by, at=at, version=_version(asked))})

        return once(request, work)


Act = Callable[[HookEndpoint, dict[str, Any], User, datetime], dict[str, Any]]


def _plain(act: Callable[..., Any]) -> Act:
    """An act that needs to be told nothing and tells nothing but the webhook."""

    def done(row: HookEndpoint, said: dict[str, Any], by: User, at: datetime) -> dict[str, Any]:
        act(row, by=by, at=at, version=_version(said))
        return {}

    return done


def _rotate(row: HookEndpoint, said: dict[str, Any], by: User, at: datetime) -> dict[str, Any]:
    return {"secret": actions.rotate(row, by=by, at=at, version=_version(said)), "secret_note": ""}


def _replay(row: HookEndpoint, said: dict[str, Any], by: User, at: datetime) -> dict[str, Any]:
    since = begins(said["since"], by.company.zone)
    return {"replayed": actions.replay_failed(row, since, by=by, at=at, version=_version(said))}


STEPS: dict[str, Act] = {
    bodies.TRY: _plain(actions.try_out),
    "rotate": _rotate,
    "end-earlier": _plain(actions.end_overlap),
    "on": _plain(actions.switch_on),
    "off": _plain(actions.switch_off),
    bodies.REPLAY: _replay,
}


class WebhookSteps(Endpoint):
    """Do one thing to a webhook: ``test`` it, ``rotate`` its secret, ``end-earlier`` (the secret of before
    signs no more), ``on``, ``off``, ``replay`` what was given up since a day.

    A test that fails is an answer of 200 as well: ``test`` names the step at which it ended. After ``rotate``
    two secrets sign for a day; until then there is no third."""

    serializer_class = bodies.WebhookStep
    queryset = HookEndpoint.objects.none()
    writes = Can.SETTINGS

    @extend_schema(request=bodies.WebhookStep, responses={200: WebhookStepped})
    def post(self, request: SignedIn, key: str) -> Response:
        row, said = find_row(_rows(request), key), bodies.read(request.data, bodies.WebhookStep)
        act = said["act"]

        def work() -> Response:
            told = STEPS[act](row, said, request.user, timezone.now())
            return Response({**_shown(request, _rows(request).get(pk=row.pk)), **told})

        # A test waits for the network, so it shares no transaction; whoever sends it twice has it sent twice
        # at worst.
        run = once_after if act == bodies.TRY else partial(once, kept=_without_secret)
        return _telling(request, run(request, work))


class WebhookDeliveries(Endpoint):
    """What went to one webhook or waits for it, the newest first."""

    listed = True
    serializer_class = shapes.WebhookDeliveryShown
    queryset = HookDelivery.objects.none()
    reads = Can.SETTINGS

    @extend_schema(parameters=[bodies.DeliveryQuery])
    def get(self, request: SignedIn, key: str) -> Response:
        asked = read_query(request, bodies.DeliveryQuery)
        row, zone, now = find_row(_rows(request), key), request.user.company.zone, timezone.now()
        found = looked_for(_deliveries(request).filter(endpoint=row), asked, zone)
        page = self.page_of(found)
        return self.get_paginated_response([shapes.delivery_json(one, zone, now) for one in page])


class WebhookDelivery(Endpoint):
    """One delivery: the body that is sent, and every attempt."""

    serializer_class = shapes.WholeWebhookDeliveryShown
    queryset = HookDelivery.objects.none()
    reads = Can.SETTINGS

    def get(self, request: SignedIn, key: str) -> Response:
        read_query(request, StrictSerializer)
        return Response(_whole(request, find_row(_deliveries(request), key)))


class WebhookDeliveryReplay(Endpoint):
    """Send one delivery again under the same id; one that waits is sent now."""

    serializer_class = StrictSerializer
    queryset = HookDelivery.objects.none()
    writes = Can.SETTINGS

    @extend_schema(request=None, responses={200: shapes.WholeWebhookDeliveryShown})
    def post(self, request: SignedIn, key: str) -> Response:
        row = find_row(_deliveries(request), key)
        bodies.read(request.data, StrictSerializer)

        def work() -> Response:
            actions.replay(row, by=request.user, at=timezone.now())
            return Response(_whole(request, _deliveries(request).get(pk=row.pk)))

        return once(request, work)


class WebhookEvents(Endpoint):
    """Every kind of event, with the body of an invented one."""

    serializer_class = shapes.WebhookEventShown
    queryset = HookDelivery.objects.none()
    reads = Can.SETTINGS
    pagination_class = None

    @extend_schema(responses={200: shapes.WebhookEventShown(many=True)})
    def get(self, request: SignedIn) -> Response:
        read_query(request, StrictSerializer)
        comes = {**{key: event.comes for key, event in EVENTS.items()}, TEST: _TEST_COMES}
        return Response(
            [
                {"type": key, "comes": said, "subscribable": key in EVENTS, "sample": sample_of(key)}
                for key, said in comes.items()
            ]
        )


def _rows(request: SignedIn) -> Any:
    rows = HookEndpoint.objects.visible_to(request.user)
    return rows.select_related("health__tested_by", "changed_by", "off_by", "company")


def _deliveries(request: SignedIn) -> Any:
    rows = HookDelivery.objects.visible_to(request.user).select_related("endpoint", "asked_by")
    return with_newest_attempt(rows)


def _shown(request: SignedIn, row: HookEndpoint) -> dict[str, Any]:
    return shapes.webhook_json(row, request.user.company.zone, timezone.now())


def _whole(request: SignedIn, row: HookDelivery) -> dict[str, Any]:
    return shapes.whole_delivery_json(row, request.user.company.zone, timezone.now())


def _with(row: HookEndpoint, given: dict[str, Any]) -> actions.Said:
    """The webhook as it is, with what is changed of it."""
    return actions.Said(
        given.get("address", row.address),
        given.get("description", row.description),
        given.get("events", row.subscribed),
    )


def _version(said: dict[str, Any]) -> str | None:
    return str(said["version"]) if "version" in said else None


def _fit(look: Callable[[], actions.Fit]) -> actions.Fit:
    try:
        return look()
    except Unfit as unfit:
        raise ValidationError(
            {name: [ErrorDetail(said, "invalid")] for name, said in unfit.wrong.items()}
        ) from None


def _add(request: SignedIn, fit: actions.Fit) -> Response:
    user = request.user
    row, secret = actions.add_endpoint(user.company, fit, by=user, at=timezone.now())
    made = _shown(request, _rows(request).get(pk=row.pk))
    return Response({**made, "secret": secret, "secret_note": ""}, status=201)


def _change(request: SignedIn, row: HookEndpoint, fit: actions.Fit, version: str) -> Response:
    actions.change_endpoint(row, fit, version, by=request.user, at=timezone.now())
    return Response(_shown(request, _rows(request).get(pk=row.pk)))


def _without_secret(data: dict[str, Any]) -> dict[str, Any]:
    """What is kept of an answer that tells a secret."""
    return {**data, "secret": None} if "secret" in data else data


def _telling(request: SignedIn, answer: Response) -> Response:
    """The answer; when it is given again, with the secret that was not kept with it, or how to get one."""
    data = answer.data
    if "secret" not in data or data["secret"] is not None:
        return answer
    row, now = _rows(request).get(pk=data["id"]), timezone.now()
    secret = told_again(row, datetime.fromisoformat(data["secret_made_at"]), now)
    note = "" if secret else _not_again(row, now)
    return Response({**data, "secret": secret, "secret_note": note}, status=answer.status_code)


def _not_again(row: HookEndpoint, now: datetime) -> str:
    said = f"The secret was told in the first answer to this request and for {_MINUTES} minutes after it."
    if row.removed_at:
        return f"{said} The webhook was removed meanwhile; add another one."
    if row.earlier_until and row.earlier_until > now:
        return (
            f"{said} If nobody has it, end the earlier one (end-earlier), then have a new one made (rotate). "
            "What the receiver refuses until it has that one is sent again."
        )
    return f"{said} If nobody has it, have a new one made (rotate)."
