"""Work of the demo that ran in the background: numbers tried on past claims, rules put over open tickets, a
list of payers that waits for somebody, a file with everything that is not kept any more."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import StringIO
from typing import Any

from django.core.management import call_command

from accounts.audit import acting
from accounts.models import Company, User
from deductibles.actions import back_testing
from deductibles.worth import back_running
from escalations.actions import policies
from escalations.actions.policy_drafts import begin_draft, change_draft, draft_of, seen_part
from patients.imports import actions as imports
from work.models import CompanyFile

TRIED_BEFORE = timedelta(days=1, hours=2)
PUBLISHED_BEFORE = timedelta(hours=3)
BROUGHT_BEFORE = timedelta(hours=5)
TAKEN_BEFORE = timedelta(days=6)
MADE_AFTER = timedelta(minutes=2)
FETCHED_AFTER = timedelta(minutes=9)
LIMITS = ("general", "limits")
PAYERS = b"Insurer,Number there\r\nRiverbend Health Plan,RVB01\r\nLakeshore Mutual,LKM22\r\n"
"""Two names of columns that nobody can guess."""


def work_beside(company: Company, biller: User, admin: User, *, now: datetime) -> None:
    """Let the biller try other numbers; the admin change the rules, bring payers and take everything out."""
    _try_numbers(company, biller, now - TRIED_BEFORE)
    _take_everything_out(company, admin, now - TAKEN_BEFORE)
    imports.bring("payers", PAYERS, "new-payers.csv", by=admin, at=now - BROUGHT_BEFORE)
    _publish(company, admin, now - PUBLISHED_BEFORE)


def recount() -> None:
    """Count the sums above the Hold page anew, as whoever runs the server does after a restore."""
    call_command("recount_holds", stdout=StringIO())


def _try_numbers(company: Company, by: User, at: datetime) -> None:
    """Fewer days and a higher threshold, on what was decided in the last half year."""
    data = {
        "from_on": f"{at.date() - timedelta(days=180)}", "until_on": f"{at.date() - timedelta(days=1)}",
        "max_days": "21", "dollar_threshold": "150.00", "monitor_above": "500.00",
    }  # fmt: skip
    row, _ = back_testing.begin(company, data, by=by, at=at)
    back_running.work_on(row.pk, at=at)


def _publish(company: Company, by: User, at: datetime) -> None:
    """Let a ticket wait ten days before it stands on the board as waiting too long; no due date moves."""
    data = begin_draft(company, by=by, at=at).data

    def longer(limits: dict[str, Any]) -> dict[str, Any]:
        return limits | {"waiting_days": 10}

    change_draft(company, LIMITS, longer, seen=seen_part(data, LIMITS), by=by, at=at)
    draft = draft_of(company)
    if draft is not None:
        token = policies.preview(company, draft, at=at).token
        note = "Hospitals answer slowly around the holidays."
        policies.publish(company, note=note, over_open=True, token=token, by=by, at=at)


def _take_everything_out(company: Company, by: User, at: datetime) -> None:
    """A file that was made, fetched and forgotten. Making one takes a database that others can look at, and
    this one is being filled; so its line is written without it."""
    with acting(by, "take everything out", reason="The yearly archive"):
        CompanyFile.objects.create(
            company=company, way=CompanyFile.Way.OUT, state=CompanyFile.State.OVER, by=by,
            reason="The yearly archive", asked_at=at, began_at=at, finished_at=at + MADE_AFTER,
            fetched_at=at + FETCHED_AFTER, rows=48_211, bytes=9_431_120, tables=76, of_tables=76,
        )  # fmt: skip
