"""Whether a payment of an 835 may be posted, and what a biller types of one (D-SUB-4). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from deductibles.domain import intake, states
from deductibles.x12.remittance import DENIED, NOT_OURS, PREDETERMINED, REVERSAL
from patients.domain import intake as words
from patients.domain.intake import Reader, Wrong

UNKNOWN = "Nothing that was sent from here has this number."
UNBALANCED = "Its figures do not add up: charge less adjustments is not what was paid."
WAITS = "The claim is not recorded as handed over yet; it is posted as soon as it is."
EARLIER = "It is about an earlier sending of the claim."
PAID_ALREADY = "The claim is paid already. This one is kept beside it."

OTHER_CHARGE = "It charges another amount than the claim does: perhaps it is about somebody else's."

_SAYS_OTHERWISE = {
    DENIED: "The payer denied it. Look at the reason, then post it by hand or enter the claim anew.",
    REVERSAL: "It takes an earlier payment back. Look at the claim, then decide.",
    NOT_OURS: "The payer says that the claim is not its own and went to another.",
    PREDETERMINED: "It only says what would be paid.",
}


def why_not(code: str, status: str, *, current: bool, in_file: bool) -> str:
    """Why a payment of CLP02 ``code`` is not posted to a claim of this status; "" when it is."""
    if code in _SAYS_OTHERWISE:
        return _SAYS_OTHERWISE[code]
    if not current:
        return EARLIER
    if status == states.QUEUED and in_file:
        return WAITS
    if status in (states.SUBMITTED, states.AMBIGUOUS, states.ACCEPTED):
        return ""
    if status == states.PAID:
        return PAID_ALREADY
    return f"The claim is “{states.STATUS_LABELS[status]}”. Look at it, then decide."


def needs_a_person(why: str, status: str) -> bool:
    """Whether what was not posted leaves a claim of this status with something to see to."""
    waits = status in (states.SUBMITTED, states.AMBIGUOUS, states.ACCEPTED)
    return bool(why) and waits and why not in (WAITS, EARLIER, _SAYS_OTHERWISE[PREDETERMINED])


def _known(label: str) -> Reader:
    """A reader of an amount that may be left out: what nobody knows is not zero."""
    read = intake.dollars(label)
    return lambda value: None if value in (None, "") else read(value)


def _paid_on(today: date) -> Reader:
    plain = words.day("Date of payment")

    def read(value: Any) -> date | None:
        if value in (None, ""):
            return None
        found: date = plain(value)
        if found > today:
            raise Wrong("future", "Date of payment is in the future. Check the date.")
        return found

    return read


def read_payment(data: Mapping[str, Any], *, today: date) -> tuple[dict[str, Any], dict[str, Wrong]]:
    """Read what a biller types of a payment: the clean values, and what is wrong by field."""
    readers: dict[str, Reader] = {
        "paid": intake.dollars("Paid"),
        "deductible": _known("Applied to the deductible"),
        "allowed": _known("Allowed"),
        "paid_on": _paid_on(today),
        "note": words.text("Note", 300),
    }
    clean, wrong = words.read_all(readers, dict(data))
    taken: Decimal | None = clean.get("deductible")
    allowed: Decimal | None = clean.get("allowed")
    if taken is not None and allowed is not None and taken > allowed:
        said = "More was applied to the deductible than was allowed. Check both amounts."
        wrong["deductible"] = Wrong("conflict", said)
    return clean, wrong
