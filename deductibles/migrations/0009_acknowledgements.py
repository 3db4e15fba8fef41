"""What came back about claims: files, verdicts and payments; and the steps they lead to."""

import django.core.serializers.json
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from accounts.company_keys import company_keys


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_lean_indexes"),
        ("deductibles", "0008_payer_troubles"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Acknowledgement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=5)),
                ("number", models.CharField(max_length=50)),
                ("sequence", models.PositiveSmallIntegerField(default=1)),
                ("transaction", models.CharField(blank=True, max_length=9)),
                ("word", models.CharField(max_length=8)),
                ("codes", models.CharField(blank=True, max_length=120)),
                ("sentence", models.CharField(max_length=300)),
                ("payer_reference", models.CharField(blank=True, max_length=50)),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("applied", "applied"),
                            ("noted", "noted"),
                            ("waits", "waits"),
                            ("unknown", "unknown"),
                        ],
                        max_length=7,
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="AcknowledgementEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("kind", models.CharField(max_length=5)),
                ("number", models.CharField(max_length=50)),
                ("sequence", models.PositiveSmallIntegerField(default=1)),
                ("transaction", models.CharField(blank=True, max_length=9)),
                ("word", models.CharField(max_length=8)),
                ("codes", models.CharField(blank=True, max_length=120)),
                ("sentence", models.CharField(max_length=300)),
                ("payer_reference", models.CharField(blank=True, max_length=50)),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("applied", "applied"),
                            ("noted", "noted"),
                            ("waits", "waits"),
                            ("unknown", "unknown"),
                        ],
                        max_length=7,
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Arrival",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("digest", models.CharField(max_length=64)),
                (
                    "source",
                    models.CharField(
                        choices=[("inbox", "the clearinghouse’s inbox"), ("filed", "filed by a person")],
                        max_length=5,
                    ),
                ),
                (
                    "state",
                    models.CharField(choices=[("taken", "taken in"), ("aside", "set aside")], max_length=5),
                ),
                ("kinds", models.CharField(blank=True, max_length=40)),
                ("detail", models.CharField(blank=True, max_length=300)),
                ("arrived_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="ArrivalEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name", models.CharField(max_length=120)),
                ("digest", models.CharField(max_length=64)),
                (
                    "source",
                    models.CharField(
                        choices=[("inbox", "the clearinghouse’s inbox"), ("filed", "filed by a person")],
                        max_length=5,
                    ),
                ),
                (
                    "state",
                    models.CharField(choices=[("taken", "taken in"), ("aside", "set aside")], max_length=5),
                ),
                ("kinds", models.CharField(blank=True, max_length=40)),
                ("detail", models.CharField(blank=True, max_length=300)),
                ("arrived_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ArrivalFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("content", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=50)),
                ("sequence", models.PositiveSmallIntegerField(default=1)),
                ("status", models.CharField(blank=True, max_length=2)),
                ("charged", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("paid", models.DecimalField(decimal_places=2, max_digits=12)),
                ("patient_owes", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("deductible", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("allowed", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                (
                    "adjustments",
                    models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder),
                ),
                ("filed_too_late", models.BooleanField(default=False)),
                ("payer", models.CharField(blank=True, max_length=60)),
                ("payer_reference", models.CharField(blank=True, max_length=50)),
                ("trace", models.CharField(blank=True, max_length=50)),
                ("paid_on", models.DateField(null=True)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("at", models.DateTimeField()),
                ("posted_at", models.DateTimeField(null=True)),
                ("why_not", models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name="PaymentEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("number", models.CharField(max_length=50)),
                ("sequence", models.PositiveSmallIntegerField(default=1)),
                ("status", models.CharField(blank=True, max_length=2)),
                ("charged", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("paid", models.DecimalField(decimal_places=2, max_digits=12)),
                ("patient_owes", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("deductible", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("allowed", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                (
                    "adjustments",
                    models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder),
                ),
                ("filed_too_late", models.BooleanField(default=False)),
                ("payer", models.CharField(blank=True, max_length=60)),
                ("payer_reference", models.CharField(blank=True, max_length=50)),
                ("trace", models.CharField(blank=True, max_length=50)),
                ("paid_on", models.DateField(null=True)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("at", models.DateTimeField()),
                ("posted_at", models.DateTimeField(null=True)),
                ("why_not", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="claim",
            name="claim_moves",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="submissionitem",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="submissionitem",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="submissionitem",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="submissionitem",
            name="answer",
            field=models.CharField(blank=True, db_default="", max_length=8),
        ),
        migrations.AddField(
            model_name="submissionitem",
            name="answered_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="submissionitemevent",
            name="answer",
            field=models.CharField(blank=True, db_default="", max_length=8),
        ),
        migrations.AddField(
            model_name="submissionitemevent",
            name="answered_at",
            field=models.DateTimeField(null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="claim_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.status <> NEW.status AND OLD.status || '>' || NEW.status NOT IN ('accepted>paid', 'accepted>rejected', 'ambiguous>accepted', 'ambiguous>paid', 'ambiguous>rejected', 'ambiguous>submitted', 'draft>hold', 'draft>queued', 'draft>void', 'hold>paid', 'hold>queued', 'hold>void', 'queued>ambiguous', 'queued>draft', 'queued>hold', 'queued>submitted', 'queued>void', 'rejected>draft', 'submitted>accepted', 'submitted>paid', 'submitted>rejected'))",
                    func="IF NEW.status IS DISTINCT FROM OLD.status AND (OLD.status, NEW.status) NOT IN (('accepted', 'paid'), ('accepted', 'rejected'), ('ambiguous', 'accepted'), ('ambiguous', 'paid'), ('ambiguous', 'rejected'), ('ambiguous', 'submitted'), ('draft', 'hold'), ('draft', 'queued'), ('draft', 'void'), ('hold', 'paid'), ('hold', 'queued'), ('hold', 'void'), ('queued', 'ambiguous'), ('queued', 'draft'), ('queued', 'hold'), ('queued', 'submitted'), ('queued', 'void'), ('rejected', 'draft'), ('submitted', 'accepted'), ('submitted', 'paid'), ('submitted', 'rejected')) THEN RAISE EXCEPTION 'illegal move of a claim: % to %', OLD.status, NEW.status USING ERRCODE = 'HL409'; END IF; RETURN NEW;",
                    hash="2ee254690cb85234a1641162ebfd7138fd7e4e95",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_claim_moves_4589f",
                    table="deductibles_claim",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="submissionitem",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_submissionitemevent" ("answer", "answered_at", "claim_id", "company_id", "id", "open", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sequence", "submission_id") SELECT new_values."answer", new_values."answered_at", new_values."claim_id", new_values."company_id", new_values."id", new_values."open", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."sequence", new_values."submission_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="fc89633cd21c984f125c3f9ac837167049e9e184",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_c79ab",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="deductibles_submissionitem",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="submissionitem",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_submissionitemevent" ("answer", "answered_at", "claim_id", "company_id", "id", "open", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sequence", "submission_id") SELECT new_values."answer", new_values."answered_at", new_values."claim_id", new_values."company_id", new_values."id", new_values."open", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."sequence", new_values."submission_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="2c1581fcf140e244eae8bd84419dd2f3e3772977",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_f82e1",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="deductibles_submissionitem",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="submissionitem",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_submissionitemevent" ("answer", "answered_at", "claim_id", "company_id", "id", "open", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sequence", "submission_id") SELECT old_values."answer", old_values."answered_at", old_values."claim_id", old_values."company_id", old_values."id", old_values."open", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."sequence", old_values."submission_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="56a4cdc1221e439f2242d4d816147ba49ea51856",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_7eef7",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="deductibles_submissionitem",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="acknowledgement",
            name="claim",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="acknowledgements",
                to="deductibles.claim",
            ),
        ),
        migrations.AddField(
            model_name="acknowledgement",
            name="company",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.company",
            ),
        ),
        migrations.AddField(
            model_name="acknowledgement",
            name="submission",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="acknowledgements",
                to="deductibles.submission",
            ),
        ),
        migrations.AddField(
            model_name="acknowledgementevent",
            name="claim",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="deductibles.claim",
            ),
        ),
        migrations.AddField(
            model_name="acknowledgementevent",
            name="company",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="accounts.company",
            ),
        ),
        migrations.AddField(
            model_name="acknowledgementevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="acknowledgementevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="deductibles.acknowledgement",
            ),
        ),
        migrations.AddField(
            model_name="acknowledgementevent",
            name="submission",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="deductibles.submission",
            ),
        ),
        migrations.AddField(
            model_name="arrival",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="arrival",
            name="company",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.company",
            ),
        ),
        migrations.AddField(
            model_name="acknowledgementevent",
            name="arrival",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="deductibles.arrival",
            ),
        ),
        migrations.AddField(
            model_name="acknowledgement",
            name="arrival",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="acknowledgements",
                to="deductibles.arrival",
            ),
        ),
        migrations.AddField(
            model_name="arrivalevent",
            name="by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="arrivalevent",
            name="company",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="accounts.company",
            ),
        ),
        migrations.AddField(
            model_name="arrivalevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="arrivalevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="deductibles.arrival",
            ),
        ),
        migrations.AddField(
            model_name="arrivalfile",
            name="arrival",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="file", to="deductibles.arrival"
            ),
        ),
        migrations.AddField(
            model_name="arrivalfile",
            name="company",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.company",
            ),
        ),
        migrations.AddField(
            model_name="payment",
            name="arrival",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payments",
                to="deductibles.arrival",
            ),
        ),
        migrations.AddField(
            model_name="payment",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="payment",
            name="claim",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payments",
                to="deductibles.claim",
            ),
        ),
        migrations.AddField(
            model_name="payment",
            name="company",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.company",
            ),
        ),
        migrations.AddField(
            model_name="paymentevent",
            name="arrival",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="deductibles.arrival",
            ),
        ),
        migrations.AddField(
            model_name="paymentevent",
            name="by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="paymentevent",
            name="claim",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="deductibles.claim",
            ),
        ),
        migrations.AddField(
            model_name="paymentevent",
            name="company",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="accounts.company",
            ),
        ),
        migrations.AddField(
            model_name="paymentevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="paymentevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="deductibles.payment",
            ),
        ),
        migrations.AddConstraint(
            model_name="arrival",
            constraint=models.UniqueConstraint(fields=("company", "id"), name="arrival_company_id"),
        ),
        migrations.AddConstraint(
            model_name="arrival",
            constraint=models.UniqueConstraint(fields=("company", "digest"), name="arrival_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="arrival",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_arrivalevent" ("arrived_at", "by_id", "company_id", "detail", "digest", "id", "kinds", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "state") SELECT new_values."arrived_at", new_values."by_id", new_values."company_id", new_values."detail", new_values."digest", new_values."id", new_values."kinds", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."source", new_values."state" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="9d6358f5deb013b615b686c2ff3f82db3684b4a4",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_a407a",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="deductibles_arrival",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="arrival",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_arrivalevent" ("arrived_at", "by_id", "company_id", "detail", "digest", "id", "kinds", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "state") SELECT new_values."arrived_at", new_values."by_id", new_values."company_id", new_values."detail", new_values."digest", new_values."id", new_values."kinds", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."source", new_values."state" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="1576f3dc5a6a919151ffdc81bc182b08da04477b",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_937b4",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="deductibles_arrival",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="arrival",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_arrivalevent" ("arrived_at", "by_id", "company_id", "detail", "digest", "id", "kinds", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "state") SELECT old_values."arrived_at", old_values."by_id", old_values."company_id", old_values."detail", old_values."digest", old_values."id", old_values."kinds", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."source", old_values."state" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="2f8ea4ad5e83e374018fde3714eb1e226afb846e",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_08b26",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="deductibles_arrival",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="acknowledgementevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="163e9af031083a61fd6688a02878a6e0d7088ab1",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_41c25",
                    table="deductibles_acknowledgementevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="acknowledgement",
            index=models.Index(
                condition=models.Q(("claim__isnull", False)), fields=["claim", "-id"], name="ack_of_claim"
            ),
        ),
        migrations.AddIndex(
            model_name="acknowledgement",
            index=models.Index(
                condition=models.Q(("standing", "waits")), fields=["company", "id"], name="ack_waits"
            ),
        ),
        migrations.AddConstraint(
            model_name="acknowledgement",
            constraint=models.UniqueConstraint(fields=("company", "id"), name="ack_company_id"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="acknowledgement",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_acknowledgementevent" ("arrival_id", "at", "claim_id", "codes", "company_id", "id", "kind", "number", "payer_reference", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sentence", "sequence", "standing", "submission_id", "transaction", "word") SELECT new_values."arrival_id", new_values."at", new_values."claim_id", new_values."codes", new_values."company_id", new_values."id", new_values."kind", new_values."number", new_values."payer_reference", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."sentence", new_values."sequence", new_values."standing", new_values."submission_id", new_values."transaction", new_values."word" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="0b5874733da66a75b2ff1eb5d0f456055e39650f",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_753bb",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="deductibles_acknowledgement",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="acknowledgement",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_acknowledgementevent" ("arrival_id", "at", "claim_id", "codes", "company_id", "id", "kind", "number", "payer_reference", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sentence", "sequence", "standing", "submission_id", "transaction", "word") SELECT new_values."arrival_id", new_values."at", new_values."claim_id", new_values."codes", new_values."company_id", new_values."id", new_values."kind", new_values."number", new_values."payer_reference", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."sentence", new_values."sequence", new_values."standing", new_values."submission_id", new_values."transaction", new_values."word" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="7a3b672093e72629767cc0c5a713525abb89c464",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_00d4b",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="deductibles_acknowledgement",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="acknowledgement",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_acknowledgementevent" ("arrival_id", "at", "claim_id", "codes", "company_id", "id", "kind", "number", "payer_reference", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sentence", "sequence", "standing", "submission_id", "transaction", "word") SELECT old_values."arrival_id", old_values."at", old_values."claim_id", old_values."codes", old_values."company_id", old_values."id", old_values."kind", old_values."number", old_values."payer_reference", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."sentence", old_values."sequence", old_values."standing", old_values."submission_id", old_values."transaction", old_values."word" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="739f03354e87ea8beb37a3a65f0489846121458f",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_6b6c8",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="deductibles_acknowledgement",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="arrivalevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="65c92e8205c260b89eb797a1b6b412d57fbf4b76",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_68b9b",
                    table="deductibles_arrivalevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="arrivalfile",
            constraint=models.UniqueConstraint(fields=("company", "id"), name="afile_company_id"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="arrivalfile",
            trigger=pgtrigger.compiler.Trigger(
                name="arrival_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="ac612b1019a2608e9fe29a921638762a156bc7e2",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_arrival_kept_4be32",
                    table="deductibles_arrivalfile",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("claim__isnull", False)), fields=["claim", "-id"], name="payment_of_claim"
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("posted_at", None)), fields=["company", "id"], name="payment_unposted"
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(fields=("company", "id"), name="payment_company_id"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="payment",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_paymentevent" ("adjustments", "allowed", "arrival_id", "at", "by_id", "charged", "claim_id", "company_id", "deductible", "filed_too_late", "id", "note", "number", "paid", "paid_on", "patient_owes", "payer", "payer_reference", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "posted_at", "sequence", "status", "trace", "why_not") SELECT new_values."adjustments", new_values."allowed", new_values."arrival_id", new_values."at", new_values."by_id", new_values."charged", new_values."claim_id", new_values."company_id", new_values."deductible", new_values."filed_too_late", new_values."id", new_values."note", new_values."number", new_values."paid", new_values."paid_on", new_values."patient_owes", new_values."payer", new_values."payer_reference", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."posted_at", new_values."sequence", new_values."status", new_values."trace", new_values."why_not" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="8c6bb90aac17e7d4e79eb7d75d500a98604c74f7",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_d5018",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="deductibles_payment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="payment",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_paymentevent" ("adjustments", "allowed", "arrival_id", "at", "by_id", "charged", "claim_id", "company_id", "deductible", "filed_too_late", "id", "note", "number", "paid", "paid_on", "patient_owes", "payer", "payer_reference", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "posted_at", "sequence", "status", "trace", "why_not") SELECT new_values."adjustments", new_values."allowed", new_values."arrival_id", new_values."at", new_values."by_id", new_values."charged", new_values."claim_id", new_values."company_id", new_values."deductible", new_values."filed_too_late", new_values."id", new_values."note", new_values."number", new_values."paid", new_values."paid_on", new_values."patient_owes", new_values."payer", new_values."payer_reference", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."posted_at", new_values."sequence", new_values."status", new_values."trace", new_values."why_not" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="400ecdf3c215ccd9656b5b86ac50bf926def707b",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_edcad",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="deductibles_payment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="payment",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_paymentevent" ("adjustments", "allowed", "arrival_id", "at", "by_id", "charged", "claim_id", "company_id", "deductible", "filed_too_late", "id", "note", "number", "paid", "paid_on", "patient_owes", "payer", "payer_reference", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "posted_at", "sequence", "status", "trace", "why_not") SELECT old_values."adjustments", old_values."allowed", old_values."arrival_id", old_values."at", old_values."by_id", old_values."charged", old_values."claim_id", old_values."company_id", old_values."deductible", old_values."filed_too_late", old_values."id", old_values."note", old_values."number", old_values."paid", old_values."paid_on", old_values."patient_owes", old_values."payer", old_values."payer_reference", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."posted_at", old_values."sequence", old_values."status", old_values."trace", old_values."why_not" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="40ed61e215f1b621c33075f8cf3c1a8a98d143ea",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_29307",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="deductibles_payment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="paymentevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="e04af5d90bbc4690915319bf86df1d4fd3c3e972",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_efd9a",
                    table="deductibles_paymentevent",
                    when="BEFORE",
                ),
            ),
        ),
        company_keys(
            ("deductibles_arrival", "by_id", "accounts_user"),
            ("deductibles_arrivalfile", "arrival_id", "deductibles_arrival"),
            ("deductibles_acknowledgement", "arrival_id", "deductibles_arrival"),
            ("deductibles_acknowledgement", "submission_id", "deductibles_submission"),
            ("deductibles_acknowledgement", "claim_id", "deductibles_claim"),
            ("deductibles_payment", "arrival_id", "deductibles_arrival"),
            ("deductibles_payment", "claim_id", "deductibles_claim"),
            ("deductibles_payment", "by_id", "accounts_user"),
        ),
    ]
