"""The numbers that imported tickets had where they came from."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.company_keys import company_keys


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_company_history"),
        ("patients", "0004_imports_of_more"),
        ("escalations", "0006_policy_editor"),
    ]

    operations = [
        migrations.CreateModel(
            name="TicketReference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=60)),
                (
                    "ticket",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="elsewhere",
                        to="escalations.ticket",
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
                        related_name="tickets",
                        to="patients.import",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("company", "id"), name="ticket_reference_company_id"),
                    models.UniqueConstraint(fields=("company", "number"), name="ticket_reference_once"),
                ],
            },
        ),
        company_keys(
            ("escalations_ticketreference", "ticket_id", "escalations_ticket"),
            ("escalations_ticketreference", "of_id", "patients_import"),
        ),
    ]
