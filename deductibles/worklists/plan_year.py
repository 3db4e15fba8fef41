"""The holds that outlast their plan year, by payer and in dollars: what stands above that list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count as Counted
from django.db.models import Sum

from deductibles.domain import worklists as domain
from deductibles.models import Hold
from deductibles.worklists.reading import Asked, first_of

MOST_SUMMED = 500
"""Beyond so many claims, the figures are those of the ones that are released first."""


@dataclass(frozen=True)
class OfPayer:
    """A payer's share: claims, what they bill, and what remains of the deductibles, in dollars."""

    name: str
    claims: int
    billed: Decimal
    remaining: Decimal | None


@dataclass(frozen=True)
class Outlook:
    """What the turn of the year does to the claims on hold."""

    ends_on: date
    payers: list[OfPayer]
    capped: bool

    @property
    def claims(self) -> int:
        """How many claims the figures are of."""
        return sum(row.claims for row in self.payers)

    @property
    def billed(self) -> Decimal:
        """What they bill together, in dollars."""
        return sum((row.billed for row in self.payers), Decimal(0))


def outlook_of(asked: Asked) -> Outlook | None:
    """The figures of the list as it is filtered; None on a day on which it does not exist."""
    ends_on = domain.plan_year_end(asked.today)
    if ends_on is None:
        return None
    found = first_of(domain.PLAN_YEAR, asked, MOST_SUMMED + 1)
    ids = [row.key for row in found[:MOST_SUMMED]]
    return Outlook(ends_on, _by_payer(ids), len(found) > MOST_SUMMED)


def _by_payer(hold_ids: Sequence[int]) -> list[OfPayer]:
    rows = Hold.objects.filter(pk__in=hold_ids).values("payer__name").order_by()
    summed = rows.annotate(claims=Counted("pk"), billed=Sum("claim__total"), left=Sum("remaining"))
    found = [
        OfPayer(row["payer__name"] or "No payer", row["claims"], row["billed"], row["left"]) for row in summed
    ]
    return sorted(found, key=lambda row: (-row.billed, row.name))
