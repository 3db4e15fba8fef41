"""What Insurance Finder found, as a card of the entry page and a row of the API show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from deductibles.actions.finding import weighed
from deductibles.claim_words import amount
from deductibles.domain.evidence import Evidence
from deductibles.domain.finding import kind_likely, payer_like
from deductibles.domain.intake import RELATIONSHIPS
from deductibles.domain.line_words import deductible_type
from deductibles.models import Finding
from patients.models import Payer


@dataclass(frozen=True)
class Found:
    """One found coverage. ``payer`` is the one of ours it names, None when that is for a person to say.

    ``like`` is one of ours with the same name under another id, ``kind`` what its name lets suppose;
    ``proven`` what AR Boost's answer is worth.
    """

    place: int
    payer_name: str
    payer_id: str
    member_id: str
    group_number: str
    relationship: str
    payer: Payer | None
    like: Payer | None
    kind: str
    proven: Evidence

    @property
    def number(self) -> int:
        """Counted from 1, as people do."""
        return self.place + 1

    @property
    def status(self) -> str:
        """Whether the coverage is active, in a word."""
        active: Any = self.proven.reading.get("active")
        return {True: "Active", False: "Not active"}.get(active, "Not known whether active")

    @property
    def amounts(self) -> list[tuple[str, str]]:
        """Deductible type, annual and remaining as a person reads them; empty without a usable answer."""
        if not self.proven.usable:
            return []
        return [
            ("Deductible type", deductible_type(self.proven.reading)),
            ("Annual", amount(self.proven.annual)),
            ("Remaining", amount(self.proven.remaining)),
        ]

    @property
    def said(self) -> str:
        """What to know when there are no amounts."""
        if self.proven.usable:
            return ""
        if self.proven.reading.get("active") is False:
            return "AR Boost says that this coverage is not active."
        return "AR Boost sent no deductible that can be used; it is asked when the claim is completed."


def found_of(finding: Finding | None, payers: Sequence[Payer], *, today: date) -> list[Found]:
    """The coverages of a finding in the order found, each weighed as of today."""
    if finding is None:
        return []
    ours = {payer.pk: payer for payer in payers}
    rows = enumerate(finding.candidates)
    return [_found(finding, place, one, ours, today) for place, one in rows]


def _found(finding: Finding, place: int, one: dict[str, Any], ours: dict[int, Payer], today: date) -> Found:
    payer = ours.get(one.get("payer_key") or 0)
    said = one["payer"]
    relationship = one.get("relationship", "self").lower()
    return Found(
        place,
        said["name"],
        said["payer_id"],
        one["member_id"],
        one.get("group_number", ""),
        relationship if relationship in RELATIONSHIPS else "other",
        payer,
        None if payer else payer_like(said["name"], ours.values()),
        kind_likely(said["name"]),
        weighed(one, finding.patient, payer, finding.company, today),
    )
