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


def body_of(event_type: str, at: datetime, data: Mapping[str, Any]) -> str:
    """What is sent, the same letters at every attempt: type, moment and ids, never anything of a patient."""
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    whole = {"type": event_type, "timestamp": moment, "data": dict(data)}
    return json.dumps(whole, separators=(",", ":"), sort_keys=True)
