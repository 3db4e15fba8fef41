"""What the buttons of the Claim page do: the action behind each act, and what is said after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.steps import Refused, find_step
from deductibles.actions import claims, deciding, holds
from deductibles.actions.deciding import Outcome
from deductibles.domain.money import dollars
from deductibles.domain.states import CLAIM
from deductibles.models import Claim

Typed = Mapping[str, str]
Act = Callable[[Claim, Typed, User, datetime], str]

CONFIRMED = ("hold",)
"""Acts that a refusal turns into a question: inside the filing guard a manual hold asks once more."""
PAYER = ("payer", "member_id", "group_number", "relationship")


def take_step(claim: Claim, act: str, typed: Typed, *, by: User, at: datetime) -> str:
    """Do one act and say what came of it. Raises Refused or Invalid."""
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


def _change_payer(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    data: dict[str, Any] = {name: typed.get(name, "") for name in PAYER}
    subscriber = {
        name: typed.get(f"subscriber-{name}", "")
        for name in ("first_name", "last_name", "date_of_birth", "sex")
    }
    if any(subscriber.values()):
        data["subscriber"] = subscriber
    return _said(deciding.change_payer(claim, data, by=by, at=at))


def _hold(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    row = holds.hold_by_hand(claim, by=by, at=at, confirmed=typed.get("confirmed") == "yes")
    if row.release_on is None:
        return f"Claim {claim.number} is held by hand until somebody queues it."
    return f"Claim {claim.number} is held by hand until {row.release_on:%A %-d %B}."


def _queue(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    holds.queue(claim, by=by, at=at)
    return f"Claim {claim.number} is queued. It goes out with tonight’s submission."


def _unqueue(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    changed = holds.unqueue(claim, by=by, at=at)
    return f"Claim {claim.number} is “{changed.status_label}” again."


def _void(claim: Claim, typed: Typed, by: User, at: datetime) -> str:
    claims.void(claim, by=by, at=at)
    return f"Claim {claim.number} is void."


ACTS: dict[str, Act] = {
    "complete": _complete,
    "eligibility": _eligibility,
    "file_answer": _file,
    "change_payer": _change_payer,
    "hold": _hold,
    "queue": _queue,
    "unqueue": _unqueue,
    "void": _void,
}


def _said(outcome: Outcome) -> str:
    claim, row, answer = outcome.claim, outcome.hold, outcome.snapshot
    remaining = (
        "" if answer is None or answer.remaining is None else f" {dollars(answer.remaining)} remaining."
    )
    if row is not None and row.release_on is not None and claim.status == "hold":
        until = f"{row.release_on:%A %-d %B}"
        return f"Claim {claim.number} is held until {until}, or sooner if the deductible is met.{remaining}"
    if answer is not None and answer.outcome == "unavailable":
        return f"AR Boost gave no answer. {answer.detail}".strip()
    why = " ".join(outcome.decision.why) if outcome.decision else ""
    return f"Claim {claim.number} is “{claim.status_label}”.{remaining} {why}".strip()
