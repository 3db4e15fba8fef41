"""One line of a work list: the claim, what is wrong in a sentence, and where it is mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from deductibles.domain import states
from deductibles.domain import worklists as domain
from deductibles.models import Claim, Hold, SetAside
from deductibles.worklists.reading import Found
from patients.models import Payer

_OF_PATIENT = {
    "date_of_birth": ("Mend birth date", "id_date_of_birth"),
    "name": ("Mend name", "id_first_name"),
    "sex": ("Mend sex", "id_sex"),
}
_OF_COVERAGE = {
    "member_id": "Mend member id",
    "group_number": "Mend group number",
    "relationship": "Mend relationship",
    "subscriber": "Mend the subscriber",
}
_HELD_LISTS = (domain.NO_END, domain.PLAN_YEAR, domain.DEADLINE)


@dataclass(frozen=True)
class Item:
    """A claim on a list; ``hold`` where the list is about its hold, ``aside`` where it was put off."""

    kind: str
    found: Found
    claim: Claim
    today: date
    hold: Hold | None = None
    aside: SetAside | None = None

    @property
    def payer(self) -> Payer | None:
        """Whom the claim goes to."""
        return self.claim.payer

    @property
    def page(self) -> str:
        """The claim's own page."""
        return reverse("deductibles:claim", args=[self.claim.number])

    @property
    def why(self) -> str:
        """What is wrong, in a sentence."""
        said = self._why() if self.kind in _HELD_LISTS else domain.sentence(self.kind, self.found.codes)
        return f"{said}."

    def _why(self) -> str:
        if self.kind == domain.NO_END:
            return "Held by hand while the manual setting is off; only a person releases it"
        if self.kind == domain.PLAN_YEAR:
            return self._plan_year()
        words = domain.deadline_words(self.found.on, self.today)
        if self.hold is None:
            return words
        release = self.hold.release_on
        if release is None:
            return f"{words}; held without an end"
        late = ", which is too late" if release >= self.found.on else ""
        return f"{words}; held until {day_of(release, self.today)}{late}"

    def _plan_year(self) -> str:
        assert self.hold is not None
        ends = self.hold.snapshot.proven_until if self.hold.snapshot else None
        asked = self.hold.next_check_on
        proven = f"Its answer proves nothing after {day_of(ends, self.today)}" if ends else "No answer"
        return f"{proven}; asked next on {day_of(asked, self.today)}" if asked else proven

    @property
    def act(self) -> str:
        """What to do next."""
        return self._next[0]

    @property
    def href(self) -> str:
        """Where it is done."""
        return self._next[1]

    @property
    def _next(self) -> tuple[str, str]:
        if self.kind == domain.REJECTED:
            return self._mend(domain.field_of(self.found.codes))
        if self.kind == domain.DEADLINE:
            return _TO_FILE.get(self.claim.status, "Open"), self.page
        words, at = _NEXT[self.kind]
        return words, self.page + at

    def _mend(self, name: str) -> tuple[str, str]:
        if name in _OF_PATIENT:
            words, field = _OF_PATIENT[name]
            return words, f"{reverse('patients:edit', args=[self.claim.patient_id])}#{field}"
        if name in _OF_COVERAGE:
            return _OF_COVERAGE[name], f"{self.page}?tab=cob"
        return "Look at the dates", self.page

    @property
    def aside_address(self) -> str:
        """Where it is set aside, or brought back."""
        return reverse("deductibles:work_aside", args=[self.claim.number, self.kind])


_TO_FILE = {
    states.DRAFT: "Complete",
    states.HOLD: "Queue for submission",
    states.QUEUED: "See what it waits for",
    states.REJECTED: "Correct",
}
_NEXT = {
    domain.RETURNED: ("Correct", ""),
    domain.UNWRITTEN: ("Mend it", ""),
    domain.UNPAID: ("Look at the payment", "?tab=acknowledgements"),
    domain.UNKNOWN: ("Run eligibility", "?tab=cob"),
    domain.LINES: ("Look at the lines", "?tab=cob"),
    domain.COVERAGE: ("Find insurance", "?tab=cob"),
    domain.UNANSWERED: ("Run eligibility", "?tab=cob"),
    domain.NO_END: ("Queue for submission", ""),
    domain.PLAN_YEAR: ("Open", ""),
}


def items_of(kind: str, found: Sequence[Found], today: date, *, aside: bool) -> dict[int, Item]:
    """Lines by their claims: the claims in one query, what the list says of their holds in another."""
    ids = [row.claim_id for row in found]
    rows = Claim.objects.filter(pk__in=ids).select_related("patient", "payer")
    holds = _holds(ids) if kind in _HELD_LISTS else {}
    put_off = _put_off(kind, ids) if aside else {}
    claims = {row.pk: row for row in rows}
    return {
        row.claim_id: Item(
            kind, row, claims[row.claim_id], today, holds.get(row.claim_id), put_off.get(row.claim_id)
        )
        for row in found
        if row.claim_id in claims
    }


def _holds(claim_ids: Sequence[int]) -> dict[int, Hold]:
    rows = Hold.objects.filter(claim__in=claim_ids, active=True).select_related("snapshot")
    return {row.claim_id: row for row in rows.defer("snapshot__x12_271", "snapshot__reading")}


def _put_off(kind: str, claim_ids: Sequence[int]) -> dict[int, SetAside]:
    rows = SetAside.objects.filter(kind=kind, claim__in=claim_ids).select_related("set_by")
    return {row.claim_id: row for row in rows}


def day_of(on: date, today: date) -> str:
    """A date; with its year where that is not this one."""
    return f"{on:%-d %b}" if on.year == today.year else f"{on:%-d %b %Y}"


def _amount(item: Item) -> str:
    return f"{item.claim.total:,.2f}"


CELLS: dict[str, Any] = {
    "claim": lambda item: item.claim.number,
    "patient": lambda item: str(item.claim.patient),
    "payer": lambda item: item.payer.name if item.payer else "–",
    "since": lambda item: day_of(item.found.on, item.today),
    "why": lambda item: item.why,
    "amount": _amount,
    "status": lambda item: item.claim.status_label,
    "service": lambda item: day_of(item.claim.date_of_service, item.today),
    "next": lambda item: item.act,
    "aside": lambda item: "",
}
"""What stands in each column, as text."""
