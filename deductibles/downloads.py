"""Texts that are kept as files: an 837P, what came back."""

from __future__ import annotations

from django.http import HttpResponse


def attachment(content: str, filename: str) -> HttpResponse:
    """A text to keep as a file, never shown as a page."""
    answer = HttpResponse(content, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer
