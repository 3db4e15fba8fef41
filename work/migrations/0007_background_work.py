"""Work that leaves no row of its own, when each routine was last done, and what lists background work."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.tables_at_once import CreateModels

NEWEST = ["company", "kind", "-began_at", "-id"]


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_sign_in_providers"),
        ("work", "0006_company_files"),
    ]

    operations = [
        CreateModels(
            tables=[
                migrations.CreateModel(
                    name="Job",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("kind", models.CharField(max_length=18)),
                        ("target_on", models.DateField(null=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[("running", "Under way"), ("done", "Done"), ("failed", "Failed")],
                                default="running",
                                max_length=7,
                            ),
                        ),
                        ("began_at", models.DateTimeField()),
                        ("seen_at", models.DateTimeField()),
                        ("finished_at", models.DateTimeField(null=True)),
                        ("done", models.PositiveIntegerField(default=0)),
                        ("whole", models.PositiveIntegerField(default=0)),
                        ("said", models.CharField(blank=True, max_length=300)),
                        ("note", models.CharField(blank=True, max_length=300)),
                        (
                            "company",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.company",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "id"), name="job_company_id"),
                            models.UniqueConstraint(fields=("company", "kind", "target_on"), name="job_once_a_night"),
                        ],
                        "indexes": [
                            models.Index(fields=NEWEST, name="job_listed"),
                            models.Index(fields=NEWEST, condition=models.Q(("state", "failed")), name="job_troubled"),
                            models.Index(
                                fields=["company"], condition=models.Q(("state", "running")), name="job_under_way"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Routine",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("name", models.CharField(max_length=40, unique=True)),
                        ("began_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("took", models.PositiveIntegerField(default=0)),
                        ("did", models.PositiveBigIntegerField(null=True)),
                        ("failing_since", models.DateTimeField(null=True)),
                        ("failure", models.CharField(blank=True, max_length=80)),
                    ],
                ),
            ],
        ),
        migrations.AddIndex(
            "companyfile", models.Index(fields=["company", "-asked_at", "-id"], name="company_file_listed")
        ),
        migrations.AddIndex(
            "companyfile",
            models.Index(
                fields=["company", "-asked_at", "-id"],
                condition=models.Q(("state", "failed")),
                name="company_file_failed",
            ),
        ),
        migrations.AddIndex(
            "run", models.Index(fields=["company", "kind", "-created_at", "-id"], name="run_listed")
        ),
        migrations.AddIndex(
            "run",
            models.Index(
                fields=["company", "kind", "-created_at", "-id"],
                condition=~models.Q(("failures", []))
                | models.Q(("state", "failed"))
                | models.Q(("answered__lt", models.F("due")), ("kind", "check"), ("state", "done")),
                name="run_troubled",
            ),
        ),
        migrations.AddIndex(
            "run",
            models.Index(
                fields=["company", "kind"],
                condition=models.Q(("state__in", ["waiting", "running"])),
                name="run_under_way",
            ),
        ),
    ]
