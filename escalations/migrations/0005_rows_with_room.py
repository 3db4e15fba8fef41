"""What a change of the calendar writes for every ticket that moves costs less.

A page of cycles keeps room for other dates of some of them: what fits beside the row before it enters no index.
Pages that are full stay so. A line of the timeline has its ticket and company looked up once, by both.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_account_acts"),
        ("escalations", "0004_unfinished_changes"),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE escalations_ticketcycle SET (fillfactor = 70)",
            "ALTER TABLE escalations_ticketcycle RESET (fillfactor)",
        ),
        migrations.AlterField(
            model_name="ticketevent",
            name="company",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.company",
            ),
        ),
    ]
