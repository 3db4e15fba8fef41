"""What a file is, told by its content alone; its name and what the browser calls it are not believed."""

from __future__ import annotations

import codecs
import re
import unicodedata
from pathlib import PurePosixPath

from patients.domain.intake import Wrong

PDF, TEXT = "application/pdf", "text/plain"
SUFFIXES: dict[str, tuple[str, ...]] = {
    PDF: (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "image/tiff": (".tif", ".tiff"),
    TEXT: (".txt", ".text", ".log"),
}
"""The kinds that are kept, each with the endings its name may have; the first is given to one without."""
ALLOWED = "Send a PDF, a picture (PNG, JPEG, GIF, WebP or TIFF) or plain text."
_PICTURES: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("image/jpeg", re.compile(rb"\xff\xd8\xff")),
    ("image/gif", re.compile(rb"GIF8[79]a")),
    ("image/webp", re.compile(rb"RIFF.{4}WEBP", re.DOTALL)),
    ("image/tiff", re.compile(rb"II[*+]\x00|MM\x00[*+]")),
)
_AS_A_PDF = "Save or print it as a PDF and send that."
_OFFICE = re.compile(rb"(?:word|xl|ppt)/")
_KNOWN: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\xd0\xcf\x11\xe0"), f"This file is an old Office document or a mail. {_AS_A_PDF}"),
    (re.compile(rb"\{\\rtf"), f"This file is a Word document. {_AS_A_PDF}"),
    (
        re.compile(rb".{4}ftyp(?:heic|heix|hevc|mif1|msf1|avif)", re.DOTALL),
        "This picture is one that not every computer can show (HEIC). Send it as a JPEG, or a screenshot.",
    ),
    (
        re.compile(rb"MZ|\x7fELF|\xfe\xed\xfa|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe"),
        f"This file is a program. {ALLOWED}",
    ),
    (
        re.compile(rb"(?:\xef\xbb\xbf)?\s*<[!?A-Za-z]"),
        f"This file is a web page or a drawing (HTML, SVG, XML). {_AS_A_PDF}",
    ),
)
_UNPRINTABLE = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_TAIL = 2_048
"""Bytes at the end of a PDF in which its trailer stands; mail programs add empty lines after it."""
_SCRIPT = re.compile(rb"/S\s*/JavaScript\b")
LONGEST_NAME = 120
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Letters no name needs: controls, those that turn the direction of writing, halves, unassigned."""
_NOT_IN_NAMES = re.compile(r'[<>:"|?*\\/]')


def kind_of(data: bytes) -> str:
    """The media type of a file that may be kept; Wrong says what else it is and what may be sent.

    A picture's kind is what it claims by its first bytes; whether it can be shown, its decoder says.
    """
    if not data:
        raise Wrong("empty", f"This file is empty. Choose it again. {ALLOWED}")
    for kind, start in _PICTURES:
        if start.match(data):
            return kind
    if data.startswith(b"%PDF-"):
        return _whole_pdf(data)
    for start, sentence in _KNOWN:
        if start.match(data):
            raise Wrong("kind", sentence)
    if data.startswith(b"PK"):
        raise Wrong("kind", _packed(data))
    if not _is_text(data):
        raise Wrong("kind", f"This file is of a kind that cannot be kept. {ALLOWED}")
    return TEXT


def _whole_pdf(data: bytes) -> str:
    """A PDF has a trailer, and no script: whoever opens it sees what it shows and nothing runs.

    One that needs a password cannot be told cheaply from the many bank statements that only forbid printing,
    so it is kept.
    """
    if b"%%EOF" not in data[-_TAIL:] or b"startxref" not in data[-_TAIL:]:
        raise Wrong("damaged", "This PDF breaks off before its end. Save it once more and send it again.")
    if _SCRIPT.search(data):
        raise Wrong("script", "This PDF has a script in it. Print it as a PDF and send that.")
    return PDF


def _packed(data: bytes) -> str:
    if _OFFICE.search(data):
        return f"This file is a Word, Excel or PowerPoint document. {_AS_A_PDF}"
    return f"This file is packed (a ZIP). Unpack it first. {ALLOWED}"


def _is_text(data: bytes) -> bool:
    """Whether it is UTF-8 without control characters, read in pieces so that no second copy is made."""
    if _UNPRINTABLE.search(data):
        return False
    decoder = codecs.getincrementaldecoder("utf-8")()
    step = 1 << 20
    try:
        for start in range(0, len(data), step):
            decoder.decode(data[start : start + step], final=start + step >= len(data))
    except UnicodeDecodeError:
        return False
    return True


def name_for(said: str, kind: str) -> str:
    """The name a file is kept under: no path, nothing unprintable, and the ending of what it is.

    Wrong for text that calls itself a picture or a PDF: whoever sent it meant another file.
    """
    plain = unicodedata.normalize("NFC", re.split(r"[/\\]", said)[-1])
    letters = (letter for letter in plain if unicodedata.category(letter) not in _DROPPED)
    clean = " ".join(_NOT_IN_NAMES.sub("_", "".join(letters)).split()).strip(". ")
    suffix = PurePosixPath(clean).suffix.lower()
    if kind == TEXT and suffix in _claims():
        raise Wrong(
            "kind", f"This file is not what it says: it is text, not what its name ends in. {ALLOWED}"
        )
    return _ended(clean, suffix, kind)


def _ended(name: str, suffix: str, kind: str) -> str:
    """With an ending that fits, for the next computer goes by it: ``run.bat`` becomes ``run.bat.txt``."""
    fits = suffix in SUFFIXES[kind]
    stem, end = (name[: -len(suffix)], name[-len(suffix) :]) if fits else (name, SUFFIXES[kind][0])
    return f"{stem[: LONGEST_NAME - len(end)].rstrip('. ') or 'file'}{end}"


def _claims() -> set[str]:
    return {suffix for kind, suffixes in SUFFIXES.items() if kind != TEXT for suffix in suffixes}
