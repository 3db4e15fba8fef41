"""Tables that people bring, and their rows, sealed, while they are imported."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.company_keys import company_keys
from accounts.tables_at_once import CreateModels


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_company_history'),
        ('patients', '0002_filing_limit_source'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            tables=[
                migrations.CreateModel(
                    name='Import',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(max_length=8)),
                        ('digest', models.CharField(max_length=64)),
                        ('filename', models.CharField(blank=True, max_length=120)),
                        ('state', models.CharField(choices=[('columns', 'Columns to be named'), ('checking', 'Being looked at'), ('checked', 'Looked at'), ('importing', 'Being imported'), ('done', 'Imported'), ('refused', 'Given up')], max_length=9)),
                        ('size', models.PositiveIntegerField()),
                        ('sealed', models.BinaryField(null=True)),
                        ('heads', models.BinaryField(null=True)),
                        ('columns', models.JSONField(default=dict)),
                        ('whole', models.BooleanField(default=False)),
                        ('found', models.JSONField(default=dict)),
                        ('rows', models.PositiveIntegerField(default=0)),
                        ('new', models.PositiveIntegerField(default=0)),
                        ('same', models.PositiveIntegerField(default=0)),
                        ('different', models.PositiveIntegerField(default=0)),
                        ('twins', models.PositiveIntegerField(default=0)),
                        ('wrong', models.PositiveIntegerField(default=0)),
                        ('added', models.PositiveIntegerField(default=0)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('note', models.CharField(blank=True, max_length=300)),
                        ('brought_at', models.DateTimeField()),
                        ('started_at', models.DateTimeField(null=True)),
                        ('finished_at', models.DateTimeField(null=True)),
                        ('emptied_at', models.DateTimeField(null=True)),
                        ('brought_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                        ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [
                            models.UniqueConstraint(fields=('company', 'id'), name='import_company_id'),
                            models.UniqueConstraint(fields=('company', 'kind', 'digest'), name='import_file_once'),
                        ],
                        'indexes': [
                            models.Index(condition=models.Q(('state__in', ['checking', 'importing'])), fields=['id'], name='import_under_way'),
                            models.Index(condition=models.Q(('emptied_at', None)), fields=['brought_at'], name='import_to_be_emptied'),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name='ImportPart',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('sealed', models.BinaryField()),
                        ('wrong', models.PositiveIntegerField(default=0)),
                        ('added', models.PositiveIntegerField(default=0)),
                        ('done_at', models.DateTimeField(null=True)),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.company')),
                        ('of', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='patients.import')),
                    ],
                    options={
                        'constraints': [
                            models.UniqueConstraint(fields=('company', 'id'), name='import_part_company_id'),
                            models.UniqueConstraint(fields=('of', 'number'), name='import_part_once'),
                        ],
                    },
                ),
            ],
        ),
        company_keys(
            ('patients_import', 'brought_by_id', 'accounts_user'),
            ('patients_import', 'started_by_id', 'accounts_user'),
            ('patients_importpart', 'of_id', 'patients_import'),
        ),
    ]
