"""Opening a company with all it needs to begin, in one transaction: by the browser's door or by a command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import people_actions
from accounts.audit import acting
from accounts.models import Company, SetUpMark, User
from accounts.people_actions import Said
from accounts.steps import Refused
from config.setup import codes
from deductibles.actions.connections import seed_company
from deductibles.actions.settings import save_provider
from escalations.models import CalendarVersion
from escalations.policies import load_calendar, load_policy, put_in_force


@dataclass(frozen=True)
class Opening:
    """What is known of a company when it is opened.

    ``calendar`` is the data of its first version, if any; ``provider`` is what the billing provider's page
    takes; ``people`` are invited, by username; ``kept`` are the steps of the set-up that it answers.
    """

    key: str
    name: str
    zone: str
    username: str
    admin: Said
    is_ambulance: bool = True
    itemized_bill_address: str = ""
    calendar: Mapping[str, Any] | None = field(default=None, repr=False)
    provider: Mapping[str, Any] | None = None
    people: Sequence[tuple[str, Said]] = ()
    kept: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def open_whole(said: Opening, *, at: datetime) -> User:
    """The company, its first admin (without a password), rules, calendar and ways out: all or nothing.

    Unfit when the key or the username is taken, or cannot be one.
    """
    with transaction.atomic():  # each part is an act of its own in the audit
        admin = people_actions.open_company(
            key=said.key,
            name=said.name,
            zone=said.zone,
            admin=said.username,
            said=said.admin,
            at=at,
            is_ambulance=said.is_ambulance,
            itemized_bill_address=said.itemized_bill_address,
        )
        _furnish(admin.company, said, at)
        return admin


def _furnish(company: Company, said: Opening, at: datetime) -> None:
    """Its rules, its calendar and its ways out, and what else was said of it."""
    load_policy(company, by=None, at=at)
    if said.calendar is None:
        load_calendar(company, by=None, at=at)
    else:
        put_in_force(CalendarVersion, company, dict(said.calendar), by=None, at=at)
    seed_company(company, at=at)
    if said.provider is not None:
        save_provider(company, said.provider, by=None, at=at)
    for username, person in said.people:
        people_actions.invite_at_the_server(company, person, username=username, at=at)
    kept = SetUpMark.State.KEPT
    with acting(None, "set-up", company=company.pk):
        SetUpMark.objects.bulk_create(
            SetUpMark(company=company, step=step, state=kept, said=dict(facts), at=at)
            for step, facts in said.kept.items()
        )


def open_first(said: Opening, password: str, *, digest: object, at: datetime) -> User:
    """The first company of a server, by whoever has the set-up code; the code is used up with it.

    Sent twice, or by two at once, it is opened once: the second is Refused. What dies on the way leaves
    nothing behind, and the code good.
    """
    with transaction.atomic():
        codes.use(digest, at=at)
        if Company.objects.exists():
            raise Refused(codes.THERE_IS_ONE)
        admin = open_whole(said, at=at)
        admin.set_password(password)
        admin.save(update_fields=["password"])
        return admin
