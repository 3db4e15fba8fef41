"""Calls about insurance, claims and papers, and what only a supervisor can do."""

from __future__ import annotations

from typing import Any

from config.demo.call import DONE, STARTED, TAKEN, Again, Ago, Call, Filed, Step, done, waits

TOLD_OF_APPEALS = ("R-APPEAL-2", "R-APPEAL-3")
FROM_THE_LIST = 24
"""Hours in a day: what is carried over from the list the desk kept before counts its age in days."""


def appeal(by: str, note: str, **facts: Any) -> Call:
    """A decision of an insurer that is disputed."""
    return Call("appeal", note, {"raised_by": by, "article_confirmed": True}, told=TOLD_OF_APPEALS, **facts)


def update(note: str, change: str, coverage: str, payer: str, member: str, **facts: Any) -> Call:
    """New or changed coverage."""
    answers = {"change": change, "coverage": coverage, "payer": payer, "member_id": member}
    return Call("insurance-update", note, answers | facts.pop("answers", {}), **facts)


def stop(reason: str, note: str, **facts: Any) -> Call:
    """A claim that is to be taken back."""
    answers = {"reason": reason, "compassionate_care_applied": False} | facts.pop("answers", {})
    return Call("stop-claim", note, answers, **facts)


def supervisor(scenario: str, note: str, answers: dict[str, Any] | None = None, **facts: Any) -> Call:
    """Something only a supervisor can do."""
    return Call("supervisor", note, {"scenario": scenario} | (answers or {}), **facts)


def records(by: str, note: str, destination: dict[str, str], **facts: Any) -> Call:
    """Records that are to be sent to an address that was read back."""
    answers = {"requested_by": by, "send_by": "fax" if "destination_fax" in destination else "email"}
    return Call("medical-records", note, answers | destination, told=("R-MR-3",), **facts)


def form(note: str, delivery: str, where: str, **facts: Any) -> Call:
    """A copy of the patient's requisition form."""
    place = {"email": "delivery_email", "mail": "delivery_address", "fax": "delivery_fax"}[delivery]
    return Call("requisition-form", note, {"delivery": delivery, place: where}, **facts)


DISPUTES = [
    appeal(
        "patient",
        "Denied as not medically necessary; the cardiologist has written a letter.",
        standing="on_track",
        steps=STARTED,
    ),
    appeal(
        "provider",
        "Dialysis center disputes the level of care that was paid.",
        caller="provider",
        channel="email",
        standing="paused",
        steps=(*STARTED, waits("provider", "Asked for the physician's statement.", 3)),
    ),
    appeal(
        "patient",
        "Carried over from the old list: the insurer asked for the run report twice.",
        chief=True,
        days=34,
        received=40 * FROM_THE_LIST,
        steps=(*STARTED, Step(60, "comment")),
    ),
    appeal(
        "patient",
        "Denied because two trips fell on one day.",
        days=27,
        steps=(
            *STARTED,
            Step(40, "comment"),
            done("Decided for the patient", "The insurer paid the second trip.", 300),
        ),
        again=Again("two crews"),
    ),
]
COVERAGE = [
    update(
        "New job, new card; the trip was after the change.",
        "adding",
        "commercial",
        "Alder Mutual PPO",
        "AMP-2041773",
        answers={"date_of_service": Ago(18)},
        standing="on_track",
        steps=STARTED,
    ),
    update(
        "The front of the card is cut off in the picture.",
        "modifying",
        "commercial",
        "Northline Blue",
        "NBL-77120",
        answers={"date_of_service": Ago(33)},
        standing="paused",
        channel="email",
        steps=(*STARTED, waits("patient", "Asked for the whole card, front and back.", 2)),
        name="cut off",
    ),
    update(
        "The same trip is billed to the insurance of the old job.",
        "modifying",
        "commercial",
        "Union Trades Fund",
        "UTF-5590-21",
        answers={"date_of_service": Ago(60)},
        days=13,
        name="old insurance",
        steps=(*STARTED, Step(50, "comment")),
    ),
    update(
        "Carried over from the old list: went to Medicaid, and nothing has come back.",
        "adding",
        "medicaid",
        "Example Medicaid",
        "IL-449018873",
        answers={"sent_on": Ago(48), "date_of_service": Ago(95)},
        chief=True,
        days=33,
        received=48 * FROM_THE_LIST,
        steps=(*STARTED, Step(90, "comment")),
    ),
    update(
        "Carried over from the old list: Medicaid card came after the stay, trip on the second day.",
        "adding",
        "medicaid",
        "Example Medicaid",
        "IL-551207714",
        answers={"sent_on": Ago(58), "date_of_service": Ago(101)},
        chief=True,
        days=24,
        received=58 * FROM_THE_LIST,
        name="late update",
        steps=STARTED,
    ),
    update(
        "Secondary coverage of the husband.",
        "adding",
        "commercial",
        "Brightwater Choice",
        "BWC-300417-2",
        days=29,
        steps=(
            *STARTED,
            done("Updated and accepted by the insurer", "Accepted; the claim was sent again.", 400),
        ),
        again=Again("second insurer"),
    ),
]
STOPPED = [
    stop(
        "fsa_hra_hsa",
        "Paid from the spending account; the plan wants the money back and a self-pay bill.",
        standing="on_track",
        steps=STARTED,
    ),
    stop(
        "clinic_or_insurance",
        "The clinic had agreed to pay the transfer between its two houses.",
        caller="provider",
        channel="email",
        standing="paused",
        steps=(*TAKEN, waits("provider", "Asked for the transfer agreement.", 2)),
    ),
    stop(
        "redraw",
        "The first sample was lost, the second one was billed as well. Has read of Compassionate Care.",
        days=8,
        steps=(*TAKEN, waits("insurer", after=20)),
        answers={"compassionate_care_said": "Asked what it is; earns too much and has not applied."},
    ),
    stop(
        "employee_or_partner",
        "Paramedic of ours, ridden in for a training day.",
        days=22,
        steps=(*STARTED, done("Claim stopped", "Taken back before the insurer had paid.", 120)),
    ),
]
FOR_A_CHIEF = [
    supervisor(
        "billed_after_medicaid_update",
        "Third bill although the Medicaid card was sent in. Wants it to stop.",
        {"linked_update": Filed("late update")},
        again=Again("late update", 500),
        steps=TAKEN,
    ),
    supervisor(
        "account_change",
        "Account is locked to changes while the estate is open.",
        {"change_kind": "address", "new_address": "14 Harbor Lane, Evanston, IL 60201"},
        standing="on_track",
        caller="other",
        channel="email",
    ),
    supervisor(
        "hold_status",
        "History shows a hold of posting since the trip was split in two.",
        standing="due_soon",
        steps=STARTED,
    ),
    supervisor(
        "bad_address_statement",
        "Statement went to the house next door; the neighbor opened it.",
        {"address_updated": True, "account_on_hold": True},
        standing="breached",
        steps=STARTED,
    ),
    supervisor(
        "late_insurance",
        "Found the old Medicaid card while moving. Knows what the insurer will say, insists.",
        {"date_of_service": Ago(231)},
        told=("R-SUP-8",),
        standing="on_track",
        steps=TAKEN,
    ),
    supervisor(
        "medicaid_timely_filing",
        "Straight Medicaid, denied: the claim came in two days late.",
        days=10,
        channel="email",
        steps=(*STARTED, Step(9, "resolve")),
    ),
    supervisor(
        "update_overdue",
        "Update from before we had numbers for them; the insurer has no record of it.",
        {"sent_on": Ago(82)},
        days=18,
        steps=(
            *STARTED,
            done("Passed to another team", "Enrollment sends it again by the insurer's portal.", 8),
        ),
        again=Again("cut off"),
    ),
]
PAPERS = [
    records(
        "patient",
        "For a second opinion; wants the run sheet and the rhythm strips.",
        {"destination_email": "{email}"},
        standing="on_track",
        steps=STARTED,
    ),
    records(
        "insurance",
        "Auditor of Union Trades Fund asks for three trips.",
        {"destination_fax": "312-555-0178"},
        caller="insurance_representative",
        days=11,
        steps=(*STARTED, Step(30, "comment")),
    ),
    records(
        "patient",
        "Moves abroad and wants the file before the flight.",
        {"destination_email": "{email}"},
        days=28,
        steps=(*STARTED, done("Records sent", "Sent by secure mail; the patient opened it.", 210)),
        again=Again("landlord"),
    ),
    form(
        "For the new doctor, who wants to see what was ordered.",
        "mail",
        "{address}",
        standing="on_track",
        steps=TAKEN,
    ),
    form(
        "Fax of the practice, read back twice.",
        "fax",
        "847-555-0119",
        standing="in_window",
        caller="provider",
        steps=STARTED,
    ),
    form(
        "Wants the copy for a study that pays the transport.",
        "email",
        "{email}",
        days=20,
        steps=DONE,
        again=Again("second draw"),
    ),
]
CALLS_OF_INSURANCE = [*DISPUTES, *COVERAGE, *STOPPED, *FOR_A_CHIEF, *PAPERS]
