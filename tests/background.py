"""Background work of every kind, as its own rooms leave it behind, made without doing it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.audit import acting
from accounts.models import Company, User
from deductibles.models import BackTest
from escalations.models import CalendarVersion, PolicyRun, PolicyVersion, Reclocking
from patients.models import Import
from tests.api.claim_bodies import TODAY
from work.models import CompanyFile, Heartbeat, Job, Lease, Run

NOON = datetime(2026, 5, 20, 17, 0, tzinfo=UTC)
"""Noon in Chicago, on a Wednesday."""
URL = "/settings/runs/all/"
_TERMS = {"max_days": 20, "dollar_threshold": "300.00", "monitor_above": "500.00"}


def night(
    company: Company, at: datetime, *, days_ago: int = 1, kind: str = "check", by: Any = None, **values: Any
) -> Run:
    """A nightly run, done unless told."""
    facts = {"state": "done", "started_at": at, "finished_at": at + timedelta(minutes=2), **values}
    with acting(by, f"start nightly {kind}"):
        return Run.objects.create(
            company=company, kind=kind, target_date=TODAY - timedelta(days=days_ago), created_at=at, **facts
        )


def brought(by: User, at: datetime, *, kind: str = "claims", **values: Any) -> Import:
    """A file that was imported, unless told."""
    facts = {
        "state": "done",
        "filename": "visits.csv",
        "rows": 9,
        "new": 9,
        "added": 9,
        "finished_at": at,
        **values,
    }
    number = Import.objects.count()
    return Import.objects.create(
        company=by.company, kind=kind, digest=f"{number:064}", size=9, brought_at=at, brought_by=by, **facts
    )


def tried(by: User, at: datetime, **values: Any) -> BackTest:
    """Numbers that were tried on past claims; done without a result to compare, unless told."""
    pairs = {"compared": 0, "same_day": 0, "earlier": {"claims": 0}, "later": {"claims": 0}}
    result = {"pairs": pairs, "gain": {"claims": 0, "now": 0, "new": 0}, "moved_gains": 0, "range": None}
    facts = {"state": "done", "result": result, "started_at": at, "finished_at": at, **values}
    return BackTest.objects.create(
        company=by.company, from_on=TODAY, until_on=TODAY, seen_until=TODAY, terms={"proposed": _TERMS}, seed=1,
        by=by, created_at=at, **facts,
    )  # fmt: skip


def forecast(company: Company, at: datetime, *, days_ago: int = 1, **values: Any) -> Job:
    """The forecast of one night, done unless told."""
    facts = {"state": "done", "said": "Forecast for 40 held claims.", "finished_at": at, "done": 61, **values}
    return Job.objects.create(
        company=company, kind="forecast", target_on=TODAY - timedelta(days=days_ago), began_at=at,
        **{"seen_at": at, "whole": 61, **facts},
    )  # fmt: skip


def recount(company: Company, at: datetime, **values: Any) -> Job:
    """A recount of the sums above the Hold page, done unless told."""
    facts = {"state": "done", "said": "7 lines; before it 6 were counted.", "finished_at": at, **values}
    return Job.objects.create(company=company, kind="recount_holds", began_at=at, **{"seen_at": at, **facts})


def rules(by: User, at: datetime, *, state: str = "done", **values: Any) -> PolicyRun:
    """A version of the rules that goes, or went, over many open tickets."""
    number = PolicyVersion.objects.filter(company=by.company).count() + 1
    version = PolicyVersion.objects.create(
        company=by.company, number=number, data={}, digest=f"{number:064}", created_at=at, superseded_at=at
    )
    change = Reclocking.objects.create(
        company=by.company, policy=version, at=at, by=by, looked_at=9000, moved=12, breaches=1, unbreaches=0,
        unfinished=state != "done",
    )  # fmt: skip
    facts = {"planned": 9000, "done": 9000, "ended_at": at if state != "working" else None, **values}
    return PolicyRun.objects.create(company=by.company, change=change, state=state, began_at=at, **facts)


def calendar(by: User, at: datetime, **values: Any) -> Reclocking:
    """A change of the calendar that went over open tickets."""
    number = CalendarVersion.objects.filter(company=by.company).count() + 1
    version = CalendarVersion.objects.create(
        company=by.company, number=number, data={}, digest=f"c{number:063}", created_at=at, superseded_at=at
    )
    facts = {"looked_at": 40, "moved": 0, "breaches": 0, "unbreaches": 0, **values}
    return Reclocking.objects.create(company=by.company, calendar=version, at=at, by=by, **facts)


def company_file(by: User, at: datetime, **values: Any) -> CompanyFile:
    """A file with everything of the company, not kept any more unless told."""
    facts = {
        "state": "over",
        "way": "out",
        "rows": 812,
        "bytes": 4096,
        "began_at": at,
        "finished_at": at,
        **values,
    }
    return CompanyFile.objects.create(company=by.company, reason="The archive", by=by, asked_at=at, **facts)


KINDS: dict[str, Callable[[dict[str, User], datetime], Any]] = {
    "back-test": lambda cast, at: tried(cast["ben"], at),
    "calendar": lambda cast, at: calendar(cast["adam"], at),
    "check": lambda cast, at: night(cast["ben"].company, at, due=5, asked=5, answered=5),
    "company-file": lambda cast, at: company_file(cast["adam"], at),
    "forecast": lambda cast, at: forecast(cast["ben"].company, at),
    "import": lambda cast, at: brought(cast["ben"], at),
    "recount": lambda cast, at: recount(cast["ben"].company, at),
    "rules": lambda cast, at: rules(cast["adam"], at),
    "submission": lambda cast, at: night(cast["ben"].company, at, kind="submission", submitted=3),
}
"""One piece of each kind."""


def one_of_each(cast: dict[str, User], at: datetime = NOON) -> dict[str, Any]:
    """A piece of every kind, each a minute older than the one before, by its kind."""
    return {key: make(cast, at - timedelta(minutes=place)) for place, (key, make) in enumerate(KINDS.items())}


def alive(at: datetime, *kinds: str) -> None:
    """Processes of these kinds were seen at this moment; all kinds unless told."""
    for kind in kinds or Heartbeat.Kind.values:
        Heartbeat.objects.update_or_create(kind=kind, name="one", defaults={"seen_at": at})


def held(name: str, until: datetime | None, *, holder: int | None = None) -> None:
    """A lease that somebody holds until then."""
    Lease.objects.update_or_create(name=name, defaults={"held_until": until, "holder": holder})


def words(answer: Any) -> str:
    """What a page says, without its marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>|\s+", " ", answer.content.decode())).split())


def rows(client: Any, query: str = "") -> list[str]:
    """The list's rows as text."""
    page = client.get(f"{URL}{query}").content.decode()
    body = page.split("<tbody", 1)[1].split("</tbody>")[0] if "<tbody" in page else ""
    return [html.unescape(re.sub(r"<[^>]+>|\s+", " ", row)) for row in body.split("<tr")[1:]]
