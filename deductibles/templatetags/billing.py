"""Filters of the biller's pages."""

from __future__ import annotations

from decimal import Decimal

from django import template

from deductibles.domain.money import dollars as written

register = template.Library()

_RUN = {"waiting": "none_stated", "running": "on_track", "done": "closed", "failed": "breached"}
_SUBMISSION = {
    "written": "none_stated",
    "handed_over": "closed",
    "ambiguous": "due_soon",
    "refused": "breached",
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
    """The standing under which a submission's hand-over is drawn."""
    return _SUBMISSION.get(state, "none_stated")
