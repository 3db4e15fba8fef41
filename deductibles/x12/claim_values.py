"""From what people type to what an X12 element may hold, and the shapes of the codes in it."""

import re
import unicodedata
from datetime import date
from decimal import Decimal

ELEMENT, COMPONENT, REPETITION, TERMINATOR = "*", ":", "^", "~"

_DELIMITERS = dict.fromkeys(map(ord, ELEMENT + COMPONENT + REPETITION + TERMINATOR), " ")
# Letters and signs that Unicode does not decompose into a plain one.
_SPELLED = str.maketrans(
    {
        "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O",
        "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L", "ı": "i",
        "‘": "'", "’": "'", "ʼ": "'", "ʻ": "'", "`": "'", "´": "'", "“": '"', "”": '"',
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "⁄": "/",
    }
)  # fmt: skip
_UNWRITABLE = re.compile(r"[^A-Za-z0-9 !\"&'()+,\-./;?=%@\[\]_{}\\|<>#$]")

_NPI = re.compile(r"[12][0-9]{9}")
_DIAGNOSIS = re.compile(r"[A-Z][0-9][0-9AB](\.?[0-9A-Z]{1,4})?")
_PROCEDURE = re.compile(r"[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}")
_MODIFIER = re.compile(r"[0-9A-Z]{2}")
_TAXONOMY = re.compile(r"[0-9A-Z]{9}X")
_CLAIM_NUMBER = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")
_POST_OFFICE_BOX = re.compile(r"\b(p\.?\s*o\.?\s*box|post\s+office\s+box|lock\s*box)\b", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[\s().\-/+]")


def clean_text(text: str | None) -> str:
    """Free text as a claim carries it: accents dropped, the X12 delimiters and line breaks made spaces.

    `Zoë Núñez` becomes `Zoe Nunez`, `Ward 4:B` becomes `Ward 4 B`. What has no plain spelling is left
    in place for `unwritable` to find.
    """
    spelled = (text or "").translate(_SPELLED)
    if not spelled.isascii():
        letters = unicodedata.normalize("NFKD", spelled).translate(_SPELLED)
        spelled = "".join(sign for sign in letters if unicodedata.category(sign) not in ("Mn", "Cf"))
    return " ".join(spelled.translate(_DELIMITERS).split())


def clean_identifier(text: str | None) -> str:
    """An identifier without the spaces cards print in it; never respelled, so a delimiter is refused."""
    return "".join((text or "").split())


def clean_code(text: str | None) -> str:
    """A code of a public list in the spelling of the list: upper case, no spaces."""
    return clean_identifier(text).upper()


def clean_digits(text: str | None) -> str:
    """A number people punctuate (ZIP, phone, tax id) without its punctuation."""
    return _PUNCTUATION.sub("", text or "")


def clean_phone(text: str | None) -> str:
    """A phone number as ten digits, without the country code 1."""
    digits = clean_digits(text)
    return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits


def clean_diagnosis(text: str | None) -> str:
    """An ICD-10-CM code as HI carries it: upper case and without its point."""
    return clean_code(text).replace(".", "")


def unwritable(text: str) -> str:
    """The characters of `text` outside the X12 extended set or used as delimiters, each once, in order."""
    return "".join(dict.fromkeys(_UNWRITABLE.findall(text)))


def number_text(value: Decimal) -> str:
    """A decimal as element type R wants it: no exponent and no trailing zeros, `850.50` as `850.5`."""
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def date_text(day: date) -> str:
    """A date as CCYYMMDD."""
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"


def fits(value: object, *, places: int, below: int) -> bool:
    """Whether `value` is a finite Decimal, 0 or more, less than `below`, of at most `places` decimals."""
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value < below:
        return False
    return value == round(value, places)


def is_npi(text: str) -> bool:
    """Whether `text` is a national provider identifier: ten digits whose last is the Luhn check digit.

    The check is computed, as the standard says, with the prefix 80840 of United States health cards.
    """
    if not _NPI.fullmatch(text):
        return False
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed("80840" + text))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def is_digits(text: str, *lengths: int) -> bool:
    """Whether `text` is only the digits 0 to 9, and as many as one of `lengths`."""
    return text.isascii() and text.isdigit() and len(text) in lengths


def is_diagnosis(text: str) -> bool:
    """Whether `text` has the shape of an ICD-10-CM code, with or without its point."""
    return _DIAGNOSIS.fullmatch(text) is not None


def is_procedure(text: str) -> bool:
    """Whether `text` has the shape of a CPT code (`99284`, `0042T`) or a HCPCS code (`A0427`)."""
    return _PROCEDURE.fullmatch(text) is not None


def is_modifier(text: str) -> bool:
    """Whether `text` has the shape of a procedure modifier, such as the `RH` of an ambulance trip."""
    return _MODIFIER.fullmatch(text) is not None


def is_taxonomy(text: str) -> bool:
    """Whether `text` has the shape of a provider taxonomy code, `341600000X`."""
    return _TAXONOMY.fullmatch(text) is not None


def is_claim_number(text: str) -> bool:
    """Whether `text` may be a claim number: letters, digits and inner hyphens.

    A point is left out because `control_number` puts one before the sequence.
    """
    return _CLAIM_NUMBER.fullmatch(text) is not None


def is_post_office_box(text: str) -> bool:
    """Whether an address line is a post office or lock box, which loop 2010AA may not hold."""
    return _POST_OFFICE_BOX.search(text) is not None
