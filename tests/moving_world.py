"""A company that has something in every table that comes along with it."""

from __future__ import annotations

from io import StringIO

from django.core.management import call_command
from django.db import models
from django.utils import timezone

import deductibles.models as deductibles
import escalations.models as escalations
import patients.models as patients
from accounts.emergency import open_reading
from accounts.models import User
from accounts.people_actions import Said, invite
from config.setup import marks
from deductibles.connections.rows import sealed
from deductibles.domain import payer_trouble
from deductibles.domain.worklists import CONCERN_CHOICES
from deductibles.models import Claim, ControlNumbers, Hold, HoldAct, Submission
from escalations.models import Ticket
from tables.models import ColumnChoice, Export, SavedView
from tests import factories
from tests.world import World, grow, make_standings, make_world
from tests.world_rows import make_outcome
from work.models import Connection, Job

SECRET = "a-token-that-stays"


def fill() -> None:
    """acme with a row in every table that comes along, and the other company beside it."""
    cast = factories.make_cast()
    world = make_world(cast)
    make_standings(world, cast)
    grow(world, cast, 2)
    factories.token_of(cast["ana"])
    acme = world.company
    _fill_what_is_empty(world, cast)
    Connection.objects.create(
        company=acme, kind="arboost", address="https://arboost.example/v1", notes="Renew in May",
        secret=sealed(acme.pk, "arboost", SECRET), changed_at=timezone.now(), changed_by=cast["adam"],
    )  # fmt: skip
    last = Submission.objects.aggregate(last=models.Max("control_number"))["last"]
    numbers = [int(one[2:]) for one in Claim.objects.values_list("number", flat=True) if one.startswith("C-")]
    ControlNumbers.objects.filter(company=acme).update(interchange=last, claim=max(numbers))
    call_command("load_policy", company="other", stdout=StringIO())


def _fill_what_is_empty(world: World, cast: dict[str, User]) -> None:
    """Rows of the kinds that the world has none of, and ids inside other columns."""
    acme, at, ana, adam = world.company, timezone.now(), cast["ana"], cast["adam"]
    ticket, other = Ticket.objects.filter(company=acme).exclude(status="draft").order_by("pk")[:2]
    holds = list(Hold.objects.filter(company=acme).order_by("pk"))
    patient, claim = ticket.patient, holds[0].claim
    policy, mine = ticket.policy_version, {"company": acme}
    Ticket.objects.filter(pk=ticket.pk).update(
        merged_into=Ticket.objects.latest("pk"), answers={"proof": [world.file]}
    )
    HoldAct.objects.update(
        holds=[one.pk for one in holds], skipped=[{"id": holds[1].pk, "claim": "C-1", "why": "It was gone."}]
    )
    invite(Said("Ivo", "Example", "ivo@acme.example", "biller"), username="ivo", by=adam, at=at)
    open_reading(adam, reason="Nobody else is in", at=at)
    marks.skip("hours", by=adam, at=at)
    rows: list[models.Model] = [
        patients.ContactRefusal(
            **mine, patient=patient, channel="calls", reason="Asked", refused_at=at, refused_by=ana
        ),
        patients.PatientMark(
            **mine, patient=patient, kind="compassionate_care", reason="Applied", set_at=at, set_by=ana
        ),
        patients.PatientReading(**mine, patient=patient, user=ana, door="page", at=at, minute=at),
        patients.PatientSearch(**mine, user=ana, door="page", at=at, hits=3),
        Export(
            **mine,
            by=ana,
            table="tickets",
            query=f"assignee={ana.pk}&q=x",
            searched=False,
            rows=2,
            cut=False,
            at=at,
        ),
        ColumnChoice(**mine, user=cast["sue"], table="tickets", opens_with_id=world.view, changed_at=at),
        escalations.Publication(**mine, version=policy, note="First"),
        escalations.TicketLink(**mine, ticket=ticket, other=other, kind="follows", at=at, by=ana),
        escalations.Waiver(
            **mine, ticket=ticket, kind="override", rule="R-1", reason="Said so", at=at, by=cast["sue"]
        ),
        escalations.FilingDraft(
            **mine, user=ana, key="k" * 22, said={"patient": [str(patient.pk)]}, created_at=at, updated_at=at
        ),
        escalations.Deflection(
            **mine, rule="R-1", patient=patient, told="Write.", by=ana, at=at, policy_version=policy
        ),
        escalations.GuideCount(**mine, views=7),
        escalations.UnclearReport(**mine, place="R-1", by=ana, at=at, policy_version=policy),
        escalations.Breach(**mine, ticket=ticket, cycle=1, due_at=at, seen_at=at, assignee=ana),
        escalations.Alert(**mine, ticket=ticket, cycle=1, kind="breach", due_at=at, raised_at=at),
        escalations.Proposal(**mine, ticket=ticket, rule="R-1", type="stop-claim", raised_at=at),
        escalations.NoticeChoice(**mine, user=ana, ways={"breach": ["app"]}),
        escalations.Notification(
            **mine,
            recipient=ana,
            kind="breach",
            ticket=ticket,
            key=f"breach:{ticket.pk}:1:x",
            words="Late.",
            at=at,
        ),
        escalations.Digest(**mine, user=ana, on=at.date(), at=at),
        escalations.MailRefusal(**mine, user=ana, address="ana@acme.example", code=550, at=at),
        deductibles.Finding(
            **mine, patient=patient, found_by=ana, found_at=at, as_of=at.date(), outcome="answered"
        ),
        deductibles.PayerTrouble(
            **mine, payer=holds[0].payer, kind=payer_trouble.KINDS[0][0], code="42", began_at=at, last_at=at
        ),
        deductibles.Concern(
            **mine, claim=claim, payer=claim.payer, kind=CONCERN_CHOICES[0][0], since_on=at.date()
        ),
        deductibles.SetAside(
            **mine, claim=claim, kind="rejected", until_on=at.date(), reason="Later", set_at=at, set_by=ana
        ),
        deductibles.Question(**mine, hold=holds[0], for_date=at.date()),
        deductibles.ClaimReference(**mine, claim=claim, number="OLD-7"),
        escalations.TicketReference(**mine, ticket=ticket, number="OLD-8"),
        deductibles.SurvivalCurve(
            **mine,
            payer=claim.payer,
            made_on=at.date(),
            claims=40,
            met=31,
            days=[7],
            watched=[40],
            unmet=[0.4],
        ),
    ]
    for row in rows:
        row.save()
    make_outcome(holds[0], at=at)
    # One that was under way comes as one that did not end; tests/jobs/test_recounts.py tries that.
    Job.objects.update(state="done", finished_at=at)
    gone = SavedView.objects.create(
        **mine,
        owner=ana,
        table="tickets",
        name="Gone",
        query=f"assignee={ana.pk}",
        created_at=at,
        changed_at=at,
    )
    gone.delete()
