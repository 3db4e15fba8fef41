"""Each file counts the claims that were accepted and rejected."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deductibles", "0011_answers_checked_once"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="submission",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="submission",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="submission",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="submission",
            name="accepted",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="submission",
            name="rejected",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="submissionevent",
            name="accepted",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="submissionevent",
            name="rejected",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="submission",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_submissionevent" ("accepted", "claims_count", "company_id", "control_number", "detail", "filename", "handed_over_at", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference", "rejected", "run_id", "state", "tried_at", "written_at") SELECT new_values."accepted", new_values."claims_count", new_values."company_id", new_values."control_number", new_values."detail", new_values."filename", new_values."handed_over_at", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reference", new_values."rejected", new_values."run_id", new_values."state", new_values."tried_at", new_values."written_at" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="9de03a90bbe8f21a895e4e67f8a23aa00ac6531f",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_3530c",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="deductibles_submission",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="submission",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_submissionevent" ("accepted", "claims_count", "company_id", "control_number", "detail", "filename", "handed_over_at", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference", "rejected", "run_id", "state", "tried_at", "written_at") SELECT new_values."accepted", new_values."claims_count", new_values."company_id", new_values."control_number", new_values."detail", new_values."filename", new_values."handed_over_at", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reference", new_values."rejected", new_values."run_id", new_values."state", new_values."tried_at", new_values."written_at" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="eae7fd014ec04c87f675b1a1823f90e6acb34e40",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_4a151",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="deductibles_submission",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="submission",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_submissionevent" ("accepted", "claims_count", "company_id", "control_number", "detail", "filename", "handed_over_at", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference", "rejected", "run_id", "state", "tried_at", "written_at") SELECT old_values."accepted", old_values."claims_count", old_values."company_id", old_values."control_number", old_values."detail", old_values."filename", old_values."handed_over_at", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reference", old_values."rejected", old_values."run_id", old_values."state", old_values."tried_at", old_values."written_at" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="078bfff7def44a6e7a34f5f4cfea9e13d4d9752a",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_b2aec",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="deductibles_submission",
                    when="AFTER",
                ),
            ),
        ),
    ]
