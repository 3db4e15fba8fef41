"""Everything that changes a ticket, or what stands around it at the desk."""

from escalations.actions.filing import file_ticket, forget_draft, keep_draft, log_deflection
from escalations.actions.retyping import Unfit, retype
from escalations.actions.steps import Invalid, act, type_of

__all__ = [
    "Invalid",
    "Unfit",
    "act",
    "file_ticket",
    "forget_draft",
    "keep_draft",
    "log_deflection",
    "retype",
    "type_of",
]
