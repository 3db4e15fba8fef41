"""Complete, run eligibility, file an answer, change payer: the acts that ask and decide.

AR Boost is asked before the transaction that decides, never inside it.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.audit import acting
from accounts.models import Company, User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from deductibles import bills, questions
from deductibles.actions import concerns, holding, meanwhile, moves, payer_troubles
from deductibles.actions.moves import NOT_THERE, Invalid
from deductibles.domain import evidence, intake, states
from deductibles.domain.evidence import Evidence
from deductibles.domain.hold import Decision
from deductibles.gateways import arboost
from deductibles.models import Claim, Coverage, Hold, Snapshot
from patients.domain.intake import Wrong
from patients.models import Payer

MOST_TEXT = 1_000_000
_NO_PRIMARY = "This claim has no primary coverage. Add the payer and member id, then run eligibility."


@dataclass(frozen=True)
class Outcome:
    """What an act led to: the claim as it is now, the answer, the decision, and the hold it is in."""

    claim: Claim
    snapshot: Snapshot | None
    decision: Decision | None
    hold: Hold | None = None


def ask(claim: Claim, *, by: User | None, at: datetime) -> Snapshot:
    """Ask AR Boost about the primary coverage now and keep the answer; an outage is kept as unavailable.

    Call it outside any transaction. Refused when there is no primary coverage (D-HOLD-4).
    """
    coverage = _primary(claim)
    row = _asked(claim, coverage, by, at)
    with transaction.atomic(), acting(by, "run eligibility"):
        row.save()
        payer_troubles.hear_one(row, at=at)
    return row


def complete(claim: Claim, *, by: User, at: datetime, asked: Snapshot | None = None) -> Outcome:
    """Finish a draft: hold it or queue it, once (D-HOLD-2, D-HOLD-3).

    Raises Invalid with everything the 837P would lack. An answer read for this coverage today is used;
    otherwise AR Boost is asked, unless ``asked`` hands its answer in.
    """
    moves.step_of(claim, "complete", by)
    _refuse_incomplete(claim)
    snapshot = asked or todays_answer(claim, at) or ask(claim, by=by, at=at)
    with transaction.atomic(), acting(by, "complete"):
        claim = moves.lock(claim)
        moves.step_of(claim, "complete", by)
        _refuse_incomplete(claim)
        return _settle(claim, _same_coverage(claim, snapshot), at=at, otherwise="complete")


def run_eligibility(claim: Claim, *, by: User, at: datetime, asked: Snapshot | None = None) -> Outcome:
    """Ask at once and show it (D-HOLD-6): a held claim takes the amounts and keeps its grid (D-CHK-3)."""
    _refuse_reader(by)
    snapshot = asked or ask(claim, by=by, at=at)
    with transaction.atomic(), acting(by, "run eligibility"):
        claim = moves.lock(claim)
        return take_in(claim, _same_coverage(claim, snapshot), at=at)


def file_answer(claim: Claim, x12_271: Any, *, by: User, at: datetime) -> Outcome:
    """File an answer obtained elsewhere, matched by member id, birth date and name (D-X12-2)."""
    _refuse_reader(by)
    text = _text_of(x12_271)
    coverage, company = _primary(claim), claim.company
    today = moves.local_date(company, at)
    found = evidence.of_text(text, questions.asked(None, claim, coverage, company, today))
    _refuse_strange(found)
    answered_on = found.reading.get("answered_on")
    found = evidence.aged(found, date.fromisoformat(answered_on) if answered_on else None, today)
    with transaction.atomic(), acting(by, "file answer"):
        claim = moves.lock(claim)
        row = holding.snapshot_row(
            found, claim=claim, coverage=coverage, source="filed", at=at, as_of=today, trace="", by=by
        )
        row.save()
        return take_in(claim, _same_coverage(claim, row), at=at)


def change_payer(claim: Claim, data: Mapping[str, Any], *, by: User, at: datetime) -> Outcome:
    """Give the claim another primary payer (D-HOLD-5): the old entry ends, the new payer is evaluated.

    Days still count from the first hold. A draft only takes the coverage: it is decided when completed.
    """
    moves.step_of(claim, "change_payer", by)
    coverage = new_coverage(claim, {**data, "rank": "primary"}, at)
    return replace_primary(claim, coverage, "change_payer", by=by, at=at)


def replace_primary(
    claim: Claim, coverage: Coverage, act: str, *, by: User, at: datetime, demoted_to: str = ""
) -> Outcome:
    """Put this coverage, not saved yet, in the place of the primary; the new payer is asked first.

    With ``demoted_to`` the two change places: the primary of before takes that rank.
    """
    row = None if claim.status == states.DRAFT else _asked(claim, coverage, by, at)
    with transaction.atomic(), acting(by, act.replace("_", " ")):
        seen, claim = claim, moves.lock(claim)
        moves.step_of(claim, act, by)
        meanwhile.refuse_changed(seen, claim)
        moves.refuse_in_file(claim)
        if row is None and claim.status != states.DRAFT:
            raise Refused("This claim was completed meanwhile. Read it again, then decide.", "stale")
        before = bills.primary_of(claim)
        _refuse_changed_place(claim, coverage, demoted_to)
        claim.coverages.filter(rank__in=["primary", demoted_to], ended_at=None).update(ended_at=at)
        coverage.save()
        if demoted_to and before is not None:
            same_as(before, demoted_to).save()
        Claim.objects.filter(pk=claim.pk).update(
            payer=coverage.payer, version=F("version") + 1, changed_at=at
        )
        concerns.forget([claim.pk])
        if row is None or claim.status == states.DRAFT:
            claim.refresh_from_db()
            return Outcome(claim, None, None)
        row.coverage = coverage
        row.save()
        return _change_hold(claim, coverage, row, at=at)


def todays_answer(claim: Claim, at: datetime) -> Snapshot | None:
    """The newest answer read for the coverage in force on the company's today (D-HOLD-2).

    An outage, a rejected question and a filed answer that is too old to act on are asked about again.
    """
    coverage = bills.primary_of(claim)
    today = moves.local_date(claim.company, at)
    rows = Snapshot.objects.filter(claim=claim, coverage=coverage, as_of=today, outcome="answered")
    return rows.exclude(flags__contains=[evidence.TOO_OLD]).order_by("-pk").first()


def _primary(claim: Claim) -> Coverage:
    coverage = bills.primary_of(claim)
    if coverage is None:
        raise Refused(_NO_PRIMARY)
    return coverage


def _refuse_reader(by: User) -> None:
    if not by.may(Can.WORK_CLAIMS):
        raise Refused(refusal(Can.WORK_CLAIMS), "role")


def _asked(claim: Claim, coverage: Coverage, by: User | None, at: datetime) -> Snapshot:
    company: Company = claim.company
    today = moves.local_date(company, at)
    trace = f"C{claim.pk}T{uuid.uuid4().hex[:12].upper()}"
    conn = questions.connection(company)
    if conn is None:
        found = Evidence("unavailable", settled=False, detail=questions.NOT_CONNECTED)
    else:
        asked = questions.question(claim.reference, trace, claim, coverage, today)
        answer = arboost.eligibility(conn, asked)
        found = evidence.weigh(answer, questions.asked(trace, claim, coverage, company, today))
    return holding.snapshot_row(
        found, claim=claim, coverage=coverage, source="arboost", at=at, as_of=today, trace=trace, by=by
    )


def _refuse_incomplete(claim: Claim) -> None:
    found = bills.problems_of(claim)
    if found:
        fields: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for problem in found:
            fields[problem.field].append((problem.code, problem.message))
        raise Invalid(fields)


def _same_coverage(claim: Claim, snapshot: Snapshot) -> Snapshot:
    """An answer about a coverage that was replaced, or pinned anew, while it was asked decides nothing."""
    coverage = bills.primary_of(claim)
    if coverage is None or snapshot.coverage_id != coverage.pk or snapshot.claim_id != claim.pk:
        raise Refused("The coverage changed while it was asked about. Run eligibility again.", "stale")
    if snapshot.coverage.pin != coverage.pin:
        raise Refused("Another line was pinned while it was asked about. Run eligibility again.", "stale")
    return snapshot


def _settle(claim: Claim, snapshot: Snapshot, *, at: datetime, otherwise: str | None) -> Outcome:
    """Decide, then hold the claim, or go on holding it under its new payer, or let it go the other way."""
    coverage = snapshot.coverage
    today = moves.local_date(claim.company, at)
    decision = holding.decision_for(claim, coverage.payer, snapshot, today)
    Claim.objects.filter(pk=claim.pk).update(deductible_unknown=decision.unknown)
    row = None
    if decision.hold:
        if claim.status != states.HOLD:
            moves.apply_one(claim, "suspend", None, at=at)
        row = holding.start(claim, coverage, snapshot, decision, today=today, at=at)
    elif otherwise:
        moves.apply_one(claim, otherwise, None, at=at)
    claim.refresh_from_db()
    concerns.of_answer(claim, snapshot, on=today, reason=decision.reason, unknown=decision.unknown)
    return Outcome(claim, snapshot, decision, row)


def take_in(claim: Claim, snapshot: Snapshot, *, at: datetime) -> Outcome:
    """What an answer that a person brought does, by where the claim is."""
    if claim.status == states.HOLD:
        return _refresh_hold(claim, snapshot, at=at)
    if claim.status == states.QUEUED and not getattr(claim, "in_file", False):
        return _settle(claim, snapshot, at=at, otherwise=None)
    today = moves.local_date(claim.company, at)
    decision = holding.decision_for(claim, snapshot.coverage.payer, snapshot, today)
    return Outcome(claim, snapshot, decision)


def _refresh_hold(claim: Claim, snapshot: Snapshot, *, at: datetime) -> Outcome:
    row = claim.holds.get(active=True)
    today = moves.local_date(claim.company, at)
    if evidence.TOO_OLD not in snapshot.flags:
        _show_on_hold(row, snapshot, at)
        concerns.of_answer(claim, snapshot, on=today)
    decision = holding.decision_for(claim, snapshot.coverage.payer, snapshot, today)
    return Outcome(claim, snapshot, decision, row)


def _show_on_hold(row: Hold, snapshot: Snapshot, at: datetime) -> None:
    """The hold takes what the answer proves; amounts that are not known leave those it has (D-X12-8).

    Reading a kept answer again, under another pin, is neither a question nor an answer; it takes the place
    of what was read before, also when less is known now: nothing may be released by a pin that is gone.
    """
    row.flags = snapshot.flags
    if snapshot.source == Snapshot.Source.PINNED:
        row.snapshot, row.annual, row.remaining = snapshot, snapshot.annual, snapshot.remaining
        row.save()
        return
    row.last_asked_at = at
    if snapshot.outcome != "unavailable":
        row.last_answered_at = at
    if evidence.counts(snapshot.outcome, snapshot.reading):
        # Also an answer that proves less than the one before: a coverage that ended releases nothing.
        row.snapshot = snapshot
    if snapshot.usable:
        row.annual, row.remaining = snapshot.annual, snapshot.remaining
    row.save()


def _change_hold(claim: Claim, coverage: Coverage, snapshot: Snapshot, *, at: datetime) -> Outcome:
    if claim.status == states.QUEUED:
        for ended in claim.holds.filter(cleared_at=None):
            holding.end(ended, at=at)
        return _settle(claim, snapshot, at=at, otherwise=None)
    row = claim.holds.get(active=True)
    if row.kind == Hold.Kind.MANUAL:
        Hold.objects.filter(pk=row.pk).update(coverage=coverage, payer=coverage.payer)
        claim.refresh_from_db()
        concerns.of_answer(claim, snapshot, on=moves.local_date(claim.company, at))
        return Outcome(claim, snapshot, None, row)
    holding.end(row, at=at)
    return _settle(claim, snapshot, at=at, otherwise="release")


def _refuse_changed_place(claim: Claim, coverage: Coverage, rank: str) -> None:
    """The coverage that was asked about must still be the one of that rank."""
    same = [
        row
        for row in bills.coverages_of(claim)
        if (row.rank, row.payer_id, row.member_id) == (rank, coverage.payer_id, coverage.member_id)
    ]
    if rank and not same:
        raise Refused(f"The {rank} coverage changed meanwhile. Read the claim again, then decide.", "stale")


def same_as(row: Coverage, rank: str) -> Coverage:
    """The same insurance under another rank, as a row of its own; not saved, and without a pin."""
    names = ("company_id", "claim_id", "payer_id", "member_id", "group_number", "relationship", "subscriber")
    return Coverage(rank=rank, **{name: getattr(row, name) for name in names})


def new_coverage(claim: Claim, data: Mapping[str, Any], at: datetime) -> Coverage:
    """The coverage a person typed, of the rank given; not saved. Raises Invalid with all that is wrong."""
    wrong: dict[str, Wrong] = {}
    given = {name: value for name, value in data.items() if name != "act"}
    clean = intake.read_coverage("coverage", given, wrong, today=moves.local_date(claim.company, at)) or {}
    if "payer" in clean:
        clean["payer"] = Payer.objects.filter(company=claim.company, pk=clean["payer"]).first()
        if clean["payer"] is None:
            wrong["coverage.payer"] = Wrong(NOT_THERE, "There is no such payer here. Choose one of the list.")
    if not clean.get("member_id") and "coverage.member_id" not in wrong:
        wrong["coverage.member_id"] = Wrong("required", "Member id is missing. Type it.")
    if wrong:
        raise Invalid.of({name.removeprefix("coverage."): problem for name, problem in wrong.items()})
    return Coverage(company=claim.company, claim=claim, **clean)


def _text_of(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Invalid({"x12_271": [("required", "Paste the text of a 271 answer, from ISA to IEA.")]})
    if len(value) > MOST_TEXT:
        raise Invalid({"x12_271": [("too_long", "This is longer than a million characters.")]})
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Invalid({"x12_271": [("characters", "This holds characters no 271 has. Copy it again.")]})
    return value


def _refuse_strange(found: Evidence) -> None:
    """An answer about another patient, or about nobody, is refused and not stored (D-X12-2).

    An unreadable file is no answer at all.
    """
    if evidence.ENVELOPE_INVALID in found.flags or "not_eligibility" in found.flags:
        detail = found.detail or "This is not a whole 271 answer."
        raise Invalid({"x12_271": [("unreadable", detail)]})
    if found.outcome == "unavailable" or not found.identity_matches:
        raise Refused(
            "This answer is not about this patient: member id, birth date and name must be the claim's. "
            "It was not stored."
        )
