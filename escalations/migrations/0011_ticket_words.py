"""The words of every ticket, kept by triggers, and the index they are found by.

Choices are answers too, but their keys are not words that anybody wrote: only the free text among a type's
questions is taken. A gap of stop words stands between two texts, so that no phrase reaches from one into the
next. What is longer than any person writes is cut: a text that PostgreSQL cannot hold must not keep a note
from being saved.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

from accounts.company_keys import company_key

FREE = """
CREATE FUNCTION escalations_free_questions(policy bigint, kind text) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(question ->> 'key'), '{}')
    FROM escalations_policyversion version,
        jsonb_path_query(
            version.data, '$.types[*] ? (@.key == $kind).questions[*]', jsonb_build_object('kind', kind)
        ) AS question
    WHERE version.id = policy AND question ->> 'kind' IN ('text', 'email', 'fax', 'phone', 'number')
$$
"""
GAP = """
CREATE FUNCTION escalations_joined(texts text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT left(coalesce(string_agg(left(one, 20000), E'\\n the the the the the the \\n'), ''), 100000)
    FROM unnest(texts) AS one WHERE one <> ''
$$
"""
FILED = """
CREATE FUNCTION escalations_words_filed(note text, answers jsonb, free text[]) RETURNS tsvector
LANGUAGE sql IMMUTABLE AS $$
    SELECT to_tsvector('english', escalations_joined(
        array[note] || (
            SELECT coalesce(array_agg(answers ->> key ORDER BY key), '{}') FROM unnest(free) AS key
        )
    ))
$$
"""
TOLD = """
CREATE FUNCTION escalations_words_told(act text, said text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN act IN ('file', 'link') THEN ''
        WHEN act = 'resolve' THEN regexp_replace(said, '^(In time|After it was due)\\.\\s*', '')
        ELSE said
    END
$$
"""
NEW_TICKETS = """
CREATE FUNCTION escalations_words_of_new_tickets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO escalations_ticketwords (ticket_id, company_id, updated_at, noted_at, words)
    SELECT made.id, made.company_id, made.created_at, NULL,
        escalations_words_filed(made.note, made.answers, kinds.free)
    FROM made JOIN (
        SELECT policy_version_id, type, escalations_free_questions(policy_version_id, type) AS free
        FROM (SELECT DISTINCT policy_version_id, type FROM made) AS kind
    ) AS kinds USING (policy_version_id, type);
    RETURN NULL;
END
$$
"""
NEW_EVENTS = """
CREATE FUNCTION escalations_words_of_new_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE escalations_ticketwords AS kept SET
        updated_at = greatest(kept.updated_at, told.at),
        noted_at = greatest(kept.noted_at, told.noted),
        words = CASE WHEN told.words = '' OR length(kept.words) > 15000 THEN kept.words
            ELSE kept.words || to_tsvector('english', 'the the the the the the ' || told.words) END
    FROM (
        SELECT ticket_id, max(at) AS at, max(at) FILTER (WHERE act = 'comment') AS noted,
            escalations_joined(array_agg(escalations_words_told(act, text) ORDER BY id)) AS words
        FROM made GROUP BY ticket_id
    ) AS told
    WHERE kept.ticket_id = told.ticket_id;
    RETURN NULL;
END
$$
"""
CHANGED = """
CREATE FUNCTION escalations_words_of_changed_ticket() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE escalations_ticketwords SET words =
        escalations_words_filed(
            NEW.note, NEW.answers, escalations_free_questions(NEW.policy_version_id, NEW.type)
        ) || to_tsvector('english', 'the the the the the the ' || escalations_joined(
            (SELECT coalesce(array_agg(escalations_words_told(act, text) ORDER BY id), '{}')
            FROM escalations_ticketevent WHERE ticket_id = NEW.id)
        ))
    WHERE ticket_id = NEW.id;
    RETURN NULL;
END
$$
"""
TRIGGERS = {
    "escalations_words_of_new_tickets ON escalations_ticket": """
CREATE TRIGGER escalations_words_of_new_tickets AFTER INSERT ON escalations_ticket
REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION escalations_words_of_new_tickets()
""",
    "escalations_words_of_changed_ticket ON escalations_ticket": """
CREATE TRIGGER escalations_words_of_changed_ticket AFTER UPDATE OF note, answers, type ON escalations_ticket
FOR EACH ROW WHEN (
    OLD.note IS DISTINCT FROM NEW.note OR OLD.answers IS DISTINCT FROM NEW.answers OR OLD.type <> NEW.type
) EXECUTE FUNCTION escalations_words_of_changed_ticket()
""",
    "escalations_words_of_new_events ON escalations_ticketevent": """
CREATE TRIGGER escalations_words_of_new_events AFTER INSERT ON escalations_ticketevent
REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION escalations_words_of_new_events()
""",
}
_NAMES = (
    "escalations_free_questions(bigint, text)",
    "escalations_joined(text[])",
    "escalations_words_filed(text, jsonb, text[])",
    "escalations_words_told(text, text)",
    "escalations_words_of_new_tickets()",
    "escalations_words_of_new_events()",
    "escalations_words_of_changed_ticket()",
)
_BODIES = (FREE, GAP, FILED, TOLD, NEW_TICKETS, NEW_EVENTS, CHANGED)


class Migration(migrations.Migration):
    dependencies = [("escalations", "0010_reclocked_notice"), ("patients", "0007_nearly")]

    operations = [
        migrations.CreateModel(
            name="TicketWords",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "ticket",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="written",
                        to="escalations.ticket",
                    ),
                ),
                ("words", django.contrib.postgres.search.SearchVectorField()),
                ("updated_at", models.DateTimeField()),
                ("noted_at", models.DateTimeField(null=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.company"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["company", "id"], name="ticket_words_company_id")
                ],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["words"], name="ticket_words_found"),
                    models.Index(
                        fields=["company", "updated_at", "ticket"], name="ticket_words_by_update"
                    ),
                ],
            },
        ),
        company_key("escalations_ticketwords", "ticket_id", "escalations_ticket"),
        *(
            migrations.RunSQL(body, f"DROP FUNCTION {name}")
            for name, body in zip(_NAMES, _BODIES, strict=True)
        ),
        *(migrations.RunSQL(body, f"DROP TRIGGER {name}") for name, body in TRIGGERS.items()),
    ]
