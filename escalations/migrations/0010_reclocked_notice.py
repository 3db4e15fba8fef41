from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("escalations", "0009_inbox")]

    operations = [
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("alarm", "Immediate ticket"),
                    ("breach", "Ticket is late"),
                    ("warning", "Ticket is due soon"),
                    ("assigned", "Ticket given to you"),
                    ("mentioned", "You are named in a note"),
                    ("yours", "News of a ticket of yours"),
                    ("watched", "A ticket you watch"),
                    ("reopened", "Ticket reopened"),
                    ("proposed", "A further ticket is proposed"),
                    ("reclocked", "Due dates moved"),
                ],
                max_length=12,
            ),
        ),
    ]
