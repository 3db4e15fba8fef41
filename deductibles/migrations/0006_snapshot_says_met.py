"""An answer keeps whether its reason code alone says that the deductible is met (D-CHK-8, D-HOLD-6)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deductibles", "0005_submission_tried_at")]

    operations = [
        migrations.AddField(
            model_name="snapshot", name="says_met", field=models.BooleanField(default=False)
        ),
    ]
