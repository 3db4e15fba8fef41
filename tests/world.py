"""Acme's world for the tests that cover every address: one of everything, or as many as asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db import connection

from accounts.models import Company, Shift, Team, User
from deductibles.actions import moves
from deductibles.actions.claims import create_claim
from deductibles.domain import states
from deductibles.models import (
    Arrival,
    BackTest,
    Charge,
    Claim,
    Coverage,
    Payment,
    Snapshot,
    Submission,
    SubmissionItem,
)
from escalations import actions
from escalations.domain.notices import KINDS
from escalations.files import MOST_OF_TICKET
from escalations.models import (
    CallAttempt,
    LiveTransfer,
    Notification,
    Pause,
    Ticket,
    TicketEvent,
    Watcher,
)
from patients.models import Patient, PatientMark
from tests.addresses import Address
from tests.api.claim_bodies import TODAY, claim_body, provide
from tests.api.test_holds import hold_many
from tests.factories import PatientFactory, PayerFactory
from tests.world_rows import (
    attach_picture,
    bring_table,
    change_calendar,
    change_policy,
    file_callback,
    file_ticket,
    make_arrival,
    make_back_test,
    make_company_file,
    make_delivery,
    make_forecast,
    make_hold_act,
    make_job,
    make_run,
    make_sign_in_provider,
    make_submission,
    make_webhook,
    make_worth,
    more_back_tests,
    ring,
    share_view,
    tell_of,
)
from work.models import CompanyFile, HookAttempt, HookDelivery, HookEndpoint, Run


@dataclass(frozen=True)
class World:
    """The rows that stand in addresses, by the word their route has; tickets and claims also by number.

    ``file`` is the name of a picture that belongs to the ticket.
    """

    company: Company
    rows: dict[str, Any]
    numbers: dict[str, str]
    view: int
    file: str

    def value(self, address: Address, part: str) -> Any:
        """What stands in the address for this part of its path."""
        values: dict[str, Any] = dict(self.numbers if part == "number" else self.rows)
        for word, found in values.items():
            if part in ("key", "number") and word in address.route:
                return found
        plain = {
            "uidb36": "1",
            "rest": "nothing/here/",
            "link": "1",
            "pk": "1",
            "act": "assign",
            "kind": "unknown",
        }
        plain |= {"question": "reason", "rule": "R-STOP-1", "fork": "who"}
        return {**plain, "view": self.view, "name": self.file}.get(part, "x")


def make_world(cast: dict[str, User]) -> World:
    """One of everything that has an address, all of it acme's."""
    acme, now = cast["ana"].company, datetime.now(UTC)
    provide(cast["adam"])
    (hold,) = hold_many(acme, 1, first=900)
    draft = create_claim(claim_body(acme), by=cast["ben"], at=now)
    ticket = file_ticket(cast["ana"], patient=draft.patient_id, at=now)
    run = make_run(acme, days_ago=0)
    sent = make_submission(acme, run, [])
    file = attach_picture(ticket, cast["ana"], at=now)
    tell_of(ticket, cast, len(KINDS), at=now)
    callback = file_callback(cast["ana"], patient=draft.patient_id, at=now)
    make_forecast(acme, at=now)
    make_job(acme, days_ago=0, at=now)
    team = Team.objects.create(company=acme, name="Days", lead=cast["sue"])
    User.objects.filter(pk=cast["ana"].pk).update(team=team)
    hook = make_webhook(cast["adam"], at=now)
    given_up = make_delivery(hook, index=0, at=now)
    make_sign_in_provider(cast["adam"], at=now)
    return World(
        company=acme,
        rows={
            "settings/audit": act_of_somebody(),
            "webhooks/deliveries": given_up.pk,
            "webhook-deliveries": given_up.pk,
            "settings/webhooks": hook.pk,
            "v1/webhooks": hook.pk,
            "settings/everything": make_company_file(cast["adam"], at=now).pk,
            "import/patients": bring_table(cast["ben"], "patients", at=now).pk,
            "import/payers": bring_table(cast["ben"], "payers", at=now).pk,
            "import/claims": bring_table(cast["ben"], "claims", at=now).pk,
            "import/tickets": bring_table(cast["sue"], "tickets", at=now).pk,
            "teams/people": cast["ana"].pk,
            "settings/people": cast["ana"].pk,
            "hold-for-deductible/acts": make_hold_act(cast["ben"], hold, at=now).pk,
            "hold-for-deductible": hold.pk,
            "holding/back-test": make_back_test(cast["ben"], hold, at=now).pk,
            "teams": team.pk,
            "of-patient": draft.patient_id,
            "patients": draft.patient_id,
            "payers": hold.payer_id,
            "transfers": ring(cast["ana"], draft.patient_id, at=now).pk,
            "escalations": ticket.pk,
            "changes": change_calendar(cast["adam"], at=now).pk,
            "policy/types": "stop-claim",
            "policy/moves": change_policy(cast["adam"], at=now).pk,
            "submissions": sent.pk,
            "acknowledgements": make_arrival(acme, draft.number, index=0).pk,
            "runs": run.pk,
            "claims": draft.pk,
            "tables": "tickets",
            "attachments": file.name,
        },
        numbers={
            "escalations": ticket.number,
            "triage": ticket.number,
            "claims": draft.number,
            "callbacks": callback.number,
            "policy/versions": "2",
        },
        view=share_view(cast["sue"], at=now).pk,
        file=file.name,
    )


def act_of_somebody() -> Any:
    """The key of an act that touched something of acme's, as its page's address has it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pgh_context_id FROM deductibles_claimevent WHERE pgh_context_id IS NOT NULL LIMIT 1"
        )
        return cursor.fetchone()[0]


def make_standings(world: World, cast: dict[str, User]) -> dict[str, World]:
    """The same world with a claim or a ticket of another standing in its addresses, by that standing."""
    now = datetime.now(UTC)
    held, sent = (hold.claim for hold in hold_many(world.company, 2, first=950))
    moves.apply([sent.pk], "queue", states.HOLD, at=now)
    moves.apply([sent.pk], "submit", states.QUEUED, at=now)
    file = Submission.objects.get(pk=world.rows["submissions"])
    SubmissionItem.objects.create(company=world.company, submission=file, claim=sent, sequence=1)
    filed = file_ticket(cast["ana"], patient=world.rows["patients"], at=now - timedelta(hours=2))
    waiting = actions.act(
        filed, "wait", by=cast["ana"], at=now - timedelta(hours=1), facts={"reason": "patient"}
    )
    return {
        "held": _with(world, "claims", held),
        "submitted": _with(world, "claims", sent),
        "waiting": _with(world, "escalations", waiting),
    }


def places(address: Address, world: World, standings: dict[str, World]) -> dict[str, str]:
    """Where the address leads, by standing; the world's own row is called by the empty word."""
    own = address.path(world)
    others = {name: address.path(other) for name, other in standings.items()}
    return {"": own} | {name: path for name, path in others.items() if path != own}


def _with(world: World, word: str, row: Claim | Ticket) -> World:
    return replace(world, rows={**world.rows, word: row.pk}, numbers={**world.numbers, word: row.number})


def grow(world: World, cast: dict[str, User], count: int) -> None:
    """Bring every list of the world, and every list inside one of its rows, up to ``count`` rows.

    The lists inside a row: a patient's tickets and claims, a ticket's events, waits and files, a claim's charges,
    coverages, answers and audit, a submission's claims, a run's failures.
    """
    for kind in ("patients", "payers", "claims", "tickets"):
        by = cast["sue" if kind == "tickets" else "ben"]
        bring_table(by, kind, at=datetime.now(UTC), rows=count)
    more_back_tests(BackTest.objects.get(pk=world.rows["holding/back-test"]), count)
    have = Submission.objects.filter(company=world.company).count()
    for index in range(have, count):
        _grow_by_one(world, cast, index)
    _grow_run(world, count)
    _grow_webhooks(world, cast, count)
    for _ in range(CompanyFile.objects.filter(company=world.company).count(), count):
        make_company_file(cast["adam"], at=datetime.now(UTC))
    told = Notification.objects.filter(recipient=cast["ana"]).count()
    tell_of(Ticket.objects.get(pk=world.rows["escalations"]), cast, count, first=told, at=datetime.now(UTC))
    grow_inside(world, count)


def grow_inside(world: World, count: int) -> None:
    """Bring the lists inside the world's ticket and claim up to ``count`` rows."""
    _grow_ticket(world, count)
    _grow_watchers(world, count)
    _grow_claim(world, count)
    _grow_patient(world, count)


def _grow_by_one(world: World, cast: dict[str, User], index: int) -> None:
    company, now = world.company, datetime.now(UTC)
    PatientFactory(company=company)
    PayerFactory(company=company)
    file_ticket(cast["ana"], patient=world.rows["patients"], at=now)
    _grow_callbacks(world, cast, index)
    (hold,) = hold_many(company, 1, first=10_000 + index)
    make_submission(company, make_run(company, days_ago=index), [hold.claim])
    make_job(company, days_ago=index, at=now)
    make_worth(hold, at=now)
    _grow_arrivals(world, hold.claim, index)
    sent = Submission.objects.get(pk=world.rows["submissions"])
    claim = create_claim(
        claim_body(company, patient=hold.claim.patient, payer=hold.payer), by=cast["ben"], at=now
    )
    Claim.objects.filter(pk=claim.pk).update(patient=world.rows["patients"])
    SubmissionItem.objects.create(company=company, submission=sent, claim=claim, sequence=1)


def _grow_arrivals(world: World, claim: Claim, index: int) -> None:
    """One more file that came back, and one more verdict and payment in the world's own."""
    make_arrival(world.company, claim.number, index=10_000 + index)
    mine = Arrival.objects.get(pk=world.rows["acknowledgements"])
    told = mine.acknowledgements.first()
    assert told is not None
    told.pk, told.claim = None, claim
    told.save(force_insert=True)
    Payment.objects.create(
        company=world.company, arrival=mine, claim=claim, number=claim.number, paid=480, at=datetime.now(UTC)
    )


def _grow_callbacks(world: World, cast: dict[str, User], index: int) -> None:
    """One more callback with a try, one more team with somebody who has shifts."""
    now, company = datetime.now(UTC), world.company
    patient = PatientFactory(company=company, time_zone="America/Denver")
    ticket = file_callback(cast["ana"], patient=patient.pk, at=now)
    CallAttempt.objects.create(company=company, ticket=ticket, at=now, by=cast["ana"], outcome="no_answer")
    team = Team.objects.create(company=company, name=f"Team {index}", lead=cast["sue"])
    person = User.objects.create(
        username=f"agent{index}", role="agent", company=company, password="!", team=team
    )
    Shift.objects.create(company=company, user=person, weekday=index % 7, starts=time(9), ends=time(17))


def _grow_run(world: World, count: int) -> None:
    run = Run.objects.get(pk=world.rows["runs"])
    run.failures = [{"what": f"hold {number}", "why": "no answer"} for number in range(count)]
    run.save()


def _grow_webhooks(world: World, cast: dict[str, User], count: int) -> None:
    """As many webhooks, as many deliveries of the world's own, as many attempts of its first."""
    now, company = datetime.now(UTC), world.company
    for _ in range(HookEndpoint.objects.filter(company=company).count(), count):
        make_webhook(cast["adam"], at=now)
    mine = HookEndpoint.objects.get(pk=world.rows["settings/webhooks"])
    for index in range(mine.deliveries.filter(event_type="claim.held").count(), count):
        make_delivery(mine, index=10_000 + index, at=now)
    sent = HookDelivery.objects.get(pk=world.rows["webhooks/deliveries"])
    for number in range(sent.log.count(), count):
        HookAttempt.objects.create(company=company, delivery=sent, number=number + 1, began_at=now)


def _grow_ticket(world: World, count: int) -> None:
    ticket = Ticket.objects.get(pk=world.rows["escalations"])
    company, at = world.company, ticket.received_at
    for number in range(ticket.events.count(), count):
        TicketEvent.objects.create(
            company=company, ticket=ticket, act="comment", at=at, by=ticket.filed_by, title=f"Note {number}"
        )
    for _ in range(ticket.attachments.count(), min(count, MOST_OF_TICKET)):
        attach_picture(ticket, ticket.filed_by, at=at)
    for number in range(ticket.pauses.count(), count):
        start = at + timedelta(milliseconds=2 * number)
        Pause.objects.create(
            company=company,
            ticket=ticket,
            reason="patient",
            stops_clock=True,
            started_at=start,
            ended_at=start + timedelta(milliseconds=1),
        )


def _grow_watchers(world: World, count: int) -> None:
    ticket = Ticket.objects.get(pk=world.rows["escalations"])
    for number in range(ticket.watchers.count(), count):
        person = User.objects.create(
            username=f"watcher-{ticket.pk}-{number}", company=world.company, role="agent"
        )
        Watcher.objects.create(company=world.company, ticket=ticket, user=person, since=ticket.received_at)


def _grow_claim(world: World, count: int) -> None:
    claim = Claim.objects.get(pk=world.rows["claims"])
    company, now = world.company, datetime.now(UTC)
    coverage = claim.coverages.get(ended_at=None)
    for line in range(claim.charges.count(), count):
        Charge.objects.create(
            company=company,
            claim=claim,
            line=line + 1,
            code="A0425",
            modifiers=["RH"],
            units="1",
            amount="1.00",
        )
    for _ in range(claim.snapshots.count(), count):
        Snapshot.objects.create(
            company=company,
            claim=claim,
            coverage=coverage,
            source="filed",
            asked_at=now,
            as_of=TODAY,
            outcome="answered",
        )
    for number in range(claim.coverages.count(), count):
        Coverage.objects.create(
            company=company,
            claim=claim,
            rank="primary",
            payer=coverage.payer,
            member_id=f"OLD{number}",
            ended_at=now,
        )


def _grow_patient(world: World, count: int) -> None:
    """Transfers that nobody answered within the last day, and marks that were lifted."""
    patient = Patient.objects.get(pk=world.rows["patients"])
    ringing, now = LiveTransfer.objects.get(pk=world.rows["transfers"]), datetime.now(UTC)
    about = {"company": world.company, "patient": patient}
    for _ in range(patient.transfers.count(), count):
        LiveTransfer.objects.create(
            **about,
            queue=ringing.queue,
            queue_name=ringing.queue_name,
            started_at=now - timedelta(minutes=5),
            ended_at=now,
            answered=False,
            by=ringing.by,
        )
    for _ in range(patient.marks.count(), count):
        over = {"lifted_at": now, "lifted_by": ringing.by, "lifted_reason": "Decided"}
        PatientMark.objects.create(
            **about, kind="compassionate_care", reason="Applied", set_at=now, set_by=ringing.by, **over
        )
