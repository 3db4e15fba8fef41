"""What is wrong with an answer about a claim, each in one sentence with what a biller can do. Pure.

Every flag a reading or a hold may carry and every reject code has its words here: none reaches a page as a
code without a sentence, and none is silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deductibles.x12.eligibility_reading import DATES, OTHER, PATIENT, PAYER_DOWN, SETUP, kind_of_reject

HELP, LINES, COVER, ASK, PATIENT_PAGE, SETUP_PAGE = "", "lines", "coverage", "eligibility", "patient", "setup"
"""Where a trouble is mended: nowhere in particular, the lines of the answer, a coverage, by asking again …"""


@dataclass(frozen=True)
class Trouble:
    """``says`` what is so, ``do`` what a biller can do about it, and ``where``."""

    says: str
    do: str = ""
    where: str = HELP

    @property
    def sentence(self) -> str:
        """Both as one text."""
        return f"{self.says} {self.do}".strip()


FLAGS: dict[str, Trouble] = {
    "ambiguous": Trouble(
        "The payer wrote two amounts in one place: the larger counts, and nothing is released on it.",
        "Look at the lines and pin the one that is this patient’s.",
        LINES,
    ),
    "inconsistent": Trouble(
        "More remains than the whole annual amount, so nothing is released on this answer.",
        "Look at the lines and pin the right one, or ask the payer by telephone.",
        LINES,
    ),
    "other_payer_primary": Trouble(
        "The payer says that another payer is primary, so the claim is not held automatically.",
        "Find the primary insurance and put it first under COB.",
        COVER,
    ),
    "low_confidence": Trouble(
        "The payer did not write whose deductible it is; the line was counted as the patient’s own.",
        "Pin the line if that is right, or another one.",
        LINES,
    ),
    "ambulance_line": Trouble(
        "The payer has a line for ambulance (service type 59), and it was used in place of the health plan’s."
    ),
    "pin_not_found": Trouble(
        "The pinned line is not in this answer: nothing of it counts, and the claim is not released on it.",
        "Pin another line, or take the pin off and let the rules choose.",
        LINES,
    ),
    "answer_too_old": Trouble(
        "This filed answer is older than seven days, or of a day to come: it is shown and not acted on.",
        "Run eligibility for one of today.",
        ASK,
    ),
    "amounts_unread": Trouble(
        "AR Boost sent amounts that cannot be read, so nothing is released on this answer.",
        "Run eligibility again, or file the payer’s own 271.",
        ASK,
    ),
    "amounts_disagree": Trouble(
        "AR Boost’s amounts and the payer’s 271 differ: the larger counts, and nothing is released on it.",
        "Look at the lines, then file the payer’s own 271 or ask the payer by telephone.",
        LINES,
    ),
    "reason_code_contradicted": Trouble(
        "AR Boost said that the deductible is met, and the amounts beside it say otherwise: the claim stays "
        "held.",
        "Run eligibility; if the payer confirms that it is met, queue the claim.",
        ASK,
    ),
    "envelope_invalid": Trouble(
        "The 271 was cut or damaged on its way, so no amount of it counts.",
        "It is asked again tonight if the claim is held; run eligibility to ask now.",
        ASK,
    ),
    "identity_mismatch": Trouble(
        "The answer was about somebody else, so no amount of it counts.",
        "Compare member id, birth date and name with the insurance card, then run eligibility again.",
        COVER,
    ),
    "trace_not_found": Trouble(
        "The answer did not carry the trace of our question, so no amount of it counts.",
        "Run eligibility again.",
        ASK,
    ),
    "several_transactions": Trouble(
        "The file answers for several patients and does not say which is ours, so no amount of it counts.",
        "Run eligibility again, or file an answer about this patient alone.",
        ASK,
    ),
    "not_eligibility": Trouble(
        "What came is a sound X12 file without an eligibility answer in it.",
        "Run eligibility again, or file the payer’s 271.",
        ASK,
    ),
    "coverage_unclear": Trouble(
        "The payer says both that coverage is active and that it is not, or gives dates nobody can read.",
        "Ask the payer by telephone, then file its answer or change the payer.",
        COVER,
    ),
}

_PAYER_DOWN = "The claim is asked again tonight if it is held; run eligibility to try now."
_SETUP = "An admin can mend it once for all claims; nothing is wrong with this claim."
_NUMBER = "Correct the primary coverage under COB; its payer is asked at once."
_PERSON = "Compare with the insurance card and correct Patient Details, then run eligibility."
_DATE = "Check the dates of the claim and of the patient, then run eligibility."

_REJECTS: dict[str, tuple[str, str, str]] = {
    "42": ("cannot answer now", _PAYER_DOWN, ASK),
    "80": ("gave no answer, its system is down", _PAYER_DOWN, ASK),
    "41": ("does not let us ask", _SETUP, SETUP_PAGE),
    "43": ("does not know our provider number", _SETUP, SETUP_PAGE),
    "44": ("does not know the billing provider’s name", _SETUP, SETUP_PAGE),
    "45": ("misses or refuses the billing provider’s taxonomy", _SETUP, SETUP_PAGE),
    "46": ("misses or refuses the billing provider’s telephone number", _SETUP, SETUP_PAGE),
    "47": ("misses or refuses the billing provider’s state", _SETUP, SETUP_PAGE),
    "48": ("misses or refuses a number of the billing provider", _SETUP, SETUP_PAGE),
    "49": ("says that the provider is not the patient’s primary care provider", _SETUP, SETUP_PAGE),
    "50": ("does not let this provider ask", _SETUP, SETUP_PAGE),
    "51": ("has no such provider on file", _SETUP, SETUP_PAGE),
    "79": ("is not one that AR Boost can ask under this payer id", _SETUP, SETUP_PAGE),
    "97": ("misses or refuses the billing provider’s address", _SETUP, SETUP_PAGE),
    "58": ("misses or refuses the birth date", _PERSON, PATIENT_PAGE),
    "64": ("misses or refuses the patient’s id", _NUMBER, COVER),
    "65": ("misses or refuses the patient’s name", _PERSON, PATIENT_PAGE),
    "66": ("misses or refuses the patient’s sex", _PERSON, PATIENT_PAGE),
    "67": ("does not find the patient", _NUMBER, COVER),
    "68": ("has the patient’s id twice", _NUMBER, COVER),
    "71": ("has another birth date for the patient", _PERSON, PATIENT_PAGE),
    "72": ("misses or refuses the member id", _NUMBER, COVER),
    "73": ("misses or refuses the subscriber’s name", _NUMBER, COVER),
    "74": ("misses or refuses the subscriber’s sex", _NUMBER, COVER),
    "75": ("does not find the subscriber", _NUMBER, COVER),
    "76": ("has the member id twice", _NUMBER, COVER),
    "77": ("finds the subscriber and not the patient", _NUMBER, COVER),
    "78": ("does not find the subscriber in this group or plan", _NUMBER, COVER),
    "56": ("does not take this date", _DATE, HELP),
    "57": ("misses or refuses the date of service", _DATE, HELP),
    "60": ("has a birth date after the date of service", _PERSON, PATIENT_PAGE),
    "61": ("says that the patient died before the date of service", _DATE, HELP),
    "62": ("does not answer for so old or so late a date", _DATE, HELP),
    "63": ("does not answer for a date to come", _DATE, HELP),
    "15": ("needs more than it was told", "File an answer obtained elsewhere.", HELP),
    "33": ("refuses what it was told", "File an answer obtained elsewhere.", HELP),
    "52": ("does not cover the service asked about", "Ask the payer by telephone, or queue the claim.", HELP),
    "53": ("does not know the kind of benefit", "Ask the payer by telephone, or queue the claim.", HELP),
    "54": ("misses or refuses the service asked about", "Ask the payer by telephone.", HELP),
    "55": ("refuses the diagnosis or procedure asked about", "Ask the payer by telephone.", HELP),
    "69": ("says that the service does not fit the patient’s age", "Compare the birth date.", PATIENT_PAGE),
    "70": ("says that the service does not fit the patient’s sex", "Compare the sex.", PATIENT_PAGE),
}
_CLASSES: dict[str, tuple[str, str, str]] = {
    PAYER_DOWN: ("cannot answer now", _PAYER_DOWN, ASK),
    SETUP: ("refuses the question as it was sent", _SETUP, SETUP_PAGE),
    PATIENT: ("does not find the patient as written", _NUMBER, COVER),
    DATES: ("does not take the dates of the question", _DATE, HELP),
    OTHER: (
        "rejected the question",
        "Ask the payer by telephone, or file an answer obtained elsewhere.",
        HELP,
    ),
}


def of_reject(code: str, payer: str = "The payer") -> Trouble:
    """One AAA03 code, known or not, as a sentence (D-X12-3)."""
    says, do, where = _REJECTS.get(code) or _CLASSES[kind_of_reject(code)]
    named = f" (reject {code})" if code else " without giving a code"
    return Trouble(f"{payer} {says}{named}.", do, where)


def of_answer(
    outcome: str, reading: Mapping[str, Any], flags: Iterable[str], detail: str, payer: str, *, usable: bool
) -> list[Trouble]:
    """Everything to know of the newest answer about a claim, the gravest first."""
    raised = [FLAGS[flag] for flag in dict.fromkeys(flags) if flag in FLAGS]
    if outcome == "rejected":
        codes = dict.fromkeys(str(one.get("code", "")) for one in reading.get("rejects") or ())
        return [*(of_reject(code, payer) for code in codes or ("",)), *raised]
    if outcome == "unavailable" and not raised:
        return [Trouble(f"No answer came: {detail or 'AR Boost gave none.'}", _PAYER_DOWN, ASK)]
    if reading.get("active") is False:
        return [INACTIVE.about(payer), *raised]
    silent = outcome == "answered" and not usable and not raised
    return [SILENT.about(payer), *raised] if silent else raised


@dataclass(frozen=True)
class _About:
    says: str
    do: str
    where: str

    def about(self, payer: str) -> Trouble:
        """The same of a payer by name."""
        return Trouble(self.says.format(payer=payer), self.do, self.where)


INACTIVE = _About(
    "{payer} says that coverage is not active on this day.",
    "Find the insurance that is in force and change the payer under COB.",
    COVER,
)
SILENT = _About(
    "{payer} answered and did not tell what remains of the deductible; unknown is never counted as zero.",
    "Look at the lines and pin one that tells it, or ask the payer by telephone.",
    LINES,
)
NO_END = Trouble(
    "Held by hand without an end: queueing by itself is off in Settings, so nothing releases this claim.",
    "Queue it when the deductible is met, or have an admin switch the manual setting on.",
)
"""D-MAN-5."""
NOT_ANSWERED = Trouble(
    "The newest question was not answered; its date is not used up, and it is asked again tonight.",
    "Run eligibility to ask now.",
    ASK,
)
UNKNOWN = Trouble(
    "The deductible is not known, so this claim was not held and goes out with the next submission.",
    "Run eligibility before tonight if it should be held.",
    ASK,
)
"""D-HOLD-3."""
