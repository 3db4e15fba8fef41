"""The doorbell: Celery tasks that ask whether there is a night to run. What is due is in the database."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts.models import User
from deductibles import nightly
from deductibles.worth import back_running
from work.models import Run


@shared_task(name="deductibles.poke_check")
def poke_check() -> None:
    """03:00 UTC: run the newest night of every company that is not done (D-CHK-1)."""
    nightly.catch_up(at=timezone.now())


@shared_task(name="deductibles.poke_submission")
def poke_submission() -> None:
    """After the check: submissions follow a check that is done; a late one is followed by the sweep."""
    nightly.catch_up(at=timezone.now())


@shared_task(name="deductibles.start_night")
def start_night(run: int, by: int | None) -> None:
    """Run a night that somebody asked for and that is too large for a request."""
    row = Run.objects.select_related("company").filter(pk=run).exclude(state=Run.State.DONE).first()
    if row is None:
        return
    who = User.objects.filter(pk=by or 0, company=row.company_id, is_active=True).first()
    nightly.start_night(row.company, row.kind, row.target_date, by=who, at=timezone.now())


@shared_task(name=back_running.TASK)
def work_on_back_test(key: int) -> None:
    """Go on with one back-test, unless somebody does already."""
    back_running.work_on(key, at=timezone.now())
