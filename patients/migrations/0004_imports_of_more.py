"""A file may be laid out as X12, has options that were ticked, and may be brought further once it is in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0003_imports"),
    ]

    operations = [
        migrations.AddField("import", "layout", models.CharField(db_default="table", default="table", max_length=8)),
        migrations.AddField(
            "import",
            "options",
            models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
        migrations.AddField("import", "finished", models.PositiveIntegerField(db_default=0, default=0)),
    ]
