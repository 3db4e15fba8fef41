"""What a patient's escalations make everybody see wherever the patient appears.

A ticket that runs may forbid a sentence, or tell of an application for Compassionate Care (R-WO-3, R-STOP-2);
a live transfer that nobody answered is told for a day (R-EXEC-2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from escalations.contacts import COMPASSIONATE_CARE
from escalations.domain.states import RUNNING
from escalations.models import LiveTransfer, Ticket
from patients import banners
from patients.banners import Banner, Facts, Source, care_banner, moment_in, person_in, told_by
from patients.models import Patient

DO_NOT_SAY = "do_not_say"
TOLD_FOR = timedelta(hours=24)
"""How long an unanswered transfer is told of."""


def marked_tickets(patients: Sequence[Patient]) -> QuerySet:
    """The patients' tickets that run and are marked, by the index of marked tickets."""
    return Ticket.objects.filter(patient__in=patients, status__in=RUNNING).exclude(marks=[])


def _marks(patient: Patient, known: list[Facts]) -> Iterable[Banner]:
    """One banner of a kind, whatever the number of tickets that say so."""
    rows = sorted(known, key=lambda facts: facts["id"])
    for mark, banner in _BANNERS.items():
        if tickets := [facts for facts in rows if mark in facts["marks"]]:
            yield banner(_still_open(tickets))


def _still_open(tickets: list[Facts]) -> str:
    """ "E-1003, WO Code Error, is still open." """
    named = [f"{facts['number']}, {facts['type_name']}" for facts in tickets]
    if len(named) == 1:
        return f"{named[0]}, is still open."
    return f"{'; '.join(named[:-1])}; and {named[-1]}, are still open."


def _do_not_say(why: str) -> Banner:
    title = "Do not tell the patient that the balance is $0."
    return Banner(title, why, "breach", "message-circle-off", "do not say $0")


_BANNERS: dict[str, Any] = {DO_NOT_SAY: _do_not_say, COMPASSIONATE_CARE: care_banner}


def recent_transfers(patients: Sequence[Patient]) -> QuerySet:
    """The transfers of the last day that have ended."""
    since = timezone.now() - TOLD_FOR
    return LiveTransfer.objects.filter(patient__in=patients, started_at__gt=since, ended_at__isnull=False)


def _unanswered(patient: Patient, known: list[Facts]) -> Iterable[Banner]:
    """One banner for the patient's last transfer, when nobody answered it."""
    rows = sorted(known, key=lambda facts: (moment_in(facts, "started_at"), facts["id"]))
    if not rows or rows[-1]["answered"]:
        return
    when = day_and_time(moment_in(rows[-1], "started_at"), timezone.now())
    title = f"Transfer to {rows[-1]['queue_name']} unanswered {when}, {person_in(rows[-1])}."
    earlier = sum(not facts["answered"] for facts in rows[:-1])
    before = {0: "", 1: "Another one before it, within the last day."}
    text = before.get(earlier, f"{earlier} others before it, within the last day.")
    yield Banner(title, text, "info", "phone-missed", "transfer unanswered")


def day_and_time(moment: datetime, now: datetime) -> str:
    """ "today 12:03" or "yesterday 16:40", on the clock the moment is in."""
    today = now.astimezone(moment.tzinfo).date()
    return f"{'today' if moment.date() == today else 'yesterday'} {moment:%H:%M}"


def _columns(*names: str) -> dict[str, Any]:
    return {name: F(name) for name in names}


banners.register(
    "marked tickets", Source(marked_tickets, _columns("id", "number", "type_name", "marks"), _marks)
)
banners.register(
    "unanswered transfers",
    Source(
        recent_transfers,
        {**_columns("id", "queue_name", "started_at", "answered"), **told_by("by")},
        _unanswered,
    ),
)
