"""What is done by the clock, as its page shows it: when it should be, when it last was, what is overdue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.urls import reverse

from accounts.models import Company, User
from config.watching.nights import Watch, watch
from config.watching.routines import Does, Watched, judged
from deductibles.night_screen import said_of
from deductibles.night_words import is_open, span, took
from work.background.standing import SILENT, START, silence
from work.models import Heartbeat, Routine, Run
from work.tasks import BELL

_PROCESSES = (
    (
        Heartbeat.Kind.BEAT, "Scheduler",
        "Starts the nights, the sweep and the bell of the webhooks when it is time.",
        "says it lives every 20 seconds",
    ),
    (
        Heartbeat.Kind.WORKER, "Workers",
        "Do what is started: nights, large imports, back-tests, files.",
        "say they live every 20 seconds",
    ),
    (
        Heartbeat.Kind.SWEEP, "Sweep",
        "Does everything that is due, step by step as below, and takes up what stands still.",
        "every minute",
    ),
)  # fmt: skip
_NIGHTS = {
    Run.Kind.CHECK: (
        "Nightly check",
        "Asks AR Boost about the claims that are due, then releases what is met or whose days are used up.",
        "every night about 03:00 UTC",
    ),
    Run.Kind.SUBMISSION: (
        "Nightly submission",
        "Writes what is queued into 837P files and hands them to the clearinghouse.",
        "every night after the check",
    ),
}
_TROUBLES = {
    "missing": "The newest night did not run. The sweep catches it up; Nights starts it now.",
    "failed": "The newest night failed. It is tried again every 15 minutes; its page says why.",
    "late": "The newest night began and has not finished.",
}
_WORDS = {
    Does.WELL: ("on_track", "On time"),
    Does.NOW: ("on_track", "Being done"),
    Does.NEVER: ("none_stated", "Not yet"),
    Does.LATE: ("breached", "Overdue"),
    Does.FAILS: ("breached", "Failing"),
}


@dataclass(frozen=True)
class Line:
    """One thing that is done by the clock, in words."""

    title: str
    what_for: str
    when: str
    standing: tuple[str, str]
    last: str = ""
    took: str = ""
    did: str = ""
    why: str = ""
    url: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether somebody should look at it."""
        return self.standing[0] == "breached"


class RoutinesScreen:
    """The page, for somebody of one company."""

    def __init__(self, user: User, *, now: datetime) -> None:
        self.user, self.now = user, now

    @cached_property
    def _found(self) -> Watch:
        return watch(Company.objects.filter(pk=self.user.company_id), self.now)

    @cached_property
    def _rows(self) -> dict[str, Routine]:
        return {row.name: row for row in Routine.objects.all()}

    @cached_property
    def counts_shown(self) -> bool:
        """Whether numbers may be told: they are of the whole server, and others' work is their own."""
        return bool(settings.DEMO) or Company.objects.count() == 1

    @cached_property
    def processes(self) -> list[Line]:
        """The scheduler, the workers, and the sweep as a whole."""
        return [self._process(*one) for one in _PROCESSES]

    def _process(self, kind: str, title: str, what_for: str, when: str) -> Line:
        seen = self._found.seen.get(kind)
        late = seen is None or self.now - seen > SILENT
        why = ""
        if late:
            why = (
                START.get(kind)
                or silence(self._found.seen, self.now)
                or "See below which step fails or does not end."
            )
        standing = ("breached", "Silent" if seen else "Never seen") if late else ("on_track", "On time")
        return Line(title, what_for, when, standing, self._ago(seen), why=why)

    @cached_property
    def clock(self) -> list[Line]:
        """The two nights of this company, and the bell of the webhooks."""
        return [*self._nights(), self._bell()]

    def _nights(self) -> Iterator[Line]:
        rows = Run.objects.visible_to(self.user).defer("failures")
        newest = {run.kind: run for run in rows.order_by("kind", "-target_date").distinct("kind")}
        troubles = {one.kind: one.what for each in self._found.companies for one in each.troubles}
        for kind, (title, what_for, when) in _NIGHTS.items():
            run, trouble = newest.get(kind), troubles.get(kind, "")
            standing = _WORDS[Does.LATE] if trouble else _WORDS[Does.WELL if run else Does.NEVER]
            if trouble == "failed":
                standing = ("breached", "Failed")
            yield Line(
                title, what_for, when, standing,
                last=self._ago((run.finished_at or run.started_at or run.created_at) if run else None),
                took=took(run, self.now) if run and not is_open(run) else "",
                did=said_of(run) if run else "",
                why=_TROUBLES.get(trouble, ""),
                url=reverse("deductibles:run", args=[run.pk]) if run else "",
            )  # fmt: skip

    def _bell(self) -> Line:
        row = self._rows.get(BELL)
        what_for, when = "Sends events to the webhooks that asked for them.", "every 5 seconds"
        if row is None:
            return Line("Webhooks", what_for, when, _WORDS[Does.NEVER])
        late = row.ended_at is None or self.now - row.ended_at > SILENT
        does = Does.FAILS if row.failing_since else Does.LATE if late else Does.WELL
        why = ""
        if does == Does.FAILS:
            why = f"It fails ({row.failure}). The sweep sends what is left; the worker’s log says why."
        elif late:
            why = (
                silence(self._found.seen, self.now) or "Its bell is not heard; the sweep sends what is left."
            )
        return Line(
            "Webhooks", what_for, when, _WORDS[does], self._ago(row.ended_at), _length(row),
            self._count(row, "attempts"), why,
        )  # fmt: skip

    @cached_property
    def steps(self) -> list[Line]:
        """What each sweep does, in its order."""
        return [self._step(one) for one in judged(self._rows, self._found.seen, self.now)]

    def _step(self, one: Watched) -> Line:
        row = one.row
        return Line(
            title=one.step.title,
            what_for=one.step.what_for,
            when="every minute",
            standing=_WORDS[one.does],
            last=self._ago(row.ended_at) if row else "",
            took=_length(row) if row else "",
            did=self._count(row, one.step.counted) if row else "",
            why=one.why,
        )

    @property
    def wrong(self) -> list[Line]:
        """All that is overdue or fails."""
        return [line for line in (*self.processes, *self.clock, *self.steps) if line.is_wrong]

    @property
    def lead(self) -> str:
        """How it does, in a sentence."""
        count = len(self.wrong)
        if not count:
            return "Everything was done when it should be."
        verb = "is" if count == 1 else "are"
        return f"{count} of these {verb} overdue or failing, {self.wrong[0].title} first."

    def _ago(self, at: datetime | None) -> str:
        return f"{span(self.now - at)} ago" if at else ""

    def _count(self, row: Routine, counted: str) -> str:
        if row.did is None or not self.counts_shown:
            return ""
        return f"{row.did:,} {counted}" if row.did else "nothing to do"


def _length(row: Routine) -> str:
    """How long it took: in thousandths of a second below one, for most take no longer."""
    if row.ended_at is None:
        return ""
    return f"{row.took:,} ms" if row.took < 1000 else f"{row.took / 1000:,.1f} s"
