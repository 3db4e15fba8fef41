"""Escalation tickets, what stands around them at the desk, and the versions of the rules they stand under."""

from escalations.models.attachments import Attachment, AttachmentContent
from escalations.models.desk import Deflection, FilingDraft, GuideCount, LiveTransfer, UnclearReport
from escalations.models.tickets import (
    CALLERS,
    CHANNELS,
    UNIT_CHOICES,
    LinkKind,
    Pause,
    Ticket,
    TicketCounter,
    TicketCycle,
    TicketEvent,
    TicketLink,
    Waiver,
)
from escalations.models.versions import CalendarVersion, PolicyVersion, Version

__all__ = [
    "CALLERS",
    "CHANNELS",
    "UNIT_CHOICES",
    "Attachment",
    "AttachmentContent",
    "CalendarVersion",
    "Deflection",
    "FilingDraft",
    "GuideCount",
    "LinkKind",
    "LiveTransfer",
    "Pause",
    "PolicyVersion",
    "Ticket",
    "TicketCounter",
    "TicketCycle",
    "TicketEvent",
    "TicketLink",
    "UnclearReport",
    "Version",
    "Waiver",
]
