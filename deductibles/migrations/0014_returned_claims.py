"""Claims that were rejected, not paid or left out of the file stand on work lists of their own."""

from django.db import migrations, models

_ALREADY_REJECTED = """
    INSERT INTO deductibles_concern (company_id, claim_id, payer_id, kind, since_on, codes)
    SELECT c.company_id, c.id, c.payer_id, 'returned', c.changed_at::date,
           jsonb_build_array(COALESCE(a.sentence, 'The file it was in was rejected.'))
    FROM deductibles_claim c LEFT JOIN LATERAL (
        SELECT k.sentence FROM deductibles_acknowledgement k
        WHERE k.claim_id = c.id AND k.word = 'rejected' ORDER BY k.id DESC LIMIT 1) a ON true
    WHERE c.status = 'rejected' ON CONFLICT (claim_id, kind) DO NOTHING"""
"""The few that were rejected before there was a list; from now on each comes with its answer."""


class Migration(migrations.Migration):
    dependencies = [
        ("deductibles", "0013_hold_totals"),
    ]

    operations = [
        migrations.AlterField(
            model_name="concern",
            name="kind",
            field=models.CharField(
                choices=[
                    ("returned", "Rejected claims"),
                    ("unpaid", "Denied or unpaid"),
                    ("unwritten", "Left out of the file"),
                    ("unknown", "Deductible unknown"),
                    ("rejected", "Rejected questions"),
                    ("lines", "Lines to look at"),
                    ("coverage", "Coverage ended"),
                    ("unanswered", "Not answered twice"),
                ],
                max_length=12,
            ),
        ),
        migrations.RunSQL(_ALREADY_REJECTED, migrations.RunSQL.noop),
    ]
