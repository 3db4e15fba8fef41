"""Everything that changes a ticket, or what stands around it at the desk."""

from escalations.actions.filing import file_ticket, forget_draft, keep_draft, log_deflection
from escalations.actions.retyping import Unfit, retype
from escalations.actions.steps import Invalid, act, type_of
from escalations.actions.transfers import end_transfer, start_transfer

__all__ = [
    "Invalid",
    "Unfit",
    "act",
    "end_transfer",
    "file_ticket",
    "forget_draft",
    "keep_draft",
    "log_deflection",
    "retype",
    "start_transfer",
    "type_of",
]
