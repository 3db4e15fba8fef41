"""What the live-transfer panel shows: a queue to ring, the clock while it rings, how it ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import Q

from accounts.models import User
from escalations.actions.transfers import queues_of
from escalations.domain.policy import Item
from escalations.domain.waiting import ENOUGH, KEEP_WAITING, PASSED, clock_words, waiting_words
from escalations.models import LiveTransfer
from escalations.patient_banners import TOLD_FOR, day_and_time
from patients.models import Patient

OF_THIS_CALL = timedelta(hours=1)
"""A transfer that ended longer ago, or rang longer, is no part of the call at hand."""


class Shown:
    """One transfer in words; ``seconds`` is how long it rang, until ``now`` while it rings."""

    def __init__(self, transfer: LiveTransfer, now: datetime) -> None:
        self.transfer, self.now = transfer, now

    @property
    def seconds(self) -> int:
        """How long it rang."""
        length = (self.transfer.ended_at or self.now) - self.transfer.started_at
        return max(int(length.total_seconds()), 0)

    @property
    def clock(self) -> str:
        """How long it rang, as a clock shows it."""
        return clock_words(self.seconds)

    @property
    def waiting(self) -> str:
        """Whether to keep waiting."""
        return waiting_words(self.seconds)

    @property
    def filled(self) -> int:
        """How much of the two minutes has passed, in seconds."""
        return min(self.seconds, ENOUGH)

    @property
    def when(self) -> str:
        """ "today 12:03"."""
        return day_and_time(self.transfer.started_at.astimezone(self.transfer.company.zone), self.now)

    @property
    def started_iso(self) -> str:
        """When it began, as the filing form takes it over."""
        return self.transfer.started_at.astimezone(self.transfer.company.zone).isoformat(timespec="seconds")


class TransferPanel:
    """The panel of one patient for one person, in one query beside the policy's.

    ``refused`` says why something was not done; ``acted`` that the panel answers an act and takes the focus.
    """

    enough, keep, passed = ENOUGH, KEEP_WAITING, PASSED

    def __init__(
        self, patient: Patient, user: User, *, now: datetime, refused: str = "", acted: bool = False
    ) -> None:
        self.patient, self.user, self.now = patient, user, now
        self.refused, self.acted = refused, acted

    @cached_property
    def queues(self) -> tuple[Item, ...]:
        """The queues a call may be handed over to."""
        return queues_of(self.user, at=self.now)

    @cached_property
    def _rows(self) -> list[LiveTransfer]:
        """The last day's transfers of the patient, and the one this person rings, the newest first."""
        lately = Q(patient=self.patient, started_at__gt=self.now - TOLD_FOR)
        mine = Q(by=self.user, ended_at=None)
        rows = LiveTransfer.objects.visible_to(self.user).filter(lately | mine)
        return list(rows.select_related("by", "company").order_by("-started_at", "-id")[:50])

    @property
    def ringing(self) -> Shown | None:
        """The transfer of this person for this patient that rings now."""
        found = (one for one in self._rows if self._is_mine(one) and one.ended_at is None)
        return next((Shown(one, self.now) for one in found if one.patient_id == self.patient.pk), None)

    @property
    def elsewhere(self) -> Shown | None:
        """A transfer of this person that rings for another patient."""
        found = (one for one in self._rows if one.patient_id != self.patient.pk)
        return next((Shown(one, self.now) for one in found), None)

    @property
    def ended(self) -> Shown | None:
        """How this person's last transfer for this patient ended, while it belongs to the call at hand."""
        if self.ringing:
            return None
        mine = (one for one in self._rows if self._is_mine(one) and one.patient_id == self.patient.pk)
        last = next(mine, None)
        if last is None or last.ended_at is None or self.now - last.ended_at > OF_THIS_CALL:
            return None
        return Shown(last, self.now) if last.ended_at - last.started_at <= OF_THIS_CALL else None

    @property
    def unanswered(self) -> list[Shown]:
        """The last day's transfers of the patient that nobody answered, whoever began them."""
        theirs = (one for one in self._rows if one.patient_id == self.patient.pk)
        return [Shown(one, self.now) for one in theirs if one.answered is False]

    def _is_mine(self, one: LiveTransfer) -> bool:
        return one.by_id == self.user.pk
