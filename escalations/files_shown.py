"""Files as they are found and shown: by their name, of a ticket, in a field of the filing form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse

from accounts.models import User
from accounts.roles import Can
from escalations.domain.policy import Question
from escalations.domain.turnaround import BusinessCalendar
from escalations.files import MOST_AT_ONCE, MOST_BYTES, MOST_OF_TICKET, megabytes
from escalations.files_kinds import PDF, SUFFIXES, TEXT
from escalations.files_pictures import is_picture
from escalations.models import Attachment, Ticket
from escalations.queries import tickets_of
from escalations.screens import short_words
from patients import reading
from patients.models import Door

ACCEPT = ",".join([*SUFFIXES, *(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)])
"""What a file picker offers by itself; the content decides."""
_NAME = re.compile(r"[A-Za-z0-9_-]{8,32}")
_WORDS = {PDF: "PDF", TEXT: "Text"}


def files_of(user: User) -> QuerySet[Attachment]:
    """The files this person may see: of their company's tickets, and their own that have none yet."""
    return Attachment.objects.visible_to(user).filter(Q(ticket__isnull=False) | Q(uploaded_by=user))


def find_file(user: User, name: str, *, at: datetime) -> Attachment:
    """The file of this name, or 404; that its ticket's patient is read is kept."""
    rows = files_of(user).select_related("ticket__patient")
    found = rows.filter(name=name).first() if _NAME.fullmatch(name) else None
    if found is None:
        raise Http404
    if found.ticket is not None and found.ticket.patient is not None:
        reading.note(user, found.ticket.patient, Door.TICKET, at)
    return found


def find_ticket(user: User, key: str) -> Ticket:
    """The ticket by its number or id, or 404."""
    plain = key.isascii() and key.isprintable() and len(key) <= 24
    by_id = plain and key.isdigit() and len(key) <= 18
    rows = tickets_of(user)
    found = (rows.filter(pk=int(key)) if by_id else rows.filter(number=key)).first() if plain else None
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True)
class FileRow:
    """One file on a page. ``about`` is the question it answers, ``who`` and ``when`` are said on a ticket."""

    name: str
    filename: str
    kind: str
    size: str
    has_thumbnail: bool
    about: str = ""
    who: str = ""
    when: str = ""

    @property
    def icon(self) -> str:
        """What stands where a picture would."""
        return "image" if is_picture(self.kind) else "file-text"

    @property
    def kind_words(self) -> str:
        """The kind in a word."""
        return _WORDS.get(self.kind) or self.kind.removeprefix("image/").upper()

    @property
    def url(self) -> str:
        """Where the file is."""
        return reverse("escalations:file", args=[self.name])

    @property
    def thumbnail_url(self) -> str:
        """Where it is shown small; empty without."""
        return reverse("escalations:file_thumbnail", args=[self.name]) if self.has_thumbnail else ""

    @property
    def remove_url(self) -> str:
        """Where it is removed while it has no ticket."""
        return reverse("escalations:file_remove", args=[self.name])


def row_of_file(file: Attachment, **more: str) -> FileRow:
    """A file as pages show it."""
    return FileRow(file.name, file.filename, file.kind, megabytes(file.size), file.has_thumbnail, **more)


class Limits:
    """What a field for files says of itself."""

    accept = ACCEPT
    most_bytes = MOST_BYTES
    most_at_once = MOST_AT_ONCE
    each = megabytes(MOST_BYTES)
    at_once = megabytes(MOST_AT_ONCE)


@dataclass(frozen=True)
class FileField(Limits):
    """A question of kind ``file`` in the filing form: what is uploaded, and what was not taken."""

    key: str
    label: str = ""
    hint: str = ""
    rows: list[FileRow] = field(default_factory=list)
    wrong: str = ""

    @property
    def said(self) -> str:
        """What a screen reader is told after something came or went."""
        count = len(self.rows)
        return f"{self.wrong} {count or 'No'} file{'' if count == 1 else 's'} attached.".strip()


def file_field(
    user: User, question: Question, names: Sequence[str], *, ticket: Ticket | None = None, wrong: str = ""
) -> FileField:
    """The field of a question with the files of these names, as far as they are there to be used.

    ``ticket`` is the draft that is gone on with, whose files are its own already.
    """
    usable = Q(ticket=None, uploaded_by=user) | (Q(ticket=ticket) if ticket is not None else Q(pk=None))
    known = [name for name in dict.fromkeys(names) if _NAME.fullmatch(name)][: 2 * MOST_OF_TICKET]
    rows = Attachment.objects.visible_to(user).filter(usable, name__in=known) if known else []
    found = {row.name: row_of_file(row) for row in rows}
    shown = [found[name] for name in known if name in found]
    return FileField(question.key, question.label, question.hint, shown, wrong)


class TicketFiles(Limits):
    """The files of a ticket, oldest first, and whether this person may add to them; one query."""

    def __init__(
        self,
        ticket: Ticket,
        user: User,
        calendar: BusinessCalendar,
        now: datetime,
        questions: Iterable[Question] = (),
    ) -> None:
        about = _answered_by(questions, ticket.answers)
        files = Attachment.objects.filter(ticket=ticket).select_related("uploaded_by").order_by("id")
        self.number = ticket.number
        self.rows = [
            row_of_file(
                one,
                about=about.get(one.name, ""),
                who=str(one.uploaded_by),
                when=short_words(one.uploaded_at, calendar, now),
            )
            for one in files
        ]
        self.may_add = user.may(Can.WORK_TICKETS)

    @property
    def room(self) -> int:
        """How many more it may have."""
        return max(0, MOST_OF_TICKET - len(self.rows))


def _answered_by(questions: Iterable[Question], answers: Mapping[str, Any]) -> dict[str, str]:
    """Which question each file answers."""
    asked = [one for one in questions if one.kind == "file"]
    return {name: one.label for one in asked for name in answers.get(one.key) or []}
