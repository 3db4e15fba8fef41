"""Everything that changes a ticket, or what stands around it at the desk."""

from escalations.actions.attachments import attach_to, forget_files, remove, upload
from escalations.actions.bulk import act_on_many
from escalations.actions.callbacks import log_call
from escalations.actions.clocks import watch_clocks
from escalations.actions.drafts import discard_draft, forget_old_drafts, save_draft
from escalations.actions.filing import FIRST_NUMBER, file_ticket, filed_from, keep_draft, log_deflection
from escalations.actions.guide import count_view, log_no_ticket, report_unclear, settle_report
from escalations.actions.guide_words import change_glossary, write_article
from escalations.actions.links import link_tickets, unlink
from escalations.actions.lists import Unusable, change_list
from escalations.actions.notice_choices import choose, try_again
from escalations.actions.notices import forget_read, mark_read, unwatch, watch
from escalations.actions.retyping import Unfit, retype
from escalations.actions.steps import Invalid, act, type_of
from escalations.actions.transfers import end_transfer, start_transfer

__all__ = [
    "FIRST_NUMBER",
    "Invalid",
    "Unfit",
    "Unusable",
    "act",
    "act_on_many",
    "attach_to",
    "change_glossary",
    "change_list",
    "choose",
    "count_view",
    "discard_draft",
    "end_transfer",
    "file_ticket",
    "filed_from",
    "forget_files",
    "forget_old_drafts",
    "forget_read",
    "keep_draft",
    "link_tickets",
    "log_call",
    "log_deflection",
    "log_no_ticket",
    "mark_read",
    "remove",
    "report_unclear",
    "retype",
    "save_draft",
    "settle_report",
    "start_transfer",
    "try_again",
    "type_of",
    "unlink",
    "unwatch",
    "upload",
    "watch",
    "watch_clocks",
    "write_article",
]
