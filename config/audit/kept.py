"""What is written down once and never changed: acts on accounts, readings of patients, files taken away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import AccountAct, User
from config.audit.search import PAGE, Sought
from patients.models import PatientReading
from tables.models import Export

ACCOUNTS, READINGS, FILES = "accounts", "readings", "files"


@dataclass(frozen=True)
class Line:
    """One row of such a list."""

    at: datetime
    key: int
    who: str
    title: str
    said: str


@dataclass(frozen=True)
class Kept:
    """A list of rows: who they belong to is in the column ``by``."""

    model: Any
    by: str
    with_: tuple[str, ...]
    title: Callable[[Any], str]
    said: Callable[[Any], str]

    def rows(self, user: User, sought: Sought) -> QuerySet[Any]:
        """Those of this person's company that are looked for, the newest first."""
        rows = self.model.objects.visible_to(user).filter(at__gte=sought.since, at__lt=sought.until)
        if sought.person is not None:
            rows = rows.filter(**{self.by: sought.person})
        if sought.about:
            rows = rows.filter(patient=sought.about[1])
        if sought.before:
            at, key = sought.before
            rows = rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=key), at__lte=at)
        return rows.select_related(*self.with_).order_by("-at", "-pk")

    def line(self, row: Any) -> Line:
        """A row in words."""
        who = getattr(row, self.by)
        return Line(row.at, row.pk, who.username if who else "Holdline", self.title(row), self.said(row))


def _file_words(row: Export) -> str:
    more = ", all that one file takes" if row.cut else ""
    return f"{row.rows:,} row{'' if row.rows == 1 else 's'}{more}{', of a search' if row.searched else ''}"


KEPT = {
    ACCOUNTS: Kept(
        AccountAct,
        "by",
        ("by", "person"),
        lambda row: f"{row.get_kind_display()}: {row.person.username}",
        lambda row: row.said,
    ),
    READINGS: Kept(
        PatientReading,
        "user",
        ("user",),
        lambda row: f"Read patient {row.patient_id}",
        lambda row: row.get_door_display(),
    ),
    FILES: Kept(Export, "by", ("by",), lambda row: f"Took {row.table} as a file", _file_words),
}


def lines_of(user: User, kind: str, sought: Sought, size: int = PAGE) -> tuple[list[Line], bool]:
    """One page of a list, and whether older rows match."""
    kept = KEPT[kind]
    rows = list(kept.rows(user, sought)[: size + 1])
    return [kept.line(row) for row in rows[:size]], len(rows) > size
