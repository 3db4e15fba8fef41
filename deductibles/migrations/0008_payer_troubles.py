"""Troubles of payers; and holds whose nightly change touches no index, with room beside each row for it."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from accounts.company_keys import company_keys


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_lean_indexes'),
        ('deductibles', '0007_who_asked'),
        ('patients', '0002_filing_limit_source'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.AlterField(
            model_name='hold',
            name='snapshot',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='deductibles.snapshot'),
        ),
        migrations.CreateModel(
            name='PayerTrouble',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('payer_down', 'Payer down'), ('setup', 'Set-up')], max_length=10)),
                ('code', models.CharField(max_length=3)),
                ('began_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('count', models.PositiveIntegerField(default=0)),
                ('ended_at', models.DateTimeField(null=True)),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                ('payer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.payer')),
            ],
        ),
        migrations.CreateModel(
            name='PayerTroubleEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('payer_down', 'Payer down'), ('setup', 'Set-up')], max_length=10)),
                ('code', models.CharField(max_length=3)),
                ('began_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('count', models.PositiveIntegerField(default=0)),
                ('ended_at', models.DateTimeField(null=True)),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.company')),
                ('payer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.payer')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='deductibles.payertrouble')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddIndex(
            model_name='payertrouble',
            index=models.Index(fields=['company', 'payer', '-began_at'], name='payer_trouble_of_payer'),
        ),
        migrations.AddConstraint(
            model_name='payertrouble',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='payer_trouble_company_id'),
        ),
        migrations.AddConstraint(
            model_name='payertrouble',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('company', 'payer', 'code'), name='payer_trouble_one_open'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payertrouble',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_payertroubleevent" ("began_at", "code", "company_id", "count", "ended_at", "id", "kind", "last_at", "payer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."began_at", new_values."code", new_values."company_id", new_values."count", new_values."ended_at", new_values."id", new_values."kind", new_values."last_at", new_values."payer_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='ca3c0aefa8de75ab918ddcffc643e24c9850ae64', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_54e9d', referencing='REFERENCING NEW TABLE AS new_values ', table='deductibles_payertrouble', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payertrouble',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_payertroubleevent" ("began_at", "code", "company_id", "count", "ended_at", "id", "kind", "last_at", "payer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."began_at", new_values."code", new_values."company_id", new_values."count", new_values."ended_at", new_values."id", new_values."kind", new_values."last_at", new_values."payer_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='671bd33f50fb19c136796810013b9890296e3e4c', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_0cc65', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='deductibles_payertrouble', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payertrouble',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_payertroubleevent" ("began_at", "code", "company_id", "count", "ended_at", "id", "kind", "last_at", "payer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."began_at", old_values."code", old_values."company_id", old_values."count", old_values."ended_at", old_values."id", old_values."kind", old_values."last_at", old_values."payer_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='bb51fcff1507d29fffe24a962367005df1df91f2', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_44e12', referencing='REFERENCING OLD TABLE AS old_values ', table='deductibles_payertrouble', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payertroubleevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='4d063a8afc804aec82e8d3b602176d792778be5d', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_0d771', table='deductibles_payertroubleevent', when='BEFORE')),
        ),
        company_keys(('deductibles_payertrouble', 'payer_id', 'patients_payer')),
        migrations.RunSQL(
            "ALTER TABLE deductibles_hold SET (fillfactor = 85)", "ALTER TABLE deductibles_hold RESET (fillfactor)"
        ),
    ]
