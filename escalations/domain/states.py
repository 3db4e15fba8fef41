"""The life of an escalation ticket: every status and every step, in one table. Pure.

Statuses: ``draft open started waiting resolved merged cancelled``. An agent works on any ticket, and
resolves or cancels those they filed or were given; a supervisor does all of it.
"""

from __future__ import annotations

from accounts.roles import Can
from accounts.steps import Step, Table

FIRST = "open"
"""What a ticket is when it has been filed."""

STATUSES = ("draft", "open", "started", "waiting", "resolved", "merged", "cancelled")
RUNNING = ("open", "started", "waiting")
"""Filed and not over: somebody still owes the patient an answer."""
OVER = ("resolved", "merged", "cancelled")

_WORK, _DIRECT = Can.WORK_TICKETS, Can.DIRECT_TICKETS

TICKET: Table = (
    Step("file", ("draft",), "open", _WORK, "File"),
    Step("take", RUNNING, None, _WORK, "Take"),
    Step("start", ("open",), "started", _WORK, "Start"),
    Step("wait", ("open", "started"), "waiting", _WORK, "Wait"),
    Step("resume", ("waiting",), "started", _WORK, "Resume"),
    Step("resolve", RUNNING, "resolved", _DIRECT, "Resolve", own=_WORK),
    Step("reopen", ("resolved",), "open", _DIRECT, "Reopen"),
    Step("assign", RUNNING, None, _DIRECT, "Assign"),
    Step("cancel", ("draft", *RUNNING), "cancelled", _DIRECT, "Cancel", own=_WORK),
    Step("merge", RUNNING, "merged", _DIRECT, "Merge"),
    Step("retype", RUNNING, None, _DIRECT, "Change type"),
    Step("dismiss", (*RUNNING, *OVER), None, _WORK, "Set the word aside"),
    Step("acknowledge", RUNNING, None, _WORK, "I see to it"),
    Step("explain", (*RUNNING, *OVER), None, _WORK, "Say why it was late"),
    Step("decline", RUNNING, None, _WORK, "Set the proposal aside"),
    Step("contact", RUNNING, None, _WORK, "Called again"),
    Step("call", RUNNING, None, _WORK, "Log a call"),
    Step("comment", STATUSES, None, _WORK, "Add note"),
)
