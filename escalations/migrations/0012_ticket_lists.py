"""The words of tickets that are there already; the indexes that the list filters, orders and counts by.

Both while others go on working: a ticket that is filed meanwhile has its words by then.

The three partial ones hold the running tickets as their standings are told apart, so that a count reads the
index alone. Few tickets are anything but resolved: the index of the other statuses stays small. A ticket
that is not resolved stands before all that are, when the list is ordered by that.
"""

from django.db import migrations

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

ALREADY_THERE = """
INSERT INTO escalations_ticketwords (ticket_id, company_id, updated_at, noted_at, words)
SELECT ticket.id, ticket.company_id, greatest(ticket.created_at, told.at), told.noted,
    escalations_words_filed(
        ticket.note, ticket.answers, escalations_free_questions(ticket.policy_version_id, ticket.type)
    ) || to_tsvector('english', 'the the the the the the ' || coalesce(told.words, ''))
FROM escalations_ticket AS ticket LEFT JOIN (
    SELECT ticket_id, max(at) AS at, max(at) FILTER (WHERE act = 'comment') AS noted,
        escalations_joined(array_agg(escalations_words_told(act, text) ORDER BY id)) AS words
    FROM escalations_ticketevent GROUP BY ticket_id
) AS told ON told.ticket_id = ticket.id
ON CONFLICT (ticket_id) DO NOTHING
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("escalations", "0011_ticket_words")]

    operations = [
        migrations.RunSQL(ALREADY_THERE, migrations.RunSQL.noop),
        *(
            migrations.RunSQL(
                f"CREATE INDEX CONCURRENTLY {name} ON escalations_ticket {how}",
                f"DROP INDEX CONCURRENTLY {name}",
            )
            for name, how in INDEXES.items()
        ),
    ]
