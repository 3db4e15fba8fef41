"""What the Hold for Deductible page adds up to, what was done there, and the indexes its lines are read by.

Nobody waits: the indexes are made beside running work. The sums begin with one statement once the triggers
stand; it sees what was committed until then, and every change after it brings its own row.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.company_keys import company_keys
from accounts.tables_at_once import CreateModels

KEYS = "company_id, part, kind, reason_code, payer_id, release_on"
SIDE = """SELECT id, claim_id, company_id, kind, reason_code, payer_id, release_on, {sign} AS n,
        CASE WHEN active THEN 'held' WHEN queued_at IS NOT NULL THEN 'queued' ELSE 'ended' END AS part
    FROM {rows} WHERE cleared_at IS NULL"""
ADD = f"""INSERT INTO deductibles_holdtotal ({KEYS}, lines, dollars)
    SELECT {KEYS.replace("company_id", "h.company_id").replace("payer_id", "h.payer_id")},
        sum(n), sum(n * c.total)
    FROM (SELECT id, claim_id, {KEYS}, sum(n) AS n FROM ({{sides}}) sides
        GROUP BY id, claim_id, {KEYS} HAVING sum(n) <> 0) h
    JOIN deductibles_claim c ON c.id = h.claim_id
    GROUP BY h.company_id, part, kind, reason_code, h.payer_id, release_on
    HAVING sum(n) <> 0 OR sum(n * c.total) <> 0"""  # noqa: S608
OLD, NEW = SIDE.format(rows="old_values", sign=-1), SIDE.format(rows="new_values", sign=1)
# No join of old to new rows: a plan that was made for one row would do it row by row for five thousand.
COUNT = f"""
CREATE FUNCTION deductibles_count_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN {ADD.format(sides=NEW)};
    ELSIF TG_OP = 'UPDATE' THEN {ADD.format(sides=f"{OLD} UNION ALL {NEW}")};
    ELSE {ADD.format(sides=OLD)};
    END IF;
    RETURN NULL;
END
$$"""  # noqa: S608
TRIGGERS = [
    f"CREATE TRIGGER hold_counted_{act} AFTER {act.upper()} ON deductibles_hold "
    f"REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION deductibles_count_holds()"
    for act, tables in (
        ("insert", "NEW TABLE AS new_values"),
        ("update", "OLD TABLE AS old_values NEW TABLE AS new_values"),
        ("delete", "OLD TABLE AS old_values"),
    )
]
WORTH = f"""
CREATE FUNCTION deductibles_count_dollars() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deductibles_holdtotal ({KEYS}, lines, dollars)
    SELECT {KEYS}, 0, NEW.total - OLD.total
    FROM ({SIDE.format(rows="deductibles_hold", sign=1)} AND claim_id = NEW.id) h;
    RETURN NULL;
END
$$"""  # noqa: S608
WORTH_TRIGGER = (
    "CREATE TRIGGER claim_worth AFTER UPDATE OF total ON deductibles_claim FOR EACH ROW "
    "WHEN (OLD.total IS DISTINCT FROM NEW.total) EXECUTE FUNCTION deductibles_count_dollars()"
)
# Whoever changed a hold since the triggers stood brought a row already: one statement puts those aside and counts.
BEGIN = "WITH gone AS (DELETE FROM deductibles_holdtotal) " + ADD.format(sides=SIDE.format(rows="deductibles_hold", sign=1))
UNDO = "DROP FUNCTION deductibles_count_{} CASCADE"

SHOWN = models.Q(cleared_at=None)
TABS = {
    "hold_page": (SHOWN, "cleared_at IS NULL"),
    "hold_held": (SHOWN & models.Q(queued_at=None), "cleared_at IS NULL AND queued_at IS NULL"),
    "hold_queued": (SHOWN & models.Q(active=False), "cleared_at IS NULL AND NOT active"),
}
ORDERS = {
    "": ["release_on"],
    "_by_start": ["started_on"],
    "_by_claim": ["claim"],
    "_by_payer": ["payer", "release_on"],
}
THERE = {"hold_page", "hold_page_by_start", "hold_page_by_claim"}
REASON = models.Case(
    models.When(
        models.Q(("kind", "manual"), ("reason_code", "Manually Queued"), _connector="OR"),
        then=models.Value("h"),
    ),
    models.When(
        reason_code__in=["Deductible Met Threshold", "Deductible Met Threshold Initial Run"],
        then=models.Value("m"),
    ),
    models.When(reason_code="Too Much Time Elapsed", then=models.Value("e")),
    default=models.Value("u"),
    output_field=models.CharField(),
)
REASON_SQL = """CASE WHEN kind = 'manual' OR reason_code = 'Manually Queued' THEN 'h'
    WHEN reason_code IN ('Deductible Met Threshold', 'Deductible Met Threshold Initial Run') THEN 'm'
    WHEN reason_code = 'Too Much Time Elapsed' THEN 'e' ELSE 'u' END"""


def index(model, index, sql):
    """An index that is made, and taken away, while others write."""
    return migrations.RunSQL(
        f"CREATE INDEX CONCURRENTLY {index.name} ON deductibles_{model} {sql}",
        f"DROP INDEX CONCURRENTLY {index.name}",
        state_operations=[migrations.AddIndex(model, index)],
    )


def tab(name, ending):
    """A tab in one of its orders."""
    condition, sql = TABS[name]
    columns = ORDERS[ending]
    named = models.Index(fields=["company", *columns, "id"], condition=condition, name=f"{name}{ending}")
    stored = ", ".join(f"{one}_id" if one in ("claim", "payer") else one for one in columns)
    return index("hold", named, f"(company_id, {stored}, id) WHERE {sql}")


def manual(name):
    """What of a tab is held by hand."""
    condition, sql = TABS[name]
    named = models.Index(
        fields=["company", "release_on", "id"],
        condition=condition & models.Q(kind="manual"),
        name=f"{name}_manual",
    )
    return index("hold", named, f"(company_id, release_on, id) WHERE {sql} AND kind = 'manual'")


def key():
    """A table's own key."""
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def refers(to, **more):
    """A reference without an index of its own."""
    on_delete = django.db.models.deletion.PROTECT
    return models.ForeignKey(db_index=False, on_delete=on_delete, related_name="+", to=to, **more)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0002_lean_indexes"),
        ("deductibles", "0012_answers_counted"),
        ("patients", "0002_filing_limit_source"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            tables=[
                migrations.CreateModel(
                    name="HoldAct",
                    fields=[
                        ("id", key()),
                        (
                            "act",
                            models.CharField(
                                choices=[
                                    ("queue", "queued for submission"),
                                    ("unqueue", "taken out of the queue"),
                                    ("clear", "cleared off this page"),
                                ],
                                max_length=7,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("done", models.PositiveIntegerField()),
                        ("dollars", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("holds", models.JSONField(default=list)),
                        ("skipped", models.JSONField(default=list)),
                        ("undone_at", models.DateTimeField(null=True)),
                        ("by", refers(settings.AUTH_USER_MODEL)),
                        ("company", refers("accounts.company")),
                    ],
                    options={
                        "indexes": [models.Index(fields=["by", "-id"], name="hold_act_newest")],
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "id"), name="hold_act_company_id")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HoldTotal",
                    fields=[
                        ("id", key()),
                        ("part", models.CharField(max_length=6)),
                        ("kind", models.CharField(max_length=9)),
                        ("reason_code", models.CharField(blank=True, max_length=60)),
                        ("release_on", models.DateField(null=True)),
                        ("lines", models.IntegerField()),
                        ("dollars", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("company", refers("accounts.company")),
                        ("payer", refers("patients.payer", null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "id"), name="hold_total_company_id")
                        ],
                    },
                ),
            ]
        ),
        company_keys(
            ("deductibles_holdact", "by_id", "accounts_user"),
            ("deductibles_holdtotal", "payer_id", "patients_payer"),
        ),
        migrations.RunSQL([COUNT, *TRIGGERS], UNDO.format("holds")),
        migrations.RunSQL([WORTH, WORTH_TRIGGER], UNDO.format("dollars")),
        migrations.RunSQL([BEGIN], migrations.RunSQL.noop),
        *(tab(name, ending) for name in TABS for ending in ORDERS if f"{name}{ending}" not in THERE),
        *(manual(name) for name in TABS),
        index(
            "hold",
            models.Index(
                fields=["company", "release_on", "id"],
                condition=TABS["hold_queued"][0] & models.Q(queued_at=None),
                name="hold_ended",
            ),
            "(company_id, release_on, id) WHERE cleared_at IS NULL AND NOT active AND queued_at IS NULL",
        ),
        index(
            "hold",
            models.Index(
                models.F("company"),
                REASON,
                models.F("release_on"),
                models.F("id"),
                condition=SHOWN & models.Q(queued_at__isnull=False),
                name="hold_queued_by_reason",
            ),
            f"(company_id, ({REASON_SQL}), release_on, id) "
            "WHERE cleared_at IS NULL AND queued_at IS NOT NULL",
        ),
        index(
            "coverage",
            models.Index(fields=["company", "member_id"], name="coverage_by_member"),
            "(company_id, member_id)",
        ),
        migrations.RunSQL(
            "DROP INDEX CONCURRENTLY hold_released",
            "CREATE INDEX CONCURRENTLY hold_released ON deductibles_hold (company_id) "
            "WHERE cleared_at IS NULL AND queued_at IS NOT NULL",
            state_operations=[migrations.RemoveIndex("hold", "hold_released")],
        ),
    ]
