"""What a payer's own numbers would do to the claims that are held for it, before they are saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection

from deductibles.actions import release_dates
from deductibles.actions.release_dates import release_on_sql
from deductibles.domain import hold
from deductibles.models import DeductibleSettings, settings_in_force
from deductibles.previews import night_that_reads
from patients import payer_effects
from patients.models import NEVER_HELD_KINDS, Payer
from patients.payer_effects import Effect, Numbers

_EFFECT = """
    WITH held AS (
        SELECT h.release_on, c.total, {then_on} AS then_on,
               h.kind = 'automatic' AND s.proven_until >= %(today)s
               AND (s.says_met OR (s.may_release AND h.remaining <= %(threshold)s)) AS met
        FROM deductibles_hold h
        JOIN deductibles_claim c ON c.id = h.claim_id
        LEFT JOIN deductibles_snapshot s ON s.id = h.snapshot_id
        WHERE h.company_id = %(company)s AND h.payer_id = %(payer)s AND h.active)
    SELECT count(*), coalesce(sum(total), 0), count(*) FILTER (WHERE met OR then_on <= %(today)s),
           count(*) FILTER (WHERE met), count(*) FILTER (WHERE then_on < release_on),
           count(*) FILTER (WHERE then_on > release_on)
    FROM held"""
_THEN_ON = release_on_sql(own_days="%(own_days)s::int", limit="%(limit)s::int")
NO_NEW_HOLDS = (
    "From now on none of its claims is newly held. What is held keeps its date and is asked about as "
    "before; queue it on Hold for Deductible to send it now."
)
HELD_AGAIN = (
    "From now on its claims are held as the rules say. What has been queued or sent is not held again."
)


def numbers(company_id: int) -> Numbers:
    """The company's numbers in force."""
    row = settings_in_force(company_id)
    return Numbers(
        row.automatic, row.max_days, row.dollar_threshold, row.monitor_above, row.guard_days, row.version
    )


def effect(payer: Payer, values: Mapping[str, Any], *, at: datetime) -> Effect:
    """What these values of a payer would do tonight and to release dates; nothing is saved.

    A payer that becomes one that is never held gets no new holds; those it has end as they would have
    (as when automatic monitoring is switched off, D-CONF-3).
    """
    proposed = Payer(pk=payer.pk, company_id=payer.company_id, **_laid_over(payer, values))
    settings = settings_in_force(payer.company_id)
    today = night_that_reads(payer.company, at)
    before = _counted(settings, payer, today)
    after = _counted(settings, proposed, today)
    return replace(after, before=before.tonight, said=_said(payer, proposed))


_NUMBERS = (
    "max_days",
    "dollar_threshold",
    "monitor_above",
    "filing_limit_days",
    "kind",
    "never_hold",
    "name",
)


def _laid_over(payer: Payer, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values.get(name, getattr(payer, name)) for name in _NUMBERS}


def _counted(settings: DeductibleSettings, payer: Payer, today: Any) -> Effect:
    rules = hold.rules_for(settings, payer)
    values = {
        "company": payer.company_id,
        "payer": payer.pk,
        "today": today,
        "threshold": rules.dollar_threshold,
        "own_days": payer.max_days,
        "limit": payer.filing_limit_days,
        **release_dates.values(settings),
    }
    with connection.cursor() as cursor:
        cursor.execute(_EFFECT.format(then_on=_THEN_ON), values)
        held, billed, tonight, met, sooner, later = cursor.fetchone()
    return Effect(held, billed, tonight, met, tonight, sooner, later)


def _said(payer: Payer, proposed: Payer) -> tuple[str, ...]:
    if proposed.is_never_held and not payer.is_never_held:
        kind = proposed.kind in NEVER_HELD_KINDS and not proposed.never_hold
        by_kind = f"{proposed.get_kind_display()} is never held. "
        return (f"{by_kind if kind else ''}{NO_NEW_HOLDS}",)
    return (HELD_AGAIN,) if payer.is_never_held and not proposed.is_never_held else ()


class _Claims:
    """This app's answers to what the payer's page asks."""

    numbers = staticmethod(numbers)
    effect = staticmethod(effect)


payer_effects.answered_by(_Claims())
