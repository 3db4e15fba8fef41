"""What an admin does with webhooks: add, change, rotate, switch, remove, test, send again.

A secret comes out once, from the act that makes it. Every act takes the ``version`` of the webhook that was
read before it was decided, and is refused as stale when another one is in force; None goes by what is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import F

from accounts.audit import acting
from accounts.models import Company, User
from accounts.roles import Can, refusal
from accounts.steps import Refused, Unfit, find_step
from work.hooks import probe
from work.hooks.domain import states
from work.hooks.domain.address import NoAddress, read_url
from work.hooks.domain.catalogue import EVENTS, TEST, body_of
from work.hooks.models import HookDelivery, HookEndpoint, HookHealth
from work.hooks.secrets import Unreadable, headers_of, make_secret, seal
from work.hooks.sending import UNREADABLE, may_leave, note
from work.hooks.wire import HookLine, Outcome, rules

MOST_ENDPOINTS = 20
OVERLAP = timedelta(hours=24)
"""How long the secret of before signs beside a new one."""
MOST_REPLAYED = 10_000
_STALE = "Somebody else changed this webhook meanwhile. Look again, then decide."
_REMOVED = "This webhook was removed. Its log stays; add another one to be told again."
DISARMED = "Sending is disarmed here, so no webhook leaves. An admin arms it in Settings, Sending."


@dataclass(frozen=True)
class Said:
    """What was typed about an endpoint."""

    address: str
    description: str
    events: Sequence[str]


@dataclass(frozen=True)
class Fit:
    """What was typed about an endpoint, once it was looked at: ``columns`` as they are kept."""

    columns: dict[str, Any]


def look_at(said: Said) -> Fit:
    """Look whether this can be kept; Unfit names all that is wrong.

    It asks where the address leads, for seconds if need be: call it outside a transaction.
    """
    wrong: dict[str, str] = {}
    address = said.address
    try:
        address = read_url(said.address, rules())
    except NoAddress as problem:
        wrong["address"] = str(problem)
    unknown = [one for one in said.events if one not in EVENTS]
    if unknown:
        wrong["events"] = "Choose from the events that stand here."
    elif not said.events:
        wrong["events"] = "Choose at least one event."
    if "address" not in wrong and probe.leads_inside(address):
        wrong["address"] = probe.INSIDE
    if wrong:
        raise Unfit(wrong)
    chosen = [key for key in EVENTS if key in said.events]
    return Fit({"address": address, "description": said.description, "subscribed": chosen})


def add_endpoint(company: Company, said: Said | Fit, *, by: User, at: datetime) -> tuple[HookEndpoint, str]:
    """Add a place that is told of events; give it with its secret, which is shown this once.

    Raises Unfit with all that is wrong, Refused when the company has as many as it may.
    """
    _refuse_all_but_admins(by)
    columns, secret = _fit(said).columns, make_secret()
    with transaction.atomic(), acting(by, "add webhook"):
        Company.objects.select_for_update(no_key=True).get(pk=company.pk)
        if HookEndpoint.objects.filter(company=company, removed_at=None).count() >= MOST_ENDPOINTS:
            raise Refused(f"A company may have {MOST_ENDPOINTS} webhooks. Remove one that is not needed.")
        row = HookEndpoint.objects.create(
            company=company,
            **columns,
            secret=seal(company.pk, secret),
            secret_made_at=at,
            created_at=at,
            changed_at=at,
            changed_by=by,
        )
        HookHealth.objects.create(company=company, endpoint=row)
    return row, secret


def change_endpoint(
    row: HookEndpoint, said: Said | Fit, version: str, *, by: User, at: datetime
) -> HookEndpoint:
    """Change where it leads and what it is told of; Refused "stale" when somebody was first."""
    _refuse_all_but_admins(by)
    columns = _fit(said).columns
    with transaction.atomic(), acting(by, "change webhook"):
        now = _locked(row, version)
        if columns["address"] != now.address:
            # How the other address did says nothing about this one.
            _forget_failures(now)
        return _changed(now, by, at, **columns)


def rotate(row: HookEndpoint, *, by: User, at: datetime, version: str | None = None) -> str:
    """Give a new secret; the one of before signs as well until the overlap is over."""
    _refuse_all_but_admins(by)
    secret = make_secret()
    with transaction.atomic(), acting(by, "new secret of a webhook"):
        now = _locked(row, version)
        if now.earlier_until and now.earlier_until > at:
            raise Refused(
                "Two secrets sign already. End the earlier one first, once the receiver has the newer one."
            )
        _changed(
            now,
            by,
            at,
            secret=seal(now.company_id, secret),
            secret_made_at=at,
            earlier_secret=now.secret,
            earlier_until=at + OVERLAP,
        )
    return secret


def end_overlap(row: HookEndpoint, *, by: User, at: datetime, version: str | None = None) -> None:
    """Forget the earlier secret now."""
    _refuse_all_but_admins(by)
    with transaction.atomic(), acting(by, "end earlier secret of a webhook"):
        now = _locked(row, version)
        if not now.earlier_secret:
            raise Refused("Only one secret signs.")
        _changed(now, by, at, earlier_secret="", earlier_until=None)


def switch_on(row: HookEndpoint, *, by: User, at: datetime, version: str | None = None) -> None:
    """Send there again, what waits first."""
    _refuse_all_but_admins(by)
    with transaction.atomic(), acting(by, "switch webhook on"):
        now = _locked(row, version)
        if now.enabled:
            raise Refused("This webhook is on already.")
        _forget_failures(now)
        _changed(now, by, at, enabled=True, off_why="", off_at=None, off_by=None)


def switch_off(row: HookEndpoint, *, by: User, at: datetime, version: str | None = None) -> None:
    """Send nothing there until it is switched on; what waits is kept."""
    _refuse_all_but_admins(by)
    with transaction.atomic(), acting(by, "switch webhook off"):
        now = _locked(row, version)
        if not now.enabled:
            raise Refused("This webhook is off already.")
        _changed(now, by, at, enabled=False, off_why=f"Switched off by {by}.", off_at=at, off_by=by)


def remove(row: HookEndpoint, *, by: User, at: datetime, version: str | None = None) -> int:
    """Forget the endpoint and its secrets, withdraw what waits; its log stays. Gives how many waited."""
    _refuse_all_but_admins(by)
    with transaction.atomic(), acting(by, "remove webhook"):
        now = _locked(row, version)
        gone = {"enabled": False, "removed_at": at, "secret": "", "earlier_secret": "", "earlier_until": None}
        _changed(now, by, at, **gone)
        waiting = HookDelivery.objects.filter(endpoint=now, status=states.WAITING)
        return waiting.update(status=states.WITHDRAWN, done_at=at, leased_until=None)


def try_out(row: HookEndpoint, *, by: User, at: datetime, version: str | None = None) -> list[probe.Step]:
    """Send a test event now and say which step fails; call it outside a transaction.

    It is kept with who tested; nothing is sent again.
    """
    _refuse_all_but_admins(by)
    _refuse_removed_or_stale(row, version)
    if not may_leave(row.company, at):
        raise Refused(DISARMED)
    event_id = f"test-{uuid4().hex}"
    body = body_of(TEST, at, {"endpoint": str(row.pk)})
    try:
        headers = headers_of(row, event_id, body, at)
    except Unreadable:
        outcome = Outcome(step="secret", said=UNREADABLE)
    else:
        with HookLine() as line:
            outcome = line.call(line.post(row.address, headers, body))
    found = {"step": outcome.step, "said": outcome.said, "status": outcome.status, "answer": outcome.answer}
    if not outcome.gone:
        note(row, outcome, at=at)
    found |= {"address": row.address, "milliseconds": outcome.milliseconds}
    HookHealth.objects.filter(endpoint=row).update(tested_at=at, tested_by=by, test=found)
    return probe.steps_of(found)


def replay(delivery: HookDelivery, *, by: User, at: datetime) -> None:
    """Send one delivery again, under the same id; one that waits is sent now."""
    _refuse_all_but_admins(by)
    with transaction.atomic():
        # The endpoint first, as every act takes it: what it is must not change before this is done.
        _usable(_locked(delivery.endpoint))
        now = HookDelivery.objects.select_for_update().get(pk=delivery.pk)
        act = "hasten" if now.status == states.WAITING else "replay"
        find_step(states.DELIVERY, act, now.status, by.role, thing="delivery")
        if now.leased_until and now.leased_until > at:
            raise Refused("An attempt of this delivery is under way at this moment. Look again in a minute.")
        _ask_again(HookDelivery.objects.filter(pk=now.pk), by, at)
        _let_rest_end(delivery.endpoint)


def replay_failed(
    row: HookEndpoint, since: datetime, *, by: User, at: datetime, version: str | None = None
) -> int:
    """Send again what was given up of all that happened since then, the oldest first; give how many."""
    _refuse_all_but_admins(by)
    with transaction.atomic():
        _usable(_locked(row, version))
        failed = HookDelivery.objects.filter(endpoint=row, status=states.FAILED, occurred_at__gte=since)
        keys = list(failed.order_by("id").values_list("pk", flat=True)[:MOST_REPLAYED])
        _let_rest_end(row)
        return _ask_again(HookDelivery.objects.filter(pk__in=keys, status=states.FAILED), by, at)


def _ask_again(rows: Any, by: User, at: datetime) -> int:
    done: int = rows.update(
        status=states.WAITING,
        tries=0,
        next_at=at,
        leased_until=None,
        done_at=None,
        asked_by=by,
        asked_at=at,
    )
    return done


def _usable(row: HookEndpoint) -> None:
    if not row.enabled:
        raise Refused("This webhook is off, so nothing goes there. Switch it on first.")


def _let_rest_end(row: HookEndpoint) -> None:
    HookHealth.objects.filter(endpoint=row).update(resting_until=None)


def _forget_failures(row: HookEndpoint) -> None:
    HookHealth.objects.filter(endpoint=row).update(failing_since=None, failures=0, resting_until=None)


def _fit(said: Said | Fit) -> Fit:
    return said if isinstance(said, Fit) else look_at(said)


def _locked(row: HookEndpoint, version: str | None = None) -> HookEndpoint:
    now = HookEndpoint.objects.select_for_update(no_key=True).get(pk=row.pk)
    _refuse_removed_or_stale(now, version)
    return now


def _refuse_removed_or_stale(row: HookEndpoint, version: str | None) -> None:
    if row.removed_at:
        raise Refused(_REMOVED)
    if version is not None and str(row.version) != version.strip():
        raise Refused(_STALE, "stale")


def _changed(row: HookEndpoint, by: User, at: datetime, **columns: Any) -> HookEndpoint:
    HookEndpoint.objects.filter(pk=row.pk).update(
        **columns, version=F("version") + 1, changed_at=at, changed_by=by
    )
    row.refresh_from_db()
    return row


def _refuse_all_but_admins(by: User) -> None:
    if not by.may(Can.SETTINGS):
        raise Refused(refusal(Can.SETTINGS), "role")
