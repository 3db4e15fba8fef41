"""The calls and letters of the demo's desk, one line each, in the words of the people who took them."""

from __future__ import annotations

from dataclasses import dataclass

Steps = tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Call:
    """One ticket. ``standing`` is where it stands now; with ``days`` it came in that long ago instead.

    ``steps`` are (office hours after the step before, act). ``received``: hours before filing at which the
    request had come in (K18). ``again``: the patient of the line before once more.
    """

    standing: str = ""
    channel: str = "phone"
    note: str = ""
    steps: Steps = ()
    caller: str = "patient"
    days: int = 0
    received: int = 0
    again: bool = False


TAKEN: Steps = ((0.4, "take"),)
STARTED: Steps = ((0.5, "take"), (1.5, "start"))
DONE: Steps = (*STARTED, (20, "comment"), (26, "resolve"))

CALLS = [
    Call("on_track", "phone", "Needs it for a health savings account; asked us to print the mileage too."),
    Call("on_track", "email", "A daughter writes for the patient; power of attorney is on file.", TAKEN),
    Call(
        "on_track", "phone", "Wants every service listed; was billed by two crews on the same day.", STARTED
    ),
    Call("on_track", "email", "", ()),
    Call("on_track", "phone", "Moving at the end of the month, please send before then.", TAKEN),
    Call("on_track", "phone", "Prefers large print.", (*STARTED, (2, "comment"))),
    Call("on_track", "email", "For the tax adviser. Copy by e-mail is fine.", STARTED),
    Call("on_track", "phone", "", (), "provider"),
    Call(
        "on_track", "email", "Hospital's billing office wants the run number on the copy.", TAKEN, "provider"
    ),
    Call("on_track", "phone", "Second call; first one was cut off.", (), received=20),
    Call("on_track", "phone", "Asked whether a paid account can still be itemized. It can.", TAKEN),
    Call("on_track", "email", "Attorney's office, release form attached.", STARTED, "other"),
    Call("in_window", "phone", "Zero balance since spring, needs proof for the landlord.", STARTED),
    Call("in_window", "email", "", TAKEN),
    Call(
        "in_window",
        "phone",
        "Please mail to the new address, account is updated.",
        (*STARTED, (9, "comment")),
    ),
    Call("in_window", "email", "Spouse called too; same request.", STARTED),
    Call("in_window", "phone", "", ()),
    Call("in_window", "phone", "Account was written off in March.", STARTED, "other", received=28),
    Call("in_window", "email", "Two trips, wants one bill for each.", (*STARTED, (6, "assign"))),
    Call("due_soon", "phone", "Promised again on the phone, patient was patient.", STARTED),
    Call("due_soon", "email", "", TAKEN),
    Call(
        "due_soon",
        "phone",
        "The employer's deadline for reimbursement is next week.",
        (*STARTED, (12, "comment")),
    ),
    Call("due_soon", "email", "", ()),
    Call("due_soon", "phone", "Clinic asks on behalf of the patient.", STARTED, "provider"),
    Call(
        "due_soon",
        "email",
        "Billing names were swapped on the last copy.",
        (*STARTED, (5, "wait"), (8, "resume")),
    ),
    Call("breached", "phone", "Called twice already.", STARTED),
    Call("breached", "email", "", (*TAKEN, (30, "comment"))),
    Call("breached", "phone", "Wants it by mail, not e-mail.", (*STARTED, (8, "wait"))),
    Call("breached", "email", "Letter came back, new address asked for.", (*STARTED, (20, "assign"))),
    Call("paused", "email", "Signature is missing on the request.", (*STARTED, (2, "wait"))),
    Call("paused", "phone", "Did not know the date of the trip; will call back.", (*TAKEN, (1, "wait"))),
    Call(
        "paused",
        "phone",
        "Clinic must send the physician's statement first.",
        (*STARTED, (1, "wait")),
        "provider",
    ),
    Call("paused", "email", "Asked for a copy of the death certificate.", (*STARTED, (2, "wait")), "other"),
    Call("paused", "phone", "", (*STARTED, (1, "wait"), (1, "comment"))),
    Call("immediate", "phone", "Caller stayed on the line.", ((0.1, "take"),)),
    Call("", "phone", "For a flexible spending account.", DONE, days=19),
    Call("", "email", "Wanted the 2 September trip only.", DONE, days=18),
    Call("", "phone", "", DONE, days=17, received=24),
    Call(
        "",
        "email",
        "A second insurer asked the patient for it.",
        (*STARTED, (6, "wait"), (26, "resume"), (12, "resolve")),
        days=16,
    ),
    Call("", "phone", "", DONE, "provider", 15),
    Call(
        "", "phone", "Was not sure whether the account was paid; it is.", (*TAKEN, (18, "resolve")), days=14
    ),
    Call("", "email", "", DONE, days=13),
    Call("", "phone", "Found the first copy in the meantime.", (*TAKEN, (5, "cancel")), days=12),
    Call("", "phone", "Needs the bill for a claim with a second insurer.", (*DONE, (40, "reopen")), days=12),
    Call("", "email", "", DONE, days=11),
    Call("", "email", "Wrong year on the first copy.", (*DONE, (24, "reopen"), (2, "start")), days=11),
    Call("", "phone", "", (*STARTED, (9, "resolve")), days=10),
    Call("", "phone", "Estate of the patient, executor's letter is scanned.", DONE, "other", 9),
    Call("", "email", "", (*STARTED, (14, "resolve")), days=8),
    Call("", "phone", "Filed twice, see the earlier ticket.", ((3, "cancel"),), days=7, again=True),
    Call("", "email", "", (*TAKEN, (11, "resolve")), days=6),
    Call("", "phone", "Only wanted the balance.", (*STARTED, (4, "resolve")), days=5),
    Call("", "email", "", (*STARTED, (7, "resolve")), days=4),
    Call(
        "", "phone", "Called on the way to the tax adviser.", (*STARTED, (3, "resolve")), days=3, again=True
    ),
    Call("", "phone", "Proof of a zero balance.", (*STARTED, (26, "resolve")), days=29),
    Call("", "email", "Sent late: the account was on hold in posting.", (*TAKEN, (260, "resolve")), days=24),
]
"""What Acme's desk was asked."""
FEW = [
    Call("on_track", "phone", "First request of a new patient.", TAKEN),
    Call("on_track", "email", "", ()),
    Call("due_soon", "phone", "Asked for large print.", STARTED),
    Call("in_window", "email", "", STARTED),
    Call("paused", "phone", "Will send the proof of payment.", (*STARTED, (1, "wait"))),
    Call("", "email", "For a spending account.", DONE, days=13),
]
"""What the other company's was asked."""
DEFLECTED = (9, 6, 2)
"""Days ago on which an insurer asked for an itemized bill and was told where to write."""

WORDS: dict[str, tuple[str, ...]] = {
    "comment": (
        "Left a message that the copy is on its way.",
        "Checked AMD history: the last payment posted, balance is zero.",
        "Posting confirmed the account is settled.",
        "Patient asked for a copy by mail too; noted on the account.",
        "Run report found, mileage agrees with the charge.",
        "Called back, no answer. Second try tomorrow morning.",
        "Supervisor of the crew confirmed the pickup address.",
    ),
    "wait": (
        "Asked for the missing page.",
        "Letter sent today.",
        "Message left with the front desk.",
        "They promised it by the end of the week.",
    ),
    "resolve": (
        "Sent by mail; the patient has it.",
        "Sent by e-mail, receipt confirmed on the phone.",
        "Printed and mailed with the run report.",
        "Patient read the amounts back and is content.",
    ),
    "reopen": (
        "One trip is missing on the copy.",
        "The patient says that the copy never arrived.",
        "The amounts are those of another date of service.",
    ),
    "cancel": ("Not needed any more.", "The request was filed twice."),
}
"""What is noted beside an act on an itemized bill."""
PLAIN_WORDS: dict[str, tuple[str, ...]] = {
    "comment": (
        "Called back, no answer. Second try tomorrow morning.",
        "Checked AMD history and noted it on the account.",
        "Spoke with the caller; nothing new.",
    ),
    "wait": WORDS["wait"],
    "resolve": ("The patient was told and is content.", "Done, and confirmed on the phone.", "Letter sent."),
    "reopen": ("The caller says that it is not settled.",),
    "cancel": WORDS["cancel"],
}
"""What is noted beside an act on a ticket of any other type."""
OTHERWISE = "Told the patient on the phone; nothing had to be sent."
"""What is noted when a ticket was resolved by another outcome than the usual first one."""
