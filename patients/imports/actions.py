"""What people do with a table they bring: bring it, name its columns, start the import, throw it away."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Sum

from accounts.models import User
from accounts.roles import refusal
from accounts.steps import Refused
from patients.domain.import_columns import chosen, match
from patients.domain.import_table import about_rows, read_table, size_of
from patients.domain.intake import Wrong
from patients.imports.kinds import TABLE, X12, handlers, is_x12, kind_of
from patients.imports.sealing import seal, seal_heads, unseal_heads
from patients.models import Import, ImportPart

KEPT_FOR = timedelta(days=7)
"""How long rows stay: what was not imported by then is forgotten whole."""
MOST_WAITING = 20
"""Files of one company that are kept without having been imported."""
_State = Import.State
_OPEN = (_State.COLUMNS, _State.CHECKED)


def bring(
    kind: str, data: bytes, filename: str, *, by: User, at: datetime, options: Collection[str] = ()
) -> tuple[Import, bool]:
    """Keep a file to be looked at, and whether it is here for the first time.

    The same bytes once more are the import that is there; ``options`` are then ticked for it on its page.
    Wrong for what cannot be read; nothing is kept then.
    """
    _may(by, kind)
    digest = hashlib.sha256(data).hexdigest()
    known = Import.objects.filter(company_id=by.company_id, kind=kind, digest=digest)
    if same := known.first():
        return same, False
    handler = handlers()[kind]
    columns = handler.kind_of(by.company)
    reads_x12 = handler.x12 is not None and is_x12(data)
    heads, _ = handler.x12(data, columns) if handler.x12 and reads_x12 else read_table(data)
    if Import.objects.filter(company_id=by.company_id, state__in=_OPEN).count() >= MOST_WAITING:
        raise Wrong("too_many", f"{MOST_WAITING} files wait to be imported. Import or throw away some first.")
    matching = match(columns, heads)
    row = Import(
        company_id=by.company_id,
        kind=kind,
        digest=digest,
        filename=_name(filename),
        state=_State.CHECKING if matching.is_sure else _State.COLUMNS,
        size=size_of(data),
        about=about_rows(data, x12=reads_x12),
        sealed=seal(data),
        heads=seal_heads(heads),
        columns=matching.columns,
        layout=X12 if reads_x12 else TABLE,
        options=handler.chosen(options),
        brought_at=at,
        brought_by=by,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return known.get(), False
    return row, True


def name_columns(row: Import, said: Mapping[str, str], *, by: User, options: Collection[str] = ()) -> None:
    """Say which column each field is, and what is ticked for the file; all rows are looked at anew.

    Wrong with what is missing; Refused once the import began.
    """
    _may(by, row.kind)
    ticked = handlers()[row.kind].chosen(options)
    if row.layout == X12:
        _move(row, _OPEN, _State.CHECKING, options=ticked, note="", attempts=0)
        return
    kind = kind_of(row)
    matching = chosen(kind, said, len(unseal_heads(row.heads)))
    if matching.missing:
        names = ", ".join(kind.label(name) for name in matching.missing)
        raise Wrong("missing", f"Say which column is: {names}.")
    if matching.twice:
        names = ", ".join(kind.label(name) for name in matching.twice)
        raise Wrong("twice", f"One column cannot be several things. Choose again: {names}.")
    _move(row, _OPEN, _State.CHECKING, columns=matching.columns, options=ticked, note="", attempts=0)


def start(row: Import, *, whole: bool, by: User, at: datetime) -> None:
    """Begin to add the good rows; ``whole``: all of them at once or none, Refused while any row is wrong."""
    _may(by, row.kind)
    if whole and row.wrong:
        raise Refused("Some rows are wrong. Mend them and bring the file again, or import the good ones.")
    if not row.new and row.state == _State.CHECKED:
        raise Refused("There is nothing new in this file, so there is nothing to import.")
    _move(
        row, (_State.CHECKED,), _State.IMPORTING,
        whole=whole, started_by=by, started_at=at, note="", attempts=0,
    )  # fmt: skip


def throw_away(row: Import, *, by: User) -> int:
    """Forget a file that was not imported, rows and all; Refused for one that was or is being.

    Give how many came in before it was given up; those stay.
    """
    _may(by, row.kind)
    with transaction.atomic():
        mine = Import.objects.select_for_update().filter(
            pk=row.pk, state__in=[*_OPEN, _State.CHECKING, _State.REFUSED]
        )
        if not mine.exists():
            raise Refused("This import has begun and cannot be thrown away.")
        added = ImportPart.objects.filter(of=row).aggregate(added=Sum("added"))["added"] or 0
        ImportPart.objects.filter(of=row).delete()
        Import.objects.filter(pk=row.pk).delete()
    return int(added)


def forget_old(*, at: datetime) -> int:
    """Empty the rows of what was imported, and delete what was not, a week after it was brought."""
    under_way = (_State.CHECKING, _State.IMPORTING)
    old = Import.objects.filter(brought_at__lt=at - KEPT_FOR, emptied_at=None).exclude(state__in=under_way)
    keys = list(old.values_list("pk", flat=True)[:100])
    with transaction.atomic():
        rows = Import.objects.filter(pk__in=keys).exclude(state__in=under_way)
        locked = dict(rows.select_for_update(skip_locked=True).values_list("pk", "state"))
        ImportPart.objects.filter(of__in=locked).delete()
        done = [key for key, state in locked.items() if state == _State.DONE]
        Import.objects.filter(pk__in=done).update(sealed=None, heads=None, filename="", emptied_at=at)
        Import.objects.filter(pk__in=locked.keys() - set(done)).delete()
    return len(locked)


def _move(row: Import, source: tuple[str, ...], target: str, **values: object) -> None:
    mine = Import.objects.filter(pk=row.pk, state__in=source)
    # Nobody works on it until somebody does: what was seen of it before says nothing any more.
    moved = mine.update(state=target, looked=0, looking_since=None, seen_at=None, **values)
    row.refresh_from_db()
    if not moved:
        raise Refused(f"This file is elsewhere meanwhile: {row.get_state_display().lower()}.", "stale")


def _may(by: User, kind: str) -> None:
    needs = handlers()[kind].needs
    if not by.may(needs):
        raise Refused(refusal(needs), "role")


def _name(said: str) -> str:
    """What the file was called, without folders and signs that cannot be seen."""
    last = re.split(r"[/\\]", said)[-1]
    shown = "".join(sign for sign in last if unicodedata.category(sign)[0] not in "CZ" or sign == " ")
    return " ".join(shown.split())[:120]
