"""A file on its way back: always to be saved, never to be run or shown as a page of ours."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from django.http import HttpResponse

from escalations.files_kinds import SUFFIXES, TEXT
from escalations.models import Attachment, AttachmentContent


def whole(file: Attachment) -> HttpResponse:
    """The bytes as they came, under the media type that was found in them.

    A kind that is not among those that are kept, which only a row written past the rules has, is nothing a
    browser would open.
    """
    data = AttachmentContent.objects.values_list("data", flat=True).get(attachment=file)
    kind = file.kind if file.kind in SUFFIXES else "application/octet-stream"
    answer = _closed(bytes(data), f"{TEXT}; charset=utf-8" if kind == TEXT else kind)
    answer["Content-Disposition"] = disposition(file.filename)
    return answer


def thumbnail(file: Attachment) -> HttpResponse | None:
    """The small picture, made by us, to be shown in place; ``None`` without one."""
    rows = AttachmentContent.objects.values_list("thumbnail", flat=True)
    small = rows.get(attachment=file) if file.has_thumbnail else None
    if small is None:
        return None
    answer = _closed(bytes(small), "image/webp")
    answer["Content-Disposition"] = "inline"
    return answer


def disposition(filename: str) -> str:
    """The name in plain letters for everybody, and as it is (RFC 6266) for whoever understands that."""
    plain = unicodedata.normalize("NFKD", filename).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", plain).strip(". ") or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def _closed(data: bytes, media_type: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=media_type)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["Cache-Control"] = "private, no-store"
    return answer
