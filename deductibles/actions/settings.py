"""Deductible Monitoring settings and the billing provider: saved as new versions, shown before they act."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.audit import acting
from accounts.models import Company, User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from deductibles import bills, questions
from deductibles.actions.moves import Invalid
from deductibles.domain import conflicts, intake
from deductibles.domain.conflicts import CHOICES, Conflict
from deductibles.gateways import arboost
from deductibles.models import (
    BillingProvider,
    DeductibleSettings,
    provider_in_force,
    settings_in_force,
)
from deductibles.previews import Effect, effect_of
from deductibles.x12.claim import provider_problems
from patients.domain.intake import read_all
from patients.models import NEVER_HELD_KINDS, Payer

_STALE = "Somebody else saved these settings meanwhile. Read them again, then decide."
_STALE_PROVIDER = "Somebody else saved the billing provider meanwhile. Read it again, then decide."
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
    """What saving would do, as the API answers it: counts, and the same by payer."""

    released_tonight: int
    newly_held: int
    by_payer: list[dict[str, Any]]


def preview_settings(company: Company, data: Mapping[str, Any], *, at: datetime) -> Preview:
    """Say what these settings would do before they are saved (D-CONF-10); saves nothing.

    ``released_tonight``: held claims whose stored proof or whose days would release them at tonight's run.
    ``newly_held``: drafts and queued claims that would be held if they were decided under these settings
    and would not be under those in force.
    """
    found = look_ahead(company, data, at=at).effect
    return Preview(found.released_tonight, found.newly_held, [asdict(row) for row in found.payers])


@dataclass(frozen=True)
class Ahead:
    """Settings that were read and not saved: the row they would be, what it would do, what it contradicts."""

    proposed: DeductibleSettings
    effect: Effect
    conflicts: list[Conflict]

    @property
    def mark(self) -> str:
        """A word that stands for exactly these values: who sends it back has been shown their effect."""
        values = [str(getattr(self.proposed, name)) for name in CHOICES]
        return hashlib.sha256("|".join(values).encode()).hexdigest()[:20]


def look_ahead(company: Company, data: Mapping[str, Any], *, at: datetime) -> Ahead:
    """Read settings and work out what saving them would do and where they contradict something."""
    clean = _read(data)
    clean.pop("version")
    current = settings_in_force(company.pk)
    proposed = DeductibleSettings(company=company, version=current.version + 1, **clean)
    return Ahead(
        proposed,
        effect_of(company, proposed, current, at=at),
        conflicts_of(company, proposed),
    )


def conflicts_of(company: Company, settings: DeductibleSettings) -> list[Conflict]:
    """Where these settings contradict themselves, a payer's filing limit, or what else is set up."""
    payers = Payer.objects.filter(company=company, never_hold=False).exclude(kind__in=NEVER_HELD_KINDS)
    return conflicts.of(settings, list(payers), has_provider=provider_in_force(company.pk) is not None)


def read_provider(data: Mapping[str, Any]) -> BillingProvider:
    """The billing provider as typed, of no company yet; Invalid names everything an 837P would lack."""
    clean, wrong = read_all(intake.PROVIDER, dict(data))
    row = BillingProvider(**clean)
    problems = {
        _field(item.field): [(item.code, item.message)] for item in provider_problems(bills.provider_of(row))
    }
    if wrong or problems:
        # What cannot be read at all is said in place of what a bill would lack by it.
        raise Invalid(problems | Invalid.of(wrong).fields)
    return row


def save_provider(
    company: Company, data: Mapping[str, Any], *, by: User | None, at: datetime, version: int | None = None
) -> BillingProvider:
    """Save the billing provider as a new version (D-SUB-0); without ``by`` for who runs the server.

    Invalid as :func:`read_provider`; Refused "stale" when ``version`` is given and is not the one in force, 0
    before the first.
    """
    if by is not None:
        _refuse_all_but_admins(by)
    row = read_provider(data)
    row.company, row.created_at = company, at
    with transaction.atomic(), acting(by, "save billing provider", company=company.pk):
        Company.objects.select_for_update().get(pk=company.pk)
        current = provider_in_force(company.pk)
        newest = current.version if current else 0
        if version is not None and version != newest:
            raise Refused(_STALE_PROVIDER, "stale")
        row.version = newest + 1
        row.save(force_insert=True)
    return row


def _field(name: str) -> str:
    return name.removeprefix("provider.").removeprefix("address.")
