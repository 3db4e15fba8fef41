"""What the page about a company's files shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.template.defaultfilters import filesizeformat

from accounts.models import User
from accounts.roles import Can
from config.audit import words
from config.moving.background import UNDER_WAY
from config.moving.packing import enter_again
from work.models import CompanyFile

SHOWN = 30
_State = CompanyFile.State


@dataclass(frozen=True)
class Line:
    """One file: what may be done with it stands in ``mine`` (fetch) and ``throwable``."""

    row: CompanyFile
    who: str
    asked: str
    said: str
    under_way: bool
    mine: bool
    throwable: bool

    @property
    def percent(self) -> int:
        """How far it is, by tables."""
        return 100 * self.row.tables // max(1, self.row.of_tables)


class EverythingScreen:
    """The files of a company, the newest first."""

    def __init__(self, user: User, *, now: datetime) -> None:
        self.user, self.now = user, now
        self.may_ask = user.may(Can.SETTINGS)

    @cached_property
    def lines(self) -> list[Line]:
        """The last of them."""
        rows = CompanyFile.objects.visible_to(self.user).select_related("by").order_by("-pk")[:SHOWN]
        return [self._line(row) for row in rows]

    @property
    def busy(self) -> Line | None:
        """The one that is being made."""
        return next((line for line in self.lines if line.under_way), None)

    @property
    def done(self) -> list[Line]:
        """Those that are not being made."""
        return [line for line in self.lines if not line.under_way]

    @cached_property
    def stays(self) -> list[str]:
        """What is secret, stays here, and is entered again where the file goes."""
        return enter_again(self.user.company)

    def _line(self, row: CompanyFile) -> Line:
        ready = row.state == _State.READY and row.kept_until is not None and row.kept_until > self.now
        under_way = row.state in UNDER_WAY
        return Line(
            row,
            str(row.by) if row.by else "Whoever runs the server",
            self._moment(row.asked_at),
            f"{_said(row, ready)}{self._kept(row, ready)}",
            under_way,
            mine=ready and self.may_ask and row.by_id == self.user.pk,
            throwable=self.may_ask and (ready or under_way),
        )  # fmt: skip

    def _moment(self, at: datetime) -> str:
        return words.moment(at, self.user.company.zone)

    def _kept(self, row: CompanyFile, ready: bool) -> str:
        """When it was fetched, and until when it can be, by the company's clock."""
        fetched = f" Fetched {self._moment(row.fetched_at)}." if row.fetched_at else ""
        until = f" Kept until {self._moment(row.kept_until)}." if ready and row.kept_until else ""
        return fetched + until


def _said(row: CompanyFile, ready: bool) -> str:
    size = f"{row.rows:,} rows, {filesizeformat(row.bytes)}"
    if row.way == CompanyFile.Way.IN:
        return f"This company came from a file of {size}."
    if row.state == _State.FAILED:
        return f"Not made. {row.note}"
    if row.state in UNDER_WAY:
        return "Waiting for a worker." if row.state == _State.WAITING else f"{row.rows:,} rows so far."
    if ready:
        return f"{size}."
    if not row.by_id:
        return f"{size}, written to a disk."
    return (
        f"{size}, not kept any more." if row.fetched_at else f"{size}, not kept any more and never fetched."
    )
