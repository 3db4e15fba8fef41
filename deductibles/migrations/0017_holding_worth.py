"""Whether holding pays: the rates it is counted by, and a line for each claim that was held and heard of."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from accounts.company_keys import company_keys


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_token_limits'),
        ('deductibles', '0016_companies_checked_once'),
        ('patients', '0003_imports'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='HoldingRates',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('collected', models.DecimalField(decimal_places=4, max_digits=5)),
                ('co_insurance', models.DecimalField(decimal_places=4, max_digits=5)),
                ('money', models.DecimalField(decimal_places=4, max_digits=5)),
                ('source', models.CharField(blank=True, max_length=200)),
                ('measured_to', models.DateField(null=True)),
                ('created_at', models.DateTimeField()),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
            ],
            options={
                'verbose_name_plural': 'holding rates',
            },
        ),
        migrations.CreateModel(
            name='HoldingRatesEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('version', models.PositiveIntegerField()),
                ('collected', models.DecimalField(decimal_places=4, max_digits=5)),
                ('co_insurance', models.DecimalField(decimal_places=4, max_digits=5)),
                ('money', models.DecimalField(decimal_places=4, max_digits=5)),
                ('source', models.CharField(blank=True, max_length=200)),
                ('measured_to', models.DateField(null=True)),
                ('created_at', models.DateTimeField()),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.company')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='deductibles.holdingrates')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='HoldOutcome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('automatic', 'Automatic'), ('manual', 'Manual')], max_length=9)),
                ('reason', models.CharField(choices=[('m', 'Deductible met'), ('e', 'Time elapsed'), ('h', 'Manually queued'), ('u', 'Unknown')], max_length=1)),
                ('held_on', models.DateField()),
                ('released_on', models.DateField()),
                ('heard_on', models.DateField()),
                ('days', models.PositiveSmallIntegerField()),
                ('remaining_at_hold', models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ('remaining_at_release', models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ('allowed', models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ('deductible', models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ('paid', models.DecimalField(decimal_places=2, max_digits=12)),
                ('co_insurance', models.DecimalField(decimal_places=4, max_digits=5, null=True)),
                ('lost', models.DecimalField(decimal_places=2, default=0, max_digits=12)),
                ('missing', models.CharField(blank=True, max_length=40)),
                ('claim', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='outcome', to='deductibles.claim')),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                ('hold', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='deductibles.hold')),
                ('payer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.payer')),
                ('payment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='deductibles.payment')),
                ('settings', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='deductibles.deductiblesettings')),
            ],
        ),
        migrations.AddConstraint(
            model_name='holdingrates',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='holding_rates_company_id'),
        ),
        migrations.AddConstraint(
            model_name='holdingrates',
            constraint=models.UniqueConstraint(fields=('company', 'version'), name='holding_rates_version_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='holdingrates',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_holdingratesevent" ("co_insurance", "collected", "company_id", "created_at", "id", "measured_to", "money", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "version") SELECT new_values."co_insurance", new_values."collected", new_values."company_id", new_values."created_at", new_values."id", new_values."measured_to", new_values."money", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."source", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='15488dd29f7d95507229a499733b9352ca3aca6c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_4952a', referencing='REFERENCING NEW TABLE AS new_values ', table='deductibles_holdingrates', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='holdingrates',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_holdingratesevent" ("co_insurance", "collected", "company_id", "created_at", "id", "measured_to", "money", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "version") SELECT new_values."co_insurance", new_values."collected", new_values."company_id", new_values."created_at", new_values."id", new_values."measured_to", new_values."money", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."source", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='3752612fbce2620565eb9756d4f2aefdd7cb0e58', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_c667a', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='deductibles_holdingrates', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='holdingrates',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "deductibles_holdingratesevent" ("co_insurance", "collected", "company_id", "created_at", "id", "measured_to", "money", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "version") SELECT old_values."co_insurance", old_values."collected", old_values."company_id", old_values."created_at", old_values."id", old_values."measured_to", old_values."money", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."source", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='1a4ef821525b947935381fba9241e541441645c9', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_6a5a0', referencing='REFERENCING OLD TABLE AS old_values ', table='deductibles_holdingrates', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='holdingratesevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='04a91c4cd0f90a01ef741d0f9780809e6a241684', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_ab3d3', table='deductibles_holdingratesevent', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='holdoutcome',
            index=models.Index(fields=['company', 'heard_on', 'id'], name='hold_outcome_by_date'),
        ),
        migrations.AddConstraint(
            model_name='holdoutcome',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='hold_outcome_company_id'),
        ),
        company_keys(
            ("deductibles_holdoutcome", "claim_id", "deductibles_claim"),
            ("deductibles_holdoutcome", "hold_id", "deductibles_hold"),
            ("deductibles_holdoutcome", "payer_id", "patients_payer"),
            ("deductibles_holdoutcome", "payment_id", "deductibles_payment"),
            ("deductibles_holdoutcome", "settings_id", "deductibles_deductiblesettings"),
        ),
    ]
