"""Calls about money: payments nobody finds, refunds, the portal and its links, balances and write-offs."""

from __future__ import annotations

from typing import Any

from config.demo.call import (
    DONE,
    STARTED,
    TAKEN,
    Again,
    Ago,
    Before,
    Call,
    Care,
    Scan,
    Step,
    done,
    waits,
)

EVERYWHERE = {"looked": ["amd", "synergen_pay", "payment_site"]}
STATEMENT = Scan(
    "bank-statement.png",
    (
        "Lakeside Savings Bank",
        "Statement of account",
        "",
        "Debit card purchase",
        "ACME AMBULANCE ONLINE PAY",
        "Reference LSB-7740-1183",
        "-186.40 USD",
    ),
)
ERROR_PAGE = Scan(
    "payment-page.png",
    ("Secure payment", "", "This page cannot be shown.", "Error 504 while opening the case."),
)


def missing(note: str, transaction: str = "", **facts: Any) -> Call:
    """A payment that was made and is found nowhere."""
    proof = {"transaction_id": transaction} if transaction else {}
    return Call("missing-payment", note, EVERYWHERE | proof | facts.pop("answers", {}), **facts)


def refund(reason: str, amount: str, note: str, **facts: Any) -> Call:
    """Money that is to go back; the payment shows in AMD."""
    answers = {"reason": reason, "amount": amount, "payment_visible": True} | facts.pop("answers", {})
    return Call("refund", note, answers, **facts)


def synergen(note: str, scenario: str, answers: dict[str, Any] | None = None, **facts: Any) -> Call:
    """A balance that is missing, wrong, or cannot be paid."""
    return Call("synergen", note, {"scenario": scenario} | (answers or {}), **facts)


def link(note: str, answers: dict[str, Any], **facts: Any) -> Call:
    """A payment link that does not come or does not open."""
    problem = "not_received" if "sent_to" in answers else "shows_error"
    return Call("spay-error", note, {"problem": problem} | answers, **facts)


def clear(note: str, scenario: str, answers: dict[str, Any] | None = None, **facts: Any) -> Call:
    """A balance that is no longer owed."""
    return Call("zbal", note, {"scenario": scenario} | (answers or {}), **facts)


def write_off(code: str, judgement: str, note: str, *, explained: bool | None = None, **facts: Any) -> Call:
    """A write-off; ``explained`` says whether a note explains the code of an account at $0."""
    answers: dict[str, Any] = {"code": code, "judgement": judgement, "history_reviewed": True}
    answers["balance_zero"] = explained is not None
    if explained is not None:
        answers["note_explains"] = explained
    return Call("wo-code-error", note, answers, **facts)


PAYMENTS = [
    missing(
        "Paid by check at the depot; looks for the stub and rings back with the number.", days=1, draft=True
    ),
    missing(
        "Sent a picture of the bank's page; the payment left the account nine days ago.",
        answers={"proof": STATEMENT},
        standing="on_track",
        channel="email",
        steps=STARTED,
    ),
    missing(
        "Says that the next thing we get is a lawsuit if the payment does not turn up.",
        "TX-88142093",
        standing="on_track",
        steps=TAKEN,
        name="lawsuit",
    ),
    missing(
        "Two payments on one day, only one of them is there.",
        "SP-5530917",
        standing="in_window",
        steps=(*STARTED, Step(8, "comment")),
    ),
    missing(
        "Bank's bill pay, sent to the old post office box.",
        "BP-210044876",
        standing="breached",
        steps=STARTED,
    ),
    missing(
        "The number belongs to a payment of another amount.",
        "TX-87990112",
        standing="paused",
        steps=(*STARTED, waits("patient", "Asked for the page of the statement with this payment.", 3)),
    ),
    missing(
        "Paid at the hospital's desk, receipt in hand.",
        "MR-30991",
        days=11,
        channel="email",
        steps=(
            *STARTED,
            done("Paid to somebody else", "It went to the hospital; told the patient whom to ask."),
        ),
        again=Again("funeral"),
    ),
    refund(
        "overpaid", "120.00", "Paid the copay on top of the full bill.", standing="on_track", steps=STARTED
    ),
    refund(
        "overcharged",
        "92.50",
        "Charged for 17 miles; the run sheet has 12.",
        days=9,
        steps=(*STARTED, Step(12, "comment")),
    ),
    refund(
        "overpaid",
        "610.00",
        "Paid the whole bill a week before Alder Mutual paid it too.",
        days=14,
        channel="email",
        steps=(*STARTED, waits("colleagues", "Posting matches the insurer's payment first.", 6)),
    ),
    refund(
        "overpaid",
        "45.00",
        "Card was charged twice within a minute.",
        days=25,
        steps=DONE,
        again=Again("tax adviser"),
    ),
]
PORTAL = [
    synergen(
        "AMD shows WODUNN since last month; the patient wants to pay by card today.",
        "wodunn",
        standing="on_track",
        steps=TAKEN,
    ),
    synergen(
        "The portal turns the case away on phone and tablet alike.",
        "portal_error",
        {"portal_error": "invalid_case"},
        standing="due_soon",
        steps=STARTED,
    ),
    synergen(
        "Account was closed by mistake after the first part was paid.",
        "written_off",
        {"correct_balance": "349.50"},
        standing="breached",
        steps=(
            *STARTED,
            Step(20, "comment"),
            Step(14, "contact", "Called a third time, nobody had rung. Noted here instead of a new ticket."),
        ),
        name="twice",
    ),
    Call(
        "patient-callback",
        "Second call about the closed account. Works shifts and cannot hold the line.",
        {"reason": "cannot_stay", "number": "{phone}", "window": "Before 7 am or after 6 pm"},
        again=Again("twice", 26),
        steps=TAKEN,
    ),
    synergen(
        "Applied for Compassionate Care last week; the portal shows nothing to pay meanwhile.",
        "no_valid_balance",
        standing="on_track",
        steps=STARTED,
        beside=(Care("Application sent by the hospital's social worker; a copy was read to us."),),
    ),
    synergen(
        "The statement of the second trip was voided with the first one.",
        "voided_statement",
        {"correct_balance": "275.00"},
        days=8,
        channel="email",
        steps=(*STARTED, Step(12, "resolve")),
    ),
    link(
        "Looked in spam too; address on the account is right.",
        {"sent_to": "{email}", "sent_at": Before(20)},
        standing="on_track",
        steps=TAKEN,
    ),
    link(
        "Opens on no device; picture is attached.",
        {"screenshot": ERROR_PAGE},
        standing="due_soon",
        channel="email",
        steps=STARTED,
    ),
    link(
        "Text message came, tapping it does nothing but an error.",
        {"error_text": "410 Gone: this request has expired."},
        standing="breached",
        steps=STARTED,
    ),
    link(
        "Waited the whole weekend for the text message.",
        {"sent_to": "{phone}", "sent_at": Before(66)},
        days=13,
        steps=(*STARTED, done("New link sent", "Arrived while we spoke; paid at once.", 6)),
        again=Again("nine calls"),
    ),
]
BALANCES = [
    clear(
        "Approved at 60 percent; the patient's part came in by card.",
        "approval_with_payment",
        {"payment_received": True, "payment_date": Ago(2), "payment_amount": "180.00"},
        standing="on_track",
        steps=STARTED,
    ),
    clear(
        "Was promised in writing that nothing is left, and got a bill.",
        "courtesy_exception",
        {"rd_note": "RD escalation approved by the regional desk, memo in AMD of the week before last."},
        standing="in_window",
        steps=(*STARTED, Step(10, "comment")),
    ),
    clear(
        "The form is stapled to the requisition and quotes $0.",
        "non_proof_of_income",
        standing="due_soon",
        caller="provider",
        channel="email",
        steps=TAKEN,
    ),
    clear(
        "Letter of approval read out on the phone, all of it is covered.",
        "full_approval",
        days=19,
        steps=DONE,
        again=Again("pension"),
    ),
    write_off(
        "ADJ-K9",
        "uncommon",
        "Asks whether anything is owed; told that the account is being checked.",
        explained=False,
        told=("R-WO-3",),
        standing="due_soon",
        steps=STARTED,
    ),
    write_off(
        "CO-45",
        "incorrect",
        "Contractual write-off on a self-pay trip.",
        standing="breached",
        steps=(*STARTED, Step(30, "comment")),
    ),
    write_off(
        "TRN",
        "uncommon",
        "A memo of the merger explains it; the patient wants to be sure.",
        explained=True,
        days=20,
        channel="email",
        steps=(*TAKEN, done("Write-off was right", "The memo covers all trips before the merger.", 22)),
        again=Again("new address"),
    ),
]
CALLS_OF_MONEY = [*PAYMENTS, *PORTAL, *BALANCES]
