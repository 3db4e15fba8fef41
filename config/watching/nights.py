"""What a person or a monitor should know about the nights and the processes, read from the database at once.

Which nights are due is ``deductibles``' rule; here each company's newest due night is looked up and judged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Max, Min, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat, JSONObject

from accounts.emergency import over_by
from accounts.models import Company, EmergencyReading, User
from deductibles.connections.screen import untold_of
from deductibles.domain.payer_trouble import SETUP
from deductibles.models import PayerTrouble
from deductibles.night_screen import GRACE
from deductibles.nights import newest_night
from work.heartbeats import last_seen
from work.models import CompanyFile, ConnectionHealth, Heartbeat, HookEndpoint, Run

PASSING = timedelta(minutes=10)
"""A connection that fails for less is no trouble yet: the next call may go well."""
TOLD_FOR = timedelta(hours=24)
"""How long the others are told that somebody read in an emergency, or took everything out."""
LOOK_BACK = timedelta(days=3)
"""Longer than any zone is from UTC plus one night."""


@dataclass(frozen=True)
class Trouble:
    """A night that is not as it should be: ``missing``, ``failed`` or ``late`` (begun and not finished)."""

    kind: str
    what: str
    night: date
    began_at: datetime | None = None


@dataclass(frozen=True)
class Failing:
    """A connection that fails: to whom, since when, and the sentence that says why."""

    kind: str
    since: datetime
    why: str


@dataclass(frozen=True)
class Emergency:
    """An admin opened the pages of patients lately: who, from when to when, and why."""

    person_id: int
    who: str
    opened_at: datetime
    over_at: datetime
    reason: str


@dataclass(frozen=True)
class TakenOut:
    """An admin asked lately for a file with everything of the company: who, when, and why."""

    person_id: int
    who: str
    asked_at: datetime
    reason: str


@dataclass(frozen=True)
class Watched:
    """One company's troubles; ``since`` is when its first person came, before which nothing was due.

    ``refusing`` names the payers that refuse our questions for what stands in our set-up (D-X12-3).
    """

    company_id: int
    since: datetime | None
    troubles: tuple[Trouble, ...]
    refusing: tuple[str, ...] = ()
    failing: tuple[Failing, ...] = ()
    emergencies: tuple[Emergency, ...] = ()
    untold: bool = False
    """Whether AR Boost could not be told of a hold, or of its end, for some tries (I10)."""
    hooks_off: tuple[tuple[int, str], ...] = ()
    """Webhooks that switched themselves off: each one's key and what it is called."""
    taken_out: tuple[TakenOut, ...] = ()


@dataclass(frozen=True)
class Watch:
    """All that was asked for, and when each kind of process was last seen."""

    companies: tuple[Watched, ...]
    seen: dict[str, datetime]

    def behind(self, kind: str) -> int:
        """How many companies' newest due night of this kind is not done."""
        return sum(any(each.kind == kind for each in company.troubles) for company in self.companies)


def watch(companies: QuerySet[Company], now: datetime) -> Watch:
    """Look at these companies' newest nights and at all processes; one query, two where nobody is yet."""
    runs = Run.objects.filter(company=OuterRef("pk"), target_date__gte=(now - LOOK_BACK).date())
    facts = JSONObject(kind="kind", night="target_date", state="state", began="started_at")
    beats = Heartbeat.objects.values("kind").annotate(newest=Max("seen_at")).order_by("kind")
    refusals = PayerTrouble.objects.filter(company=OuterRef("pk"), ended_at=None, kind=SETUP)
    broken = ConnectionHealth.objects.filter(company=OuterRef("pk"), failing_since__lte=now - PASSING)
    why = JSONObject(kind="kind", at="failing_since", why="failure")
    opened = EmergencyReading.objects.filter(company=OuterRef("pk"), opened_at__gte=now - TOLD_FOR)
    who = Concat("person__first_name", Value(" "), "person__last_name")
    of = JSONObject(person="person_id", who=who, at="opened_at", over=over_by(), reason="reason")
    files = CompanyFile.objects.filter(
        company=OuterRef("pk"), way="out", by__isnull=False, asked_at__gte=now - TOLD_FOR
    )
    whose = Concat("by__first_name", Value(" "), "by__last_name")
    asked = JSONObject(person="by_id", who=whose, at="asked_at", reason="reason")
    hooks = HookEndpoint.objects.filter(company=OuterRef("pk"), enabled=False, removed_at=None, off_by=None)
    called = JSONObject(key="pk", description="description", address="address")
    people = User.objects.filter(company=OuterRef("pk")).order_by().values("company")
    rows = companies.annotate(
        newest_runs=ArraySubquery(runs.order_by("pk").values(json=facts)),
        heartbeats=ArraySubquery(beats.values(json=JSONObject(kind="kind", at="newest"))),
        refusing=ArraySubquery(refusals.order_by("payer__name").values("payer__name").distinct()),
        untold=Exists(untold_of(OuterRef("pk"))),
        emergencies=ArraySubquery(opened.order_by("-pk").values(json=of)),
        taken_out=ArraySubquery(files.order_by("-pk").values(json=asked)),
        hooks_off=ArraySubquery(hooks.order_by("pk").values(json=called)),
        broken=ArraySubquery(broken.order_by("kind").values(json=why)),
        since=Subquery(people.annotate(first=Min("date_joined")).values("first")),
    )
    found = list(rows)
    seen = {beat["kind"]: _moment(beat["at"]) for row in found[:1] for beat in row.heartbeats}
    return Watch(tuple(_watched(row, now) for row in found), seen if found else last_seen())


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _watched(row: Any, now: datetime) -> Watched:
    failing = (Failing(each["kind"], _moment(each["at"]), each["why"]) for each in row.broken)
    refusing, troubles = tuple(row.refusing), tuple(_troubles(row, now))
    opened = (
        Emergency(each["person"], each["who"], _moment(each["at"]), _moment(each["over"]), each["reason"])
        for each in row.emergencies
    )
    hooks_off = tuple((each["key"], each["description"] or each["address"]) for each in row.hooks_off)
    taken_out = (
        TakenOut(each["person"], each["who"], _moment(each["at"]), each["reason"]) for each in row.taken_out
    )
    return Watched(
        row.pk, row.since, troubles, refusing, tuple(failing), tuple(opened), row.untold, hooks_off,
        tuple(taken_out),
    )  # fmt: skip


def _troubles(company: Any, now: datetime) -> Iterable[Trouble]:
    if company.since is None or newest_night(company, company.since) >= newest_night(company, now - GRACE):
        return  # its first night is still to come
    check = _trouble(company, Run.Kind.CHECK, now)
    submission = _trouble(company, Run.Kind.SUBMISSION, now)
    if check:
        yield check
    # The submission follows the check; while that is to come, it is not late by itself.
    if submission and not (check and check.what == "late" and submission.what == "missing"):
        yield submission


def _trouble(company: Any, kind: str, now: datetime) -> Trouble | None:
    """A failed night is told at once, a missing or unfinished one after its hour of grace."""
    due = newest_night(company, now - GRACE)
    runs = [run for run in company.newest_runs if run["kind"] == kind]
    newest = [run for run in runs if due <= date.fromisoformat(run["night"]) <= newest_night(company, now)]
    failed = [run for run in newest if run["state"] == Run.State.FAILED]
    if failed:
        return Trouble(kind, "failed", date.fromisoformat(failed[-1]["night"]))
    done = [run for run in runs if run["state"] == Run.State.DONE]
    if any(date.fromisoformat(run["night"]) >= due for run in done):
        return None
    if newest:
        began = newest[-1]["began"]
        return Trouble(kind, "late", due, _moment(began) if began else None)
    return Trouble(kind, "missing", due)
