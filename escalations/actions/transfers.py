"""Live transfers: handing a caller over while they are on the line (R-PTP-1, R-EXEC-2, R-SOS-2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.audit import acting
from accounts.models import User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from escalations.actions.steps import Invalid
from escalations.domain.policy import Item
from escalations.models import LiveTransfer
from escalations.policies import policy_in_force, policy_of
from patients.domain.intake import Wrong
from patients.models import Patient

QUEUES = "transfer_queues"
"""The admin's list of queues a call may be handed over to."""
_PRESSED_TWICE = timedelta(seconds=5)


def queues_of(user: User, *, at: datetime) -> tuple[Item, ...]:
    """The queues a call may be handed over to, in the admin's order."""
    found = policy_of(policy_in_force(user.company, at=at)).lists.get(QUEUES)
    return found.items if found else ()


def start_transfer(patient: Patient, queue: str, *, by: User, at: datetime) -> LiveTransfer:
    """Begin to ring a queue for a caller.

    A person hands over one call at a time: a transfer of theirs that still rings has ended unanswered. The
    same button pressed twice begins once. Invalid for a queue that is not on the admin's list, Refused for
    who does not work on tickets.
    """
    _check_role(by)
    chosen = next((one for one in queues_of(by, at=at) if one.key == queue), None)
    if chosen is None:
        raise Invalid({"queue": Wrong("choice", "Choose one of the queues on the list.")})
    with transaction.atomic(), acting(by, "start transfer"):
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        ringing = ringing_of(by)
        if ringing is not None and _is_the_same(ringing, patient, queue, at):
            return ringing
        if ringing is not None:
            _end(ringing, answered=False, at=at)
        return LiveTransfer.objects.create(
            company_id=patient.company_id,
            patient=patient,
            queue=chosen.key,
            queue_name=chosen.label[:80],
            started_at=at,
            by=by,
        )


def end_transfer(transfer: LiveTransfer, answered: bool, *, by: User, at: datetime) -> LiveTransfer:
    """Say how a transfer ended: once, and only by who began it; Refused otherwise, in words."""
    _check_role(by)
    if transfer.by_id != by.pk:
        raise Refused(f"{transfer.by} rang here. Only who begins a transfer says how it ended.", "role")
    with transaction.atomic(), acting(by, "end transfer"):
        newest = LiveTransfer.objects.select_for_update().get(pk=transfer.pk)
        if newest.ended_at is not None:
            how = "somebody answered" if newest.answered else "nobody answered"
            raise Refused(f"This transfer has ended already: {how}. That stays as it is.", "stale")
        return _end(newest, answered=answered, at=at)


def ringing_of(user: User) -> LiveTransfer | None:
    """The transfer of this person that rings now."""
    rows = LiveTransfer.objects.visible_to(user).select_related("patient")
    return rows.filter(by=user, ended_at=None).first()


def _is_the_same(ringing: LiveTransfer, patient: Patient, queue: str, at: datetime) -> bool:
    same = ringing.patient_id == patient.pk and ringing.queue == queue
    return same and at - ringing.started_at < _PRESSED_TWICE


def _end(transfer: LiveTransfer, *, answered: bool, at: datetime) -> LiveTransfer:
    transfer.ended_at, transfer.answered = max(at, transfer.started_at), answered
    transfer.save(update_fields=["ended_at", "answered"])
    return transfer


def _check_role(by: User) -> None:
    if not by.may(Can.WORK_TICKETS):
        raise Refused(refusal(Can.WORK_TICKETS), "role")
