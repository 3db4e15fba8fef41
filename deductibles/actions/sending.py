"""Arming and disarming what leaves for the clearinghouse: a copy of the database sends nothing (I2).

A restored backup knows less than what was sent since: its next files would carry control numbers that were
used and claims that have left. So it starts disarmed, until an admin who has compared both arms it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import DatabaseError, connection, transaction

from accounts.audit import acting
from accounts.models import Company, User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from deductibles.actions.moves import Invalid
from deductibles.models import Sending

COPY = (
    "This database is a copy: restored from a backup, or taken over by another server. What was sent since "
    "may be missing in it, so nothing is sent from here."
)
ARM_IT = "An admin arms it in Settings, Sending, once it is known what the clearinghouse has."
_PLACE = """SELECT s.system_identifier || '.' || c.timeline_id || '.' || d.oid
    FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d
    WHERE d.datname = current_database()"""
_REASON = 299


def place() -> str:
    """What tells this database from its copies: its server, that server's timeline, its own number there."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_PLACE)
            return str(cursor.fetchone()[0])
    except DatabaseError:
        # Where a service does not tell of its server, only another database on it is told apart.
        with connection.cursor() as cursor:
            cursor.execute("SELECT 'unknown.' || oid FROM pg_database WHERE datname = current_database()")
            return str(cursor.fetchone()[0])


def state_of(company: Company, *, at: datetime) -> Sending:
    """Whether this company's files may leave; what stands in a copy is disarmed as soon as it is asked."""
    here = place()
    row = Sending.objects.filter(company=company).first()
    if row is not None and (row.place == here or not row.armed):
        return row
    with transaction.atomic(), acting(None, "disarm sending" if row else "arm sending", company=company.pk):
        row, new = Sending.objects.select_for_update().get_or_create(
            company=company, defaults={"place": here, "changed_at": at}
        )
        if not new and row.armed and row.place != here:
            row.armed, row.why, row.changed_at = False, COPY, at
            row.save(update_fields=["armed", "why", "changed_at"])
    return row


def disarmed(company: Company) -> Sending | None:
    """The row of a company whose sending is known to be disarmed: for pages, in one small query."""
    return Sending.objects.filter(company=company, armed=False).first()


def arm(company: Company, *, by: User | None, at: datetime) -> Sending:
    """Let files leave from this database from now on; Refused when they do, and for all but admins."""
    return _change(company, True, "", by=by, at=at)


def disarm(company: Company, why: str, *, by: User | None, at: datetime) -> Sending:
    """Stop everything from leaving, with the reason that stands on the pages; Invalid without one."""
    reason = " ".join(str(why).split())
    if not reason or len(reason) > _REASON or not reason.isprintable():
        said = f"Reason is needed, in at most {_REASON} characters: it stands on the pages."
        raise Invalid({"why": [("required", said)]})
    return _change(company, False, reason if reason[-1] in ".!?" else f"{reason}.", by=by, at=at)


def _change(company: Company, armed: bool, why: str, *, by: User | None, at: datetime) -> Sending:
    if by is not None and not by.may(Can.SETTINGS):
        raise Refused(refusal(Can.SETTINGS), "role")
    state_of(company, at=at)
    with transaction.atomic(), acting(by, "arm sending" if armed else "disarm sending", reason=why):
        row = Sending.objects.select_for_update().get(company=company)
        if row.armed == armed:
            raise Refused(f"Sending is {'armed' if armed else 'disarmed'} already.")
        row.armed, row.why, row.changed_at, row.place = armed, why, at, place()
        row.save(update_fields=["armed", "why", "changed_at", "place"])
    return row
