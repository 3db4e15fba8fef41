"""What entering a claim leaves beside the claim: forms being typed, and insurance that was found."""

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.company_keys import company_keys


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_lean_indexes"),
        ("deductibles", "0002_lean_indexes"),
        ("patients", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="snapshot",
            name="source",
            field=models.CharField(
                choices=[
                    ("arboost", "AR Boost, asked by a person"),
                    ("nightly", "AR Boost, nightly check"),
                    ("filed", "filed by a person"),
                    ("finder", "AR Boost, Insurance Finder"),
                ],
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="EntryDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=32)),
                ("said", models.JSONField(default=dict)),
                ("updated_at", models.DateTimeField()),
                (
                    "claim",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="deductibles.claim",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user", "-updated_at"], name="entry_draft_newest")],
                "constraints": [
                    models.UniqueConstraint(fields=("company", "id"), name="entry_draft_company_id"),
                    models.UniqueConstraint(fields=("user", "key"), name="entry_draft_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("found_at", models.DateTimeField()),
                ("as_of", models.DateField()),
                ("outcome", models.CharField(max_length=11)),
                ("detail", models.CharField(blank=True, max_length=300)),
                (
                    "candidates",
                    models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder),
                ),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "found_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.patient"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["patient", "-id"], name="finding_of_patient")],
                "constraints": [models.UniqueConstraint(fields=("company", "id"), name="finding_company_id")],
            },
        ),
        company_keys(
            ("deductibles_entrydraft", "user_id", "accounts_user"),
            ("deductibles_entrydraft", "claim_id", "deductibles_claim"),
            ("deductibles_finding", "patient_id", "patients_patient"),
            ("deductibles_finding", "found_by_id", "accounts_user"),
        ),
    ]
