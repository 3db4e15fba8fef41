"""Find acts again by who did them and for which company: three small indexes over the audit's contexts.

The table is django-pghistory's. An act of a person stands in two of the indexes, one of Holdline itself in
the third, so that a night of a thousand acts writes no more than a thousand entries.
"""

from django.db import migrations

_BY_COMPANY = "((metadata ->> 'company')::int), created_at DESC, id DESC"
_BY_PERSON = "((metadata ->> 'user')::int), created_at DESC, id DESC"
_INDEXES = {
    "audit_act_of_people": f"({_BY_COMPANY}) WHERE metadata ->> 'user' IS NOT NULL",
    "audit_act_of_person": f"({_BY_PERSON}) WHERE metadata ->> 'user' IS NOT NULL",
    "audit_act_of_holdline": "(created_at DESC, id DESC) WHERE metadata ->> 'user' IS NULL",
}


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0005_emergency_reading"), ("pghistory", "0007_auto_20250421_0444")]
    operations = [
        migrations.RunSQL(
            f"CREATE INDEX CONCURRENTLY {name} ON pghistory_context {columns}",
            f"DROP INDEX CONCURRENTLY {name}",
        )
        for name, columns in _INDEXES.items()
    ]
