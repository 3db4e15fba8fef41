"""What is noted beside an act where the call itself does not say: a few sentences a type, taken in turn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """``ends`` are outcomes of the type, each with what is noted beside it."""

    comments: tuple[str, ...]
    ends: tuple[tuple[str, str], ...]


WAITED = {
    "patient": (
        "Letter sent today.",
        "Asked for the missing page.",
        "They promised it by the end of the week.",
    ),
    "provider": ("Message left with the front desk.", "Faxed the question to the practice."),
    "colleagues": ("Posting has it on its list for today.", "Asked the team lead; an answer comes tomorrow."),
    "insurer": ("On hold with the insurer for an hour, then told to wait.",),
}
"""What is noted when a ticket begins to wait, by the reason."""
REOPENED = ("The caller says that it is not settled.",)
CANCELLED = ("Not needed any more.",)

_BILLS = Words(
    (
        "Left a message that the copy is on its way.",
        "Checked AMD history: the last payment posted, nothing is open.",
        "Posting confirmed the account is settled.",
        "Patient asked for a copy by mail too; noted on the account.",
        "Run report found, mileage agrees with the charge.",
        "Crew's supervisor confirmed the pickup address.",
    ),
    (
        ("Itemized bill sent", "Sent by mail; the patient has it."),
        ("Itemized bill sent", "Sent by e-mail, receipt confirmed on the phone."),
        ("Itemized bill sent", "Printed and mailed with the run report."),
        ("Already had it", "It had come with the last statement."),
        ("Itemized bill sent", "Patient read the amounts back and is content."),
    ),
)
_CALLS = Words(
    ("Called back, no answer. Second try tomorrow morning.", "Voicemail; left our number and the hours."),
    (
        ("Called back and settled", "Reached on the first try; the question is answered."),
        ("Called back and settled", "Spoke for ten minutes; a payment plan is set up."),
        ("Called back and settled", "The charge was explained line by line."),
    ),
)
WORDS = {
    "appeal": Words(
        ("Sent the crew's narrative to the insurer.", "The insurer confirms that it has all papers."),
        (("Decided for the patient", "The insurer pays; told the patient."),),
    ),
    "callback-ptp-pte": _CALLS,
    "do-not-contact": Words(
        ("Took the number off the reminder list too.",),
        (("Contact stopped", "Reminders are off; the dialer skips the number."),),
    ),
    "executive-keywords": Words(
        ("Wrote the words into the file as they were said.",),
        (("Settled with the patient", "A supervisor rang and explained the charge."),),
    ),
    "itemized-bill-ptp": _BILLS,
    "itemized-bill": _BILLS,
    "insurance-update": Words(
        ("Claim sent again with the new member id.", "The insurer says that it takes four more weeks."),
        (("Updated and accepted by the insurer", "Coverage confirmed for the date of service."),),
    ),
    "medical-records": Words(
        ("Run sheets are scanned; the strips come from the archive.",),
        (("Records sent", "Sent to the address that was read back."),),
    ),
    "missing-payment": Words(
        ("Bank's reference sent on to posting.", "Found a payment of the same amount under another account."),
        (
            ("Payment found and posted", "It stood under the account of the spouse; moved."),
            ("Payment found and posted", "Posted to the trip; the patient has a receipt."),
        ),
    ),
    "onc-callback": _CALLS,
    "patient-callback": _CALLS,
    "patient-sos": Words(
        ("Told the patient the name of the supervisor who reads the file.",),
        (("Settled with the patient", "A supervisor stayed on the line until it was done."),),
    ),
    "refund": Words(
        ("Run sheet and charge compared; the difference is as the patient says.",),
        (("Refund issued", "Goes back to the card it came from."),),
    ),
    "requisition-form": Words(
        ("The copy in the file is too pale; asked for the original.",),
        (("Form sent", "Sent, and the address was right."),),
    ),
    "spay-error": Words(
        ("Tried the link myself and saw the same.",),
        (("New link sent", "The new one opened while we spoke."),),
    ),
    "stop-claim": Words(
        ("Asked billing which batch it went out in.",),
        (("Claim stopped", "Taken back; the patient gets a letter."),),
    ),
    "supervisor": Words(
        ("Put on the supervisor's list for this afternoon.",),
        (
            ("Done on the account", "Written off; the patient was told."),
            ("Done on the account", "Changed, and read back to the patient."),
        ),
    ),
    "synergen": Words(
        ("Statement and AMD compared; AMD is right.",),
        (("Balance corrected", "The portal shows the right amount now."),),
    ),
    "wo-code-error": Words(
        ("Asked who keyed the write-off in.", "Nobody on the team knows the code."),
        (("Code corrected", "The right code is in, and a note beside it."),),
    ),
    "zbal": Words(
        ("Memo and account agree.",),
        (("Balance cleared", "Cleared, and the patient has it in writing."),),
    ),
}
