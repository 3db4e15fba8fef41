"""How a hold begins, is answered and ends; the acts that people and nights share. Inside transactions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from accounts.models import User
from deductibles.domain import cadence, filing, hold
from deductibles.domain.evidence import Evidence
from deductibles.models import Claim, Coverage, DeductibleSettings, Hold, Snapshot, settings_in_force
from patients.models import Payer
from work import outbox

MONITOR, UNMONITOR = "deductibles.monitor", "deductibles.unmonitor"


@dataclass(frozen=True)
class Past:
    """The holds a claim had, as far as a decision rests on them; ``released``: one of them was."""

    first_held_on: date | None
    released: bool


def past_of(claim: Claim) -> Past:
    """The past of one claim; a selection of many reads it beside its rows."""
    held = list(claim.holds.order_by("anchor_on").values_list("anchor_on", "queued_at"))
    return Past(held[0][0] if held else None, any(queued_at for _, queued_at in held))


def facts_of(
    claim: Claim, payer: Payer | None, snapshot: Snapshot | None, today: date, past: Past
) -> hold.Facts:
    """Everything the decision rests on."""
    limit = payer.filing_limit_days if payer else None
    return hold.Facts(
        today=today,
        usable=bool(snapshot and snapshot.usable),
        may_hold=bool(snapshot and snapshot.may_hold),
        annual=snapshot.annual if snapshot else None,
        remaining=snapshot.remaining if snapshot else None,
        payer_name=payer.name if payer else "no payer",
        never_hold=bool(payer and payer.is_never_held),
        deadline_on=filing.deadline(claim.date_of_service, limit),
        first_held_on=past.first_held_on,
        released_before=past.released,
        flags=tuple(snapshot.flags) if snapshot else (),
    )


def first_held_on(claim: Claim) -> date | None:
    """The date of the claim's first hold, to which its grid is anchored (D-CHK-3, D-HOLD-5)."""
    return claim.holds.order_by("anchor_on").values_list("anchor_on", flat=True).first()


def decision_for(claim: Claim, payer: Payer | None, snapshot: Snapshot | None, today: date) -> hold.Decision:
    """Decide this claim under the settings in force and its payer's own numbers."""
    rules = hold.rules_for(settings_in_force(claim.company_id), payer)
    return hold.decide(facts_of(claim, payer, snapshot, today, past_of(claim)), rules)


def start(
    claim: Claim,
    coverage: Coverage,
    snapshot: Snapshot,
    decision: hold.Decision,
    *,
    today: date,
    at: datetime,
) -> Hold:
    """Write an automatic hold and register it with AR Boost (D-NEW-3)."""
    anchor = first_held_on(claim) or today
    row = Hold.objects.create(
        company_id=claim.company_id,
        claim=claim,
        coverage=coverage,
        payer=coverage.payer,
        kind=Hold.Kind.AUTOMATIC,
        started_on=today,
        anchor_on=anchor,
        release_on=decision.release_on,
        next_check_on=cadence.next_check_on(anchor, today),
        snapshot=snapshot,
        annual=snapshot.annual,
        remaining=snapshot.remaining,
        last_asked_at=snapshot.asked_at,
        last_answered_at=snapshot.asked_at,
        flags=snapshot.flags,
        settings=settings_in_force(claim.company_id),
        why=list(decision.why),
    )
    outbox.post(claim.company_id, MONITOR, {"hold": row.pk}, at=at)
    return row


def end(row: Hold, *, at: datetime) -> None:
    """End an entry without a release (payer changed, void): off the page, and no longer monitored."""
    stop(row, at=at)
    Hold.objects.filter(pk=row.pk).update(cleared_at=at)


def stop(row: Hold, *, at: datetime) -> None:
    """End an entry without a release and leave it on the page (payment posted): no longer monitored."""
    Hold.objects.filter(pk=row.pk).update(active=False, ended_at=row.ended_at or at)
    if row.active and row.kind == Hold.Kind.AUTOMATIC:
        outbox.post(row.company_id, UNMONITOR, {"hold": row.pk}, at=at)


def snapshot_row(
    found: Evidence,
    *,
    claim: Claim,
    coverage: Coverage,
    source: str,
    at: datetime,
    as_of: date,
    trace: str,
    by: User | None = None,
) -> Snapshot:
    """The row that keeps an answer as it was read; not saved yet. ``by``: nobody for a night."""
    kept: dict[str, Any] = {
        name: getattr(found, name)
        for name in ("outcome", "annual", "remaining", "usable", "may_release", "may_hold", "says_met")
    }
    return Snapshot(
        company_id=claim.company_id,
        claim=claim,
        coverage=coverage,
        source=source,
        asked_by=by.get_username() if by is not None else None,
        asked_at=at,
        as_of=as_of,
        trace=trace,
        detail=found.detail[:300],
        x12_271=found.text,
        reading=dict(found.reading),
        proven_until=found.proven_until,
        reason_code=found.reason_code[:60],
        flags=list(found.flags),
        **kept,
    )


def proven_met(threshold: Decimal, target: date) -> Q:
    """Active automatic holds whose stored answer proves them met (D-HOLD-6): this plan year, same trace.

    By its amounts, for which the payer's own threshold comes before the company's, or by AR Boost's
    reason code where no amounts came (D-CHK-8).
    """
    limit = Coalesce(F("payer__dollar_threshold"), threshold)
    by_amounts = Q(snapshot__may_release=True, remaining__lte=limit)
    return Q(by_amounts | Q(snapshot__says_met=True), active=True, kind=Hold.Kind.AUTOMATIC) & Q(
        snapshot__proven_until__gte=target
    )


def may_be_met(threshold: Decimal) -> tuple[Q, Q]:
    """Holds among which those of :func:`proven_met` are, each way found without reading every answer.

    By what remains, which the hold itself has; and from the few answers that say met without amounts.
    """
    held = Q(active=True, kind=Hold.Kind.AUTOMATIC)
    limit = Coalesce(F("payer__dollar_threshold"), threshold)
    said = Q(snapshot__says_met=True, snapshot__claim=F("claim"), snapshot__company=F("company"))
    return Q(held, remaining__lte=limit), Q(held & said)


def judge_stored(row: Hold, threshold: Decimal) -> hold.Verdict:
    """Judge a hold on the answer it keeps, without asking (D-HOLD-6); expects ``snapshot`` selected."""
    kept = row.snapshot
    answer = hold.Answered(
        may_release=bool(kept and kept.may_release),
        remaining=row.remaining,
        reason_code=kept.reason_code if kept and kept.says_met else "",
        amounts_came=not (kept and kept.says_met),
    )
    return hold.judge(answer, threshold, first_nightly=False)


def release_date_of(row: Hold, settings: DeductibleSettings) -> filing.ReleaseDate | None:
    """When these settings release a hold by time; switched off, it keeps its date (D-CONF-3, D-CONF-8).

    The filing guard holds either way: a limit that is learned late still comes before the date.
    """
    automatic = row.kind == Hold.Kind.AUTOMATIC
    own = row.payer.max_days if automatic and row.payer else None
    days = own or (settings.max_days if automatic else settings.manual_days)
    limit = row.payer.filing_limit_days if row.payer and not row.guard_waived else None
    deadline = filing.deadline(row.claim.date_of_service, limit)
    if not (settings.automatic if automatic else settings.manual) or days is None:
        return filing.kept_date(row.release_on, deadline, settings.guard_days) if row.release_on else None
    anchor = row.anchor_on if automatic else row.started_on
    return filing.release_date(anchor, days, deadline, settings.guard_days)
