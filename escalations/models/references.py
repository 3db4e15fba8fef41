"""What an imported ticket was called where it came from."""

from __future__ import annotations

from django.db import models

from accounts.models import Company, CompanyOwned
from escalations.models.tickets import Ticket
from patients.models import Import


class TicketReference(CompanyOwned):
    """The number a ticket had elsewhere, once a company: however many files bring it, it is one ticket.

    ``of`` is the file that brought it; none once that was forgotten.
    """

    # The references by company and id to ticket and file say that the company exists.
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    ticket = models.OneToOneField(
        Ticket, on_delete=models.PROTECT, related_name="elsewhere", db_constraint=False
    )
    number = models.CharField(max_length=60)
    of = models.ForeignKey(
        Import,
        on_delete=models.SET_NULL,
        null=True,
        related_name="tickets",
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="ticket_reference_company_id"),
            models.UniqueConstraint(fields=["company", "number"], name="ticket_reference_once"),
        ]

    def __str__(self) -> str:
        return f"reference of ticket {self.ticket_id}"
