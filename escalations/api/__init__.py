"""The escalation endpoints, for the router: names as in ``api_urls.py``."""

from escalations.api.files import AttachmentsView, AttachmentView, TicketAttachmentsView
from escalations.api.guidance import AdviceView, PreviewView, TypesView
from escalations.api.tickets import LedgerView, StepsView, TicketsView, TicketView

__all__ = [
    "AdviceView",
    "AttachmentView",
    "AttachmentsView",
    "LedgerView",
    "PreviewView",
    "StepsView",
    "TicketAttachmentsView",
    "TicketView",
    "TicketsView",
    "TypesView",
]
