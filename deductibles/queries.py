"""Reading claims, holds and audit; every function starts from what the user may see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pghistory.models
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Company, User
from accounts.steps import steps_for
from deductibles.domain import hold, states
from deductibles.models import Claim, Coverage, Hold, Snapshot, Submission, SubmissionItem
from work.models import Run

HOLD_ORDERINGS = {
    "release_on": ("release_on", "id"),
    "-release_on": ("-release_on", "-id"),
    "id": ("id",),
    "-id": ("-id",),
}
"""Orders of the Hold page that a cursor can follow."""

_QUEUED_REASONS = {
    "Deductible met": Q(kind="automatic", reason_code__in=sorted(hold.MET_CODES)),
    "Time elapsed": Q(kind="automatic", reason_code=hold.ELAPSED),
    "Manually queued": Q(kind="manual") | Q(reason_code=hold.BY_HAND),
}


def claims(user: User) -> QuerySet[Claim]:
    """Claims of the user's company, newest first, with their patient."""
    rows: QuerySet[Claim] = Claim.objects.visible_to(user).select_related("patient")
    return rows.order_by("-id")


def find_claims(user: User, *, q: str = "", status: str = "", patient: int | None = None) -> QuerySet[Claim]:
    """Claims by number or patient's name, status and patient."""
    rows = claims(user)
    if q.strip():
        rows = rows.filter(_claim_matches(q.strip(), ""))
    if status:
        rows = rows.filter(status=status)
    return rows.filter(patient_id=patient) if patient is not None else rows


def _claim_matches(text: str, prefix: str) -> Q:
    if any(letter.isdigit() for letter in text):
        number = text.upper() if text.upper().startswith("C-") else f"C-{text}"
        return Q(**{f"{prefix}number": number}) | Q(**{f"{prefix}coverages__member_id": text.upper()})
    found = Q()
    for word in text.split()[:4]:
        found &= Q(**{f"{prefix}patient__last_name__istartswith": word}) | Q(
            **{f"{prefix}patient__first_name__istartswith": word}
        )
    return found


def holds(user: User) -> QuerySet[Hold]:
    """Rows of the Hold for Deductible page: held, and released but not cleared (D-PAGE-1)."""
    in_file = SubmissionItem.objects.filter(claim=OuterRef("claim"), open=True)
    rows: QuerySet[Hold] = Hold.objects.visible_to(user).filter(cleared_at=None)
    rows = rows.filter(Q(active=True) | Q(queued_at__isnull=False)).annotate(in_file=Exists(in_file))
    return rows.select_related("claim__patient", "payer").order_by("release_on", "id")


def find_holds(user: User, filters: Mapping[str, Any]) -> QuerySet[Hold]:
    """Rows of the page by ``claim kind queued queueable clearable reason payer q release_before``."""
    rows = holds(user)
    plain = {"claim": "claim_id", "kind": "kind", "payer": "payer_id"}
    for name, column in plain.items():
        if filters.get(name) not in (None, ""):
            rows = rows.filter(**{column: filters[name]})
    if filters.get("release_before"):
        rows = rows.filter(release_on__lt=filters["release_before"])
    rows = _by_flags(rows, filters)
    if filters.get("reason"):
        rows = _by_reason(rows, filters["reason"])
    if (filters.get("q") or "").strip():
        # A separate selection of claims, so that two coverages do not show a line twice.
        found = Claim.objects.visible_to(user).filter(_claim_matches(filters["q"].strip(), ""))
        rows = rows.filter(claim__in=found.values("pk"))
    ordering = HOLD_ORDERINGS.get(filters.get("ordering") or "")
    return rows.order_by(*ordering) if ordering else rows


def _by_flags(rows: QuerySet[Hold], filters: Mapping[str, Any]) -> QuerySet[Hold]:
    conditions = {
        "queued": Q(queued_at__isnull=False),
        "queueable": Q(active=True, claim__status=states.HOLD),
        "clearable": _CLEARABLE,
    }
    for name, condition in conditions.items():
        wanted = filters.get(name)
        if wanted is not None:
            rows = rows.filter(condition) if wanted else rows.exclude(condition)
    return rows


_CLEARABLE = Q(active=False, queued_at__isnull=False) & ~Q(claim__status=states.HOLD) | Q(
    claim__status=states.PAID, remaining=0, snapshot__isnull=False
)


def _by_reason(rows: QuerySet[Hold], reason: str) -> QuerySet[Hold]:
    queued = rows.filter(queued_at__isnull=False)
    if reason in _QUEUED_REASONS:
        return queued.filter(_QUEUED_REASONS[reason])
    if reason == "Unknown":
        for known in _QUEUED_REASONS.values():
            queued = queued.exclude(known)
        return queued
    return rows.none()


def is_queueable(row: Hold) -> bool:
    """Whether the "Queue for submission" box stands on the line."""
    return row.active and row.claim.status == states.HOLD


def is_clearable(row: Hold) -> bool:
    """Whether the "Clear queue" box stands on the line (D-CLR-1, D-CLR-2)."""
    paid = row.claim.status == states.PAID and row.remaining == 0 and row.snapshot_id is not None
    return paid or not (row.active or row.claim.status == states.HOLD)


def _money(amount: Any) -> str | None:
    return None if amount is None else f"{amount:.2f}"


@dataclass(frozen=True)
class ClaimDetail:
    """Everything the Claim page shows, read in a fixed number of queries."""

    claim: Claim
    coverages: list[Coverage]
    charges: list[Any]
    holds: list[Hold]
    snapshots: list[Snapshot]
    submissions: list[Submission]
    acts: list[str]

    @property
    def hold(self) -> Hold | None:
        """The hold the claim is in now."""
        return next((row for row in self.holds if row.active), None)

    @property
    def newest(self) -> Snapshot | None:
        """The newest answer about the coverage in force."""
        primary = next((row for row in self.coverages if row.rank == "primary"), None)
        return next((row for row in self.snapshots if primary and row.coverage_id == primary.pk), None)


def claim_detail(user: User, number: str) -> ClaimDetail:
    """One claim by its number, or ``Claim.DoesNotExist``; another company's is not there."""
    claim = claims(user).select_related("patient", "provider", "company").get(number=number)
    ranks = {"primary": 0, "secondary": 1, "tertiary": 2}
    coverages = claim.coverages.filter(ended_at=None).select_related("payer")
    return ClaimDetail(
        claim=claim,
        coverages=sorted(coverages, key=lambda row: ranks[row.rank]),
        charges=list(claim.charges.all()),
        holds=list(claim.holds.select_related("payer", "settings").order_by("-pk")[:50]),
        snapshots=list(claim.snapshots.select_related("coverage__payer").order_by("-pk")[:100]),
        submissions=list(Submission.objects.filter(items__claim=claim).order_by("-pk")[:20]),
        acts=acts_for(claim, user),
    )


def acts_for(claim: Claim, user: User) -> list[str]:
    """The acts this person may take now, in the table's order; each once."""
    steps = steps_for(states.CLAIM, claim.status, user.role)
    return list(dict.fromkeys(step.act for step in steps))


_HIDDEN = frozenset({"pgh_id", "pgh_obj_id", "pgh_context_id", "pgh_created_at", "pgh_label", "company_id"})


def audit(claim: Claim) -> list[dict[str, Any]]:
    """Every event of a claim, newest first (D-CLM-3): ``{at, who, act, what, reason, run, changes, …}``.

    Changes carry old and new values; checks carry their amounts and flags. Limited to the newest 500.
    """
    found = [*_changes(claim), *_checks(claim)]
    return sorted(found, key=lambda event: event["at"], reverse=True)[:500]


def _changes(claim: Claim) -> Iterator[dict[str, Any]]:
    of_hold = claim.holds.values_list("pk", flat=True)
    of_coverage = claim.coverages.values_list("pk", flat=True)
    tracked = (
        (Claim, [claim.pk]),
        (Hold, list(of_hold)),
        (Coverage, list(of_coverage)),
    )
    for model, ids in tracked:
        events = pghistory.models.Events.objects.tracks(*model.objects.filter(pk__in=ids)) if ids else []
        for event in events:
            yield _change(event, model)


def _change(event: Any, model: Any) -> dict[str, Any]:
    context = event.pgh_context or {}
    label = {"insert": "added", "update": "changed", "delete": "removed"}
    kind = event.pgh_label.split("_")[0]
    return {
        "at": event.pgh_created_at,
        "who": context.get("who", ""),
        "act": context.get("act", ""),
        "reason": context.get("reason", ""),
        "run": context.get("run"),
        "what": f"{model._meta.verbose_name} {label.get(kind, kind)}",
        "changes": {
            name: {"from": values[0], "to": values[1]}
            for name, values in (event.pgh_diff or {}).items()
            if name not in _HIDDEN
        },
    }


def _checks(claim: Claim) -> Iterator[dict[str, Any]]:
    for row in claim.snapshots.order_by("-pk")[:200]:
        yield {
            "at": row.asked_at,
            "who": "Holdline" if row.source == Snapshot.Source.NIGHTLY else "",
            "act": "eligibility check",
            "reason": row.detail,
            "run": None,
            "what": f"answer: {row.get_source_display()}, {row.outcome}",
            "changes": {},
            "annual": _money(row.annual),
            "remaining": _money(row.remaining),
            "flags": list(row.flags),
        }


def submissions(user: User) -> QuerySet[Submission]:
    """Files of the user's company, newest first."""
    rows: QuerySet[Submission] = Submission.objects.visible_to(user)
    return rows.order_by("-id")


def runs(user: User) -> QuerySet[Run]:
    """Nightly runs of the user's company, newest first."""
    rows: QuerySet[Run] = Run.objects.visible_to(user)
    return rows.order_by("-id")


def unread_nights(company: Company, newest: date) -> bool:
    """Whether the newest night's check did not finish: the page's banner."""
    done = Run.objects.filter(company=company, kind=Run.Kind.CHECK, state=Run.State.DONE)
    return not done.filter(target_date__gte=newest).exists()
