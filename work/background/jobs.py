"""Writing down how far a job is (:class:`work.models.Job`): begun, seen, done, failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from work.models import Job

_State = Job.State


def begin(
    company: int, kind: str, on: date | None = None, *, done: int = 0, whole: int = 0, at: datetime
) -> Job:
    """The job of this kind and night, under way from now on; one of no night is a new one each time."""
    values: dict[str, Any] = {"state": _State.RUNNING, "seen_at": at, "done": done, "whole": whole}
    if on is None:
        return Job.objects.create(company_id=company, kind=kind, began_at=at, **values)
    job, is_new = Job.objects.get_or_create(
        company_id=company, kind=kind, target_on=on, defaults={**values, "began_at": at}
    )
    if not is_new:
        Job.objects.filter(pk=job.pk).update(**values, finished_at=None)
        job.refresh_from_db()
    return job


def seen(job: Job, *, done: int, at: datetime) -> None:
    """Somebody works on it, and so much is done."""
    Job.objects.filter(pk=job.pk, state=_State.RUNNING).update(done=done, seen_at=at)


def finish(job: Job, said: str, *, done: int, at: datetime) -> None:
    """It came to its end."""
    Job.objects.filter(pk=job.pk).update(
        state=_State.DONE, said=said[:300], note="", done=done, seen_at=at, finished_at=at
    )


def fail(job: Job, note: str, *, at: datetime) -> None:
    """It did not come to its end; ``note`` says what becomes of it and names nobody."""
    Job.objects.filter(pk=job.pk).update(state=_State.FAILED, note=note[:300], seen_at=at, finished_at=at)


@contextmanager
def noted(company: int, kind: str, *, otherwise: str) -> Iterator[list[str]]:
    """Write down work that is done in one go; what came of it is put into the list that is given.

    When it fails, that is written down with ``otherwise``, and the error goes on.
    """
    job, said = begin(company, kind, at=timezone.now()), list[str]()
    try:
        yield said
    except Exception as error:
        why = f"It stopped unexpectedly ({type(error).__name__}). {otherwise}"
        try:
            with transaction.atomic():
                fail(job, why, at=timezone.now())
        except DatabaseError:
            pass  # the error itself is told to whoever ran it
        raise
    finish(job, " ".join(said), done=job.whole, at=timezone.now())
