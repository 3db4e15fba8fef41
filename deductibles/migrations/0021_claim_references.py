"""The numbers that imported claims had where they came from."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.company_keys import company_keys


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_company_history"),
        ("patients", "0004_imports_of_more"),
        ("deductibles", "0020_answer_of_its_coverage"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClaimReference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=40)),
                ("tried_at", models.DateTimeField(null=True)),
                (
                    "claim",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="elsewhere",
                        to="deductibles.claim",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "of",
                    models.ForeignKey(
                        null=True,
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="claims",
                        to="patients.import",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("company", "id"), name="claim_reference_company_id"),
                    models.UniqueConstraint(fields=("company", "number"), name="claim_reference_once"),
                ],
                "indexes": [
                    models.Index(
                        condition=models.Q(("tried_at", None)), fields=["of", "id"], name="claim_reference_untried"
                    )
                ],
            },
        ),
        company_keys(
            ("deductibles_claimreference", "claim_id", "deductibles_claim"),
            ("deductibles_claimreference", "of_id", "patients_import"),
        ),
    ]
