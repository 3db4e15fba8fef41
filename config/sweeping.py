"""The sweep: everything due, once. It needs neither worker nor broker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from socket import gethostname
from time import monotonic
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, connection

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
from work.background import routines
from work.hooks.forgetting import forget_deliveries
from work.hooks.sending import send_due
from work.models import Heartbeat

log = structlog.get_logger(__name__)
_FOR_WEBHOOKS = 20.0
"""Seconds; they have a bell of their own, and the sweep sends what that one left."""


@dataclass(frozen=True)
class Step:
    """One thing a sweep does: what it is for in words, and what the things it did are called.

    ``work`` gives how many there were, or how many of each sort. ``tidies``: it comes after the sweep has
    left its sign of life, for nobody waits for it.
    """

    key: str
    title: str
    what_for: str
    counted: str
    work: Callable[[datetime], int | dict[str, int]]
    tidies: bool = False


def _nights(at: datetime) -> int:
    return len(nightly.catch_up(at=at))


STEPS: tuple[Step, ...] = (
    Step(
        "reclocked", "Changed calendars",
        "Puts a change of the calendar or of the rules over tickets that were being filed meanwhile.",
        "tickets moved", lambda at: catch_up_all(at=at),
    ),
    Step(
        "clocks", "Due dates",
        "Records what is late, warns before, and tells the next person where nobody has said they see to it.",
        "breaches, warnings and further steps", lambda at: watch_clocks(at=at),
    ),
    Step(
        "nights", "Missed nights",
        "Catches up a night that was missed, and tries one that failed again after 15 minutes.",
        "nights looked at", _nights,
    ),
    Step(
        "digests", "Start of the day",
        "Writes the mail with which people begin their day, when their company opens.",
        "mails written", lambda at: begin_days(at=at),
    ),
    Step(
        "delivered", "Messages",
        "Hands over mails, and tells AR Boost which claims are held and which are not any more.",
        "messages handed over", lambda at: outbox.deliver(at=at),
    ),
    # After them, for what comes from outside may be large: nobody's night or message waits for it.
    Step(
        "arrivals", "Acknowledgements and remittances",
        "Takes in what came back from the clearinghouse: 999, 277CA, TA1, 835.",
        "files taken in", lambda at: arrivals.read_inboxes(at=at),
    ),
    Step(
        "webhooks", "Webhooks left over",
        "Sends the events that the bell of every five seconds left.",
        "attempts", lambda at: send_due(at=at, budget=_FOR_WEBHOOKS),
    ),
    Step(
        "imports", "Imports",
        "Goes on with a brought file whose worker is gone, or that no worker heard of.",
        "files worked on", lambda at: go_on_with_imports(at=at),
    ),
    Step(
        "policies", "Rules over open tickets",
        "Goes on with putting a published version over open tickets.",
        "changes worked on", lambda at: go_on_with_policies(at=at),
    ),
    Step(
        "back_tests", "Back-tests",
        "Goes on with numbers that are tried on past claims.",
        "back-tests worked on", lambda at: go_on_with_back_tests(at=at),
    ),
    Step(
        "forgotten_sessions", "Ended sessions",
        "Takes sessions whose time is over out of the store, with what was searched for in them.",
        "sessions", lambda at: forget_ended_sessions(at=at), tidies=True,
    ),
    Step(
        "forgotten_answers", "Repeated requests",
        "Forgets after a day which requests by API were answered, and with what.",
        "keys", lambda at: forget_answers(at=at), tidies=True,
    ),
    Step(
        "forgotten_drafts", "Old drafts of tickets",
        "Throws away tickets that were begun and that nobody came back to.",
        "drafts", lambda at: forget_old_drafts(at=at), tidies=True,
    ),
    Step(
        "forgotten_entries", "Old drafts of claims",
        "Throws away forms of claims that nobody came back to.",
        "forms", lambda at: forget_old_entries(at=at), tidies=True,
    ),
    Step(
        "forgotten_findings", "Old insurance searches",
        "Throws away what Insurance Finder found and nobody used.",
        "findings", lambda at: forget_old_findings(at=at), tidies=True,
    ),
    Step(
        "forgotten_files", "Files without a ticket",
        "Deletes attachments that never got a ticket, after a week.",
        "files", lambda at: forget_files(at=at), tidies=True,
    ),
    Step(
        "forgotten_notices", "Read notifications",
        "Deletes notifications that were read 90 days ago.",
        "notifications", lambda at: forget_read(at=at), tidies=True,
    ),
    Step(
        "forgotten_deliveries", "Old webhook deliveries",
        "Drops from the log what was done with 30 days ago.",
        "deliveries", lambda at: forget_deliveries(at=at), tidies=True,
    ),
    Step(
        "forgotten_imports", "Old imports",
        "Empties the rows of brought files after a week.",
        "files", lambda at: forget_old_imports(at=at), tidies=True,
    ),
    Step(
        "forgotten_back_tests", "Old back-tests",
        "Takes away what became of single claims in back-tests after 90 days.",
        "back-tests", lambda at: forget_old_back_tests(at=at), tidies=True,
    ),
    # Nobody waits for it, and it may take its time.
    Step(
        "forecasts", "Forecasts",
        "Makes the forecast of the newest night, and replays earlier days to know its error.",
        "days forecast", lambda at: go_on_with_forecasts(at=at), tidies=True,
    ),
    Step(
        "forgotten_company_files", "Old files of the company",
        "Forgets files with everything of a company after a day.",
        "files", lambda at: forget_old_company_files(at=at), tidies=True,
    ),
    # The longest work of all comes last, and for those alone whom no worker heard.
    Step(
        "taken_out", "Files of the company",
        "Makes a file with everything of a company, where no worker heard of it.",
        "files", lambda at: make_company_files(at=at), tidies=True,
    ),
)  # fmt: skip
"""What a sweep does, in this order."""


def sweep(*, at: datetime) -> dict[str, int]:
    """Look at clocks, catch up missed nights, read what came back, deliver what waits; then tidy up.

    A step that fails keeps none of the others waiting; its error is raised once all of them are done, and
    the sweep leaves no sign of life.
    """
    return Sweep(at).go()


class Sweep:
    """One sweep, begun at ``at``."""

    def __init__(self, at: datetime) -> None:
        self._at, self._began = at, monotonic()
        self._did: dict[str, int] = {}
        self._wrong: Exception | None = None

    @property
    def now(self) -> datetime:
        """The moment of its begin and the whole seconds since: a night may take minutes, and leases are
        counted from the moment that is told."""
        return self._at + timedelta(seconds=int(monotonic() - self._began))

    def go(self) -> dict[str, int]:
        """Step after step; how many things each of them did."""
        for step in STEPS:
            if not step.tidies:
                self._do(step)
        if self._wrong is None:
            heartbeats.record(Heartbeat.Kind.SWEEP, gethostname(), at=self.now)
        heartbeats.forget(at=self.now)
        for step in STEPS:
            if step.tidies:
                self._do(step)
        if self._wrong is not None:
            raise self._wrong
        return self._did

    def _do(self, step: Step) -> None:
        """One step, written down; what it raises is kept for the end, unless the database is gone."""
        at = self.now
        try:
            self._did[step.key] = routines.done(step.key, lambda: self._count(step, at), at=at)
        except Exception as error:
            if isinstance(error, DatabaseError | InterfaceError) and not _answers():
                raise
            log.error("sweep_step_failed", step=step.key, error=type(error).__name__)
            self._wrong = self._wrong or error

    def _count(self, step: Step, at: datetime) -> int:
        """How many things a step did; several sorts are told one by one and added up."""
        done: Any = step.work(at)
        if not isinstance(done, dict):
            return int(done or 0)
        self._did |= done
        return sum(done.values())


def _answers() -> bool:
    """Whether the database can still be spoken to, and not only in a transaction that is over."""
    return not connection.needs_rollback and connection.is_usable()
