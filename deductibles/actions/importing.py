"""Taking in claims of a file: many at once, drafts as somebody would have entered them, each once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F

from accounts.models import User
from accounts.steps import Refused
from deductibles.actions import claims, deciding
from deductibles.actions.moves import Invalid
from deductibles.domain import states
from deductibles.models import Charge, Claim, ClaimReference, Coverage
from patients.models import Import, Patient

log = structlog.get_logger(__name__)
SILENT = "AR Boost did not answer about this claim. Complete it when it does."
GIVEN_UP = "AR Boost did not answer about several claims before this one, so it was not asked."
FAILED = "Holdline failed over this claim. Open it and complete it there."
_UNAVAILABLE = "unavailable"
_MOST_SILENT = 3
"""Questions in a row without an answer, after which no more are asked for this file."""
_AT_A_TIME = 50
MOST_TOLD = 40


@dataclass(frozen=True)
class Brought:
    """A claim to take in: the number it had, whose it is, and what the intake read of it."""

    number: str
    patient: Patient
    clean: Mapping[str, Any]


def take_in_claims(
    brought: Sequence[Brought], numbers: Sequence[int], *, of: Import, by: User, at: datetime
) -> list[Claim]:
    """Enter drafts of these numbers in four statements, however many. In the transaction of their part.

    IntegrityError when one of their numbers came in at this moment: the part is then taken up anew.
    """
    if not brought:
        return []
    company = of.company
    rows = [
        claims.new_claim(company, f"C-{number}", one.patient, one.clean, at=at)
        for number, one in zip(numbers, brought, strict=True)
    ]
    Claim.objects.bulk_create(rows, batch_size=500)
    pairs = list(zip(rows, brought, strict=True))
    Coverage.objects.bulk_create(
        [row for claim, one in pairs for row in claims.coverage_rows(claim, one.clean["coverages"])],
        batch_size=500,
    )
    Charge.objects.bulk_create(
        [row for claim, one in pairs for row in claims.charge_rows(claim, one.clean["charges"])],
        batch_size=500,
    )
    ClaimReference.objects.bulk_create(
        [
            ClaimReference(company_id=company.pk, claim=claim, number=one.number, of=of)
            for claim, one in pairs
        ],
        batch_size=500,
    )
    return rows


def complete_imported(of: Import, *, by: User, at: datetime, may_go_on: Callable[[], bool]) -> bool:
    """Complete the drafts of a file one by one, AR Boost being asked about each as at entry (D-HOLD-2).

    What cannot be completed stays a draft and is told. Whether it came to the end; call it outside any
    transaction. After a death the next call goes on with the claims that were not tried.
    """
    silent = 0
    while untried := _untried(of):
        for reference in untried:
            why = GIVEN_UP if silent >= _MOST_SILENT else _complete(reference.claim, by, at)
            silent = silent + 1 if why in (SILENT, GIVEN_UP) else 0
            _note(reference, why, at=at)
            if not may_go_on():
                return False
    return True


def _untried(of: Import) -> list[ClaimReference]:
    rows = ClaimReference.objects.filter(of=of, tried_at=None).order_by("pk")
    return list(rows.select_related("claim__company", "claim__patient")[:_AT_A_TIME])


def _complete(claim: Claim, by: User, at: datetime) -> str:
    """Complete one claim; why not, or nothing. One that somebody completed meanwhile is left as it is."""
    if claim.status != states.DRAFT:
        return ""
    try:
        asked = deciding.todays_answer(claim, at) or deciding.ask(claim, by=by, at=at)
        if asked.outcome == _UNAVAILABLE:
            return SILENT
        deciding.complete(claim, by=by, at=at, asked=asked)
    except Invalid as lacks:
        said = [sentence for rows in lacks.fields.values() for code, sentence in rows if code != "too_short"]
        return " ".join(dict.fromkeys(said))[:300] or "Something of it is too short for a claim."
    except Refused as refused:
        return str(refused)
    except (OperationalError, InterfaceError):
        raise  # the database is away, and nothing is wrong with the claim
    except Exception as error:
        # One claim that cannot be worked on must not keep the others of its file waiting.
        log.warning("imported_claim_failed", claim=claim.pk, error=type(error).__name__)
        return FAILED
    return ""


def _note(reference: ClaimReference, why: str, *, at: datetime) -> None:
    """Write down that a claim was tried, and with why what could not be completed."""
    with transaction.atomic():
        of = Import.objects.select_for_update(of=("self",)).only("pk", "found").get(claims=reference)
        if not ClaimReference.objects.filter(pk=reference.pk, tried_at=None).update(tried_at=at):
            return
        values: dict[str, Any] = {"attempts": 0}
        if why:
            told = of.found.get("left", [])
            one = {"key": reference.claim_id, "name": reference.claim.number, "why": why}
            values["found"] = {**of.found, "left": [*told, one][:MOST_TOLD]}
        else:
            values["finished"] = F("finished") + 1
        Import.objects.filter(pk=of.pk).update(**values)
