from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("work", "0002_connections")]

    operations = [
        migrations.AddField(
            model_name="lease",
            name="holder",
            field=models.IntegerField(null=True),
        ),
    ]
