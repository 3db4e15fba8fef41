"""Nights in words: what a run did, and whether one is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from deductibles.nights import newest_night
from work.models import Run

NEWEST = 20
GRACE = timedelta(hours=1)
"""A night that started at 03:00 UTC may take this long before anybody is told that it is missing."""


def said_of(run: Run) -> str:
    """One sentence about a run, for its page and for the message after starting it."""
    name = f"{run.get_kind_display()} of {run.target_date:%-d %B %Y}"
    if run.state == Run.State.FAILED:
        why = next((row["why"] for row in run.failures if not row.get("claim")), "")
        return f"{name} failed. {why}".strip()
    if run.state != Run.State.DONE:
        return f"{name} is under way."
    if run.kind == Run.Kind.SUBMISSION:
        return f"{name}: {_claims(run.submitted)} submitted."
    return (
        f"{name}: {run.answered} of {run.due} due checks were answered; {run.released} released as met, "
        f"{run.timed_out} because their time elapsed."
    )


def _claims(count: int) -> str:
    return "1 claim" if count == 1 else f"{count} claims"


def figures_of(run: Run) -> list[tuple[int, str]]:
    """The counts that matter for this kind of run."""
    if run.kind == Run.Kind.SUBMISSION:
        return [(run.submitted, "submitted")]
    return [
        (run.due, "due"),
        (run.asked, "asked"),
        (run.answered, "answered"),
        (run.released, "deductible met"),
        (run.timed_out, "time elapsed"),
    ]


@dataclass(frozen=True)
class Nights:
    """How the newest checks went: the sentence of the banner, and the one of the Hold page's head."""

    missed: str
    last: str


def nights_of(company: Any, now: datetime) -> Nights:
    """Both sentences from one query; each is empty when there is nothing to say."""
    checks = Run.objects.filter(company=company, kind=Run.Kind.CHECK).order_by("-target_date")
    runs = list(checks.defer("failures")[:NEWEST])
    done = [run for run in runs if run.state == Run.State.DONE]
    newest = newest_night(company, now - GRACE)
    # A company whose first night is still to come has missed nothing.
    missed = bool(runs) and not any(run.target_date >= newest for run in done)
    return Nights(_missed(newest) if missed else "", _last(done[0]) if done else "")


def _missed(newest: date) -> str:
    return (
        f"The check of {newest:%A %-d %B} did not finish. It is caught up by itself; a release date that "
        "passed meanwhile is acted on in that run."
    )


def _last(run: Run) -> str:
    silent = run.due - run.answered
    others = "the other one is" if silent == 1 else f"the other {silent} are"
    rest = f"; {others} asked again tonight at 03:00 UTC" if silent > 0 else ""
    return f"{run.answered} of {run.due} checks due on {run.target_date:%-d %B} were answered{rest}."
