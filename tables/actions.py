"""What people change about their tables. Each act and its audit are one transaction."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.audit import acting
from accounts.models import User
from accounts.roles import Role
from tables.models import ColumnChoice, Export, SavedView
from tables.shape import Table

MOST_VIEWS = 50
NAME_LENGTH = 60
SHARERS = frozenset({Role.SUPERVISOR, Role.ADMIN})
"""Who may share a view with the company: everybody's list of views is kept by those who lead the work."""


class Unfit(ValueError):
    """What was asked cannot be kept; the text is the sentence a person reads."""


def choose_columns(
    table: Table, order: Iterable[object], hidden: Iterable[object], *, by: User, at: datetime
) -> ColumnChoice:
    """Keep a person's columns of a table; unknown keys are dropped, and at least one must be shown."""
    known = table.by_key()
    gone = [key for key in dict.fromkeys(hidden) if isinstance(key, str) and key in known]
    gone = [key for key in gone if not known[key].locked]
    if len(gone) == len(known):
        raise Unfit("A table needs at least one column. Tick one, then save.")
    kept = [place.column.key for place in table.places(order)]
    return _keep(table, by, at, "choose columns", chosen=True, order=kept, hidden=gone)


def reset_columns(table: Table, *, by: User, at: datetime) -> ColumnChoice:
    """Go back to the columns everybody starts with."""
    return _keep(table, by, at, "reset columns", chosen=False, order=[], hidden=[])


def open_with(table: Table, view: SavedView | None, *, by: User, at: datetime) -> ColumnChoice:
    """Name the view this person's list opens with; None for the plain list."""
    with transaction.atomic():
        return _keep(table, by, at, "open with a view", opens_with=_still_there(view) if view else None)


def _keep(table: Table, by: User, at: datetime, act: str, **values: Any) -> ColumnChoice:
    with transaction.atomic(), acting(by, act):
        choice, _ = ColumnChoice.objects.update_or_create(
            company=by.company, user=by, table=table.key, defaults={**values, "changed_at": at}
        )
    return choice


def save_view(
    table: Table,
    name: str,
    *,
    query: str,
    order: list[str],
    hidden: list[str],
    shared: bool,
    by: User,
    at: datetime,
) -> SavedView:
    """Save a view under a name; one's own view of the same name is replaced.

    ``query`` has been read by the list's own filters already; :class:`Unfit` says what is wrong.
    """
    kept = _name(name)
    _may_share(by, shared)
    values = {"query": query[:1000], "order": order, "hidden": hidden, "shared": shared, "changed_at": at}
    mine = SavedView.objects.filter(company=by.company, owner=by, table=table.key)
    if mine.exclude(name=kept).count() >= MOST_VIEWS:
        raise Unfit(f"There are {MOST_VIEWS} views of yours already. Delete one first.")
    with transaction.atomic(), acting(by, "save view"):
        view, _ = SavedView.objects.update_or_create(
            company=by.company,
            owner=by,
            table=table.key,
            name=kept,
            defaults=values,
            create_defaults={**values, "created_at": at},
        )
    return view


def change_view(view: SavedView, name: str, *, shared: bool, by: User, at: datetime) -> SavedView:
    """Rename one's own view, share it or stop sharing it."""
    kept = _name(name)
    try:
        with transaction.atomic(), acting(by, "change view"):
            view = _still_there(view)
            if shared != view.shared:
                _may_share(by, shared)
            view.name, view.shared, view.changed_at = kept, shared, at
            view.save(update_fields=["name", "shared", "changed_at"])
            if not shared:
                ColumnChoice.objects.filter(opens_with=view).exclude(user=by).update(opens_with=None)
    except IntegrityError as twice:
        raise Unfit(f"You have a view named {kept} already. Give this one another name.") from twice
    return view


def _still_there(view: SavedView) -> SavedView:
    """The view as it is now, locked: since the page was shown another tab may have deleted it."""
    found = SavedView.objects.select_for_update(of=("self",)).filter(pk=view.pk).first()
    if found is None:
        raise Unfit(f"The view “{view.name}” was deleted meanwhile. Nothing was changed.")
    return found


def delete_view(view: SavedView, *, by: User, at: datetime) -> None:
    """Delete one's own view; whoever opened the list with it sees the plain list again."""
    with transaction.atomic(), acting(by, "delete view"):
        ColumnChoice.objects.filter(opens_with=view).update(opens_with=None, changed_at=at)
        view.delete()


def record_export(
    table: Table,
    *,
    query: str,
    searched: bool,
    columns: list[str],
    rows: int,
    cut: bool,
    by: User,
    at: datetime,
) -> Export:
    """Write down who takes which rows away, before the first of them leaves."""
    return Export.objects.create(
        company=by.company,
        by=by,
        table=table.key,
        query=query[:1000],
        searched=searched,
        columns=columns,
        rows=rows,
        cut=cut,
        at=at,
    )


def may_share(user: User) -> bool:
    """Whether this person may share a view with the company."""
    return user.role in SHARERS


def _may_share(by: User, shared: bool) -> None:
    if shared and not may_share(by):
        raise Unfit("Only a supervisor or an admin shares a view with the company. Save it for yourself.")


def _name(typed: str) -> str:
    """A name of printable letters, its spaces made single."""
    hidden = ("Cc", "Cf", "Cn", "Co", "Cs")  # controls, turned or zero-width writing, letters of no alphabet
    if any(unicodedata.category(letter) in hidden and not letter.isspace() for letter in typed):
        raise Unfit("The name has signs that cannot be printed. Type it again.")
    name = " ".join(typed.split())
    if not name:
        raise Unfit("The view needs a name.")
    if len(name) > NAME_LENGTH:
        raise Unfit(f"The name may have {NAME_LENGTH} letters; this one has {len(name)}.")
    return name
