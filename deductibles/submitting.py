"""The nightly submission: write each 837P once, commit its bytes, then hand it over (D-SUB-0…2, I2).

Control numbers are allotted and the bytes committed before anything leaves; a file that was written and
not marked as handed over is handed over again under the same name with the same bytes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.conf import settings as config
from django.db.models import F

from deductibles import bills, nights
from deductibles.actions import moves
from deductibles.domain import states
from deductibles.gateways import clearinghouse
from deductibles.models import (
    BillingProvider,
    Claim,
    ControlNumbers,
    Submission,
    SubmissionFile,
    SubmissionItem,
    provider_in_force,
)
from deductibles.nights import Night
from deductibles.x12 import claim as x12
from work.models import Run

FILE_OF = 500
"""Claims a file holds at most: small enough to be written in one short transaction."""
NO_PROVIDER = "Nothing was written: enter the billing provider in Settings, Billing provider, first."
_Named = dict[int | None, list[int]]


def submit(night: Night) -> None:
    """Hand over what was left behind, then write and hand over what is queued; stop when it is refused."""
    refused = hand_over_written(night)
    missing = False
    if not refused:
        missing = write_queued(night)
        refused = hand_over_written(night)
    if refused:
        nights.fail(night, refused)
    elif missing:
        nights.fail(night, NO_PROVIDER)
    else:
        nights.finish(night)


def write_queued(night: Night) -> bool:
    """Write every queued claim that is in no file yet; say whether claims wait for a billing provider."""
    default = provider_in_force(night.company.pk)
    missing = False
    for by_provider in _queued_pages(night):
        for provider_id, claim_ids in by_provider.items():
            named = BillingProvider.objects.filter(pk=provider_id).first() if provider_id else default
            if named is None:
                missing = True
            else:
                write_file(night, named, claim_ids)
    return missing


def _queued_pages(night: Night) -> Iterator[_Named]:
    last = 0
    while True:
        rows = Claim.objects.filter(company=night.company, status=states.QUEUED, pk__gt=last).order_by("pk")
        page = list(rows.values_list("pk", "provider_id")[:FILE_OF])
        if not page:
            return
        last = page[-1][0]
        by_provider: _Named = defaultdict(list)
        for claim_id, provider_id in page:
            by_provider[provider_id].append(claim_id)
        yield by_provider


def write_file(night: Night, provider: BillingProvider, claim_ids: Sequence[int]) -> Submission | None:
    """Commit one file with its numbers and its claims; a claim that cannot be written is set aside."""
    with night.writing("write submission"):
        claims = [claim for claim in moves.locked(claim_ids).values() if _free(claim)]
        writable = _writable(night, provider, claims)
        if not writable:
            return None
        number = _next_interchange(night)
        content = x12.write(
            bills.provider_of(provider),
            [bill for _, bill in writable],
            interchange_control=number,
            group_control=number,
            at=night.at.astimezone(night.company.zone),
            usage="T" if config.DEMO else "P",
        )
        return _save(night, number, content, [claim for claim, _ in writable])


def _free(claim: Claim) -> bool:
    return claim.status == states.QUEUED and not getattr(claim, "in_file", False)


def _writable(
    night: Night, provider: BillingProvider, claims: Sequence[Claim]
) -> list[tuple[Claim, x12.Claim]]:
    sender = bills.provider_of(provider)
    bills.load(claims)
    good = []
    for claim in claims:
        bill = bills.bill_of(claim)
        found = x12.problems(sender, bill)
        if found:
            night.set_aside(claim.number, f"It was not written: {found[0].message}")
        else:
            good.append((claim, bill))
    return good


def _next_interchange(night: Night) -> int:
    ControlNumbers.objects.get_or_create(company=night.company)
    numbers = ControlNumbers.objects.select_for_update().get(company=night.company)
    numbers.interchange += 1
    numbers.save(update_fields=["interchange"])
    return numbers.interchange


def _save(night: Night, number: int, content: str, claims: Sequence[Claim]) -> Submission:
    row = Submission.objects.create(
        company=night.company,
        run=night.run,
        control_number=number,
        filename=f"837P-{night.company.key}-{number:09d}.edi",
        claims_count=len(claims),
        written_at=night.at,
    )
    SubmissionFile.objects.create(company=night.company, submission=row, content=content)
    SubmissionItem.objects.bulk_create(
        [
            SubmissionItem(company=night.company, submission=row, claim=claim, sequence=claim.sequence)
            for claim in claims
        ]
    )
    return row


def hand_over_written(night: Night) -> str:
    """Hand over every written file, oldest first; give the sentence of a refusal, which stops them all."""
    waiting = Submission.objects.filter(company=night.company, state=Submission.State.WRITTEN)
    for row in waiting.select_related("file").order_by("pk"):
        night.keep()
        handed = clearinghouse.hand_over(
            config.CLEARINGHOUSE_URL,
            company_key=night.company.key,
            filename=row.filename,
            content=row.file.content.encode("ascii"),
        )
        if handed.state == "refused":
            _refused(night, row, handed.detail)
            return f"The clearinghouse did not take the file: {handed.detail}"
        _handed(night, row, handed)
    return ""


def _handed(night: Night, row: Submission, handed: clearinghouse.Handed) -> None:
    """Only now are the claims Submitted; without an answer they wait as unclear (D-SUB-2)."""
    accepted = handed.state == "accepted"
    with night.writing("submit"):
        claim_ids = list(row.items.filter(open=True).values_list("claim_id", flat=True))
        moves.locked(claim_ids)
        act = "submit" if accepted else "lose_sight"
        moved = moves.apply(claim_ids, act, states.QUEUED, at=night.at)
        Submission.objects.filter(pk=row.pk).update(
            state=Submission.State.HANDED_OVER if accepted else Submission.State.AMBIGUOUS,
            handed_over_at=night.at,
            reference=handed.reference[:120],
            detail=handed.detail[:300],
        )
        if accepted:
            Run.objects.filter(pk=night.run.pk).update(submitted=F("submitted") + moved)
    if not accepted:
        why = "It is not known whether the file arrived. It waits for its acknowledgement or a person."
        night.set_aside(row.filename, why)


def _refused(night: Night, row: Submission, detail: str) -> None:
    """Certainly nothing left: the claims are free for the next file."""
    with night.writing("submission refused"):
        row.items.update(open=False)
        Submission.objects.filter(pk=row.pk).update(state=Submission.State.REFUSED, detail=detail[:300])
