"""Writing down when what is done by the clock was begun and ended, how much it did, and that it failed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from django.db.models import Value
from django.db.models.functions import Coalesce

from work.models import Routine

RATHER_OFTEN = timedelta(seconds=50)
"""What comes every few seconds is written down about once a minute while it has nothing to do."""


def done(name: str, work: Callable[[], int | None], *, at: datetime, often: bool = False) -> int:
    """Do it, and write down that it was done; give how many things it did.

    What it raises goes on, after it was written down. ``often``: it comes every few seconds.
    """
    told = not (often and Routine.objects.filter(name=name, ended_at__gte=at - RATHER_OFTEN).exists())
    if told:
        _begin(name, at)
    began = monotonic()
    try:
        did = work()
    except Exception as error:
        if not told:
            _begin(name, at)
        _failed(name, type(error).__name__, at + timedelta(seconds=monotonic() - began))
        raise
    if told or did:
        _ended(name, at, monotonic() - began, did)
    return did or 0


def _begin(name: str, at: datetime) -> None:
    row = Routine(name=name, began_at=at)
    Routine.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["name"], update_fields=["began_at"]
    )


def _ended(name: str, at: datetime, seconds: float, did: int | None) -> None:
    Routine.objects.filter(name=name).update(
        ended_at=at + timedelta(seconds=seconds),
        took=round(seconds * 1000),
        did=did,
        failing_since=None,
        failure="",
    )


def _failed(name: str, kind: str, at: datetime) -> None:
    since = Coalesce("failing_since", Value(at))
    Routine.objects.filter(name=name).update(failing_since=since, failure=kind[:80])
