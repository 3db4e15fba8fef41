"""The tables of the first release; what came before is folded into them (docs/decisions/0017)."""

import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

from accounts.company_keys import company_keys
from accounts.tables_at_once import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('tables', '0001_initial'),
        ('tables', '0002_company_keys'),
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
                    name='SavedView',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('table', models.CharField(max_length=40)),
                        ('name', models.CharField(max_length=60)),
                        ('query', models.CharField(blank=True, max_length=1000)),
                        ('order', models.JSONField(default=list)),
                        ('hidden', models.JSONField(default=list)),
                        ('shared', models.BooleanField(default=False)),
                        ('created_at', models.DateTimeField()),
                        ('changed_at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                        ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['company', 'table', 'name'], name='saved_view_of_table')],
                        'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='saved_view_company_id'), models.UniqueConstraint(fields=('owner', 'table', 'name'), name='saved_view_name_once')],
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "tables_savedviewevent" ("changed_at", "company_id", "created_at", "hidden", "id", "name", "order", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "query", "shared", "table") SELECT new_values."changed_at", new_values."company_id", new_values."created_at", new_values."hidden", new_values."id", new_values."name", new_values."order", new_values."owner_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."query", new_values."shared", new_values."table" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='720c253d4d7ec5ac4f0f338a20e95960e9097190', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_f0eec', referencing='REFERENCING NEW TABLE AS new_values ', table='tables_savedview', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "tables_savedviewevent" ("changed_at", "company_id", "created_at", "hidden", "id", "name", "order", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "query", "shared", "table") SELECT new_values."changed_at", new_values."company_id", new_values."created_at", new_values."hidden", new_values."id", new_values."name", new_values."order", new_values."owner_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."query", new_values."shared", new_values."table" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='aabfd0b71210bfa12168394b34687ce146d96c7b', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_045c0', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='tables_savedview', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "tables_savedviewevent" ("changed_at", "company_id", "created_at", "hidden", "id", "name", "order", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "query", "shared", "table") SELECT old_values."changed_at", old_values."company_id", old_values."created_at", old_values."hidden", old_values."id", old_values."name", old_values."order", old_values."owner_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."query", old_values."shared", old_values."table" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='31749de93bb75490870ecb98fc6922e813c43a89', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_db8b2', referencing='REFERENCING OLD TABLE AS old_values ', table='tables_savedview', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='ColumnChoice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('table', models.CharField(max_length=40)),
                        ('chosen', models.BooleanField(default=False)),
                        ('order', models.JSONField(default=list)),
                        ('hidden', models.JSONField(default=list)),
                        ('changed_at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('opens_with', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tables.savedview')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='column_choice_company_id'), models.UniqueConstraint(fields=('user', 'table'), name='column_choice_once')],
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "tables_columnchoiceevent" ("changed_at", "chosen", "company_id", "hidden", "id", "opens_with_id", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "table", "user_id") SELECT new_values."changed_at", new_values."chosen", new_values."company_id", new_values."hidden", new_values."id", new_values."opens_with_id", new_values."order", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."table", new_values."user_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='cb955651ba1bb3595aa3f381219c4e12fe9d8eb3', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_2d5d3', referencing='REFERENCING NEW TABLE AS new_values ', table='tables_columnchoice', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "tables_columnchoiceevent" ("changed_at", "chosen", "company_id", "hidden", "id", "opens_with_id", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "table", "user_id") SELECT new_values."changed_at", new_values."chosen", new_values."company_id", new_values."hidden", new_values."id", new_values."opens_with_id", new_values."order", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."table", new_values."user_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='69508bfdabb7cefe003fa40b4b526e204c944c05', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_7355e', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='tables_columnchoice', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "tables_columnchoiceevent" ("changed_at", "chosen", "company_id", "hidden", "id", "opens_with_id", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "table", "user_id") SELECT old_values."changed_at", old_values."chosen", old_values."company_id", old_values."hidden", old_values."id", old_values."opens_with_id", old_values."order", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."table", old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='9c5e13a739c623d1e00beb3ec8f74873e9e99d2f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_43757', referencing='REFERENCING OLD TABLE AS old_values ', table='tables_columnchoice', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='ColumnChoiceEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('table', models.CharField(max_length=40)),
                        ('chosen', models.BooleanField(default=False)),
                        ('order', models.JSONField(default=list)),
                        ('hidden', models.JSONField(default=list)),
                        ('changed_at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.company')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='tables.columnchoice')),
                        ('user', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('opens_with', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tables.savedview')),
                    ],
                    options={
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='467f58908967bd3d2779c9fa6cd739599d33ae80', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_9cfc0', table='tables_columnchoiceevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='SavedViewEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('table', models.CharField(max_length=40)),
                        ('name', models.CharField(max_length=60)),
                        ('query', models.CharField(blank=True, max_length=1000)),
                        ('order', models.JSONField(default=list)),
                        ('hidden', models.JSONField(default=list)),
                        ('shared', models.BooleanField(default=False)),
                        ('created_at', models.DateTimeField()),
                        ('changed_at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.company')),
                        ('owner', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='tables.savedview')),
                    ],
                    options={
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b5c45999e110e31c8b033ab831f0261d002be3f9', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_85e67', table='tables_savedviewevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Export',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('table', models.CharField(max_length=40)),
                        ('query', models.CharField(blank=True, max_length=1000)),
                        ('searched', models.BooleanField()),
                        ('columns', models.JSONField(default=list)),
                        ('rows', models.PositiveIntegerField()),
                        ('cut', models.BooleanField()),
                        ('at', models.DateTimeField()),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['company', '-at'], name='export_newest')],
                        'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='export_company_id')],
                        'triggers': [pgtrigger.compiler.Trigger(name='export_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='80457aff0079f033b6bf69f17aa54fc75e299a50', operation='UPDATE OR DELETE', pgid='pgtrigger_export_kept_fd52e', table='tables_export', when='BEFORE'))],
                    },
                ),
            ],
        ),
        company_keys(
            ('tables_savedview', 'owner_id', 'accounts_user'),
            ('tables_columnchoice', 'user_id', 'accounts_user'),
            ('tables_columnchoice', 'opens_with_id', 'tables_savedview'),
            ('tables_export', 'by_id', 'accounts_user'),
        ),
    ]
