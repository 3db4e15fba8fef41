"""Changes that moved running clocks, as the list of background work reads them."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_sign_in_providers'),
        ('escalations', '0008_policy_runs'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='reclocking',
            index=models.Index(condition=models.Q(('policy__isnull', False)), fields=['company', '-at', '-id'], name='reclocking_of_policy'),
        ),
        migrations.AddIndex(
            model_name='reclocking',
            index=models.Index(condition=models.Q(('calendar__isnull', False)), fields=['company', '-at', '-id'], name='reclocking_of_calendar'),
        ),
    ]
