"""Starting a night from a page or the API: a small one at once, a large one by a worker, whichever it is.

A request must not last as long as a night of 140,000 questions. What a worker is to do is in the database
already: a waiting run, which the minute's sweep finds when nobody hears the doorbell.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import structlog
from celery import current_app

from accounts.models import Company
from deductibles import nightly, nights
from deductibles.actions import holding, nightwork
from deductibles.domain import cadence, states
from deductibles.models import Claim, Hold, Question, settings_in_force
from work.models import Run

log = structlog.get_logger(__name__)
MOST_AT_ONCE = 1_000
"""Questions, releases or claims to write: what takes seconds is done before the answer, more is not."""
TASK = "deductibles.start_night"


def start(company: Company, kind: str, target_date: date | None, *, by: Any, at: datetime) -> Run:
    """Run a small night to its end and give it; of a large one give the run that waits for a worker.

    Call it outside any transaction. Refused as :func:`deductibles.nightly.start_night` refuses.
    """
    target = nightly.refuse_start(company, target_date, by=by, at=at)
    if not _is_large(company, kind, target):
        return nightly.start_night(company, kind, target, by=by, at=at)
    run = nights.open_run(company, kind, target, by=by, at=at)
    if run.state != Run.State.DONE:
        _ring(run, by)
    return run


def _is_large(company: Company, kind: str, target: date) -> bool:
    """Whether there is more to do than :data:`MOST_AT_ONCE`; counts no further than that."""
    if kind == Run.Kind.SUBMISSION:
        return _more(Claim.objects.filter(company=company, status=states.QUEUED))
    held = Hold.objects.filter(company=company, active=True)
    nights_due = nightwork.missed_nights(company.pk, target)
    automatic = held.filter(kind=Hold.Kind.AUTOMATIC)
    settings = settings_in_force(company.pk)
    return (
        _more(automatic.filter(anchor_on__in=cadence.anchors(nights_due)))
        or _more(Question.objects.filter(company=company, open=True))
        or _more(held.filter(release_on__lte=target))
        or len(nightwork.to_redate(settings, after=0, size=MOST_AT_ONCE + 1)) > MOST_AT_ONCE
        or any(_more(held.filter(way)) for way in holding.may_be_met(settings.dollar_threshold))
    )


def _more(rows: Any) -> bool:
    return len(rows.order_by().values_list("pk", flat=True)[: MOST_AT_ONCE + 1]) > MOST_AT_ONCE


def _ring(run: Run, by: Any) -> None:
    """Ask for a worker; a broker that does not answer costs a second and no night."""
    try:
        current_app.send_task(TASK, args=[run.pk, getattr(by, "pk", None)])
    except Exception as error:
        log.warning("doorbell_silent", run=run.pk, error=type(error).__name__)
