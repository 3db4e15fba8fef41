"""The demo's month in Chromium: pages full of believable work are as silent and whole as empty ones.

With PICTURES=1 they are what docs/pictures keeps of these pages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page

from accounts.models import User
from deductibles.models import Hold
from escalations.models import Ticket
from patients.models import Patient
from tests import background

pytestmark = pytest.mark.django_db(transaction=True)

PAGES: dict[str, dict[str, Callable[[], str]]] = {
    "ana": {
        "home-agent": lambda: "/",
        "tickets": lambda: "/escalations/",
        "ticket": lambda: f"/escalations/{_waiting().number}/",
    },
    "ben": {
        "home-biller": lambda: "/",
        "holds": lambda: "/claims/hold-for-deductible/",
        "claims": lambda: "/claims/",
        "claim-held": lambda: f"/claims/{_held().claim.number}/",
        "submissions": lambda: "/claims/submissions/",
        "ledger": lambda: "/claims/holding/",
        "back-tests": lambda: "/claims/holding/back-test/",
        "patient": lambda: f"/patients/{_known().pk}/",
    },
    "sue": {
        "home-supervisor": lambda: "/",
        "board": lambda: "/triage/",
        "callbacks": lambda: "/callbacks/",
        "reports": lambda: "/reports/",
    },
    "adam": {
        "home-admin": lambda: "/",
        "runs": lambda: "/settings/runs/all/",
        "runs-nights": lambda: "/settings/runs/",
        "runs-by-the-clock": lambda: "/settings/runs/by-itself/",
        "set-up": lambda: "/settings/setup/",
        "business-calendar": lambda: "/settings/calendar/",
    },
}
"""What each person opens, by the name of its picture."""


def _waiting() -> Ticket:
    """A ticket of acme that was paused on its way."""
    return Ticket.objects.filter(company__key="acme", pauses__isnull=False).earliest("pk")


def _held() -> Hold:
    """The hold of acme that was asked about most often and still stands."""
    rows = Hold.objects.filter(company__key="acme", active=True, kind="automatic")
    return rows.select_related("claim").order_by("started_on", "pk")[0]


def _known() -> Patient:
    """A patient with both tickets and claims."""
    with_tickets = Ticket.objects.filter(company__key="acme").values("patient_id")
    return Patient.objects.filter(pk__in=with_tickets, claims__isnull=False).earliest("pk")


def test_a_month_of_work_is_shown_whole_to_every_role(
    page: Page, live_server: Any, sign_in: Callable[[User], None], picture: Callable[[str], None]
) -> None:
    call_command("seed_demo")
    call_command("sweep")
    background.alive(timezone.now())
    for name, pages in PAGES.items():
        sign_in(User.objects.get(username=name))
        for shown, address in pages.items():
            page.goto(f"{live_server.url}{address()}")
            picture(shown)
