"""Asking for a file of everything, fetching it, throwing it away, forgetting it when its time is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from accounts import letters
from accounts.audit import acting
from accounts.emergency import watchers_of
from accounts.models import Company, User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from config.moving.background import UNDER_WAY, forget_pieces
from config.moving.letters import KIND
from tables.models import Export
from work.models import CompanyFile, CompanyFilePart

TABLE = "everything"
NOT_YOURS = "Only whoever asked for a file fetches it. Ask for one yourself, and say why."
_State = CompanyFile.State


def ask(by: User, *, reason: str, at: datetime) -> CompanyFile:
    """Have everything of one's company written into a file; the supervisors and other admins are told.

    Refused while another is under way, and for whoever is no admin (any more).
    """
    with transaction.atomic(), acting(by, "take everything out", reason=reason):
        Company.objects.select_for_update(no_key=True).get(pk=by.company_id)
        if not User.objects.get(pk=by.pk).may(Can.SETTINGS):
            raise Refused(refusal(Can.SETTINGS), "role")
        busy = (
            CompanyFile.objects.filter(company_id=by.company_id, state__in=UNDER_WAY)
            .select_related("by")
            .first()
        )
        if busy is not None:
            who = "You asked" if busy.by_id == by.pk else f"{busy.by} asked"
            raise Refused(f"{who} for a file that is not ready yet. Wait for it; nothing was begun.")
        row = CompanyFile.objects.create(
            company_id=by.company_id,
            way=CompanyFile.Way.OUT,
            state=_State.WAITING,
            reason=reason,
            by=by,
            asked_at=at,
        )
        for watcher in watchers_of(by).exclude(email=""):
            letters.put(by.company_id, KIND, {"file": row.pk, "user": watcher.pk}, at=at)
        return row


def fetch(row: CompanyFile, *, by: User, at: datetime) -> Iterator[bytes]:
    """Note that the file is taken away and give its bytes; Refused for others than who asked, and later."""
    with transaction.atomic(), acting(by, "fetch everything", reason=row.reason):
        kept = CompanyFile.objects.select_for_update().get(pk=row.pk)
        if kept.by_id != by.pk or not by.may(Can.SETTINGS):
            raise Refused(NOT_YOURS, "role")
        if not _is_kept(kept, at):
            raise Refused("The file is not kept any more. Ask for a new one.")
        CompanyFile.objects.filter(pk=kept.pk).update(fetched_at=at)
        Export.objects.create(
            company_id=kept.company_id, by=by, table=TABLE, searched=False, rows=min(kept.rows, 2**31 - 1),
            cut=False, at=at,
        )  # fmt: skip
    return _bytes_of(kept)


def _is_kept(row: CompanyFile, at: datetime) -> bool:
    return row.state == _State.READY and row.kept_until is not None and row.kept_until > at


def _bytes_of(row: CompanyFile) -> Iterator[bytes]:
    keys = list(row.parts.order_by("number").values_list("pk", flat=True))
    for key in keys:
        yield bytes(CompanyFilePart.objects.values_list("data", flat=True).get(pk=key))


def throw_away(row: CompanyFile, *, by: User) -> None:
    """Forget a file before its time; any admin of the company may. Refused when there is none to forget."""
    with transaction.atomic(), acting(by, "throw file of the company away"):
        kept = CompanyFile.objects.select_for_update().get(pk=row.pk)
        if not by.may(Can.SETTINGS):
            raise Refused(refusal(Can.SETTINGS), "role")
        if kept.state not in (_State.READY, *UNDER_WAY):
            raise Refused("There is nothing to throw away: the file is not kept any more.")
        _forget(kept)


def forget_old(*, at: datetime) -> int:
    """Forget the files whose time is over; give how many."""
    rows = list(CompanyFile.objects.filter(state=_State.READY, kept_until__lte=at).order_by("pk"))
    for row in rows:
        with transaction.atomic(), acting(None, "forget file of the company", company=row.company_id):
            _forget(CompanyFile.objects.select_for_update().get(pk=row.pk))
    forget_pieces()
    return len(rows)


def _forget(row: CompanyFile) -> None:
    CompanyFilePart.objects.filter(of=row).delete()
    CompanyFile.objects.filter(pk=row.pk).update(state=_State.OVER)
