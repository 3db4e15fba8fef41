"""What the buttons of the Claim page do: the action behind each act, and what is said after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from accounts.models import User
from accounts.steps import Refused, find_step
from deductibles.actions import claims, cob, deciding, finding, holds, meanwhile, moves, pinning, posting
from deductibles.actions.deciding import Outcome
from deductibles.actions.moves import Invalid
from deductibles.domain import days
from deductibles.domain.money import dollars
from deductibles.domain.states import CLAIM
from deductibles.forms.claim import ADDRESS, COVERAGE, SUBSCRIBER
from deductibles.models import Claim

Typed = Mapping[str, str]
Act = Callable[[Claim, Typed, User, datetime], str]

CONFIRMED = {"hold": "Hold it all the same", "void": "Yes, void it"}
"""Acts that a refusal turns into a question: a manual hold inside the filing guard, and what is for ever."""


def take_step(claim: Claim, act: str, typed: Typed, *, by: User, at: datetime) -> str:
    """Do one act and say what came of it. Raises Refused or Invalid.

    A page that shows another version of the claim than the one in force decides nothing.
    """
    meanwhile.refuse_stale(claim, typed.get("version"))
    if act not in ACTS:
        find_step(CLAIM, act, claim.status, by.role, thing="claim")
        raise Refused("This is done on another page.", "unknown")
    return ACTS[act](claim, typed, by, at)


def _complete(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    return _said(deciding.complete(claim, by=by, at=at))


def _eligibility(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    return _said(deciding.run_eligibility(claim, by=by, at=at))


def _file(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    return _said(deciding.file_answer(claim, typed.get("x12_271", ""), by=by, at=at))


def _coverage(typed: Typed) -> dict[str, Any]:
    data: dict[str, Any] = {name: typed.get(name, "") for name in COVERAGE}
    subscriber = {name: typed.get(f"subscriber-{name}", "") for name in (*SUBSCRIBER, *ADDRESS)}
    if any(subscriber.values()):
        data["subscriber"] = subscriber
    return data


def _change_payer(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    return _said(deciding.change_payer(claim, _coverage(typed), by=by, at=at))


def _cover(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    row = cob.cover(claim, {**_coverage(typed), "rank": typed.get("rank", "")}, by=by, at=at)
    return f"{row.payer.name} is the {row.rank} coverage of claim {claim.number}."


def _end_coverage(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    rank = typed.get("rank", "")
    cob.end_coverage(claim, rank, by=by, at=at)
    return f"The {rank} coverage of claim {claim.number} has ended."


def _make_primary(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    return _said(cob.make_primary(claim, typed.get("rank", ""), by=by, at=at))


def _find_insurance(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    row = finding.find_for_claim(claim, by=by, at=at)
    if row.outcome != "answered":
        return f"Insurance Finder gave no answer: {row.detail} Type the coverage by hand."
    count = len(row.candidates)
    if not count:
        return "Insurance Finder knows no coverage of this patient."
    return f"Insurance Finder found {count} coverage{'' if count == 1 else 's'}."


def _pin(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    reason = typed.get("reason", "")
    if not reason.strip():
        raise Invalid({"reason": [("required", "Say why this line is the right one: the audit keeps it.")]})
    line, answer = typed.get("line", ""), typed.get("answer", "")
    outcome = pinning.pin(claim, line, answer=answer, reason=reason, by=by, at=at)
    return f"Line {line} is pinned and is followed from now on. {_said(outcome)}"


def _unpin(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    return f"The pin is off: the rules choose again. {_said(pinning.unpin(claim, by=by, at=at))}"


def _hold(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    row = holds.hold_by_hand(claim, by=by, at=at, confirmed=typed.get("confirmed") == "yes")
    if row.release_on is None:
        return f"Claim {claim.number} is held by hand until somebody queues it."
    return f"Claim {claim.number} is held by hand until {_spoken(row.release_on, row.started_on)}."


def _spoken(on: date, today: date) -> str:
    return days.spoken(on, today.year)


def _queue(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    holds.queue(claim, by=by, at=at)
    return f"Claim {claim.number} is queued. It goes out with tonight’s submission."


def _unqueue(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    changed = holds.unqueue(claim, by=by, at=at)
    return f"Claim {claim.number} is “{changed.status_label}” again."


def _void(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    moves.step_of(claim, "void", by)
    if typed.get("confirmed") != "yes":
        asks = Refused(f"Void claim {claim.number}? It is never sent, and this cannot be taken back.")
        asks.facts["confirm"] = True
        raise asks
    claims.void(claim, by=by, at=at)
    return f"Claim {claim.number} is void."


def _correct(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    posting.correct(claim, by=by, at=at)
    return f"Claim {claim.number} is a draft again. Put it right, then complete it: it is sent once more."


def _post_payment(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    given = {name: typed.get(name, "") for name in posting.FIELDS}
    row = posting.post_by_hand(claim, given, by=by, at=at)
    return f"{dollars(row.paid)} is posted; claim {claim.number} is closed."


ACTS: dict[str, Act] = {
    "correct": _correct,
    "post_payment": _post_payment,
    "complete": _complete,
    "eligibility": _eligibility,
    "file_answer": _file,
    "change_payer": _change_payer,
    "hold": _hold,
    "queue": _queue,
    "unqueue": _unqueue,
    "void": _void,
    "cover": _cover,
    "end_coverage": _end_coverage,
    "make_primary": _make_primary,
    "find_insurance": _find_insurance,
    "pin": _pin,
    "unpin": _unpin,
}


def lands_on(act: str, tab: str, typed: Typed) -> str:
    """The tab, and the form on it, that show what an act did; "" is the page as it opens by itself."""
    if act == "find_insurance":
        return urlencode({"tab": "cob", "edit": typed.get("rank") or "primary"}) + "#edit"
    if act in ("pin", "unpin"):
        return "tab=cob#lines"
    return urlencode({"tab": "cob"}) if tab == "cob" else ""


def _said(outcome: Outcome) -> str:
    claim, row, answer = outcome.claim, outcome.hold, outcome.snapshot
    remaining = (
        "" if answer is None or answer.remaining is None else f" {dollars(answer.remaining)} remaining."
    )
    if row is not None and row.release_on is not None and claim.status == "hold":
        until = _spoken(row.release_on, moves.local_date(claim.company, claim.changed_at))
        return f"Claim {claim.number} is held until {until}, or sooner if the deductible is met.{remaining}"
    if answer is not None and answer.outcome == "unavailable":
        return f"AR Boost gave no answer. {answer.detail}".strip()
    why = " ".join(outcome.decision.why) if outcome.decision else ""
    return f"Claim {claim.number} is “{claim.status_label}”.{remaining} {why}".strip()
