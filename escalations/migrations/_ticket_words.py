"""The words of every ticket, kept by triggers, and what they are made of, in SQL.

Choices are answers too, but their keys are not words that anybody wrote: only the free text among a type's
questions is taken. A gap of stop words stands between two texts, so that no phrase reaches from one into the
next. What is longer than any person writes is cut: a text that PostgreSQL cannot hold must not keep a note
from being saved. A due date that moves with the calendar is nothing that somebody did to the ticket: its words
and when it was last touched stay, for as many as a hundred thousand tickets at a time.
"""

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
        FROM made WHERE act <> 'reclock' GROUP BY ticket_id
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
FUNCTIONS = {
    "escalations_free_questions(bigint, text)": FREE,
    "escalations_joined(text[])": GAP,
    "escalations_words_filed(text, jsonb, text[])": FILED,
    "escalations_words_told(text, text)": TOLD,
    "escalations_words_of_new_tickets()": NEW_TICKETS,
    "escalations_words_of_new_events()": NEW_EVENTS,
    "escalations_words_of_changed_ticket()": CHANGED,
}
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

FORWARDS = [*FUNCTIONS.values(), *TRIGGERS.values()]
BACKWARDS = [
    *(f"DROP TRIGGER {name}" for name in TRIGGERS),
    *(f"DROP FUNCTION {name}" for name in reversed(FUNCTIONS)),
]
