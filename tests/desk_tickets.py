"""The list of all tickets, and five that differ in all that it can be filtered by."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from accounts.models import Team, User
from escalations.models import Breach, Proposal, Ticket, Waiver, Watcher
from patients.models import Patient
from tests.factories import PatientFactory
from tests.tickets import ago, filed, step

PageAs = Callable[[User], Client]
LIST = "/escalations/"


def five_tickets(ana: User, sue: User, patient: Patient) -> dict[str, Ticket]:
    """Five tickets that differ in all that can be filtered by."""
    acme = ana.company
    team = Team.objects.create(company=acme, name="Early birds", lead=sue)
    User.objects.filter(pk=ana.pk).update(team=team)
    found = {
        "refund": filed("refund", ana, patient, ago(days=3)),
        "late": filed("itemized-bill", ana, PatientFactory(company=acme), ago(days=25), channel="email"),
        "waiting": filed(
            "requisition-form", ana, PatientFactory(company=acme), ago(days=1), caller="provider"
        ),
        "done": filed("itemized-bill", sue, PatientFactory(company=acme), ago(days=2)),
        "urgent": filed("patient-sos", ana, PatientFactory(company=acme), ago(hours=1)),
    }
    step(found["waiting"], "wait", ana, reason="patient")
    step(found["done"], "resolve", sue, outcome="Bill sent", note="By post.")
    step(found["refund"], "assign", sue, user="ana")
    late = found["late"]
    Breach.objects.create(
        company=acme, ticket=late, cycle=1, due_at=late.due_at, seen_at=ago(days=1), reason="volume"
    )
    Waiver.objects.create(
        company=acme, ticket=late, kind="override", rule="R-PTP-1", reason="Rang off", at=ago(days=1), by=sue
    )
    Proposal.objects.create(
        company=acme, ticket=found["refund"], rule="R-SUP-4", type="supervisor", raised_at=ago(days=1)
    )
    Watcher.objects.create(company=acme, ticket=found["done"], user=sue, since=ago(days=1))
    return found


def shown(client: Client, asked: str) -> set[str]:
    answer = client.get(LIST + "?" + asked)
    assert answer.status_code == 200, answer.content.decode()[:3000]
    return {line.ticket.number for line in answer.context["screen"].rows}
