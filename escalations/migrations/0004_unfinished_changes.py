"""A change of the calendar that two connections write is marked until both halves are there."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('escalations', '0003_one_wall'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='reclocking',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='reclocking',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='reclocking',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='reclocking',
            name='unfinished',
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name='reclockingevent',
            name='unfinished',
            field=models.BooleanField(null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reclocking',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "escalations_reclockingevent" ("at", "breaches", "by_id", "calendar_id", "company_id", "id", "looked_at", "moved", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_id", "unbreaches", "undoes_id", "unfinished") SELECT new_values."at", new_values."breaches", new_values."by_id", new_values."calendar_id", new_values."company_id", new_values."id", new_values."looked_at", new_values."moved", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."policy_id", new_values."unbreaches", new_values."undoes_id", new_values."unfinished" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='ffa5fb6ee384773fc9d71ae451e3b8f419e6a28e', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_afbe1', referencing='REFERENCING NEW TABLE AS new_values ', table='escalations_reclocking', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reclocking',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "escalations_reclockingevent" ("at", "breaches", "by_id", "calendar_id", "company_id", "id", "looked_at", "moved", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_id", "unbreaches", "undoes_id", "unfinished") SELECT new_values."at", new_values."breaches", new_values."by_id", new_values."calendar_id", new_values."company_id", new_values."id", new_values."looked_at", new_values."moved", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."policy_id", new_values."unbreaches", new_values."undoes_id", new_values."unfinished" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='710e13ad30c5191fd74e66ace98fbf49bc5c3af2', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_1e13c', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='escalations_reclocking', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reclocking',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "escalations_reclockingevent" ("at", "breaches", "by_id", "calendar_id", "company_id", "id", "looked_at", "moved", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_id", "unbreaches", "undoes_id", "unfinished") SELECT old_values."at", old_values."breaches", old_values."by_id", old_values."calendar_id", old_values."company_id", old_values."id", old_values."looked_at", old_values."moved", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."policy_id", old_values."unbreaches", old_values."undoes_id", old_values."unfinished" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='3100c191a1d8e826e825547fec77a5e35e481a8e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_e22f2', referencing='REFERENCING OLD TABLE AS old_values ', table='escalations_reclocking', when='AFTER')),
        ),
    ]
