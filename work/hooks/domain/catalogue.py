"""What other systems can be told of: every event, what has happened when it comes, and its body. Pure.

The database writes an event down in the transaction that made it true (migration ``0005_webhooks``),
whichever program or statement did; what stands here names the same events to people.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

TEST = "holdline.test"
"""What the test button sends. Nobody subscribes to it and nothing waits for it."""


@dataclass(frozen=True)
class Event:
    """One kind of event: its key in the body, the few words of its box, and when it comes."""

    key: str
    label: str
    comes: str


TICKETS = (
    Event("ticket.filed", "Filed", "A ticket was filed and has its due date."),
    Event(
        "ticket.changed",
        "Changed",
        "It was taken, assigned, started, waits, got another type, a note, a file or another due date.",
    ),
    Event("ticket.breached", "Ran late", "A ticket ran past its due moment, once for each due moment."),
    Event("ticket.resolved", "Resolved", "A ticket was answered."),
    Event("ticket.reopened", "Reopened", "A resolved ticket runs again."),
    Event("ticket.merged", "Merged", "A ticket ended because another one goes on for it."),
    Event("ticket.cancelled", "Cancelled", "A ticket ended without an answer."),
)
CLAIMS = (
    Event("claim.entered", "Entered", "A claim was entered as a draft."),
    Event("claim.held", "Held", "A claim is suspended until its deductible is met or its days are up."),
    Event("claim.released", "Released", "A held claim went into the queue for submission."),
    Event("claim.queued", "Queued", "A claim went into the queue without having been held."),
    Event("claim.returned", "Back to draft", "A claim left the queue, or is corrected after a rejection."),
    Event("claim.submitted", "Submitted", "A claim was handed over in a file."),
    Event("claim.unclear", "Unclear", "A claim was handed over and nobody answered whether it arrived."),
    Event("claim.accepted", "Accepted", "An acknowledgement says that a claim was accepted."),
    Event("claim.rejected", "Rejected", "An acknowledgement says that a claim was rejected."),
    Event("claim.paid", "Paid", "A payment for a claim was posted."),
    Event("claim.voided", "Voided", "A claim will never be sent."),
)
GROUPS = (("Tickets", TICKETS), ("Claims", CLAIMS))
EVENTS = {event.key: event for _, events in GROUPS for event in events}
_SAMPLED_AT = datetime(2026, 5, 20, 20, 0, tzinfo=UTC)
_OF_TICKETS = {
    "ticket.filed": ("file", "open"),
    "ticket.changed": ("start", "started"),
    "ticket.breached": ("breach", "started"),
    "ticket.resolved": ("resolve", "resolved"),
    "ticket.reopened": ("reopen", "open"),
    "ticket.merged": ("merge", "merged"),
    "ticket.cancelled": ("cancel", "cancelled"),
}
"""What was done, and the status it led to."""
_OF_CLAIMS = {
    "claim.entered": (None, "draft"),
    "claim.held": ("draft", "hold"),
    "claim.released": ("hold", "queued"),
    "claim.queued": ("draft", "queued"),
    "claim.returned": ("rejected", "draft"),
    "claim.submitted": ("queued", "submitted"),
    "claim.unclear": ("queued", "ambiguous"),
    "claim.accepted": ("submitted", "accepted"),
    "claim.rejected": ("submitted", "rejected"),
    "claim.paid": ("accepted", "paid"),
    "claim.voided": ("draft", "void"),
}
"""The status before and after."""


def body_of(event_type: str, at: datetime, data: Mapping[str, Any]) -> str:
    """What is sent, the same letters at every attempt: type, moment and ids, never anything of a patient."""
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    whole = {"type": event_type, "timestamp": moment, "data": dict(data)}
    return json.dumps(whole, separators=(",", ":"), sort_keys=True)


def sample_of(event_type: str) -> dict[str, Any]:
    """The body of one event as a receiver gets it, about an invented ticket or claim."""
    return dict(json.loads(body_of(event_type, _SAMPLED_AT, _sample_data(event_type))))


def _sample_data(event_type: str) -> dict[str, Any]:
    if event_type == TEST:
        return {"endpoint": "1"}
    if event_type in _OF_TICKETS:
        act, status = _OF_TICKETS[event_type]
        known = {"id": "1017", "number": "E-1017", "type": "refund", "urgency": "normal", "cycle": 1}
        return {**known, "act": act, "status": status, "version": 3, "due_at": "2026-05-22T23:00:00Z"}
    before, after = _OF_CLAIMS[event_type]
    known = {"id": "1092", "number": "C-1092", "sequence": 1}
    return {**known, "status_before": before, "status": after, "version": 4}
