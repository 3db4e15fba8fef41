"""Nights in words: what a run did, and whether one is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from deductibles import night_words
from deductibles.domain import days
from deductibles.nights import newest_night
from work.models import Run

NEWEST = 20
GRACE = timedelta(hours=1)
"""A night that started at 03:00 UTC may take this long before anybody is told that it is missing."""


def said_of(run: Run) -> str:
    """One sentence about a run, for the message after starting it and for a home page."""
    name = f"{run.get_kind_display()} of {run.target_date:%-d %B %Y}"
    if run.state == Run.State.FAILED:
        why = next((row["why"] for row in run.failures if not row.get("claim")), "")
        return f"{name} failed. {why}".strip()
    if run.state == Run.State.WAITING:
        return f"{name} waits for a worker."
    if run.state == Run.State.RUNNING:
        return f"{name} is under way."
    return f"{name}: {outcome_of(run)}"


def outcome_of(run: Run) -> str:
    """The same for the run's own page, which has its name in the title."""
    if run.state == Run.State.FAILED:
        return "It did not come to its end. What it did until then is kept, and not done twice."
    if run.state == Run.State.WAITING:
        return "It waits for a worker."
    if run.state == Run.State.RUNNING:
        return "It is under way."
    if run.kind == Run.Kind.SUBMISSION:
        return f"{_claims(run.submitted)} submitted."
    return (
        f"{run.answered:,} of {run.due:,} due checks were answered; {run.released:,} released as met, "
        f"{run.timed_out:,} because their time elapsed."
    )


def _claims(count: int) -> str:
    return "1 claim" if count == 1 else f"{count:,} claims"


def figures_of(run: Run) -> list[tuple[str, str]]:
    """The counts that matter for this kind of run, as people write them."""
    if run.kind == Run.Kind.SUBMISSION:
        return [(f"{run.submitted:,}", "submitted")]
    over = [] if night_words.is_open(run) else [(night_words.unanswered(run), "without an answer")]
    counts = [
        (run.due, "due"),
        (run.asked, "asked"),
        (run.answered, "answered"),
        *over,
        (run.released, "deductible met"),
        (run.timed_out, "time elapsed"),
    ]
    return [(f"{count:,}", what) for count, what in counts]


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
    newest, year = newest_night(company, now - GRACE), now.astimezone(company.zone).year
    # A company whose first night is still to come has missed nothing.
    missed = bool(runs) and not any(run.target_date >= newest for run in done)
    return Nights(_missed(newest, year) if missed else "", last_check(runs, year))


def last_check(runs: Iterable[Run], year: int) -> str:
    """How the newest check that is done went, of runs that come newest first; empty before the first."""
    done = (run for run in runs if run.kind == Run.Kind.CHECK and run.state == Run.State.DONE)
    run = next(done, None)
    if run is None:
        return ""
    if not run.due:
        return f"No check was due on {days.plain(run.target_date, year)}."
    silent = night_words.unanswered(run)
    others = "the other one is" if silent == 1 else f"the other {silent:,} are"
    rest = f"; {others} asked again tonight at 03:00 UTC" if silent else ""
    on = days.plain(run.target_date, year)
    return f"{run.answered:,} of {run.due:,} checks due on {on} were answered{rest}."


def _missed(newest: date, year: int) -> str:
    return (
        f"The check of {days.spoken(newest, year)} did not finish. It is caught up by itself; a release date "
        "that passed meanwhile is acted on in that run."
    )
