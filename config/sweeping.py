"""The sweep: everything due, once. It needs neither worker nor broker."""

from __future__ import annotations

from datetime import datetime, timedelta
from socket import gethostname
from time import monotonic

from accounts.actions import forget_ended_sessions
from api.idempotency import forget_answers
from config.moving.actions import forget_old as forget_old_company_files
from config.moving.background import catch_up as make_company_files
from deductibles import arrivals, nightly
from deductibles.actions.back_testing import forget_old as forget_old_back_tests
from deductibles.actions.drafts import forget_old_entries
from deductibles.actions.finding import forget_old_findings
from deductibles.worth.back_running import catch_up as go_on_with_back_tests
from deductibles.worth.nightly import catch_up as go_on_with_forecasts
from escalations.actions import forget_files, forget_old_drafts, forget_read, watch_clocks
from escalations.actions.policy_runs import catch_up as go_on_with_policies
from escalations.actions.reclocking import catch_up_all
from escalations.digests import begin_days
from patients.imports.actions import forget_old as forget_old_imports
from patients.imports.running import catch_up as go_on_with_imports
from work import heartbeats, outbox
from work.hooks.forgetting import forget_deliveries
from work.hooks.sending import send_due
from work.models import Heartbeat

_FOR_WEBHOOKS = 20.0
"""Seconds; they have a bell of their own, and the sweep sends what that one left."""


def sweep(*, at: datetime) -> dict[str, int]:
    """Look at clocks, catch up missed nights, read what came back, deliver what waits; then tidy up."""
    began = monotonic()
    caught_up = catch_up_all(at=at)
    clocks = watch_clocks(at=at)
    runs = nightly.catch_up(at=at)
    days = begin_days(at=at)
    # A night may take minutes, and leases are counted from the moment that is told here.
    delivered = outbox.deliver(at=at + timedelta(seconds=monotonic() - began))
    # Last, for what comes from outside may be large: nobody's night or message waits for it.
    came = arrivals.read_inboxes(at=at)
    told = send_due(at=at + timedelta(seconds=monotonic() - began), budget=_FOR_WEBHOOKS)
    imported = go_on_with_imports(at=at + timedelta(seconds=monotonic() - began))
    moved = go_on_with_policies(at=at + timedelta(seconds=monotonic() - began))
    tested = go_on_with_back_tests(at=at + timedelta(seconds=monotonic() - began))
    ended = at + timedelta(seconds=monotonic() - began)
    heartbeats.record(Heartbeat.Kind.SWEEP, gethostname(), at=ended)
    heartbeats.forget(at=ended)
    forget_ended_sessions(at=ended)
    forget_answers(at=ended)
    forget_old_drafts(at=ended)
    forget_old_entries(at=ended)
    forget_old_findings(at=ended)
    forget_files(at=ended)
    forget_read(at=ended)
    forget_deliveries(at=ended)
    forget_old_imports(at=ended)
    forget_old_back_tests(at=ended)
    # Nobody waits for it, and it may take its time.
    forecasts = go_on_with_forecasts(at=ended)
    forget_old_company_files(at=ended)
    # The longest work of all comes last, and for those alone whom no worker heard.
    taken_out = make_company_files(at=at + timedelta(seconds=monotonic() - began))
    return {
        "nights": len(runs),
        "arrivals": came,
        "imports": imported,
        "back_tests": tested,
        "forecasts": forecasts,
        "taken_out": taken_out,
        "policies": moved,
        "delivered": delivered,
        "webhooks": told,
        "digests": days,
        "reclocked": caught_up,
        **clocks,
    }
