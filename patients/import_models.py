"""Tables and files that people bring: what was found in them, and how far their import is."""

from __future__ import annotations

from typing import Any

from django.db import models

from accounts.models import CompanyOwned, User


class Import(CompanyOwned):
    """One file that was brought, once: ``digest`` is of its kind and bytes.

    ``sealed`` is the file itself and ``heads`` the names in its first row, both readable to Holdline alone;
    ``size`` is its bytes unpacked, ``columns`` says which column each field is. ``found`` tells what was
    found by column and row number, never what stands there. ``whole``: all rows or none. ``attempts`` counts
    how often work on it began, so that a file which ends its worker does not do so for ever. ``layout`` is
    how the file is laid out (a table, or X12), ``options`` what was ticked for it, and ``finished`` how many
    of what was added were brought further, where that was ticked. While it is looked at, ``looked`` of about
    ``about`` rows are behind it since ``looking_since``; ``seen_at`` is when somebody last worked on it,
    null until somebody does.
    """

    class State(models.TextChoices):
        COLUMNS = "columns", "Columns to be named"
        CHECKING = "checking", "Being looked at"
        CHECKED = "checked", "Looked at"
        IMPORTING = "importing", "Being imported"
        DONE = "done", "Imported"
        REFUSED = "refused", "Given up"

    kind = models.CharField(max_length=8)
    digest = models.CharField(max_length=64)
    filename = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=9, choices=State.choices)
    size = models.PositiveIntegerField()
    sealed = models.BinaryField(null=True)
    heads = models.BinaryField(null=True)
    columns: Any = models.JSONField(default=dict)
    layout = models.CharField(max_length=8, default="table", db_default="table")
    options: Any = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    whole = models.BooleanField(default=False)
    found: Any = models.JSONField(default=dict)
    rows = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    different = models.PositiveIntegerField(default=0)
    twins = models.PositiveIntegerField(default=0)
    wrong = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    finished = models.PositiveIntegerField(default=0, db_default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    about = models.PositiveIntegerField(default=0, db_default=0)
    looked = models.PositiveIntegerField(default=0, db_default=0)
    looking_since = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)
    brought_at = models.DateTimeField()
    brought_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)
    emptied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="import_company_id"),
            models.UniqueConstraint(fields=["company", "kind", "digest"], name="import_file_once"),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(state__in=["checking", "importing"]),
                name="import_under_way",
            ),
            models.Index(
                fields=["brought_at"], condition=models.Q(emptied_at=None), name="import_to_be_emptied"
            ),
            models.Index(fields=["company", "kind", "-brought_at", "-id"], name="import_listed"),
            models.Index(
                fields=["company", "kind", "-brought_at", "-id"],
                condition=models.Q(state="refused") | models.Q(wrong__gt=0),
                name="import_troubled",
            ),
            models.Index(
                fields=["company", "kind", "-brought_at", "-id"],
                condition=models.Q(state__in=["columns", "checked"]),
                name="import_for_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"Import {self.pk}"


class ImportPart(CompanyOwned):
    """Up to 500 rows of a file that was looked at, sealed, with what was found of each.

    A part is added in one transaction with ``done_at``: whoever takes it up after a death finds it done or
    not begun. ``wrong`` is the number of its rows that cannot be used.
    """

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()
    wrong = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="import_part_company_id"),
            models.UniqueConstraint(fields=["of", "number"], name="import_part_once"),
        ]

    def __str__(self) -> str:
        return f"Part {self.number} of import {self.of_id}"
