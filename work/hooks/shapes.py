"""Webhooks in the answers of the API: the one shape of an endpoint, of a delivery, of an attempt."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rest_framework import serializers

from accounts.models import User
from work.hooks import deliveries, probe
from work.hooks.domain import states
from work.hooks.domain.catalogue import EVENTS, body_of
from work.hooks.models import HookAttempt, HookDelivery, HookEndpoint, HookHealth

MOST_ATTEMPTS = 100
"""The newest so many attempts of a delivery are told, as on its page."""


class WebhookHealthShown(serializers.Serializer):
    """How an endpoint does. ``failing_since`` is null while it works; ``failures`` are those in a row."""

    answered_at = serializers.DateTimeField(allow_null=True)
    failing_since = serializers.DateTimeField(allow_null=True)
    failed_at = serializers.DateTimeField(allow_null=True)
    failure = serializers.CharField(allow_blank=True, help_text="Why the newest failure was one.")
    failures = serializers.IntegerField()


class WebhookTestStepShown(serializers.Serializer):
    """One step of a test on its way to the receiver; ``mend`` is what to do about one that failed."""

    key = serializers.CharField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=[probe.PASSED, probe.FAILED, probe.SKIPPED])
    said = serializers.CharField(allow_blank=True)
    mend = serializers.CharField(allow_blank=True)


class WebhookTestShown(serializers.Serializer):
    """The newest test."""

    at = serializers.DateTimeField()
    by = serializers.CharField(allow_null=True)
    passed = serializers.BooleanField()
    steps = WebhookTestStepShown(many=True)


class WebhookShown(serializers.Serializer):
    """One webhook. ``off_by`` is null when it switched itself off; ``earlier_secret_until`` tells until when
    the secret of before signs as well, and is null while one secret signs."""

    id = serializers.CharField()
    address = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    events = serializers.ListField(child=serializers.ChoiceField(choices=list(EVENTS)))
    enabled = serializers.BooleanField()
    off_why = serializers.CharField(allow_blank=True)
    off_at = serializers.DateTimeField(allow_null=True)
    off_by = serializers.CharField(allow_null=True)
    removed_at = serializers.DateTimeField(allow_null=True)
    secret_made_at = serializers.DateTimeField(allow_null=True)
    earlier_secret_until = serializers.DateTimeField(allow_null=True)
    health = WebhookHealthShown()
    test = WebhookTestShown(allow_null=True)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    changed_by = serializers.CharField(allow_null=True)


class WebhookDeliveryShown(serializers.Serializer):
    """One event on its way to a webhook. ``answered`` is the status of the newest answer, ``why`` the reason
    in words; ``next_at`` is null when nothing more is tried."""

    id = serializers.CharField()
    webhook = serializers.CharField()
    event_id = serializers.CharField(help_text="What the receiver knows it by: webhook-id.")
    event = serializers.CharField()
    number = serializers.CharField(allow_blank=True, help_text="The ticket or claim it tells of.")
    occurred_at = serializers.DateTimeField()
    status = serializers.ChoiceField(choices=list(states.LABELS))
    under_way = serializers.BooleanField()
    attempts = serializers.IntegerField()
    answered = serializers.IntegerField(allow_null=True)
    why = serializers.CharField(allow_blank=True)
    next_at = serializers.DateTimeField(allow_null=True)
    done_at = serializers.DateTimeField(allow_null=True)
    asked_at = serializers.DateTimeField(allow_null=True, help_text="When a person had it sent again.")
    asked_by = serializers.CharField(allow_null=True)


class WebhookAttemptShown(serializers.Serializer):
    """One attempt. While ``ended_at`` is null it is under way, or nobody knows how it ended; ``step`` is the
    part that failed, empty when it went well, ``answer`` the beginning of what came back."""

    number = serializers.IntegerField()
    began_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    milliseconds = serializers.IntegerField(allow_null=True)
    status = serializers.IntegerField(allow_null=True)
    step = serializers.CharField(allow_blank=True)
    said = serializers.CharField(allow_blank=True)
    answer = serializers.CharField(allow_blank=True)


class WholeWebhookDeliveryShown(WebhookDeliveryShown):
    """A delivery with the body that is sent and its newest hundred attempts, the newest first."""

    body = serializers.DictField()
    log = WebhookAttemptShown(many=True)


class WebhookEventShown(serializers.Serializer):
    """One kind of event; ``sample`` is the body of an invented one, ``subscribable`` whether it is chosen."""

    type = serializers.CharField()
    comes = serializers.CharField(help_text="When it comes.")
    subscribable = serializers.BooleanField()
    sample = serializers.DictField()


def webhook_json(row: HookEndpoint, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """The one shape of a webhook in answers: nothing of its secrets but since when they sign."""
    overlaps = row.earlier_until is not None and row.earlier_until > now
    return {
        "id": str(row.pk),
        "address": row.address,
        "description": row.description,
        "events": [key for key in row.subscribed if key in EVENTS],
        "enabled": row.enabled,
        "off_why": row.off_why,
        "off_at": _moment(row.off_at, zone),
        "off_by": _name(row.off_by),
        "removed_at": _moment(row.removed_at, zone),
        "secret_made_at": _moment(row.secret_made_at, zone),
        "earlier_secret_until": _moment(row.earlier_until, zone) if overlaps else None,
        "health": _health(row.health, zone),
        "test": _test(row.health, zone),
        "version": row.version,
        "created_at": _moment(row.created_at, zone),
        "changed_at": _moment(row.changed_at, zone),
        "changed_by": _name(row.changed_by),
    }


def _health(health: HookHealth, zone: ZoneInfo) -> dict[str, Any]:
    moments = ("answered_at", "failing_since", "failed_at")
    told = {name: _moment(getattr(health, name), zone) for name in moments}
    return {**told, "failure": health.failure, "failures": health.failures}


def _test(health: HookHealth, zone: ZoneInfo) -> dict[str, Any] | None:
    steps = probe.steps_of(health.test)
    if not steps:
        return None
    return {
        "at": _moment(health.tested_at, zone),
        "by": _name(health.tested_by),
        "passed": all(step.state == probe.PASSED for step in steps),
        "steps": [
            {"key": one.key, "name": one.name, "state": one.state, "said": one.said, "mend": one.mend}
            for one in steps
        ],
    }


def delivery_json(row: HookDelivery, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """The one shape of a delivery in answers; the rows come from ``deliveries.with_newest_attempt``."""
    waits = row.status == states.WAITING
    return {
        "id": str(row.pk),
        "webhook": str(row.endpoint_id),
        "event_id": row.event_id,
        "event": row.event_type,
        "number": str(row.data.get("number", "")),
        "occurred_at": _moment(row.occurred_at, zone),
        "status": row.status,
        "under_way": bool(waits and row.leased_until and row.leased_until > now),
        "attempts": row.attempts,
        "answered": getattr(row, "last_status", None),
        "why": deliveries.why(row),
        "next_at": _moment(row.next_at, zone) if waits else None,
        "done_at": _moment(row.done_at, zone),
        "asked_at": _moment(row.asked_at, zone),
        "asked_by": _name(row.asked_by),
    }


def whole_delivery_json(row: HookDelivery, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """A delivery with what is sent and every attempt that is told."""
    body = json.loads(body_of(row.event_type, row.occurred_at, row.data))
    log = [_attempt(one, zone) for one in row.log.order_by("-number")[:MOST_ATTEMPTS]]
    return {**delivery_json(row, zone, now), "body": body, "log": log}


def _attempt(row: HookAttempt, zone: ZoneInfo) -> dict[str, Any]:
    names = ("number", "milliseconds", "status", "step", "said", "answer")
    told = {name: getattr(row, name) for name in names}
    return {**told, "began_at": _moment(row.began_at, zone), "ended_at": _moment(row.ended_at, zone)}


def _moment(at: datetime | None, zone: ZoneInfo) -> str | None:
    return at.astimezone(zone).isoformat() if at else None


def _name(person: User | None) -> str | None:
    return person.username if person else None
