"""The work lists: which trouble of a claim stands on which, in which words, and where it is mended. Pure.

A claim leaves a list by being mended, never by a tick: what stands there follows from the newest answer,
from the claim's dates and from the hold it is in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

RETURNED = "returned"
UNPAID = "unpaid"
UNWRITTEN = "unwritten"
UNKNOWN = "unknown"
REJECTED = "rejected"
LINES = "lines"
COVERAGE = "coverage"
UNANSWERED = "unanswered"
DEADLINE = "deadline"
NO_END = "no-end"
PLAN_YEAR = "plan-year"

CONCERN_CHOICES = [
    (RETURNED, "Rejected claims"),
    (UNPAID, "Denied or unpaid"),
    (UNWRITTEN, "Left out of the file"),
    (UNKNOWN, "Deductible unknown"),
    (REJECTED, "Rejected questions"),
    (LINES, "Lines to look at"),
    (COVERAGE, "Coverage ended"),
    (UNANSWERED, "Not answered twice"),
]
"""Troubles that are written down when an answer is kept (or does not come), of AR Boost's or to a claim."""
TOLD = (RETURNED, UNPAID, UNWRITTEN)
"""Those about a bill that was sent, or could not be; what is written down is the sentence itself."""
ANSWERED = (REJECTED, LINES, COVERAGE)
"""Those that the newest answer alone decides."""

NEAR = timedelta(days=30)
"""How long before its filing deadline a claim that has not left stands on the list."""


@dataclass(frozen=True)
class WorkList:
    """One list: its key in addresses and stored choices, what it is called and what it is for."""

    key: str
    label: str
    lead: str
    since: str
    empty: str

    @property
    def url_name(self) -> str:
        """The name of its address among this app's."""
        return f"work_{self.key.replace('-', '_')}"


LISTS: tuple[WorkList, ...] = (
    WorkList(
        RETURNED,
        "Rejected claims",
        "The clearinghouse or the payer did not take these. Correct what they name and complete the claim: "
        "it goes again with the next submission, as its next sequence.",
        "Rejected",
        "No claim was rejected that nobody has corrected.",
    ),
    WorkList(
        UNWRITTEN,
        "Left out of the file",
        "Queued, and the last submission could not write them: something is missing or not valid. Mend what "
        "is named; each goes with the next submission.",
        "Left out",
        "The last submission wrote every claim that was queued.",
    ),
    WorkList(
        UNPAID,
        "Denied or unpaid",
        "A remittance came and could not be posted: denied, taken back, not theirs, or its amounts do not "
        "fit. Look at the reason, then post the payment by hand or enter the claim anew.",
        "Told",
        "Every remittance about a claim that waits was posted.",
    ),
    WorkList(
        REJECTED,
        "Rejected questions",
        "The payer could not find the patient, or would not answer for that date. Mend what it names, then "
        "run eligibility.",
        "Rejected",
        "No payer rejects a question.",
    ),
    WorkList(
        COVERAGE,
        "Coverage ended",
        "The payer says that coverage is not active. Find the insurance that is, then change the payer.",
        "Seen",
        "Every payer that answered says that coverage is active.",
    ),
    WorkList(
        LINES,
        "Lines to look at",
        "The answer came and cannot be acted on: two amounts, amounts that contradict, a line that is gone. "
        "A person decides which line counts.",
        "Seen",
        "Every answer can be acted on.",
    ),
    WorkList(
        UNKNOWN,
        "Deductible unknown",
        "Completed without a usable answer, so not held. Each goes out with the next submission unless the "
        "deductible is found out before.",
        "Since",
        "The deductible of every claim that waits is known.",
    ),
    WorkList(
        DEADLINE,
        "Near filing deadline",
        "Not submitted yet, and the payer’s timely filing deadline is near.",
        "File by",
        "No claim that has not left is near its filing deadline.",
    ),
    WorkList(
        UNANSWERED,
        "Not answered twice",
        "Asked on two dates of the seven-day grid or more, and no answer came for any of them.",
        "Since",
        "Every held claim was answered on its newest dates.",
    ),
    WorkList(
        NO_END,
        "Held without an end",
        "Held by hand while the manual setting is off: nothing releases these claims but a person.",
        "Held since",
        "No claim is held without a release date.",
    ),
    WorkList(
        PLAN_YEAR,
        "Plan year ends while held",
        "The plan year ends before the release date. After its last day the stored answer proves nothing "
        "more; each claim is asked again on its next date of the grid and decided on that answer.",
        "Release date",
        "No held claim outlasts its plan year.",
    ),
)
BY_KEY: dict[str, WorkList] = {one.key: one for one in LISTS}
PLAN_YEAR_FROM = 12
"""The month whose first day brings the list of holds that outlast their plan year (section 5)."""


def plan_year_end(today: date) -> date | None:
    """The last day of the year when the list of plan years is shown: in December; else None."""
    return date(today.year, 12, 31) if today.month >= PLAN_YEAR_FROM else None


PATIENT_REJECTS = {
    "58": ("Birth date missing or not valid", "date_of_birth"),
    "64": ("Patient id missing or not valid", "member_id"),
    "65": ("Patient name missing or not valid", "name"),
    "66": ("Patient sex missing or not valid", "sex"),
    "67": ("Patient not found", "member_id"),
    "68": ("Patient id found twice", "member_id"),
    "71": ("Birth date is not the payer’s", "date_of_birth"),
    "72": ("Member id missing or not valid", "member_id"),
    "73": ("Subscriber name missing or not valid", "subscriber"),
    "74": ("Subscriber sex missing or not valid", "subscriber"),
    "75": ("Subscriber not found", "member_id"),
    "76": ("Member id found twice", "member_id"),
    "77": ("Subscriber found, patient not", "relationship"),
    "78": ("Subscriber not in this group or plan", "group_number"),
    "56": ("Date not fit to ask about", "date_of_service"),
    "57": ("Date of service missing or not valid", "date_of_service"),
    "60": ("Birth date is after the date of service", "date_of_birth"),
    "61": ("Died before the date of service, says the payer", "date_of_service"),
    "62": ("Date is outside what the payer answers for", "date_of_service"),
    "63": ("Date is in the future", "date_of_service"),
}
"""AAA03 codes of patient data and dates (D-X12-3): in words, and the field that is to be mended."""

FLAGGED = {
    "ambiguous": "Two different amounts stood in one place",
    "inconsistent": "More remains than the annual amount",
    "reason_code_contradicted": "AR Boost said “met” and sent amounts that say otherwise",
    "amounts_disagree": "AR Boost’s amounts and the 271 differ",
    "amounts_unread": "AR Boost sent amounts that cannot be read",
    "coverage_unclear": "Active and inactive at once, or coverage dates nobody can read",
    "other_payer_primary": "The payer says that another payer is primary",
    "identity_mismatch": "The answer was about somebody else",
    "pin_not_found": "The pinned line is not in the newest answer",
}
"""Flags that a person must look into, in words; others explain and ask for nothing."""

UNKNOWN_WHY = {
    "unavailable": "AR Boost did not answer",
    "rejected": "The question was rejected",
    "inactive": "Coverage is not active",
    "not_proven": "The answer is not one to hold on",
    "annual_unknown": "The annual deductible is not in the answer",
    "no_amount": "The answer has no remaining deductible",
}
"""Why a deductible is not known (D-HOLD-3)."""


def troubles_of(outcome: str, reading: Mapping[str, Any], flags: Sequence[str]) -> dict[str, list[str]]:
    """What a person must see to after this answer: list -> the codes its sentence is made of.

    Rejects of the payer's or of our own making are no work of a biller's: they are asked again, or alert.
    """
    found: dict[str, list[str]] = {}
    if outcome == "rejected":
        rejects = [str(one.get("code", "")) for one in reading.get("rejects") or ()]
        mine = list(dict.fromkeys(code for code in rejects if code in PATIENT_REJECTS))
        if mine or not rejects:
            found[REJECTED] = mine
    elif reading.get("active") is False:
        found[COVERAGE] = []
    raised = [flag for flag in dict.fromkeys(flags) if flag in FLAGGED]
    if raised:
        found[LINES] = raised
    return found


def why_unknown(outcome: str, reading: Mapping[str, Any], reason: str) -> str:
    """Why a deductible is unknown, as a code of :data:`UNKNOWN_WHY`; ``reason`` is the decision's."""
    if outcome in ("unavailable", "rejected"):
        return outcome
    if reason in ("not_proven", "annual_unknown"):
        return reason
    return "inactive" if reading.get("active") is False else "no_amount"


def sentence(kind: str, codes: Sequence[str]) -> str:
    """What is wrong, for a list whose rows carry codes."""
    if kind in TOLD:
        return _joined(codes).rstrip(".") or "Nobody said why"
    if kind == REJECTED:
        said = [f"{PATIENT_REJECTS[code][0]} ({code})" for code in codes if code in PATIENT_REJECTS]
        return _joined(said) or "The question was rejected without a code"
    if kind == LINES:
        return _joined([FLAGGED[code] for code in codes if code in FLAGGED])
    if kind == UNKNOWN:
        return _joined([UNKNOWN_WHY[code] for code in codes if code in UNKNOWN_WHY]) or "No usable answer"
    if kind == UNANSWERED:
        return "No answer on two dates of the grid; it is asked again every night"
    return "Coverage is not active"


def _joined(said: Sequence[str]) -> str:
    return "; ".join(said)


def field_of(codes: Sequence[str]) -> str:
    """The field that the first known reject code names; the member id when none says."""
    return next((PATIENT_REJECTS[code][1] for code in codes if code in PATIENT_REJECTS), "member_id")


def deadline_words(file_by: date, today: date) -> str:
    """How near the filing deadline is."""
    left = (file_by - today).days
    if left < 0:
        return f"The deadline was {_days(-left)} ago"
    return "The deadline is today" if left == 0 else f"{_days(left)} to the deadline"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count:,} days"
