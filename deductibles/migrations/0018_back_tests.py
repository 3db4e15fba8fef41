"""Settings that are tried on past claims, and what became of the claims, part by part."""

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.company_keys import company_keys
from accounts.tables_at_once import CreateModels


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_token_limits'),
        ('deductibles', '0017_holding_worth'),
        ('patients', '0003_imports'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            tables=[
                migrations.CreateModel(
                    name='BackTest',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Under way'), ('done', 'Done'), ('cancelled', 'Cancelled'), ('failed', 'Given up')], default='waiting', max_length=9)),
                        ('from_on', models.DateField()),
                        ('until_on', models.DateField()),
                        ('seen_until', models.DateField()),
                        ('terms', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        ('seed', models.PositiveBigIntegerField()),
                        ('claims', models.PositiveIntegerField(default=0)),
                        ('done', models.PositiveIntegerField(default=0)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('note', models.CharField(blank=True, max_length=300)),
                        ('result', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
                        ('created_at', models.DateTimeField()),
                        ('started_at', models.DateTimeField(null=True)),
                        ('finished_at', models.DateTimeField(null=True)),
                        ('emptied_at', models.DateTimeField(null=True)),
                        ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('cancelled_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                        ('own_payer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.payer')),
                        ('payer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.payer')),
                    ],
                    options={
                        'constraints': [
                            models.UniqueConstraint(fields=('company', 'id'), name='back_test_company_id'),
                        ],
                        'indexes': [
                            models.Index(fields=['company', '-id'], name='back_test_newest'),
                            models.Index(condition=models.Q(('state__in', ['waiting', 'running'])), fields=['id'], name='back_test_under_way'),
                            models.Index(condition=models.Q(('emptied_at', None)), fields=['finished_at'], name='back_test_to_be_emptied'),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name='BackTestPart',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('last', models.BigIntegerField()),
                        ('sums', models.JSONField()),
                        ('lines', models.BinaryField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                        ('of', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='deductibles.backtest')),
                    ],
                    options={
                        'constraints': [
                            models.UniqueConstraint(fields=('company', 'id'), name='back_test_part_company_id'),
                            models.UniqueConstraint(fields=('of', 'number'), name='back_test_part_once'),
                        ],
                    },
                ),
            ],
        ),
        company_keys(
            ('deductibles_backtest', 'by_id', 'accounts_user'),
            ('deductibles_backtest', 'cancelled_by_id', 'accounts_user'),
            ('deductibles_backtest', 'own_payer_id', 'patients_payer'),
            ('deductibles_backtest', 'payer_id', 'patients_payer'),
            ('deductibles_backtestpart', 'of_id', 'deductibles_backtest'),
        ),
    ]
