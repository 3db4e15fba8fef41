"""Pictures are decoded to their last line before they are kept, and shown small beside their name."""

from __future__ import annotations

import warnings
from io import BytesIO
from threading import Lock

from PIL import Image, ImageSequence

from escalations.files_kinds import ALLOWED
from patients.domain.intake import Wrong

MOST_PIXELS = 50_000_000
"""Of one picture or page: a letter scanned at 600 dpi has 34 million."""
MOST_PIXELS_TOGETHER = 250_000_000
"""Of all pages of a fax, or all frames of an animation."""
MOST_PAGES = 200
EDGE = 256
"""The longer edge of the small picture, in pixels."""

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)  # judged below, in words
_FORMATS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/tiff": "TIFF",
}
_TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112
_one_at_a_time = Lock()
"""Decoding takes a hundred times the file's memory: one picture after the other in each process."""


def is_picture(kind: str) -> bool:
    """Whether files of this kind are decoded and shown small."""
    return kind in _FORMATS


def look_at(data: bytes, kind: str) -> bytes | None:
    """Decode every page and give the first one small, as WebP without what the camera wrote into it.

    ``None`` when it can be decoded and not be shown. Raises Wrong for one that is damaged, cut off, or so
    large that it would fill the memory.
    """
    with _one_at_a_time:
        try:
            _verify(data, kind)
            return _decode(data, kind)
        except Wrong:
            raise
        except Image.DecompressionBombError:
            raise _too_many_pixels() from None
        except Exception:  # decoders raise anything at all on bytes that are not what they say
            raise Wrong("damaged", f"This picture is damaged, or not what it says. {ALLOWED}") from None


def _open(data: bytes, kind: str) -> Image.Image:
    image = Image.open(BytesIO(data), formats=[_FORMATS[kind]])
    _check(image)
    return image


def _check(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise _too_many_pixels()


def _verify(data: bytes, kind: str) -> None:
    """Check sums and the end, where a format has them; a picture cannot be decoded after this."""
    with _open(data, kind) as image:
        image.verify()


def _decode(data: bytes, kind: str) -> bytes | None:
    together, small = 0, None
    with _open(data, kind) as image:
        for number, page in enumerate(ImageSequence.Iterator(image)):
            _check(page)
            together += page.width * page.height
            if number == MOST_PAGES or together > MOST_PIXELS_TOGETHER:
                raise Wrong("pages", "This picture has too many pages or frames. Send it as a PDF.")
            page.load()
            if number == 0:
                small = _small(page)
    return small


def _small(page: Image.Image) -> bytes | None:
    try:
        share = min(1, EDGE / page.width, EDGE / page.height)
        size = max(1, round(page.width * share)), max(1, round(page.height * share))
        mode = "RGBA" if page.has_transparency_data else "RGB"
        plain = page if page.mode == mode else page.convert(mode)
        small = _upright(plain.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0), page)
        written = BytesIO()
        small.save(written, "WEBP", quality=80, exif=b"", icc_profile=b"", xmp=b"")
    except (ValueError, OSError):  # a mode that cannot be turned into colours
        return None
    return written.getvalue()


def _upright(small: Image.Image, page: Image.Image) -> Image.Image:
    """Turned as the camera was held, which only the facts that are left out would say."""
    try:
        turn = _TURNED.get(page.getexif().get(_ORIENTATION, 1))
    except Exception:  # facts of the camera that cannot be read turn nothing
        return small
    return small.transpose(turn) if turn is not None else small


def _too_many_pixels() -> Wrong:
    most = MOST_PIXELS // 1_000_000
    return Wrong("pixels", f"This picture has more than {most} million pixels. Send it smaller, or as a PDF.")
