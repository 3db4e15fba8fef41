"""What a biller does to held claims: by hand, to one or to five thousand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.audit import acting
from accounts.models import Company, User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from deductibles import bills, nights
from deductibles.actions import holding, moves
from deductibles.actions.moves import Invalid
from deductibles.domain import cadence, filing, hold, states
from deductibles.models import Claim, Hold, HoldAct, Question, settings_in_force
from work import outbox

AT_MOST = 5000
CHANGED_MEANWHILE = "It changed meanwhile: it is “{}” now."


@dataclass(frozen=True)
class Skipped:
    """A line that could not be done: the hold's id, its claim's number, and why in words (D-PAGE-6)."""

    id: int
    claim: str
    why: str


@dataclass(frozen=True)
class Done:
    """How many were done, which were not, and the report of both."""

    done: int
    skipped: list[Skipped] = field(default_factory=list)
    act: HoldAct | None = None


def hold_by_hand(claim: Claim, *, by: User, at: datetime, confirmed: bool = False) -> Hold:
    """Put a claim on hold by hand (D-MAN-1…5); AR Boost is never asked about it.

    With the manual setting on it is queued after the manual days; off, it stays until a person moves it.
    Inside the filing guard it is refused unless ``confirmed``.
    """
    problems = [] if claim.status != states.DRAFT else bills.problems_of(claim)
    with transaction.atomic(), acting(by, "hold"):
        claim = moves.lock(claim)
        moves.step_of(claim, "hold", by)
        moves.refuse_in_file(claim)
        if problems:
            raise Invalid({item.field: [(item.code, item.message)] for item in problems})
        row = _manual_hold(claim, confirmed=confirmed, at=at)
        moves.apply_one(claim, "hold", by, at=at)
        claim.holds.filter(cleared_at=None).update(cleared_at=at)
        row.save()
    return row


def _manual_hold(claim: Claim, *, confirmed: bool, at: datetime) -> Hold:
    settings = settings_in_force(claim.company_id)
    coverage = bills.primary_of(claim)
    today = moves.local_date(claim.company, at)
    limit = coverage.payer.filing_limit_days if coverage else None
    deadline = filing.deadline(claim.date_of_service, limit)
    inside = filing.inside_guard(deadline, settings.guard_days, today)
    if inside and not confirmed:
        asks = Refused(
            f"Claim {claim.number} must be filed by {deadline:%-d %B %Y}, which is within "
            f"{settings.guard_days} days. Confirm to hold it all the same."
        )
        asks.facts["confirm"] = True
        raise asks
    release_on, why = None, ["Held by hand. The manual setting is off: it stays until a person queues it."]
    if settings.manual and settings.manual_days:
        guarded = None if inside else deadline
        when = filing.release_date(today, settings.manual_days, guarded, settings.guard_days)
        release_on, why = when.on, ["Held by hand.", when.sentence]
    return Hold(
        company_id=claim.company_id,
        claim=claim,
        coverage=coverage,
        payer=coverage.payer if coverage else None,
        kind=Hold.Kind.MANUAL,
        started_on=today,
        anchor_on=holding.first_held_on(claim) or today,
        release_on=release_on,
        guard_waived=inside,
        settings=settings if settings.pk else None,
        why=why,
    )


def queue(claim: Claim, *, by: User, at: datetime) -> Claim:
    """Queue one held claim for submission: the bulk act on one line."""
    return _one(claim, "queue", queue_holds, {"active": True}, by, at)


def unqueue(claim: Claim, *, by: User, at: datetime) -> Claim:
    """Take one claim out of the queue: back to the hold it came from, else to draft."""
    moves.step_of(claim, "unqueue", by)
    if _back_to_hold(claim):
        return _one(claim, "unqueue", unqueue_holds, {"reason_code": hold.BY_HAND}, by, at)
    with transaction.atomic(), acting(by, "unqueue"):
        claim = moves.lock(claim)
        moves.step_of(claim, "unqueue", by)
        moves.refuse_in_file(claim)
        claim.holds.filter(cleared_at=None).update(cleared_at=at)
        return moves.apply_one(claim, "reopen", None, at=at)


def _back_to_hold(claim: Claim) -> bool:
    entries = claim.holds.filter(reason_code=hold.BY_HAND, cleared_at=None, active=False)
    return entries.filter(coverage__ended_at=None).exists()


Bulk = Callable[..., Done]


def _one(claim: Claim, act: str, bulk: Bulk, wanted: dict[str, Any], by: User, at: datetime) -> Claim:
    moves.step_of(claim, act, by)
    row = claim.holds.filter(cleared_at=None, **wanted).order_by("-pk").first()
    if row is None:
        raise Refused(f"Claim {claim.number} has no entry on the Hold for Deductible page.")
    result = bulk(claim.company, [row.pk], by=by, at=at)
    if result.skipped:
        raise Refused(f"Claim {claim.number}: {result.skipped[0].why}")
    claim.refresh_from_db()
    return claim


def queue_holds(
    company: Company, hold_ids: Sequence[int], *, by: User, at: datetime, expected_count: int | None = None
) -> Done:
    """Queue held claims for submission, all in one transaction; a released claim is never re-held."""
    return _bulk(company, hold_ids, "queue", _why_not_queue, _queue_rows, by, at, expected_count)


def unqueue_holds(
    company: Company, hold_ids: Sequence[int], *, by: User, at: datetime, expected_count: int | None = None
) -> Done:
    """Undo what people queued, until the submission run has written them into a file."""
    return _bulk(company, hold_ids, "unqueue", _why_not_unqueue, _unqueue_rows, by, at, expected_count)


def clear_holds(
    company: Company, hold_ids: Sequence[int], *, by: User, at: datetime, expected_count: int | None = None
) -> Done:
    """Clear lines off the page and end their monitoring (D-CLR-1…4); claims and audit stay as they are."""
    return _bulk(company, hold_ids, "clear", _why_not_clear, _clear_rows, by, at, expected_count)


WhyNot = Callable[[Hold, Claim], str]
Act = Callable[[list[Hold], datetime], None]


def _bulk(
    company: Company,
    hold_ids: Sequence[int],
    act: str,
    why_not: WhyNot,
    do: Act,
    by: User,
    at: datetime,
    expected_count: int | None,
) -> Done:
    if not by.may(Can.WORK_CLAIMS):
        raise Refused(refusal(Can.WORK_CLAIMS), "role")
    ids = sorted(set(hold_ids))
    _refuse_count(len(ids), expected_count)
    with transaction.atomic(), acting(by, act):
        pairs = _locked_pairs(company, ids)
        refused = {row.pk: why_not(row, claim) for row, claim in pairs}
        chosen = [row for row, _ in pairs if not refused[row.pk]]
        if chosen:
            do(chosen, at)
        skipped = [Skipped(row.pk, claim.number, refused[row.pk]) for row, claim in pairs if refused[row.pk]]
        dollars = sum((claim.total for row, claim in pairs if not refused[row.pk]), Decimal(0))
        return Done(len(chosen), skipped, _report(company, act, chosen, skipped, dollars, by, at))


def _report(
    company: Company,
    act: str,
    done: list[Hold],
    skipped: list[Skipped],
    dollars: Decimal,
    by: User,
    at: datetime,
) -> HoldAct:
    """Write down what was done and what was not: the report a person reads, and what Undo takes back."""
    return HoldAct.objects.create(
        company=company,
        act=act,
        by=by,
        at=at,
        done=len(done),
        dollars=dollars,
        holds=[row.pk for row in done],
        skipped=[asdict(row) for row in skipped],
    )


def undo(act: HoldAct, *, by: User, at: datetime) -> Done:
    """Take back a queueing: its lines wait again, but those that a submission took meanwhile.

    Refused when it was taken back already, and for an act that is no queueing.
    """
    with transaction.atomic():
        act = HoldAct.objects.select_for_update(of=("self",)).select_related("company").get(pk=act.pk)
        if act.act != HoldAct.Act.QUEUE:
            raise Refused("Only a queueing is taken back; what was cleared stays on the Claim page.")
        if act.undone_at is not None:
            raise Refused("This was taken back already.", "stale")
        done = unqueue_holds(act.company, act.holds, by=by, at=at)
        HoldAct.objects.filter(pk=act.pk).update(undone_at=at)
    return done


def _refuse_count(count: int, expected: int | None) -> None:
    if count > AT_MOST:
        raise Refused(f"At most {AT_MOST} claims at one time; {count} were chosen. Nothing was changed.")
    if expected is not None and expected != count:
        raise Refused(
            f"{count} lines match now, not {expected}. Nothing was changed; look at the list again.", "stale"
        )


def _locked_pairs(company: Company, ids: list[int]) -> list[tuple[Hold, Claim]]:
    """Lock the claims, then read their holds; an id of another company is not there at all."""
    known = dict(Hold.objects.filter(company=company, pk__in=ids).values_list("pk", "claim_id"))
    if len(known) < len(ids):
        raise Hold.DoesNotExist("No such line.")
    claims = moves.locked(known.values(), only=("company", "number", "status", "total"))
    rows = Hold.objects.filter(pk__in=ids).select_related("coverage").only(*_DECIDES).order_by("pk")
    return [(row, claims[row.claim_id]) for row in rows]


_DECIDES = (
    *("company", "claim", "kind", "active", "queued_at", "cleared_at", "reason_code", "snapshot"),
    *("remaining", "anchor_on", "started_on", "coverage__ended_at"),
)
"""What of a hold decides whether something is done to it; of five thousand the rest is not read."""


def _why_not_queue(row: Hold, claim: Claim) -> str:
    if not row.active or claim.status != states.HOLD:
        return CHANGED_MEANWHILE.format(claim.status_label)
    return ""


def _queue_rows(rows: list[Hold], at: datetime) -> None:
    moves.apply([row.claim_id for row in rows], "queue", states.HOLD, at=at)
    why = ["Queued by a person."]
    Hold.objects.filter(pk__in=[row.pk for row in rows]).update(
        active=False, ended_at=at, queued_at=at, reason_code=hold.BY_HAND, release_why=why
    )
    _end_monitoring(rows, at)


def _why_not_unqueue(row: Hold, claim: Claim) -> str:
    if claim.status != states.QUEUED or row.queued_at is None or row.cleared_at is not None:
        return CHANGED_MEANWHILE.format(claim.status_label)
    if row.reason_code != hold.BY_HAND:
        return f"It was released by the nightly check ({row.reason}); a released claim is not held again."
    if row.coverage is not None and row.coverage.ended_at is not None:
        return "Its payer was changed meanwhile: this hold was about the old one."
    if getattr(claim, "in_file", False):
        return "It is in a file that is being handed over."
    return ""


def _unqueue_rows(rows: list[Hold], at: datetime) -> None:
    moves.apply([row.claim_id for row in rows], "unqueue", states.QUEUED, at=at)
    Hold.objects.filter(pk__in=[row.pk for row in rows]).update(
        active=True, ended_at=None, queued_at=None, reason_code="", release_why=[]
    )
    automatic = [row for row in rows if row.kind == Hold.Kind.AUTOMATIC]
    _ask_what_was_missed(automatic, at)
    _show_next_checks(automatic, at)
    _tell_vendor(holding.MONITOR, automatic, at)


def _ask_what_was_missed(rows: list[Hold], at: datetime) -> None:
    """A grid date that passed while a claim was queued is asked for tonight (D-CHK-5)."""
    today = moves.local_date(rows[0].company, at) if rows else None
    missed = {row: cadence.newest_missed(row.anchor_on, None, today) for row in rows if today}
    Question.objects.bulk_create(
        [
            Question(company_id=row.company_id, hold=row, for_date=day)
            for row, day in missed.items()
            if day and day > row.started_on
        ],
        ignore_conflicts=True,
    )
    Question.objects.filter(hold__in=rows, answered_at=None).update(open=True)


def _show_next_checks(rows: list[Hold], at: datetime) -> None:
    """The next night for what was missed, else the next date of the grid (D-CHK-3, D-CHK-5)."""
    if not rows:
        return
    tonight = nights.newest_night(rows[0].company, at + timedelta(days=1))
    today = moves.local_date(rows[0].company, at)
    missed = set(Question.objects.filter(hold__in=rows, open=True).values_list("hold", flat=True))
    by_date = defaultdict(list)
    for row in rows:
        when = tonight if row.pk in missed else cadence.next_check_on(row.anchor_on, today)
        by_date[when].append(row.pk)
    for when, ids in by_date.items():
        Hold.objects.filter(pk__in=ids).update(next_check_on=when)


def _why_not_clear(row: Hold, claim: Claim) -> str:
    if row.cleared_at is not None:
        return "It was cleared already."
    if claim.status == states.PAID and row.snapshot_id and row.remaining == 0:
        return ""
    if row.active or claim.status == states.HOLD:
        return "It is suspended and unpaid: queue it for submission, or wait until it is released."
    return ""


def _clear_rows(rows: list[Hold], at: datetime) -> None:
    ids = [row.pk for row in rows]
    Hold.objects.filter(pk__in=ids).update(cleared_at=at)
    Hold.objects.filter(pk__in=ids, active=True).update(active=False, ended_at=at)
    _end_monitoring([row for row in rows if row.active], at)


def _end_monitoring(rows: list[Hold], at: datetime) -> None:
    _tell_vendor(holding.UNMONITOR, [row for row in rows if row.kind == Hold.Kind.AUTOMATIC], at)


def _tell_vendor(kind: str, rows: list[Hold], at: datetime) -> None:
    if rows:
        outbox.post_of_each(rows[0].company_id, kind, "hold", [row.pk for row in rows], at=at)
