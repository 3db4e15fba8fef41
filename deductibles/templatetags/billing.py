"""Filters of the biller's pages."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone

from deductibles.domain import days
from deductibles.domain.money import dollars as written

register = template.Library()

_RUN = {"waiting": "none_stated", "running": "on_track", "done": "closed", "failed": "breached"}
_SUBMISSION = {
    "written": "none_stated",
    "handed_over": "closed",
    "ambiguous": "due_soon",
    "refused": "breached",
    "taken": "closed",
    "aside": "due_soon",
}
_ANSWER = {
    "accepted": ("closed", "Accepted"),
    "rejected": ("breached", "Rejected"),
    "noted": ("none_stated", "On its way"),
}


@register.filter
def dollars(amount: Decimal | str | None) -> str:
    """``$1,000.50``; a word, never zero, for what is unknown."""
    return "unknown" if amount in (None, "") else written(Decimal(str(amount)))


@register.filter
def tone(status: str) -> str:
    """The look of a claim's status: components call a claim on hold held."""
    return "held" if status == "hold" else status


@register.filter
def run_standing(state: str) -> str:
    """The standing under which a nightly run's state is drawn."""
    return _RUN.get(state, "none_stated")


@register.filter
def file_standing(state: str) -> str:
    """The standing under which a file is drawn: by its hand-over, or by its taking in."""
    return _SUBMISSION.get(state, "none_stated")


@register.filter
def answer_standing(word: str) -> str:
    """The standing under which an acknowledgement's word is drawn."""
    return _ANSWER.get(word, ("none_stated", ""))[0]


@register.filter
def answer_word(word: str) -> str:
    """An acknowledgement's word as people read it."""
    return _ANSWER.get(word, ("", word))[1]


@register.filter
def day(on: date | datetime | None) -> str:
    """In a table: "20 May", in the zone of the page; of another year than today's with its year."""
    return _said(on, days.short)


@register.filter
def weekday(on: date | datetime | None) -> str:
    """In a table: "Wed 20 May"; of another year with its year."""
    return _said(on, days.weekday)


@register.filter
def spoken_day(on: date | datetime | None) -> str:
    """In a sentence: "Wednesday 20 May"; of another year with its year."""
    return _said(on, days.spoken)


@register.filter
def moment(at: datetime | None) -> str:
    """In a table: "20 May 21:00", in the zone of the page; of another year with its year."""
    return f"{day(at)} {timezone.localtime(at):%H:%M}" if at else ""


def _said(on: date | datetime | None, words: Any) -> str:
    if on is None or on == "":
        return ""
    local = timezone.localtime(on).date() if isinstance(on, datetime) else on
    return str(words(local, timezone.localdate().year))
