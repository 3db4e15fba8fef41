"""The biller's line for tests: a claim entered as a person enters it, AR Boost over real HTTP.

A module that wants the fixtures says ``pytest_plugins = ["tests.claim_line"]``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from accounts.models import Company, User
from deductibles import nightly
from deductibles.actions import claims, deciding
from deductibles.actions.settings import save_provider, save_settings
from deductibles.models import Claim, DeductibleSettings, Hold
from patients.models import Patient, Payer
from tests import factories, sandboxes
from work.models import Run

DAY0 = date(2026, 5, 20)
"""A Wednesday in the zone of the cast (America/Chicago)."""

PROVIDER = {
    "name": "Acme Ambulance Service",
    "npi": "1234567893",
    "tax_id": "123456789",
    "taxonomy": "341600000X",
    "line1": "1 Station Road",
    "city": "Chicago",
    "state": "IL",
    "zip": "606011234",
    "contact_name": "Billing Office",
    "contact_phone": "3125550147",
    "submitter_id": "ACME01",
    "submitter_name": "Acme Ambulance Service",
    "receiver_id": "CLEAR01",
    "receiver_name": "Example Clearinghouse",
}
SETTINGS = {
    "automatic": True,
    "max_days": 30,
    "dollar_threshold": "100.00",
    "monitor_above": "250.00",
    "manual": False,
    "manual_days": None,
}
ADDRESS = {"line1": "1 Test Street", "city": "Chicago", "state": "IL", "zip": "60601"}
TRIP = {"reason": "A", "miles": "12", "pickup": ADDRESS, "dropoff": ADDRESS}


def noon(day: date) -> datetime:
    """Noon in Chicago, roughly: a moment that is this date in the company's zone."""
    return datetime(day.year, day.month, day.day, 18, 0, tzinfo=UTC)


@dataclass
class Line:
    """One company's line: who bills, whom, to which payer, and what AR Boost is told to say."""

    company: Company
    biller: User
    admin: User
    patient: Patient
    payer: Payer
    vendor: sandboxes.Sandbox
    outbox: Path
    counter: list[int] = field(default_factory=lambda: [0])

    def settings(self, *, day: date = DAY0, **changes: Any) -> DeductibleSettings:
        """Save settings as the admin does."""
        return save_settings(self.company, {**SETTINGS, **changes}, by=self.admin, at=noon(day))

    def member(self, **script: Any) -> str:
        """A member id of its own, with what AR Boost says about it."""
        self.counter[0] += 1
        member_id = f"TST{self.counter[0]:06d}"
        if script:
            self.vendor.script(member_id, **script)
        return member_id

    def enter(self, member_id: str = "", *, served: date = DAY0, **changes: Any) -> Claim:
        """A draft with everything an 837P needs, entered by the biller."""
        coverage = {
            "rank": "primary",
            "payer": self.payer.pk,
            "member_id": member_id or self.member(),
        }
        data = {
            "patient": self.patient.pk,
            "date_of_service": served.isoformat(),
            "place_of_service": "41",
            "coverages": [coverage],
            "diagnoses": ["R55"],
            "charges": [{"code": "A0427", "modifiers": ["RH"], "units": "1", "amount": "850.00"}],
            "ambulance": TRIP,
        }
        return claims.create_claim({**data, **changes}, by=self.biller, at=noon(max(served, DAY0)))

    def complete(self, member_id: str = "", *, day: date = DAY0, **changes: Any) -> deciding.Outcome:
        """Enter a claim and complete it on the given day."""
        claim = self.enter(member_id, **changes)
        return deciding.complete(claim, by=self.biller, at=noon(day))

    def held(
        self, *, remaining: str = "1500.00", annual: str = "1500.00", day: date = DAY0, **more: Any
    ) -> Hold:
        """A claim on automatic hold since the given day; ``later`` scripts amounts from later dates."""
        member = self.member(amounts=[{"from": "2000-01-01", "annual": annual, "remaining": remaining}])
        outcome = self.complete(member, day=day, **more)
        assert outcome.hold is not None, outcome.decision
        return outcome.hold

    def says(self, hold: Hold, **script: Any) -> None:
        """From now on AR Boost says this about the claim."""
        self.vendor.script(hold.coverage.member_id, **script)

    def now_remaining(self, hold: Hold, remaining: str, annual: str = "1500.00") -> None:
        """From now on AR Boost says that this remains."""
        self.says(hold, amounts=[{"from": "2000-01-01", "annual": annual, "remaining": remaining}])

    def check(self, day: date) -> Run:
        """Run the nightly check of a date."""
        return nightly.check_night(self.company, day, by=None, at=noon(day))

    def submit(self, day: date) -> Run:
        """Run the nightly submission of a date."""
        return nightly.submission_night(self.company, day, by=None, at=noon(day))

    def asked(self, hold: Hold | None = None) -> list[str]:
        """The target dates of the nightly batches in which AR Boost was asked, about this hold or at all."""
        found = []
        for request in self.vendor.requests():
            if request["path"].endswith("/checks"):
                body = request["body"]
                references = [claim["reference"] for claim in body["claims"]]
                if hold is None or hold.reference in references:
                    found.append(body["target_date"])
        return found


def days(number: int) -> date:
    """The date so many days after day 0."""
    return DAY0 + timedelta(days=number)


@pytest.fixture(scope="session")
def boost() -> Iterator[sandboxes.Sandbox]:
    """AR Boost's stand-in, one process for the whole session."""
    with sandboxes.arboost() as sandbox:
        yield sandbox


@pytest.fixture
def ar_boost(boost: sandboxes.Sandbox, tmp_path: Path) -> Iterator[sandboxes.Sandbox]:
    """AR Boost without memory of other tests, and a clearinghouse folder of this test alone."""
    boost.reset()
    with override_settings(
        ARBOOST_URL=boost.url,
        ARBOOST_TOKEN=boost.token,
        CLEARINGHOUSE_URL=f"file://{tmp_path}/clearinghouse",
    ):
        yield boost


def make_line(cast: dict[str, User], vendor: sandboxes.Sandbox, folder: Path, **settings: Any) -> Line:
    """The line of company acme, with a provider and settings saved."""
    company = cast["ben"].company
    line = Line(
        company=company,
        biller=cast["ben"],
        admin=cast["adam"],
        patient=factories.PatientFactory(company=company),
        payer=factories.PayerFactory(company=company),
        vendor=vendor,
        outbox=folder / "clearinghouse" / company.key / "outbox",
    )
    save_provider(company, PROVIDER, by=cast["adam"], at=noon(DAY0))
    line.settings(**settings)
    return line


@pytest.fixture
def line(cast: dict[str, User], ar_boost: sandboxes.Sandbox, tmp_path: Path) -> Line:
    """Automatic monitoring on: 30 days, threshold $100.00, monitor $250.00 or more."""
    return make_line(cast, ar_boost, tmp_path)


def status_of(claim: Claim) -> str:
    """The claim's status as it is stored now."""
    return Claim.objects.values_list("status", flat=True).get(pk=claim.pk)


def fresh(hold: Hold) -> Hold:
    """The hold as it is stored now."""
    return Hold.objects.select_related("claim", "payer", "coverage").get(pk=hold.pk)
