"""Merging: of two tickets for the same matter one goes on, with the earlier filing of the two (K16)."""

from __future__ import annotations

from typing import Any

from escalations.actions.moving import apply
from escalations.actions.timeline import tell
from escalations.clock import clock_of
from escalations.domain import turnaround as engine
from escalations.domain.states import RUNNING
from escalations.models import (
    Attachment,
    LinkKind,
    Proposal,
    Ticket,
    TicketCycle,
    TicketLink,
    Watcher,
)
from escalations.step_work import Change, Doing, end_cycle, end_wait, in_turn, moments_of
from patients.domain.intake import Wrong


def survivor_of(ticket: Ticket, said: str) -> tuple[Ticket | None, Wrong | None]:
    """The ticket that is to go on, by its number or id, and what stands against it."""
    rows = Ticket.objects.filter(company_id=ticket.company_id)
    rows = rows.select_related("patient", "assignee", "policy_version", "calendar_version")
    plain = said.strip()
    found = rows.filter(number__iexact=plain).first()
    if found is None and plain.isascii() and plain.isdigit() and len(plain) <= 18:
        found = rows.filter(pk=int(plain)).first() or rows.filter(number=f"E-{plain}").first()
    if found is None:
        return None, Wrong("not_found", "There is no ticket of that number here.")
    if found.pk == ticket.pk:
        return None, Wrong("choice", "A ticket cannot be merged into itself. Name the one that goes on.")
    if found.patient_id != ticket.patient_id:
        return None, Wrong(
            "choice", f"{found.number} is of another patient. Only one patient’s tickets merge."
        )
    if found.status not in RUNNING:
        return None, Wrong("choice", f"{found.number} is {found.status}. Merge into a ticket that runs.")
    return found, None


def merge(doing: Doing) -> Change:
    """End this ticket in favour of another: its clock stops, and the other keeps the earlier filing (K16)."""
    survivor = doing.facts["into"]
    # Both in the order of their ids, so that two merges never wait for each other.
    pair = Ticket.objects.select_for_update(no_key=True).filter(pk__in=[doing.ticket.pk, survivor.pk])
    list(pair.order_by("pk").values_list("pk"))
    ended = end_wait(doing)
    columns = {**ended.columns, "merged_into": survivor}
    write = in_turn(
        ended.write,
        lambda: end_cycle(doing, met=None, outcome=f"Merged into {survivor.number}", note=""),
        lambda: _go_on(survivor, doing),
    )
    return Change(f"Merged into {survivor.number}", doing.facts["note"], columns, write)


def _go_on(survivor: Ticket, doing: Doing) -> None:
    """What the surviving ticket takes over: the earlier filing, marks, files, watchers; and a line."""
    merged = doing.ticket
    apply(survivor, None, _taken_over(survivor, merged))
    Attachment.objects.filter(ticket=merged).update(ticket=survivor)
    watching = Watcher.objects.filter(ticket=merged).exclude(
        user__in=Watcher.objects.filter(ticket=survivor).values("user")
    )
    watching.update(ticket=survivor)
    open_ones = Proposal.objects.filter(ticket=merged, decision="")
    open_ones.update(
        decision=Proposal.Decision.DISMISSED,
        reason=f"Merged into {survivor.number}.",
        decided_at=doing.at,
        decided_by=doing.by,
    )
    TicketLink.objects.bulk_create(
        [
            TicketLink(
                company_id=merged.company_id,
                ticket=merged,
                other=survivor,
                kind=LinkKind.DUPLICATE_OF,
                at=doing.at,
                by=doing.by,
            )
        ],
        ignore_conflicts=True,
    )
    said = f"{merged.type_name}, received {merged.received_at:%Y-%m-%d}. {merged.note}".strip()
    tell(survivor, "merge", f"{merged.number} was merged into this", said, doing.by, doing.at)


def _taken_over(survivor: Ticket, merged: Ticket) -> dict[str, Any]:
    marks = sorted({*survivor.marks, *merged.marks})
    columns: dict[str, Any] = {} if marks == sorted(survivor.marks) else {"marks": marks}
    if merged.received_at >= survivor.received_at:
        return columns
    columns["received_at"] = merged.received_at
    if survivor.cycle > 1:
        return columns  # its first cycle is frozen; the clock that runs began with a reopening (K11)
    cycle = survivor.cycles.get(number=1)
    cycle.clock_from = merged.received_at
    pauses = list(survivor.pauses.all())
    clock: engine.Cycle = clock_of(cycle, [one for one in pauses if one.ended_at is not None])
    moments = moments_of(survivor, clock)
    TicketCycle.objects.filter(pk=cycle.pk).update(
        clock_from=merged.received_at, expected_from=moments["expected_from"], due_at=moments["due_at"]
    )
    return {**columns, **moments}
