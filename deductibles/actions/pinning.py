"""Pin the line of an answer that counts, and take the pin off again (D-CLM-4).

The newest answer is read again at once, so that the person sees what the pin does; every later answer about
this coverage, the nightly ones as well, is read by it until it is taken off or the payer changes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.audit import acting
from accounts.models import User
from accounts.steps import Refused
from deductibles import bills, questions
from deductibles.actions import deciding, holding, moves
from deductibles.actions.deciding import Outcome
from deductibles.actions.moves import Invalid
from deductibles.domain import evidence, pins
from deductibles.domain.evidence import Asked, Evidence
from deductibles.models import Claim, Coverage, Snapshot
from deductibles.x12 import eligibility
from deductibles.x12.eligibility import Line

NOTHING_TO_PIN = "There is no answer with lines to pin yet. Run eligibility first."
STALE = "A newer answer came meanwhile. Look at its lines, then pin one."
_NOT_PINNED = "No line is pinned on this claim: the rules choose."


def pin(claim: Claim, line: Any, *, by: User, at: datetime, answer: Any = None, reason: Any = "") -> Outcome:
    """Have this line of the newest answer followed from now on; ``line`` is its number in the 271.

    ``answer`` names the answer the person looked at; another newest one is refused as stale. Raises Invalid
    for what is not a line, Refused for a line nobody may act on, whatever is pinned (I7).
    """
    moves.step_of(claim, "pin", by)
    number, why = _number(line), _reason(reason)
    newest = answer_to_pin(claim)
    if newest is None:
        raise Refused(NOTHING_TO_PIN)
    if answer not in (None, "") and str(answer) != str(newest.pk):
        raise Refused(STALE, "stale")
    chosen = _line_of(newest, number)
    today = moves.local_date(claim.company, at)
    stored = pins.kept(chosen.marks, by=by.get_username(), on=today, reason=why)
    _refuse_useless(_read_again(newest, stored), chosen)
    return _set(claim, newest, stored, "pin", by=by, at=at)


def unpin(claim: Claim, *, by: User, at: datetime) -> Outcome:
    """Let the rules choose again, in the newest answer and in all that come."""
    moves.step_of(claim, "unpin", by)
    coverage = bills.primary_of(claim)
    if coverage is None or not coverage.pin:
        raise Refused(_NOT_PINNED)
    return _set(claim, answer_to_pin(claim), None, "unpin", by=by, at=at)


def answer_to_pin(claim: Claim) -> Snapshot | None:
    """The newest answer with lines about the coverage in force, or None."""
    rows = claim.snapshots.filter(coverage__rank="primary", coverage__ended_at=None, outcome="answered")
    found: Snapshot | None = (
        rows.exclude(x12_271="")
        .select_related("coverage__payer", "claim__company", "claim__patient")
        .order_by("-pk")
        .first()
    )
    return found


def _set(
    claim: Claim,
    newest: Snapshot | None,
    stored: dict[str, Any] | None,
    act: str,
    *,
    by: User,
    at: datetime,
) -> Outcome:
    """Keep the pin (or none) and what the newest answer says under it, in one transaction."""
    with transaction.atomic(), acting(by, act):
        claim = moves.lock(claim)
        moves.step_of(claim, act, by)
        moves.refuse_in_file(claim)
        current = answer_to_pin(claim)
        if (current.pk if current else None) != (newest.pk if newest else None):
            raise Refused(STALE, "stale")
        Coverage.objects.filter(claim=claim, rank="primary", ended_at=None).update(pin=stored)
        Claim.objects.filter(pk=claim.pk).update(version=F("version") + 1, changed_at=at)
        if newest is None:
            claim.refresh_from_db()
            return Outcome(claim, None, None)
        newest.coverage.refresh_from_db(fields=["pin"])
        row = holding.snapshot_row(
            _read_again(newest, stored),
            claim=claim,
            coverage=newest.coverage,
            source=Snapshot.Source.PINNED,
            at=at,
            as_of=newest.as_of,
            trace=newest.trace,
            by=by,
        )
        row.save()
        return deciding.take_in(claim, row, at=at)


def _read_again(kept: Snapshot, stored: dict[str, Any] | None) -> Evidence:
    return evidence.again(kept, replace(_asked(kept), pin=pins.pin_of(stored)))


def _asked(kept: Snapshot) -> Asked:
    return questions.asked(kept.trace or None, kept.claim, kept.coverage, kept.claim.company, kept.as_of)


def _line_of(kept: Snapshot, number: int) -> Line:
    asked = _asked(kept)
    reading = eligibility.read(
        kept.x12_271,
        trace=asked.trace,
        as_of=asked.as_of,
        ambulance=asked.ambulance,
        out_of_network=asked.out_of_network,
        identity=asked.identity,
        every_line=True,
    )
    line = next((one for one in reading.trail if one.number == number), None)
    if line is None:
        raise Invalid({"line": [("unknown", f"Line {number} is no deductible line of this answer.")]})
    if not line.pinnable:
        why = line.why.removeprefix("Not used: ")
        raise Refused(f"Line {number} cannot be followed: {why}")
    return line


def _refuse_useless(found: Evidence, line: Line) -> None:
    """A pin under which this very answer tells nothing would keep the claim waiting for nothing."""
    if not found.usable:
        raise Refused(
            f"With line {line.number} pinned the answer does not tell what remains of the deductible. "
            "Nothing was pinned; choose a line with the remaining amount, or with the amount already met."
        )


def _number(value: Any) -> int:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Invalid({"line": [("required", "Choose the line to pin by its number in the answer.")]})
    return int(text)


def _reason(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid({"reason": [("type", "The reason is a few words.")]})
    if not value.isprintable():
        raise Invalid({"reason": [("characters", "The reason must be on one line, of ordinary characters.")]})
    if len(value) > pins.LONGEST_REASON:
        sentence = f"The reason is longer than {pins.LONGEST_REASON} characters. Shorten it."
        raise Invalid({"reason": [("too_long", sentence)]})
    return " ".join(value.split())
