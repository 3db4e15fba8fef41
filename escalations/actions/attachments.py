"""Keeping files: uploaded before there is a ticket, added to one, removed, forgotten.

Each write is one transaction with its audit. A row's lock puts those in line who would exceed a limit
together: the ticket's for its files, the person's for files that have no ticket yet.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.audit import acting
from accounts.models import User
from accounts.steps import Refused
from escalations.actions.timeline import tell
from escalations.files import MOST_OF_TICKET, Upload
from escalations.models import Attachment, AttachmentContent, FilingDraft, Ticket
from patients.domain.intake import Wrong

MOST_WITHOUT_TICKET = 100
"""Files one person may have uploaded into forms that were not filed."""
KEPT_FOR = timedelta(days=7)
"""How long a file waits for its ticket, unless the form it is in is kept itself."""


def upload(file: Upload, *, by: User, at: datetime, draft: str = "") -> Attachment:
    """Keep a file that has no ticket yet; ``draft`` names the filing form it was uploaded in.

    The same file once more in the same form is that file, not a second one. Wrong past the limits.
    """
    with transaction.atomic(), acting(by, "upload"):
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        waiting = Attachment.objects.filter(company_id=by.company_id, uploaded_by=by, ticket=None)
        of_form = waiting.filter(draft=draft) if draft else waiting.none()
        if same := of_form.filter(sha256=file.sha256, filename=file.filename).first():
            return same
        if draft and of_form.count() >= MOST_OF_TICKET:
            raise _full("This form", MOST_OF_TICKET)
        if waiting.count() >= MOST_WITHOUT_TICKET:
            raise Wrong(
                "too_many", "You have too many files in tickets that are not filed. File or remove some."
            )
        return _keep(file, by, at, draft=draft)


def attach_to(ticket: Ticket, files: Sequence[Upload], *, by: User, at: datetime) -> list[Attachment]:
    """Add files to a ticket, each with its line on the timeline; all of them, or Wrong past the limit."""
    with transaction.atomic(), acting(by, "attach"):
        Ticket.objects.select_for_update(no_key=True).get(pk=ticket.pk)
        room = MOST_OF_TICKET - Attachment.objects.filter(ticket=ticket).count()
        if len(files) > room:
            raise _full(ticket.number, MOST_OF_TICKET, room)
        added = [_keep(file, by, at, ticket=ticket) for file in files]
        for one in added:
            tell(ticket, "attach", f"{one.filename} attached", "", by, at)
    return added


def remove(attachment: Attachment, *, by: User, at: datetime) -> None:
    """Delete one's own file that has no ticket. Refused for one that a ticket stands on, or another's."""
    with transaction.atomic(), acting(by, "remove file"):
        rows = Attachment.objects.filter(pk=attachment.pk, uploaded_by=by, ticket=None)
        if not _delete(rows):
            raise Refused("This file belongs to a ticket and stays with it.", "state")


def forget_files(*, at: datetime, most: int = 200) -> int:
    """Delete files that waited a week for a ticket, at most so many at one time; give their number."""
    kept = FilingDraft.objects.filter(user=OuterRef("uploaded_by"), key=OuterRef("draft"))
    old = Attachment.objects.filter(ticket=None, uploaded_at__lt=at - KEPT_FOR).exclude(Exists(kept))
    with transaction.atomic(), acting(None, "forget files"):
        return _delete(old.order_by("uploaded_at")[:most])


def _delete(rows: QuerySet[Attachment]) -> int:
    """Delete what still has no ticket when its row is locked; a filing that holds it now keeps it."""
    keys = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
    if keys:
        AttachmentContent.objects.filter(attachment__in=keys).delete()
        Attachment.objects.filter(pk__in=keys).delete()
    return len(keys)


def _keep(
    file: Upload, by: User, at: datetime, *, draft: str = "", ticket: Ticket | None = None
) -> Attachment:
    row = Attachment.objects.create(
        company_id=by.company_id,
        name=secrets.token_urlsafe(16),
        filename=file.filename,
        kind=file.kind,
        size=len(file.data),
        sha256=file.sha256,
        draft=draft,
        ticket=ticket,
        uploaded_by=by,
        uploaded_at=at,
        has_thumbnail=file.thumbnail is not None,
    )
    AttachmentContent.objects.create(
        company_id=by.company_id, attachment=row, data=file.data, thumbnail=file.thumbnail
    )
    return row


def _full(where: str, most: int, room: int = 0) -> Wrong:
    more = f"Send at most {room} more." if room else "Remove one first, or add it to another ticket."
    return Wrong("too_many", f"{where} may have {most} files, and no more. {more}")
