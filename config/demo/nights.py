"""The nights of the demo's past, run by the steps of the real ones; only the two vendors are played.

Nothing leaves the machine while a database is filled: AR Boost answers from the stand-in's own code, and
the clearinghouse is taken to have received each file.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from accounts.models import Company
from config.demo.vendor import Vendor
from deductibles import nightly, nights, questions, submitting
from deductibles.actions import nightwork
from deductibles.gateways.clearinghouse import Handed
from deductibles.models import Question, Submission, settings_in_force
from deductibles.nights import AT_UTC, Night
from work.models import Run

DAY = timedelta(days=1)
LATE = timedelta(minutes=20)
NO_ANSWER = "AR Boost did not answer in time."
UNCLEAR = "The connection broke off while the file was handed over."
RELATED = ("hold__claim__patient", "hold__claim__company", "hold__coverage__payer", "hold__payer")


def moment_of(target: date) -> datetime:
    """When the night of this date runs: 03:00 UTC of the date after it, which is the evening in Chicago."""
    return datetime.combine(target + DAY, AT_UTC, UTC)


def late_moment_of(target: date, now: datetime) -> datetime:
    """When a check that was late came to its end, which is never after now."""
    return min(moment_of(target) + LATE, now)


def run(company: Company, target: date, vendor: Vendor, *, silent: int = 0, unclear: bool = False) -> None:
    """One whole night. AR Boost leaves ``silent`` questions unanswered; ``unclear``: see `_hand_over`."""
    at = moment_of(target)
    check(company, target, vendor, at=at, silent=silent)
    submission(company, target, at=at, unclear=unclear)


def run_late(company: Company, target: date, vendor: Vendor, *, now: datetime, silent: int = 0) -> None:
    """A night whose check came to its end only after the submission: what it released waits in the queue."""
    submission(company, target, at=moment_of(target))
    check(company, target, vendor, at=late_moment_of(target, now), silent=silent)


def check(company: Company, target: date, vendor: Vendor, *, at: datetime, silent: int = 0) -> None:
    """The nightly check, as `nightly.check_night` tells it."""
    row = nights.open_run(company, Run.Kind.CHECK, target, by=None, at=at)
    with nights.holding_night(company, row, at=at) as night:
        if night is not None:
            settings = settings_in_force(company.pk)
            nightly.release_proven(night, settings)
            with night.writing("plan nightly check"):
                nightwork.plan(row)
            _ask(night, vendor, silent)
            nightly.release_elapsed(night, settings)
            nightly.close_check(night)


def _ask(night: Night, vendor: Vendor, silent: int) -> None:
    due = Question.objects.filter(run=night.run, open=True).select_related(*RELATED).order_by("pk")
    rows = list(due)
    asked = rows[silent:]
    if len(asked) < len(rows):
        night.outages[NO_ANSWER] += len(rows) - len(asked)
    if asked:
        nightly.take_in(night, settings_in_force(night.company.pk), asked, _answers(night, vendor, asked))


def _answers(night: Night, vendor: Vendor, rows: Sequence[Question]) -> list[object]:
    target = night.run.target_date
    built = (
        questions.question(row.hold.reference, row.trace, row.hold.claim, row.hold.asked_coverage, target)
        for row in rows
    )
    return [vendor.answer(question, target) for question in built]


def submission(company: Company, target: date, *, at: datetime, unclear: bool = False) -> None:
    """The nightly submission: files are written as ever, and handed over to nobody."""
    row = nights.open_run(company, Run.Kind.SUBMISSION, target, by=None, at=at)
    with nights.holding_night(company, row, at=at) as night:
        if night is not None:
            submitting.write_queued(night)
            _hand_over(night, unclear)
            submitting.tell_unclear(night)
            nights.finish(night)


def _hand_over(night: Night, unclear: bool) -> None:
    """Record each written file as received; ``unclear``: as one of which nobody knows whether it was."""
    for row in Submission.objects.filter(company=night.company, state=Submission.State.WRITTEN):
        with night.writing("hand over"):
            Submission.objects.filter(pk=row.pk).update(tried_at=night.at)
        if unclear:
            handed = Handed("ambiguous", "", UNCLEAR)
        else:
            handed = Handed("accepted", f"outbox/{row.filename}", "The file stands in the outbox.")
        submitting.record_handed(night, row, handed)
