"""Many tickets for a measurement: some thousands filed like any other, the others copied from them.

The database copies table by table, without its triggers: a million in a few minutes. What is over moves back
by whole weeks, so that a million lie in two years and those that run in the last fortnight. Copies have no
history, and nothing that is measured reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

MODELS = 5_000
_BATCH = 100_000
_WEEKS = 104
_COPIED = {
    "Ticket": {
        "id": "model.id + {width} * copy",
        "number": "'E-' || (substr(model.number, 3)::bigint + {width} * copy)",
        "form_key": "NULL",
    },
    "TicketCycle": {"ticket_id": "model.ticket_id + {width} * copy"},
    "TicketEvent": {"ticket_id": "model.ticket_id + {width} * copy"},
    "TicketWords": {"ticket_id": "model.ticket_id + {width} * copy"},
}
"""What a copy has of its own, by model; its key, where none is named, is the next one."""
_EARLIER = (
    "model.{column} - CASE WHEN owner.resolved_at IS NULL THEN 0 ELSE copy % {weeks} END * interval '7 days'"
)


def fill(
    company: Any, patients: list[Any], count: int, tell: Callable[[int, int], None] | None = None
) -> None:
    """Let the company have about ``count`` tickets more, and the planner know of them.

    ``tell`` may add to the models before they are copied; it is given the keys between which they lie, the
    first of which is none of theirs.
    """
    from django.utils import timezone

    from config.demo.many_tickets import many_tickets

    before, times = _newest(), -(-count // MODELS)
    many_tickets(company, count // times, patients, now=timezone.now())
    width = _newest() - before
    if tell is not None:
        tell(before, before + width)
    step = max(1, _BATCH // width)
    with _bare():
        for start in range(1, times, step):
            _copy(before, width, range(start, min(start + step, times)))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE escalations_ticketcounter SET last = last + %s WHERE company_id = %s", [count, company.pk]
        )
        cursor.execute("SELECT setval(pg_get_serial_sequence('escalations_ticket', 'id'), %s)", [_newest()])
        cursor.execute("VACUUM ANALYZE")


def _newest() -> int:
    from escalations.models import Ticket

    return Ticket.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _copy(before: int, width: int, copies: range) -> None:
    """Copy the models so many times over, each table in one statement."""
    for name, own in _COPIED.items():
        table, columns, moments = _table(name)
        own = {**dict.fromkeys(moments, _EARLIER), **own}
        values = [
            own.get(column, "model.{column}").format(width=width, column=column, weeks=_WEEKS)
            for column in columns
        ]
        key = "id" if name == "Ticket" else "ticket_id"
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)}".replace("%", "%%")  # noqa: S608
                + f" FROM {table} AS model JOIN escalations_ticket AS owner ON owner.id = model.{key},"  # noqa: S608
                " generate_series(%s, %s) AS copy WHERE owner.id > %s AND owner.id <= %s",
                [copies.start, copies.stop - 1, before, before + width],
            )


def _table(name: str) -> tuple[str, list[str], list[str]]:
    """The table of a model, the columns that are copied, and which of them hold moments."""
    from django.db.models import DateTimeField

    from escalations import models

    meta = getattr(models, name)._meta
    fields = [field for field in meta.concrete_fields if field.column != "id" or name == "Ticket"]
    moments = [str(field.column) for field in fields if isinstance(field, DateTimeField)]
    return meta.db_table, [field.column for field in fields], moments


@contextmanager
def _bare() -> Iterator[None]:
    """The tables without their triggers and without the indexes that hold no constraint."""
    tables = [_table(name)[0] for name in _COPIED]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT IN"
            " (SELECT conname FROM pg_constraint)",
            [tables],
        )
        indexes = cursor.fetchall()
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        try:
            yield
        finally:
            for _, made in indexes:
                cursor.execute(made)
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
