"""Searches that may be a patient's name: typed once, kept with the sign-in, never in an address (I8).

The address has a short random key instead, so that pages, sorting, reloading and the back button go on
working. Signing out forgets them all.
"""

from __future__ import annotations

import re
import secrets
from typing import Any

MOST_KEPT = 12
_NUMBER = re.compile(r"(?:[A-Za-z]-?)?[0-9]{1,7}")
_KEPT = "searches"


def is_number(text: str) -> bool:
    """Whether it is a claim's or a ticket's number, which an address may have.

    Telephone numbers, member ids and dates of birth are longer.
    """
    return _NUMBER.fullmatch(text) is not None


def clean(text: str) -> str:
    """A search as it can be looked for: printable, in one line, at most 100 letters."""
    plain = text.replace("\x00", "").encode(errors="ignore").decode()
    return " ".join(plain.split())[:100]


def remember(session: Any, text: str) -> str:
    """Keep a search and give its key; the oldest one goes when there are too many."""
    kept = dict(session.get(_KEPT, {}))
    for key, before in kept.items():
        if before == text:
            return str(key)
    key = secrets.token_urlsafe(6)
    kept[key] = text
    while len(kept) > MOST_KEPT:
        del kept[next(iter(kept))]
    session[_KEPT] = kept
    return key


def recall(session: Any, key: str) -> str:
    """The search with this key; empty when it is gone or was never one."""
    found = session.get(_KEPT, {}).get(key, "") if key else ""
    return str(found)


def address_of(session: Any, text: str) -> dict[str, str]:
    """What an address says of a search: the number itself, or the key of anything else."""
    plain = clean(text)
    if not plain:
        return {}
    return {"q": plain} if is_number(plain) else {"s": remember(session, plain)}
