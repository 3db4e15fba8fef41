"""Deductible Monitoring settings and the billing provider: saved as new versions, shown before they act."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery

from accounts.audit import acting
from accounts.models import Company, User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from deductibles import bills, questions
from deductibles.actions import holding, moves
from deductibles.actions.moves import Invalid
from deductibles.domain import hold, intake, states
from deductibles.gateways import arboost
from deductibles.models import (
    BillingProvider,
    Claim,
    DeductibleSettings,
    Hold,
    Snapshot,
    provider_in_force,
    settings_in_force,
)
from deductibles.x12.claim import provider_problems
from patients.domain.intake import read_all

_STALE = "Somebody else saved these settings meanwhile. Read them again, then decide."
_OFF = (
    "AR Boost says that Hold for Deductible is switched off for your agency. "
    "Ask your AR Boost representative to switch it on; nothing was saved."
)


def save_settings(company: Company, data: Mapping[str, Any], *, by: User, at: datetime) -> DeductibleSettings:
    """Save a new version (D-CONF-2…9, D-CONF-11); call it outside a transaction when it enables automatic.

    Raises Invalid with all that is wrong, Refused "stale" when ``version`` is not the one in force, and
    Refused when AR Boost says the agency is off, or cannot be asked whether it is on (D-CONF-9).
    """
    _refuse_all_but_admins(by)
    clean = _read(data)
    version = clean.pop("version")
    current = settings_in_force(company.pk)
    if clean["automatic"] and not current.automatic:
        _refuse_while_agency_is_off(company)
    with transaction.atomic(), acting(by, "save deductible settings"):
        Company.objects.select_for_update().get(pk=company.pk)
        current = settings_in_force(company.pk)
        if version is not None and version != current.version:
            raise Refused(_STALE, "stale")
        return DeductibleSettings.objects.create(
            company=company, version=current.version + 1, created_at=at, **clean
        )


def _read(data: Mapping[str, Any]) -> dict[str, Any]:
    clean, wrong = intake.read_settings(data)
    if wrong:
        raise Invalid.of(wrong)
    return clean


def _refuse_all_but_admins(by: User) -> None:
    if not by.may(Can.SETTINGS):
        raise Refused(refusal(Can.SETTINGS), "role")


def _refuse_while_agency_is_off(company: Company) -> None:
    conn = questions.connection(company)
    if conn is None:
        raise Refused(f"{questions.NOT_CONNECTED} Automatic monitoring needs it; nothing was saved.")
    try:
        on = arboost.agency(conn)
    except arboost.Unavailable as problem:
        raise Refused(f"{problem} Automatic monitoring needs AR Boost; nothing was saved.") from problem
    if not on:
        raise Refused(_OFF)


@dataclass(frozen=True)
class Preview:
    """What saving would do: counts, and the same by payer name."""

    released_tonight: int
    newly_held: int
    by_payer: list[dict[str, Any]]


def preview_settings(company: Company, data: Mapping[str, Any], *, at: datetime) -> Preview:
    """Say what these settings would do before they are saved (D-CONF-10); saves nothing.

    ``released_tonight``: held claims whose stored proof or whose days would release them at tonight's run.
    ``newly_held``: drafts and queued claims that would be held if they were decided under these settings
    and would not be under those in force.
    """
    clean = _read(data)
    clean.pop("version")
    current = settings_in_force(company.pk)
    proposed = DeductibleSettings(company=company, version=current.version + 1, **clean)
    today = moves.local_date(company, at)
    released = Counter(_released(company, proposed, today))
    held = Counter(_newly_held(company, current, proposed, today))
    names = sorted(set(released) | set(held))
    by_payer = [
        {"payer": name, "released_tonight": released[name], "newly_held": held[name]} for name in names
    ]
    return Preview(released.total(), held.total(), by_payer)


def _released(company: Company, proposed: DeductibleSettings, today: date) -> Iterator[str]:
    rows = Hold.objects.filter(company=company, active=True)
    met = rows.filter(holding.proven_met(proposed.dollar_threshold, today)).values_list("pk", "payer__name")
    names = dict(met)
    timed = rows.exclude(pk__in=names).select_related("payer", "claim")
    yield from names.values()
    for row in timed.iterator(chunk_size=2000):
        when = holding.release_date_of(row, proposed)
        if when is not None and when.on <= today:
            yield row.payer.name if row.payer else ""


def _newly_held(
    company: Company, current: DeductibleSettings, proposed: DeductibleSettings, today: date
) -> Iterator[str]:
    waiting = (states.DRAFT, states.QUEUED)
    claims = Claim.objects.filter(company=company, status__in=waiting).select_related("patient")
    newest = Snapshot.objects.filter(company=company, claim__in=claims, coverage__rank="primary")
    rows = newest.filter(coverage__ended_at=None).order_by("claim_id", "-pk").distinct("claim_id")
    held = Hold.objects.filter(claim=OuterRef("claim"))
    rows = rows.annotate(
        first_held_on=Subquery(held.order_by("anchor_on").values("anchor_on")[:1]),
        released=Exists(held.exclude(queued_at=None)),
    )
    for row in rows.select_related("claim", "coverage__payer").iterator(chunk_size=2000):
        payer = row.coverage.payer
        past = holding.Past(row.first_held_on, row.released)
        facts = holding.facts_of(row.claim, payer, row, today, past)
        before = hold.decide(facts, hold.rules_for(current, payer))
        after = hold.decide(facts, hold.rules_for(proposed, payer))
        if after.hold and not before.hold:
            yield payer.name


def save_provider(company: Company, data: Mapping[str, Any], *, by: User, at: datetime) -> BillingProvider:
    """Save the billing provider as a new version (D-SUB-0); Invalid names everything an 837P would lack."""
    _refuse_all_but_admins(by)
    clean, wrong = read_all(intake.PROVIDER, dict(data))
    if wrong:
        raise Invalid.of(wrong)
    row = BillingProvider(company=company, created_at=at, **clean)
    found = provider_problems(bills.provider_of(row))
    if found:
        raise Invalid({_field(item.field): [(item.code, item.message)] for item in found})
    with transaction.atomic(), acting(by, "save billing provider"):
        Company.objects.select_for_update().get(pk=company.pk)
        current = provider_in_force(company.pk)
        row.version = current.version + 1 if current else 1
        row.save(force_insert=True)
    return row


def _field(name: str) -> str:
    return name.removeprefix("provider.").removeprefix("address.")
