"""What people chose for their tables: columns, saved views, and which files they took away."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.db import models

from accounts.audit import track
from accounts.models import CompanyOwned, User


@track
class SavedView(CompanyOwned):
    """A list as somebody wants to find it again: its filters and order as a query string, its columns.

    ``query`` has been read by the page's own filters and never holds a search, which may be a patient's
    name (I8). ``order`` and ``hidden`` are column keys. A shared view is seen by everybody of the company
    who may open the list; only its owner changes it.
    """

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    table = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    order: Any = models.JSONField(default=list)
    hidden: Any = models.JSONField(default=list)
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="saved_view_company_id"),
            models.UniqueConstraint(fields=["owner", "table", "name"], name="saved_view_name_once"),
        ]
        indexes = [models.Index(fields=["company", "table", "name"], name="saved_view_of_table")]

    def __str__(self) -> str:
        return self.name


@track
class ColumnChoice(CompanyOwned):
    """One person's columns of one table, and the saved view it opens with.

    ``order`` and ``hidden`` are column keys as they were when chosen; ``chosen`` is false for somebody who
    only named a view to open with.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    table = models.CharField(max_length=40)
    chosen = models.BooleanField(default=False)
    order: Any = models.JSONField(default=list)
    hidden: Any = models.JSONField(default=list)
    opens_with = models.ForeignKey(SavedView, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="column_choice_company_id"),
            models.UniqueConstraint(fields=["user", "table"], name="column_choice_once"),
        ]

    def __str__(self) -> str:
        return f"columns of {self.table}"


class Export(CompanyOwned):
    """A file that was taken away: by whom, of which list, by which filters, how many rows.

    Added once and never changed. ``query`` leaves the search out and ``searched`` says that there was one
    (I8); ``cut`` says that more rows matched than a file takes.
    """

    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    table = models.CharField(max_length=40)
    query = models.CharField(max_length=1000, blank=True)
    searched = models.BooleanField()
    columns: Any = models.JSONField(default=list)
    rows = models.PositiveIntegerField()
    cut = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="export_company_id")]
        indexes = [models.Index(fields=["company", "-at"], name="export_newest")]
        triggers = [pgtrigger.Protect(name="export_kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.rows} rows of {self.table}"
