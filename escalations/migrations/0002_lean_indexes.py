"""Fewer indexes to write with every row, and some that are read alone.

A database from before the first release has indexes of single references that no question is asked of, or that
another index begins with; they go. The index of the running tickets carries what a standing is told by, so
that a list or a count of any standing reads it alone, and those that sound the alarm have one of their own.
"""

import pgtrigger.migrations
from django.db import migrations, models

NEEDLESS = """
DO $$
DECLARE found record;
BEGIN
    FOR found IN
        SELECT index.relname AS name
        FROM pg_index JOIN pg_class AS index ON index.oid = indexrelid JOIN pg_class AS kept ON kept.oid = indrelid
        JOIN pg_attribute AS named ON named.attrelid = indrelid AND named.attnum = indkey[0]
        WHERE kept.relnamespace = current_schema()::regnamespace AND indnatts = 1 AND NOT indisunique
            AND index.relname ~ '_[0-9a-f]{8}$'
            AND kept.relname ~ '^(accounts|deductibles|escalations|patients|tables|work)_'
            AND (
                (named.attname = 'company_id' AND kept.relname NOT IN ('accounts_user', 'accounts_team'))
                OR (named.attname !~ '^pgh_' AND EXISTS (
                    SELECT FROM pg_attribute WHERE attrelid = indrelid AND attname = 'pgh_obj_id'
                ))
                OR (kept.relname, named.attname) IN (
                    ('escalations_ticket', 'assignee_id'), ('escalations_ticket', 'policy_version_id'),
                    ('escalations_ticket', 'calendar_version_id'), ('escalations_ticketcycle', 'ticket_id'),
                    ('escalations_ticketevent', 'ticket_id'), ('escalations_ticketevent', 'by_id')
                )
            )
    LOOP
        EXECUTE format('DROP INDEX %I', found.name);
    END LOOP;
END $$
"""
VERSION = """
CREATE FUNCTION escalations_version_of_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := (SELECT version FROM escalations_ticket WHERE id = NEW.ticket_id);
    RETURN NEW;
END
$$;
CREATE TRIGGER ticket_event_version BEFORE INSERT ON escalations_ticketevent
FOR EACH ROW WHEN (NEW.version IS NULL) EXECUTE FUNCTION escalations_version_of_event()
"""
"""A line of the timeline that brings no version has that of its ticket. Not one of pgtrigger's: those close a
subtransaction for each row, which takes the longer the more rows were written before it."""
RUNNING = "status IN ('open', 'started', 'waiting')"
LEAN = f"CREATE INDEX ticket_running ON escalations_ticket (company_id, id) WHERE {RUNNING}"
TOLD_BY = (
    "due_at", "warn_at", "expected_from", "late_from", "paused_at", "taken_at", "unit", "status", "assignee",
    "urgency",
)
RESOLVED = (
    "CREATE INDEX ticket_by_resolved ON escalations_ticket "
    "(company_id, (coalesce(resolved_at, '1900-01-01 00:00:00+00'::timestamptz)), id)"
)
COUNTED = f"{RESOLVED} INCLUDE (resolved_at, assignee_id)"
"""Counted by the index alone, which PostgreSQL does only if the column itself is there too."""
ALARMS = (
    "CREATE INDEX ticket_alarms ON escalations_ticket (company_id, due_order, id) "
    f"WHERE {RUNNING} AND taken_at IS NULL AND marks @> '[\"alarm\"]'"
)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_lean_indexes"),
        ("deductibles", "0002_lean_indexes"),
        ("escalations", "0001_tables"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="ticketevent",
            name="ticket_event_version",
        ),
        migrations.RunSQL(VERSION, "DROP FUNCTION escalations_version_of_event() CASCADE"),
        migrations.RunSQL(NEEDLESS, migrations.RunSQL.noop),
        migrations.RunSQL("DROP INDEX ticket_running", LEAN),
        migrations.RemoveIndex(model_name="ticket", name="ticket_running_by_due"),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("status__in", ("open", "started", "waiting"))),
                fields=["company", "due_order", "id"],
                include=TOLD_BY,
                name="ticket_running_by_due",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("status__in", ("open", "started", "waiting"))),
                fields=["company", "id"],
                include=("due_order", "received_at", *TOLD_BY),
                name="ticket_running",
            ),
        ),
        migrations.RunSQL("DROP INDEX ticket_by_resolved", RESOLVED),
        migrations.RunSQL(COUNTED, "DROP INDEX ticket_by_resolved"),
        migrations.RunSQL(ALARMS, "DROP INDEX ticket_alarms"),
    ]
