"""What happened to tickets and claims, written down for webhooks by the database itself.

A line of a ticket's timeline and a move of a claim are what an event is made of, whichever statement wrote them:
a form, a bulk act, a night. So the events hang from these two tables, in the same transaction, and the statement
that moves five thousand claims writes five thousand events by one more. Where no endpoint is enabled the
trigger asks one small question and ends.

The statement is planned anew each time (EXECUTE): the rows that a change touched are one or thousands, and a
plan kept for one of them joins thousands by a nested loop.
"""

_NOBODY_ASKS = "IF NOT EXISTS (SELECT FROM work_hookendpoint WHERE enabled) THEN RETURN NULL; END IF;"
_WRITE = """
    INSERT INTO work_hookdelivery (company_id, endpoint_id, event_id, event_type, data, occurred_at, status,
        attempts, tries, next_at)
    SELECT found.company_id, e.id, found.event_id, found.event_type, found.data, found.at, 'waiting', 0, 0,
        least(found.at, clock_timestamp())
    FROM ({found}) AS found
    JOIN work_hookendpoint e
        ON e.company_id = found.company_id AND e.enabled AND e.subscribed @> to_jsonb(found.event_type)
    ORDER BY found.place, e.id
    ON CONFLICT DO NOTHING"""

_TICKETS = """
    SELECT n.company_id, n.id AS place, n.at, 'ticket-' || n.id AS event_id,
        CASE
            WHEN n.act = 'file' THEN 'ticket.filed'
            WHEN n.act = 'breach' THEN 'ticket.breached'
            WHEN n.act = 'resolve' THEN 'ticket.resolved'
            WHEN n.act = 'reopen' THEN 'ticket.reopened'
            WHEN n.act = 'cancel' THEN 'ticket.cancelled'
            WHEN n.act = 'merge' AND t.status = 'merged' THEN 'ticket.merged'
            ELSE 'ticket.changed'
        END AS event_type,
        jsonb_build_object(
            'id', t.id::text, 'number', t.number, 'act', n.act, 'type', t.type, 'status', t.status,
            'urgency', t.urgency, 'cycle', t.cycle, 'version', n.version,
            'due_at', to_char(t.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        ) AS data
    FROM new_rows n JOIN escalations_ticket t ON t.id = n.ticket_id
    WHERE t.status <> 'draft' AND (n.act <> 'cancel' OR EXISTS (
        SELECT FROM escalations_ticketevent f WHERE f.ticket_id = n.ticket_id AND f.act = 'file'))"""

_CLAIM_DATA = """jsonb_build_object(
            'id', n.id::text, 'number', n.number, 'status', n.status, 'status_before', {before},
            'sequence', n.sequence, 'version', n.version
        ) AS data"""
_CLAIMS_ENTERED = f"""
    SELECT n.company_id, n.id AS place, n.created_at AS at, 'claim-' || n.id || '-' || n.version AS event_id,
        'claim.entered' AS event_type, {_CLAIM_DATA.format(before="NULL::text")}
    FROM new_rows n"""
_CLAIMS_MOVED = f"""
    SELECT n.company_id, n.id AS place, n.changed_at AS at,
        'claim-' || n.id || '-' || n.version AS event_id,
        CASE n.status
            WHEN 'hold' THEN 'claim.held'
            WHEN 'queued' THEN CASE o.status WHEN 'hold' THEN 'claim.released' ELSE 'claim.queued' END
            WHEN 'draft' THEN 'claim.returned'
            WHEN 'submitted' THEN 'claim.submitted'
            WHEN 'ambiguous' THEN 'claim.unclear'
            WHEN 'accepted' THEN 'claim.accepted'
            WHEN 'rejected' THEN 'claim.rejected'
            WHEN 'paid' THEN 'claim.paid'
            WHEN 'void' THEN 'claim.voided'
        END AS event_type,
        {_CLAIM_DATA.format(before="o.status")}
    FROM new_rows n JOIN old_rows o ON o.id = n.id
    WHERE n.status <> o.status"""


def _trigger(name: str, table: str, when: str, rows: str, found: str) -> list[str]:
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN {_NOBODY_ASKS} "
        f"EXECUTE $said${_WRITE.format(found=found)}$said$; RETURN NULL; END $body$",
        f"CREATE TRIGGER {name} AFTER {when} ON {table} REFERENCING {rows} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
    ]


_NEW, _BOTH = "NEW TABLE AS new_rows", "OLD TABLE AS old_rows NEW TABLE AS new_rows"
FORWARDS = [
    *_trigger("work_hooks_of_tickets", "escalations_ticketevent", "INSERT", _NEW, _TICKETS),
    *_trigger("work_hooks_of_new_claims", "deductibles_claim", "INSERT", _NEW, _CLAIMS_ENTERED),
    *_trigger("work_hooks_of_claims", "deductibles_claim", "UPDATE", _BOTH, _CLAIMS_MOVED),
]
BACKWARDS = [
    f"DROP FUNCTION {name}() CASCADE"
    for name in ("work_hooks_of_tickets", "work_hooks_of_new_claims", "work_hooks_of_claims")
]
