"""The tables of the first release; what came before is folded into them (docs/decisions/0017)."""

import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations, models

from accounts.company_keys import company_keys
from accounts.tables_at_once import CreateModels
from patients.migrations import _search


class Migration(migrations.Migration):

    replaces = [
        ('patients', '0001_initial'),
        ('patients', '0002_contact_reading_versions'),
        ('patients', '0003_search_and_company_keys'),
        ('patients', '0004_desk'),
        ('patients', '0005_desk_company_keys'),
        ('patients', '0006_time_zone'),
        ('patients', '0007_nearly'),
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
                    name='Patient',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('first_name', models.CharField(max_length=60)),
                        ('last_name', models.CharField(max_length=60)),
                        ('date_of_birth', models.DateField()),
                        ('sex', models.CharField(choices=[('F', 'female'), ('M', 'male'), ('U', 'unknown')], default='U', max_length=1)),
                        ('account_number', models.CharField(blank=True, max_length=40)),
                        ('phone', models.CharField(blank=True, max_length=24)),
                        ('email', models.EmailField(blank=True, max_length=254)),
                        ('line1', models.CharField(blank=True, max_length=55)),
                        ('line2', models.CharField(blank=True, max_length=55)),
                        ('city', models.CharField(blank=True, max_length=30)),
                        ('state', models.CharField(blank=True, max_length=2)),
                        ('zip', models.CharField(blank=True, max_length=10)),
                        ('do_not_call', models.BooleanField(default=False)),
                        ('do_not_message', models.BooleanField(default=False)),
                        ('do_not_mail', models.BooleanField(default=False)),
                        ('created_at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                        ('version', models.PositiveIntegerField(db_default=1, default=1)),
                        ('time_zone', models.CharField(blank=True, db_default='', default='', max_length=40)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['company', 'last_name', 'first_name'], name='patient_by_name'), models.Index(fields=['company', 'date_of_birth'], name='patient_by_birth')],
                        'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='patient_company_id'), models.UniqueConstraint(condition=models.Q(('account_number', ''), _negated=True), fields=('company', 'account_number'), name='patient_account_once')],
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "patients_patientevent" ("account_number", "city", "company_id", "created_at", "date_of_birth", "do_not_call", "do_not_mail", "do_not_message", "email", "first_name", "id", "last_name", "line1", "line2", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "sex", "state", "time_zone", "version", "zip") SELECT new_values."account_number", new_values."city", new_values."company_id", new_values."created_at", new_values."date_of_birth", new_values."do_not_call", new_values."do_not_mail", new_values."do_not_message", new_values."email", new_values."first_name", new_values."id", new_values."last_name", new_values."line1", new_values."line2", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."phone", new_values."sex", new_values."state", new_values."time_zone", new_values."version", new_values."zip" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='340ad8e39484f71b8e00225b6b72772cda813d08', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_62165', referencing='REFERENCING NEW TABLE AS new_values ', table='patients_patient', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "patients_patientevent" ("account_number", "city", "company_id", "created_at", "date_of_birth", "do_not_call", "do_not_mail", "do_not_message", "email", "first_name", "id", "last_name", "line1", "line2", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "sex", "state", "time_zone", "version", "zip") SELECT new_values."account_number", new_values."city", new_values."company_id", new_values."created_at", new_values."date_of_birth", new_values."do_not_call", new_values."do_not_mail", new_values."do_not_message", new_values."email", new_values."first_name", new_values."id", new_values."last_name", new_values."line1", new_values."line2", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."phone", new_values."sex", new_values."state", new_values."time_zone", new_values."version", new_values."zip" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='0f538d9ca19e8be7b5b4c9c23866715c1963e5d7', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_546ce', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='patients_patient', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "patients_patientevent" ("account_number", "city", "company_id", "created_at", "date_of_birth", "do_not_call", "do_not_mail", "do_not_message", "email", "first_name", "id", "last_name", "line1", "line2", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "sex", "state", "time_zone", "version", "zip") SELECT old_values."account_number", old_values."city", old_values."company_id", old_values."created_at", old_values."date_of_birth", old_values."do_not_call", old_values."do_not_mail", old_values."do_not_message", old_values."email", old_values."first_name", old_values."id", old_values."last_name", old_values."line1", old_values."line2", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."phone", old_values."sex", old_values."state", old_values."time_zone", old_values."version", old_values."zip" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='fda2d5c4547160b3a1d3410b24eb6886744d9a96', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_9898d', referencing='REFERENCING OLD TABLE AS old_values ', table='patients_patient', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='PatientEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('first_name', models.CharField(max_length=60)),
                        ('last_name', models.CharField(max_length=60)),
                        ('date_of_birth', models.DateField()),
                        ('sex', models.CharField(choices=[('F', 'female'), ('M', 'male'), ('U', 'unknown')], default='U', max_length=1)),
                        ('account_number', models.CharField(blank=True, max_length=40)),
                        ('phone', models.CharField(blank=True, max_length=24)),
                        ('email', models.EmailField(blank=True, max_length=254)),
                        ('line1', models.CharField(blank=True, max_length=55)),
                        ('line2', models.CharField(blank=True, max_length=55)),
                        ('city', models.CharField(blank=True, max_length=30)),
                        ('state', models.CharField(blank=True, max_length=2)),
                        ('zip', models.CharField(blank=True, max_length=10)),
                        ('do_not_call', models.BooleanField(default=False)),
                        ('do_not_message', models.BooleanField(default=False)),
                        ('do_not_mail', models.BooleanField(default=False)),
                        ('created_at', models.DateTimeField()),
                        ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.company')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='patients.patient')),
                        ('version', models.PositiveIntegerField(db_default=1, default=1)),
                        ('time_zone', models.CharField(blank=True, db_default='', default='', max_length=40)),
                    ],
                    options={
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d56fc44e91ee8df71d41dd0265710731967b921c', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_ade9e', table='patients_patientevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Payer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=60)),
                        ('payer_id', models.CharField(max_length=20)),
                        ('kind', models.CharField(choices=[('commercial', 'Commercial'), ('medicare_advantage', 'Medicare Advantage'), ('medicare', 'Medicare'), ('medicaid', 'Medicaid'), ('workers_comp', "Workers' compensation"), ('auto', 'Auto')], default='commercial', max_length=24)),
                        ('never_hold', models.BooleanField(default=False)),
                        ('filing_limit_days', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3650)])),
                        ('network', models.CharField(choices=[('in', 'in network'), ('out', 'out of network')], default='in', max_length=8)),
                        ('max_days', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)])),
                        ('dollar_threshold', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(0)])),
                        ('monitor_above', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(0)])),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                        ('version', models.PositiveIntegerField(db_default=1, default=1)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='payer_company_id'), models.UniqueConstraint(fields=('company', 'payer_id', 'name'), name='payer_once')],
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "patients_payerevent" ("company_id", "dollar_threshold", "filing_limit_days", "id", "kind", "max_days", "monitor_above", "name", "network", "never_hold", "payer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") SELECT new_values."company_id", new_values."dollar_threshold", new_values."filing_limit_days", new_values."id", new_values."kind", new_values."max_days", new_values."monitor_above", new_values."name", new_values."network", new_values."never_hold", new_values."payer_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e7b194430b23a37512b5176092dac3b2e23e3048', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_f04e1', referencing='REFERENCING NEW TABLE AS new_values ', table='patients_payer', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "patients_payerevent" ("company_id", "dollar_threshold", "filing_limit_days", "id", "kind", "max_days", "monitor_above", "name", "network", "never_hold", "payer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") SELECT new_values."company_id", new_values."dollar_threshold", new_values."filing_limit_days", new_values."id", new_values."kind", new_values."max_days", new_values."monitor_above", new_values."name", new_values."network", new_values."never_hold", new_values."payer_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='aea39100834e3fcbbeea33e3760e4ae2082c7c12', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_6f4a4', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='patients_payer', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "patients_payerevent" ("company_id", "dollar_threshold", "filing_limit_days", "id", "kind", "max_days", "monitor_above", "name", "network", "never_hold", "payer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") SELECT old_values."company_id", old_values."dollar_threshold", old_values."filing_limit_days", old_values."id", old_values."kind", old_values."max_days", old_values."monitor_above", old_values."name", old_values."network", old_values."never_hold", old_values."payer_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='72e7d49ffb7c7334a6c899aadffcd03e146f50eb', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_3ca6f', referencing='REFERENCING OLD TABLE AS old_values ', table='patients_payer', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='PayerEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('name', models.CharField(max_length=60)),
                        ('payer_id', models.CharField(max_length=20)),
                        ('kind', models.CharField(choices=[('commercial', 'Commercial'), ('medicare_advantage', 'Medicare Advantage'), ('medicare', 'Medicare'), ('medicaid', 'Medicaid'), ('workers_comp', "Workers' compensation"), ('auto', 'Auto')], default='commercial', max_length=24)),
                        ('never_hold', models.BooleanField(default=False)),
                        ('filing_limit_days', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3650)])),
                        ('network', models.CharField(choices=[('in', 'in network'), ('out', 'out of network')], default='in', max_length=8)),
                        ('max_days', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)])),
                        ('dollar_threshold', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(0)])),
                        ('monitor_above', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(0)])),
                        ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.company')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='patients.payer')),
                        ('version', models.PositiveIntegerField(db_default=1, default=1)),
                    ],
                    options={
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='fb5ea46db7f4cdfd20bc618a4c0995248b4d4476', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_0bc57', table='patients_payerevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='ContactRefusal',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('channel', models.CharField(choices=[('calls', 'Calls'), ('messages', 'Messages'), ('mail', 'Mail')], max_length=8)),
                        ('reason', models.CharField(max_length=300)),
                        ('refused_at', models.DateTimeField()),
                        ('lifted_at', models.DateTimeField(null=True)),
                        ('lifted_reason', models.CharField(blank=True, max_length=300)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                        ('lifted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refusals', to='patients.patient')),
                        ('refused_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='contact_refusal_company_id'), models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('patient', 'channel'), name='contact_refusal_one_in_force'), models.CheckConstraint(condition=models.Q(('lifted_at', None), models.Q(('lifted_reason', ''), _negated=True), _connector='OR'), name='contact_refusal_lifted_with_reason')],
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "patients_contactrefusalevent" ("channel", "company_id", "id", "lifted_at", "lifted_by_id", "lifted_reason", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "refused_at", "refused_by_id") SELECT new_values."channel", new_values."company_id", new_values."id", new_values."lifted_at", new_values."lifted_by_id", new_values."lifted_reason", new_values."patient_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason", new_values."refused_at", new_values."refused_by_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='cfa2d3c470c436d0ef370eaeb3658743d200dc50', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_53a6e', referencing='REFERENCING NEW TABLE AS new_values ', table='patients_contactrefusal', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "patients_contactrefusalevent" ("channel", "company_id", "id", "lifted_at", "lifted_by_id", "lifted_reason", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "refused_at", "refused_by_id") SELECT new_values."channel", new_values."company_id", new_values."id", new_values."lifted_at", new_values."lifted_by_id", new_values."lifted_reason", new_values."patient_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reason", new_values."refused_at", new_values."refused_by_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='78a8c8bd18a95df525b9b7a85947a6162decd10e', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_35728', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='patients_contactrefusal', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "patients_contactrefusalevent" ("channel", "company_id", "id", "lifted_at", "lifted_by_id", "lifted_reason", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "refused_at", "refused_by_id") SELECT old_values."channel", old_values."company_id", old_values."id", old_values."lifted_at", old_values."lifted_by_id", old_values."lifted_reason", old_values."patient_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason", old_values."refused_at", old_values."refused_by_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='06d2afbbda04b1e9f4a5474a8d10b7abc709833e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_81c0b', referencing='REFERENCING OLD TABLE AS old_values ', table='patients_contactrefusal', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='ContactRefusalEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('channel', models.CharField(choices=[('calls', 'Calls'), ('messages', 'Messages'), ('mail', 'Mail')], max_length=8)),
                        ('reason', models.CharField(max_length=300)),
                        ('refused_at', models.DateTimeField()),
                        ('lifted_at', models.DateTimeField(null=True)),
                        ('lifted_reason', models.CharField(blank=True, max_length=300)),
                        ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.company')),
                        ('lifted_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('patient', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.patient')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='patients.contactrefusal')),
                        ('refused_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='02d79603bec5617189069b8361b1cf22550fabcf', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_d5cab', table='patients_contactrefusalevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='PatientReading',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('door', models.CharField(choices=[('page', 'patient page'), ('tickets', 'escalations of the patient'), ('claims', 'claims of the patient'), ('ticket', 'ticket'), ('claim', 'claim'), ('api', 'API')], max_length=8)),
                        ('at', models.DateTimeField()),
                        ('minute', models.DateTimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                        ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='readings', to='patients.patient')),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['patient', '-at'], name='patient_reading_newest'), models.Index(fields=['user', '-at'], name='patient_reading_of_user')],
                        'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='patient_reading_company_id'), models.UniqueConstraint(fields=('patient', 'user', 'door', 'minute'), name='patient_reading_once_a_minute')],
                        'triggers': [pgtrigger.compiler.Trigger(name='patient_reading_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3beededb8a30839c8840d92318501dd1cb985aa4', operation='UPDATE OR DELETE', pgid='pgtrigger_patient_reading_kept_67bf4', table='patients_patientreading', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='PatientSearch',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('door', models.CharField(choices=[('page', 'patient page'), ('tickets', 'escalations of the patient'), ('claims', 'claims of the patient'), ('ticket', 'ticket'), ('claim', 'claim'), ('api', 'API')], max_length=8)),
                        ('at', models.DateTimeField()),
                        ('hits', models.PositiveIntegerField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='patient_search_company_id')],
                        'triggers': [pgtrigger.compiler.Trigger(name='patient_search_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='51f5916a8db1a6ed1d6cff3cffddbbdd19a5fab0', operation='UPDATE OR DELETE', pgid='pgtrigger_patient_search_kept_ff8aa', table='patients_patientsearch', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='PatientMark',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('compassionate_care', 'Compassionate Care application')], max_length=24)),
                        ('reason', models.CharField(max_length=300)),
                        ('set_at', models.DateTimeField()),
                        ('lifted_at', models.DateTimeField(null=True)),
                        ('lifted_reason', models.CharField(blank=True, max_length=300)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                        ('lifted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='marks', to='patients.patient')),
                        ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='patient_mark_company_id'), models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('patient', 'kind'), name='patient_mark_one_in_force'), models.CheckConstraint(condition=models.Q(('lifted_at', None), models.Q(('lifted_reason', ''), _negated=True), _connector='OR'), name='patient_mark_lifted_with_reason')],
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "patients_patientmarkevent" ("company_id", "id", "kind", "lifted_at", "lifted_by_id", "lifted_reason", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "set_at", "set_by_id") SELECT new_values."company_id", new_values."id", new_values."kind", new_values."lifted_at", new_values."lifted_by_id", new_values."lifted_reason", new_values."patient_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason", new_values."set_at", new_values."set_by_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e32ccb473299cac75ac8a557504c6cd48f0bfea6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_0c9a8', referencing='REFERENCING NEW TABLE AS new_values ', table='patients_patientmark', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "patients_patientmarkevent" ("company_id", "id", "kind", "lifted_at", "lifted_by_id", "lifted_reason", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "set_at", "set_by_id") SELECT new_values."company_id", new_values."id", new_values."kind", new_values."lifted_at", new_values."lifted_by_id", new_values."lifted_reason", new_values."patient_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reason", new_values."set_at", new_values."set_by_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='f1cc6c1b464b832da001fa9fc90dc88d5f8b8933', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_338d4', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='patients_patientmark', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "patients_patientmarkevent" ("company_id", "id", "kind", "lifted_at", "lifted_by_id", "lifted_reason", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "set_at", "set_by_id") SELECT old_values."company_id", old_values."id", old_values."kind", old_values."lifted_at", old_values."lifted_by_id", old_values."lifted_reason", old_values."patient_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason", old_values."set_at", old_values."set_by_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='15b8a4125abb1cafe03ddf1c6d67126f1ce834b2', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_10496', referencing='REFERENCING OLD TABLE AS old_values ', table='patients_patientmark', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='PatientMarkEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('kind', models.CharField(choices=[('compassionate_care', 'Compassionate Care application')], max_length=24)),
                        ('reason', models.CharField(max_length=300)),
                        ('set_at', models.DateTimeField()),
                        ('lifted_at', models.DateTimeField(null=True)),
                        ('lifted_reason', models.CharField(blank=True, max_length=300)),
                        ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.company')),
                        ('lifted_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('patient', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.patient')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='patients.patientmark')),
                        ('set_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='1a99c45dd72a059fd35fb306fdf652be726b16fd', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_794d8', table='patients_patientmarkevent', when='BEFORE'))],
                    },
                ),
            ],
        ),
        company_keys(
            ('patients_contactrefusal', 'patient_id', 'patients_patient'),
            ('patients_contactrefusal', 'refused_by_id', 'accounts_user'),
            ('patients_contactrefusal', 'lifted_by_id', 'accounts_user'),
            ('patients_patientreading', 'patient_id', 'patients_patient'),
            ('patients_patientreading', 'user_id', 'accounts_user'),
            ('patients_patientsearch', 'user_id', 'accounts_user'),
            ('patients_patientmark', 'patient_id', 'patients_patient'),
            ('patients_patientmark', 'set_by_id', 'accounts_user'),
            ('patients_patientmark', 'lifted_by_id', 'accounts_user'),
        ),
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(_search.FORWARDS, _search.BACKWARDS),
    ]
