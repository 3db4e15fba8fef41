"""The indexes that the list of tickets filters, orders and counts by, in SQL.

The three partial ones hold the running tickets as their standings are told apart, so that a count reads the
index alone. Few tickets are anything but resolved: the index of the other statuses stays small. A ticket
that is not resolved stands before all that are, when the list is ordered by that.
"""

RUNNING = "status IN ('open', 'started', 'waiting')"
INDEXES = {
    "ticket_on_its_way": (
        "(company_id, due_at, warn_at, expected_from, id) "
        f"WHERE {RUNNING} AND paused_at IS NULL AND NOT (unit = 'immediate')"
    ),
    "ticket_immediate": f"(company_id, late_from, taken_at, id) WHERE {RUNNING} AND unit = 'immediate'",
    "ticket_paused": (
        f"(company_id, late_from, paused_at, due_at, id) WHERE {RUNNING} "
        "AND paused_at IS NOT NULL AND NOT (unit = 'immediate')"
    ),
    "ticket_unassigned": f"(company_id, id) WHERE {RUNNING} AND assignee_id IS NULL",
    "ticket_running": f"(company_id, id) WHERE {RUNNING}",
    "ticket_by_rare_status": "(company_id, status, id) WHERE NOT (status = 'resolved')",
    "ticket_urgent": "(company_id, id) WHERE urgency = 'urgent'",
    "ticket_by_caller": "(company_id, caller, channel, id)",
    "ticket_by_type": "(company_id, type, id)",
    "ticket_by_resolved": (
        "(company_id, (coalesce(resolved_at, '1900-01-01 00:00:00+00'::timestamptz)), id)"
    ),
}

FORWARDS = [f"CREATE INDEX {name} ON escalations_ticket {how}" for name, how in INDEXES.items()]
BACKWARDS = [f"DROP INDEX {name}" for name in INDEXES]
