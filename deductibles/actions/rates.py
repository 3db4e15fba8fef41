"""The rates by which the worth of holding is counted: saved as new versions, by an admin."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.audit import acting
from accounts.models import Company, User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from deductibles.actions.moves import Invalid, local_date
from deductibles.domain.rates import read_rates
from deductibles.models import HoldingRates, rates_in_force

_STALE = "Somebody else saved these rates meanwhile. Read them again, then decide."


def save_rates(company: Company, data: Mapping[str, Any], *, by: User, at: datetime) -> HoldingRates:
    """Save a new version; every figure of the ledger is counted by it from now on.

    Raises Invalid with all that is wrong, Refused "role" for all but admins, and Refused "stale" when
    ``version`` is given and is not the one in force, 0 before the first.
    """
    if not by.may(Can.SETTINGS):
        raise Refused(refusal(Can.SETTINGS), "role")
    clean, wrong = read_rates(data, today=local_date(company, at))
    if wrong:
        raise Invalid.of(wrong)
    version = clean.pop("version")
    with transaction.atomic(), acting(by, "save rates of holding"):
        Company.objects.select_for_update().get(pk=company.pk)
        newest = rates_in_force(company.pk).version
        if version is not None and version != newest:
            raise Refused(_STALE, "stale")
        return HoldingRates.objects.create(company=company, version=newest + 1, created_at=at, **clean)
