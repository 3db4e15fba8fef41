"""The tables of the first release; what came before is folded into them (docs/decisions/0017)."""

import django.db.models.deletion
import pgtrigger.compiler
from django.db import migrations, models

from accounts.tables_at_once import CreateModels
from work.migrations import _cache


class Migration(migrations.Migration):

    replaces = [
        ('work', '0001_initial'),
        ('work', '0002_cache_table'),
        ('work', '0003_heartbeat'),
    ]

    initial = True

    dependencies = [
        ('accounts', '0001_tables'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        CreateModels(
            tables=[
                migrations.CreateModel(
                    name='Lease',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120, unique=True)),
                        ('fence', models.PositiveBigIntegerField(default=0)),
                        ('held_until', models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='Run',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('check', 'Deductible check'), ('submission', 'Submission')], max_length=12)),
                        ('target_date', models.DateField()),
                        ('state', models.CharField(choices=[('waiting', 'waiting'), ('running', 'running'), ('done', 'done'), ('failed', 'failed')], default='waiting', max_length=8)),
                        ('created_at', models.DateTimeField()),
                        ('started_at', models.DateTimeField(null=True)),
                        ('finished_at', models.DateTimeField(null=True)),
                        ('due', models.PositiveIntegerField(default=0)),
                        ('asked', models.PositiveIntegerField(default=0)),
                        ('answered', models.PositiveIntegerField(default=0)),
                        ('released', models.PositiveIntegerField(default=0)),
                        ('timed_out', models.PositiveIntegerField(default=0)),
                        ('submitted', models.PositiveIntegerField(default=0)),
                        ('failures', models.JSONField(default=list)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='run_company_id'), models.UniqueConstraint(fields=('company', 'kind', 'target_date'), name='run_once_a_night')],
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "work_runevent" ("answered", "asked", "company_id", "created_at", "due", "failures", "finished_at", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "released", "started_at", "state", "submitted", "target_date", "timed_out") SELECT new_values."answered", new_values."asked", new_values."company_id", new_values."created_at", new_values."due", new_values."failures", new_values."finished_at", new_values."id", new_values."kind", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."released", new_values."started_at", new_values."state", new_values."submitted", new_values."target_date", new_values."timed_out" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='cd5c304a2ed277c7890ddd3f3be0c387724c1191', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_43117', referencing='REFERENCING NEW TABLE AS new_values ', table='work_run', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "work_runevent" ("answered", "asked", "company_id", "created_at", "due", "failures", "finished_at", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "released", "started_at", "state", "submitted", "target_date", "timed_out") SELECT new_values."answered", new_values."asked", new_values."company_id", new_values."created_at", new_values."due", new_values."failures", new_values."finished_at", new_values."id", new_values."kind", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."released", new_values."started_at", new_values."state", new_values."submitted", new_values."target_date", new_values."timed_out" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='79a489a960d5075629517a631b0764d8af3d6590', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_eda53', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='work_run', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "work_runevent" ("answered", "asked", "company_id", "created_at", "due", "failures", "finished_at", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "released", "started_at", "state", "submitted", "target_date", "timed_out") SELECT old_values."answered", old_values."asked", old_values."company_id", old_values."created_at", old_values."due", old_values."failures", old_values."finished_at", old_values."id", old_values."kind", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."released", old_values."started_at", old_values."state", old_values."submitted", old_values."target_date", old_values."timed_out" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='c7ba1c96d00e47ef386a318ddd52d5570943fdda', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_8a769', referencing='REFERENCING OLD TABLE AS old_values ', table='work_run', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='RunEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('kind', models.CharField(choices=[('check', 'Deductible check'), ('submission', 'Submission')], max_length=12)),
                        ('target_date', models.DateField()),
                        ('state', models.CharField(choices=[('waiting', 'waiting'), ('running', 'running'), ('done', 'done'), ('failed', 'failed')], default='waiting', max_length=8)),
                        ('created_at', models.DateTimeField()),
                        ('started_at', models.DateTimeField(null=True)),
                        ('finished_at', models.DateTimeField(null=True)),
                        ('due', models.PositiveIntegerField(default=0)),
                        ('asked', models.PositiveIntegerField(default=0)),
                        ('answered', models.PositiveIntegerField(default=0)),
                        ('released', models.PositiveIntegerField(default=0)),
                        ('timed_out', models.PositiveIntegerField(default=0)),
                        ('submitted', models.PositiveIntegerField(default=0)),
                        ('failures', models.JSONField(default=list)),
                        ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.company')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='work.run')),
                    ],
                    options={
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8ed42890b9ec93009869cb01d8b181cc18a8e28e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_11da3', table='work_runevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='OutboxMessage',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(max_length=40)),
                        ('payload', models.JSONField(default=dict)),
                        ('created_at', models.DateTimeField()),
                        ('next_at', models.DateTimeField()),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('leased_until', models.DateTimeField(null=True)),
                        ('done_at', models.DateTimeField(null=True)),
                        ('failure', models.CharField(blank=True, max_length=300)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('done_at', None)), fields=['next_at', 'id'], name='outbox_waiting')],
                        'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='outbox_company_id')],
                    },
                ),
                migrations.CreateModel(
                    name='Heartbeat',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('beat', 'the scheduler lives'), ('worker', 'a worker listens'), ('sweep', "a worker finished the minute's sweep")], max_length=8)),
                        ('name', models.CharField(max_length=120)),
                        ('seen_at', models.DateTimeField()),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('kind', 'name'), name='heartbeat_once')],
                    },
                ),
            ],
        ),
        migrations.RunSQL(_cache.FORWARDS, _cache.BACKWARDS),
    ]
