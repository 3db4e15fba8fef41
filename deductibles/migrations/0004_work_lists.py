"""Work lists: troubles of claims, what is set aside, and the payer of a claim beside it."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from accounts.company_keys import company_keys


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_lean_indexes'),
        ('deductibles', '0003_claim_entry'),
        ('patients', '0002_filing_limit_source'),
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Concern',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('unknown', 'Deductible unknown'), ('rejected', 'Rejected questions'), ('lines', 'Lines to look at'), ('coverage', 'Coverage ended'), ('unanswered', 'Not answered twice')], max_length=12)),
                ('since_on', models.DateField()),
                ('codes', models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name='SetAside',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('until_on', models.DateField()),
                ('reason', models.CharField(max_length=300)),
                ('set_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SetAsideEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(max_length=12)),
                ('until_on', models.DateField()),
                ('reason', models.CharField(max_length=300)),
                ('set_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='claim',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='claim',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='claim',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='claim',
            name='payer',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.payer'),
        ),
        migrations.AddField(
            model_name='claimevent',
            name='payer',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.payer'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='claim',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_claimevent" ("ambulance", "changed_at", "company_id", "created_at", "date_of_service", "deductible_unknown", "diagnoses", "id", "number", "patient_id", "payer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_of_service", "provider_id", "sequence", "status", "total", "version") SELECT new_values."ambulance", new_values."changed_at", new_values."company_id", new_values."created_at", new_values."date_of_service", new_values."deductible_unknown", new_values."diagnoses", new_values."id", new_values."number", new_values."patient_id", new_values."payer_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."place_of_service", new_values."provider_id", new_values."sequence", new_values."status", new_values."total", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='14379c5339d0b495dfbfdffc665d59c6710ffc6e', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_6cdd5', referencing='REFERENCING NEW TABLE AS new_values ', table='deductibles_claim', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='claim',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_claimevent" ("ambulance", "changed_at", "company_id", "created_at", "date_of_service", "deductible_unknown", "diagnoses", "id", "number", "patient_id", "payer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_of_service", "provider_id", "sequence", "status", "total", "version") SELECT new_values."ambulance", new_values."changed_at", new_values."company_id", new_values."created_at", new_values."date_of_service", new_values."deductible_unknown", new_values."diagnoses", new_values."id", new_values."number", new_values."patient_id", new_values."payer_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."place_of_service", new_values."provider_id", new_values."sequence", new_values."status", new_values."total", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='68366ccb2ed8e1ada39920ffa092d6225d92427b', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_7818d', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='deductibles_claim', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='claim',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_claimevent" ("ambulance", "changed_at", "company_id", "created_at", "date_of_service", "deductible_unknown", "diagnoses", "id", "number", "patient_id", "payer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_of_service", "provider_id", "sequence", "status", "total", "version") SELECT old_values."ambulance", old_values."changed_at", old_values."company_id", old_values."created_at", old_values."date_of_service", old_values."deductible_unknown", old_values."diagnoses", old_values."id", old_values."number", old_values."patient_id", old_values."payer_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."place_of_service", old_values."provider_id", old_values."sequence", old_values."status", old_values."total", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='51c9517d36887578c9a4b67165ef54939d9c8248', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_245ac', referencing='REFERENCING OLD TABLE AS old_values ', table='deductibles_claim', when='AFTER')),
        ),
        migrations.AddField(
            model_name='concern',
            name='claim',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='concerns', to='deductibles.claim'),
        ),
        migrations.AddField(
            model_name='concern',
            name='company',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company'),
        ),
        migrations.AddField(
            model_name='concern',
            name='payer',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.payer'),
        ),
        migrations.AddField(
            model_name='setaside',
            name='claim',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='set_aside', to='deductibles.claim'),
        ),
        migrations.AddField(
            model_name='setaside',
            name='company',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company'),
        ),
        migrations.AddField(
            model_name='setaside',
            name='set_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='setasideevent',
            name='claim',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='deductibles.claim'),
        ),
        migrations.AddField(
            model_name='setasideevent',
            name='company',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.company'),
        ),
        migrations.AddField(
            model_name='setasideevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='setasideevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='deductibles.setaside'),
        ),
        migrations.AddField(
            model_name='setasideevent',
            name='set_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='concern',
            index=models.Index(fields=['company', 'kind', 'since_on', 'claim'], name='concern_list'),
        ),
        migrations.AddIndex(
            model_name='concern',
            index=models.Index(fields=['company', 'payer', 'kind', 'since_on', 'claim'], name='concern_list_by_payer'),
        ),
        migrations.AddConstraint(
            model_name='concern',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='concern_company_id'),
        ),
        migrations.AddConstraint(
            model_name='concern',
            constraint=models.UniqueConstraint(fields=('claim', 'kind'), name='concern_once'),
        ),
        migrations.AddIndex(
            model_name='setaside',
            index=models.Index(fields=['company', 'kind', 'until_on', 'claim'], name='set_aside_in_force'),
        ),
        migrations.AddConstraint(
            model_name='setaside',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='set_aside_company_id'),
        ),
        migrations.AddConstraint(
            model_name='setaside',
            constraint=models.UniqueConstraint(fields=('claim', 'kind'), name='set_aside_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='setaside',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_setasideevent" ("claim_id", "company_id", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "set_at", "set_by_id", "until_on") SELECT new_values."claim_id", new_values."company_id", new_values."id", new_values."kind", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason", new_values."set_at", new_values."set_by_id", new_values."until_on" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='bb9f8a9412478e767fe6e6ee2c4cdc670bfed227', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_5652d', referencing='REFERENCING NEW TABLE AS new_values ', table='deductibles_setaside', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='setaside',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_setasideevent" ("claim_id", "company_id", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "set_at", "set_by_id", "until_on") SELECT new_values."claim_id", new_values."company_id", new_values."id", new_values."kind", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reason", new_values."set_at", new_values."set_by_id", new_values."until_on" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='d681255e1a4e4b549e0ac0dfffea7f27b4937f51', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_09109', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='deductibles_setaside', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='setaside',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_setasideevent" ("claim_id", "company_id", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "set_at", "set_by_id", "until_on") SELECT old_values."claim_id", old_values."company_id", old_values."id", old_values."kind", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason", old_values."set_at", old_values."set_by_id", old_values."until_on" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='f1599d24e50ec82a8b6f5911d772f8f216eb8f39', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_2a02c', referencing='REFERENCING OLD TABLE AS old_values ', table='deductibles_setaside', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='setasideevent',
            index=models.Index(fields=['claim'], name='setaside_history_claim'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='setasideevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8eb7719bab0beecc66e30aefb48952c7aaf6faf0', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_7777f', table='deductibles_setasideevent', when='BEFORE')),
        ),
        company_keys(
            ('deductibles_claim', 'payer_id', 'patients_payer'),
            ('deductibles_concern', 'claim_id', 'deductibles_claim'),
            ('deductibles_concern', 'payer_id', 'patients_payer'),
            ('deductibles_setaside', 'claim_id', 'deductibles_claim'),
            ('deductibles_setaside', 'set_by_id', 'accounts_user'),
        ),
    ]
