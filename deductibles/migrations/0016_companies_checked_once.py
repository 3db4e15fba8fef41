"""A night's answers and questions have their company checked with the claim or hold they are about, not twice."""

import django.db.models.deletion
from django.db import migrations, models


def checked_with_another(model):
    """The company's own reference goes: one by company and id, to a row that has a company, says as much."""
    field = models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="accounts.company",
    )
    return migrations.AlterField(model_name=model, name="company", field=field)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_lean_indexes"),
        ("deductibles", "0015_sending"),
    ]

    operations = [checked_with_another("snapshot"), checked_with_another("question")]
