"""What finding a patient needs of the database, and the second wall around the new tables.

``patients_plain`` writes a name the way it is compared: without accents, case and apostrophes, hyphens as
spaces. Its body is bound when it is made, so that a restored backup has it before its indexes. The
B-tree answers "last name begins with" in the order of names; the trigram index answers any word of a name,
and names that are nearly right. Telephone numbers are compared from their end.
"""

from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations

from accounts.company_keys import company_key

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


class Migration(migrations.Migration):
    dependencies = [("patients", "0002_contact_reading_versions")]

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(PLAIN, "DROP FUNCTION patients_plain(text)"),
        migrations.RunSQL(NAME, "DROP FUNCTION patients_name(text, text)"),
        *(
            migrations.RunSQL(
                f"CREATE INDEX {name} ON patients_patient USING {how}", f"DROP INDEX {name}"
            )
            for name, how in INDEXES.items()
        ),
        company_key("patients_contactrefusal", "patient_id", "patients_patient"),
        company_key("patients_contactrefusal", "refused_by_id", "accounts_user"),
        company_key("patients_contactrefusal", "lifted_by_id", "accounts_user"),
        company_key("patients_patientreading", "patient_id", "patients_patient"),
        company_key("patients_patientreading", "user_id", "accounts_user"),
        company_key("patients_patientsearch", "user_id", "accounts_user"),
    ]
