"""What finding a patient needs of the database: extensions apart, in SQL.

``patients_plain`` writes a name the way it is compared: without accents, case and apostrophes, hyphens as
spaces. Its body is bound when it is made, so that a restored backup has it before its indexes. The
B-tree answers "last name begins with" in the order of names; the trigram index answers any word of a name,
and names that are nearly right. Telephone numbers are compared from their end.

Names that are nearly right are found by a function, so that one statement can ask for them beside other ways.
How alike a name must be is a setting of the session. The function puts its own there and gives back what was
there before. (A setting of the function itself would need the extension loaded whenever the function is made,
and so keep a backup from being restored by anybody but a superuser.) The first word is the one the trigram
index is asked for.
"""

PLAIN = r"""
CREATE FUNCTION patients_plain(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN btrim(translate(
    lower(unaccent('unaccent'::regdictionary, value)), '-–,;/_%\()"''’‘`´ʼ.', repeat(' ', 11)
));
"""
NAME = """
CREATE FUNCTION patients_name(first_name text, last_name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ' ' || patients_plain(last_name) || ' ' || patients_plain(first_name);
"""
NEARLY = """
CREATE FUNCTION patients_nearly(company bigint, sought text[], candidates integer, most integer)
RETURNS SETOF bigint LANGUAGE plpgsql AS $$
DECLARE
    before text := coalesce(current_setting('pg_trgm.word_similarity_threshold', true), '0.6');
BEGIN
    PERFORM set_config('pg_trgm.word_similarity_threshold', '0.33', true);
    RETURN QUERY
    SELECT near.id FROM (
        SELECT one.id, patients_name(one.first_name, one.last_name) AS name
        FROM patients_patient AS one
        WHERE one.company_id = company
            AND patients_name(one.first_name, one.last_name) %> patients_plain(sought[1])
        LIMIT candidates
    ) AS near
    CROSS JOIN LATERAL (
        SELECT bool_and(near.name %> patients_plain(word)) AS every,
            sum(strict_word_similarity(patients_plain(word), near.name)) AS alike
        FROM unnest(sought) AS word
    ) AS judged
    WHERE judged.every
    ORDER BY judged.alike DESC, near.name, near.id
    LIMIT most;
    PERFORM set_config('pg_trgm.word_similarity_threshold', before, true);
END
$$
"""
INDEXES = {
    "patient_by_plain_name": (
        'btree (company_id, (patients_plain(last_name) COLLATE "C"), (patients_plain(first_name) COLLATE "C"))'
    ),
    "patient_by_trigram": "gin (patients_name(first_name, last_name) gin_trgm_ops)",
    "patient_by_phone_end": 'btree (company_id, (reverse(phone) COLLATE "C")) WHERE phone <> \'\'',
    "patient_by_account": (
        'btree (company_id, (upper(account_number) COLLATE "C")) WHERE account_number <> \'\''
    ),
}
FORWARDS = [
    PLAIN,
    NAME,
    NEARLY,
    *(f"CREATE INDEX {name} ON patients_patient USING {how}" for name, how in INDEXES.items()),
]
BACKWARDS = [
    *(f"DROP INDEX {name}" for name in INDEXES),
    "DROP FUNCTION patients_nearly(bigint, text[], integer, integer)",
    "DROP FUNCTION patients_name(text, text)",
    "DROP FUNCTION patients_plain(text)",
]
