"""The HTTP line to a vendor (:mod:`work.wire`): the rules of its address, and the steps of a call to it."""

from __future__ import annotations

from yarl import URL

from work.wire import Limits, Line, Response, Unavailable, inside, private, tls_trouble

__all__ = [
    "MEND",
    "STEPS",
    "Limits",
    "Line",
    "Response",
    "Unavailable",
    "base_address",
    "private",
    "tls_trouble",
]

STEPS = (
    *("address", "name", "connect", "tls", "hostkey", "signin", "answer", "token", "agency"),
    *("outbox", "leave", "inbox"),
)
"""The parts of a call, in the order in which they can fail."""
MEND = "An admin mends it in Settings, Connections."
"""Ends a sentence about something that a person must set right; pages make a link of it."""


def base_address(vendor: str, url: str, *, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """`url` without its last slash; `Unavailable` unless it is plain http(s): no user, query or fragment."""
    try:
        parts = URL(url.strip())
        fit = parts.scheme in schemes and parts.host and not (parts.user or parts.query_string)
    except (ValueError, TypeError, AttributeError):
        fit = False
    if not fit or parts.fragment:
        said = f"The address of {inside(vendor)} must be an {' or '.join(schemes)} address."
        raise Unavailable(said, sent=False, ours=True, step="address")
    return str(parts).rstrip("/")
