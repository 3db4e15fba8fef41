"""Webhooks of acme that lead to a receiver of the test's own: what the tests of webhooks have in common."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Company, User
from escalations.models import Ticket
from patients.models import Patient
from tests.factories import PatientFactory
from tests.receiver import Receiver, receiver
from tests.tickets import filed
from work.hooks import actions
from work.hooks.domain.catalogue import EVENTS
from work.models import HookDelivery, HookEndpoint

NOW = datetime(2026, 5, 15, 15, 0, tzinfo=UTC)
"""Friday at ten in Chicago; a Supervisor Escalation of then is due on Tuesday at six."""


@pytest.fixture
def inbox(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOKS_TO_LOOPBACK = True
    with receiver() as found:
        yield found


@pytest.fixture
def hook_patient(acme: Company) -> Patient:
    return PatientFactory(company=acme)


def add(company: Company, by: User, inbox: Receiver, *events: str) -> tuple[HookEndpoint, str]:
    said = actions.Said(inbox.url, "The data warehouse", events or tuple(EVENTS))
    return actions.add_endpoint(company, said, by=by, at=NOW)


@pytest.fixture
def hook(acme: Company, adam: User, inbox: Receiver) -> tuple[HookEndpoint, str]:
    return add(acme, adam, inbox)


@pytest.fixture
def hook_ticket(hook: Any, ana: User, hook_patient: Patient) -> Ticket:
    return filed("supervisor", ana, hook_patient, NOW)


def types() -> list[str]:
    return list(HookDelivery.objects.order_by("id").values_list("event_type", flat=True))


def only() -> HookDelivery:
    return HookDelivery.objects.get()
