"""Single rows the world of the access matrix is made of: a ticket, a file that was sent, one that came back."""

from __future__ import annotations

from copy import copy, deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from accounts.models import Company, SignInDomain, SignInProvider, User
from deductibles.actions.acknowledging import take_in
from deductibles.actions.back_testing import begin
from deductibles.models import (
    Arrival,
    BackTest,
    Claim,
    Forecast,
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
from escalations.actions import reclocking
from escalations.actions.notices import Fact, notify
from escalations.actions.policy_drafts import begin_draft
from escalations.actions.transfers import start_transfer
from escalations.domain.calendar_edit import NamedCalendar
from escalations.domain.notices import KINDS
from escalations.files import read_upload
from escalations.filing import read_filing
from escalations.list_table import TICKETS
from escalations.models import (
    Attachment,
    LiveTransfer,
    PolicyMove,
    PolicyRun,
    PolicyVersion,
    Reclocking,
    Ticket,
)
from escalations.policies import calendar_in_force, named_calendar_of, policy_in_force, put_in_force
from patients.imports.actions import bring
from patients.imports.running import work_on
from patients.models import Import, Patient, Payer
from tables.actions import save_view
from tables.models import SavedView
from tests.api.claim_bodies import TODAY
from tests.domain.answer_files import ack_277, paid_835, told
from tests.files import GOOD
from tests.files import sent as sent_file
from tests.imports import people
from work.hooks.domain.catalogue import EVENTS
from work.hooks.secrets import make_secret, seal
from work.models import (
    CompanyFile,
    CompanyFilePart,
    HookAttempt,
    HookDelivery,
    HookEndpoint,
    HookHealth,
    Job,
    Run,
)


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


def make_company_file(by: User, *, at: datetime) -> CompanyFile:
    """A file with everything of the company, ready to be fetched; it is invented."""
    row = CompanyFile.objects.create(
        company=by.company,
        way="out",
        state="ready",
        reason="The yearly archive",
        by=by,
        asked_at=at - timedelta(days=2),
        finished_at=at,
        kept_until=at + timedelta(days=1),
        rows=12,
        bytes=4,
    )
    CompanyFilePart.objects.create(company=by.company, of=row, number=0, data=b"PK..")
    return row


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


def make_sign_in_provider(by: User, *, at: datetime) -> SignInProvider:
    """A sign-in provider that is switched off: nobody is led to it."""
    row = SignInProvider.objects.create(
        company=by.company,
        key="key-of-the-world",
        name="Company account",
        issuer="https://login.acme.example",
        client_id="holdline",
        secret="sealed",
        changed_at=at,
        changed_by=by,
    )
    SignInDomain.objects.create(company=by.company, provider=row, domain="acme.example")
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


def make_job(company: Company, *, days_ago: int, at: datetime) -> Job:
    """A forecast that is under way and that nobody works on."""
    return Job.objects.create(
        company=company,
        kind="forecast",
        target_on=TODAY - timedelta(days=days_ago),
        began_at=at - timedelta(hours=1),
        seen_at=at - timedelta(minutes=30),
        done=3,
        whole=61,
    )


def make_arrival(company: Company, number: str, *, index: int) -> Arrival:
    """A file that came back: a verdict and a payment about a claim of this number."""
    answers = ack_277(*told(number, "A2:20"), *told(f"C-{900_000 + index}", "A7:21"))
    paid = paid_835([f"CLP*{number}*1*850*480*120*12*{index}", "CAS*PR*1*370"], total="480")
    for text, name in ((paid, "paid"), (answers, "answers")):
        row, _ = take_in(company, f"{name}-{index}.txt", text, source="inbox", by=None, at=datetime.now(UTC))
    return row


TABLES = {
    "patients": ("First name,Last name,Date of birth", "Robin,Sample,1971-03-{day:02}"),
    "payers": ("Name,Payer id", "Sample Plan,S{rows}"),
    "claims": (
        "Claim number,Last name,First name,DOB,DOS,Code,Amount",
        "N{rows},Nobody,Ann,1971-03-14,x,1,1",
    ),
    "tickets": ("Their number,Type,Received at", "N{rows},refund,then"),
}
"""Names and one row of a table of each kind."""


def bring_table(by: User, kind: str, *, at: datetime, rows: int = 1) -> Import:
    """A table that was looked at: in one of patients or payers one row is good, all others are wrong."""
    heads = TABLES[kind][0]
    good = TABLES[kind][1].format(day=1 + rows % 28, rows=rows)
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


def make_forecast(company: Company, payer: Payer | None = None, *, at: datetime) -> Forecast:
    """A forecast of last night whose error is known: one claim a day, two at most."""
    fared = {"days": 420, "under": 0.91, "inside": 0.93, "off": 0.4, "mean": 1.2}
    made_on = TODAY - timedelta(days=1)
    return Forecast.objects.create(
        company=company,
        payer=payer,
        made_on=made_on,
        made_at=at,
        held=40,
        bills=34_000,
        days={
            "claims": [[0] * 30, [1] * 30, [2] * 30, [3] * 30],
            "dollars": [[0] * 30, [850] * 30, [1700] * 30, [2550] * 30],
            "cash": [[0] * 30, [400] * 30, [800] * 30, [1200] * 30],
            "sums": {"claims": [20, 30, 36, 38], "dollars": [17_000, 25_500, 30_000, 32_000],
                     "cash": [8_000, 12_000, 15_000, 16_000]},
        },
        basis={"claims": 900, "met": 400, "levels": {"payer": 30, "company": 10},
               "allowed": {"share": 0.65, "payments": 210}},
        error={"forecasts": 54, "enough": True, "claims": fared, "dollars": fared, "cash": fared,
               "weeks": [fared] * 5,
               "track": [[9_000 + place, 1, 2, place % 3] for place in range(30)]},
    )  # fmt: skip


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


def make_worth(hold: Hold, *, at: datetime) -> None:
    """What a hold brought, and a forecast of its payer."""
    make_outcome(hold, at=at)
    make_forecast(hold.company, hold.payer, at=at)


def change_calendar(by: User, *, at: datetime) -> Reclocking:
    """A change of the business calendar that moves nothing: a Saturday of long ago was open."""
    known = named_calendar_of(calendar_in_force(by.company, at=at))
    hours = {date(2025, 1, 4): ((time(9), time(13)),)}
    changed = NamedCalendar(replace(known.rules, exceptions=hours), known.names)
    token = reclocking.preview(by.company, changed, at=at).token
    return reclocking.change_calendar(by.company, changed, token=token, by=by, at=at)


def change_policy(by: User, *, at: datetime) -> Reclocking:
    """A version of the policy that was put over open tickets and moves nothing, and a draft of the next."""
    before = policy_in_force(by.company, at=at)
    data = deepcopy(before.data)
    data["limits"]["waiting_days"] = 8
    version = put_in_force(PolicyVersion, by.company, data, by=by, at=at)
    change = reclocking.reclock(by.company, policy=version, by=by, at=at)
    tickets = list(Ticket.objects.filter(company=by.company).values_list("pk", flat=True))
    PolicyMove.objects.create(company=by.company, change=change, version=before, tickets=tickets)
    PolicyRun.objects.create(
        company=by.company, change=change, planned=len(tickets), done=len(tickets), state="done", began_at=at
    )
    begin_draft(by.company, by=by, at=at)
    return change


def share_view(by: User, *, at: datetime) -> SavedView:
    """A view of the tickets that everybody of the company sees."""
    return save_view(
        TICKETS, "Late ones", query="standing=breached", order=[], hidden=[], shared=True, by=by, at=at
    )
