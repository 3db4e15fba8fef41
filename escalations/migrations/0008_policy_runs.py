"""Changes of the policy that reach many open tickets part by part."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.company_keys import company_key


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_account_acts'),
        ('escalations', '0007_ticket_references'),
    ]

    operations = [
        migrations.CreateModel(
            name='PolicyRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('working', 'Under way'), ('done', 'Finished'), ('stopped', 'Stopped')], default='working', max_length=8)),
                ('planned', models.PositiveIntegerField()),
                ('done', models.PositiveIntegerField(default=0)),
                ('moved', models.PositiveIntegerField(default=0)),
                ('breaches', models.PositiveIntegerField(default=0)),
                ('unbreaches', models.PositiveIntegerField(default=0)),
                ('people', models.JSONField(default=dict)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('began_at', models.DateTimeField()),
                ('part_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('change', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='run', to='escalations.reclocking')),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('company', 'id'), name='policy_run_company_id'),
                    models.UniqueConstraint(condition=models.Q(('state', 'working')), fields=('company',), name='policy_run_one_at_once'),
                ],
            },
        ),
        company_key("escalations_policyrun", "change_id", "escalations_reclocking"),
    ]
