"""Reading each company's inbox at its clearinghouse; looking again at what came too early (D-SUB-3, D-SUB-4).

A file is put away only after what it says is committed; one that is read twice is taken in once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from accounts.models import Company
from deductibles.actions import acknowledging, posting
from deductibles.connections import health, rows
from deductibles.gateways import clearinghouse
from deductibles.gateways.wire import Unavailable
from deductibles.models import Arrival, Submission
from work import leases

log = structlog.get_logger(__name__)
LEASE = timedelta(minutes=5)
QUIET_AFTER = timedelta(days=60)
"""A company that handed nothing over for so long is not asked about: nothing can come."""


def read_inboxes(*, at: datetime) -> int:
    """Take in what waits for every company; give how many were new. One company's trouble is its own."""
    taken = 0
    for company in Company.objects.order_by("pk"):
        try:
            taken += _read(company, at)
        except Exception as error:
            log.error("inbox_failed", company=company.pk, error=type(error).__name__)
    return taken


def _read(company: Company, at: datetime) -> int:
    sent = Submission.objects.filter(company=company, tried_at__gte=at - QUIET_AFTER)
    if not sent.exists():
        return 0
    fence = leases.take(f"inbox:{company.pk}", at=at, lifetime=LEASE)
    if fence is None:
        return 0
    try:
        taken = _take_in(company, at)
    finally:
        leases.give_back(f"inbox:{company.pk}", fence)
    acknowledging.settle_waiting(company, at=at)
    posting.post_waiting(company, at=at)
    return taken


def _take_in(company: Company, at: datetime) -> int:
    way = rows.way_to_clearinghouse(company)
    taken = 0
    try:
        for file in clearinghouse.inbox(way, company.key):
            text = file.content.decode("utf-8", "replace")
            source = Arrival.Source.INBOX
            _, new = acknowledging.take_in(company, file.name, text, source=source, by=None, at=at)
            taken += new
            clearinghouse.put_away(way, company.key, file.name)
    except Unavailable as problem:
        health.note(company.pk, rows.CLEARINGHOUSE, problem, at=at)
    return taken
