"""Asking for a back-test, cancelling one, and what its worker writes down."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.db.models.functions import Greatest

from accounts.models import Company, User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from deductibles.actions import moves
from deductibles.actions.moves import NOT_THERE, Invalid
from deductibles.domain import back_terms, states
from deductibles.domain.back_terms import Asked
from deductibles.models import BackTest, BackTestPart, Claim, rates_in_force, settings_in_force
from patients.domain.intake import Wrong
from patients.models import Payer
from work.models import Run

MOST_UNDER_WAY = 3
"""Back-tests of one company that wait or are under way at one time."""
KEPT_FOR = timedelta(days=90)
"""How long what became of each claim is kept; the sums of a back-test stay."""
_State = BackTest.State
UNDER_WAY = (_State.WAITING, _State.RUNNING)
NOBODY = "No claim was decided in this time. Choose a longer one."
NOBODY_OF_PAYER = "No claim of this payer was decided in this time. Choose a longer one, or every payer."
NO_PAYER = "There is no such payer here. Choose one of the list."


def begin(
    company: Company, data: Mapping[str, Any], *, by: User | None, at: datetime
) -> tuple[BackTest, bool]:
    """Write down a back-test for a worker to do, and whether it is a new one.

    The same question while it is being answered is the back-test that is there. Raises Invalid with all that
    is wrong, and Refused while :data:`MOST_UNDER_WAY` of the company wait or are under way.
    """
    _may(by)
    today = moves.local_date(company, at)
    asked, wrong = back_terms.read(data, today=today)
    if asked is None:
        raise Invalid.of(wrong)
    payers = list(Payer.objects.filter(company=company).order_by("pk"))
    _refuse_strangers(asked, payers)
    row = BackTest(
        company=company,
        from_on=asked.from_on,
        until_on=asked.until_on,
        seen_until=_seen_until(company, today),
        payer_id=asked.payer,
        own_payer_id=asked.own_payer,
        terms=_terms(company, asked, payers),
        seed=secrets.randbits(31),
        by=by,
        created_at=at,
    )
    row.claims = _about(row)
    with transaction.atomic():
        Company.objects.select_for_update(no_key=True).get(pk=company.pk)
        under_way = list(BackTest.objects.filter(company=company, state__in=UNDER_WAY))
        for other in under_way:
            if _is_same(row, other):
                return other, False
        if len(under_way) >= MOST_UNDER_WAY:
            raise Refused(
                f"{MOST_UNDER_WAY} back-tests of your company are waiting or under way. Wait until one is "
                "done, or cancel one."
            )
        row.save()
    return row, True


def _terms(company: Company, asked: Asked, payers: list[Payer]) -> dict[str, Any]:
    rates = rates_in_force(company.pk).rates
    return back_terms.document(asked, settings_in_force(company.pk), payers, rates)


def _may(by: User | None) -> None:
    if by is not None and not by.may(Can.TRY_SETTINGS):
        raise Refused(refusal(Can.TRY_SETTINGS), "role")


def _refuse_strangers(asked: Asked, payers: list[Payer]) -> None:
    known = {payer.pk for payer in payers}
    wrong = {
        name: Wrong(NOT_THERE, NO_PAYER)
        for name, key in (("payer", asked.payer), ("own_payer", asked.own_payer))
        if key is not None and key not in known
    }
    if wrong:
        raise Invalid.of(wrong)


def _seen_until(company: Company, today: date) -> date:
    """The newest night that is done; yesterday's where none is, for tonight's has not decided yet."""
    done = Run.objects.filter(company=company, kind=Run.Kind.CHECK, state=Run.State.DONE)
    newest = done.filter(target_date__lte=today).aggregate(newest=Max("target_date"))["newest"]
    return max(newest or date.min, today - timedelta(days=1))


def _about(row: BackTest) -> int:
    """How many claims there are to look at; Invalid when all of them were entered after the last day.

    Which of them were decided in between, only looking at each can say.
    """
    claims = Claim.objects.filter(company=row.company)
    if row.payer_id is not None:
        claims = claims.filter(payer=row.payer_id)
    oldest = claims.order_by("pk").values_list("created_at", flat=True).first()
    if oldest is None or moves.local_date(row.company, oldest) > row.until_on:
        said = NOBODY if row.payer_id is None else NOBODY_OF_PAYER
        raise Invalid.of({"from_on": Wrong("no_claims", said)})
    return claims.exclude(status=states.VOID).count()


def _is_same(one: BackTest, other: BackTest) -> bool:
    names = ("from_on", "until_on", "seen_until", "payer_id", "own_payer_id", "terms")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def cancel(row: BackTest, *, by: User, at: datetime) -> None:
    """End a back-test that waits or is under way, and forget what was looked at; Refused once it is over."""
    _may(by)
    with transaction.atomic():
        mine = BackTest.objects.select_for_update(of=("self",)).get(pk=row.pk)
        if mine.state not in UNDER_WAY:
            raise Refused(f"This back-test is over: {mine.get_state_display().lower()}.", "state")
        mine.state, mine.cancelled_by, mine.finished_at, mine.emptied_at = _State.CANCELLED, by, at, at
        mine.save(update_fields=["state", "cancelled_by", "finished_at", "emptied_at"])
        BackTestPart.objects.filter(of=mine).delete()


def keep_part(row: BackTest, number: int, *, last: int, looked_at: int, sums: Any, lines: bytes) -> bool:
    """Write down what became of some claims; False, and nothing written, when it was cancelled meanwhile."""
    with transaction.atomic():
        mine = BackTest.objects.select_for_update(of=("self",)).filter(pk=row.pk, state=_State.RUNNING)
        if not mine.exists():
            return False
        BackTestPart.objects.create(
            company_id=row.company_id, of=row, number=number, last=last, sums=sums, lines=lines
        )
        row.done += looked_at
        mine.update(done=row.done, claims=Greatest("claims", row.done), attempts=0)
    return True


def finish(row: BackTest, result: Any, *, at: datetime) -> None:
    """Keep what came out, unless it was cancelled meanwhile."""
    BackTest.objects.filter(pk=row.pk, state=_State.RUNNING).update(
        state=_State.DONE, result=result, finished_at=at, claims=row.done, attempts=0, note=""
    )


def give_up(row: BackTest, why: str, *, at: datetime) -> None:
    """End a back-test that nobody can bring to its end, saying why."""
    with transaction.atomic():
        BackTestPart.objects.filter(of=row).delete()
        BackTest.objects.filter(pk=row.pk, state__in=UNDER_WAY).update(
            state=_State.FAILED, note=why[:300], finished_at=at, emptied_at=at
        )


def forget_old(*, at: datetime) -> int:
    """Take away what became of each claim in back-tests that have been done for long."""
    old = BackTest.objects.filter(Q(emptied_at=None) & Q(finished_at__lt=at - KEPT_FOR))
    keys = list(old.values_list("pk", flat=True)[:100])
    with transaction.atomic():
        BackTestPart.objects.filter(of__in=keys).delete()
        BackTest.objects.filter(pk__in=keys).update(emptied_at=at)
    return len(keys)
