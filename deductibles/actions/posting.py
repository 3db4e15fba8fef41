"""Posting payments, of an 835 or by hand: the claim is closed, the deductible's share is kept (D-SUB-4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.audit import acting
from accounts.models import Company, User
from accounts.steps import Refused
from deductibles.actions import concerns, holding, moves, outcomes
from deductibles.actions.moves import Invalid
from deductibles.domain import posting, states, worklists
from deductibles.models import Arrival, Claim, Payment, SubmissionItem
from deductibles.x12 import remittance

PAGE = 1000
FIELDS = ("paid", "deductible", "allowed", "paid_on", "note")
"""What a biller says of a payment."""
MOST_SEQUENCES = 99
"""More than any clearinghouse would read."""


def take_in(
    company: Company, arrival: Arrival, paid: Sequence[remittance.Remittance], *, at: datetime
) -> int:
    """Keep every payment of these remittances and post what can be; give how many wait for a person."""
    rows = [_row(company, arrival, whole, one, at) for whole in paid for one in whole.payments]
    if not rows:
        return 0
    _post(company, rows, at)
    Payment.objects.bulk_create(rows, batch_size=PAGE)
    outcomes.keep(company.pk, {row.claim_id for row in rows if row.claim_id})
    return sum(row.posted_at is None and row.why_not != posting.WAITS for row in rows)


def _row(
    company: Company, arrival: Arrival, whole: remittance.Remittance, one: remittance.Payment, at: datetime
) -> Payment:
    return Payment(
        company=company,
        arrival=arrival,
        number=one.number[:50],
        sequence=min(one.sequence, 32_767),
        status=one.status[:2],
        charged=one.charged,
        paid=one.paid,
        patient_owes=one.patient_owes,
        deductible=one.deductible,
        allowed=one.allowed,
        adjustments=[asdict(each) for each in one.adjustments],
        filed_too_late=one.filed_too_late,
        payer=whole.payer,
        payer_reference=one.payer_reference,
        trace=whole.trace,
        paid_on=whole.paid_on,
        note="; ".join(remittance.reasons(one.adjustments))[:300],
        at=at,
        why_not="" if one.balances else posting.UNBALANCED,
    )


def post_waiting(company: Company, *, at: datetime) -> int:
    """Post what was quicker than our own books; give how many were posted."""
    with transaction.atomic(), acting(None, "post payment", company=company.pk):
        waiting = Payment.objects.filter(company=company, posted_at=None, why_not=posting.WAITS)
        rows = list(waiting.select_for_update(skip_locked=True).order_by("pk")[:PAGE])
        for row in rows:
            row.why_not = ""
        _post(company, rows, at)
        Payment.objects.bulk_update(rows, ["claim", "posted_at", "why_not"], batch_size=PAGE)
        outcomes.keep(company.pk, {row.claim_id for row in rows if row.claim_id})
    return sum(row.posted_at is not None for row in rows)


def _post(company: Company, rows: Sequence[Payment], at: datetime) -> None:
    """Give each payment its claim; close the claims that may be closed, set-based."""
    numbers = {row.number for row in rows}
    sent = SubmissionItem.objects.filter(company=company, claim__number__in=numbers)
    keys = {
        (number, seq): pk for number, seq, pk in sent.values_list("claim__number", "sequence", "claim_id")
    }
    claims = moves.locked(set(keys.values()))
    status = {pk: claim.status for pk, claim in claims.items()}
    closed: defaultdict[str, list[int]] = defaultdict(list)
    for row in rows:
        key = keys.get((row.number, row.sequence))
        if key is None:
            row.why_not = row.why_not or posting.UNKNOWN
            continue
        claim = claims[key]
        row.claim = claim
        row.why_not = row.why_not or posting.why_not(
            row.status,
            status[key],
            current=claim.sequence == row.sequence,
            in_file=bool(getattr(claim, "in_file", False)),
        )
        if not row.why_not and row.charged != claim.total:
            row.why_not = posting.OTHER_CHARGE
        if not row.why_not:
            row.posted_at = at
            closed[status[key]].append(key)
            status[key] = states.PAID
    for before, keys_of in closed.items():
        moves.apply(keys_of, "pay", before, at=at)
    said = {
        row.claim_id: row.why_not
        for row in rows
        if row.claim_id and posting.needs_a_person(row.why_not, status[row.claim_id])
    }
    concerns.told(worklists.UNPAID, said, on=moves.local_date(company, at))


def post_by_hand(claim: Claim, data: Mapping[str, Any], *, by: User, at: datetime) -> Payment:
    """Post a payment that a biller read elsewhere; the claim is closed as paid, and a hold it was in ends.

    ``paid`` in dollars is needed; ``deductible``, ``allowed``, ``paid_on`` and ``note`` as far as they are
    known. Invalid names everything wrong; the line of an ended hold stays on its page until it is cleared.
    """
    clean, wrong = posting.read_payment(data, today=moves.local_date(claim.company, at))
    moves.step_of(claim, "post_payment", by)
    if wrong:
        raise Invalid.of(wrong)
    with transaction.atomic(), acting(by, "post payment"):
        claim = moves.lock(claim)
        moves.step_of(claim, "post_payment", by)
        if claim.status == states.HOLD:
            _end_hold(claim, at)
        row = Payment.objects.create(
            company=claim.company,
            claim=claim,
            number=claim.number,
            sequence=claim.sequence,
            charged=claim.total,
            by=by,
            at=at,
            posted_at=at,
            **clean,
        )
        moves.apply_one(claim, "post_payment", by, at=at)
        outcomes.keep(claim.company_id, [claim.pk])
    return row


def _end_hold(claim: Claim, at: datetime) -> None:
    """Nothing is left to wait for: the entry ends without a release, and is cleared by a person (D-CLR-1)."""
    for row in claim.holds.filter(active=True):
        holding.stop(row, at=at)


def correct(claim: Claim, *, by: User, at: datetime) -> Claim:
    """Give a rejected claim back as a draft, to be sent again as its next sequence (D-SUB-3)."""
    with transaction.atomic(), acting(by, "correct"):
        claim = moves.lock(claim)
        moves.step_of(claim, "correct", by)
        if claim.sequence >= MOST_SEQUENCES:
            raise Refused(f"Claim {claim.number} was sent {claim.sequence} times already. Enter it anew.")
        Claim.objects.filter(pk=claim.pk).update(sequence=claim.sequence + 1)
        return moves.apply_one(claim, "correct", by, at=at)
