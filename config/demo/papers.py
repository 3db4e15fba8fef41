"""Pictures that callers send: a few lines on white, made when they are needed."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from escalations.files import Upload, read_upload

SIZE = (460, 220)
MARGIN, LINE = 18, 24


def scan(filename: str, lines: Iterable[str]) -> Upload:
    """A PNG with these lines, read and judged as every upload is."""
    page = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(page)
    pen.rectangle((4, 4, SIZE[0] - 5, SIZE[1] - 5), outline="gray")
    for number, line in enumerate(lines):
        pen.text((MARGIN, MARGIN + LINE * number), line, fill="black")
    written = BytesIO()
    page.save(written, "PNG")
    return read_upload(SimpleUploadedFile(filename, written.getvalue()))
