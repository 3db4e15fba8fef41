"""Files of which nobody can say whether they arrived: what a person has found out about one (D-SUB-2, I2).

Holdline never sends such a file again by itself. Its acknowledgement settles it, or a person who asked the
clearinghouse.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from accounts.audit import acting
from accounts.models import User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from deductibles.actions import moves
from deductibles.domain import states
from deductibles.models import Submission

ARRIVED, AGAIN = "arrived", "send_again"
SAID = {
    ARRIVED: "The clearinghouse was asked, and has it.",
    AGAIN: "The clearinghouse was asked, and never had it: the same file goes with the next submission.",
}


def settle(submission: Submission, act: str, *, by: User, at: datetime) -> Submission:
    """Do what a person found out: :func:`arrived` or :func:`send_again`; Refused for any other act."""
    acts: dict[str, Callable[..., Submission]] = {ARRIVED: arrived, AGAIN: send_again}
    if act not in acts:
        raise Refused(
            f"This is not something one does to a file. Send act as one of: {', '.join(acts)}.", "unknown"
        )
    return acts[act](submission, by=by, at=at)


def arrived(submission: Submission, *, by: User, at: datetime) -> Submission:
    """The clearinghouse has it: its claims are Submitted and wait for their answers."""
    with transaction.atomic(), acting(by, "file arrived"):
        claim_ids = list(submission.items.filter(open=True).values_list("claim_id", flat=True))
        moves.locked(claim_ids)  # claims before files, as everybody locks them
        row = _unclear(submission, by)
        moves.apply(claim_ids, "submit", states.AMBIGUOUS, at=at)
        row.state, row.detail = Submission.State.HANDED_OVER, SAID[ARRIVED]
        row.save(update_fields=["state", "detail"])
    return row


def send_again(submission: Submission, *, by: User, at: datetime) -> Submission:
    """The clearinghouse never had it: the same bytes under the same name go with the next submission.

    Until then its claims stay as they are, and what comes back about it meanwhile keeps it from going.
    """
    with transaction.atomic(), acting(by, "send file again"):
        row = _unclear(submission, by)
        if row.tried_at is None:
            raise Refused(f"{row.filename} goes again with the next submission already.")
        row.tried_at, row.detail = None, SAID[AGAIN]
        row.save(update_fields=["tried_at", "detail"])
    return row


def _unclear(submission: Submission, by: User) -> Submission:
    if not by.may(Can.WORK_CLAIMS):
        raise Refused(refusal(Can.WORK_CLAIMS), "role")
    row = Submission.objects.select_for_update().get(pk=submission.pk)
    if row.state != Submission.State.AMBIGUOUS:
        state = row.get_state_display()
        raise Refused(f"The hand-over of {row.filename} is not unclear: it is “{state}”. Nothing changed.")
    return row
