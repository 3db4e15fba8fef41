"""Advice about one held claim: the curve, the rates and the payer's habit it is weighed by, and its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from django.db.models import Q, Subquery

from deductibles.domain import days, filing, hold
from deductibles.domain.advice import Advice, Waiting, advise
from deductibles.domain.gain import CENT, NOTHING, Rates
from deductibles.domain.money import dollars, signed
from deductibles.domain.rates import percent as in_percent
from deductibles.domain.survival import BAND_WORDS, Curve, Key, band_of, choose, day_zero, widening
from deductibles.models import Forecast, Hold, Snapshot, SurvivalCurve, rates_in_force, settings_in_force
from deductibles.worth.forecast_words import percent

KEPT_LAST = 14
"""Days after which a curve or a share that no night renewed is not believed any more."""


@dataclass(frozen=True)
class Expected:
    """What a payer is expected to allow of this claim, and what says so."""

    amount: Decimal
    share: float
    payments: int


class Advised:
    """One active hold and what is advised. ``answers`` are the claim's, newest first."""

    def __init__(self, row: Hold, answers: Sequence[Snapshot], *, today: date) -> None:
        self.row, self.answers, self.today = row, answers, today

    @cached_property
    def rates(self) -> Rates:
        """The company's rates in force."""
        return rates_in_force(self.row.company_id).rates

    @cached_property
    def zero(self) -> date:
        """The day from which the days of the curve are counted."""
        return day_zero(self.row.started_on, self.row.anchor_on)

    @cached_property
    def asked_up_to(self) -> int:
        """The day of the curve up to which it is known that the deductible is not met: last night's."""
        return (self.today - timedelta(days=1) - self.zero).days

    @cached_property
    def _rows(self) -> list[Any]:
        """The curves that may speak for it, each with what is allowed by the payer and by all: one query."""
        if self.row.kind != Hold.Kind.AUTOMATIC:
            return []
        wanted = Q()
        for key in self._keys:
            wanted |= Q(payer=key.payer, band=key.band or "", month=key.month or 0)
        rows = SurvivalCurve.objects.filter(wanted, company=self.row.company_id, made_on__gte=self._since)
        allowed = {"by_payer": self._allowed(self.row.payer_id), "by_all": self._allowed(None)}
        return list(rows.annotate(**{name: Subquery(found) for name, found in allowed.items()}))

    @property
    def _keys(self) -> list[Key]:
        return widening(self.row.payer_id, band_of(self._left_at_start), self.row.started_on)

    def _allowed(self, payer: int | None) -> Any:
        """The newest share that was kept with a forecast of a payer, or of all."""
        rows = Forecast.objects.filter(
            payer=payer,
            company=self.row.company_id,
            made_on__gte=self._since,
            basis__has_key="allowed",
        )
        return rows.order_by("-made_on").values("basis__allowed")[:1]

    @cached_property
    def curve(self) -> Curve | None:
        """The closest curve that says enough."""
        return choose({_key(row): _curve(row) for row in self._rows}, self._keys, self.asked_up_to)

    @property
    def _since(self) -> date:
        return self.today - timedelta(days=KEPT_LAST)

    @property
    def _left_at_start(self) -> Decimal | None:
        """What remained when the hold began, as the answer it was decided on says."""
        return next(
            (
                one.remaining
                for one in self.answers
                if one.coverage_id == self.row.coverage_id
                and one.as_of <= self.row.started_on
                and one.remaining is not None
            ),
            None,
        )

    @cached_property
    def allowed(self) -> Expected | None:
        """What the payer is expected to allow: by its own payments, else by all of the company's."""
        one = next((row.by_payer or row.by_all for row in self._rows), None)
        if one is None:
            return None
        amount = self.row.claim.total * Decimal(str(one["share"]))
        return Expected(amount.quantize(CENT, ROUND_HALF_UP), one["share"], one["payments"])

    @cached_property
    def threshold(self) -> Decimal:
        """What may remain for a release, of the payer or the company: as tonight's check will have it."""
        return hold.rules_for(settings_in_force(self.row.company_id), self.row.payer).dollar_threshold

    @cached_property
    def advice(self) -> Advice:
        """Hold on, bill now, or not enough history."""
        row = self.row
        automatic = row.kind == Hold.Kind.AUTOMATIC
        allowed = self.allowed.amount if self.curve and self.allowed else None
        waiting = Waiting(
            today=self.today,
            automatic=automatic,
            release_on=row.release_on,
            remaining=row.remaining,
            allowed=allowed,
            threshold=NOTHING if allowed is None else self.threshold,
            asked_up_to=self.asked_up_to,
            leaves=(row.release_on - self.zero).days if row.release_on else 0,
        )
        return advise(waiting, self.curve, self.rates if self.curve else Rates())

    @cached_property
    def deadline(self) -> date | None:
        """The timely filing deadline, where the payer's limit is known."""
        limit = self.row.payer.filing_limit_days if self.row.payer else None
        return filing.deadline(self.row.claim.date_of_service, limit)

    @property
    def said(self) -> str:
        """Why, in a sentence."""
        found, release = self.advice, self.row.release_on
        if found.chance is None or found.expected is None or release is None:
            return found.why_not
        on = days.plain(release, self.today.year)
        worth = "brings" if found.expected > 0 else "costs"
        return (
            f"The chance that its deductible is met by {on} is {percent(found.chance)}; to hold it on "
            f"{worth} {dollars(abs(found.expected))} on average."
        )

    @property
    def numbers(self) -> list[tuple[str, str]]:
        """What it was worked out from, as terms and values; nothing where nothing is advised."""
        found, row = self.advice, self.row
        if found.chance is None or found.if_met is None or found.if_not is None or self.allowed is None:
            return []
        year = self.today.year
        told = [
            ("Held so far", _days((self.today - row.started_on).days)),
            ("Chance to be met in time", percent(found.chance)),
            ("Waits, on average", _days(round(found.days or 0))),
            ("Remaining now", dollars(row.remaining) if row.remaining is not None else "unknown"),
            ("Expected to be allowed", dollars(self.allowed.amount)),
            ("If it is met", signed(found.if_met)),
            ("If not, the days cost", signed(found.if_not)),
        ]
        if row.release_on is not None:
            told.append(("Released at the latest", days.plain(row.release_on, year)))
        if self.deadline is not None:
            told.append(("To be filed by", days.plain(self.deadline, year)))
        return told

    @property
    def rests_on(self) -> str:
        """Whose history it is, and by which rates, in a sentence."""
        curve = self.curve
        if curve is None or self.allowed is None or self.advice.chance is None:
            return ""
        collected, shared, money = (
            in_percent(one) for one in (self.rates.collected, self.rates.co_insurance, self.rates.money)
        )
        return (
            f"From {curve.claims:,} holds of {whose(curve.key)}, {curve.met:,} of them met, and "
            f"{self.allowed.payments:,} payments. As the outcome ledger counts: {collected}% collected "
            f"of patients, {shared}% co-insurance, {money}% a year for the money. An estimate; nothing is "
            "done by it."
        )


def whose(key: Key) -> str:
    """Whose curve it is, in words."""
    if key.payer is None:
        return "the company"
    words = "this payer"
    if key.band is not None:
        words += f" with {BAND_WORDS[key.band]} remaining"
    if key.month is not None:
        words += f", held in {date(2000, key.month, 1):%B}"
    return words


def _key(row: SurvivalCurve) -> Key:
    return Key(row.payer_id, row.band or None, row.month or None)


def _curve(row: SurvivalCurve) -> Curve:
    return Curve(_key(row), row.claims, row.met, tuple(row.days), tuple(row.watched), tuple(row.unmet))


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
