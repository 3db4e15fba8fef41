"""Two people on one claim: who was first, with what, in a sentence (409); nothing of the second is done."""

from __future__ import annotations

from typing import Any

from accounts.steps import Refused
from deductibles.actions.moves import Invalid
from deductibles.models import Claim


def refuse_stale(claim: Claim, version: Any) -> None:
    """Refuse an act that was decided on another version of the claim than the one in force.

    ``version`` is what was read with the claim; left out, the act goes by what the claim is now. Raises
    Invalid for what is no number, Refused ("stale") with who changed the claim, when and how.
    """
    if version in (None, ""):
        return
    text = str(version)
    if isinstance(version, bool) or not (text.isascii() and text.isdigit()):
        raise Invalid({"version": [("number", "Version must be the number that was read with the claim.")]})
    if int(text[:12]) != claim.version:
        raise Refused(_sentence(claim), "stale")


def refuse_changed(seen: Claim, now: Claim) -> None:
    """Refuse when the claim, locked by now, is not the version that was read before a vendor was asked."""
    if seen.version != now.version:
        raise Refused(_sentence(now), "stale")


def _sentence(claim: Claim) -> str:
    events: Any = Claim.pgh_event_models["update"].objects  # type: ignore[attr-defined]
    last = events.filter(pgh_obj_id=claim.pk).select_related("pgh_context").order_by("-pgh_id").first()
    said = last.pgh_context.metadata if last is not None and last.pgh_context else {}
    who, act = said.get("who") or "Somebody else", said.get("act") or "change"
    when = claim.changed_at.astimezone(claim.company.zone)
    return (
        f"{who} changed this claim meanwhile ({act}, {when.day} {when:%B %H:%M}): it is "
        f"“{claim.status_label}” now. Nothing of yours was done; what you typed is kept."
    )
