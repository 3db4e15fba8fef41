"""The escalation endpoints, for the router: names as in ``api_urls.py``."""

from escalations.api.bulk import BulkView
from escalations.api.files import AttachmentsView, AttachmentView, TicketAttachmentsView
from escalations.api.guidance import AdviceView, PreviewView, TypesView
from escalations.api.life import EventsView, LinksView, LinkView
from escalations.api.notices import NotificationsReadView, NotificationsView
from escalations.api.tickets import LedgerView, StepsView, TicketsView, TicketView

__all__ = [
    "AdviceView",
    "AttachmentView",
    "AttachmentsView",
    "BulkView",
    "EventsView",
    "LedgerView",
    "LinkView",
    "LinksView",
    "NotificationsReadView",
    "NotificationsView",
    "PreviewView",
    "StepsView",
    "TicketAttachmentsView",
    "TicketView",
    "TicketsView",
    "TypesView",
]
