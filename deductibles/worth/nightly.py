"""After each night: the forecast of that day, those of earlier days that are missing, and how they fared.

Each day's rows are a transaction of their own, and what is missing is seen in the table, so that whoever is
killed or out of time is followed by somebody who goes on. Nobody waits for it: a page shows the newest that
is measured.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from time import monotonic
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts.models import Company
from deductibles.domain.survival import COMPANY
from deductibles.models import Forecast, SurvivalCurve
from deductibles.worth import kept
from deductibles.worth.drawing import DRAWS
from deductibles.worth.error import LOOKS_BACK, error_of
from deductibles.worth.forecasting import ALL, Known, Made, enough, forecast, known_on
from deductibles.worth.habits import closest
from deductibles.worth.history import History, day_of, number_of
from deductibles.worth.reading import read
from work import leases
from work.background import jobs
from work.leases import Lost
from work.models import Job, Run

log = structlog.get_logger(__name__)
JOB = "forecast"
"""What the work of one night is called where it is written down how far it is."""
LEASE = timedelta(minutes=10)
KEPT = timedelta(days=2 * LOOKS_BACK)
"""How long a forecast is kept: as long as it says anything about the error."""
REPLAY_DRAWS = 500
BUDGET = 20.0
"""Seconds of one sweep; what is left is for the next."""


def catch_up(*, at: datetime, budget: float = BUDGET) -> int:
    """Make what is missing of every company's forecasts, as long as there is time; give how many were
    made."""
    ends, made = monotonic() + budget, 0
    for company in _in_turn():
        if monotonic() > ends:
            break
        try:
            made += _catch_up(company, at, ends)
        except Lost:
            log.warning("forecast_lost", company=company.pk)
        except Exception as error:
            # One company's trouble must not keep the others waiting.
            log.error("forecast_failed", company=company.pk, error=type(error).__name__)
    return made


def _in_turn() -> QuerySet[Company]:
    """Whoever was looked at longest ago first: one with years to make up must not take every sweep's time."""
    jobs_of = Job.objects.filter(company=OuterRef("pk"), kind=JOB).order_by("-began_at", "-id")
    seen_at = Subquery(jobs_of.values("seen_at")[:1])
    return Company.objects.annotate(looked_at=seen_at).order_by(F("looked_at").asc(nulls_first=True), "pk")


def _catch_up(company: Company, at: datetime, ends: float) -> int:
    """The newest night's day first, then each day before it that has none."""
    newest = Run.objects.filter(company=company, kind=Run.Kind.CHECK, state=Run.State.DONE)
    on = newest.order_by("-target_date").values_list("target_date", flat=True).first()
    if on is None or not _missing(company, on):
        return 0
    name = lease_of(company.pk)
    fence = leases.take(name, at=timezone.now(), lifetime=LEASE, while_alive=True)
    if fence is None:
        return 0
    try:
        return _told(company, on, at=at, ends=ends, keep=lambda: _keep(name, fence))
    finally:
        leases.give_back(name, fence)


def lease_of(company: int) -> str:
    """What whoever makes a company's forecasts holds."""
    return f"forecast:{company}"


def _keep(name: str, fence: int) -> None:
    leases.keep(name, fence, at=timezone.now(), lifetime=LEASE)


def _told(company: Company, on: date, *, at: datetime, ends: float, keep: Any) -> int:
    """Make what is missing, and write down how far that is, and why it failed."""
    whole = LOOKS_BACK + 1
    done = _days_made(company, on)
    job = jobs.begin(company.pk, JOB, on, done=done, whole=whole, at=timezone.now())
    came = [done]

    def still_here() -> None:
        """Before each day: the lease, and how many days are done."""
        keep()
        jobs.seen(job, done=min(came[0], whole), at=timezone.now())
        came[0] += 1

    try:
        made = make(company, on, at=at, ends=ends, keep=still_here)
    except Lost:
        raise
    except Exception as error:
        why = f"It stopped unexpectedly ({type(error).__name__}). The next sweep tries it again."
        jobs.fail(job, why, at=timezone.now())
        raise
    if _missing(company, on):
        jobs.seen(job, done=_days_made(company, on), at=timezone.now())
    else:
        jobs.finish(job, _said(company, on), done=whole, at=timezone.now())
    return made


def _days_made(company: Company, on: date) -> int:
    """How many of the days up to this one have a forecast."""
    since = on - timedelta(days=LOOKS_BACK)
    return Forecast.objects.filter(company=company, payer=None, made_on__range=(since, on)).count()


def _said(company: Company, on: date) -> str:
    """What came of it, in a sentence."""
    newest = Forecast.objects.filter(company=company, payer=None, made_on=on)
    held, days = newest.values_list("held", "days").first() or (0, None)
    if days is None:
        return "Not enough history yet for a forecast."
    return f"Forecast for {held:,} held claim{'' if held == 1 else 's'}."


def _missing(company: Company, on: date) -> list[date]:
    """The days up to this one without a forecast, newest first; this one too while its error is not
    measured."""
    wanted = [on - timedelta(days=back) for back in range(LOOKS_BACK + 1)]
    rows = Forecast.objects.filter(company=company, payer=None, made_on__gte=wanted[-1], made_on__lte=on)
    done = {
        day: (days is None, error is None)
        for day, days, error in rows.values_list("made_on", "days", "error")
    }
    empty, unmeasured = done.get(on, (False, True))
    if empty:
        return []  # what does not suffice today did not suffice before
    return [day for day in wanted if day not in done or (day == on and unmeasured)]


def make(
    company: Company, on: date, *, at: datetime, ends: float | None = None, keep: Any = lambda: None
) -> int:
    """Make what is missing up to this day, until ``ends``; measure the error once nothing is missing."""
    missing = _missing(company, on)
    if not missing:
        return 0
    history = read(company, on, replays=len(missing) > 1)
    made = 0
    for day in missing:
        keep()
        if Forecast.objects.filter(company=company, payer=None, made_on=day).exists():
            continue
        _make_day(company, history, day, on, at, keep)
        made += 1
        if not _missing(company, on) or (ends is not None and monotonic() > ends):
            break
    if _missing(company, on) == [on]:
        keep()
        _measure(company, history, on)
    return made


def _make_day(company: Company, history: History, day: date, newest: date, at: datetime, keep: Any) -> None:
    """Write down one day's. Whoever lost the lease over drawing it puts no older curves back."""
    facts = known_on(history, number_of(day))
    found: dict[int, Made] = {}
    if enough(facts):
        draws = DRAWS if day == newest else REPLAY_DRAWS
        found = forecast(history, facts, seed=company.pk, draws=draws)
    with transaction.atomic():
        keep()
        rows = [_row(company, payer, made, facts, day, newest, at) for payer, made in found.items()]
        if ALL not in found:
            rows.append(_empty(company, facts, day, newest, at))
        Forecast.objects.bulk_create(rows, ignore_conflicts=True)
        if day == newest:
            _keep_curves(company, facts)


def _row(
    company: Company, payer: int, made: Made, facts: Known, day: date, newest: date, at: datetime
) -> Forecast:
    return Forecast(
        company=company,
        payer_id=payer or None,
        made_on=day,
        made_at=at,
        replayed=day != newest,
        held=made.held,
        bills=Decimal(str(round(made.bills, 2))),
        days=kept.days_json(made),
        basis=_basis(facts, payer, made),
    )


def _empty(company: Company, facts: Known, day: date, newest: date, at: datetime) -> Forecast:
    """A day on which not enough was known."""
    return Forecast(
        company=company, made_on=day, made_at=at, replayed=day != newest, held=0, bills=0,
        basis={"met": facts.curves[COMPANY].met, "claims": facts.curves[COMPANY].claims},
    )  # fmt: skip


def _basis(facts: Known, payer: int, made: Made) -> dict[str, Any]:
    """What the figures rest on, in numbers: holds watched, deductibles met, payments, by which curves."""
    curve = facts.curves[COMPANY]
    said: dict[str, Any] = {"met": curve.met, "claims": curve.claims, "levels": made.levels}
    said["by_hand"] = round(facts.by_hand[0], 5)
    for word, met in (("met", True), ("other", False)):
        habit = facts.habits.get((None, met)) if payer == ALL else closest(facts.habits, payer, met=met)
        if habit is not None:
            said[f"paid_{word}"] = {
                "payments": habit.paid,
                "share": round(habit.share, 4),
                "days": next((day for day in habit.wait.days if habit.wait.unmet_after(day) <= 0.5), None),
            }
    if (allowed := facts.allowed.get(payer)) is not None:
        said["allowed"] = {"share": allowed.share, "payments": allowed.payments}
    return said


def _keep_curves(company: Company, facts: Known) -> None:
    """Replace the company's curves by those of this day."""
    SurvivalCurve.objects.filter(company=company).delete()
    SurvivalCurve.objects.bulk_create(
        [
            SurvivalCurve(
                company=company,
                payer_id=curve.key.payer,
                band=curve.key.band or "",
                month=curve.key.month or 0,
                made_on=day_of(facts.day),
                claims=curve.claims,
                met=curve.met,
                days=curve.days,
                watched=curve.watched,
                unmet=[round(share, 6) for share in curve.unmet],
            )
            for curve in facts.curves.values()
            if curve.says_enough
        ],
        batch_size=1000,
    )


def _measure(company: Company, history: History, on: date) -> None:
    """Compare what was forecast with what happened, for each payer of the newest forecast; forget the
    oldest."""
    rows = Forecast.objects.filter(
        company=company, made_on__gte=on - timedelta(days=LOOKS_BACK), made_on__lte=on
    )
    by_payer: dict[int, list[Forecast]] = {}
    for row in rows.defer("basis"):
        by_payer.setdefault(row.payer_id or ALL, []).append(row)
    newest = [row for rows_of in by_payer.values() for row in rows_of if row.made_on == on]
    for row in newest:
        whose = row.payer_id or ALL
        row.error = error_of(history, by_payer[whose], number_of(on), whose)
    with transaction.atomic():
        Forecast.objects.bulk_update(newest, ["error"], batch_size=100)
        Forecast.objects.filter(company=company, made_on__lt=on - KEPT).delete()
