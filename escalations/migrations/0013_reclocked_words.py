"""A due date that moves with the calendar is nothing that somebody did to the ticket: its words and when it
was last touched stay, for as many as a hundred thousand tickets at a time."""

from django.db import migrations

_BODY = """
CREATE OR REPLACE FUNCTION escalations_words_of_new_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE escalations_ticketwords AS kept SET
        updated_at = greatest(kept.updated_at, told.at),
        noted_at = greatest(kept.noted_at, told.noted),
        words = CASE WHEN told.words = '' OR length(kept.words) > 15000 THEN kept.words
            ELSE kept.words || to_tsvector('english', 'the the the the the the ' || told.words) END
    FROM (
        SELECT ticket_id, max(at) AS at, max(at) FILTER (WHERE act = 'comment') AS noted,
            escalations_joined(array_agg(escalations_words_told(act, text) ORDER BY id)) AS words
        FROM made {where} GROUP BY ticket_id
    ) AS told
    WHERE kept.ticket_id = told.ticket_id;
    RETURN NULL;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("escalations", "0012_ticket_lists")]

    operations = [
        migrations.RunSQL(_BODY.format(where="WHERE act <> 'reclock'"), reverse_sql=_BODY.format(where=""))
    ]
