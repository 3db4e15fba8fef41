"""An answer refers to its coverage together with its claim: one key says of both what two said, and more.

The answers that are there are looked at while others write. The key by the coverage alone and its index go
last: what looks for a coverage's answers looks for its claim's.
"""

import django.db.models.deletion
from django.db import migrations, models

KEY = "deductibles_snapshot_coverage_id_claim_id_company"
BEFORE = (("claim_id", "deductibles_claim"), ("coverage_id", "deductibles_coverage"))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("deductibles", "0019_forecast"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE UNIQUE INDEX CONCURRENTLY coverage_company_id_claim "
            "ON deductibles_coverage (company_id, id, claim_id)",
            "DROP INDEX CONCURRENTLY IF EXISTS coverage_company_id_claim",
        ),
        migrations.RunSQL(
            "ALTER TABLE deductibles_coverage ADD CONSTRAINT coverage_company_id_claim "
            "UNIQUE USING INDEX coverage_company_id_claim",
            "ALTER TABLE deductibles_coverage DROP CONSTRAINT coverage_company_id_claim",
            state_operations=[
                migrations.AddConstraint(
                    "coverage",
                    models.UniqueConstraint(
                        fields=("company", "id", "claim"), name="coverage_company_id_claim"
                    ),
                )
            ],
        ),
        migrations.RunSQL(
            [
                f"ALTER TABLE deductibles_snapshot ADD CONSTRAINT {KEY} "
                "FOREIGN KEY (company_id, coverage_id, claim_id) "
                "REFERENCES deductibles_coverage (company_id, id, claim_id) "
                "DEFERRABLE INITIALLY DEFERRED NOT VALID",
                f"ALTER TABLE deductibles_snapshot VALIDATE CONSTRAINT {KEY}",
            ],
            f"ALTER TABLE deductibles_snapshot DROP CONSTRAINT {KEY}",
        ),
        migrations.RunSQL(
            [
                f"ALTER TABLE deductibles_snapshot DROP CONSTRAINT deductibles_snapshot_{column}_company"
                for column, _ in BEFORE
            ],
            [
                f"ALTER TABLE deductibles_snapshot ADD CONSTRAINT deductibles_snapshot_{column}_company "
                f"FOREIGN KEY (company_id, {column}) REFERENCES {target} (company_id, id) "
                "DEFERRABLE INITIALLY DEFERRED"
                for column, target in BEFORE
            ],
        ),
        migrations.AlterField(
            model_name="snapshot",
            name="coverage",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="snapshots",
                to="deductibles.coverage",
            ),
        ),
    ]
