"""What people say of a ticket that is late or will be: I see to it, why it was late, no to a proposal."""

from __future__ import annotations

from collections.abc import Callable

from accounts.steps import Refused
from escalations.clock import policy_of_ticket
from escalations.follow_ups import follow_ups
from escalations.models import Alert, Breach, Proposal, Ticket
from escalations.step_work import Change, Doing
from patients.domain.intake import Wrong
from work.once import insert_once


def breach_reason(ticket: Ticket, said: str) -> tuple[str, Wrong | None]:
    """The reason's key, by its key or its label; the reasons are those of the ticket's own policy."""
    items = policy_of_ticket(ticket).late_reasons
    plain = said.strip().casefold()
    found = next((one for one in items if plain in (one.key.casefold(), one.label.casefold())), None)
    if found is None:
        listed = "; ".join(f"{one.key} ({one.label.lower()})" for one in items)
        return "", Wrong("choice", f"A ticket may be late for these reasons: {listed}.")
    return found.key, None


def _acknowledge(doing: Doing) -> Change:
    """Somebody sees to it: the ladder stops for this cycle (K15)."""
    rows = Alert.objects.filter(ticket=doing.ticket, cycle=doing.ticket.cycle, acknowledged_at=None)
    if not rows.exists():
        raise Refused(f"Nobody waits for an answer about {doing.ticket.number}: it has no open alert.")

    def write() -> None:
        if not rows.update(acknowledged_at=doing.at, acknowledged_by=doing.by, climbs_at=None):
            raise Refused(f"Somebody else has just said that they see to {doing.ticket.number}.", "stale")

    return Change(f"{doing.by} sees to it", after=write)


def _explain(doing: Doing) -> Change:
    """Say once why the newest breach happened; the reports count it."""
    breach = Breach.objects.filter(ticket=doing.ticket).order_by("-cycle").first()
    if breach is None:
        raise Refused(f"{doing.ticket.number} was never late.")
    if breach.reason:
        said = policy_of_ticket(doing.ticket).late_words(breach.reason).lower()
        raise Refused(f"Why {doing.ticket.number} was late was said already: {said}.")
    told = {
        "reason": doing.facts["reason"],
        "note": doing.facts["note"][:300],
        "told_at": doing.at,
        "told_by": doing.by,
    }

    def write() -> None:
        if not Breach.objects.filter(pk=breach.pk, reason="").update(**told):
            raise Refused(f"Somebody has just said why {doing.ticket.number} was late.", "stale")

    return Change(f"Late because: {policy_of_ticket(doing.ticket).late_words(told['reason'])}", after=write)


def _decline(doing: Doing) -> Change:
    """Set aside what a rule proposes, with the reason; it is not proposed again.

    What the rules propose now may be declined before the sweep has written it down.
    """
    rule = doing.facts["rule"]
    rows = Proposal.objects.filter(ticket=doing.ticket, rule=rule)
    known = rows.first() or _proposed_now(doing, rule)
    if known is not None and known.decision:
        raise Refused(f"{rule} is decided already: {known.get_decision_display().lower()}.")
    decided = {
        "decision": Proposal.Decision.DISMISSED,
        "reason": doing.facts["reason"],
        "decided_at": doing.at,
        "decided_by": doing.by,
    }

    def write() -> None:
        if known is not None and known.pk is None:
            insert_once([known])
        if known is None or not rows.filter(decision="").update(**decided):
            raise Refused(f"{rule} proposes nothing on {doing.ticket.number} that could be set aside.")

    return Change(f"{rule} set aside", doing.facts["reason"], after=write)


def _proposed_now(doing: Doing, rule: str) -> Proposal | None:
    """What this rule proposes now, not yet written."""
    found = follow_ups(doing.ticket, doing.by, now=doing.at)
    one = next((one for one in found if one.rule == rule and one.may_decline), None)
    if one is None:
        return None
    company = doing.ticket.company_id
    return Proposal(company_id=company, ticket=doing.ticket, rule=rule, type=one.type, raised_at=doing.at)


WORK: dict[str, Callable[[Doing], Change]] = {
    "acknowledge": _acknowledge,
    "explain": _explain,
    "decline": _decline,
}
