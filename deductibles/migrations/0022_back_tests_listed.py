"""Back-tests as the list of background work reads them."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_sign_in_providers'),
        ('deductibles', '0021_claim_references'),
        ('patients', '0005_looking_shown'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='backtest',
            index=models.Index(fields=['company', '-created_at', '-id'], name='back_test_listed'),
        ),
        migrations.AddIndex(
            model_name='backtest',
            index=models.Index(condition=models.Q(('state__in', ['failed', 'cancelled'])), fields=['company', 'state', '-created_at', '-id'], name='back_test_not_done'),
        ),
    ]
