"""Files to upload: one of each kind that is kept, and those that are not what they say."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

SIDES = (40, 20)


def picture(kind: str, size: tuple[int, int] = SIDES, **options: Any) -> bytes:
    """A picture that is red on its left and blue on its right."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    written = BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def turned() -> bytes:
    """A photograph by a camera that was held upright: its facts say how to turn it, and where it was taken."""
    facts = Image.Exif()
    facts[0x0112] = 6
    facts[0x010F] = "Camera of Casimir Nowak"
    return picture("JPEG", exif=facts)


def noise(size: tuple[int, int]) -> bytes:
    """A PNG that does not shrink."""
    written = BytesIO()
    Image.effect_noise(size, 100).save(written, "PNG")
    return written.getvalue()


def bomb(side: int) -> bytes:
    """A small PNG that says it is ``side`` by ``side`` pixels."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(200_000), 9)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(name, data) for name, data in ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def animation(frames: int, side: int = 4) -> bytes:
    """A GIF of so many frames, each different."""
    images = [Image.new("L", (side, side), number % 251) for number in range(frames)]
    written = BytesIO()
    images[0].save(written, "GIF", save_all=True, append_images=images[1:], duration=20)
    return written.getvalue()


def fax(pages: int) -> bytes:
    """A TIFF of so many pages in black and white."""
    images = [Image.new("1", (1728, 220), 1) for _ in range(pages)]
    written = BytesIO()
    images[0].save(written, "TIFF", save_all=True, append_images=images[1:], compression="group4")
    return written.getvalue()


def pdf(inside: bytes = b"") -> bytes:
    """A PDF of one empty page."""
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        + inside
        + (
            b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
            b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>endobj\n"
            b"trailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
        )
    )


def packed(*names: str) -> bytes:
    """A ZIP with files of these names, as a Word document is one."""
    written = BytesIO()
    with ZipFile(written, "w") as box:
        for name in names:
            box.writestr(name, "x")
    return written.getvalue()


GOOD: dict[str, tuple[str, bytes]] = {
    "image/png": ("proof.png", picture("PNG")),
    "image/jpeg": ("proof.jpg", picture("JPEG")),
    "image/gif": ("proof.gif", picture("GIF")),
    "image/webp": ("proof.webp", picture("WEBP")),
    "image/tiff": ("proof.tif", picture("TIFF")),
    "application/pdf": ("proof.pdf", pdf()),
    "text/plain": ("proof.txt", "Paid on 3 March, 20 €\r\n".encode()),
}
"""A file of each kind that is kept."""

SCRIPT = b"<script>alert(1)</script>"
REFUSED: dict[str, tuple[str, bytes, str]] = {
    "a program": ("proof.png", b"MZ\x90\x00" + bytes(60), "a program"),
    "a Word document": ("proof.png", packed("[Content_Types].xml", "word/document.xml"), "Word, Excel"),
    "an old Word document": ("proof.pdf", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(60), "old Office"),
    "rich text": ("proof.txt", b"{\\rtf1 Paid}", "Word document"),
    "a ZIP": ("proof.pdf", packed("proof.pdf"), "packed"),
    "a web page": ("proof.png", b"\n <!doctype html><title>x</title>" + SCRIPT, "web page"),
    "a web page called text": ("proof.txt", b"\xef\xbb\xbf<html>" + SCRIPT, "web page"),
    "a drawing with a script": (
        "proof.png",
        b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>",
        "web page or a drawing",
    ),
    "a telephone's picture": ("proof.jpg", b"\x00\x00\x00\x18ftypheic" + bytes(40), "HEIC"),
    "text called a picture": ("proof.png", b"alert(1)", "not what it says"),
    "text in no UTF-8": ("proof.txt", b"\xff\xfeP\x00a\x00i\x00d\x00", "cannot be kept"),
    "text in Latin-1": ("proof.txt", "für".encode("latin-1"), "cannot be kept"),
    "bytes": ("proof", bytes(range(256)), "cannot be kept"),
    "nothing": ("proof.png", b"", "empty"),
    "a PDF cut off": ("proof.pdf", pdf()[:-40], "breaks off"),
    "a PDF with a script": ("proof.pdf", pdf(b"<</S /JavaScript/JS(app.alert(1))>>"), "script"),
    "a bomb": ("proof.png", bomb(50_000), "million pixels"),
    "a picture a little too large": ("proof.png", bomb(7_200), "million pixels"),
    "an animation without end": ("proof.gif", animation(260), "too many pages"),
    "a GIF of HTML": ("proof.gif", b"GIF89a" + SCRIPT * 3, "damaged"),
    "only a picture's beginning": ("proof.png", b"\x89PNG\r\n\x1a\n", "damaged"),
    **{
        f"half a {kind}": (f"proof.{kind.lower()}", whole[: len(whole) // 2], "damaged")
        for kind in ("PNG", "JPEG", "GIF", "WEBP", "TIFF")
        for whole in [picture(kind, (400, 300))]
    },
}
"""Files that are refused, each with a word of the sentence that says so."""

NAMES: dict[str, tuple[str, str]] = {
    "a path": ("../../etc/passwd.png", "passwd.png"),
    "a path of Windows": ("C:\\fakepath\\scan.png", "scan.png"),
    "dots": ("..", "file.png"),
    "only a path": ("a/b/", "file.png"),
    "nothing": ("", "file.png"),
    "quotes": ("so\"called' proof.png", "so_called' proof.png"),
    "a NUL": ("pro\x00of.png", "proof.png"),
    "line breaks": ("a.png\r\nSet-Cookie: x=1", "a.pngSet-Cookie_ x=1.png"),
    "a turned direction": ("proof\u202egnp.exe", "proofgnp.exe.png"),
    "no letters one sees": ("\u200b\ufeff\u2066.png", "png.png"),
    "half a letter": ("a\ud800b.png", "ab.png"),
    "another ending": ("run.bat", "run.bat.png"),
    "another picture's ending": ("scan.JPG", "scan.JPG.png"),
    "capitals": ("SCAN.PNG", "SCAN.PNG"),
    "500 letters": ("x" * 500 + ".png", "x" * 116 + ".png"),
    "other scripts": ("квитанция 受領証.png", "квитанция 受領証.png"),
    "spaces": ("  my \t proof . .png", "my proof.png"),
}
"""What a PNG is called by whoever sends it, and what it is kept as."""


def sent(name: str, data: bytes, kind: str = "application/octet-stream") -> SimpleUploadedFile:
    """The file as a browser sends it, under a media type that is not believed."""
    return SimpleUploadedFile(name, data, content_type=kind)
