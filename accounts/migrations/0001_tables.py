"""The tables of the first release; what came before is folded into them (docs/decisions/0017)."""

import accounts.roles
import django.contrib.auth.models
import django.contrib.auth.validators
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

from accounts.company_keys import company_keys
from accounts.tables_at_once import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('accounts', '0001_initial'),
        ('accounts', '0002_single_keys'),
        ('accounts', '0003_token_history'),
        ('accounts', '0004_teams'),
        ('accounts', '0005_team_company_keys'),
        ('accounts', '0006_member_history'),
    ]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        CreateModels(
            tables=[
                migrations.CreateModel(
                    name='Company',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.SlugField(help_text='Short name used in commands and folder names.', unique=True)),
                        ('name', models.CharField(max_length=120)),
                        ('time_zone', models.CharField(default='America/Chicago', max_length=64)),
                        ('is_ambulance', models.BooleanField(default=True, help_text='Reads service type 59 lines before 30 (D-X12-7).')),
                        ('itemized_bill_address', models.EmailField(blank=True, help_text='Where insurers write to for an itemized bill (R-ITEM-3).', max_length=254)),
                    ],
                    options={
                        'verbose_name_plural': 'companies',
                    },
                ),
                migrations.CreateModel(
                    name='User',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('password', models.CharField(max_length=128, verbose_name='password')),
                        ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                        ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                        ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                        ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                        ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                        ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                        ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                        ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                        ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                        ('role', models.CharField(choices=[('agent', 'agent'), ('biller', 'biller'), ('supervisor', 'supervisor'), ('admin', 'admin')], default=accounts.roles.Role['AGENT'], max_length=16)),
                        ('theme', models.CharField(blank=True, choices=[('', 'as the system'), ('light', 'light'), ('dark', 'dark')], max_length=8)),
                        ('density', models.CharField(choices=[('compact', 'compact'), ('comfortable', 'comfortable')], default='compact', max_length=12)),
                        ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='people', to='accounts.company')),
                        ('single_keys', models.BooleanField(default=True, help_text='Whether single letters act on a page; some speech input types them.')),
                        ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='people', to='accounts.team')),
                        ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                        ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='user_company_id')],
                        'triggers': [pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_userhistory" ("company_id", "id", "is_active", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "team_id") SELECT new_values."company_id", new_values."id", new_values."is_active", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."role", new_values."team_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."is_active" IS DISTINCT FROM (new_values."is_active") OR old_values."role" IS DISTINCT FROM (new_values."role") OR old_values."team_id" IS DISTINCT FROM (new_values."team_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='2efcaf71fc70aca967b3dc521e37284d3272af8a', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_0e890', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='accounts_user', when='AFTER'))],
                    },
                    managers=[
                        ('objects', django.contrib.auth.models.UserManager()),
                    ],
                ),
                migrations.CreateModel(
                    name='ApiToken',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=80)),
                        ('digest', models.CharField(max_length=64, unique=True, validators=[django.core.validators.RegexValidator('^[0-9a-f]{64}$')])),
                        ('created_at', models.DateTimeField()),
                        ('expires_at', models.DateTimeField()),
                        ('revoked_at', models.DateTimeField(blank=True, null=True)),
                        ('last_used_at', models.DateTimeField(blank=True, null=True)),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_apitokenevent" ("created_at", "expires_at", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "user_id") SELECT new_values."created_at", new_values."expires_at", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."revoked_at", new_values."user_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='7fc4fad7ac58f22ac64b2751eddf38144da81aa6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_01b7d', referencing='REFERENCING NEW TABLE AS new_values ', table='accounts_apitoken', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_apitokenevent" ("created_at", "expires_at", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "user_id") SELECT old_values."created_at", old_values."expires_at", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."revoked_at", old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='a24b95cfd9458e713fa7681ed6844b55ae4fff8c', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_6e065', referencing='REFERENCING OLD TABLE AS old_values ', table='accounts_apitoken', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_apitokenevent" ("created_at", "expires_at", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "user_id") SELECT new_values."created_at", new_values."expires_at", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."revoked_at", new_values."user_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."revoked_at" IS DISTINCT FROM (new_values."revoked_at")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='fa40501475d833b94770acca1813272ce7dd5120', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_df53b', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='accounts_apitoken', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='ApiTokenEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('name', models.CharField(max_length=80)),
                        ('created_at', models.DateTimeField()),
                        ('expires_at', models.DateTimeField()),
                        ('revoked_at', models.DateTimeField(blank=True, null=True)),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='accounts.apitoken')),
                        ('user', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='bc095a3000ebe7169f0e579188212d997c91f15c', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_f6ae5', table='accounts_apitokenevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Shift',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('weekday', models.PositiveSmallIntegerField()),
                        ('starts', models.TimeField()),
                        ('ends', models.TimeField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shifts', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='shift_company_id'), models.UniqueConstraint(fields=('user', 'weekday', 'starts'), name='shift_once'), models.CheckConstraint(condition=models.Q(('weekday__lte', 6)), name='shift_on_a_weekday'), models.CheckConstraint(condition=models.Q(('ends__gt', models.F('starts'))), name='shift_ends_after_start')],
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_shiftevent" ("company_id", "ends", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts", "user_id", "weekday") SELECT new_values."company_id", new_values."ends", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."starts", new_values."user_id", new_values."weekday" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='ca7db91dd319120d2090c6dc5fa0e39a92cd876c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_743d7', referencing='REFERENCING NEW TABLE AS new_values ', table='accounts_shift', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_shiftevent" ("company_id", "ends", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts", "user_id", "weekday") SELECT new_values."company_id", new_values."ends", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."starts", new_values."user_id", new_values."weekday" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='59e23d0875c4ec4bc5269afd9ba0767ea5f84a87', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_17be6', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='accounts_shift', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_shiftevent" ("company_id", "ends", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts", "user_id", "weekday") SELECT old_values."company_id", old_values."ends", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."starts", old_values."user_id", old_values."weekday" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='6c202ed314de1cc327e5bc535e05d45393a0641f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_db7c6', referencing='REFERENCING OLD TABLE AS old_values ', table='accounts_shift', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='ShiftEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('weekday', models.PositiveSmallIntegerField()),
                        ('starts', models.TimeField()),
                        ('ends', models.TimeField()),
                        ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.company')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='accounts.shift')),
                        ('user', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0a552e57d98d2a159c7711e138be89f414bcfa01', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_5091d', table='accounts_shiftevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Team',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=60)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                        ('lead', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='team_company_id'), models.UniqueConstraint(fields=('company', 'name'), name='team_name_once')],
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_teamevent" ("company_id", "id", "lead_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."company_id", new_values."id", new_values."lead_id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='bcbfe0951b9f102d97eb105f20f0552ce4b51484', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_71b40', referencing='REFERENCING NEW TABLE AS new_values ', table='accounts_team', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_teamevent" ("company_id", "id", "lead_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."company_id", new_values."id", new_values."lead_id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='a08db0ec44990965a384a6b06030601230b2b8d7', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_529da', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='accounts_team', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_teamevent" ("company_id", "id", "lead_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."company_id", old_values."id", old_values."lead_id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='7bf3b8dffbb2f8130e1cfaa318be80e1b26623bc', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_5bd04', referencing='REFERENCING OLD TABLE AS old_values ', table='accounts_team', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='TeamEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('name', models.CharField(max_length=60)),
                        ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.company')),
                        ('lead', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='accounts.team')),
                    ],
                    options={
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='86fe6d88b31fca89c72d6d66e9cd1db158f91495', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_f422b', table='accounts_teamevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='UserHistory',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('role', models.CharField(choices=[('agent', 'agent'), ('biller', 'biller'), ('supervisor', 'supervisor'), ('admin', 'admin')], default=accounts.roles.Role['AGENT'], max_length=16)),
                        ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                        ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.company')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to=settings.AUTH_USER_MODEL)),
                        ('team', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.team')),
                    ],
                    options={
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='68ffa9ce3b529c4c151c9348adc79b98119cd550', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_4f815', table='accounts_userhistory', when='BEFORE'))],
                    },
                ),
            ],
        ),
        company_keys(
            ('accounts_team', 'lead_id', 'accounts_user'),
            ('accounts_user', 'team_id', 'accounts_team'),
            ('accounts_shift', 'user_id', 'accounts_user'),
        ),
    ]
