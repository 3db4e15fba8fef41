"""The escalation endpoints, for the router: names as in ``api_urls.py``."""

from escalations.api.guidance import AdviceView, PreviewView, TypesView
from escalations.api.tickets import LedgerView, StepsView, TicketsView, TicketView

__all__ = [
    "AdviceView",
    "LedgerView",
    "PreviewView",
    "StepsView",
    "TicketView",
    "TicketsView",
    "TypesView",
]
