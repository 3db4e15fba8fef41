"""Reading a file somebody uploads: how large it may be, what it is, what it is called.

Nothing is written here; :mod:`escalations.actions.attachments` keeps what this found good.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from escalations.domain.answers import MOST_FILES
from escalations.files_kinds import kind_of, name_for
from escalations.files_pictures import is_picture, look_at
from patients.domain.intake import Wrong

MOST_OF_TICKET = MOST_FILES
"""Files of one ticket, and of one form."""
MOST_BYTES: int = settings.ATTACHMENT_MOST_BYTES
MOST_AT_ONCE: int = settings.ATTACHMENTS_MOST_AT_ONCE
_View = TypeVar("_View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Upload:
    """A file that may be kept: ``kind`` is the media type found in it, ``thumbnail`` a small WebP."""

    filename: str
    kind: str
    data: bytes
    sha256: str
    thumbnail: bytes | None = None


def read_upload(sent: UploadedFile[Any]) -> Upload:
    """Read and judge one file; Wrong says in words why it cannot be kept and what to send instead.

    Django keeps a large one on disk, so its size is known before it is read.
    """
    if (sent.size or 0) > MOST_BYTES:
        raise Wrong("too_large", f"This file is larger than {megabytes(MOST_BYTES)}. Send a smaller one.")
    data = sent.read(MOST_BYTES + 1)
    kind = kind_of(data)
    filename = name_for(str(sent.name or ""), kind)
    thumbnail = look_at(data, kind) if is_picture(kind) else None
    return Upload(filename, kind, data, hashlib.sha256(data).hexdigest(), thumbnail)


def takes_files(view: _View) -> _View:
    """Let a view's request be as large as a few files; all others stay at what a form may be.

    ``config.front.bodies`` reads the mark before anything of the body is.
    """
    view.most_of_body = MOST_AT_ONCE + settings.DATA_UPLOAD_MAX_MEMORY_SIZE  # type: ignore[attr-defined]
    return view


def megabytes(size: int) -> str:
    """A size for people: "820 bytes", "64 KB", "2.4 MB"."""
    if size < 1_000:
        return f"{size} byte{'' if size == 1 else 's'}"
    if size < 1_000_000:
        return f"{size // 1_000} KB"
    return f"{size / 1_000_000:.1f}".removesuffix(".0") + " MB"
