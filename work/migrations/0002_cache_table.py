from django.db import migrations


class Migration(migrations.Migration):
    """The cache's table: throttles and lockout counters live in the database, never in the broker."""

    dependencies = [("work", "0001_initial")]

    operations = [
        migrations.RunSQL(
            'CREATE TABLE IF NOT EXISTS "cache" (cache_key varchar(255) NOT NULL PRIMARY KEY, '
            "value text NOT NULL, expires timestamptz NOT NULL); "
            'CREATE INDEX IF NOT EXISTS cache_expires ON "cache" (expires)',
            'DROP TABLE IF EXISTS "cache"',
        )
    ]
