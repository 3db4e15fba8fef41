"""Answers stay as they came: packing each of a night's hundred thousand cost more than the room it saved."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("deductibles", "0009_acknowledgements"),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE deductibles_snapshot SET (toast_tuple_target = 4096)",
            "ALTER TABLE deductibles_snapshot RESET (toast_tuple_target)",
        ),
    ]
