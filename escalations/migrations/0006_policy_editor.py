"""The editor of the policy: the draft, the note of a version, and which tickets a policy was put over."""

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from accounts.company_keys import company_keys


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_account_acts'),
        ('escalations', '0005_rows_with_room'),
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PolicyDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('data', models.JSONField()),
                ('revision', models.PositiveIntegerField(default=1)),
                ('began_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('base', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='escalations.policyversion')),
                ('began_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('changed_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
            ],
        ),
        migrations.CreateModel(
            name='PolicyDraftEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('revision', models.PositiveIntegerField(default=1)),
                ('began_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('base', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='escalations.policyversion')),
                ('began_by', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('changed_by', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.company')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='escalations.policydraft')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='PolicyMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tickets', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('change', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='policy_moves', to='escalations.reclocking')),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                ('version', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='escalations.policyversion')),
            ],
        ),
        migrations.CreateModel(
            name='Publication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('note', models.CharField(max_length=500)),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                ('version', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='publication', to='escalations.policyversion')),
            ],
        ),
        migrations.CreateModel(
            name='PublicationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('note', models.CharField(max_length=500)),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.company')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='escalations.publication')),
                ('version', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='escalations.policyversion')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='policydraft',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='policy_draft_company_id'),
        ),
        migrations.AddConstraint(
            model_name='policydraft',
            constraint=models.UniqueConstraint(fields=('company',), name='policy_draft_one'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policydraft',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "escalations_policydraftevent" ("base_id", "began_at", "began_by_id", "changed_at", "changed_by_id", "company_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revision") SELECT new_values."base_id", new_values."began_at", new_values."began_by_id", new_values."changed_at", new_values."changed_by_id", new_values."company_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."revision" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='97e70b62300582522d51475133ba923b4b580319', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_62e1a', referencing='REFERENCING NEW TABLE AS new_values ', table='escalations_policydraft', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policydraft',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "escalations_policydraftevent" ("base_id", "began_at", "began_by_id", "changed_at", "changed_by_id", "company_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revision") SELECT new_values."base_id", new_values."began_at", new_values."began_by_id", new_values."changed_at", new_values."changed_by_id", new_values."company_id", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."revision" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."base_id" IS DISTINCT FROM (new_values."base_id") OR old_values."began_at" IS DISTINCT FROM (new_values."began_at") OR old_values."began_by_id" IS DISTINCT FROM (new_values."began_by_id") OR old_values."changed_at" IS DISTINCT FROM (new_values."changed_at") OR old_values."changed_by_id" IS DISTINCT FROM (new_values."changed_by_id") OR old_values."company_id" IS DISTINCT FROM (new_values."company_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."revision" IS DISTINCT FROM (new_values."revision")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='f88a2d8896a528b89c5afb014e2ec19ebc0d0bc6', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_98c42', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='escalations_policydraft', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policydraft',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "escalations_policydraftevent" ("base_id", "began_at", "began_by_id", "changed_at", "changed_by_id", "company_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revision") SELECT old_values."base_id", old_values."began_at", old_values."began_by_id", old_values."changed_at", old_values."changed_by_id", old_values."company_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."revision" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='c6c64492231bff54764ab9420514e5cef735504f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_90563', referencing='REFERENCING OLD TABLE AS old_values ', table='escalations_policydraft', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policydraftevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0b4b50e4589cdefd8e21630aad3ff67300b1dd3a', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_3e956', table='escalations_policydraftevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='policymove',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='policy_move_company_id'),
        ),
        migrations.AddConstraint(
            model_name='policymove',
            constraint=models.UniqueConstraint(fields=('change', 'version'), name='policy_move_once'),
        ),
        migrations.AddConstraint(
            model_name='publication',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='publication_company_id'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publication',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "escalations_publicationevent" ("company_id", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version_id") SELECT new_values."company_id", new_values."id", new_values."note", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."version_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='a99b57dddc0eb71813bdb808c89044a79842bbdc', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_0def7', referencing='REFERENCING NEW TABLE AS new_values ', table='escalations_publication', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publication',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "escalations_publicationevent" ("company_id", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version_id") SELECT new_values."company_id", new_values."id", new_values."note", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."version_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='b17fe6831a46cb41b3b1fa5961fce5b3193d3263', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_a09b0', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='escalations_publication', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publication',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "escalations_publicationevent" ("company_id", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version_id") SELECT old_values."company_id", old_values."id", old_values."note", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."version_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='77482696012e18d6bf3febaa76f28583040b4ceb', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_d0180', referencing='REFERENCING OLD TABLE AS old_values ', table='escalations_publication', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='9ccf54cba895eae8004ca95630ad4b1e238c80e1', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_164c0', table='escalations_publicationevent', when='BEFORE')),
        ),
        company_keys(
            ("escalations_policydraft", "base_id", "escalations_policyversion"),
            ("escalations_policydraft", "began_by_id", "accounts_user"),
            ("escalations_policydraft", "changed_by_id", "accounts_user"),
            ("escalations_publication", "version_id", "escalations_policyversion"),
            ("escalations_policymove", "change_id", "escalations_reclocking"),
            ("escalations_policymove", "version_id", "escalations_policyversion"),
        ),
    ]
