"""Reading claims, holds and audit; every function starts from what the user may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects

from accounts.models import User
from accounts.steps import steps_for
from deductibles import hold_search
from deductibles.domain import states
from deductibles.domain.money import dollars
from deductibles.models import (
    Claim,
    Coverage,
    DeductibleSettings,
    Hold,
    Snapshot,
    Submission,
    SubmissionItem,
)
from deductibles.models.holds import reason_word
from work.models import Run


def claims(user: User) -> QuerySet[Claim]:
    """Claims of the user's company, newest first, with their patient."""
    rows: QuerySet[Claim] = Claim.objects.visible_to(user).select_related("patient", "payer")
    return rows.order_by("-id")


def find_claims(user: User, *, q: str = "", status: str = "", patient: int | None = None) -> QuerySet[Claim]:
    """Claims by number or patient's name, status and patient."""
    rows = claims(user)
    if q.strip():
        rows = rows.filter(_claim_matches(q.strip()))
    if status:
        rows = rows.filter(status=status)
    return rows.filter(patient_id=patient) if patient is not None else rows


def drafts_of(rows: QuerySet[Claim], user: User) -> QuerySet[Claim]:
    """Of these claims the drafts that this person entered, as the history of the claim says."""
    model: Any = Claim
    entered = model.pgh_event_models["insert"].objects.filter(
        pgh_obj_id=OuterRef("pk"), pgh_label="insert", pgh_context__metadata__user=user.pk
    )
    return rows.filter(Exists(entered), status=states.DRAFT)


def _claim_matches(text: str) -> Q:
    """Claims by number or member id, else by names; each once, however many coverages match."""
    if any(letter.isdigit() for letter in text):
        number = text.upper() if text.upper().startswith("C-") else f"C-{text}"
        covered = Coverage.objects.filter(claim=OuterRef("pk"), member_id=text.upper())
        return Q(number=number) | Q(Exists(covered))
    found = Q()
    for word in text.split()[:4]:
        found &= Q(patient__last_name__istartswith=word) | Q(patient__first_name__istartswith=word)
    return found


def holds(user: User) -> QuerySet[Hold]:
    """Rows of the Hold for Deductible page: held, and released but not cleared (D-PAGE-1).

    One whose payment was posted while it was held stays as well, until a person clears it (D-CLR-1).
    """
    in_file = SubmissionItem.objects.filter(claim=OuterRef("claim"), open=True)
    rows: QuerySet[Hold] = Hold.objects.visible_to(user).filter(cleared_at=None)
    rows = rows.annotate(in_file=Exists(in_file))
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
        waits = filters.get("queued") is False or filters.get("queueable")
        rows = rows.none() if waits else _by_reason(rows, filters["reason"])
    if (filters.get("q") or "").strip():
        rows = rows.filter(hold_search.matching(user, filters["q"].strip()))
    return rows


def _by_flags(rows: QuerySet[Hold], filters: Mapping[str, Any]) -> QuerySet[Hold]:
    given = {name: bool(filters[name]) for name in _FLAGS if filters.get(name) is not None}
    held, over = given.get("queueable"), given.get("clearable")
    if held is not None and held == over or given.get("queued") and (held or over is False):
        return rows.none()  # no line is both, and to look for one would be to read them all
    for name, wanted in given.items():
        rows = rows.filter(_FLAGS[name][0 if wanted else 1])
    return rows


_FLAGS = {
    "queued": (Q(active=False, queued_at__isnull=False), Q(queued_at=None)),
    "queueable": (Q(active=True, queued_at=None), Q(active=False)),
    "clearable": (Q(active=False), Q(active=True, queued_at=None)),
}
"""What each flag asks of a line that is not cleared. A claim is suspended exactly while an entry holds it,
and what is queued is active no more: both are said, for an index knows one of them."""
_REASON_LETTERS = {"Deductible met": "m", "Time elapsed": "e", "Manually queued": "h", "Unknown": "u"}


def _by_reason(rows: QuerySet[Hold], reason: str) -> QuerySet[Hold]:
    if reason not in _REASON_LETTERS:
        return rows.none()
    queued = rows.filter(queued_at__isnull=False).annotate(reason_word=reason_word())
    return queued.filter(reason_word=_REASON_LETTERS[reason])


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
    holds: list[Hold]
    snapshots: list[Snapshot]
    submissions: list[Submission]
    acts: list[str]
    charge_lines: int

    @property
    def charges(self) -> list[Any]:
        """The lines of the bill, read when a tab or a draft's problems ask for them."""
        return list(self.claim.charges.all())

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
    rows = claims(user).select_related("patient", "provider", "company", "outcome")
    claim = rows.annotate(
        charge_lines=Count("charges", distinct=True), times_sent=Count("items", distinct=True)
    ).get(number=number)
    ranks = {"primary": 0, "secondary": 1, "tertiary": 2}
    # Read once, also for what a draft's 837P would lack.
    wanted = ["charges"] if claim.status == states.DRAFT else []
    prefetch_related_objects(
        [claim], Prefetch("coverages", Coverage.objects.select_related("payer")), *wanted
    )
    coverages = [row for row in claim.coverages.all() if row.ended_at is None]
    return ClaimDetail(
        claim=claim,
        coverages=sorted(coverages, key=lambda row: ranks[row.rank]),
        holds=list(claim.holds.select_related("payer", "settings").order_by("-pk")[:50]),
        snapshots=list(claim.snapshots.select_related("coverage__payer").order_by("-pk")[:100]),
        submissions=list(_files_of(claim)[:20]) if claim.times_sent else [],
        acts=acts_for(claim, user),
        charge_lines=claim.charge_lines,
    )


def acts_for(claim: Claim, user: User) -> list[str]:
    """The acts this person may take now, in the table's order; each once."""
    steps = steps_for(states.CLAIM, claim.status, user)
    return list(dict.fromkeys(step.act for step in steps))


_HIDDEN = frozenset({"id", "company_id", "claim_id", "version", "changed_at", "created_at"})
"""Columns that say nothing a person asks the audit for; a claim's and a hold's payer is its coverage's."""
_FIRST = ("status", "kind", "why", "annual", "remaining", "release_on", "next_check_on", "settings version")
"""What is told of a row when it is added; the rest stands on the page."""


def audit(claim: Claim, answers: Sequence[Snapshot] | None = None) -> list[dict[str, Any]]:
    """Every event of a claim, newest first (D-CLM-3): ``{at, who, act, what, reason, run, changes, …}``.

    Changes carry old and new values, holds the settings in force, checks their amounts and flags. A claim
    has some dozens of events; more than 5,000 are not told. ``answers``: the claim's newest answers, where
    the caller has read them already.
    """
    kept = list(claim.snapshots.defer("x12_271").order_by("-pk")[:500]) if answers is None else answers
    runs: dict[datetime, int] = {}
    found = [*_changes(claim, runs), *_checks(kept, runs)]
    # Reversed after sorting, not while: of one transaction's events the last comes first as well.
    return sorted(found, key=lambda event: event["at"])[::-1][:5000]


def _changes(claim: Claim, runs: dict[datetime, int]) -> Iterator[dict[str, Any]]:
    """The history of the claim, its holds and its coverages: one query for each kind of row.

    ``runs`` is filled with which run asked at which moment, as the holds it changed tell.
    """
    tracked: tuple[tuple[Any, str], ...] = ((Coverage, "claim_id"), (Claim, "pgh_obj_id"), (Hold, "claim_id"))
    for model, column in tracked:
        kept = model.pgh_event_models["insert"].objects.filter(**{column: claim.pk})
        joined = kept.select_related("pgh_context", *(["settings"] if model is Hold else []))
        events = list(joined.order_by("pgh_id"))
        for event in events if model is Hold else ():
            run = event.pgh_context.metadata.get("run") if event.pgh_context else None
            if run is not None and event.last_asked_at is not None:
                runs.setdefault(event.last_asked_at, run)
        yield from _steps(events, model)


def _steps(events: Iterable[Any], model: Any) -> Iterator[dict[str, Any]]:
    """Each event with what it changed since the one before it of the same row."""
    before: dict[int, dict[str, Any]] = {}
    for event in events:
        now = _values(event, model)
        was = before.get(event.pgh_obj_id)
        before[event.pgh_obj_id] = now
        yield _change(event, model, was, now)


def _values(event: Any, model: Any) -> dict[str, Any]:
    names = (field.attname for field in model._meta.concrete_fields)
    hidden = _HIDDEN if model is Coverage else _HIDDEN | {"payer_id"}
    values = {name: getattr(event, name) for name in names if name not in hidden}
    if model is Hold:
        settings = event.settings
        values["settings version"] = settings.version if settings else None
        values.pop("settings_id")
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _change(event: Any, model: Any, was: dict[str, Any] | None, now: dict[str, Any]) -> dict[str, Any]:
    context = event.pgh_context.metadata if event.pgh_context else {}
    label = {"insert": "added", "update": "changed", "delete": "removed"}
    kind = event.pgh_label.split("_")[0]
    first = (*_FIRST, *(("payer_id", "member_id", "pin") if model is Coverage else ()))
    told = now if was is not None else {name: now[name] for name in first if name in now}
    changed = {name: value for name, value in told.items() if was is None or value != was[name]}
    return {
        "at": event.pgh_created_at,
        "who": context.get("who", ""),
        "act": context.get("act", ""),
        "reason": context.get("reason", ""),
        "run": context.get("run"),
        "what": f"{model._meta.verbose_name} {label.get(kind, kind)}",
        "changes": {
            name: {"from": was[name] if was else None, "to": value} for name, value in changed.items()
        },
        "settings": _settings_words(event.settings) if "settings version" in changed else "",
    }


def _settings_words(row: DeductibleSettings | None) -> str:
    """The company's numbers of a settings version, beside whatever a payer has of its own (D-CLM-3)."""
    if row is None:
        return ""
    most = "no number of days" if row.max_days is None else f"at most {row.max_days} days"
    return (
        f"Settings version {row.version}: threshold {dollars(row.dollar_threshold)}, annual amount "
        f"{dollars(row.monitor_above)} or more, {most}, {row.guard_days} guard days."
    )


def _checks(answers: Sequence[Snapshot], runs: Mapping[datetime, int]) -> Iterator[dict[str, Any]]:
    """Every answer with who asked, or which run."""
    for row in answers:
        by_night = row.source == Snapshot.Source.NIGHTLY
        yield {
            "at": row.asked_at,
            "who": "Holdline" if by_night else row.asked_by or "a person",
            "act": "eligibility check",
            "reason": row.detail,
            "run": runs.get(row.asked_at) if by_night else None,
            "what": f"answer: {row.get_source_display()}, {row.outcome}",
            "changes": {},
            "annual": _money(row.annual),
            "remaining": _money(row.remaining),
            "flags": list(row.flags),
            "settings": "",
        }


def _files_of(claim: Claim) -> QuerySet[Submission]:
    """The files a claim was in, newest first, with what was answered about it there."""
    files = Submission.objects.filter(items__claim=claim)
    return files.annotate(claim_answer=F("items__answer")).order_by("-pk")


def submissions(user: User) -> QuerySet[Submission]:
    """Files of the user's company, newest first."""
    rows: QuerySet[Submission] = Submission.objects.visible_to(user)
    return rows.order_by("-id")


def runs(user: User) -> QuerySet[Run]:
    """Nightly runs of the user's company, newest first."""
    rows: QuerySet[Run] = Run.objects.visible_to(user)
    return rows.order_by("-id")
