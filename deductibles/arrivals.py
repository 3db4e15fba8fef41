"""Reading each company's inbox at its clearinghouse; looking again at what came too early (D-SUB-3, D-SUB-4).

A file is put away only after what it says is committed; one that is read twice is taken in once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError
from django.db.models import Q
from django.utils import timezone

from accounts.models import Company
from deductibles.actions import acknowledging, arriving, posting
from deductibles.connections import health, rows
from deductibles.gateways import clearinghouse
from deductibles.gateways.wire import Unavailable
from deductibles.models import Arrival, Submission
from work import leases

log = structlog.get_logger(__name__)
LEASE = timedelta(minutes=5)
QUIET_AFTER = timedelta(days=730)
"""A company that handed nothing over for so long is not asked about: no payer answers later."""


def read_inboxes(*, at: datetime) -> int:
    """Take in what waits for every company; give how many were new. One company's trouble is its own."""
    taken = 0
    for company in Company.objects.order_by("pk"):
        try:
            taken += read(company, at)
        except Exception as error:
            log.error("inbox_failed", company=company.pk, error=type(error).__name__)
    return taken


def read(company: Company, at: datetime) -> int:
    """Take in what waits for one company, and look again at what came too early; give how many were new."""
    since = at - QUIET_AFTER
    sent = Submission.objects.filter(Q(tried_at__gte=since) | Q(handed_over_at__gte=since), company=company)
    if not sent.exists():
        return 0
    fence = leases.take(_lease(company), at=timezone.now(), lifetime=LEASE, while_alive=True)
    if fence is None:
        return 0
    try:
        taken = _take_in(company, fence, at)
    except leases.Lost:
        return 0
    finally:
        leases.give_back(_lease(company), fence)
    acknowledging.settle_waiting(company, at=at)
    posting.post_waiting(company, at=at)
    return taken


def _lease(company: Company) -> str:
    return f"inbox:{company.pk}"


def _take_in(company: Company, fence: int, at: datetime) -> int:
    way = rows.way_to_clearinghouse(company)
    taken = 0
    problem: Unavailable | None = None
    try:
        with clearinghouse.visit(way, company.key) as visit:
            for file in visit.arrived():
                leases.keep(_lease(company), fence, at=timezone.now(), lifetime=LEASE)
                if file.trouble:
                    arriving.tell_left(company, file.name, file.trouble, at=at)
                    continue
                taken += _one(company, file.name, file.content.decode("utf-8", "replace"), at)
                try:
                    visit.put_away(file.name)
                except Unavailable as kept:
                    problem = kept  # it is read again, and taken in once
    except Unavailable as refused:
        problem = refused
    health.note(company.pk, rows.CLEARINGHOUSE, problem, at=at)
    return taken


def _one(company: Company, name: str, text: str, at: datetime) -> bool:
    """Take in one file; whatever goes wrong with it, those behind it are not kept waiting."""
    source = Arrival.Source.INBOX
    try:
        return acknowledging.take_in(company, name, text, source=source, by=None, at=at)[1]
    except (OperationalError, InterfaceError):
        raise  # the database's trouble, not the file's: it stays where it is and is read again
    except Exception as error:
        log.error("arrival_failed", company=company.pk, error=type(error).__name__)
    acknowledging.set_aside(company, name, text, source=source, at=at)
    return True
