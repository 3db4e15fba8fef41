"""The questions of a night in the order in which they are read, made beside running work.

The index before kept them by when they were answered. A night is new to the planner's statistics, so it took that
index for as good as the one that has the order, and read and sorted all that was left of the night for each page.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("deductibles", "0022_back_tests_listed")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY question_by_run ON deductibles_question (run_id, id)",
            "DROP INDEX CONCURRENTLY question_by_run",
            state_operations=[
                migrations.AddIndex("question", models.Index(fields=["run", "id"], name="question_by_run")),
            ],
        ),
        migrations.RunSQL(
            "DROP INDEX CONCURRENTLY question_of_run",
            "CREATE INDEX CONCURRENTLY question_of_run ON deductibles_question (run_id, answered_at)",
            state_operations=[migrations.RemoveIndex("question", "question_of_run")],
        ),
    ]
