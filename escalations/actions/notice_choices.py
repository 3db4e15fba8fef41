"""How a person wants to be told, and a mail address that is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from django.db import transaction
from django.db.models import F

from accounts.audit import acting
from accounts.models import User
from accounts.steps import Refused
from escalations.models import MailRefusal, NoticeChoice
from work.once import insert_once

SHIPPED = 1
"""The version of choices that nobody has made yet."""


@dataclass(frozen=True)
class Choice:
    """What a person chooses: the ways of each kind, quiet hours (wall times, both or neither), the digest."""

    ways: dict[str, list[str]]
    quiet_from: time | None
    quiet_until: time | None
    digest: bool


def choose(choice: Choice, *, version: int, by: User, at: datetime) -> None:
    """Keep what somebody chose for themselves.

    ``version`` is that of the choices they saw. Raises Refused (stale) when they were changed since, in
    another tab or place.
    """
    said = {
        "ways": choice.ways,
        "quiet_from": choice.quiet_from,
        "quiet_until": choice.quiet_until,
        "digest": choice.digest,
    }
    with transaction.atomic(), acting(by, "choose"):
        rows = NoticeChoice.objects.filter(user=by, version=version)
        if rows.update(**said, version=F("version") + 1):
            return
        first = NoticeChoice(company_id=by.company_id, user=by, version=SHIPPED + 1, **said)
        if version != SHIPPED or not insert_once([first]):
            raise Refused("These choices were changed meanwhile, in another tab or place.", "stale")


def note_refusal(user: User, address: str, code: int, *, at: datetime) -> None:
    """The mail server refuses this address for good: nothing more is mailed to it; the person reads so."""
    said = {"company_id": user.company_id, "address": address, "code": code, "at": at}
    MailRefusal.objects.update_or_create(user=user, defaults=said)


def try_again(user: User) -> bool:
    """Mail to the person's address again from now on; False when it was not refused."""
    return bool(MailRefusal.objects.filter(user=user).delete()[0])
