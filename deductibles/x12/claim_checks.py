"""The checks that many fields of a claim share; each yields the problems of one field."""

from collections.abc import Collection, Iterator
from datetime import date

from deductibles.x12 import claim_codes as codes
from deductibles.x12 import claim_values as values
from deductibles.x12.claim_parts import Address, Problem

_EARLIEST_YEAR = 1900


def problem(field: str, code: str, message: str) -> Problem:
    """A problem whose message begins like a sentence."""
    return Problem(field, code, message[:1].upper() + message[1:])


def text_problems(
    field: str, label: str, text: str | None, *, longest: int, shortest: int = 1, required: bool = True
) -> Iterator[Problem]:
    """What is wrong with free text that is cleaned before it is written (`claim_values.clean_text`)."""
    cleaned = values.clean_text(text)
    strange = values.unwritable(cleaned)
    if strange:
        yield _strange(field, label, strange)
    elif len(cleaned) > longest:
        yield _too_long(field, label, longest, len(cleaned))
    elif cleaned and (len(cleaned) < shortest or not any(map(str.isalnum, cleaned))):
        yield problem(field, "too_short", f"Write out {label}: {cleaned!r} is too little.")
    elif required and not cleaned:
        yield problem(field, "missing", f"Enter {label}.")


def identifier_problems(
    field: str, label: str, text: str | None, *, longest: int, shortest: int = 1
) -> Iterator[Problem]:
    """What is wrong with an identifier, which is written as it is and never respelled."""
    cleaned = values.clean_identifier(text)
    strange = values.unwritable(cleaned)
    if not cleaned:
        yield problem(field, "missing", f"Enter {label}.")
    elif strange:
        yield _strange(field, label, strange)
    elif len(cleaned) > longest:
        yield _too_long(field, label, longest, len(cleaned))
    elif len(cleaned) < shortest:
        yield problem(field, "too_short", f"Write out {label}: it has at least {shortest} characters.")


def choice_problems(field: str, label: str, value: str, allowed: Collection[str]) -> Iterator[Problem]:
    """A problem unless `value` is one of `allowed`; `label` names the choices."""
    if value not in allowed:
        yield problem(field, "choice", f"Choose {label}.")


def date_problems(field: str, label: str, day: date | None) -> Iterator[Problem]:
    """A problem when the date is absent or before 1900, which is a slip of the keyboard."""
    if day is None:
        yield problem(field, "missing", f"Enter {label}.")
    elif day.year < _EARLIEST_YEAR:
        yield problem(field, "range", f"Check {label}: the year {day.year} is before {_EARLIEST_YEAR}.")


def address_problems(
    field: str, whose: str, address: Address | None, *, zip_lengths: tuple[int, ...] = (5, 9)
) -> Iterator[Problem]:
    """What is wrong with an address that the claim must hold; `zip_lengths` are the digits a ZIP may have."""
    if address is None:
        yield problem(field, "missing", f"Enter {whose}'s address.")
        return
    yield from text_problems(f"{field}.line1", f"{whose}'s street address", address.line1, longest=55)
    yield from text_problems(
        f"{field}.line2", f"{whose}'s second address line", address.line2, longest=55, required=False
    )
    yield from text_problems(f"{field}.city", f"{whose}'s city", address.city, shortest=2, longest=30)
    if values.clean_code(address.state) not in codes.STATES:
        yield problem(f"{field}.state", "choice", f"Give {whose}'s state as its two letters, such as TX.")
    if not values.is_digits(values.clean_digits(address.zip), *zip_lengths):
        digits = " or ".join(map(str, zip_lengths))
        yield problem(f"{field}.zip", "shape", f"Give {whose}'s ZIP code as {digits} digits.")


def _strange(field: str, label: str, strange: str) -> Problem:
    shown = ", ".join(repr(sign) for sign in strange[:5])
    return problem(
        field, "characters", f"Write {label} in plain letters and digits: a claim cannot carry {shown}."
    )


def _too_long(field: str, label: str, longest: int, length: int) -> Problem:
    return problem(
        field, "too_long", f"Shorten {label}: a claim carries {longest} characters, it has {length}."
    )
