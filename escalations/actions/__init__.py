"""Everything that changes a ticket, or what stands around it at the desk."""

from escalations.actions.attachments import attach_to, forget_files, remove, upload
from escalations.actions.filing import file_ticket, forget_draft, keep_draft, log_deflection
from escalations.actions.guide import count_view, log_no_ticket, report_unclear, settle_report
from escalations.actions.lists import Unusable, change_list
from escalations.actions.retyping import Unfit, retype
from escalations.actions.steps import Invalid, act, type_of
from escalations.actions.transfers import end_transfer, start_transfer

__all__ = [
    "Invalid",
    "Unfit",
    "Unusable",
    "act",
    "change_list",
    "count_view",
    "attach_to",
    "end_transfer",
    "file_ticket",
    "forget_draft",
    "forget_files",
    "keep_draft",
    "log_deflection",
    "log_no_ticket",
    "report_unclear",
    "remove",
    "retype",
    "settle_report",
    "start_transfer",
    "type_of",
    "upload",
]
