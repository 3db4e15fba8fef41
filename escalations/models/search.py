"""What a ticket is found by in full text, and when somebody last did something to it."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from accounts.models import CompanyOwned
from escalations.models.tickets import Ticket


class TicketWords(CompanyOwned):
    """The words of a ticket's note, of the free text among its answers and of its timeline, stemmed.

    Triggers keep it (``migrations/_ticket_words.py``), so that bulk writes and raw SQL are found as well; no
    code writes here. ``updated_at`` is the newest line of the timeline, but for a due date that moved with
    the calendar (K14); ``noted_at`` is the newest note. It is derived from rows that have their own history
    and has none.
    """

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="written")
    words: Any = SearchVectorField()
    updated_at = models.DateTimeField()
    noted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="ticket_words_company_id")]
        indexes = [
            GinIndex(fields=["words"], name="ticket_words_found"),
            models.Index(fields=["company", "updated_at", "ticket"], name="ticket_words_by_update"),
        ]

    def __str__(self) -> str:
        return f"words of {self.ticket_id}"
