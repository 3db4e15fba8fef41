"""How far the look at a brought file is, and what lists background work."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_sign_in_providers'),
        ('patients', '0004_imports_of_more'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='import',
            name='about',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='import',
            name='looked',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='import',
            name='looking_since',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='import',
            name='seen_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='import',
            index=models.Index(fields=['company', 'kind', '-brought_at', '-id'], name='import_listed'),
        ),
        migrations.AddIndex(
            model_name='import',
            index=models.Index(condition=models.Q(('state', 'refused'), ('wrong__gt', 0), _connector='OR'), fields=['company', 'kind', '-brought_at', '-id'], name='import_troubled'),
        ),
        migrations.AddIndex(
            model_name='import',
            index=models.Index(condition=models.Q(('state__in', ['columns', 'checked'])), fields=['company', 'kind', '-brought_at', '-id'], name='import_for_a_person'),
        ),
    ]
