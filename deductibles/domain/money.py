"""Amounts of money as people type them. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

LARGEST = Decimal("9999999.99")
_PLAIN = re.compile(r"\d{1,12}(\.\d{1,2})?|\.\d{1,2}")
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d{1,2})?")
_HINT = "Write dollars and cents such as 1000.50 or 1,000.50."


class NotMoney(ValueError):
    """A text that is no amount; ``str()`` is the sentence that says what is wrong and what to write."""


def parse(text: object, *, largest: Decimal = LARGEST) -> Decimal:
    """Read an amount in dollars, at least 0, with two decimal places at most.

    ``1000``, ``1,000.50`` and ``$1,000.50`` are understood; ``1.000,00``, ``1e3``, ``NaN`` and ``-5``
    raise :class:`NotMoney`. The text itself is never repeated in the sentence.
    """
    if isinstance(text, bool) or not isinstance(text, str | int | Decimal):
        raise NotMoney(f"This is not an amount. {_HINT}")
    typed = str(text).strip()
    if not typed:
        raise NotMoney(f"An amount is needed. {_HINT}")
    if typed.startswith(("-", "−", "(", "$-", "-$")):
        raise NotMoney(f"An amount cannot be negative. {_HINT}")
    bare = typed.removeprefix("$").strip()
    if not bare.isascii() or not (_PLAIN.fullmatch(bare) or _GROUPED.fullmatch(bare)):
        raise NotMoney(_sentence(bare))
    amount = Decimal(bare.replace(",", ""))
    if amount > largest:
        raise NotMoney(f"This amount is above ${largest:,.2f}, the largest there can be.")
    return amount.quantize(Decimal("0.01"))


def _sentence(bare: str) -> str:
    if re.fullmatch(r"[\d,]*\.\d{3,}", bare):
        return f"An amount has two decimal places at most. {_HINT}"
    if re.fullmatch(r"\d{1,3}(\.\d{3})*,\d{1,2}|\d+,\d{1,2}", bare):
        return f"The decimal sign is a point, and commas group thousands. {_HINT}"
    return f"This is not an amount. {_HINT}"


def dollars(amount: Decimal) -> str:
    """Write an amount for people: ``$1,000.50``."""
    return f"${amount:,.2f}"


def signed(amount: Decimal) -> str:
    """Write an amount that may be negative: ``−$4.21``, with the sign before the dollar."""
    return f"−{dollars(-amount)}" if amount < 0 else dollars(amount)


def in_file(amount: Decimal) -> str:
    """Write such an amount for a spreadsheet: ``(4.21)`` below zero, which no program runs as a formula."""
    return f"({-amount:.2f})" if amount < 0 else f"{amount:.2f}"
