"""Single rows the world of the access matrix is made of: a ticket, a file that was sent, one that came back."""

from __future__ import annotations

from copy import copy
from datetime import UTC, datetime, timedelta

from accounts.models import Company, User
from deductibles.actions.acknowledging import take_in
from deductibles.actions.back_testing import begin
from deductibles.models import (
    Arrival,
    BackTest,
    Claim,
    Hold,
    HoldAct,
    HoldingRates,
    HoldOutcome,
    Payment,
    Snapshot,
    Submission,
    SubmissionFile,
    SubmissionItem,
)
from deductibles.worth.back_running import work_on as try_numbers
from escalations import actions
from escalations.actions.notices import Fact, notify
from escalations.actions.transfers import start_transfer
from escalations.domain.notices import KINDS
from escalations.files import read_upload
from escalations.filing import read_filing
from escalations.models import (
    Attachment,
    LiveTransfer,
    Ticket,
)
from patients.imports.actions import bring
from patients.imports.running import work_on
from patients.models import Import, Patient
from tests.api.claim_bodies import TODAY
from tests.domain.answer_files import ack_277, paid_835, told
from tests.files import GOOD
from tests.files import sent as sent_file
from tests.imports import people
from work.hooks.domain.catalogue import EVENTS
from work.hooks.secrets import make_secret, seal
from work.models import HookAttempt, HookDelivery, HookEndpoint, HookHealth, Run


def ring(by: User, patient: int, *, at: datetime) -> LiveTransfer:
    """A live transfer that rings."""
    return start_transfer(Patient.objects.get(pk=patient), "escalations_team", by=by, at=at)


def file_ticket(user: User, *, patient: int, at: datetime, note: str = "") -> Ticket:
    """An itemized bill a patient asked for by phone, filed as the page files it."""
    answers = {"recipient": "patient", "account_status": "paid"}
    said = {"type": "itemized-bill", "channel": "phone", "caller": "patient", "answers": answers}
    filing = read_filing(user, {**said, "patient": patient, "note": note}, at=at)
    return actions.file_ticket(filing, by=user, at=at)


def file_callback(user: User, *, patient: int, at: datetime) -> Ticket:
    """A patient who is to be called back, filed as the page files it."""
    answers = {"reason": "cannot_stay", "number": "312-555-0147", "window": "tomorrow from 9 to 11"}
    said = {"type": "patient-callback", "channel": "phone", "caller": "patient", "answers": answers}
    filing = read_filing(user, {**said, "patient": patient, "note": ""}, at=at)
    return actions.file_ticket(filing, by=user, at=at)


def tell_of(ticket: Ticket, cast: dict[str, User], count: int, *, first: int = 0, at: datetime) -> None:
    """Bring what each of acme's people who read tickets was told up to ``count`` facts, of every kind in turn."""
    words = f"{ticket.number} is late: it was due Tue 19 May, 18:00. Nobody has said they see to it."
    facts = [
        Fact(cast[name], KINDS[number % len(KINDS)].key, ticket, f"world:{number}", words)
        for number in range(first, count)
        for name in ("ana", "ben", "sue")
    ]
    notify(facts, at=at)


def attach_picture(ticket: Ticket, by: User, *, at: datetime) -> Attachment:
    """A picture that came with the ticket when it was filed."""
    name, data = GOOD["image/png"]
    file = actions.upload(read_upload(sent_file(name, data)), by=by, at=at)
    Attachment.objects.filter(pk=file.pk).update(ticket=ticket)
    return file


def make_webhook(by: User, *, at: datetime) -> HookEndpoint:
    """A webhook that is told of everything; its address is nowhere."""
    row = HookEndpoint.objects.create(
        company=by.company,
        address="https://receiver.example/holdline",
        description="The data warehouse",
        subscribed=list(EVENTS),
        secret=seal(by.company_id, make_secret()),
        secret_made_at=at,
        created_at=at,
        changed_at=at,
        changed_by=by,
    )
    HookHealth.objects.create(company=by.company, endpoint=row)
    return row


def make_delivery(endpoint: HookEndpoint, *, index: int, at: datetime) -> HookDelivery:
    """A delivery that was given up after some attempts."""
    company = endpoint.company
    row = HookDelivery.objects.create(
        company=company,
        endpoint=endpoint,
        event_id=f"claim-{index}-1",
        event_type="claim.held",
        data={"id": str(index), "number": f"C-{index}", "status": "hold"},
        occurred_at=at,
        status="failed",
        attempts=2,
        next_at=at,
        done_at=at,
    )
    for number in (1, 2):
        HookAttempt.objects.create(
            company=company,
            delivery=row,
            number=number,
            began_at=at,
            ended_at=at,
            milliseconds=41,
            status=500,
            step="answer",
            said="The receiver answered 500: it had a trouble of its own.",
        )
    return row


def make_run(company: Company, *, days_ago: int, kind: str = "submission") -> Run:
    """A night that is over."""
    night = TODAY - timedelta(days=days_ago)
    now = datetime.now(UTC)
    return Run.objects.create(company=company, kind=kind, target_date=night, state="done", created_at=now)


def make_arrival(company: Company, number: str, *, index: int) -> Arrival:
    """A file that came back: a verdict and a payment about a claim of this number."""
    answers = ack_277(*told(number, "A2:20"), *told(f"C-{900_000 + index}", "A7:21"))
    paid = paid_835([f"CLP*{number}*1*850*480*120*12*{index}", "CAS*PR*1*370"], total="480")
    for text, name in ((paid, "paid"), (answers, "answers")):
        row, _ = take_in(company, f"{name}-{index}.txt", text, source="inbox", by=None, at=datetime.now(UTC))
    return row


def bring_table(by: User, kind: str, *, at: datetime, rows: int = 1) -> Import:
    """A table of patients or payers that was looked at: one row in it is good and the others are wrong."""
    heads = "First name,Last name,Date of birth" if kind == "patients" else "Name,Payer id"
    good = f"Robin,Sample,1971-03-{1 + rows % 28:02}" if kind == "patients" else f"Sample Plan,S{rows}"
    table = people(good, *[",".join(["#N/A"] * (heads.count(",") + 1))] * rows, heads=heads)
    row, _ = bring(kind, table, "table.csv", by=by, at=at)
    work_on(row.pk, at=at)
    return row


def make_hold_act(by: User, hold: Hold, *, at: datetime) -> HoldAct:
    """A queueing of many lines, one of which was left as it was."""
    left = {"id": hold.pk, "claim": hold.claim.number, "why": "It changed meanwhile."}
    return HoldAct.objects.create(
        company=by.company, act="queue", by=by, at=at, done=0, dollars=0, holds=[], skipped=[left]
    )


def make_back_test(by: User, hold: Hold, *, at: datetime) -> BackTest:
    """Other numbers that were tried on one held claim, of which the answer it was held on is stored."""
    told = {"annual": 1500, "remaining": "1112.40", "usable": True, "may_hold": True, "may_release": True}
    Snapshot.objects.create(
        company=by.company, claim=hold.claim, coverage=hold.coverage, source="arboost", outcome="answered",
        asked_at=at, as_of=hold.started_on, proven_until=hold.started_on + timedelta(days=200), **told,
    )  # fmt: skip
    data = {
        "from_on": f"{hold.started_on - timedelta(days=100)}", "until_on": f"{hold.started_on}",
        "max_days": "20", "dollar_threshold": "300", "monitor_above": "500",
    }  # fmt: skip
    row, _ = begin(by.company, data, by=by, at=at)
    try_numbers(row.pk, at=at)
    row.refresh_from_db()
    return row


def more_back_tests(row: BackTest, count: int) -> None:
    """Bring the back-tests up to ``count``, all like this one."""
    have = BackTest.objects.filter(company=row.company).count()
    copies = [copy(row) for _ in range(have, count)]
    for one in copies:
        one.pk = None
    BackTest.objects.bulk_create(copies)


def make_submission(company: Company, run: Run, claims: list[Claim]) -> Submission:
    """An 837P batch that was written, with its file and its claims."""
    last = Submission.objects.filter(company=company).order_by("-control_number").first()
    number = last.control_number + 1 if last else 1
    sent = Submission.objects.create(
        company=company,
        run=run,
        control_number=number,
        filename=f"{company.key}-{number}.837",
        claims_count=len(claims),
        written_at=datetime.now(UTC),
    )
    SubmissionFile.objects.create(company=company, submission=sent, content="ISA*00*~")
    for claim in claims:
        SubmissionItem.objects.create(company=company, submission=sent, claim=claim, sequence=1)
    return sent


def make_outcome(hold: Hold, *, at: datetime) -> HoldOutcome:
    """A held claim that came back: a line of the outcome ledger, under rates of its own version."""
    company, on = hold.company, at.date()
    version = HoldingRates.objects.filter(company=company).count() + 1
    HoldingRates.objects.create(
        company=company, version=version, collected="0.1", co_insurance="0.2", money="0.08", created_at=at
    )
    paid = Payment.objects.create(
        company=company, claim=hold.claim, number=hold.claim.number, paid=480, at=at, posted_at=at
    )
    return HoldOutcome.objects.create(
        company=company,
        claim=hold.claim,
        hold=hold,
        payer=hold.payer,
        payment=paid,
        settings=hold.settings,
        kind=hold.kind,
        reason="m",
        held_on=on,
        released_on=on,
        heard_on=on,
        days=20,
        remaining_at_hold=500,
        allowed=600,
        deductible=0,
        paid=480,
    )
