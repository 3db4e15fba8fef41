"""One wall between companies and not two: a reference that the key ``(company, id)`` guards has no other key.

Both said the same, and were looked up for every row. A cycle's dates are its ticket's while it runs, so the
history of the ticket alone keeps their moves. ``patient`` is found by the index of company and patient.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_lean_indexes"),
        ("escalations", "0002_lean_indexes"),
        ("patients", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="ticketcycle",
            name="update_update",
        ),
        migrations.AlterField(
            model_name="ticket",
            name="assignee",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="calendar_version",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="escalations.calendarversion",
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="filed_by",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="merged_into",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="escalations.ticket",
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="patient",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to="patients.patient",
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="policy_version",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="escalations.policyversion",
            ),
        ),
        migrations.AlterField(
            model_name="ticketcycle",
            name="ticket",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cycles",
                to="escalations.ticket",
            ),
        ),
        migrations.AlterField(
            model_name="ticketevent",
            name="by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="ticketevent",
            name="ticket",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="escalations.ticket",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)),
                fields=["merged_into"],
                name="ticket_merged_into",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticketcycle",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "escalations_ticketcycleevent" ("clock_from", "company_id", "due_at", "ended_at", "expected_from", "id", "max", "met", "min", "note", "number", "opened_at", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ticket_id", "unit") SELECT new_values."clock_from", new_values."company_id", new_values."due_at", new_values."ended_at", new_values."expected_from", new_values."id", new_values."max", new_values."met", new_values."min", new_values."note", new_values."number", new_values."opened_at", new_values."outcome", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."ticket_id", new_values."unit" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."clock_from" IS DISTINCT FROM (new_values."clock_from") OR old_values."company_id" IS DISTINCT FROM (new_values."company_id") OR old_values."ended_at" IS DISTINCT FROM (new_values."ended_at") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."max" IS DISTINCT FROM (new_values."max") OR old_values."met" IS DISTINCT FROM (new_values."met") OR old_values."min" IS DISTINCT FROM (new_values."min") OR old_values."note" IS DISTINCT FROM (new_values."note") OR old_values."number" IS DISTINCT FROM (new_values."number") OR old_values."opened_at" IS DISTINCT FROM (new_values."opened_at") OR old_values."outcome" IS DISTINCT FROM (new_values."outcome") OR old_values."ticket_id" IS DISTINCT FROM (new_values."ticket_id") OR old_values."unit" IS DISTINCT FROM (new_values."unit")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="f8deeb4cd1f5d2d97bb24b23a09f09dab0e475e7",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_9d81f",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="escalations_ticketcycle",
                    when="AFTER",
                ),
            ),
        ),
    ]
