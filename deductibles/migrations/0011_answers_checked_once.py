"""What a night writes by the hundred thousand has each reference checked once, by company and id."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_lean_indexes'),
        ('deductibles', '0010_answers_in_place'),
        ('work', '0003_lease_holder'),
    ]

    operations = [
        migrations.AlterField(
            model_name='hold',
            name='snapshot',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='deductibles.snapshot'),
        ),
        migrations.AlterField(
            model_name='question',
            name='hold',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='deductibles.hold'),
        ),
        migrations.AlterField(
            model_name='question',
            name='run',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='work.run'),
        ),
        migrations.AlterField(
            model_name='snapshot',
            name='claim',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='snapshots', to='deductibles.claim'),
        ),
        migrations.AlterField(
            model_name='snapshot',
            name='coverage',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='snapshots', to='deductibles.coverage'),
        ),
        migrations.AddIndex(
            model_name='snapshot',
            index=models.Index(condition=models.Q(('says_met', True)), fields=['company', 'claim'], name='snapshot_says_met'),
        ),
    ]
