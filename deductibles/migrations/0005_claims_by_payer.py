"""Claims by payer and by filing deadline: the indexes, and the payer of claims that were there before.

Nobody waits: the indexes are made beside running work, the payers filled in batches of claims that have none.
"""

from django.db import migrations, models

BATCH = 5000
FILL = """
    UPDATE deductibles_claim c SET payer_id = v.payer_id
    FROM deductibles_coverage v
    WHERE v.claim_id = c.id AND v.rank = 'primary' AND v.ended_at IS NULL AND c.payer_id IS NULL
      AND c.id > %s AND c.id <= %s"""


def fill_payers(apps, schema_editor):
    """Give every claim the payer of its primary coverage, a batch at a time."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM deductibles_claim")
        last = cursor.fetchone()[0] or 0
        for start in range(0, last, BATCH):
            cursor.execute(FILL, [start, start + BATCH])


def index(index, sql):
    """An index that is made, and taken away, while others write."""
    return migrations.RunSQL(
        f"CREATE INDEX CONCURRENTLY {index.name} ON deductibles_claim {sql}",
        f"DROP INDEX CONCURRENTLY {index.name}",
        state_operations=[migrations.AddIndex("claim", index)],
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("deductibles", "0004_work_lists")]

    operations = [
        migrations.RunPython(fill_payers, migrations.RunPython.noop),
        index(
            models.Index(fields=["company", "payer", "-id"], name="claim_by_payer"),
            "(company_id, payer_id, id DESC)",
        ),
        index(
            models.Index(
                fields=["company", "payer", "date_of_service", "id"],
                condition=models.Q(("status__in", ("draft", "hold", "queued", "rejected"))),
                name="claim_filing",
            ),
            "(company_id, payer_id, date_of_service, id) "
            "WHERE status IN ('draft', 'hold', 'queued', 'rejected')",
        ),
    ]
