"""A call from the board: the attempt, and with it the end of the ticket where it was the last word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from escalations.actions.steps import Invalid, act
from escalations.models import Ticket
from patients.domain.intake import Wrong


def log_call(
    ticket: Ticket,
    facts: Mapping[str, Any],
    *,
    by: User,
    at: datetime,
    resolution: str = "",
    version: int | None = None,
) -> Ticket:
    """Log one call; with a ``resolution`` resolve the ticket with that outcome in the same breath.

    A ticket that nobody has is taken by who resolves it, so that it counts as theirs. All of it is done or
    nothing. Raises :class:`Refused` and :class:`Invalid` as the steps do; what is wrong with the resolution
    stands under ``resolution``.
    """
    with transaction.atomic():
        ticket = act(ticket, "call", by=by, at=at, facts=facts)
        if not resolution:
            return ticket
        if ticket.assignee_id is None:
            ticket = act(ticket, "take", by=by, at=at, version=version)
            version = None
        said = {"outcome": resolution, "note": str(facts.get("note", ""))}
        try:
            return act(ticket, "resolve", by=by, at=at, version=version, facts=said)
        except Invalid as invalid:
            wrong = invalid.wrong.get("outcome") or Wrong("choice", "Choose how the ticket ends.")
            raise Invalid({"resolution": wrong}) from invalid
