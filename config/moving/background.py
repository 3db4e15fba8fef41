"""Making a company's file that an admin asked for: by one worker at a time, from the beginning if it died.

The look at the database ends with the process, so a file that was begun is begun anew. Its bytes are written
down as they come, a piece at a time, on the other connection; they count once the file is ready.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import F

from accounts.audit import acting
from accounts.roles import Can
from config.moving.packing import Packed, pack
from config.moving.tables import shapes
from work import leases
from work.models import CompanyFile, CompanyFilePart

log = structlog.get_logger(__name__)
TASK = "config.make_company_file"
PIECE = 1_000_000
KEPT_FOR = timedelta(hours=24)
MOST_ATTEMPTS = 3
GIVEN_UP = (
    "Holdline failed over it several times and gave it up. Whoever runs the server finds why in the log."
)
NO_MORE = "Whoever asked for it may not have it any more."
LEASE = timedelta(minutes=10)
_State = CompanyFile.State
UNDER_WAY = (_State.WAITING, _State.MAKING)


def ring(row: CompanyFile) -> None:
    """Have a worker begin; if none hears it, the next minute's sweep does."""
    try:
        current_app.send_task(TASK, args=[row.pk])
    except Exception as error:
        log.warning("doorbell_silent", file=row.pk, error=type(error).__name__)


def catch_up(*, at: datetime) -> int:
    """Make every file that waits and that nobody makes; give how many were worked on."""
    keys = CompanyFile.objects.filter(state__in=UNDER_WAY).order_by("pk").values_list("pk", flat=True)
    began = monotonic()
    return sum(make(key, at=at + timedelta(seconds=monotonic() - began)) for key in list(keys))


def lease_of(company: int) -> str:
    """What whoever makes a company's file holds."""
    return f"file of company {company}"


def make(key: int, *, at: datetime) -> bool:
    """Make one file; False when there is nothing to do or somebody else does it."""
    row = CompanyFile.objects.filter(pk=key, state__in=UNDER_WAY).first()
    if row is None:
        return False
    lease = lease_of(row.company_id)
    fence = leases.take(lease, at=at, lifetime=LEASE, while_alive=True)
    if fence is None:
        return False
    try:
        _attempt(key, _Held(lease, fence, at))
    except leases.Lost:
        log.warning("company_file_lease_lost", file=key)
    except Exception as error:  # the next attempt begins anew; nobody else's work may end with it
        log.error("company_file_failed", file=key, error=type(error).__name__)
    finally:
        leases.give_back(lease, fence)
    forget_pieces()
    return True


def forget_pieces() -> int:
    """Delete the pieces of files that are not kept; give how many."""
    gone = CompanyFilePart.objects.filter(of__state__in=(_State.OVER, _State.FAILED))
    return int(gone._raw_delete(gone.db))


class _Held:
    """The lease of one attempt, and the time by which it goes."""

    def __init__(self, lease: str, fence: int, at: datetime) -> None:
        self.lease, self.fence = lease, fence
        self._at, self._began = at, monotonic()

    @property
    def now(self) -> datetime:
        """The moment of the attempt's begin, and what passed since."""
        return self._at + timedelta(seconds=monotonic() - self._began)

    def keep(self) -> None:
        """Stay the one who makes it, or raise :class:`leases.Lost`."""
        leases.keep(self.lease, self.fence, at=self.now, lifetime=LEASE)


def _attempt(key: int, held: _Held) -> None:
    CompanyFilePart.objects.filter(of=key).delete()
    mine = CompanyFile.objects.filter(pk=key, state__in=UNDER_WAY)
    tables = len(shapes())
    mine.update(
        attempts=F("attempts") + 1, state=_State.MAKING, began_at=held.now, of_tables=tables, tables=0, rows=0
    )
    row = CompanyFile.objects.select_related("company", "by").get(pk=key)
    if row.state != _State.MAKING:
        return
    why = _refusal(row)
    if why:
        _close(row, held, state=_State.FAILED, note=why, finished_at=held.now)
        return
    pieces = _Pieces(row, held)
    packed = pack(row.company, pieces, at=held.now, told=_Progress(row, held).told)  # type: ignore[arg-type]
    pieces.close()
    _ready(row, held, packed)


def _refusal(row: CompanyFile) -> str:
    if row.attempts > MOST_ATTEMPTS:
        return GIVEN_UP
    return NO_MORE if row.by is None or not row.by.may(Can.SETTINGS) else ""


def _ready(row: CompanyFile, held: _Held, packed: Packed) -> None:
    _close(
        row, held, state=_State.READY, finished_at=held.now, kept_until=held.now + KEPT_FOR,
        rows=packed.manifest.rows, bytes=packed.bytes, digest=packed.sha256,
        tables=len(packed.manifest.tables),
    )  # fmt: skip


def _close(row: CompanyFile, held: _Held, **columns: Any) -> None:
    with transaction.atomic(), acting(None, "make file of the company", company=row.company_id):
        leases.pin(held.lease, held.fence)
        CompanyFile.objects.filter(pk=row.pk, state=_State.MAKING, attempts=row.attempts).update(**columns)


class _Progress:
    """How far the file is, written down now and then."""

    def __init__(self, row: CompanyFile, held: _Held) -> None:
        self._row, self._held, self._seen, self._table = row, held, 0, ""

    def told(self, table: str, rows: int) -> None:
        """Note the rows so far, and one table more when another one begins."""
        if table != self._table:
            self._table, self._seen = table, self._seen + 1
        mine = CompanyFile.objects.filter(pk=self._row.pk, state=_State.MAKING)
        if not mine.update(rows=rows, tables=min(self._seen, len(shapes()))):
            raise leases.Lost("The file was thrown away while it was made.")
        self._held.keep()


class _Pieces:
    """A file that is only written to, kept piece by piece."""

    def __init__(self, row: CompanyFile, held: _Held) -> None:
        self._row, self._held, self._number, self._waits = row, held, 0, bytearray()

    def write(self, data: Any) -> int:
        """Take more bytes."""
        self._waits += data
        while len(self._waits) >= PIECE:
            self._keep(bytes(self._waits[:PIECE]))
            del self._waits[:PIECE]
        return len(data)

    def flush(self) -> None:
        """A piece is written when it is full."""

    def close(self) -> None:
        """Write the last piece."""
        if self._waits:
            self._keep(bytes(self._waits))
            self._waits.clear()

    def _keep(self, piece: bytes) -> None:
        # Of one who slept past the lease no piece may come between those of whoever began anew.
        with transaction.atomic():
            leases.pin(self._held.lease, self._held.fence)
            CompanyFilePart.objects.create(
                company_id=self._row.company_id, of=self._row, number=self._number, data=piece
            )
        self._number += 1
        self._held.keep()
