"""Escalation tickets, what stands around them at the desk, and the versions of the rules they stand under."""

from escalations.models.attachments import Attachment, AttachmentContent
from escalations.models.desk import Deflection, FilingDraft, GuideCount, LiveTransfer, UnclearReport
from escalations.models.notices import Digest, MailRefusal, NoticeChoice, Notification
from escalations.models.policy_edit import PolicyDraft, PolicyMove, PolicyRun, Publication
from escalations.models.references import TicketReference
from escalations.models.search import TicketWords
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
from escalations.models.watch import Alert, Breach, CallAttempt, Proposal, Reclocking, Watcher

__all__ = [
    "CALLERS",
    "CHANNELS",
    "UNIT_CHOICES",
    "Alert",
    "Attachment",
    "AttachmentContent",
    "Breach",
    "CalendarVersion",
    "CallAttempt",
    "Deflection",
    "Digest",
    "FilingDraft",
    "GuideCount",
    "LinkKind",
    "LiveTransfer",
    "MailRefusal",
    "NoticeChoice",
    "Notification",
    "Pause",
    "PolicyDraft",
    "PolicyMove",
    "PolicyRun",
    "PolicyVersion",
    "Proposal",
    "Publication",
    "Reclocking",
    "Ticket",
    "TicketCounter",
    "TicketCycle",
    "TicketEvent",
    "TicketLink",
    "TicketReference",
    "TicketWords",
    "UnclearReport",
    "Version",
    "Waiver",
    "Watcher",
]
