"""What came back in the demo's past: a 999 and a 277CA for each file, an 835 two weeks later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from operator import itemgetter

from django.db.models import F

from accounts.models import Company
from deductibles.actions import acknowledging
from deductibles.domain import hold
from deductibles.models import Arrival, Claim, Hold, Submission
from sandbox import acknowledgements, remittances

READ_AFTER, TAKEN_AFTER, PAID_AFTER = timedelta(minutes=20), timedelta(hours=5), timedelta(days=14)
REJECTED = ("A7:562:85", "A3:33:IL", "A7:500:QC")
"""What is wrong with the claims that come back; each of these in turn."""
ONE_IN = 6
"""One claim in so many is rejected."""


def come_back(company: Company, *, now: datetime) -> None:
    """Take in, in order of time, what each file has had for an answer; the newest still waits for 277CA."""
    files = Submission.objects.filter(company=company, state=Submission.State.HANDED_OVER)
    waiting = files.exclude(accepted=F("claims_count"))
    rows = list(waiting.select_related("file").order_by("pk"))
    coming: list[tuple[datetime, Callable[[], None]]] = []
    for number, row in enumerate(rows, start=1):
        assert row.handed_over_at is not None
        sent = acknowledgements.read(row.file.content.encode("ascii"))
        read, taken, paid = (row.handed_over_at + after for after in (READ_AFTER, TAKEN_AFTER, PAID_AFTER))
        coming.append((read, partial(_read, company, sent, read, number)))
        if row != rows[-1]:
            coming.append((taken, partial(_take, company, sent, taken, number)))
        coming.append((paid, partial(_pay, company, sent, paid, number)))
    for at, come in sorted(coming, key=itemgetter(0)):
        if at <= now:
            come()


def _read(company: Company, sent: acknowledgements.Sent, at: datetime, number: int) -> None:
    _take_in(company, f"999-{number:04d}.txt", acknowledgements.write_999(sent, at, number), at)


def _take(company: Company, sent: acknowledgements.Sent, at: datetime, number: int) -> None:
    _take_in(company, f"277-{number:04d}.txt", _statuses(sent, at, number), at)


def _statuses(sent: acknowledgements.Sent, at: datetime, number: int) -> str:
    bad = [claim.number for claim in sent.claims if _order_of(claim.number) % ONE_IN == 0]
    codes = {claim: REJECTED[_order_of(claim) // ONE_IN % len(REJECTED)] for claim in bad}
    return acknowledgements.write_277ca(sent, codes, at, number)


def _order_of(claim: str) -> int:
    return int("".join(letter for letter in claim.split(".")[0] if letter.isdigit()) or 0)


def _pay(company: Company, sent: acknowledgements.Sent, at: datetime, number: int) -> None:
    """Pay what was accepted; where the days ran out before it was met, part of it is the deductible."""
    numbers = [claim.number for claim in sent.claims]
    accepted = set(
        Claim.objects.filter(company=company, number__in=numbers, status="accepted").values_list(
            "number", flat=True
        )
    )
    early = Hold.objects.filter(claim__number__in=accepted, company=company, reason_code=hold.ELAPSED)
    deductibles: dict[str, Decimal] = {
        claim: remaining or Decimal(0) for claim, remaining in early.values_list("claim__number", "remaining")
    }
    claims = [claim for claim in sent.claims if claim.number in accepted]
    if claims:
        paid_on = at.astimezone(company.zone).date()
        text = remittances.write_835(sent, claims, deductibles, paid_on, 100_000 + number)
        _take_in(company, f"835-{number:04d}.txt", text, at)


def _take_in(company: Company, name: str, text: str, at: datetime) -> None:
    acknowledging.take_in(company, name, text, source=Arrival.Source.INBOX, by=None, at=at)
