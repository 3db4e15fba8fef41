"""What somebody who looks for tickets typed: words, phrases in quotes, words not wanted. Pure.

PostgreSQL reads the same text as ``websearch_to_tsquery`` does; here is only seen what kind of search it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PIECE = re.compile(r'(?P<minus>-?)"(?P<phrase>[^"]*)"|(?P<word>\S+)')


@dataclass(frozen=True)
class Sought:
    """A search as it was typed.

    ``marked`` asks for any of its words and phrases, so that each can be shown where it stands; those that
    must not stand there are left out. ``is_plain`` is one without quotes and minus: it may be a name or a
    number as well. ``only_without`` says that it names nothing to look for.
    """

    text: str
    marked: str
    is_plain: bool

    @property
    def only_without(self) -> bool:
        """Whether it says only what must not stand there."""
        return bool(self.text) and not self.marked


def read_sought(text: str) -> Sought:
    """Read what was typed; nothing is refused."""
    wanted, plain = [], True
    for piece in _PIECE.finditer(text):
        word, phrase, minus = piece["word"], piece["phrase"], bool(piece["minus"])
        if word is not None:
            minus = word.startswith("-") and len(word) > 1
        plain = plain and phrase is None and not minus
        if minus or (word or "").lower() == "or":
            continue
        said = f'"{phrase}"' if phrase is not None else (word or "").replace('"', " ").strip()
        if said.strip('" -'):
            wanted.append(said)
    return Sought(text, " or ".join(wanted), plain)
