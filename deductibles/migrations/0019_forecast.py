"""Forecasts of releases and cash, and the curves they stand on."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.company_keys import company_keys


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_token_limits"),
        ("deductibles", "0018_back_tests"),
        ("patients", "0003_imports"),
    ]

    operations = [
        migrations.CreateModel(
            name="Forecast",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_on", models.DateField()),
                ("made_at", models.DateTimeField()),
                ("replayed", models.BooleanField(default=False)),
                ("held", models.PositiveIntegerField()),
                ("bills", models.DecimalField(decimal_places=2, max_digits=14)),
                ("days", models.JSONField(null=True)),
                ("basis", models.JSONField(default=dict)),
                ("error", models.JSONField(null=True)),
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
                    "payer",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="patients.payer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("company", "id"), name="forecast_company_id"),
                    models.UniqueConstraint(
                        fields=("company", "made_on", "payer"), name="forecast_once", nulls_distinct=False
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SurvivalCurve",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("band", models.CharField(blank=True, max_length=5)),
                ("month", models.PositiveSmallIntegerField(default=0)),
                ("made_on", models.DateField()),
                ("claims", models.PositiveIntegerField()),
                ("met", models.PositiveIntegerField()),
                ("days", models.JSONField()),
                ("watched", models.JSONField()),
                ("unmet", models.JSONField()),
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
                    "payer",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="patients.payer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("company", "id"), name="curve_company_id"),
                    models.UniqueConstraint(
                        fields=("company", "payer", "band", "month"), name="curve_once", nulls_distinct=False
                    ),
                ],
            },
        ),
        company_keys(
            ("deductibles_forecast", "payer_id", "patients_payer"),
            ("deductibles_survivalcurve", "payer_id", "patients_payer"),
        ),
    ]
