"""Whether a company's files may leave: armed where they were written, disarmed in a copy."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_lean_indexes'),
        ('deductibles', '0014_returned_claims'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='Sending',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('armed', models.BooleanField(default=True)),
                ('place', models.CharField(max_length=64)),
                ('why', models.CharField(blank=True, max_length=300)),
                ('changed_at', models.DateTimeField()),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
            ],
        ),
        migrations.CreateModel(
            name='SendingEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('armed', models.BooleanField(default=True)),
                ('place', models.CharField(max_length=64)),
                ('why', models.CharField(blank=True, max_length=300)),
                ('changed_at', models.DateTimeField()),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.company')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='deductibles.sending')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='sending',
            constraint=models.UniqueConstraint(fields=('company',), name='sending_once'),
        ),
        migrations.AddConstraint(
            model_name='sending',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='sending_company_id'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sending',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_sendingevent" ("armed", "changed_at", "company_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "why") SELECT new_values."armed", new_values."changed_at", new_values."company_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."place", new_values."why" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='272797c985b446aea729e23f43393cd021657b6f', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_6b1c3', referencing='REFERENCING NEW TABLE AS new_values ', table='deductibles_sending', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sending',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_sendingevent" ("armed", "changed_at", "company_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "why") SELECT new_values."armed", new_values."changed_at", new_values."company_id", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."place", new_values."why" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='d10ef8e67224fbab2a0402d51569e5993f857fe5', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_9c92c', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='deductibles_sending', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sending',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_sendingevent" ("armed", "changed_at", "company_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "why") SELECT old_values."armed", old_values."changed_at", old_values."company_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."place", old_values."why" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='2128d3940e144283785ad02917f5de0bb6ad5b4c', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_35e02', referencing='REFERENCING OLD TABLE AS old_values ', table='deductibles_sending', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sendingevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='68132668621a1bc1add16669454ca60e64fa25aa', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_4862d', table='deductibles_sendingevent', when='BEFORE')),
        ),
    ]
