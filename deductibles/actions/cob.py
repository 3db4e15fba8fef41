"""Coordination of benefits: the coverages beside the primary, and which of them comes first (D-HOLD-4).

Secondary and tertiary payers are never asked about a deductible and never hold a claim; who is primary
decides that, so a change of places is a change of payer (D-HOLD-5).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.audit import acting
from accounts.models import User
from accounts.steps import Refused
from deductibles import bills
from deductibles.actions import deciding, moves
from deductibles.actions.deciding import Outcome
from deductibles.actions.moves import Invalid
from deductibles.models import Claim, Coverage

FURTHER = ("secondary", "tertiary")


def cover(claim: Claim, data: Mapping[str, Any], *, by: User, at: datetime) -> Coverage:
    """Add a secondary or tertiary coverage, or put this one in the place of the one there is.

    Raises Invalid with everything wrong; a tertiary needs a secondary, and no insurance stands twice.
    """
    moves.step_of(claim, "cover", by)
    _refuse_rank(data.get("rank"))
    coverage = deciding.new_coverage(claim, data, at)
    with transaction.atomic(), acting(by, "cover"):
        claim = _locked(claim, "cover", by)
        others = {row.rank: row for row in bills.coverages_of(claim) if row.rank != coverage.rank}
        _refuse_place(coverage, others)
        claim.coverages.filter(rank=coverage.rank, ended_at=None).update(ended_at=at)
        coverage.save()
        _touch(claim, at)
    return coverage


def end_coverage(claim: Claim, rank: Any, *, by: User, at: datetime) -> None:
    """End the secondary or tertiary coverage; a tertiary moves up when the secondary ends."""
    moves.step_of(claim, "end_coverage", by)
    _refuse_rank(rank)
    with transaction.atomic(), acting(by, "end coverage"):
        claim = _locked(claim, "end_coverage", by)
        found = {row.rank: row for row in bills.coverages_of(claim)}
        if rank not in found:
            raise Refused(f"This claim has no {rank} coverage to end.")
        ranks = FURTHER if rank == "secondary" else (rank,)
        claim.coverages.filter(rank__in=ranks, ended_at=None).update(ended_at=at)
        if rank == "secondary" and "tertiary" in found:
            deciding.same_as(found["tertiary"], "secondary").save()
        _touch(claim, at)


def make_primary(claim: Claim, rank: Any, *, by: User, at: datetime) -> Outcome:
    """Let the secondary or tertiary change places with the primary; its payer is asked (D-HOLD-5)."""
    moves.step_of(claim, "make_primary", by)
    _refuse_rank(rank)
    row = next((one for one in bills.coverages_of(claim) if one.rank == rank), None)
    if row is None:
        raise Refused(f"This claim has no {rank} coverage.")
    if not row.member_id:
        raise Invalid({"member_id": [("required", f"The {rank} coverage has no member id. Type it first.")]})
    coverage = deciding.same_as(row, "primary")
    return deciding.replace_primary(claim, coverage, "make_primary", by=by, at=at, demoted_to=str(rank))


def _locked(claim: Claim, act: str, by: User) -> Claim:
    claim = moves.lock(claim)
    moves.step_of(claim, act, by)
    moves.refuse_in_file(claim)
    return claim


def _touch(claim: Claim, at: datetime) -> None:
    Claim.objects.filter(pk=claim.pk).update(version=F("version") + 1, changed_at=at)


def _refuse_rank(rank: Any) -> None:
    if rank not in FURTHER:
        raise Invalid({"rank": [("choice", "Choose secondary or tertiary.")]})


def _refuse_place(coverage: Coverage, others: Mapping[str, Coverage]) -> None:
    if coverage.rank == "tertiary" and "secondary" not in others:
        raise Invalid({"rank": [("order", "There is no secondary coverage yet. Add this one as secondary.")]})
    for row in others.values():
        if (row.payer_id, row.member_id) == (coverage.payer_id, coverage.member_id):
            sentence = f"This is the claim’s {row.rank} coverage already: same payer, same member id."
            raise Invalid({"member_id": [("twice", sentence)]})
