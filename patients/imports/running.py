"""The work on an import: looking at every row, then adding the new ones, by one worker at a time.

What is to be done stands in the database, so that whoever comes next goes on where somebody died. Looking is
written down in one transaction when it is done, so it is begun anew then; how far it is, is told on the way.
Each part is added in a transaction of its own, with its mark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import F, Sum

from accounts.audit import acting
from patients.domain.import_columns import Kind
from patients.domain.import_table import Line, read_table
from patients.domain.intake import Wrong
from patients.imports.findings import Findings
from patients.imports.kinds import X12, Desk, handler_of, kind_of
from patients.imports.sealing import ADDED, NEW, SAME, Found, seal_rows, unseal, unseal_heads, unseal_rows
from patients.models import Import, ImportPart
from work import leases

log = structlog.get_logger(__name__)
TASK = "patients.work_on_import"
GO = "go"
"""What is posted to have a worker asked once more about a file that is under way."""
PART = 500
MOST_TOGETHER = 2_000
"""Rows after which a part ends in the middle of what belongs together; nothing real has so many."""
AT_ONCE = 400_000
"""Unpacked bytes of a file that is worked on within the request; a larger one is left to a worker."""
ROWS_AT_ONCE = 1_000
"""Rows of such a file: looking at a claim takes longer than at a patient, and a page is waited for."""
AT_MOST = 8.0
"""Seconds of work within a request; what is left then is a worker's too."""
MOST_ATTEMPTS = 5
GIVEN_UP = "Holdline failed over this file several times and gave it up. Nothing more of it is added."
LOOKED_AGAIN = "Somebody added some of these meanwhile, so nothing was imported and all was looked at again."
LEASE = timedelta(minutes=15)
_ENOUGH = 40.0
"""Seconds after which the sweep leaves what is left to the next minute's."""
_State = Import.State
UNDER_WAY = (_State.CHECKING, _State.IMPORTING)


class _Changed(Exception):
    """Of an import that is whole or not at all, some row is not new any more."""


def go_on(row: Import, *, at: datetime) -> None:
    """Do what a small file needs at once; ring for a worker otherwise. Call it outside any transaction."""
    if row.state not in UNDER_WAY:
        return
    if row.size <= AT_ONCE and row.about <= ROWS_AT_ONCE:
        work_on(row.pk, at=at, seconds=AT_MOST)
        row.refresh_from_db()
        if row.state not in UNDER_WAY:
            return
    try:
        current_app.send_task(TASK, args=[row.pk])
    except Exception as error:
        log.warning("doorbell_silent", file=row.pk, error=type(error).__name__)


def catch_up(*, at: datetime) -> int:
    """Take up every import under way that nobody works on; give how many were worked on."""
    began, worked = monotonic(), 0
    for key in list(Import.objects.filter(state__in=UNDER_WAY).order_by("pk").values_list("pk", flat=True)):
        left = _ENOUGH - (monotonic() - began)
        if left <= 0:
            break
        worked += work_on(key, at=at + timedelta(seconds=monotonic() - began), seconds=left)
    return worked


def lease_of(company: int) -> str:
    """What whoever works on a company's imports holds."""
    return f"imports of company {company}"


def work_on(key: int, *, at: datetime, seconds: float | None = None) -> bool:
    """Bring one import as far as it goes, for about so many ``seconds``; False if somebody else does."""
    row = Import.objects.filter(pk=key, state__in=UNDER_WAY).first()
    if row is None:
        return False
    lease = lease_of(row.company_id)
    fence = leases.take(lease, at=at, lifetime=LEASE, while_alive=True)
    if fence is None:
        return False
    try:
        _attempt(Work(row, at, lease, fence, seconds))
    finally:
        leases.give_back(lease, fence)
    return True


def _attempt(work: Work) -> None:
    key = work.row.pk
    Import.objects.filter(pk=key).update(attempts=F("attempts") + 1, seen_at=work.at)
    work.row = Import.objects.get(pk=key)
    try:
        if work.row.attempts > MOST_ATTEMPTS:
            raise Wrong("failed", GIVEN_UP)
        if work.row.state == _State.CHECKING:
            work.check()
        elif work.row.state == _State.IMPORTING:
            work.add()
    except Wrong as problem:
        _refuse(key, problem.sentence, work.at)
    except leases.Lost:
        log.warning("import_lease_lost", file=key)
    except Exception as error:  # the next attempt goes on; nobody else's work may end with it
        log.error("import_failed", file=key, error=type(error).__name__)


def _refuse(key: int, sentence: str, at: datetime) -> None:
    Import.objects.filter(pk=key, state__in=UNDER_WAY).update(
        state=_State.REFUSED, note=sentence[:300], finished_at=at, sealed=None
    )


class Work:
    """One holder of the lease at one import."""

    def __init__(self, row: Import, at: datetime, lease: str, fence: int, seconds: float | None) -> None:
        self.row, self.at, self._lease, self._fence = row, at, lease, fence
        self._seconds, self._began = seconds, monotonic()
        self.handler, self.kind = handler_of(row), kind_of(row)
        self._aside: Iterator[int] = iter(())

    def check(self) -> None:
        """Look at every row and keep what was found, all at once; a file of which the columns were named anew
        meanwhile is left to whoever looks at it then, and one that was thrown away to nobody."""
        Import.objects.filter(pk=self.row.pk).update(looking_since=self.now, looked=0)
        data = unseal(self.row.sealed)
        heads, lines = self._opened(data)
        desk, findings, parts = self._desk(len(heads)), Findings(self.kind), []
        looked = 0
        for number, batch in enumerate(_batches(lines, self.kind, self.row.columns)):
            found = desk.look(batch)
            findings.take(found)
            parts.append(
                ImportPart(
                    company_id=self.row.company_id,
                    of=self.row,
                    number=number,
                    sealed=seal_rows(found),
                    wrong=sum(bool(one.wrong) for one in found),
                )
            )
            looked += len(batch)
            if not self._tell(looked):
                return
        if not parts:
            raise Wrong("empty", "This file has names of columns and no rows. Bring one with rows.")
        with transaction.atomic():
            mine = Import.objects.select_for_update().filter(pk=self.row.pk, state=_State.CHECKING)
            if mine.filter(columns=self.row.columns, options=self.row.options).exists():
                ImportPart.objects.filter(of=self.row).delete()
                ImportPart.objects.bulk_create(parts, batch_size=50)
                told = {**findings.told, **self._unread(data)}
                mine.update(state=_State.CHECKED, attempts=0, found=told, **findings.counts)

    def add(self) -> None:
        """Add the new rows, part by part or all parts in one transaction; then finish what is in."""
        waiting = list(self.row.parts.filter(done_at=None).order_by("number").values_list("pk", flat=True))
        if self.row.whole:
            self._set_aside(self.row.new if waiting else 0)
            try:
                # Without keeping the lease: its row would be locked, and whoever asks for it would wait.
                with transaction.atomic():
                    for key in waiting:
                        self._add_part(key)
            except _Changed:
                self._look_again()
                return
        else:
            for key in waiting:
                self._add_part(key)
                if not self._may_go_on():
                    return
        if not self._desk(0).finish(self._may_go_on):
            return
        done = self.row.parts.aggregate(added=Sum("added"))["added"] or 0
        Import.objects.filter(pk=self.row.pk, state=_State.IMPORTING).update(
            state=_State.DONE, added=done, finished_at=self.at, sealed=None, attempts=0
        )

    def _set_aside(self, count: int) -> None:
        """Allot numbers before one long transaction: in it the counter would be locked to its end, and
        nobody of the company could add anything meanwhile. What is not used is left out."""
        if self.handler.allot is not None and count:
            with transaction.atomic():
                first = self.handler.allot(self.row.company, count)
            self._aside = iter(range(first, first + count))

    def _unread(self, data: bytes) -> dict[str, list[str]]:
        if self.handler.unread is None or self.row.layout != X12:
            return {}
        return {"unread": self.handler.unread(data)}

    def _opened(self, data: bytes) -> tuple[tuple[str, ...], Iterator[Line]]:
        if self.handler.x12 and self.row.layout == X12:
            return self.handler.x12(data, self.kind)
        return read_table(data)

    def _look_again(self) -> None:
        Import.objects.filter(pk=self.row.pk, state=_State.IMPORTING).update(
            state=_State.CHECKING, note=LOOKED_AGAIN, attempts=0, looked=0
        )

    def _add_part(self, key: int) -> None:
        """Add one part; one that somebody finished meanwhile is left as it is."""
        told = f"file {self.row.pk}, {'all or nothing' if self.row.whole else 'the good rows'}"
        with transaction.atomic(), acting(self.row.started_by, f"import {self.row.kind}", reason=told):
            part = ImportPart.objects.select_for_update().get(pk=key)
            if part.done_at is not None:
                return
            kept = unseal_rows(part.sealed)
            lines = [Line(one.line, tuple(one.cells)) for one in kept if one.standing == NEW]
            desk = self._desk(len(unseal_heads(self.row.heads)))
            desk.aside = self._aside
            now = desk.look(lines, again=True)
            if self.row.whole and any(one.standing != NEW for one in now):
                raise _Changed
            keys = desk.add(now)
            part.added, part.done_at = self._note(desk, kept, now, keys), self.at
            part.sealed = seal_rows(kept)
            part.save(update_fields=["added", "done_at", "sealed"])
            if not self.row.whole:
                Import.objects.filter(pk=self.row.pk).update(attempts=0)

    def _note(self, desk: Desk, kept: Sequence[Found], now: Sequence[Found], keys: Mapping[int, int]) -> int:
        """Write beside each row what became of it; give how many were added."""
        by_line, added = {one.line: one for one in kept}, 0
        for one in now:
            mine, key = by_line[one.line], keys.get(one.head or one.line)
            if one.standing == NEW and key is not None:
                mine.standing, mine.key = ADDED, key
                added += desk.is_told(one)
            elif self.row.whole:
                raise _Changed
            else:
                mine.standing = SAME if one.standing == NEW else one.standing
                mine.key, mine.fields = one.key, one.fields
        return added

    def _tell(self, looked: int) -> bool:
        """Keep the lease, and say how many rows were looked at; whether the file still waits for that."""
        self._keep()
        mine = Import.objects.filter(pk=self.row.pk, state=_State.CHECKING)
        return bool(mine.update(looked=looked, seen_at=self.now))

    def _desk(self, width: int) -> Desk:
        return self.handler.desk(self.row, self.kind, self.at, width)

    def _may_go_on(self) -> bool:
        """Keep the lease, and leave a sign of life; whether there is time left."""
        self._keep()
        Import.objects.filter(pk=self.row.pk).update(seen_at=self.now)
        return self._seconds is None or monotonic() - self._began <= self._seconds

    @property
    def now(self) -> datetime:
        """The moment at which the work began, and what passed since."""
        return self.at + timedelta(seconds=monotonic() - self._began)

    def _keep(self) -> None:
        leases.keep(self._lease, self._fence, at=self.now, lifetime=LEASE)


def _batches(lines: Iterator[Line], kind: Kind, columns: Mapping[str, int]) -> Iterator[list[Line]]:
    """Parts of about so many rows; rows that are one thing together stay in one part."""
    place = columns.get(kind.group, -1) if kind.group else -1
    batch: list[Line] = []
    last = ""
    for line in lines:
        named = line.cells[place] if 0 <= place < len(line.cells) else ""
        full = len(batch) >= (MOST_TOGETHER if place >= 0 and named in ("", last) else PART)
        if full:
            yield batch
            batch = []
        batch.append(line)
        last = named or last
    if batch:
        yield batch
