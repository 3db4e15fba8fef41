"""The nightly submission: write each 837P once, commit its bytes, then hand it over (D-SUB-0…2, I2).

Control numbers are allotted and the bytes committed before anything leaves. A receiver may keep everything it
is sent, so a file that may have left leaves a second time only where the way itself knows what it took (a
folder's notes), or when a person asks for it; then it has the same name and the same bytes.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence

import structlog
from django.conf import settings as config
from django.db.models import F, Q

from deductibles import bills, nights
from deductibles.actions import concerns, moves, sending
from deductibles.connections import health, rows
from deductibles.domain import states, worklists
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
from deductibles.x12 import checked
from deductibles.x12 import claim as x12
from work.models import Run

FILE_OF = 100
"""Claims a file holds at most: written and checked in a second, for its claims stand locked meanwhile."""
MAY_HAVE_LEFT = (
    "The run stopped while the file was being handed over. It may have arrived: wait for its "
    "acknowledgement, or ask the clearinghouse."
)
NO_PROVIDER = "Nothing was written: enter the billing provider in Settings, Billing provider, first."
log = structlog.get_logger(__name__)
_Named = dict[int | None, list[int]]
_Billed = tuple[Claim, x12.Claim]


def submit(night: Night) -> None:
    """Hand over what was left behind, then write and hand over what is queued; stop when it is refused.

    Nothing is touched while sending is disarmed, as it is in a copy of the database (I2).
    """
    state = sending.state_of(night.company, at=night.at)
    if not state.armed:
        nights.fail(night, f"Nothing was sent: sending is disarmed. {state.why} {sending.ARM_IT}")
        return
    refused = hand_over_written(night)
    missing = False
    if not refused:
        missing = write_queued(night)
        refused = hand_over_written(night)
    tell_unclear(night)
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
        bills.load(claims)
        pairs = [pair for claim in claims if (pair := _billed(night, provider, claim))]
        # The check takes most of the time: the next number is read for it, and taken once there is a file.
        number = _next_number(night)
        pairs, content = _written(night, provider, pairs, number)
        _tell_left_out(night)
        if not pairs:
            return None
        numbers = _numbers(night)
        if numbers.interchange + 1 != number:
            raise RuntimeError("another submission took the control number")
        numbers.interchange = number
        numbers.save(update_fields=["interchange"])
        return _save(night, number, content, [claim for claim, _ in pairs])


def _tell_left_out(night: Night) -> None:
    """Say on the claims themselves, and on a work list, why they are in no file."""
    concerns.told(worklists.UNWRITTEN, night.left_out, on=moves.local_date(night.company, night.at))
    night.left_out = {}


def _free(claim: Claim) -> bool:
    return claim.status == states.QUEUED and not getattr(claim, "in_file", False)


def _billed(night: Night, provider: BillingProvider, claim: Claim) -> _Billed | None:
    """The claim with its bill; one that lacks something, or cannot even be read, is set aside."""
    try:
        bill = bills.bill_of(claim)
        found = x12.problems(bills.provider_of(provider), bill)
    except Exception as error:
        _set_aside(night, claim, error)
        return None
    if found:
        _leave_out(night, claim, f"It was not written: {found[0].message}")
        return None
    return claim, bill


def _written(
    night: Night, provider: BillingProvider, pairs: list[_Billed], number: int
) -> tuple[list[_Billed], str]:
    """The file and the claims in it, as pyx12 takes it; without those that fail alone too."""
    if not pairs:
        return [], ""
    try:
        content = _text(night, provider, pairs, number)
        if not checked.complaints(content):
            return pairs, content
        trouble: Exception = ValueError("the check refuses the file, and none of its claims alone")
    except Exception as error:
        trouble = error
    sound = [pair for pair in pairs if _writes_alone(night, provider, pair, number)]
    if len(sound) == len(pairs):
        raise trouble
    return _written(night, provider, sound, number)


def _writes_alone(night: Night, provider: BillingProvider, pair: _Billed, number: int) -> bool:
    try:
        said = checked.complaints(_text(night, provider, [pair], number))
    except Exception as error:
        _set_aside(night, pair[0], error)
        return False
    if said:
        _leave_out(night, pair[0], f"It was not written: {said[0]}")
    return not said


def _text(night: Night, provider: BillingProvider, pairs: Sequence[_Billed], number: int) -> str:
    return x12.write(
        bills.provider_of(provider),
        [bill for _, bill in pairs],
        interchange_control=number,
        group_control=number,
        at=night.at.astimezone(night.company.zone),
        usage="T" if config.DEMO else "P",
    )


def _set_aside(night: Night, claim: Claim, error: Exception) -> None:
    """By its type alone: what an error says could name a patient (I8)."""
    log.warning("claim_not_written", run=night.run.pk, claim=claim.pk, error=type(error).__name__)
    why = f"It was not written: its data cannot be read ({type(error).__name__}). Open it and enter it anew."
    _leave_out(night, claim, why)


def _leave_out(night: Night, claim: Claim, why: str) -> None:
    """List the claim in the night's report, and on the claim once the file is through."""
    night.set_aside(claim.number, why)
    night.left_out[claim.pk] = why


def _next_number(night: Night) -> int:
    """The number the next file gets; the lease on the night keeps others from taking it."""
    last = ControlNumbers.objects.filter(company=night.company).values_list("interchange", flat=True).first()
    return (last or 0) + 1


def _numbers(night: Night) -> ControlNumbers:
    """The company's control numbers, locked until the file is committed."""
    ControlNumbers.objects.get_or_create(company=night.company)
    return ControlNumbers.objects.select_for_update().get(company=night.company)


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
    """Hand over every written file, oldest first; give the sentence of a refusal, which stops them all.

    Only what is refused at its very first attempt has certainly not left: its claims are freed. A file that
    was tried before may have arrived: it goes again where that makes no second copy, and is unclear where it
    might (D-SUB-2, I2). So does one of which a person says that it never arrived.
    """
    way = rows.way_to_clearinghouse(night.company)
    for row in _to_hand_over(night):
        first, same_way = _about_to_try(night, row, way), row.reference == _mark_of(way)
        if not first and not (same_way and clearinghouse.knows_what_it_took(way)):
            record_handed(night, row, clearinghouse.Handed("ambiguous", "", MAY_HAVE_LEFT))
            continue
        handed = clearinghouse.hand_over(
            way,
            company_key=night.company.key,
            filename=row.filename,
            content=row.file.content.encode("ascii"),
            again=not first,
            anew=first and row.state == Submission.State.AMBIGUOUS,
        )
        health.note_handed(night.company.pk, rows.CLEARINGHOUSE, handed, at=night.at)
        if handed.state != "refused":
            record_handed(night, row, handed)
        elif first and row.state == Submission.State.WRITTEN:
            _refused(night, row, handed.detail)
            return f"The clearinghouse did not take the file: {handed.detail}"
        else:
            return _not_taken_again(night, row, handed.detail)
    return ""


def _to_hand_over(night: Night) -> Iterator[Submission]:
    """Files that are written or that a person lets go again, each as it stands when its turn comes."""
    again = Q(state=Submission.State.AMBIGUOUS, tried_at=None)
    waiting = Submission.objects.filter(Q(state=Submission.State.WRITTEN) | again, company=night.company)
    for key in list(waiting.order_by("pk").values_list("pk", flat=True)):
        if row := waiting.select_related("file").filter(pk=key).first():
            yield row


def _about_to_try(night: Night, row: Submission, way: clearinghouse.Way) -> bool:
    """Commit that this file may leave from now on, and which way; say whether it never could before.

    Of two workers one is told so. Until the file is answered, ``reference`` tells the way it was tried.
    """
    with night.writing("hand over"):
        untried = Submission.objects.filter(pk=row.pk, tried_at=None)
        return bool(untried.update(tried_at=night.at, reference=_mark_of(way)))


def _mark_of(way: clearinghouse.Way) -> str:
    """What tells one address from another without naming it."""
    return f"way {hashlib.sha256(way.url.strip().encode()).hexdigest()[:32]}"


def _not_taken_again(night: Night, row: Submission, detail: str) -> str:
    """Keep the claims in the file, which may have arrived at an earlier attempt."""
    with night.writing("submission not taken again"):
        Submission.objects.filter(pk=row.pk).update(detail=detail[:300])
    goes = (
        "a person lets it go again" if row.state == Submission.State.AMBIGUOUS else "it is handed over again"
    )
    return (
        f"The clearinghouse did not take {row.filename}, which may have reached it before: {detail} "
        f"Its claims stay in it until {goes}, the same file."
    )


def record_handed(night: Night, row: Submission, handed: clearinghouse.Handed) -> None:
    """Record what became of a file that left, with its claims, in one transaction (D-SUB-2).

    Only now are the claims Submitted; without an answer they wait as unclear. What came back about the file
    meanwhile proves more than a hand-over without an answer, and stays.
    """
    accepted = handed.state == "accepted"
    with night.writing("submit"):
        claim_ids = list(row.items.filter(open=True).values_list("claim_id", flat=True))
        moves.locked(claim_ids)
        moved = moves.apply(claim_ids, "submit" if accepted else "lose_sight", states.QUEUED, at=night.at)
        if accepted:
            moved += moves.apply(claim_ids, "submit", states.AMBIGUOUS, at=night.at)
        Submission.objects.filter(pk=row.pk).exclude(state=Submission.State.HANDED_OVER).update(
            state=Submission.State.HANDED_OVER if accepted else Submission.State.AMBIGUOUS,
            handed_over_at=night.at,
            reference=handed.reference[:120],
            detail=handed.detail[:300],
        )
        if accepted:
            Run.objects.filter(pk=night.run.pk).update(submitted=F("submitted") + moved)


def tell_unclear(night: Night) -> None:
    """List the files this night lost sight of, also those of its workers that died: they wait."""
    unclear = Submission.objects.filter(company=night.company, state=Submission.State.AMBIGUOUS)
    since = unclear.filter(handed_over_at__gte=night.run.started_at or night.at).order_by("pk")
    for name in since.values_list("filename", flat=True):
        why = "It is not known whether the file arrived. It waits for its acknowledgement or a person."
        night.set_aside(name, why)


def _refused(night: Night, row: Submission, detail: str) -> None:
    """Certainly nothing left, now or before: the claims are free for the next file."""
    with night.writing("submission refused"):
        row.items.update(open=False)
        Submission.objects.filter(pk=row.pk).update(
            state=Submission.State.REFUSED, detail=detail[:300], reference=""
        )
