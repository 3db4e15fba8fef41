"""Names that are nearly right, as a function: one statement can then ask for them beside other ways.

How alike a name must be is a setting of the session. The function puts its own there and gives back what was
there before. (A setting of the function itself would need the extension loaded whenever the function is made,
and so keep a backup from being restored by anybody but a superuser.) The first word is the one the trigram
index is asked for.
"""

from django.db import migrations

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


class Migration(migrations.Migration):
    dependencies = [("patients", "0006_time_zone")]

    operations = [
        migrations.RunSQL(NEARLY, "DROP FUNCTION patients_nearly(bigint, text[], integer, integer)"),
    ]
