"""The tables of claims, holds, submissions and settings."""

from deductibles.models.acknowledgements import Acknowledgement, Arrival, ArrivalFile, Payment
from deductibles.models.back_tests import BackTest, BackTestPart
from deductibles.models.claims import Charge, Claim, Coverage
from deductibles.models.entry import EntryDraft, Finding
from deductibles.models.forecasts import Forecast, SurvivalCurve
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
from deductibles.models.worth import HoldingRates, HoldOutcome, rates_in_force

__all__ = [
    "Acknowledgement",
    "Arrival",
    "ArrivalFile",
    "Payment",
    "BackTest",
    "BackTestPart",
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
    "Forecast",
    "Hold",
    "HoldAct",
    "HoldOutcome",
    "HoldTotal",
    "HoldingRates",
    "PayerTrouble",
    "Question",
    "Sending",
    "SetAside",
    "Snapshot",
    "Submission",
    "SubmissionFile",
    "SubmissionItem",
    "SurvivalCurve",
    "provider_in_force",
    "rates_in_force",
    "settings_in_force",
]
