"""The final review of a draft: everything the bill will say, what it lacks, and whether it will be held."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import User
from accounts.roles import Can
from deductibles import bills, expecting
from deductibles.domain import filing
from deductibles.entry_review import SECTIONS, Lack, lacks_of
from deductibles.expecting import Expected, filing_deadline
from deductibles.forms.places import place_name
from deductibles.models import BillingProvider, Claim, Coverage, Snapshot, settings_in_force
from deductibles.queries import acts_for
from deductibles.x12.claim import AMBULANCE_CONDITIONS, AMBULANCE_REASONS
from deductibles.x12.claim_values import is_npi

_PLACES = {"patient": "Patient Details", "provider": "Billing provider"}


class ReviewScreen:
    """One draft looked over before it is completed; ``claim`` comes with its parts (``bills.load``)."""

    def __init__(self, claim: Claim, user: User, *, at: datetime, today: date) -> None:
        self.claim, self.user, self.at, self.today = claim, user, at, today
        assert user.company is not None
        claim.company = user.company
        bills.load([claim])

    @cached_property
    def lacks(self) -> list[dict[str, str]]:
        """Everything the 837P would lack, each with its place and the link that mends it."""
        return [self._lack(one) for one in lacks_of(self.claim, self.provider)]

    def _lack(self, one: Lack) -> dict[str, str]:
        edit = reverse("deductibles:claim_edit", args=[self.claim.number])
        if one.where == "patient":
            back = urlencode({"next": reverse("deductibles:claim_review", args=[self.claim.number])})
            url = f"{reverse('patients:edit', args=[self.claim.patient_id])}?{back}"
        elif one.where == "provider":
            url = reverse("deductibles:provider") if self.user.may(Can.SETTINGS) else ""
        else:
            url = f"{edit}#{one.anchor}"
        place = _PLACES.get(one.where) or dict(SECTIONS).get(one.section, "")
        return {"message": one.message, "url": url, "place": place}

    @cached_property
    def expected(self) -> Expected | None:
        """What completing would decide on the answer of today; None before AR Boost was asked."""
        return expecting.on_todays_answer(self.claim, at=self.at, today=self.today)

    @cached_property
    def primary(self) -> Coverage | None:
        """The coverage that is asked about and held on (D-HOLD-4)."""
        return bills.primary_of(self.claim)

    @cached_property
    def no_answer(self) -> str:
        """Why there is no answer yet, when AR Boost was asked today and none came."""
        rows = Snapshot.objects.filter(claim=self.claim, coverage=self.primary, as_of=self.today)
        newest = rows.order_by("-pk").first() if self.primary else None
        return "" if newest is None or newest.outcome == "answered" else newest.detail

    @property
    def may_ask(self) -> bool:
        """Whether there is a coverage to ask about."""
        return self.primary is not None and bool(self.primary.member_id)

    @property
    def may_complete(self) -> bool:
        """Whether this person may complete the claim now."""
        return "complete" in acts_for(self.claim, self.user)

    # --- what the bill will say -----------------------------------------------------------------

    @cached_property
    def coverages(self) -> list[Coverage]:
        """The coverages in order."""
        return bills.coverages_of(self.claim)

    @cached_property
    def charges(self) -> list[Any]:
        """The lines of the bill, each with the diagnoses it points at."""
        codes = self.claim.diagnoses
        return [
            {
                "row": row,
                "units": f"{row.units.normalize():f}",
                "points_at": [codes[n - 1] for n in row.diagnosis_pointers if 0 < n <= len(codes)],
            }
            for row in self.claim.charges.all()
        ]

    @property
    def place(self) -> str:
        """The place of service in words."""
        return place_name(self.claim.place_of_service)

    @cached_property
    def provider(self) -> BillingProvider | None:
        """As whom the claim is billed."""
        return bills.billing_provider(self.claim)

    @property
    def npi_agrees(self) -> bool:
        """Whether the provider's NPI agrees with its check digit."""
        return self.provider is not None and is_npi(self.provider.npi)

    @property
    def deadline(self) -> date | None:
        """By when the primary payer must have the claim."""
        return filing_deadline(self.claim.date_of_service, self.primary.payer if self.primary else None)

    @property
    def guard_on(self) -> date | None:
        """The last day it may still be held before the filing guard releases it."""
        expected = self.expected
        rules: Any = expected.decision.rules if expected else settings_in_force(self.claim.company_id)
        return filing.guard_on(self.deadline, rules.guard_days)

    @property
    def trip(self) -> list[tuple[str, str]]:
        """The ambulance transport in words, as far as it was entered."""
        said: Mapping[str, Any] = self.claim.ambulance or {}
        if not said:
            return []
        reason = str(said.get("reason") or "")
        facts = [
            ("Why an ambulance", AMBULANCE_REASONS.get(reason, reason)),
            ("Loaded miles", str(said.get("miles") or "")),
            ("Picked up", _address(said.get("pickup"))),
            ("Dropped off", _joined(said.get("dropoff_name"), _address(said.get("dropoff")))),
            ("Patient’s weight", f"{said['patient_weight']} lb" if said.get("patient_weight") else ""),
            ("Why a stretcher", said.get("stretcher_purpose") or ""),
            ("Why a round trip", said.get("round_trip_purpose") or ""),
            ("Emergency", "yes" if said.get("emergency") else ""),
            ("What applied", "; ".join(AMBULANCE_CONDITIONS.get(c, c) for c in said.get("conditions") or ())),
        ]
        needed = {"Why an ambulance", "Loaded miles", "Picked up", "Dropped off"}
        return [(term, value or "not said") for term, value in facts if value or term in needed]

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The parts of the form in order, each with how much of it is open."""
        places = [one["place"] for one in self.lacks]
        return [{"key": key, "label": label, "open": places.count(label)} for key, label in SECTIONS]


def _address(value: Any) -> str:
    if not value:
        return ""
    town = " ".join(filter(None, (value.get("city"), value.get("state"), value.get("zip"))))
    return _joined(value.get("line1"), value.get("line2"), town)


def _joined(*parts: Any) -> str:
    return ", ".join(str(part) for part in parts if part)
