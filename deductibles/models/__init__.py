"""The tables of claims, holds, submissions and settings."""

from deductibles.models.acknowledgements import Acknowledgement, Arrival, ArrivalFile, Payment
from deductibles.models.claims import Charge, Claim, Coverage
from deductibles.models.entry import EntryDraft, Finding
from deductibles.models.hold_acts import HoldAct, HoldTotal
from deductibles.models.holds import Hold, Question, Snapshot
from deductibles.models.references import ClaimReference
from deductibles.models.sending import Sending
from deductibles.models.settings import (
    BillingProvider,
    DeductibleSettings,
    provider_in_force,
    settings_in_force,
)
from deductibles.models.submissions import ControlNumbers, Submission, SubmissionFile, SubmissionItem
from deductibles.models.troubles import PayerTrouble
from deductibles.models.worklists import Concern, SetAside

__all__ = [
    "Acknowledgement",
    "Arrival",
    "ArrivalFile",
    "Payment",
    "BillingProvider",
    "Charge",
    "Claim",
    "ClaimReference",
    "Concern",
    "ControlNumbers",
    "Coverage",
    "DeductibleSettings",
    "EntryDraft",
    "Finding",
    "Hold",
    "HoldAct",
    "HoldTotal",
    "PayerTrouble",
    "Question",
    "Sending",
    "SetAside",
    "Snapshot",
    "Submission",
    "SubmissionFile",
    "SubmissionItem",
    "provider_in_force",
    "settings_in_force",
]
