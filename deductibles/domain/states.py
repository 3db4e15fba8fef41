"""The life of a claim: one table, read by buttons, refusals, the database and the diagram. Pure."""

from __future__ import annotations

from accounts.roles import Can
from accounts.steps import Step, Table

DRAFT, HOLD, QUEUED = "draft", "hold", "queued"
SUBMITTED, AMBIGUOUS = "submitted", "ambiguous"
ACCEPTED, REJECTED, PAID, VOID = "accepted", "rejected", "paid", "void"

FIRST = DRAFT

STATUS_LABELS: dict[str, str] = {
    DRAFT: "Draft",
    HOLD: "Suspended - Hold for Deductible",
    QUEUED: "Queue for submission",
    SUBMITTED: "Submitted",
    AMBIGUOUS: "Hand-over unclear",
    ACCEPTED: "Accepted",
    REJECTED: "Rejected",
    PAID: "Paid",
    VOID: "Void",
}

_WORK = Can.WORK_CLAIMS

CLAIM: Table = (
    Step("complete", (DRAFT,), QUEUED, _WORK, "Complete claim"),
    Step("suspend", (DRAFT, QUEUED), HOLD, None, "Hold for deductible"),
    Step("hold", (DRAFT, QUEUED), HOLD, _WORK, "Suspended - Hold for Deductible"),
    Step("queue", (HOLD,), QUEUED, _WORK, "Queue for submission"),
    Step("unqueue", (QUEUED,), HOLD, _WORK, "Take out of the queue"),
    Step("reopen", (QUEUED,), DRAFT, None, "Take out of the queue, back to draft"),
    Step("change_payer", (DRAFT, HOLD, QUEUED), None, _WORK, "Change payer"),
    Step("cover", (DRAFT, HOLD, QUEUED), None, _WORK, "Change a secondary or tertiary coverage"),
    Step("end_coverage", (DRAFT, HOLD, QUEUED), None, _WORK, "End a secondary or tertiary coverage"),
    Step("make_primary", (DRAFT, HOLD, QUEUED), None, _WORK, "Make another coverage the primary"),
    Step("pin", (DRAFT, HOLD, QUEUED), None, _WORK, "Pin a line of the 271"),
    Step("unpin", (DRAFT, HOLD, QUEUED), None, _WORK, "Take the pin off"),
    Step("release", (HOLD,), QUEUED, None, "Release"),
    Step("submit", (QUEUED, AMBIGUOUS), SUBMITTED, None, "Hand over"),
    Step("lose_sight", (QUEUED,), AMBIGUOUS, None, "Hand-over without an answer"),
    Step("accept", (SUBMITTED, AMBIGUOUS), ACCEPTED, None, "Accepted by the payer"),
    Step("reject", (SUBMITTED, AMBIGUOUS, ACCEPTED), REJECTED, None, "Rejected"),
    Step("correct", (REJECTED,), DRAFT, _WORK, "Correct and send again"),
    Step("pay", (SUBMITTED, AMBIGUOUS, ACCEPTED), PAID, None, "Paid"),
    Step("post_payment", (HOLD, SUBMITTED, AMBIGUOUS, ACCEPTED), PAID, _WORK, "Post payment"),
    Step("void", (DRAFT, HOLD, QUEUED), VOID, _WORK, "Void"),
)
"""Acts by people carry a capability; ``None`` is Holdline itself (runs, and what a person's act leads to).

``complete`` leads to the queue, and on to ``suspend`` in the same transaction when the decision is to
hold. ``unqueue`` goes back to the hold the claim came from; a claim that came from none ``reopen``s.
"""

SETTLED = frozenset({SUBMITTED, AMBIGUOUS, ACCEPTED, REJECTED, PAID, VOID})
"""Statuses in which the bill has left the biller's hands: payers and charges stand as they were sent."""

UNSENT = (DRAFT, HOLD, QUEUED, REJECTED)
"""Statuses in which a claim is still to be filed: its timely filing deadline runs."""
