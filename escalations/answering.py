"""The answer card: from a patient's tickets to the sentence to say now, and the facts under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from escalations.clock import standing_of
from escalations.contacts import CALLED_AGAIN
from escalations.domain import answer as words
from escalations.domain import turnaround as engine
from escalations.domain.states import OVER, RUNNING
from escalations.models import LinkKind, Pause, Ticket, TicketCycle, TicketEvent, TicketLink
from escalations.patient_banners import DO_NOT_SAY
from escalations.policies import calendar_of
from escalations.screens import said_parts, short_words, standing_words

_BESIDE = ("calls", "waits_for", "outcome", "ended_at", "joined")


def answerable(rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Tickets with what the sentence needs beside their own row, in the same query."""
    wait = Pause.objects.filter(ticket=OuterRef("pk"), ended_at=None)
    cycle = TicketCycle.objects.filter(ticket=OuterRef("pk"), number=OuterRef("cycle"))
    again = TicketEvent.objects.filter(ticket=OuterRef("pk"), act=CALLED_AGAIN).order_by().values("ticket")
    times = Subquery(again.annotate(times=Count("pk")).values("times"), output_field=IntegerField())
    merged = TicketLink.objects.filter(ticket=OuterRef("pk"), kind=LinkKind.DUPLICATE_OF).order_by("id")
    return rows.annotate(
        calls=Coalesce(times, 0),
        waits_for=Subquery(wait.values("reason")[:1]),
        outcome=Subquery(cycle.values("outcome")[:1]),
        ended_at=Subquery(cycle.values("ended_at")[:1]),
        joined=Subquery(merged.values("other__number")[:1]),
    )


def case_of(ticket: Ticket, now: datetime) -> words.Case:
    """A ticket as the sentence sees it; one that was not read as :func:`answerable` costs one query."""
    if not all(hasattr(ticket, name) for name in _BESIDE):
        beside = answerable(Ticket.objects.filter(pk=ticket.pk)).values(*_BESIDE).get()
        for name, value in beside.items():
            setattr(ticket, name, value)
    known: Any = ticket
    return words.Case(
        type=ticket.type,
        status=ticket.status,
        standing=standing_of(ticket, now),
        unit=ticket.unit,
        due_order=ticket.due_order,
        caller=ticket.caller or "patient",
        channel=ticket.channel or "phone",
        urgent=ticket.urgency == "urgent",
        expected_from=ticket.expected_from,
        due_at=ticket.due_at,
        ended_at=known.ended_at,
        outcome=known.outcome or "",
        taken=ticket.taken_at is not None,
        waits_for=known.waits_for or "",
        again=ticket.cycle > 1,
        calls=known.calls,
        joined=known.joined or "",
    )


@dataclass(frozen=True)
class Answer:
    """What to tell a patient now, and the facts it rests on.

    ``ticket`` is the one spoken of, or none when nothing was ever filed; ``more`` how many others run,
    ``or_more`` when there may be yet others.
    """

    sentence: str
    ticket: Ticket | None = None
    standing: str = ""
    standing_words: str = ""
    due_words: str = ""
    contacts: str = ""
    more: int = 0
    or_more: bool = False

    @property
    def parts(self) -> list[tuple[str, bool]]:
        """The sentence in pieces, each with whether it is a date."""
        return said_parts(self.sentence)

    @property
    def url(self) -> str:
        """Where the ticket stands."""
        return reverse("escalations:ticket", args=[self.ticket.number]) if self.ticket else ""

    @property
    def may_be_added_to(self) -> bool:
        """Whether another call about it can be noted on it (R-X-7)."""
        return self.ticket is not None and self.ticket.status in RUNNING


def answer_for(ticket: Ticket, now: datetime) -> Answer:
    """What to tell the patient of this ticket now."""
    return _answer(ticket, case_of(ticket, now), now)


def answer_of(
    tickets: Sequence[Ticket], now: datetime, *, chosen: Ticket | None = None, or_more: bool = False
) -> Answer:
    """What to tell a patient of all their tickets: of ``chosen``, of what presses most, of what ended last.

    ``or_more`` says that not all of the patient's tickets were read. While a running ticket forbids to speak
    of the balance, no outcome is said: it might (R-WO-3).
    """
    cases = [case_of(one, now) for one in tickets]
    if any(DO_NOT_SAY in one.marks and one.status in RUNNING for one in tickets):
        cases = [replace(case, outcome="") for case in cases]
    if chosen is not None:
        spoken = next((place for place, one in enumerate(tickets) if one.pk == chosen.pk), None)
    else:
        spoken = words.most_pressing(cases)
        spoken = _last(tickets, cases) if spoken is None else spoken
    if spoken is None:
        return Answer(words.NOTHING)
    others = [one for place, one in enumerate(tickets) if place != spoken and one.status in RUNNING]
    return _answer(tickets[spoken], cases[spoken], now, more=len(others), or_more=or_more)


def _last(tickets: Sequence[Ticket], cases: Sequence[words.Case]) -> int | None:
    """The place of what ended, or was noted, last."""
    moments = [case.ended_at or one.created_at for one, case in zip(tickets, cases, strict=True)]
    return max(range(len(moments)), key=moments.__getitem__, default=None)


def _answer(
    ticket: Ticket, case: words.Case, now: datetime, *, more: int = 0, or_more: bool = False
) -> Answer:
    calendar = calendar_of(ticket.calendar_version)
    return Answer(
        sentence=words.sentence_of(case, calendar, now),
        ticket=ticket,
        standing=case.standing,
        standing_words=standing_words(ticket, case.standing, now),
        due_words=_due_words(ticket, case, calendar, now),
        contacts=words.contact_words(case),
        more=more,
        or_more=or_more and more > 0,
    )


def _due_words(ticket: Ticket, case: words.Case, calendar: engine.BusinessCalendar, now: datetime) -> str:
    """The due moment with its zone, or how the ticket ended."""
    if ticket.status in OVER:
        return f"ended {short_words(case.ended_at, calendar, now)}" if case.ended_at else ""
    if ticket.due_at is None or ticket.status == "draft":
        return "no date is stated"
    return f"{short_words(ticket.due_at, calendar, now)}, {engine.zone_words(calendar, now)}"
