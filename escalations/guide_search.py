"""Searching the guide: which texts have the words, and where in them (R-DOC-1)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

LONGEST, MOST_WORDS = 100, 10


class Search:
    """The words looked for, letter case aside; every one of them has to be there.

    What is typed too long is cut, what cannot be printed is left out.
    """

    def __init__(self, typed: str) -> None:
        plain = "".join(letter if letter.isprintable() else " " for letter in typed[:LONGEST])
        self.sought = " ".join(plain.split())
        self.words = tuple(dict.fromkeys(self.sought.casefold().split()[:MOST_WORDS]))
        longest_first = sorted(self.words, key=len, reverse=True)
        self._any = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)

    def __bool__(self) -> bool:
        return bool(self.words)

    def fits(self, texts: Iterable[str]) -> bool:
        """Whether all the words stand in the texts; without words everything fits."""
        whole = "\n".join(texts).casefold()
        return all(word in whole for word in self.words)

    def places(self, texts: Iterable[str]) -> int:
        """At how many places of the texts one of the words stands."""
        return sum(len(self._any.findall(text)) for text in texts) if self.words else 0

    def marked(self, text: str) -> str | SafeString:
        """The text with the words marked, safe to print."""
        if not self.words:
            return text
        pieces, end = [], 0
        for found in self._any.finditer(text):
            pieces += [escape(text[end : found.start()]), f"<mark>{escape(found[0])}</mark>"]
            end = found.end()
        return mark_safe("".join([*pieces, escape(text[end:])]))  # noqa: S308  every piece is escaped
