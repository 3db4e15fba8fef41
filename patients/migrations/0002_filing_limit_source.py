"""Where a filing limit was read, and when somebody looked last."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0001_tables'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='payer',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='payer',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='payer',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='payer',
            name='filing_limit_checked_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='payer',
            name='filing_limit_source',
            field=models.CharField(blank=True, db_default='', default='', max_length=120),
        ),
        migrations.AddField(
            model_name='payerevent',
            name='filing_limit_checked_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='payerevent',
            name='filing_limit_source',
            field=models.CharField(blank=True, db_default='', default='', max_length=120),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payer',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "patients_payerevent" ("company_id", "dollar_threshold", "filing_limit_checked_on", "filing_limit_days", "filing_limit_source", "id", "kind", "max_days", "monitor_above", "name", "network", "never_hold", "payer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") SELECT new_values."company_id", new_values."dollar_threshold", new_values."filing_limit_checked_on", new_values."filing_limit_days", new_values."filing_limit_source", new_values."id", new_values."kind", new_values."max_days", new_values."monitor_above", new_values."name", new_values."network", new_values."never_hold", new_values."payer_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='f8a366d75c8d1a2c5e992b6b40a195b3116aa1cc', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_f04e1', referencing='REFERENCING NEW TABLE AS new_values ', table='patients_payer', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payer',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "patients_payerevent" ("company_id", "dollar_threshold", "filing_limit_checked_on", "filing_limit_days", "filing_limit_source", "id", "kind", "max_days", "monitor_above", "name", "network", "never_hold", "payer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") SELECT new_values."company_id", new_values."dollar_threshold", new_values."filing_limit_checked_on", new_values."filing_limit_days", new_values."filing_limit_source", new_values."id", new_values."kind", new_values."max_days", new_values."monitor_above", new_values."name", new_values."network", new_values."never_hold", new_values."payer_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='02f99b680b6261b44606ee352d6637ade011a947', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_6f4a4', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='patients_payer', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payer',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "patients_payerevent" ("company_id", "dollar_threshold", "filing_limit_checked_on", "filing_limit_days", "filing_limit_source", "id", "kind", "max_days", "monitor_above", "name", "network", "never_hold", "payer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") SELECT old_values."company_id", old_values."dollar_threshold", old_values."filing_limit_checked_on", old_values."filing_limit_days", old_values."filing_limit_source", old_values."id", old_values."kind", old_values."max_days", old_values."monitor_above", old_values."name", old_values."network", old_values."never_hold", old_values."payer_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='505e2e33fb4541cba1fef632b9296f795218db03', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_3ca6f', referencing='REFERENCING OLD TABLE AS old_values ', table='patients_payer', when='AFTER')),
        ),
    ]
