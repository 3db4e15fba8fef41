"""Calls and letters for an itemized bill, the desk's daily bread, in the words of those who took them."""

from __future__ import annotations

from typing import Any

from config.demo.call import DONE, STARTED, TAKEN, Again, Call, Dismissal, Override, Step, done, waits

TO_PATIENT = {"recipient": "patient", "account_status": "paid"}
TO_PROVIDER = {"recipient": "provider", "account_status": "paid"}
WRITTEN_OFF = {"recipient": "patient", "account_status": "written_off"}
PREPAID = {"recipient": "patient", "closed_to_prepay": True, "history_shows": True}


def bill(note: str, answers: dict[str, str] = TO_PATIENT, **facts: Any) -> Call:
    """A request for an itemized bill."""
    return Call("itemized-bill", note, answers, **facts)


def prepaid(note: str, **facts: Any) -> Call:
    """A request for the bill that confirms a PTP payment."""
    answers = PREPAID | facts.pop("answers", {})
    return Call("itemized-bill-ptp", note, answers, **facts)


RUNNING = [
    bill("Needs it for a health savings account; asked us to print the mileage too.", standing="on_track"),
    bill(
        "A daughter writes for the patient; power of attorney is on file.",
        standing="on_track",
        channel="email",
        steps=TAKEN,
        beside=(Dismissal("Attorney", "Power of attorney of a daughter. Nobody speaks of legal steps."),),
    ),
    bill(
        "Wants every service listed; was billed by two crews on the same day.",
        standing="on_track",
        steps=STARTED,
        name="two crews",
    ),
    bill(
        "For the tax adviser. Copy by e-mail is fine.",
        standing="on_track",
        channel="email",
        steps=STARTED,
        name="tax adviser",
    ),
    bill(
        "Hospital's billing office wants the run number on the copy.",
        TO_PROVIDER,
        standing="on_track",
        channel="email",
        caller="provider",
        steps=TAKEN,
    ),
    bill("Second call; first one was cut off.", standing="on_track", received=20),
    bill(
        "Attorney's office asks for the patient; release form attached.",
        standing="on_track",
        channel="email",
        caller="other",
        steps=STARTED,
    ),
    bill(
        "Zero balance since spring, needs proof for the landlord.",
        standing="in_window",
        steps=STARTED,
        name="landlord",
    ),
    bill(
        "Please mail to the new address, account is updated.",
        standing="in_window",
        steps=(*STARTED, Step(9, "comment", "Address on the account agrees with the one on the letter.")),
        name="new address",
    ),
    bill(
        "Nothing was due, the account was written off; the pension fund wants to see that in writing.",
        WRITTEN_OFF,
        standing="in_window",
        caller="other",
        steps=STARTED,
        received=28,
        name="pension",
    ),
    bill(
        "Two trips, wants one bill for each.",
        standing="in_window",
        channel="email",
        steps=(*STARTED, Step(6, "assign")),
    ),
    bill(
        "The employer's deadline for reimbursement is next week.",
        standing="due_soon",
        steps=(*STARTED, Step(12, "comment")),
    ),
    bill(
        "Billing names were swapped on the last copy.",
        standing="due_soon",
        channel="email",
        steps=(*STARTED, waits("colleagues", after=5), Step(8, "resume")),
    ),
    bill(
        "Letter came back, new address asked for.",
        standing="breached",
        channel="email",
        steps=(*STARTED, Step(20, "assign")),
    ),
    bill(
        "Wants it by mail, not e-mail.",
        standing="breached",
        steps=(
            *STARTED,
            waits("colleagues", "The print room is out of window envelopes until next week.", 8),
        ),
    ),
    bill(
        "Signature is missing on the request.",
        standing="paused",
        channel="email",
        steps=(*STARTED, waits("patient")),
    ),
    bill(
        "Clinic must send the physician's statement first.",
        TO_PROVIDER,
        standing="paused",
        caller="provider",
        steps=(*STARTED, waits("provider", "Message left with the front desk.", 1)),
    ),
    bill(
        "Asked the family for a copy of the death certificate.",
        standing="paused",
        channel="email",
        caller="other",
        steps=(*STARTED, waits("patient", "The son sends it by the end of the week.")),
    ),
]
PAST = [
    bill(
        "A second insurer asked the patient for it.",
        days=16,
        channel="email",
        steps=(
            *STARTED,
            waits("patient", "Asked which insurer it is.", 6),
            Step(26, "resume"),
            Step(12, "resolve"),
        ),
        name="second insurer",
    ),
    bill(
        "Found the first copy in the meantime.",
        days=12,
        steps=(*TAKEN, Step(5, "cancel", "Not needed any more.")),
    ),
    bill(
        "Wrong year on the first copy.",
        days=11,
        channel="email",
        steps=(
            *DONE,
            Step(24, "reopen", "The amounts are those of another date of service."),
            Step(2, "start"),
        ),
    ),
    bill(
        "Only the trip to the dialysis center is asked for.",
        days=8,
        channel="email",
        name="twice filed",
        steps=(*STARTED, done("Itemized bill sent", "Sent by e-mail, receipt confirmed on the phone.")),
    ),
    bill(
        "Filed twice, see the earlier ticket.",
        again=Again("twice filed", 5),
        steps=(Step(3, "cancel", "The request was filed twice."),),
    ),
    bill(
        "Sent late: the account was on hold in posting.",
        days=24,
        channel="email",
        steps=(*TAKEN, Step(260, "resolve")),
    ),
]
OF_PREPAYMENTS = [
    prepaid(
        "Prepaid by card before the transport; the employer wants the payment confirmed.",
        answers={"external_reference": "CRM-48213"},
        standing="on_track",
        steps=STARTED,
    ),
    prepaid(
        "Both installments on one sheet, please.",
        standing="in_window",
        channel="email",
        steps=TAKEN,
    ),
    prepaid(
        "History tab is a day behind; posting read both payments out on the phone.",
        answers={"history_shows": False, "external_reference": "CRM-48307"},
        standing="on_track",
        chief=True,
        steps=TAKEN,
        beside=(Override("R-ITEMPTP-2", "Posting sees both payments; the History tab shows them tomorrow."),),
    ),
    prepaid("Receipt for a church fund that paid a part.", days=13, steps=DONE),
]
CALLS_ITEMIZED = [*RUNNING, *OF_PREPAYMENTS, *PAST]
